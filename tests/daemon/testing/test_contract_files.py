"""The checks of files that travel: a source that keeps them is green, and each mistake is red."""

import hashlib
import inspect
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

import pytest

from reconciled.errors import BadResponse
from reconciled.model import About, Absent, Answer, Item, Json, Key, Page, Ref
from reconciled.source import (
    Content,
    Kept,
    Outcome,
    Pending,
    Receipt,
    Source,
    SourceConfig,
    Unchanged,
    Upload,
)
from reconciled.testing import Stand
from reconciled.testing.contract_files import CHUNK, UNKNOWN, FileChecks


@dataclass
class Drawer:
    """Files by number, their markers, and those that are not put away yet."""

    files: dict[str, bytes] = field(default_factory=dict)
    markers: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)

    def put(self, data: bytes) -> str:
        number = str(len(self.files) + 1)
        self.files[number] = data
        return number


class Files(Source[SourceConfig]):
    """Every ability of files, over a drawer."""

    app: ClassVar[str] = "drawer"
    kinds: ClassVar[tuple[str, ...]] = ("file",)
    Config: ClassVar = SourceConfig
    fileset: ClassVar[str | None] = None
    drawer: ClassVar[Drawer]

    async def probe(self) -> About:
        return About("drawer", "1")

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        del kinds
        yield Page(tuple(map(self.item, self.drawer.files)), complete=True)

    async def lookup(self, key: Key) -> Answer:
        return self.item(key.id) if key.id in self.drawer.files else Absent("no such file")

    def item(self, number: str) -> Item:
        data = self.drawer.files[number]
        sha256 = hashlib.sha256(data).hexdigest()
        return Item(Key("file", number), number, frozenset({Ref("sha256", sha256)}), {"size": len(data)})

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        data = self.drawer.files.get(key.id)
        if data is None:
            yield Absent("no such file")
            return
        known = hashlib.sha256(data).hexdigest()
        if etag == known and not start:
            yield Unchanged()
            return
        begin = start if etag in (None, known) else 0
        yield Content(self.chunks(data, begin), begin, len(data), known, "application/pdf")

    async def chunks(self, data: bytes, begin: int) -> AsyncIterator[bytes]:
        for at in range(begin, len(data), CHUNK):
            yield data[at : at + CHUNK]

    def origin(self, item: Item) -> Mapping[str, str]:
        return {"id": item.key.id}

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        del since
        if (number := self.drawer.markers.get(upload.marker)) is not None:
            return self.kept(number, ours=True)
        for number, data in self.drawer.files.items():
            if hashlib.sha256(data).hexdigest() == upload.sha256:
                return self.kept(number, ours=False)
        return None

    def kept(self, number: str, *, ours: bool) -> Kept:
        return Kept(Key("file", number), self.item(number), ours)

    async def upload(self, upload: Upload) -> Receipt | Kept:
        number = self.drawer.put(upload.path.read_bytes())
        self.drawer.markers[upload.marker] = number
        self.drawer.receipts[f"task {number}"] = number
        return Receipt(f"task {number}")

    async def outcome(self, receipt: Receipt) -> Outcome:
        if receipt.id not in self.drawer.receipts:
            raise BadResponse("no such receipt")
        return self.kept(self.drawer.receipts[receipt.id], ours=True)

    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        self.drawer.files[key.id] = upload.path.read_bytes()
        return self.kept(key.id, ours=True)

    async def read_back(self, key: Key) -> str | None:
        return None if key.id in self.drawer.files else "are gone"


class DrawerStand(Stand):
    """Six files, and one that takes several pieces."""

    source_type = Files

    def options(self) -> Mapping[str, Json]:
        return {}

    async def fill(self) -> None:
        self.source_type.drawer = Drawer()
        for number in range(6):
            self.drawer.put(b"%%PDF file %d" % number)
        self.drawer.put(b"%PDF " + bytes(3 * CHUNK // 2))

    @property
    def drawer(self) -> Drawer:
        drawer: Drawer = self.source_type.drawer
        return drawer

    async def remove(self, key: Key) -> None:
        del self.drawer.files[key.id]

    async def add(self) -> Key:
        return Key("file", self.drawer.put(b"%PDF another"))

    def content(self, key: Key) -> bytes:
        return self.drawer.files[key.id]


async def red(source: type[Files]) -> set[str]:
    """The checks that it fails."""

    class TheStand(DrawerStand):
        source_type = source

    class Contract(FileChecks):
        stand = TheStand

    found = set[str]()
    contract = Contract()
    for name, check in inspect.getmembers(contract, inspect.iscoroutinefunction):
        if not name.startswith("test_"):
            continue
        try:
            await check()
        except pytest.skip.Exception:
            continue
        except (pytest.fail.Exception, Exception):  # noqa: BLE001  # any is red
            found.add(name.removeprefix("test_"))
    return found


class ComesAtOnce(Files):
    async def chunks(self, data: bytes, begin: int) -> AsyncIterator[bytes]:
        yield data[begin:]


class CutsShort(Files):
    async def chunks(self, data: bytes, begin: int) -> AsyncIterator[bytes]:
        yield data[begin:-1]


class BeginsElsewhere(Files):
    async def chunks(self, data: bytes, begin: int) -> AsyncIterator[bytes]:
        yield data[0 if begin else begin :]


class BelievesAnyEtag(Files):
    @asynccontextmanager
    async def fetch(self, key: Key, *, start: int = 0, etag: str | None = None) -> AsyncIterator[Any]:
        if etag is not None:
            yield Unchanged()
            return
        async with super().fetch(key, start=start, etag=etag) as found:
            yield found


class ServesTheDead(Files):
    @asynccontextmanager
    async def fetch(self, key: Key, *, start: int = 0, etag: str | None = None) -> AsyncIterator[Any]:
        async with super().fetch(key, start=start, etag=etag) as found:
            yield Content(self.chunks(b"", 0)) if isinstance(found, Absent) else found


class MisnamesItsBytes(Files):
    def item(self, number: str) -> Item:
        return replace(super().item(number), refs=frozenset({Ref("sha256", "0" * 64)}))


class CallsAllItsOwn(Files):
    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        known = await super().had(upload, since=since)
        return replace(known, ours=True) if isinstance(known, Kept) else known


class ForgetsItsMarkers(Files):
    async def upload(self, upload: Upload) -> Receipt | Kept:
        receipt = await super().upload(upload)
        self.drawer.markers.clear()
        return receipt


class LosesBytes(Files):
    async def upload(self, upload: Upload) -> Receipt | Kept:
        receipt = await super().upload(upload)
        self.drawer.files[str(len(self.drawer.files))] += b" "
        return receipt


class KnowsEveryReceipt(Files):
    async def outcome(self, receipt: Receipt) -> Outcome:
        return Pending() if receipt == UNKNOWN else await super().outcome(receipt)


class NeverEnds(Files):
    async def outcome(self, receipt: Receipt) -> Outcome:
        found = await super().outcome(receipt)
        return Pending("soon") if isinstance(found, Kept) else found


class RevisesAnother(Files):
    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        del key
        return self.kept(self.drawer.put(upload.path.read_bytes()), ours=True)


class CriesWolf(Files):
    async def read_back(self, key: Key) -> str | None:
        return f"are not those of {key}"


async def test_a_source_that_keeps_its_files() -> None:
    """This one is memory, so that it holds a large file there; that is noticed, and nothing else."""
    assert await red(Files) == {"a_large_file_is_not_held_in_memory"}


@pytest.mark.parametrize(
    ("mutant", "check"),
    [
        (ComesAtOnce, "a_fetch_gives_the_file"),
        (CutsShort, "a_fetch_gives_the_file"),
        (BeginsElsewhere, "a_part_of_a_file"),
        (BelievesAnyEtag, "a_version_that_is_known"),
        (ServesTheDead, "a_fetch_of_what_is_gone"),
        (MisnamesItsBytes, "a_fetch_gives_the_file"),
        (CallsAllItsOwn, "bytes_that_are_there_already"),
        (CallsAllItsOwn, "an_upload_arrives"),
        (ForgetsItsMarkers, "an_upload_arrives"),
        (LosesBytes, "an_upload_arrives"),
        (KnowsEveryReceipt, "a_receipt_of_nobody"),
        (NeverEnds, "two_uploads_are_two_files"),
        (RevisesAnother, "newer_bytes_of_an_upload"),
        (CriesWolf, "bytes_that_are_read_back"),
    ],
)
async def test_a_mistake_is_red(mutant: type[Files], check: str) -> None:
    assert check in await red(mutant)
