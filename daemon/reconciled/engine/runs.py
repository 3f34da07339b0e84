"""Runs of passes: one of a pass and its subject at a time, each with a row that says how it went.

A pass is a coroutine that is given its `Run` and returns what it counted. What it raises is that run's
failure; a crash is logged with its traceback. Whoever waits for a run's end reads a row that says so.
Whatever happens in the moment in which a run begins (its source is stopped, whoever began it goes away,
the ledger is full), it comes to an end, and bars no other.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reconciled.clock import Clock
from reconciled.engine.ending import end_tasks
from reconciled.errors import ReconciledError
from reconciled.ledger import items, runs, sources
from reconciled.ledger.condition import is_outside
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Json


class AlreadyRunning(ReconciledError):
    """The same pass runs there already; `run` is its id."""

    def __init__(self, run: int) -> None:
        super().__init__(f"it runs already, as run {run}")
        self.run = run


class NoSuchSource(ReconciledError):
    """No source of that name runs."""


@dataclass(slots=True)
class Progress:
    """How far a run is, as it goes: files (or items) and bytes. None in a total: not known (yet).

    `rate` is how many are done a second, `left` the seconds until the end, where a run tells them; `stage`
    is what it is at.
    """

    done: int = 0
    total: int | None = None
    bytes: int = 0
    bytes_total: int | None = None
    failed: int = 0
    rate: float | None = None
    left: float | None = None
    stage: str = ""

    def as_dict(self) -> dict[str, Json]:
        """For people and programs."""
        return {
            "done": self.done, "total": self.total, "bytes": self.bytes, "bytes_total": self.bytes_total,
            "failed": self.failed, "rate": self.rate, "left": self.left, "stage": self.stage,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """One execution. `began` is the ledger's sequence number at its start; `policy` names a mirror.

    `counted` is what its row keeps of a run that did not come to its end.
    """

    id: int
    began: int
    pass_: str
    source: str
    asked_by: str
    policy: str | None = None
    progress: Progress = field(default_factory=Progress)
    counted: dict[str, Json] = field(default_factory=dict)


Work = Callable[[Run], Awaitable[Mapping[str, Json]]]
"""What a run does. Returns what it counted."""


class Tells(Protocol):
    """Where news of runs go."""

    def __call__(self, what: str, **told: Json) -> None:
        """Let the listeners know."""


@dataclass(slots=True)
class _Under:
    """A run under way: at which source, the future of its `Run`, and its task."""

    source: str
    run: "asyncio.Future[Run]"
    task: "asyncio.Task[None]"

    @property
    def begun(self) -> Run | None:
        """The run, once the ledger has given it an id."""
        done = self.run.done() and not self.run.cancelled() and not self.run.exception()
        return self.run.result() if done else None


class Runs:
    """All runs of one daemon."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        log: logging.Logger,
        tell: Tells,
        counts: Counter[tuple[str, ...]],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._log = log
        self._tell = tell
        self._counts = counts
        self._under: dict[tuple[str, str], _Under] = {}

    async def begin(
        self, pass_: str, source: str, work: Work, *, asked_by: str, policy: str | None = None
    ) -> int:
        """Start a run of a pass at a source, or of a mirror; returns its id at once. AlreadyRunning."""
        subject = (pass_, policy or source)
        if known := self._under.get(subject):
            raise AlreadyRunning((await asyncio.shield(known.run)).id)
        gate = asyncio.Event()
        started: asyncio.Future[Run] = asyncio.get_running_loop().create_future()
        opening = (pass_, source, asked_by, policy)
        task = asyncio.create_task(self._perform(opening, work, started, gate), name=" ".join(subject))
        self._under[subject] = under = _Under(source, started, task)
        task.add_done_callback(lambda _: self._over(subject, under))
        try:
            return (await asyncio.shield(started)).id
        finally:
            gate.set()  # also when nobody waits for the id any more: it runs

    async def refuse_second(self, pass_: str) -> None:
        """AlreadyRunning when a run of that pass is under way at any source."""
        for (name, _), known in list(self._under.items()):
            if name == pass_:
                raise AlreadyRunning((await asyncio.shield(known.run)).id)

    async def wait(self, run: int, seconds: float | None = None) -> None:
        """Wait for a run's end, at most so long. Returns at once when it is over."""
        tasks = [one.task for one in self._under.values() if one.begun is not None and one.begun.id == run]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def cancel(self, run: int) -> bool:
        """Stop a run. False when it does not run."""
        tasks = [one.task for one in self._under.values() if one.begun is not None and one.begun.id == run]
        await end_tasks(tasks, log=self._log)
        return bool(tasks)

    async def end_all(self, source: str | None = None) -> None:
        """Cancel what runs (at that source) and wait for it, not for ever."""
        tasks = [one.task for one in self._under.values() if source in (None, one.source)]
        await end_tasks(tasks, log=self._log)

    async def end(self, pass_: str, subject: str) -> None:
        """Cancel what runs of a pass at a source, or of a mirror, and wait for it, not for ever."""
        found = self._under.get((pass_, subject))
        await end_tasks([found.task] if found is not None else [], log=self._log)

    def running(self, pass_: str, subject: str) -> int | None:
        """The id of the run under way of a pass at a source, or of a mirror."""
        found = self._under.get((pass_, subject))
        return found.begun.id if found is not None and found.begun is not None else None

    def under_way(self) -> set[int]:
        """The ids of all runs under way."""
        return {one.begun.id for one in self._under.values() if one.begun is not None}

    def progress(self, run: int) -> Progress | None:
        """How far a run is; None when it does not run."""
        found = [one.begun for one in self._under.values() if one.begun is not None and one.begun.id == run]
        return found[0].progress if found else None

    # --- one run ----------------------------------------------------------------------------------

    async def _perform(
        self,
        opening: tuple[str, str, str, str | None],
        work: Work,
        started: "asyncio.Future[Run]",
        gate: asyncio.Event,
    ) -> None:
        pass_, source, asked_by, policy = opening
        told: dict[str, Json] = {"source": source, "pass": pass_, "policy": policy}
        stats: Mapping[str, Json] = {}
        state, error = "failed", None
        run: Run | None = None
        try:
            opened = asyncio.ensure_future(self._ledger.write(self._open, *opening))
            run = Run(*(await asyncio.shield(opened)), pass_, source, asked_by, policy)
            started.set_result(run)
            await gate.wait()
            self._tell("run", id=run.id, state="running", **told)
            stats = await work(run)
            state = "complete"
        except ReconciledError as trouble:
            error = str(trouble)
            if not started.done():
                started.set_exception(trouble)
        except asyncio.CancelledError:
            state, error = "cancelled", "it was cancelled"
            if not started.done():
                run = Run(*(await opened), pass_, source, asked_by, policy)
            raise
        except Exception as crash:  # noqa: BLE001 - one run's failure, logged below
            if is_outside(crash):
                error = f"the ledger could not be written: {crash}"
            else:
                self._log.exception("%s of %s crashed", pass_, policy or source)
                error = f"it crashed ({type(crash).__name__}); the log has the traceback"
            if not started.done():
                started.set_exception(crash)
        finally:
            try:
                if run is not None:
                    with contextlib.suppress(sqlite3.OperationalError):  # see `Engine.disk_is_back`
                        await self._close(run, state, stats or run.counted, error)
            finally:  # who waits for its end reads a row that says so
                self._under.pop((pass_, policy or source), None)
            self._counts["run", pass_, state] += 1
            self._tell("run", id=run.id if run is not None else 0, state=state, **told)

    def _over(self, subject: tuple[str, str], under: _Under) -> None:
        """Its task is done, were it before its first step. Whoever waits for it to begin is told."""
        if self._under.get(subject) is under:
            del self._under[subject]
        if not under.run.done():
            under.run.set_exception(NoSuchSource(f"{under.source} was stopped meanwhile"))
        if not under.run.cancelled():
            under.run.exception()  # it need not be that anybody still waits

    def _open(self, tx: Tx, pass_: str, source: str, asked_by: str, policy: str | None) -> tuple[int, int]:
        began = items.next_seq(tx)
        at = stamp(self._clock.now())
        if pass_ == "scan":
            row = sources.get(tx, source)
            if row is not None:
                sources.set_state(tx, row.id, last_scan=at)
        return runs.start(tx, pass_, source, asked_by=asked_by, seq=began, at=at, policy=policy), began

    async def _close(self, run: Run, state: str, stats: Mapping[str, Json], error: str | None) -> None:
        at = stamp(self._clock.now())

        def write(tx: Tx) -> None:
            if run.progress.total is not None:
                runs.progress(tx, run.id, run.progress.done, run.progress.total)
            runs.finish(tx, run.id, state, at=at, stats=stats, error=error)

        writing = asyncio.ensure_future(self._ledger.write(write))
        await asyncio.shield(writing)


__all__ = ["AlreadyRunning", "NoSuchSource", "Progress", "Run", "Runs", "Work"]
