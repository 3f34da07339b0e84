"""Collections to play on: in a fake Chroma, and in a real one behind a relay that can break its answers."""

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar
from uuid import uuid4

from tests.plugins.archive.stands import Relay
from tests.plugins.chroma.collections_of import Filler
from tests.servers import Server

from reconciled.model import Json, Key
from reconciled.testing.contract import Stand
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.chroma import FakeChroma
from reconciled_chroma import Chroma

TOKEN = "a-token-of-chroma-0123456789"


class ChromaStand(Stand):
    """What both have in common: eight documents, each in some pieces, and entries of nobody."""

    source_type = Chroma
    fake: Fake
    secrets = (TOKEN,)
    filler: Filler

    @property
    def direct(self) -> str:
        """Where the program that fills the collection finds Chroma."""
        return self.fake.url

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "token": TOKEN, "collection": self.filler.name}

    async def start(self) -> None:
        await super().start()
        self.filler = Filler(self.direct, f"docs-{uuid4().hex}", token=TOKEN)

    async def stop(self) -> None:
        await self.filler.close()
        await super().stop()

    async def fill(self) -> None:
        await self.filler.make()
        for number in range(1, 9):
            document = number if number % 2 else str(number)
            await self.filler.chunks(document, 1 + number % 3, title=f"Invoice {number}")
        await self.filler.put({"nobody": None, "another's": {"page": 3}, "strange": {"document_id": True}})

    async def crowd(self) -> None:
        for number in range(100, 450):
            await self.filler.chunks(number, 2)

    async def remove(self, key: Key) -> None:
        ids: list[object] = [key.id, int(key.id)]
        where = {"$or": [{"document_id": one} for one in ids]}
        assert await self.filler.take_out(where=where)

    async def add(self) -> Key:
        number = uuid4().int % 2**40
        await self.filler.chunks(float(number))
        return Key("vector", str(number))

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        async def made_anew() -> None:
            await self.filler.drop()
            await self.filler.make()
            await self.filler.chunks(1)

        return {"the collection is gone": self.filler_drops, "it was made anew": made_anew}

    async def filler_drops(self) -> None:
        await self.filler.drop()


class FakeStand(ChromaStand):
    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeChroma = FakeChroma(token=TOKEN)


class RealStand(ChromaStand):
    """Chroma's own server, which lets everybody in; each stand has a collection of its own there."""

    server: ClassVar[Server]
    hasty: ClassVar[Mapping[str, Json]] = {"timeout": "400ms"}

    def __init__(self) -> None:
        super().__init__()
        self.fake: Relay = Relay(self.server)

    @property
    def direct(self) -> str:
        return self.server.url
