"""What an app gives as a picture: opened, read, and judged by its bytes, whatever the app calls it.

Only WebP, PNG and JPEG are shown, and PDF for a whole document; so nothing that a browser would run comes out
of here. What speaks against a picture is a `NoPicture` with a sentence for people, or a `SourceError`.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from reconciled.engine.duplicates.pages.album import LARGEST
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror.opening import opened
from reconciled.errors import BadResponse, SourceError, Unreachable, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.source import Content, Previews, Unchanged

_PDF = re.compile(rb"%PDF-\d")
_HEAD = 1024


class Why(StrEnum):
    """Why there is no picture."""

    ABSENT = "absent"
    """The app says that it has no such item."""
    TROUBLE = "trouble"
    """The app cannot be asked now; another time there may be one."""
    UNSUPPORTED = "unsupported"
    """The app shows no pictures, or none of this."""
    UNFIT = "unfit"
    """What the app gave is not shown: no picture, or too large."""


@dataclass(frozen=True, slots=True)
class NoPicture:
    """There is none to show; `said` is the reason in one sentence."""

    why: Why
    said: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole document on its way: PDF or a picture. A `SourceError` out of `chunks` when it breaks off.

    `size` in bytes and `etag` are as the app says them, if it does.
    """

    chunks: AsyncIterator[bytes] = field(repr=False)
    mime_type: str
    size: int | None
    etag: str | None


def picture_type(body: bytes) -> str | None:
    """The MIME type of a picture that browsers show, by its first bytes; None: it is none of those."""
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if body.startswith(b"RIFF") and body[8:12] == b"WEBP" else None


def cannot_ask(live: LiveSource) -> NoPicture | None:
    """Why the source is not to be asked now."""
    if not isinstance(live.source, Previews):
        return NoPicture(Why.UNSUPPORTED, f"{live.name} shows no pictures of its items")
    if live.paused is not None:
        return NoPicture(Why.TROUBLE, f"{live.name} is paused by {live.paused}")
    if live.stranger is not None:
        return NoPicture(Why.TROUBLE, f"{live.name}: {live.stranger}")
    return None if live.answers else NoPicture(Why.TROUBLE, _named(live.name, live.health.detail))


def _named(source: str, said: str) -> str:
    return said if said.startswith(source) else f"{source}: {said}"


def no_picture(error: SourceError) -> NoPicture:
    """The trouble, as what a page can say."""
    return NoPicture(Why.UNSUPPORTED if isinstance(error, Unsupported) else Why.TROUBLE, str(error))


def not_asked(live: LiveSource, key: Key) -> BadResponse:
    """The error of an app that says something is unchanged when nothing was known of it."""
    return BadResponse(f"{live.name}: {key} is said to be unchanged, which was not the question")


def absent(live: LiveSource, answer: Absent) -> NoPicture:
    """The app's plain no."""
    return NoPicture(Why.ABSENT, f"{live.name} has it no more: {answer.said}")


class _AsFile:
    """A source's pictures, to be opened as files are."""

    fileset: ClassVar[str | None] = None

    def __init__(self, source: Previews, *, whole: bool) -> None:
        self._source = source
        self._whole = whole

    def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AbstractAsyncContextManager[Content | Unchanged | Absent]:
        assert not start, "pictures are taken from their beginning"  # noqa: S101 - says what is relied on
        return self._source.preview(key, whole=self._whole, etag=etag)

    def origin(self, _item: Item) -> Mapping[str, str]:
        return {}


def open_preview(
    live: LiveSource, key: Key, etag: str | None, *, whole: bool
) -> AbstractAsyncContextManager[Content | Unchanged | Absent]:
    """The app's answer, guarded as every call into a plugin is; `cannot_ask` was asked before."""
    assert isinstance(live.source, Previews), "asked before"  # noqa: S101 - narrows the type
    return opened(live, _AsFile(live.source, whole=whole), key, etag=etag)


async def small(live: LiveSource, content: Content) -> bytes | None:
    """All bytes of a small picture; None when they are too many. SourceError when they are not whole."""
    if content.start:
        raise BadResponse(f"{live.name}: the picture begins in its middle")
    if content.size is not None and content.size > LARGEST:
        return None
    body = bytearray()
    async for chunk in content.chunks:
        body += chunk
        if len(body) > LARGEST:
            return None
    if content.size is not None and len(body) != content.size:
        raise Unreachable(f"{live.name}: the picture ended after {len(body)} of {content.size} bytes")
    return bytes(body)


async def whole(
    live: LiveSource, key: Key, etag: str | None, stack: AsyncExitStack
) -> Whole | Unchanged | NoPicture:
    """The document, once its first bytes say what it is; it lasts as long as `stack`. SourceError."""
    answer = await stack.enter_async_context(open_preview(live, key, etag, whole=True))
    if isinstance(answer, Unchanged):
        if etag is None:
            raise not_asked(live, key)
        return answer
    if isinstance(answer, Absent):
        return absent(live, answer)
    if answer.start:
        raise BadResponse(f"{live.name}: the document begins in its middle")
    head = b""
    async for chunk in answer.chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    mime_type = picture_type(head) or ("application/pdf" if _PDF.search(head, 0, _HEAD) else None)
    if mime_type is None:
        return NoPicture(Why.UNFIT, f"what {live.name} gave is no PDF, WebP, PNG or JPEG")
    joined = _joined(head, answer.chunks)
    stack.push_async_callback(joined.aclose)
    return Whole(joined, mime_type, answer.size, answer.etag)


async def _joined(head: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield head
    async for chunk in rest:
        yield chunk
