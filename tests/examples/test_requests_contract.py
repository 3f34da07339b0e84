"""The example plugin keeps the contract of all sources, as ours do."""

from collections.abc import Mapping, Sequence
from itertools import count

from tests.conftest import requests_plugin

from reconciled.model import Json, Key, Op
from reconciled.testing.contract import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.fakes.requests_app import FakeRequests

KEY = "8d04e3f6ac1b709c2d5e6f7081920314"


class RequestsStand(Stand):
    """Eight requests, some labelled; 250 where a listing takes pages."""

    source_type = requests_plugin().Requests
    secrets = (KEY,)

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeRequests = FakeRequests(api_key=KEY)
        self._numbers = count(603)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        for number in range(8):
            self.fake.put(f"Film {number}", [f"tmdb:movie/{next(self._numbers)}"])
            self.fake.label(number + 1, *["keep", "family"][: number % 3])

    async def crowd(self) -> None:
        for number in range(250):
            self.fake.put(f"Film {number}", [f"tmdb:movie/{next(self._numbers)}"])

    async def remove(self, key: Key) -> None:
        await self.fake.delete(int(key.id))

    async def add(self) -> Key:
        return Key("request", str((await self.fake.add("A film", [f"tmdb:movie/{next(self._numbers)}"])).id))

    async def events(self) -> Sequence[Letter]:
        fake = self.fake
        async with Mailbox() as box:
            fake.add_webhook(box.url)
            number = (await fake.add("A film", [f"tmdb:movie/{next(self._numbers)}"])).id
            letters = [box.last(Op.CHANGED)]
            await fake.send_test()
            letters.append(box.last(Op.TEST))
            await fake.delete(number)
            letters.append(box.last(Op.DELETED))
            await fake.restore(number)
            letters.append(box.last(Op.CHANGED))
        return letters


class TestRequests(SourceContract):
    """By the rules for all."""

    stand = RequestsStand
