"""What the drills are against: an engine that believes what it is told, as many do.

The same plugins, and so the same careful answers; but a listing that fails is taken as far as it came, what
is not in it is asked about once, and an error is no answer, so it is gone. Whoever asked for it loses
the request at once. It knows no suspects, controls, holds, graces or other sources. The drills have to
be red with it: else they would prove nothing.
"""

from pathlib import Path
from typing import Any

from tests.drills.parts import Believer, Grave
from tests.drills.witness import WISHES

from reconciled.config import Policy
from reconciled.errors import SourceError
from reconciled.http import Http
from reconciled.model import Answer, Item, Json, Key
from reconciled.source import Deletes, Deletion, Source, Store
from reconciled.testing.clock import ManualClock


class Memory:
    """A source's notes."""

    def __init__(self) -> None:
        self._kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self._kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self._kept[name] = value


class Naive(Believer):
    """It believes, and acts."""

    asks = False

    def __init__(self) -> None:
        self._sources: dict[str, Source[Any]] = {}
        self._known: dict[str, dict[Key, Item]] = {}
        self._graves: dict[str, dict[Key, Grave]] = {}
        self._policy: Policy | None = None

    @classmethod
    async def open(cls, _clock: ManualClock, _folder: Path) -> "Naive":
        """Another one."""
        return cls()

    def store(self, name: str) -> Store:
        return Memory()

    async def follow(self, name: str, source: Source[Any], http: Http | None) -> None:
        self._sources[name] = source
        self._graves[name] = {}
        self._known[name], _ = await self._listed(source)

    async def decide(self, policy: Policy) -> None:
        self._policy = policy

    async def scan(self, name: str) -> None:
        source, known = self._sources[name], self._known[name]
        listed, whole = await self._listed(source)
        missing = [key for key in sorted(known) if key not in listed and not self._buried(name, key)]
        gone = [key for key in missing if not (whole and await self._shown(source, key))]
        lost = [
            key for key, item in listed.items() if item.has_file is False and known.get(key, item).has_file
        ]
        for key in gone:
            self._graves[name][key] = Grave(key, known[key].title, "entry")
        for key in lost:
            self._graves[name][key] = Grave(key, known[key].title, "file")
        for key in listed.keys() - set(lost):
            if (grave := self._graves[name].get(key)) is not None:
                self._graves[name][key] = Grave(key, grave.title, grave.what, back=True)
        self._known[name] = known | listed
        await self._act(name, [known[key] for key in (*gone, *lost)])

    async def _listed(self, source: Source[Any]) -> tuple[dict[Key, Item], bool]:
        """As far as it came: a page that fails is the end of the library."""
        found: dict[Key, Item] = {}
        try:
            async for page in source.snapshot(frozenset(source.kinds)):
                found |= {item.key: item for item in page.items}
        except SourceError:
            return found, False
        return found, True

    async def _shown(self, source: Source[Any], key: Key) -> bool:
        answer: Answer | None
        try:
            answer = await source.lookup(key)
        except SourceError:
            answer = None
        return isinstance(answer, Item)

    async def _act(self, name: str, lost: list[Item]) -> None:
        if self._policy is None or name not in self._policy.sources:
            return
        target = self._sources[WISHES]
        assert isinstance(target, Deletes)
        refs = {ref for item in lost for ref in item.strong_refs}
        for key, wish in self._known[WISHES].items():
            if wish.strong_refs & refs:
                await target.delete(key, Deletion())

    def _buried(self, name: str, key: Key) -> bool:
        grave = self._graves[name].get(key)
        return grave is not None and not grave.back

    async def turn(self) -> None:
        return

    async def graves(self, name: str) -> list[Grave]:
        return [*self._graves[name].values()]

    async def doubts(self, name: str) -> list[str]:
        return []

    async def there(self, name: str) -> frozenset[Key]:
        return frozenset(key for key in self._known[name] if not self._lost(name, key))

    def _lost(self, name: str, key: Key) -> bool:
        return self._buried(name, key) and self._graves[name][key].what == "entry"

    async def holds(self, name: str) -> list[str]:
        return []

    async def release_all(self, name: str) -> None:
        return

    async def approve_all(self) -> None:
        return

    async def stop(self) -> None:
        return
