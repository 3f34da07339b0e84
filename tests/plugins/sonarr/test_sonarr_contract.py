"""Sonarr 4.0 and 5 keep the contract of all sources."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from reconciled.model import Json, Key, Op
from reconciled.testing.contract import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import series
from reconciled_sonarr import Sonarr

KEY = "6be2c1d48a9f5e7a0b3c4d5e6f708192"


class SonarrStand(Stand):
    """Eight series, some labelled, one without episodes, one without files."""

    source_type = Sonarr
    secrets = (KEY,)
    excused: ClassVar[Mapping[str, str]] = {"remove season": "a season goes only with its series"}
    version: ClassVar[str] = "4.0.19.2979"

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeSonarr = FakeSonarr(api_key=KEY, version=self.version)
        self._more = iter(series(400, seed=4))

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        self.fake.state.tags = {1: "keep", 2: "family"}
        for number in range(8):
            show = self.fake.put(
                next(self._more), has_file=number != 5, seasons=2, episodes=0 if number == 6 else 2
            )
            show.tags = [1, 2][: number % 3]

    async def crowd(self) -> None:
        for _ in range(300):
            self.fake.put(next(self._more))

    async def remove(self, key: Key) -> None:
        if key.kind == "series":
            await self.fake.delete(int(key.id))

    async def add(self) -> Key:
        return Key("series", str((await self.fake.add(next(self._more))).id))

    async def events(self) -> Sequence[Letter]:
        fake = self.fake
        async with Mailbox() as box:
            fake.add_webhook(box.url)
            show = await fake.add(next(self._more))
            letters = [box.last(Op.CHANGED)]
            await fake.send_test()
            letters.append(box.last(Op.TEST))
            await fake.grab(show.id)
            letters.append(box.last(Op.CHANGED))
            await fake.health("Indexers are unavailable", check="IndexerStatusCheck")
            letters.append(box.last(None))
            await fake.delete_file(show.id, reason="missingFromDisk")
            letters.append(box.last(Op.CHANGED))
            await fake.health("Missing root folder: /data")
            letters.append(box.last(Op.SCAN))
            await fake.delete(show.id)
            letters.append(box.last(Op.DELETED))
        return letters


class ModernStand(SonarrStand):
    """The same with the API of Sonarr 5."""

    version = "5.0.0.1"


class TestSonarr(SourceContract):
    """By the rules for all."""

    stand = SonarrStand


@pytest.mark.full
class TestSonarr5(SourceContract):
    """Likewise."""

    stand = ModernStand
