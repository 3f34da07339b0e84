"""The bytes that programs send for their records: written to the disk first, to the ledger then.

What is acknowledged stands whole under its name, with its row. Bytes go through here in pieces and are
hashed while they pass; whatever breaks off leaves nothing but a file that no row names, which `Tidying`
removes. A file in hand is locked, so that it is never taken for one that was left behind.
"""

import asyncio
import base64
import contextlib
import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

from reconciled.engine import registering
from reconciled.engine.engine import Engine
from reconciled.engine.suspicion import Desk
from reconciled.errors import ReconciledError
from reconciled.ledger import contents, items, shelf
from reconciled.ledger.connection import Tx
from reconciled.ledger.contents import Put
from reconciled.model import Record, RecordContent
from reconciled.source import ContentRules, TakesContent

P = ParamSpec("P")
T = TypeVar("T")

FOLDER = "contents"
"""Where contents lie beside the ledger, unless the config names another folder."""
PIECE = 2**20
ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}
"""The digests that can be checked, as HTTP names them."""
_CLOSED = -1
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class NoContents(ReconciledError):
    """The source takes no contents."""


class NoSuchRecord(ReconciledError):
    """No such record stands on the shelf."""


class TooLarge(ReconciledError):
    """More bytes than the source takes."""


class NotThose(ReconciledError):
    """The bytes that came are not those that were announced."""


class CannotKeep(ReconciledError):
    """The bytes cannot be written; `full`: since there is no room."""

    def __init__(self, message: str, *, full: bool) -> None:
        super().__init__(message)
        self.full = full


@dataclass(frozen=True, slots=True)
class Announced:
    """What a program says of the bytes that it sends. `digests` are raw, by their algorithm."""

    name: str
    mime_type: str
    digests: Mapping[str, bytes] = field(default_factory=dict)


def rules_of(engine: Engine, name: str) -> ContentRules:
    """What a running source takes. NoSuchSource, NoShelf, NoContents."""
    _, source = registering.register_of(engine, name)
    if not isinstance(source, TakesContent):
        raise NoContents(f"{name} takes records without contents")
    return source.content_rules()


def folder_of(engine: Engine, rules: ContentRules) -> Path:
    """Where the contents lie."""
    return rules.folder or engine.ledger.path.parent / FOLDER


async def keep(
    engine: Engine, name: str, key: str, chunks: AsyncIterator[bytes], *, announced: Announced
) -> Put:
    """Keep the bytes of a record; returns after the commit.

    NoSuchSource, NoShelf, NoContents, NoSuchRecord, TooLarge, NotThose, CannotKeep; what `chunks` raises
    is passed on. In all of these cases the record has what it had before.
    """
    rules = rules_of(engine, name)
    await engine.ledger.read(lambda tx: _record(tx, engine.place(name).live.id, name, key))
    mark = await engine.ledger.write(contents.mark, fresh=uuid4().hex[:8])
    incoming = _Incoming(folder_of(engine, rules), mark, tuple(announced.digests))
    try:
        await _in_thread(incoming.open)
        await _receive(incoming, chunks, most=rules.max_size)
        await _in_thread(incoming.finish)
        _check(incoming, announced)
        new = RecordContent(announced.name, announced.mime_type, incoming.size, incoming.sha256)
        put, unneeded = await _enter(engine, name, key, new, incoming)
    finally:
        asyncio.get_running_loop().run_in_executor(None, incoming.close)
    if unneeded is not None:
        with contextlib.suppress(CannotKeep):  # it is swept
            await _in_thread((incoming.folder / unneeded).unlink, missing_ok=True)
    engine.place(name).live.due.set()
    if put is not Put.SAME:
        engine.tell("changed", source=name)
    return put


async def _enter(
    engine: Engine, name: str, key: str, new: RecordContent, incoming: "_Incoming"
) -> tuple[Put, str | None]:
    """Enter the file in the ledger. From here on it stays where it is, unless it surely was not entered."""
    incoming.entered = True
    try:
        return await engine.ledger.write_durably(_commit, engine, name, key, new, incoming.name)
    except Exception:
        incoming.entered = False
        raise


def _commit(
    tx: Tx, engine: Engine, name: str, key: str, new: RecordContent, file: str
) -> tuple[Put, str | None]:
    """The row, and what the engine makes of it. Returns the name of the file that is not needed."""
    place, source = registering.register_of(engine, name)
    desk = Desk.at(tx, place.live)
    number = _record(tx, place.live.id, name, key)
    put, unneeded = contents.put(tx, number, new, file, at=desk.stamp)
    if put is not Put.SAME:
        shelf.touch(tx, number, seq=desk.seq, at=desk.stamp)
        record = shelf.get(tx, place.live.id, [key])[key]
        if isinstance(record, Record):
            item = source.item_of(record)
            registering.show(desk, item)
            for row in items.by_key(tx, place.live.id, item.key)[:1]:
                contents.records_follow(tx, row.id)
    return put, unneeded


def _record(tx: Tx, source_id: int, name: str, key: str) -> int:
    number = shelf.row_of(tx, source_id, key)
    known = shelf.get(tx, source_id, [key]).get(key)
    if number is None or not isinstance(known, Record):
        raise NoSuchRecord(f"{name} holds no record {key!r}; register it first, then send its content")
    return number


async def _receive(incoming: "_Incoming", chunks: AsyncIterator[bytes], *, most: int) -> None:
    """Write what comes in pieces; never more than one is in memory."""
    piece = bytearray()
    async for chunk in chunks:
        piece += chunk
        if incoming.size + len(piece) > most:
            raise TooLarge(
                f"the content may have {most} bytes; `content: {{max_size: …}}` of the source says so"
            )
        if len(piece) >= PIECE:
            await _in_thread(incoming.write, bytes(piece))
            piece.clear()
    if piece:
        await _in_thread(incoming.write, bytes(piece))


def _check(incoming: "_Incoming", announced: Announced) -> None:
    for algorithm, wanted in announced.digests.items():
        found = incoming.digest(algorithm)
        if found != wanted:
            said, meant = (base64.b64encode(one).decode() for one in (found, wanted))
            raise NotThose(f"the {algorithm} of what came is {said}, not {meant}: send it again")


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what writes to the disk on another thread. CannotKeep."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as error:
        full = error.errno in _NO_ROOM
        remedy = (
            "make room there" if full else "see that it can be written, or set content.folder of the source"
        )
        raise CannotKeep(f"the content cannot be kept: {error.strerror}: {remedy}", full=full) from error


class _Incoming:
    """A file that is being written. Its calls block. `entered`: a row may name it, so that it stays."""

    def __init__(self, folder: Path, mark: str, algorithms: tuple[str, ...]) -> None:
        self.folder = folder
        self.name = ""
        self.size = 0
        self.entered = False
        self._mark = mark
        self._file = _CLOSED
        self._over = False
        self._using = threading.Lock()
        names = {"sha-256", *algorithms}
        self._hashes = {name: hashlib.new(ALGORITHMS[name], usedforsecurity=False) for name in names}

    def open(self) -> None:
        """Make the file."""
        with self._using:
            if not self._over:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.name, self._file = _create(self.folder, self._mark)

    @property
    def sha256(self) -> str:
        """Of all that was written, in hex."""
        return self._hashes["sha-256"].hexdigest()

    def digest(self, algorithm: str) -> bytes:
        """The same by another algorithm, raw."""
        return self._hashes[algorithm].digest()

    def write(self, piece: bytes) -> None:
        """Write a piece."""
        with self._using:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        for one in self._hashes.values():
            one.update(piece)
        self.size += len(piece)

    def finish(self) -> None:
        """The content is on the disk when this returns, and so is its name."""
        with self._using:
            os.fsync(self._file)
        _sync_names(self.folder)

    def close(self) -> None:
        """Let go of the file and its lock, once no other thread is at it; what no row names is removed."""
        with self._using:
            self._over = True
            if self._file != _CLOSED:
                if not self.entered:
                    (self.folder / self.name).unlink(missing_ok=True)
                os.close(self._file)
                self._file = _CLOSED


def _create(folder: Path, mark: str) -> tuple[str, int]:
    """A new file of ours, locked. One that was swept before it was locked is made again."""
    while True:
        name = f"{mark}-{uuid4().hex}"
        file = os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return name, file
        os.close(file)


def _sync_names(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
