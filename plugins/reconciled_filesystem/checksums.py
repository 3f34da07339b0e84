"""The sha256 of files, each read once: again only when its size, time or inode changed.

What is known of a file is kept in the source's store, so that a restart reads nothing anew. A scan
reads at most `A_SCAN` bytes; what is left gets its checksum in the next ones, and has none until then.
A file that is larger than that never has one. Where the bytes of a checksum were seen last is noted too.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from reconciled.source import Store
from reconciled_filesystem.spelling import read as path_of
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.walking import Found

A_SCAN = 20 * 2**30
_PLACED = True
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
                await self.note(file, digest.said)

    async def note(self, file: Found, sha256: str) -> None:
        """The file has these bytes."""
        await self._store.set(_name(file.path), [*_mark(file), sha256, _PLACED])
        await self._store.set(_place(sha256), spell(file.path))

    async def renewed(self, file: Found, reader: Reader) -> str | None:
        """The checksum of a file that had one: read again when the file changed. None: it had none."""
        if await self._store.get(_name(file.path)) is None:
            return None
        return await self.fresh(file, reader)

    async def fresh(self, file: Found, reader: Reader) -> str | None:
        """The checksum, read now if it is not known; None when it cannot be read."""
        if (known := await self._known(file)) is None:
            digest = _Digest(file.path)
            while await reader(digest.go_on):
                continue
            if (known := digest.said) is not None:
                await self.note(file, known)
        return known

    async def place_of(self, sha256: str) -> str | None:
        """Where these bytes were seen last; whether they still are there is for the caller to see."""
        kept = await self._store.get(_place(sha256))
        return path_of(kept) if isinstance(kept, str) else None

    async def forget(self, path: str) -> None:
        """The file is gone."""
        await self._store.set(_name(path), None)

    async def _known(self, file: Found) -> str | None:
        match await self._store.get(_name(file.path)):
            case [*mark, str(sha256), True] if mark == _mark(file):
                return sha256
            case [*mark, str(sha256)] if mark == _mark(file):  # noted before places were
                await self.note(file, sha256)
                return sha256
        return None


def _mark(file: Found) -> list[int]:
    return [file.size, file.mtime_ns, file.inode]


def _place(sha256: str) -> str:
    return f"bytes {sha256}"


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
