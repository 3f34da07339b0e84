"""The bytes of records on their way out: read from the shelf's file, a piece at a time.

The file's sha256 is the version of the bytes, so a reader can go on where it stopped, or be told that
nothing changed. What was read is never more, or less, than the file was when it was kept.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from reconciled.errors import Unreachable
from reconciled.model import RecordContent
from reconciled.source import Content, Unchanged

PIECE = 2**20


@asynccontextmanager
async def opened(
    content: RecordContent, path: Path, *, start: int, etag: str | None
) -> AsyncIterator[Content | Unchanged]:
    """The bytes from `start` on if they are still that version, else all of them. Unreachable."""
    known = etag == content.sha256
    if known and not start:
        yield Unchanged()
        return
    begin = start if known and start <= content.size else 0
    file = await asyncio.to_thread(_open, path, begin)
    try:
        chunks = _pieces(file, content.size - begin, path)
        yield Content(chunks, begin, content.size, content.sha256, content.mime_type)
    finally:
        await asyncio.to_thread(file.close)


async def _pieces(file: BinaryIO, left: int, path: Path) -> AsyncIterator[bytes]:
    while left > 0:
        try:
            piece = await asyncio.to_thread(file.read, min(left, PIECE))
        except OSError as error:
            raise Unreachable(f"{path} cannot be read: {error.strerror}") from error
        if not piece:
            raise Unreachable(f"{path} is {left} bytes shorter than what was kept")
        left -= len(piece)
        yield piece


def _open(path: Path, begin: int) -> BinaryIO:
    try:
        file = path.open("rb", buffering=0)
        file.seek(begin)
    except OSError as error:
        raise Unreachable(f"{path} cannot be read: {error.strerror}") from error
    return file
