"""One life of the daemon: a process of its own, in hurried time, forked from one that imported everything.

A fork rather than a new interpreter, since a thousand starts would else be mostly imports. It is a process
like any other: it can be killed at any instant and leaves nothing behind but its files. The clock of all
lives is one: it goes on while nobody lives.
"""

import asyncio
import gc
import logging
import multiprocessing
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.process import serve

_PAGE = os.sysconf("SC_PAGE_SIZE")
_REGISTRY = discover()
gc.freeze()


class SharedClock:
    """Satisfies `reconciled.clock.Clock`: `factor` times as fast as real time, the same in every process."""

    def __init__(self, factor: float, began: float, wall: float) -> None:
        self._factor, self._began, self._wall = factor, began, wall

    @classmethod
    def from_now(cls, factor: float) -> "SharedClock":
        """One that begins now."""
        return cls(factor, time.monotonic(), time.time())

    def now(self) -> datetime:
        """The wall time, hurrying away from its start."""
        return datetime.fromtimestamp(self._wall, UTC) + timedelta(seconds=self._elapsed())

    def monotonic(self) -> float:
        """Hurried seconds since the start, plus 1,000."""
        return 1000.0 + self._elapsed()

    def reckoned(self) -> float:
        """Hurried unix seconds."""
        return self._wall + self._elapsed()

    async def sleep(self, seconds: float) -> None:
        """Wait that many hurried seconds."""
        await asyncio.sleep(max(0.0, seconds) / self._factor)

    def _elapsed(self) -> float:
        return (time.monotonic() - self._began) * self._factor


class Lives:
    """Starts one life after another."""

    def __init__(self, config: Path, clock: SharedClock, log: Path) -> None:
        self._config, self._clock, self._log = config, clock, log
        self._fork = multiprocessing.get_context("forkserver")
        self._fork.set_forkserver_preload(["bench.soak.life"])
        self._one: BaseProcess | None = None

    def begin(self, seed: int, *, crash_at: str = "") -> None:
        """Start it and wait for nothing."""
        self._one = self._fork.Process(
            target=_live, args=(self._config, self._clock, self._log, seed, crash_at), daemon=True
        )
        self._one.start()

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._one is not None and self._one.is_alive()

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """End it; its exit code, or minus the signal that ended it."""
        assert self._one is not None
        assert self._one.pid is not None
        if self._one.is_alive():
            os.kill(self._one.pid, number)
        while self._one.is_alive():
            await asyncio.sleep(0.002)
        self._one.join()
        code = self._one.exitcode
        self._one.close()
        self._one = None
        return 0 if code is None else code

    def rss(self) -> float:
        """MiB that it has in memory; 0 when it is no more."""
        if self._one is None or self._one.pid is None:
            return 0.0
        try:
            pages = Path(f"/proc/{self._one.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0.0
        return int(pages) * _PAGE / 2**20


def _live(config: Path, clock: SharedClock, log: Path, seed: int, crash_at: str) -> None:
    """What the forked process does."""
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    loaded = load(config, _REGISTRY.types, environ={})
    assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
    environ = {"RECONCILED_CRASH_AT": crash_at}
    daemon = Daemon(
        loaded.settings, config, registry=_REGISTRY, environ=environ, files=loaded.files, clock=clock,
        zone=UTC, chance=random.Random(seed),
    )  # fmt: skip
    os._exit(asyncio.run(serve(daemon)))
