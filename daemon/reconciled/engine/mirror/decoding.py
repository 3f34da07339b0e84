"""The optional check that a file can be read whole: images by Pillow, PDFs by pypdf, in a process apart.

What a mirror with `decode: yes` brings was opened once, to the end. A file that crashes its reader, takes
too long or too much memory is as corrupt as a broken one; the daemon feels nothing of it. What neither
library reads is not checked. Where a library is not installed, its files are not checked either, and
`lacks` says so when the config is read.
"""

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Collection
from pathlib import Path

from reconciled.engine.children import gone
from reconciled.engine.mirror import unpacking
from reconciled.engine.mirror.unpacking import IMAGES, PDF
from reconciled.errors import ReconciledError

TIMEOUT = 60.0
"""Seconds that reading one file may take."""
MEMORY = 2**30
"""Bytes of address space that the worker may have, its libraries included."""
STARTS_WITHIN = 30.0
"""Seconds in which a worker is ready, on a machine that has much else to do."""
CHECKS = 500
"""How many files one worker reads: what a library leaks ends with it."""


class CannotCheck(ReconciledError):
    """No worker can be started. It says nothing of any file."""


def lacks(types: Collection[str]) -> str | None:
    """Which library is missing for checking files of these types (none: all), with its remedy."""
    wants = {
        "Pillow": ("PIL", "images", any(_wanted(kind, types) for kind in IMAGES)),
        "pypdf": ("pypdf", "pdf", _wanted(PDF, types)),
    }
    missing = [
        (library, extra)
        for library, (module, extra, wanted) in wants.items()
        if wanted and importlib.util.find_spec(module) is None
    ]
    if not missing:
        return None
    libraries = " and ".join(library for library, _ in missing)
    extras = ",".join(extra for _, extra in missing)
    verb = "are" if len(missing) > 1 else "is"
    return (
        f"`decode: yes` reads files with {libraries}, which {verb} not installed, so they are not checked; "
        f"install reconciled[{extras}]"
    )


def _wanted(kind: str, types: Collection[str]) -> bool:
    return not types or kind in types or f"{kind.partition('/')[0]}/*" in types


def checked(mime: str) -> bool:
    """Whether files of this type can be checked here."""
    module = "PIL" if mime in IMAGES else "pypdf" if mime == PDF else None
    return module is not None and importlib.util.find_spec(module) is not None


class Decoder:
    """Checks files, one at a time, in a worker that is started with the first and ended by `close`."""

    def __init__(self, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self._timeout = timeout
        self._memory = memory
        self._turn = asyncio.Lock()
        self._worker: asyncio.subprocess.Process | None = None
        self._done = 0

    async def wrong_with(self, path: Path, mime: str) -> str | None:
        """Why the file cannot be read whole, as "corrupt: …"; None: it can, or its type is not checked.

        CannotCheck when no worker can be started.
        """
        if not checked(mime):
            return None
        async with self._turn:
            wrong, conclusive = await self._ask(path, mime)
            if not conclusive:
                wrong, _ = await self._ask(path, mime)  # by a worker that nothing before it has worn out
        return None if wrong is None else f"corrupt: {wrong}"

    async def close(self) -> None:
        """End the worker."""
        async with self._turn:
            await self._end()

    async def _ask(self, path: Path, mime: str) -> tuple[str | None, bool]:
        """What is wrong, and whether that is sure: a worker's end may be due to what it read before."""
        worker = await self._living()
        fresh, self._done = self._done == 0, self._done + 1
        absolute = os.fsdecode(path.absolute())  # noqa: ASYNC240 - nothing is read for it
        question = json.dumps({"path": absolute, "mime": mime}).encode() + b"\n"
        assert worker.stdin is not None, "it was piped"  # noqa: S101 - narrows the type
        assert worker.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
        try:
            async with asyncio.timeout(self._timeout):
                worker.stdin.write(question)
                await worker.stdin.drain()
                line = await worker.stdout.readline()
        except TimeoutError:
            await self._end()
            return f"it could not be read within {self._timeout:g} s", True
        except (BrokenPipeError, ConnectionResetError):
            line = b""
        except BaseException:
            await self._end()
            raise
        if not line:
            status = await self._end()
            return f"the program that reads it crashed (status {status})", fresh
        said = json.loads(line)
        if said["memory"]:
            await self._end()
            return str(said["wrong"]), fresh
        return said["wrong"], True

    async def _living(self) -> asyncio.subprocess.Process:
        """The worker; a new one if there is none, it is worn out, or somebody ended it."""
        if self._worker is not None and (self._done >= CHECKS or self._worker.returncode is not None):
            await self._end()
        if self._worker is None:
            self._done = 0
            return await self._start()
        return self._worker

    async def _start(self) -> asyncio.subprocess.Process:
        seconds = int(self._timeout) + 5
        try:
            worker = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-m", unpacking.__name__, str(self._memory), str(seconds)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={"LANG": "C.UTF-8"},
                start_new_session=True,
            )
        except OSError as error:
            raise CannotCheck(
                f"files cannot be checked: {sys.executable} does not start ({error})"
            ) from error
        self._worker = worker
        assert worker.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                ready = await worker.stdout.readline()
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise CannotCheck(f"files cannot be checked: no worker within {STARTS_WITHIN:g} s") from error
            raise
        if not ready:
            status = await self._end()
            raise CannotCheck(f"files cannot be checked: the worker ended at once (status {status})")
        return worker

    async def _end(self) -> int | None:
        """End the worker at once. Returns how it ended."""
        worker, self._worker = self._worker, None
        if worker is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        if worker.stdin is not None:
            worker.stdin.close()
        return await gone(worker)


async def wrong_with(path: Path, mime: str) -> str | None:
    """The check of a single file, with a worker of its own; a `Decoder` is faster for many."""
    decoder = Decoder()
    try:
        return await decoder.wrong_with(path, mime)
    finally:
        await decoder.close()
