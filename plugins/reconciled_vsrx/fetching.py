"""The bytes of a file, from the bridge.

An answer without the bridge's mark is none, here as everywhere, so a login page is never a file. A part
is asked for only of a version that a strong ETag names: a weak one says that two files are as good as
each other, not that their bytes can be pieced together. What a fetch cannot get is no statement about the
file itself: only a lookup tells whether it is there.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from reconciled.errors import BadResponse, Unsupported
from reconciled.http import Download
from reconciled.model import Absent, Answer
from reconciled.source import Content, Unchanged
from reconciled.units import say_size
from reconciled_vsrx.connection import Connection

Fetched: TypeAlias = Content | Unchanged | Absent

PICTURES = frozenset({"image/webp", "image/png", "image/jpeg"})
LARGEST_PICTURE = 32 * 2**20
"""The most bytes of an image that is shown as its own small picture."""
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
_NO_PART = 416


@asynccontextmanager
async def fetch(connection: Connection, file: str, *, start: int, etag: str | None) -> AsyncIterator[Fetched]:
    """The bytes of a file from `start` on, or all of them; see `Fetches.fetch`."""
    etag = etag if etag is not None and _ETAG.fullmatch(etag) else None
    part = start > 0 and etag is not None and not etag.startswith("W/")
    headers = _conditions(start if part else 0, etag if part or not start else None)
    async with connection.download(file, headers, allow={_NO_PART} if part else set()) as answer:
        if not part or _goes_on(answer, start=start, etag=etag):
            yield _judged(connection, answer, part=part, etag=etag)
            return
    async with connection.download(file, {}) as answer:
        yield _judged(connection, answer, part=False, etag=None)


@asynccontextmanager
async def preview(
    connection: Connection,
    file: str,
    look: Callable[[], Awaitable[Answer]],
    *,
    whole: bool,
    etag: str | None,
) -> AsyncIterator[Fetched]:
    """The image itself, for VSRX makes no smaller one; with `whole` a PDF too. Unsupported for other files.

    `look` asks for the file first: a bridge may serve the bytes of one that a user deleted.
    """
    there = await look()
    if isinstance(there, Absent):
        yield there
        return
    async with fetch(connection, file, start=0, etag=etag) as found:
        if isinstance(found, Content):
            _check_shown(found, file, whole=whole)
        yield found


def _check_shown(found: Content, file: str, *, whole: bool) -> None:
    kind = found.mime_type or "something without a type"
    if kind not in (PICTURES | {"application/pdf"} if whole else PICTURES):
        shown = "there is no picture of it" if not whole else "is not shown here"
        raise Unsupported(f"VSRX hands out the file {file} as {kind}: {shown}")
    if not whole and (found.size is None or found.size > LARGEST_PICTURE):
        raise Unsupported(
            f"the file {file} of VSRX is larger than {say_size(LARGEST_PICTURE)}, no small picture"
        )


def _conditions(start: int, etag: str | None) -> dict[str, str]:
    if etag is None:
        return {}
    return {"Range": f"bytes={start}-", "If-Range": etag} if start else {"If-None-Match": etag}


def _goes_on(answer: Download, *, start: int, etag: str | None) -> bool:
    """Whether it is what a part was asked for: that part of that very version, or all of another.

    A bridge that does not look at `If-Range` may send a part of any version: then all of it is asked for.
    """
    if answer.status != 206:
        return answer.status != _NO_PART
    try:
        first, _ = answer.placed()
    except BadResponse:
        return False
    return first == start and answer.headers.get("etag", "").strip() == etag


def _judged(connection: Connection, answer: Download, *, part: bool, etag: str | None) -> Fetched:
    """What the answer is. `part`: one may come; `etag` is the version that was named."""
    said = answer.headers.get("etag", "").strip() or None
    if answer.status == 404:
        return Absent(f"404 of VSRX {connection.version} to the bytes of this very file")
    if answer.status == 304:
        if said is not None and etag is not None and _bare(said) != _bare(etag):
            raise BadResponse(f"{answer.where}: 304, and names another version ({said}) than {etag}")
        return Unchanged()
    first, size = answer.placed()
    if answer.status == 206 and not part:
        raise BadResponse(f"{answer.where}: 206, a part of the file, where all of it was asked for")
    if answer.status not in (200, 206):
        raise BadResponse(f"{answer.where}: {answer.status} instead of the bytes (200, or 206 for a part)")
    if size is None and "chunked" not in answer.headers.get("transfer-encoding", "").lower():
        raise BadResponse(
            f"{answer.where}: no Content-Length, so nobody could tell a file that was cut off; "
            "the bridge has to send it"
        )
    return Content(answer.chunks, first, size, said, answer.media_type or None)


def _bare(etag: str) -> str:
    return etag.removeprefix("W/")
