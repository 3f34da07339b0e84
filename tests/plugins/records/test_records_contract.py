"""The plugin of records keeps the contract of every source. There is no app: what can break is the shelf."""

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from reconciled.model import Json, Key, Record, Ref, refs
from reconciled.testing import SourceContract, Stand
from reconciled.testing.shelf import MemoryShelf
from reconciled_records import Records

SECRET = "a-secret-to-sign-with-0123"


class RecordsStand(Stand):
    """A shelf with a few records on it."""

    source_type = Records
    secrets = (SECRET,)
    hasty: ClassVar[Mapping[str, Json]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryShelf(self.clock)
        self.shelf = self.memory

    def options(self) -> Mapping[str, Json]:
        return {"callback": {"url": "http://127.0.0.1:9/hook", "secret": SECRET}}

    async def fill(self) -> None:
        await self._put(range(8))

    async def crowd(self) -> None:
        await self._put(range(8, 1200))

    async def _put(self, numbers: range) -> None:
        for number in numbers:
            about = refs(Ref.of("tmdb:movie", number + 1), Ref.of("paperless:document", number + 1))
            await self.memory.keep(Record(f"folder/{number:04}", f"Record {number}", about, {"page": number}))

    async def remove(self, key: Key) -> None:
        assert self.memory.take(key.id, by="its program")

    async def add(self) -> Key:
        await self.memory.keep(Record("added", "An added one", refs(Ref.of("imdb", "tt1"))))
        return Key("record", "added")

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        async def broken() -> None:
            self.memory.broken = True

        return {"a ledger that cannot be read": broken}


class TestRecords(SourceContract):
    stand = RecordsStand
