"""A folder of this box as the vault of an archive.

What is stored is written beside its place, checked, brought to the disk (fsync) and only then given its
name, so that a power cut leaves a whole blob or none. A network mount that hangs keeps nobody else
waiting: the disk is asked in threads of its own. Links are not followed: no object is one.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from reconciled.errors import SourceError, Unreachable
from reconciled.model import Root
from reconciled.source import Matter
from reconciled_archive import ground
from reconciled_archive.examining import of_folder
from reconciled_archive.vault import AT_ONCE, CHUNK, SMALL, Opened, Stat
from reconciled_archive.writing import Writing, create, left_behind, trouble

T = TypeVar("T")
_LONGER = 10
"""Times the usual patience for what takes long: a thousand names, 32 MiB."""


class Folder:
    """The folder `top`. `timeout` is how long the disk may take to answer."""

    def __init__(self, top: str, *, timeout: float, name: str) -> None:
        self.said = top
        self.top: str | None = top
        self._top = Path(top)
        self._timeout = timeout
        self._name = name
        self._threads = ThreadPoolExecutor(4, thread_name_prefix=f"disk of {name}")

    async def prepare(self) -> None:
        """Make the folder, for nobody else to look into."""
        await self._disk(lambda: self._top.mkdir(mode=0o700, parents=True, exist_ok=True))

    async def root(self) -> Root | None:
        """The folder, as it is mounted now."""
        return await self._disk(lambda: ground.look(self._top))

    async def head(self, name: str) -> Stat | None:
        """What stands there; what is no plain file is trouble."""
        return await self._disk(lambda: ground.stat_of(self._top, name))

    async def read(self, name: str) -> bytes | None:
        """A small file, whole."""

        def reading() -> bytes | None:
            if ground.stat_of(self._top, name) is None:
                return None
            with ground.open_file(self._top / name) as file:
                return file.read(SMALL)

        return await self._disk(reading)

    async def create(self, name: str, content: bytes) -> None:
        """Put a small file there, unless one is there already."""
        await self._disk(lambda: create(self._top / name, content))

    async def walk(self, below: str) -> AsyncIterator[Sequence[Stat]]:
        """All files below a folder, in the order of their names."""
        found = ground.files(self._top, below)
        while some := await self._disk(lambda: list(islice(found, AT_ONCE)), patience=_LONGER):
            yield some

    @asynccontextmanager
    async def open(self, name: str, start: int) -> AsyncGenerator[Opened | None, None]:
        """The file's bytes from `start` on."""
        stat = await self.head(name)
        if stat is None:
            yield None
            return
        file = await self._disk(lambda: ground.open_file(self._top / name))
        try:
            yield Opened(stat.size, self._chunks(file, start))
        finally:
            self._let_go(file)

    async def put(self, name: str, path: Path, sha256: str) -> None:
        """The file there, whole or not at all."""
        writing = Writing(self._top, name, path, sha256)
        try:
            await self._disk(writing.begin)
            while await self._disk(writing.go_on, patience=_LONGER):
                pass
            await self._disk(writing.finish, patience=_LONGER)
        finally:
            with suppress(RuntimeError):  # the source is closed already: the next sweep does it
                undoing = asyncio.wrap_future(self._threads.submit(writing.undo))
                await asyncio.wait([undoing], timeout=self._timeout)

    async def delete(self, name: str) -> None:
        """Remove it, for good also after a power cut."""

        def deleting() -> None:
            if ground.stat_of(self._top, name) is not None:
                (self._top / name).unlink(missing_ok=True)
                ground.sync_folder((self._top / name).parent)

        await self._disk(deleting)

    async def sweep(self, before: datetime) -> int:
        """Remove what uploads that broke off left behind."""

        def sweeping() -> int:
            left = list(left_behind(self._top, before.timestamp()))
            for path in left:
                path.unlink(missing_ok=True)
            return len(left)

        return await self._disk(sweeping, patience=_LONGER)

    async def examine(self, marker: str) -> list[Matter]:
        """Its rights, and the space that is left."""
        return await self._disk(lambda: of_folder(self._top, marker))

    async def close(self) -> None:
        """Let go of the threads; one that a disk holds on to ends when the disk answers."""
        self._threads.shutdown(wait=False)

    # --- how ---------------------------------------------------------------------------------------

    async def _chunks(self, file: BinaryIO, start: int) -> AsyncIterator[bytes]:
        await self._disk(lambda: file.seek(start))
        while chunk := await self._disk(lambda: file.read(CHUNK)):
            yield chunk

    def _let_go(self, file: BinaryIO) -> None:
        """Close it where it is read, after whatever still reads."""
        with suppress(RuntimeError):
            self._threads.submit(file.close)
            return
        file.close()

    async def _disk(self, call: Callable[[], T], *, patience: float = 1) -> T:
        """Ask the disk in a thread. Unreachable when it takes too long; its errors in words for people."""
        try:
            async with asyncio.timeout(patience * self._timeout):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except TimeoutError:
            raise Unreachable(f"{self._name}: the disk of {self._top} gave no answer") from None
        except SourceError:
            raise
        except OSError as error:
            raise trouble(error, self._top) from error
