"""The processes that search: started when there is something to do, bounded, and never the daemon's undoing.

A worker that dies (its memory ran out, its library crashed) fails what it was asked for with a sentence that
says so; what it did before stands. Whoever stops waiting for a task ends its worker. Needs neither numpy nor
the other libraries itself: `lacks` says what is missing.
"""

import asyncio
import contextlib
import fcntl
import importlib.util
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from reconciled.engine.children import gone
from reconciled.engine.duplicates.search.labour import NO_MEMORY
from reconciled.errors import ReconciledError
from reconciled.units import say_size

T = TypeVar("T")

MEMORY = 768 * 2**20
"""Bytes of memory that one worker may have, mapped files not counted."""
NICE = 10
"""How far a worker that searches stands back behind everybody else on the machine."""
STARTS_WITHIN = 60.0
"""Seconds in which a worker is ready, on a machine that has much else to do."""
ANSWERS_WITHIN = 3600.0
"""Seconds after which a worker that gave no answer hangs: what it is asked for at once takes seconds."""
LEFT_WITHIN = 30.0
"""Seconds in which workers of a daemon that was killed are gone."""
_MODULE = "reconciled.engine.duplicates.search.labour"
_LENGTH = 4
_BUFFER = 2**22
_LIBRARIES = ("numpy", "rapidfuzz", "xxhash")


class CannotSearch(ReconciledError):
    """Duplicates cannot be looked for; the message says why and what helps."""


def lacks() -> str | None:
    """What has to be installed before duplicates can be looked for, as a sentence; None: nothing."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    verb = "are" if len(missing) > 1 else "is"
    return (
        f"duplicates are looked for with {_and(missing)}, which {verb} not installed; "
        "install reconciled[duplicates]"
    )


def no_room(said: object) -> CannotSearch:
    """The disk takes no more."""
    return CannotSearch(f"the search for duplicates cannot write to its folder: {said}; make room there")


def _and(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


class Crew:
    """So many workers, each started with its first task and ended by `close`."""

    def __init__(
        self,
        size: int,
        *,
        log: logging.Logger,
        memory: int = MEMORY,
        nice: int = NICE,
        lock: "Hold | None" = None,
    ) -> None:
        """`lock` is held by the workers, too, as long as one of them lives."""
        self.size = size
        self._log = log
        self._workers = [_Worker(memory, nice, log, lock) for _ in range(size)]
        self._free: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in self._workers:
            self._free.put_nowait(worker)

    async def do(self, task: str, /, **values: Any) -> Any:
        """Have a task done by the next free worker. CannotSearch when it cannot be done."""
        worker = await self._free.get()
        try:
            return await worker.do(task, values)
        finally:
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """End all workers, whatever they do."""
        await asyncio.gather(*(worker.end() for worker in self._workers))

    @property
    def pids(self) -> list[int]:
        """The processes that live."""
        return [worker.pid for worker in self._workers if worker.pid is not None]


class _Worker:
    """One process."""

    def __init__(self, memory: int, nice: int, log: logging.Logger, lock: "Hold | None") -> None:
        self._memory = memory
        self._nice = nice
        self._log = log
        self._lock = lock
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def do(self, task: str, values: dict[str, Any]) -> Any:
        if self._process is None:
            await self._start()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                answer = await self._ask(msgspec.msgpack.encode((task, values)))
        except BaseException as error:  # nobody waits for it any more: what it is at is of no use
            await self.end()
            if isinstance(error, TimeoutError):
                raise CannotSearch(_hung(task)) from error
            raise
        if answer is None:
            status = await self.end()
            raise CannotSearch(_short(self._memory) if status == NO_MEMORY else _died(status, self._memory))
        if "wrong" in answer:
            raise self._told(task, answer)
        return answer.get("result")

    def _told(self, task: str, answer: dict[str, str]) -> CannotSearch:
        if answer["wrong"] == "memory":
            return CannotSearch(_short(self._memory))
        if answer["wrong"] == "disk":
            return no_room(answer["said"])
        self._log.error("duplicates: %s went wrong in a worker:\n%s", task, answer.get("trace", ""))
        return CannotSearch(
            f"the search for duplicates crashed ({answer['said']}); the log has the traceback"
        )

    async def _ask(self, body: bytes) -> Any:
        """The answer, or None from one that died."""
        process = self._process
        assert process is not None, "it was started"  # noqa: S101 - narrows the type
        assert process.stdin is not None, "it was piped"  # noqa: S101 - narrows the type
        try:
            process.stdin.write(len(body).to_bytes(_LENGTH, "little"))
            process.stdin.write(body)
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return None
        return await self._answer(process)

    async def _answer(self, process: asyncio.subprocess.Process) -> Any:
        assert process.stdout is not None, "it was piped"  # noqa: S101 - narrows the type
        try:
            head = await process.stdout.readexactly(_LENGTH)
            return msgspec.msgpack.decode(await process.stdout.readexactly(int.from_bytes(head, "little")))
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return None

    async def _start(self) -> None:
        held = () if self._lock is None else (self._lock.fileno(),)
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-m", _MODULE, str(self._memory), str(self._nice)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
                start_new_session=True,
                pass_fds=held,
                limit=_BUFFER,
            )
        except OSError as error:
            raise CannotSearch(f"no search can begin: {sys.executable} does not start ({error})") from error
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                ready = await self._answer(process)
        except BaseException as error:
            await self.end()
            if isinstance(error, TimeoutError):
                said = f"no search can begin: no worker was ready within {STARTS_WITHIN:g} s"
                raise CannotSearch(said) from error
            raise
        if not ready:
            status = await self.end()
            raise CannotSearch(
                f"no search can begin: its worker ended at once (status {status}); "
                f"`{sys.executable} -m {_MODULE} {self._memory} 0` says why"
            )

    async def end(self) -> int | None:
        """End it at once. Returns how it ended."""
        process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            if process.returncode is None and process.stdout is not None and not process.stdout.at_eof():
                process.kill()
        if process.stdin is not None:
            process.stdin.close()
        return await gone(process)


def _short(memory: int) -> str:
    return (
        f"the search for duplicates needs more than the {say_size(memory)} of memory that one of its "
        "processes may have"
    )


def _died(status: int | None, memory: int) -> str:
    how = f"status {status}"
    if status is not None and status < 0:
        with contextlib.suppress(ValueError):
            how = signal.Signals(-status).name
    more = "; the machine may be short of memory" if status == -signal.SIGKILL else ""
    return (
        f"a process of the search for duplicates died ({how}){more}: the next run goes on where it was; each "
        f"of `workers` needs up to {say_size(memory)}"
    )


def _hung(task: str) -> str:
    return (
        f"a process of the search for duplicates gave no answer to {task!r} within {ANSWERS_WITHIN:g} s and "
        "was ended: the next run goes on where it was"
    )


class Hold:
    """A folder that only one daemon's workers write to: held as long as it, or one of its workers, lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: int | None = None

    def is_held(self) -> bool:
        """Whether it is ours."""
        return self._held is not None

    def fileno(self) -> int:
        """What the workers inherit."""
        assert self._held is not None, "it is held"  # noqa: S101 - narrows the type
        return self._held

    async def take(self, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        """Take it, once workers that an earlier daemon left behind are gone. CannotSearch."""
        if self.is_held():
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            said = f"the search for duplicates cannot write to {self._folder}: {error.strerror}"
            raise CannotSearch(said) from error
        tries = int(LEFT_WITHIN / 0.1)
        try:
            for left in range(tries, -1, -1):
                if self.is_held():  # another task of ours took it while this one waited
                    os.close(held)
                    return
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if not left:
                        said = f"another process searches in {self._folder}; end it, or wait for it"
                        raise CannotSearch(said) from error
                    await sleep(0.1)
        except BaseException:
            os.close(held)
            raise
        self._held = held

    def let_go(self) -> None:
        """It may be another's, once the workers are gone."""
        held, self._held = self._held, None
        if held is not None:
            os.close(held)
