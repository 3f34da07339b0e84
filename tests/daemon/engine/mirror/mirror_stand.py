"""A practice that hands out files, a store that takes them in with tasks, an archive; all in memory."""

import asyncio
import hashlib
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from reconciled.config import Mirror, Mode
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.errors import Refused, SourceError, Unreachable
from reconciled.http import Http
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import About, Absent, Answer, Item, Json, Key, Page, Ref, Root
from reconciled.runtime.mirrors import Mirrors
from reconciled.source import (
    Content,
    Context,
    Deletion,
    Failed,
    Kept,
    Outcome,
    Pending,
    Receipt,
    Source,
    SourceConfig,
    Unchanged,
    Upload,
)
from reconciled.testing.clock import ManualClock

PDF = b"%PDF-1.4\n"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass
class File:
    body: bytes
    patient: str
    name: str = "IMG001.pdf"
    mime: str = "application/pdf"
    deleted: bool = False
    modified: str = "2026-01-01T00:00:00+00:00"
    marker: str | None = None

    @property
    def etag(self) -> str:
        return f'"{sha256(self.body)[:16]}"'


class Practice(Source[SourceConfig]):
    """Files by id; `broken` ones raise when they are fetched.

    It takes files in, too, and newer bytes of them: at once, or when it comes to its `letters` (`slow`).
    """

    app = "practice"
    kinds = ("file", "fileset")
    Config = SourceConfig
    fileset: ClassVar[str | None] = "patient"
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    acts_within = 10.0

    def __init__(self, context: Context) -> None:
        super().__init__(SourceConfig(), context)
        self.files: dict[str, File] = {}
        self.fetched: Counter[str] = Counter()
        self.broken: dict[str, Exception] = {}
        self.down = False
        self.tells_sha256 = False
        self.slow = False
        self.letters: dict[str, tuple[str, bytes]] = {}
        self.unread: list[str] = []
        self.taken: Counter[str] = Counter()
        self.after: list[SourceError] = []
        self.refuses: SourceError | None = None

    async def probe(self) -> About:
        self._up()
        return About("practice", "1")

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        self._up()
        yield Page.of((self._item(i) for i, f in self.files.items() if not f.deleted), complete=True)

    async def lookup(self, key: Key) -> Answer:
        self._up()
        file = self.files.get(key.id)
        return self._item(key.id) if file is not None and not file.deleted else Absent("flagged deleted")

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        self._up()
        self.fetched[key.id] += 1
        if (error := self.broken.get(key.id)) is not None:
            raise error
        file = self.files[key.id]
        if etag == file.etag and not start:
            yield Unchanged()
            return

        async def chunks() -> AsyncIterator[bytes]:
            yield file.body[start:]

        yield Content(chunks(), start, len(file.body), file.etag, file.mime)

    def origin(self, item: Item) -> Mapping[str, str]:
        return {"clientFileId": item.key.id}

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        for number, file in self.files.items():
            if not file.deleted and (file.marker == upload.marker or sha256(file.body) == upload.sha256):
                return Kept(Key("file", number), self._item(number), file.marker == upload.marker)
        return None

    async def upload(self, upload: Upload) -> Receipt | Kept:
        body = await asyncio.to_thread(upload.path.read_bytes)
        number = str(max([0, *map(int, self.files)]) + 1)
        self.taken[upload.sha256] += 1
        self.files[number] = File(body, "taken in", upload.name, upload.mime_type, marker=upload.marker)
        return Kept(Key("file", number), self._item(number), ours=True)

    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        if self.refuses is not None:
            raise self.refuses
        assert upload.marker == f"practice/file/{key.id}" or self.files[key.id].marker == upload.marker
        self.taken[upload.sha256] += 1
        body = await asyncio.to_thread(upload.path.read_bytes)
        letter = str(len(self.letters) + 1)
        self.unread.append(letter)
        self.letters[letter] = (key.id, body)
        if not self.slow:
            self.read()
        if self.after:
            raise self.after.pop()
        return Receipt(letter) if self.slow else Kept(key, self._item(key.id), ours=False)

    def read(self) -> None:
        """It comes to its letters."""
        while self.unread:
            number, body = self.letters[self.unread.pop(0)]
            self.files[number].body = body

    async def outcome(self, receipt: Receipt) -> Outcome:
        number, _ = self.letters[receipt.id]
        if receipt.id in self.unread:
            return Pending("unread")
        return Kept(Key("file", number), self._item(number), ours=False)

    async def delete(self, key: Key, how: Deletion) -> None:
        self.files[key.id].deleted = True

    def _item(self, number: str) -> Item:
        file = self.files[number]
        attrs: dict[str, Json] = {
            "patient": file.patient, "size": len(file.body), "mime_type": file.mime, "etag": file.etag,
            "modified": file.modified,
        }  # fmt: skip
        refs = {Ref("practice-file", number)}
        if self.tells_sha256:
            refs.add(Ref("sha256", sha256(file.body)))
        return Item(Key("file", number), file.name, frozenset(refs), attrs, has_file=True)

    def _up(self) -> None:
        if self.down:
            raise Unreachable("practice: connection refused")


@dataclass
class Document:
    body: bytes
    marker: str | None = None
    trashed: bool = False
    modified: str | None = None


@dataclass
class Task:
    upload: Upload
    body: bytes
    state: str = "pending"
    document: str | None = None


class Cabinet(Source[SourceConfig]):
    """Documents by number. An upload is a task that `consume` ends; `uploads` counts by checksum."""

    app = "cabinet"
    kinds = ("document",)
    Config = SourceConfig
    fileset: ClassVar[str | None] = None
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    acts_within = 10.0

    def __init__(self, context: Context) -> None:
        super().__init__(SourceConfig(), context)
        self.fetched: Counter[str] = Counter()
        self.documents: dict[str, Document] = {}
        self.tasks: dict[str, Task] = {}
        self.uploads: Counter[str] = Counter()
        self.identity = "first-database"
        self.refuses_duplicates = False
        self.at_once = False
        self.before: list[SourceError] = []
        self.after: list[SourceError] = []
        self.fails: list[Failed] = []

    async def probe(self) -> About:
        return About("cabinet", "1")

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        yield Page.of((self.item(n) for n, d in self.documents.items() if not d.trashed), complete=True)

    async def lookup(self, key: Key) -> Answer:
        document = self.documents.get(key.id)
        return (
            self.item(key.id) if document is not None and not document.trashed else Absent("no such document")
        )

    def item(self, number: str) -> Item:
        document = self.documents[number]
        mine = Ref("cabinet", f"{number}@{self.identity}")
        refs = frozenset({mine, Ref("sha256", sha256(document.body))})
        attrs: dict[str, Json] = {"modified": document.modified} if document.modified else {}
        return Item(Key("document", number), f"document {number}", refs, attrs, has_file=True)

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        self.fetched[key.id] += 1
        body = self.documents[key.id].body

        async def chunks() -> AsyncIterator[bytes]:
            yield body

        yield Content(chunks(), 0, len(body), None, "application/pdf")

    def origin(self, item: Item) -> Mapping[str, str]:
        return {"number": item.key.id}

    def add(self, body: bytes, *, marker: str | None = None) -> str:
        number = str(len(self.documents) + 1)
        self.documents[number] = Document(body, marker)
        return number

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        for number, document in self.documents.items():
            ours = document.marker == upload.marker
            if ours or sha256(document.body) == upload.sha256:
                return Kept(Key("document", number), None if document.trashed else self.item(number), ours)
        waits = [t for t in self.tasks.values() if t.state == "pending" and t.upload.name == upload.name]
        return Pending("an earlier upload") if since is not None and waits else None

    async def upload(self, upload: Upload) -> Receipt | Kept:
        if self.before:
            raise self.before.pop()
        body = await asyncio.to_thread(upload.path.read_bytes)
        assert (sha256(body), len(body)) == (upload.sha256, upload.size)
        self.uploads[upload.sha256] += 1
        task = str(len(self.tasks) + 1)
        self.tasks[task] = Task(upload, body)
        if self.at_once:
            self.consume()
        if self.after:
            raise self.after.pop()
        return Receipt(task)

    def consume(self) -> None:
        """The worker runs."""
        for task in self.tasks.values():
            if task.state != "pending":
                continue
            same = [n for n, d in self.documents.items() if d.body == task.body]
            if self.fails:
                task.state = "failed"
            elif same and self.refuses_duplicates:
                task.state, task.document = "duplicate", same[0]
            else:
                task.state, task.document = "done", self.add(task.body, marker=task.upload.marker)

    async def outcome(self, receipt: Receipt) -> Outcome:
        task = self.tasks[receipt.id]
        match task.state:
            case "pending":
                return Pending()
            case "failed":
                return self.fails.pop()
        assert task.document is not None
        document = self.documents[task.document]
        item = None if document.trashed else self.item(task.document)
        return Kept(Key("document", task.document), item, ours=task.state == "done")

    async def delete(self, key: Key, how: Deletion) -> None:
        self.documents[key.id].trashed = True


class RevisingCabinet(Cabinet):
    """Takes newer bytes of what it holds."""

    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        body = await asyncio.to_thread(upload.path.read_bytes)
        self.uploads[upload.sha256] += 1
        self.documents[key.id].body = body
        return Kept(key, self.item(key.id), ours=True)


class Blobs(Source[SourceConfig]):
    """An archive by content."""

    app = "blobs"
    kinds = ("blob",)
    Config = SourceConfig
    by_content = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})

    def __init__(self, context: Context) -> None:
        super().__init__(SourceConfig(), context)
        self.held: dict[str, bytes] = {}
        self.stored: dict[str, str] = {}
        self.uploads: Counter[str] = Counter()
        self.fails: list[SourceError] = []

    async def probe(self) -> About:
        return About("blobs", "1", roots=(Root("/"),))

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        yield Page.of((self._item(name) for name in self.held), complete=True)

    async def lookup(self, key: Key) -> Answer:
        return self._item(key.id) if key.id in self.held else Absent("no such blob")

    def _item(self, name: str) -> Item:
        attrs: dict[str, Json] = {"stored": self.stored.get(name, self.context.clock.now().isoformat())}
        return Item(
            Key("blob", name), name[:12], frozenset({Ref("blob", name), Ref("sha256", name)}), attrs, True
        )

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        if upload.sha256 not in self.held:
            return None
        return Kept(Key("blob", upload.sha256), self._item(upload.sha256), ours=True)

    async def upload(self, upload: Upload) -> Receipt | Kept:
        if self.fails:
            raise self.fails.pop()
        self.held[upload.sha256] = await asyncio.to_thread(upload.path.read_bytes)
        self.stored[upload.sha256] = self.context.clock.now().isoformat()
        self.uploads[upload.sha256] += 1
        return Kept(Key("blob", upload.sha256), self._item(upload.sha256), ours=True)

    async def outcome(self, receipt: Receipt) -> Outcome:
        raise Refused("blobs give no receipts")

    async def delete(self, key: Key, how: Deletion) -> None:
        self.held.pop(key.id, None)

    async def read_back(self, key: Key) -> str | None:
        return None if sha256(self.held[key.id]) == key.id else "are others now"


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Stand:
    """A practice, a cabinet, an archive, and one mirror of the first to the others."""

    ledger: Ledger
    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    moments: list[str] = field(default_factory=list)
    crash_at: str | None = None
    cabinet_class: type[Cabinet] = Cabinet

    mirror: Mirror = field(
        default_factory=lambda: Mirror(
            "m", "practice", ("blobs", "cabinet"), kinds=frozenset({"file"}),
            types=frozenset({"application/pdf", "image/jpeg"}), max_size=10_000,
        )
    )  # fmt: skip
    back: Mirror | None = None

    async def begin(self, mode: Mode = Mode.ACT) -> None:
        """A daemon starts, on what the ledger and the apps hold."""
        log = logging.getLogger("stand")
        self.engine = Engine(self.ledger, self.clock, chance=random.Random(1), log=log)
        await self.engine.start()
        self.mirrors = Mirrors(self.engine, self.folder, log=log, at=self.reach)
        old = getattr(self, "practice", None), getattr(self, "cabinet", None), getattr(self, "blobs", None)
        self.practice = Practice(self._context("practice"))
        self.cabinet = self.cabinet_class(self._context("cabinet"))
        self.blobs = Blobs(self._context("blobs"))
        for source, before in zip((self.practice, self.cabinet, self.blobs), old, strict=True):
            if before is not None:
                source.__dict__.update({k: v for k, v in before.__dict__.items() if k != "context"})
            await self.engine.add(
                source.app, source, rules=Rules(20.0, 0.1), kinds=frozenset(source.kinds[:1]), scope={}
            )
        await self.configure(mode)
        await self.mirrors.start()
        for name in ("practice", "cabinet", "blobs"):
            await self.engine.probe(name)
            await self.engine.perform("scan", name, asked_by="a test")

    def _context(self, name: str) -> Context:
        return Context(name, Http.__new__(Http), self.clock, logging.getLogger(name), None)  # type: ignore[arg-type]

    async def change(self, **more: Any) -> None:
        """Another mirror of the same name."""
        self.mirror = replace(self.mirror, **more)
        await self.configure(self.mirrors.mode)

    async def configure(self, mode: Mode) -> None:
        """Tell the daemon of the mirrors."""
        ways = [self.mirror, *([self.back] if self.back is not None else [])]
        await self.mirrors.configure({one.name: one for one in ways}, mode)

    def reach(self, moment: str) -> None:
        self.moments.append(moment)
        if moment == self.crash_at:
            self.crash_at = None
            raise Crash(moment)

    def file(self, number: int, text: str | None = None, patient: int | None = None, **more: Any) -> str:
        """A file of a patient; without a text it is like no other."""
        body = PDF + (text if text is not None else f"file {number}").encode()
        self.practice.files[str(number)] = File(
            body, f"p{patient if patient is not None else number}", **more
        )
        return sha256(body)

    async def breathe(self) -> None:
        """Whatever was set going goes on, as far as it does without time; also on a machine that is busy."""
        for _ in range(3):
            await self.ledger.write(lambda tx: None)
            await self.ledger.read(lambda tx: None)
            await asyncio.to_thread(int)
            await asyncio.sleep(0.001)

    async def scan(self, *names: str) -> None:
        for name in names or ("practice", "cabinet", "blobs"):
            await self.engine.perform("scan", name, asked_by="a test")

    async def run(self, asked_by: str = "api", mirror: Mirror | None = None) -> dict[str, Any]:
        """One run of a mirror; gives its row."""
        mirror = mirror or self.mirror
        number = await self.engine.perform("mirror", mirror.source, policy=mirror.name, asked_by=asked_by)
        return (await self.rows("SELECT * FROM run WHERE id = ?", number))[0]

    async def follow(self) -> None:
        """The cabinet's worker runs, and its outcomes are asked for."""
        self.cabinet.consume()
        self.clock.advance(61)
        await self.mirrors.following.ask_once()

    async def bring(self, times: int = 2) -> dict[str, Any]:
        """Scan, run and follow, until all that can travel has; gives the first run's row."""
        await self.scan("practice")
        first = await self.run()
        await self.follow()
        for _ in range(times - 1):
            await self.run()
            await self.follow()
        return first

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        def read(tx: Tx) -> list[dict[str, Any]]:
            found = tx.execute(sql, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return await self.ledger.read(read)

    async def copies(self, target: str = "cabinet") -> dict[str, tuple[str, str | None]]:
        """Status and how, by the original's key."""
        rows = await self.rows("SELECT key, status, how FROM copy WHERE target = ? ORDER BY id", target)
        return {row["key"]: (row["status"], row["how"]) for row in rows}

    async def findings(self) -> set[tuple[str, str]]:
        rows = await self.rows(
            "SELECT code, key FROM finding WHERE resolved_at IS NULL AND code <> 'threshold'"
        )
        return {(row["code"], row["key"]) for row in rows}


__all__: Sequence[str] = ["PDF", "Crash", "Failed", "RevisingCabinet", "Stand", "sha256"]
