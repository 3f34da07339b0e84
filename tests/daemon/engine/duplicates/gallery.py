"""An app for tests that shows its items, and can be broken while it does."""

import asyncio
import logging
import random
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from reconciled.clock import Clock
from reconciled.engine.live import LiveSource, Rules
from reconciled.errors import SourceError
from reconciled.model import Absent, Health, Key
from reconciled.source import Content, Unchanged


def png(level: int = 128, side: int = 8) -> bytes:
    """A grey picture, without a library."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress((b"\0" + bytes([level]) * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


PDF = b"%PDF-1.7\n" + random.Random(1).randbytes(50_000)


@dataclass
class Shown:
    """A picture as the app has it."""

    body: bytes
    etag: str | None = '"1"'


@dataclass
class Gallery:
    """Its items are `Key("document", "1")` and so on. `asked`: for which, whole or not, with which ETag."""

    shown: dict[str, Shown] = field(default_factory=dict)
    documents: dict[str, Shown] = field(default_factory=dict)
    app: str = "gallery"
    kinds: tuple[str, ...] = ("document",)
    down: SourceError | None = None
    breaks_after: int | None = None
    """How many bytes come before the connection breaks."""
    says_size: bool = True
    knows_conditions: bool = True
    always_unchanged: bool = False
    start: int = 0
    odd: object = None
    """What it gives in place of an answer."""
    hangs: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[str, bool, str | None]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self.go.set()

    @asynccontextmanager
    async def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        self.asked.append((key.id, whole, etag))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.go.wait()
            if self.hangs:
                await asyncio.Event().wait()
            if self.down is not None:
                raise self.down
            yield self._answer(key, whole, etag)
        finally:
            self.at_once -= 1

    def _answer(self, key: Key, whole: bool, etag: str | None) -> Any:
        if self.odd is not None:
            return self.odd
        found = (self.documents if whole else self.shown).get(key.id)
        if found is None:
            return Absent("404 of the gallery")
        if self.always_unchanged or (self.knows_conditions and etag is not None and etag == found.etag):
            return Unchanged()
        size = len(found.body) if self.says_size else None
        return Content(self._pieces(found.body), self.start, size, found.etag, "text/html")

    async def _pieces(self, body: bytes) -> AsyncIterator[bytes]:
        for at in range(0, len(body), 700):
            if self.breaks_after is not None and at >= self.breaks_after:
                raise self.down or ConnectionResetError("oops")
            yield body[at : at + 700]


def key(number: int) -> Key:
    return Key("document", str(number))


def live_of(source: Any, clock: Clock, name: str = "gallery") -> LiveSource:
    """The app, running and well."""
    log = logging.getLogger(name)
    live = LiveSource(1, name, source, Rules(), frozenset({"document"}), clock, log, random.Random(1))
    live.health.state = Health.OK
    return live
