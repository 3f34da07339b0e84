"""A process apart that reads what may be broken or hostile, one by one, within bounds of time and memory.

The daemon feels nothing of what crashes its reader, takes too long or too much memory: that is an answer
about what was to be read. Whether a worker's end is due to that, or to what it read before, only a fresh one
can tell, so it is asked once more then. A worker is a module that says when it is ready, and answers each
line of JSON (and the bytes after it) with another.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from reconciled.engine.children import gone
from reconciled.errors import ReconciledError

MEMORY = 2**30
"""Bytes of address space that a worker may have, its libraries included."""
STARTS_WITHIN = 30.0
"""Seconds in which a worker is ready, on a machine that has much else to do."""
_DIES_WITHIN = 2.0
_LANGUAGE = MappingProxyType({"LANG": "C.UTF-8"})


class CannotRead(ReconciledError):
    """No worker can be started. It says nothing of what was to be read."""


class Reader:
    """A worker that is started with the first question and ended by `close`; one question at a time."""

    def __init__(
        self,
        worker: str,
        *,
        timeout: float,
        memory: int,
        most: int,
        cannot: str,
        hint: str = "",
        environment: Mapping[str, str] = _LANGUAGE,
    ) -> None:
        """`worker` is a module, which is given its bytes of memory and seconds of CPU.

        `timeout` is in seconds for each question, `most` how many one worker answers: what a library leaks
        ends with it. `cannot` begins what is said when no worker starts, `hint` ends it.
        """
        self.timeout = timeout
        self._module = worker
        self._memory = memory
        self._most = most
        self._cannot = cannot
        self._hint = hint
        self._environment = dict(environment)
        self._turn = asyncio.Lock()
        self._worker: Process | None = None
        self._done = 0

    async def ask(self, question: Mapping[str, Any], body: bytes = b"") -> Mapping[str, Any] | str:
        """The worker's answer; a string: why there is none. CannotRead when no worker starts.

        An answer whose `memory` is true means that there was too little of it.
        """
        asked = json.dumps(question).encode() + b"\n" + body
        async with self._turn:
            said, sure = await self._ask(asked)
            if not sure:
                said, _ = await self._ask(asked)
        return said

    async def close(self) -> None:
        """End the worker."""
        async with self._turn:
            await self._end()

    async def _ask(self, asked: bytes) -> tuple[Mapping[str, Any] | str, bool]:
        """What is said, and whether a fresh worker would say it, too."""
        worker = await self._living()
        fresh, self._done = self._done == 0, self._done + 1
        try:
            async with asyncio.timeout(self.timeout):
                line = await _answer(worker, asked)
        except TimeoutError:
            await self._end()
            return f"it could not be read within {self.timeout:g} s", True
        except BaseException:
            await self._end()
            raise
        said = _read(line)
        if said is None:  # it died; or something else wrote, so that no later answer could be trusted
            status = await self._end()
            return f"the program that reads it crashed (status {status})", fresh
        if said["memory"]:
            await self._end()
        return said, fresh or not said["memory"]

    async def _living(self) -> Process:
        """The worker; a new one if there is none, it is worn out, or somebody ended it."""
        if self._worker is not None and (self._done >= self._most or self._worker.returncode is not None):
            await self._end()
        return self._worker or await self._start()

    async def _start(self) -> Process:
        seconds = int(self.timeout) + 5
        try:
            worker = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-m", self._module, str(self._memory), str(seconds),
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd="/", env=self._environment,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise CannotRead(f"{self._cannot}: {sys.executable} does not start ({error})") from error
        self._worker, self._done = worker, 0
        assert worker.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                ready = await worker.stdout.readline()
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise CannotRead(f"{self._cannot}: no worker within {STARTS_WITHIN:g} s") from error
            raise
        if not ready:
            status = await self._end()
            raise CannotRead(f"{self._cannot}: the worker ended at once (status {status}){self._hint}")
        return worker

    async def _end(self) -> int | None:
        """End the worker at once. Returns how it ended."""
        worker, self._worker = self._worker, None
        if worker is None:
            return None
        if worker.stdin is not None:
            worker.stdin.close()
        try:
            if worker.stdout is not None and worker.stdout.at_eof():  # it dies: a signal now would hide how
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_DIES_WITHIN):
                        await worker.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            status = await gone(worker)
        return status


def _read(line: bytes) -> Mapping[str, Any] | None:
    """An answer; None: that is none."""
    with contextlib.suppress(ValueError):
        said = json.loads(line) if line.endswith(b"\n") else None
        if isinstance(said, dict) and isinstance(said.get("memory"), bool) and "wrong" in said:
            return said
    return None


async def _answer(worker: Process, asked: bytes) -> bytes:
    """The line that the worker gives; one without an end when it died."""
    assert worker.stdin is not None, "it was piped"  # noqa: S101 - narrows the type
    assert worker.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
    try:
        worker.stdin.write(asked)
        await worker.stdin.drain()
        return await worker.stdout.readline()
    except (BrokenPipeError, ConnectionResetError, ValueError):  # the last: a line without end
        return b""
