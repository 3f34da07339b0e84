"""Radarr keeps the contract of all sources."""

from collections.abc import Mapping, Sequence

from reconciled.model import Json, Key, Op
from reconciled.testing.contract import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.titles import films
from reconciled_radarr import Radarr

KEY = "5ad1b0c37f8e4d6f9a2b3c4d5e6f7081"


class RadarrStand(Stand):
    """Eight films, some labelled, one without its file; 600 more where many are wanted."""

    source_type = Radarr
    secrets = (KEY,)

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeRadarr = FakeRadarr(api_key=KEY)
        self._more = iter(films(700, seed=4))

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        for number in range(8):
            film = self.fake.put(next(self._more), has_file=number != 5)
            self.fake.state.tags = {1: "keep", 2: "family"}
            film.tags = [1, 2][: number % 3]

    async def crowd(self) -> None:
        for _ in range(600):
            self.fake.put(next(self._more))

    async def remove(self, key: Key) -> None:
        await self.fake.delete(int(key.id))

    async def add(self) -> Key:
        return Key("movie", str((await self.fake.add(next(self._more))).id))

    async def events(self) -> Sequence[Letter]:
        fake = self.fake
        async with Mailbox() as box:
            fake.add_webhook(box.url)
            film = await fake.add(next(self._more))
            letters = [box.last(Op.CHANGED)]
            await fake.send_test()
            letters.append(box.last(Op.TEST))
            await fake.grab(film.id)
            letters.append(box.last(Op.CHANGED))
            await fake.health("Indexers are unavailable", check="IndexerStatusCheck")
            letters.append(box.last(None))
            await fake.rename(film.id)
            letters.append(box.last(Op.CHANGED))
            await fake.delete_file(film.id, reason="missingFromDisk")
            letters.append(box.last(Op.FILE_DELETED))
            await fake.health("Missing root folder: /data")
            letters.append(box.last(Op.SCAN))
            await fake.delete(film.id)
            letters.append(box.last(Op.DELETED))
        return letters


class TestRadarr(SourceContract):
    """By the rules for all."""

    stand = RadarrStand
