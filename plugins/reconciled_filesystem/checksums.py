"""The sha256 of files, each read once: again only when its size, time or inode changed.

What is known of a file is kept in the source's store, so that a restart reads nothing anew. A scan
reads at most `A_SCAN` bytes; what is left gets its checksum in the next ones, and has none until then.
"""

import asyncio
import hashlib
from collections.abc import Sequence

from reconciled.source import Store
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.walking import Found

A_SCAN = 20 * 2**30
_CHUNK = 2**20


class Checksums:
    """The checksums of one source. `budget` is how many bytes may still be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.budget = A_SCAN

    async def of(self, files: Sequence[Found]) -> dict[str, str]:
        """The checksums by path, of those that are known or could be read."""
        known: dict[str, str] = {}
        for file in files:
            if (checksum := await self._known(file)) is not None:
                known[file.path] = checksum
            elif self.budget >= file.size and (read := await asyncio.to_thread(_digest, file.path)):
                self.budget -= file.size
                known[file.path] = read
                await self._store.set(_name(file.path), [*_mark(file), read])
        return known

    async def forget(self, path: str) -> None:
        """The file is gone."""
        await self._store.set(_name(path), None)

    async def _known(self, file: Found) -> str | None:
        kept = await self._store.get(_name(file.path))
        if isinstance(kept, list) and kept[:-1] == _mark(file) and isinstance(kept[-1], str):
            return kept[-1]
        return None


def _mark(file: Found) -> list[int]:
    return [file.size, file.mtime_ns, file.inode]


def _name(path: str) -> str:
    return f"sha256 {spell(path)}"


def _digest(path: str) -> str | None:
    """Of the whole file, in a thread; None when it cannot be read: no walk fails for a checksum."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # a name that is no text is a path for open() alone
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()
