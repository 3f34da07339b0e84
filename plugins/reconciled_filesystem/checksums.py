"""The sha256 of files, each read once: again only when its size, time or inode changed.

What is known of a file is kept in the source's store, so that a restart reads nothing anew. A scan
reads at most `A_SCAN` bytes; what is left gets its checksum in the next ones, and has none until then.
A file that is larger than that never has one.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from reconciled.source import Store
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.walking import Found

A_SCAN = 20 * 2**30
_STEP = 2**28
_CHUNK = 2**20

T = TypeVar("T")


class Reader(Protocol):
    """Calls what blocks, where it keeps nobody else waiting."""

    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]: ...


class Checksums:
    """The checksums of one source. `budget` is how many bytes may still be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.budget = A_SCAN

    async def known(self, files: Sequence[Found]) -> dict[str, str]:
        """The checksums by path, of those that were read before."""
        found = {file.path: await self._known(file) for file in files}
        return {path: checksum for path, checksum in found.items() if checksum is not None}

    async def read(self, files: Sequence[Found], reader: Reader) -> AsyncIterator[None]:
        """Read those whose checksum is not known, as far as the budget goes. Yields while it reads."""
        for file in files:
            if self.budget < file.size or await self._known(file) is not None:
                continue
            self.budget -= file.size
            digest = _Digest(file.path)
            while await reader(digest.go_on):
                yield
            if digest.said is not None:
                await self._store.set(_name(file.path), [*_mark(file), digest.said])

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


class _Digest:
    """The checksum of one whole file, read step by step; `said` stays None when it cannot be read."""

    def __init__(self, path: str) -> None:
        self.said: str | None = None
        self._path = path
        self._read = 0
        self._digest = hashlib.sha256()

    def go_on(self) -> bool:
        """Read the next part; blocking. False at the end: no walk fails for a checksum."""
        try:
            with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123  # a name that is no text
                file.seek(self._read)
                for _ in range(_STEP // _CHUNK):
                    if not (chunk := file.read(_CHUNK)):
                        self.said = self._digest.hexdigest()
                        return False
                    self._digest.update(chunk)
                    self._read += len(chunk)
        except OSError:
            return False
        return True
