"""A VSRX and a Paperless for benchmarks, in a process of their own, so that only our own work is measured."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from reconciled.testing.fakes.vsrx_model import PatientFile


class Still(PatientFile):
    """A file whose ETag need not be reckoned for each question."""

    @property
    def etag(self) -> str:
        return f'"{self.id}"'


class Zeros:
    """Bytes of nothing but zeros, of any number, that are not held."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        return bytes(len(range(*part.indices(self._size))))


@dataclass(frozen=True, slots=True)
class Apps:
    """Where the fakes are, and how they are told to forget."""

    vsrx: str
    paperless: str
    key: str
    process: asyncio.subprocess.Process

    async def empty_paperless(self) -> None:
        """Let it begin with nothing again."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"empty\n")
        await self.process.stdin.drain()
        await self.process.stdout.readline()


@contextlib.asynccontextmanager
async def apps_beside(files: int, size: int) -> AsyncIterator[Apps]:
    """The fakes, in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.practice", "--files", str(files), "--size", f"{size}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        vsrx, paperless, key = json.loads(await process.stdout.readline())
        yield Apps(vsrx, paperless, key, process)
    finally:
        process.stdin.close()
        await process.wait()
