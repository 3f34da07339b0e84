"""The plugin of records keeps the contract of every source. There is no app: what can break is the shelf."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
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

    async def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())

    async def stop(self) -> None:
        shutil.rmtree(self.folder)

    async def fill(self) -> None:
        await self._put(range(8))
        for number in range(8):
            file = self.folder / f"page {number}.pdf"
            file.write_bytes(b"%PDF of record " + str(number).encode() * 1000)
            self.memory.fill(f"folder/{number:04}", file, mime_type="application/pdf")

    def content(self, key: Key) -> bytes | None:
        return self.memory.files[key.id].read_bytes()

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
