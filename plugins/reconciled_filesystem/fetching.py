"""The bytes of a file, as one version of it: what changes while it is read is noticed, and is no file.

A version is named by inode, size and time to the nanosecond. So the same name means the same bytes as far
as a file system can tell, and a part that was fetched yesterday goes on today.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from reconciled.errors import BadResponse
from reconciled.source import Content, Unchanged
from reconciled_filesystem.below import open_file
from reconciled_filesystem.checksums import Reader
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.types import type_of
from reconciled_filesystem.walking import unreadable

CHUNK = 2**20


def version_of(seen: os.stat_result) -> str:
    """The ETag of a file's bytes."""
    return f'"{seen.st_ino:x}-{seen.st_size:x}-{seen.st_mtime_ns:x}"'


async def opened(path: str, *, top: str, disk: Reader) -> tuple[int, os.stat_result] | None:
    """The file below `top`, to be given to `content_of`; as `open_file`."""
    left = False

    def opening() -> tuple[int, os.stat_result] | None:
        file = open_file(path, top=top)
        if file is not None and left:  # the disk took too long, and nobody waits for it
            os.close(file[0])
        return file

    try:
        return await disk(opening)
    except BaseException:
        left = True
        raise


@asynccontextmanager
async def content_of(
    path: str, given: tuple[int, os.stat_result], disk: Reader, *, start: int, etag: str | None
) -> AsyncIterator[Content | Unchanged]:
    """What is handed out of an open file, which is closed at the end."""
    file, seen = given
    chunks = _Chunks(path, file, seen, disk)
    try:
        now = version_of(seen)
        if etag == now and not start:
            yield Unchanged()
            return
        if etag == now and start <= seen.st_size:
            chunks.at = start
        yield Content(chunks, chunks.at, seen.st_size, now, type_of(path))
    finally:
        chunks.close()


class _Chunks:
    """A file read piece by piece, in threads; `at` is the next byte."""

    def __init__(self, path: str, file: int, seen: os.stat_result, disk: Reader) -> None:
        self.at = 0
        self._path = path
        self._file = file
        self._seen = seen
        self._disk = disk

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._disk(self._read)
        if not chunk:
            raise StopAsyncIteration
        self.at += len(chunk)
        return chunk

    def _read(self) -> bytes:
        try:
            chunk = os.pread(self._file, CHUNK, self.at)
            now = os.fstat(self._file)
        except OSError as error:
            raise unreadable(self._path, error) from error
        if version_of(now) != version_of(self._seen) or (not chunk and self.at != self._seen.st_size):
            raise BadResponse(f"{spell(self._path)}: it changed while it was read; it is taken the next time")
        return chunk

    def close(self) -> None:
        """Let the file go; nothing more is read of it."""
        file, self._file = self._file, -1
        os.close(file)
