"""Hashes pictures of pages in a process apart, as `mirror.decoding` checks files: one by one, within bounds.

The daemon never unpacks a picture itself, and needs neither numpy nor Pillow for starting: `lacks` says what
is missing. A picture that crashes its reader, takes too long or too much memory is one that cannot be read.
"""

import asyncio
import contextlib
import importlib.util
import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reconciled.engine.children import gone
from reconciled.errors import ReconciledError

TIMEOUT = 20.0
"""Seconds that one picture may take."""
MEMORY = 2**30
"""Bytes of address space that the worker may have, its libraries included."""
STARTS_WITHIN = 30.0
_DIES_WITHIN = 2.0
PICTURES = 5000
"""How many pictures one worker looks at: what a library leaks ends with it."""
_WORKER = "reconciled.engine.duplicates.pages.looking"
_ENVIRONMENT = MappingProxyType(
    {
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
        "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    }
)
"""One thread, and memory that is kept from one picture to the next: giving it back each time costs as much
as unpacking a page."""


class CannotHash(ReconciledError):
    """No worker can be started. It says nothing of any picture."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a picture's page hashes are, by name and as integers of 0 to 2**64 - 1.

    None of them: the page is blank, or `wrong` says why the picture cannot be read.
    """

    hashes: Mapping[str, int] = field(default_factory=dict)
    wrong: str | None = None


def lacks() -> str | None:
    """What has to be installed before pictures can be hashed, as a sentence; None: nothing."""
    wanted = {"numpy": ("numpy", "duplicates"), "Pillow": ("PIL", "images")}
    missing = {name: extra for name, (module, extra) in wanted.items() if _missing(module)}
    if not missing:
        return None
    verb = "are" if len(missing) > 1 else "is"
    return (
        f"pictures of pages are hashed with {' and '.join(missing)}, which {verb} not installed, so they "
        f"are not compared; install reconciled[{','.join(missing.values())}]"
    )


def _missing(module: str) -> bool:
    return importlib.util.find_spec(module) is None


class Hasher:
    """Hashes pictures, in a worker that is started with the first one and ended by `close`."""

    def __init__(self, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self._timeout = timeout
        self._memory = memory
        self._turn = asyncio.Lock()
        self._worker: asyncio.subprocess.Process | None = None
        self._done = 0

    async def look(self, body: bytes, names: Collection[str]) -> Looked:
        """The hashes of these names (those of `duplicates.hashes`). CannotHash when no worker starts."""
        async with self._turn:
            looked, sure = await self._ask(body, names)
            if not sure:  # the worker may have been worn out by what it looked at before
                looked, _ = await self._ask(body, names)
        return looked

    async def close(self) -> None:
        """End the worker."""
        async with self._turn:
            await self._end()

    async def _ask(self, body: bytes, names: Collection[str]) -> tuple[Looked, bool]:
        """What is found, and whether it would be so in a fresh worker, too."""
        worker = await self._living()
        fresh, self._done = self._done == 0, self._done + 1
        try:
            async with asyncio.timeout(self._timeout):
                line = await _answer(worker, body, names)
        except TimeoutError:
            await self._end()
            return Looked(wrong=f"it could not be read within {self._timeout:g} s"), True
        except BaseException:
            await self._end()
            raise
        if not line.endswith(b"\n"):
            status = await self._end()
            return Looked(wrong=f"the program that reads it crashed (status {status})"), fresh
        said: dict[str, Any] = json.loads(line)
        if said["memory"]:
            await self._end()
        return Looked(said["hashes"], said["wrong"]), fresh or not said["memory"]

    async def _living(self) -> asyncio.subprocess.Process:
        """The worker; a new one if there is none, it is worn out, or somebody ended it."""
        if self._worker is not None and (self._done >= PICTURES or self._worker.returncode is not None):
            await self._end()
        return self._worker or await self._start()

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            worker = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-m", _WORKER, str(self._memory), str(int(self._timeout) + 5)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env=dict(_ENVIRONMENT),
                start_new_session=True,
            )
        except OSError as error:
            raise CannotHash(
                f"pictures cannot be hashed: {sys.executable} does not start ({error})"
            ) from error
        self._worker, self._done = worker, 0
        assert worker.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                ready = await worker.stdout.readline()
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise CannotHash(
                    f"pictures cannot be hashed: no worker within {STARTS_WITHIN:g} s"
                ) from error
            raise
        if not ready:
            status = await self._end()
            raise CannotHash(
                f"pictures cannot be hashed: the worker ended at once (status {status}); "
                f"`{sys.executable} -c 'import numpy, PIL'` says why"
            )
        return worker

    async def _end(self) -> int | None:
        """End the worker at once. Returns how it ended."""
        worker, self._worker = self._worker, None
        if worker is None:
            return None
        if worker.stdin is not None:
            worker.stdin.close()
        if worker.stdout is not None and worker.stdout.at_eof():  # it dies: a signal now would hide how
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DIES_WITHIN):
                    await worker.wait()
                    return await gone(worker)
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        return await gone(worker)


async def _answer(worker: asyncio.subprocess.Process, body: bytes, names: Collection[str]) -> bytes:
    """The line that the worker gives; one without an end when it died."""
    assert worker.stdin is not None, "it was piped"  # noqa: S101 - narrows the type
    assert worker.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
    try:
        worker.stdin.write(json.dumps({"size": len(body), "names": list(names)}).encode() + b"\n" + body)
        await worker.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return b""
    return await worker.stdout.readline()
