"""The second source, which still holds everything but the lost thing; and the request app that counts.

The witness is an app that is only described in the config, over a socket of its own, so that it can
fail as well. The request app is in memory: what is deleted there is the proof of an action.
"""

import logging
from collections.abc import Iterable
from typing import Any

from tests.plugins.http_json.bookshelf import FakeBookshelf, described

from reconciled.model import Item, Key
from reconciled.source import Context, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelSource
from reconciled_http_json import HttpJson

WITNESS, WISHES = "witness", "wishes"
_log = logging.getLogger(__name__)


class Witness:
    """What another app holds of the same things, by their strong refs."""

    plugin = HttpJson

    def __init__(self, clock: ManualClock) -> None:
        self.fake = FakeBookshelf()
        self.fake.now = clock.now
        self._rows: dict[Key, str] = {}
        self._spaces: set[str] = set()

    def hold(self, items: Iterable[Item]) -> None:
        """It has these, too."""
        for item in items:
            if not item.strong_refs:
                continue
            number = self._rows[item.key] = self.fake.put(item.title)
            refs = {ref.space: ref.value for ref in sorted(item.strong_refs)}
            self.fake.books[number]["refs"] = refs
            self._spaces |= refs.keys()
        self.fake.put("Something of its own")

    def forget(self, keys: Iterable[Key]) -> None:
        """It has these no more, whether it was asked or not."""
        for key in keys:
            if key in self._rows:
                del self.fake.books[self._rows[key]]

    def options(self) -> dict[str, Any]:
        """Its settings."""
        way = {"param": "cursor", "cursor": "meta.next"}
        made = described(self.fake, way, timeout="10s")
        item = {**made["item"], "refs": {space: f"refs.{space}" for space in sorted(self._spaces)}}
        return {**made, "item": item}

    async def start(self) -> None:
        """It runs."""
        await self.fake.start()

    async def stop(self) -> None:
        """It ends."""
        await self.fake.stop()


class Wishes:
    """Somebody asked for each of the things. `deleted` are those whose request is deleted by a policy."""

    plugin = ModelSource

    def __init__(self) -> None:
        self.app = ModelApp()
        self._about: dict[Key, Key] = {}

    def hold(self, items: Iterable[Item]) -> None:
        """A request for each."""
        for number, item in enumerate(items, start=1):
            key = Key("request", str(number))
            self._about[key] = item.key
            refs = item.strong_refs
            self.app.put(Item(key, item.title, refs, {"tags": []}, refers=True))

    def source(self, context: Context) -> ModelSource:
        """To follow it."""
        return ModelSource(self.app, SourceConfig(), context)

    @property
    def deleted(self) -> frozenset[Key]:
        """The keys of the things whose requests are gone."""
        return frozenset(about for key, about in self._about.items() if key not in self.app.items)

    def about(self, keys: Iterable[Key]) -> frozenset[Key]:
        """Those of the keys that somebody asked for."""
        return frozenset(keys) & frozenset(self._about.values())
