"""Jellyfin 10.11 and 12 keep the contract of all sources."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from reconciled.model import Json, Key, Op
from reconciled.testing.contract import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films, series
from reconciled_jellyfin import Jellyfin

KEY = "7cf3d2e59b0a6f8b1c4d5e6f70819203"


class JellyfinStand(Stand):
    """Eight films and seven series, some labelled; 2,100 films where a listing takes pages."""

    source_type = Jellyfin
    secrets = (KEY,)
    version: ClassVar[str] = "10.11.11"

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeJellyfin = FakeJellyfin(api_key=KEY, version=self.version)
        self._films = iter(films(2200, seed=4))
        self._series = iter(series(20, seed=4))

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        for number in range(8):
            film = self.fake.put_movie(next(self._films))
            self.fake.tag(film.id, *["keep", "family"][: number % 3])
        for _ in range(7):
            self.fake.put_series(next(self._series), seasons=2)

    async def crowd(self) -> None:
        for _ in range(2100):
            self.fake.put_movie(next(self._films))

    async def remove(self, key: Key) -> None:
        self.fake.delete_item(key.id)

    async def add(self) -> Key:
        return Key("movie", self.fake.add_movie(next(self._films)).id)

    async def events(self) -> Sequence[Letter]:
        fake, letters = self.fake, list[Letter]()
        async with Mailbox() as box:
            fake.add_webhook(box.url)
            for style in ("send_all", "template"):
                fake.webhook_style = "template" if style == "template" else "send_all"
                film = fake.add_movie(next(self._films))
                await fake.flush_webhooks()
                letters.append(box.last(Op.CHANGED))
                fake.delete_item(film.id)
                await fake.flush_webhooks()
                letters.append(box.last(Op.DELETED))
            await fake.scan_completed()
            letters.append(box.last(Op.SCAN))
        return letters


class ModernStand(JellyfinStand):
    """The same with Jellyfin 12."""

    version = "12.0.0"


class TestJellyfin(SourceContract):
    """By the rules for all."""

    stand = JellyfinStand


@pytest.mark.full
class TestJellyfin12(SourceContract):
    """Likewise."""

    stand = ModernStand
