"""One file from its app onto our disk: whole, with the sha256 of what came, and of one version only.

It is hashed while it passes and is never in memory; a connection that breaks is taken up where it broke, in
this run or in a later one, if the app names its versions. A file that changes meanwhile is not taken: what
lies here in the end is what the app had from the first byte to the last, or nothing.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from reconciled.clock import Clock
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror.content import Refusal, declared_size, plain_type, too_large
from reconciled.engine.mirror.opening import Opened, opened
from reconciled.engine.mirror.part import BLOCK, Left, NoRoom, Part, clean, discard, name_of
from reconciled.errors import BadResponse, ReconciledError, SourceError, Unreachable
from reconciled.model import Absent, Item
from reconciled.source import Content, Fetches, Unchanged

__all__ = ["ChangedMeanwhile", "Fetched", "NoRoom", "clean", "discard", "fetch_file"]

RESUMED = 5
"""How often a broken connection is taken up again in one go, as long as it comes farther each time."""
PAUSE = 1.0
"""Seconds before it is."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ChangedMeanwhile(ReconciledError):
    """The file is not (any more) what was listed; it is looked at, and taken then. No trouble of its app."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file on our disk, at `path` until it is discarded. `mime_type` is what the app calls it."""

    path: Path
    sha256: str
    size: int
    etag: str | None
    mime_type: str | None


Got: TypeAlias = Fetched | Unchanged | Absent | Refusal


async def fetch_file(
    live: LiveSource,
    fetcher: Fetches,
    item: Item,
    folder: Path,
    *,
    known_etag: str | None,
    most: int,
    clock: Clock,
    passed: Callable[[int], None] = lambda _: None,
) -> Got:
    """Fetch the item's bytes into `folder`, which belongs to one mirror alone.

    `known_etag` is of the version that we have: `Unchanged` when it still is that. More than `most` bytes,
    or others than the sha256 that the item claims, are a `Refusal`. Raises a `SourceError`, after which what
    came waits in the folder for the next time; `ChangedMeanwhile`; and `NoRoom`, after which nothing more
    shall be fetched. `passed` is told how many bytes came, as they come.
    """
    part = Part(folder, name_of(live.name, item.key))
    journey = _Journey(live, fetcher, item, part, most, passed)
    close: Callable[[], None] | None = part.discard
    try:
        got = await journey.travel(await asyncio.to_thread(part.left), known_etag, clock)
        if isinstance(got, Fetched):
            close = None
        return got
    except (SourceError, asyncio.CancelledError):
        close = part.leave
        raise
    finally:
        if close is not None:
            await asyncio.shield(asyncio.to_thread(close))


class _BrokeOff(Exception):
    """The bytes ended too early, for the reason that is its cause."""

    def __init__(self, why: SourceError) -> None:
        self.why = why


class _Journey:
    """One file's way here, in as many tries as it takes."""

    def __init__(
        self,
        live: LiveSource,
        fetcher: Fetches,
        item: Item,
        part: Part,
        most: int,
        passed: Callable[[int], None],
    ) -> None:
        self._live = live
        self._fetcher = fetcher
        self._item = item
        self._part = part
        self._most = most
        self._passed = passed
        self._where = f"{live.name}: {item.key}"
        self._etag: str | None = None
        self._pieced = False

    async def travel(self, left: Left | None, known_etag: str | None, clock: Clock) -> Got:
        """Fetch it, and take it up again where it broke."""
        farthest = tries = 0
        while True:
            try:
                got = await self._go(left, known_etag)
                if got is not None:
                    return got
            except _BrokeOff as broke:
                tries += 1
                if tries > RESUMED or self._part.length <= farthest:
                    raise broke.why from None
                farthest = self._part.length
                await clock.sleep(PAUSE)
            await asyncio.to_thread(self._part.leave)
            left = await asyncio.to_thread(self._part.left)
            known_etag = None

    async def _go(self, left: Left | None, known_etag: str | None) -> Got | None:
        """One try. None: what was pieced together is not what it should be, and is fetched anew."""
        start, etag = (left.length, left.etag) if left else (0, known_etag)
        async with self._open(start, etag) as content:
            if not isinstance(content, Content):
                return self._plain(content, asked=etag is not None and not start)
            if known_etag is not None and not content.start and _same(content.etag, known_etag):
                return Unchanged()
            self._one_version(content, start, etag)
            listed = declared_size(self._item)
            size = listed if content.size is None else content.size
            if size is not None and size > self._most:
                return too_large("this mirror", size, self._most)
            self._pieced = content.start > 0
            self._etag = content.etag or (etag if content.start else None)
            await asyncio.to_thread(self._part.open, keep=content.start, etag=_strong(self._etag), size=size)
            if refused := await self._read(content, size):
                return refused
            mime_type = plain_type(content.mime_type)
        return await self._whole(mime_type)

    def _open(self, start: int, etag: str | None) -> AbstractAsyncContextManager[Opened]:
        return opened(self._live, self._fetcher, self._item.key, start=start, etag=etag)

    def _plain(self, answer: Unchanged | Absent, *, asked: bool) -> Unchanged | Absent:
        if isinstance(answer, Unchanged) and not asked:
            raise BadResponse(f"{self._where}: said to be unchanged, which was not the question")
        return answer

    def _one_version(self, content: Content, start: int, etag: str | None) -> None:
        """Raise unless what comes is of the version that was listed, and goes on where we are."""
        if content.start not in (0, start):
            raise BadResponse(f"{self._where}: bytes from {start} on were asked for, {content.start} came")
        if content.start and content.etag is not None and not _same(content.etag, etag):
            raise ChangedMeanwhile(f"{self._where}: it changed between two parts of the transfer")
        listed = self._item.attrs.get("etag")
        if isinstance(listed, str) and listed and content.etag and not _same(listed, content.etag):
            raise ChangedMeanwhile(
                f"{self._where}: it changed since it was listed; it is taken the next time"
            )
        if self._etag and content.etag and not _same(self._etag, content.etag):
            raise ChangedMeanwhile(
                f"{self._where}: it changed during the transfer; it is taken the next time"
            )
        size = declared_size(self._item)
        if size is not None and content.size is not None and size != content.size:
            raise ChangedMeanwhile(
                f"{self._where}: it has {content.size} bytes and was listed with {size}: it changed since, "
                "or the app lists wrong sizes; it is taken once the two agree"
            )

    async def _read(self, content: Content, size: int | None) -> Refusal | None:
        """Write and hash all that comes; the next piece is awaited meanwhile."""
        loop, came = asyncio.get_running_loop(), content.start
        writing: asyncio.Future[None] | None = None
        try:
            async with aclosing(_blocks(content.chunks)) as blocks:
                async for block in blocks:
                    came += len(block)
                    self._passed(len(block))
                    if came > self._most:
                        return too_large("this mirror", self._most, self._most, at_least=True)
                    if size is not None and came > size:
                        raise ChangedMeanwhile(f"{self._where}: more than its {size} bytes came")
                    if writing is not None:
                        await writing
                    writing = loop.run_in_executor(None, self._part.add, block)
        except SourceError as error:
            raise _BrokeOff(error) from error
        finally:
            if writing is not None:
                await _end_of(writing)
        if size is not None and came < size:
            self._too_short(content, came, size)
        return None

    def _too_short(self, content: Content, came: int, size: int) -> None:
        said = f"{self._where}: ended after {came} of {size} bytes"
        if content.size is None:
            raise ChangedMeanwhile(f"{said} that were listed; it is taken once the two agree")
        raise _BrokeOff(Unreachable(said))

    async def _whole(self, mime_type: str | None) -> Got | None:
        """All bytes are here: they have to be those of the item, and of one version."""
        sha256, part = await asyncio.to_thread(self._part.finish), self._part
        claimed = _claimed(self._item)
        if claimed is None or claimed != sha256:
            if claimed is not None and self._pieced:
                await asyncio.to_thread(part.discard)
                return None
            if absent := await self._still_that():
                return absent
            if claimed is not None:
                return Refusal(
                    "corrupt",
                    f"its bytes have the sha256 {sha256[:12]}…, and {self._live.name} says {claimed[:12]}…; "
                    "put a whole one into the app",
                )
        return Fetched(part.path, sha256, part.length, self._etag, mime_type)

    async def _still_that(self) -> Absent | None:
        """Ask once more whether the app still has the version that came; ChangedMeanwhile when it has not."""
        if self._etag is None:
            return None
        async with self._open(0, self._etag) as answer:
            if isinstance(answer, Absent):
                return answer
            if isinstance(answer, Unchanged) or _same(answer.etag, self._etag):
                return None
        raise ChangedMeanwhile(f"{self._where}: it changed during the transfer; it is taken the next time")


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The same bytes in blocks that are worth a thread's while; what came before a break comes, too."""
    held: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size >= BLOCK:
                block, held, size = b"".join(held), [], 0
                yield block
    except SourceError:
        if size:
            yield b"".join(held)
        raise
    if size:
        yield b"".join(held)


async def _end_of(writing: asyncio.Future[None]) -> None:
    """Wait until the thread is done, and raise what went wrong there."""
    await asyncio.shield(writing)


def _claimed(item: Item) -> str | None:
    """The sha256 that the item says its bytes have; two of them say nothing."""
    found = {ref.value.lower() for ref in item.refs if ref.space == "sha256"}
    claimed = found.pop() if len(found) == 1 else ""
    return claimed if _SHA256.fullmatch(claimed) else None


def _strong(etag: str | None) -> str | None:
    """The ETag if it promises the same bytes, and not merely as good ones."""
    return etag if etag and not etag.startswith("W/") else None


def _same(one: str | None, other: str | None) -> bool:
    """Whether two ETags name the same version, however they are written (`"x"`, `W/"x"`, `x`)."""
    return one is not None and other is not None and _bare(one) == _bare(other)


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
