"""The engine as the rest of the daemon sees it: sources that run, passes, events, holds.

Everything here may be called at any time from the event loop. One pass of a kind runs at a source
at a time; its run's row says how it went. What happens is told to `listeners` (the page's stream,
metrics), which must not raise and must not wait.
"""

import asyncio
import contextlib
import logging
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from reconciled.clock import Clock
from reconciled.engine import inbox, probing
from reconciled.engine.ending import close_in_time, end_tasks
from reconciled.engine.ends import End
from reconciled.engine.live import LiveSource, Rules
from reconciled.engine.passes.orphans import orphans
from reconciled.engine.passes.scan import Scan
from reconciled.engine.passes.verify import verify
from reconciled.engine.release import release
from reconciled.engine.verdict import Testimony
from reconciled.engine.worker import Worker
from reconciled.errors import ReconciledError, SourceError
from reconciled.ledger import items, runs, sources, work
from reconciled.ledger.condition import is_outside
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Health, Json, Key
from reconciled.source import Source


class AlreadyRunning(ReconciledError):
    """The same pass runs there already; `run` is its id."""

    def __init__(self, run: int) -> None:
        super().__init__(f"it runs already, as run {run}")
        self.run = run


class NoSuchSource(ReconciledError):
    """No source of that name runs."""


PASSES = ("scan", "verify", "orphans")
RECOVERY = "recovery"
"""Who asks for the verify after trouble."""


@dataclass(slots=True)
class Place:
    """A running source with its worker and the scans that were ordered for it."""

    live: LiveSource
    worker: Worker
    wants_scan: asyncio.Event = field(default_factory=asyncio.Event)
    wants_orphans: asyncio.Event = field(default_factory=asyncio.Event)
    scan_asked_by: str = "schedule"
    scan_failed: bool = False
    missed: bool = False
    """Whether an event could not be kept: what it said is found by a scan that begins later."""


@dataclass(frozen=True, slots=True)
class Running:
    """A run under way: the future of its id, and its task."""

    run: "asyncio.Future[int]"
    task: "asyncio.Task[None]"

    @property
    def number(self) -> int | None:
        """Its id, once the ledger has given it."""
        return (
            self.run.result()
            if self.run.done() and not self.run.cancelled() and not self.run.exception()
            else None
        )


class Engine:
    """All sources of one daemon over one ledger."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        chance: random.Random,
        log: logging.Logger,
        at: Callable[[str], None] = lambda _: None,
        zone: tzinfo | None = None,
    ) -> None:
        """`at` is told each moment at which a crash would matter; `zone` is where its people live."""
        self.ledger = ledger
        self.clock = clock
        self.zone = zone
        self.places: dict[str, Place] = {}
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.listeners: list[Callable[[str, Mapping[str, Json]], None]] = []
        self.letters = asyncio.Event()
        self.paused: str | None = None
        self._chance = chance
        self._log = log
        self._at = at
        self._running: dict[tuple[str, str], Running] = {}
        self._healths: dict[str, tuple[Health, str]] = {}

    # --- sources ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """After a restart: runs that were cut off are over, and what was in hand is marked."""

        def tidy(tx: Tx) -> None:
            runs.after_restart(tx, at=stamp(self.clock.now()))
            work.after_restart(tx, now=self.clock.reckoned())

        await self.ledger.write(tidy)

    async def add(
        self,
        name: str,
        source: Source[Any],
        *,
        rules: Rules,
        kinds: frozenset[str],
        scope: Mapping[str, Json],
        requests: Callable[[], int] = lambda: 0,
    ) -> Place:
        """Begin to follow a source, or by another object. A changed scope makes the next scan a baseline."""
        row = await self.ledger.write(lambda tx: sources.enroll(tx, name, source.app, scope))
        self.paused = await self.ledger.read(sources.setting, "paused_by")
        live = LiveSource(
            row.id,
            name,
            source,
            rules,
            kinds,
            self.clock,
            self._log.getChild(name),
            self._chance,
            requests=requests,
        )
        worker = Worker(
            live, self.ledger, order_scan=lambda why: self.order_scan(live, why), ended=self._ended(name)
        )
        live.paused = row.paused_by or self.paused
        if row.baseline:
            live.awaited = "its first scan since its settings changed, or since it is back, is due"
        place = self.places[name] = Place(live, worker)
        self.letters.set()
        self.tell("sources", added=name)
        return place

    async def quiet(self, name: str) -> None:
        """Cancel what runs at a source; it stays known, so its webhooks are still taken."""
        await end_tasks(
            [running.task for (_, source), running in self._running.items() if source == name], log=self._log
        )

    async def remove(self, name: str, *, freeze: bool) -> None:
        """Stop following a source; with `freeze` it left the config and its items wait for its return."""
        await self.quiet(name)
        place = self.places.pop(name)
        if freeze:
            await self.ledger.write(sources.freeze, place.live.id)
            self.tell("sources", frozen=name)
        await close_in_time(name, place.live.source.close(), log=self._log)

    def place(self, name: str) -> Place:
        """A running source by name, or NoSuchSource."""
        try:
            return self.places[name]
        except KeyError:
            known = ", ".join(sorted(self.places)) or "none"
            raise NoSuchSource(f"no source {name!r} runs; there are: {known}") from None

    # --- passes -----------------------------------------------------------------------------------

    def order_scan(self, live: LiveSource, why: str) -> None:
        """Have the source read everything again as soon as it can."""
        place = self.places.get(live.name)
        if place is not None:
            place.scan_asked_by = why
            place.wants_scan.set()

    async def begin(self, pass_: str, name: str, *, asked_by: str) -> int:
        """Start a pass; returns its run's id at once. AlreadyRunning, NoSuchSource."""
        place = self.place(name)
        if known := self._running.get((pass_, name)):
            raise AlreadyRunning(await asyncio.shield(known.run))
        gate = asyncio.Event()
        run: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._perform(pass_, place, run, gate, asked_by), name=f"{pass_} {name}")
        self._running[pass_, name] = Running(run, task)
        number = await asyncio.shield(run)
        gate.set()
        return number

    async def perform(self, pass_: str, name: str, *, asked_by: str) -> int:
        """Start a pass and wait for its end; returns its run's id."""
        run = await self.begin(pass_, name, asked_by=asked_by)
        await self.wait(run)
        return run

    async def wait(self, run: int, seconds: float | None = None) -> None:
        """Wait for a run's end, at most so long. Returns at once when it is over."""
        tasks = [running.task for running in self._running.values() if running.number == run]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def cancel(self, run: int) -> bool:
        """Stop a run; what it staged is forgotten. False when it does not run."""
        tasks = [running.task for running in self._running.values() if running.number == run]
        await end_tasks(tasks, log=self._log)
        return bool(tasks)

    def running(self, pass_: str, name: str) -> int | None:
        """The id of the run of a pass at a source that is under way."""
        found = self._running.get((pass_, name))
        return found.number if found else None

    async def stop(self) -> None:
        """Cancel what runs and wait for it, not for ever."""
        await end_tasks([running.task for running in self._running.values()], log=self._log)

    async def _perform(
        self, pass_: str, place: Place, started: "asyncio.Future[int]", gate: asyncio.Event, asked_by: str
    ) -> None:
        name = place.live.name
        stats: Mapping[str, Json] = {}
        state, error = "failed", None
        run = 0
        try:
            opening = asyncio.ensure_future(self.ledger.write(self._open_run, pass_, name, asked_by))
            run, began = await asyncio.shield(opening)
            started.set_result(run)
            await gate.wait()
            self.tell("run", id=run, source=name, state="running", **{"pass": pass_})
            stats = await self._do(pass_, place, run, began, after_trouble=asked_by == RECOVERY)
            state = "complete"
        except SourceError as trouble:
            error = str(trouble)
        except asyncio.CancelledError:
            state, error = "cancelled", "it was cancelled"
            if not started.done():
                run, _ = await opening
                started.set_exception(NoSuchSource(f"{name} was stopped meanwhile"))
            raise
        except Exception as crash:  # noqa: BLE001 - one run's failure, logged below
            if is_outside(crash):
                error = f"the ledger could not be written: {crash}"
            else:
                self._log.exception("%s of %s crashed", pass_, name)
                error = f"it crashed ({type(crash).__name__}); the log has the traceback"
            if not started.done():
                started.set_exception(crash)
        finally:
            place.scan_failed = state == "failed" if pass_ == "scan" else place.scan_failed
            try:
                if run:
                    with contextlib.suppress(sqlite3.OperationalError):  # see `disk_is_back`
                        await self._close_run(run, state, stats, error)
            finally:  # who waits for its end reads a row that says so
                self._running.pop((pass_, name), None)
            self.counts["run", pass_, state] += 1
            self.tell("run", id=run, source=name, state=state, **{"pass": pass_})

    def _open_run(self, tx: Tx, pass_: str, name: str, asked_by: str) -> tuple[int, int]:
        began = items.next_seq(tx)
        at = stamp(self.clock.now())
        if pass_ == "scan":
            row = sources.get(tx, name)
            if row is not None:
                sources.set_state(tx, row.id, last_scan=at)
        return runs.start(tx, pass_, name, asked_by=asked_by, seq=began, at=at), began

    async def _close_run(self, run: int, state: str, stats: Mapping[str, Json], error: str | None) -> None:
        at = stamp(self.clock.now())
        writing = asyncio.ensure_future(
            self.ledger.write(lambda tx: runs.finish(tx, run, state, at=at, stats=stats, error=error))
        )
        await asyncio.shield(writing)

    async def _do(
        self, pass_: str, place: Place, run: int, began: int, *, after_trouble: bool
    ) -> Mapping[str, Json]:
        live = place.live
        if pass_ == "orphans":
            return dict(await orphans(live, self.ledger, self._unwritten))
        if pass_ == "verify":
            return dict(await verify(live, self.ledger, place.worker, after_trouble=after_trouble))
        found = await Scan(live, self.ledger, run, began, at=self._at)()
        await verify(live, self.ledger, place.worker)
        live.due.set()
        place.wants_orphans.set()
        return dict(found.as_dict())

    # --- events, lookups, holds -------------------------------------------------------------------

    async def receive(self, name: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Keep a webhook; returns after the commit. What it says is read by `read_letters`."""
        place = self.place(name)
        try:
            letter = await inbox.receive(place.live, self.ledger, body, headers)
        except sqlite3.Error:
            place.missed = True  # see `disk_is_back`
            raise
        self._at("letter committed")
        self.letters.set()
        return letter

    async def read_letters(self) -> int:
        """Turn unread letters into work. Returns how many there were."""
        lives = {place.live.id: place.live for place in self.places.values()}
        return await inbox.read_letters(self.ledger, lives, order_scan=self.order_scan)

    async def lookup(self, name: str, key: Key) -> tuple[Testimony, list[End]]:
        """Ask about one item now."""
        return await self.place(name).worker.look_at(key)

    async def probe(self, name: str) -> None:
        """Ask a source who it is. Raises SourceError."""
        await probing.probe(self.place(name).live, self.ledger)

    async def release(self, name: str, hold: int, *, shown: int | None = None) -> int:
        """A person believes a hold's suspects; see `reconciled.engine.release`."""
        count = await release(self.place(name).live, self.ledger, hold, shown=shown)
        self.tell("hold", id=hold, state="released", items=count)
        return count

    async def disk_is_back(self) -> None:
        """The ledger can be written again: what could not be kept meanwhile is made up for."""
        running = {one.number for one in self._running.values() if one.number is not None}
        at = stamp(self.clock.now())
        await self.ledger.write(lambda tx: runs.cut_off(tx, besides=running, at=at))
        for place in list(self.places.values()):
            if place.scan_failed or place.missed:
                place.missed = False
                self.order_scan(place.live, "the ledger can be written again")
            place.live.due.set()
        self.letters.set()

    async def note_health(self) -> None:
        """Write down which sources are in trouble, for the alarm."""
        at = stamp(self.clock.now())

        def write(tx: Tx) -> None:
            for place in list(self.places.values()):
                troubled = place.live.health.state in (Health.TROUBLE, Health.UNAUTHORIZED)
                sources.troubled(tx, place.live.id, at if troubled else None)

        await self.ledger.write(write)
        self.tell_health()

    def tell_health(self) -> None:
        """Tell of each source whose health is another than was told last."""
        now = {
            name: (place.live.health.state, place.live.health.detail) for name, place in self.places.items()
        }
        changed = {name: told for name, told in now.items() if self._healths.get(name) != told}
        self._healths = now
        for name, (state, detail) in changed.items():
            self.tell("source", source=name, health=str(state), detail=detail)

    def _unwritten(self, name: str) -> float:
        """The watched seconds of a source that the ledger does not have yet."""
        place = self.places.get(name)
        return place.live.watched.before_now if place is not None else 0.0

    def _ended(self, name: str) -> Callable[[Sequence[End]], None]:
        def hear(ends: Sequence[End]) -> None:
            if End.GONE in ends:
                self._at("tombstone committed")
            for end in ends:
                self.counts["look", name, end] += 1
                if end is End.GONE:
                    self.tell("tombstone", source=name)
            if End.GONE in ends:
                for place in self.places.values():
                    place.wants_orphans.set()

        return hear

    def tell(self, what: str, **told: Json) -> None:
        """Let the listeners know."""
        for listener in self.listeners:
            listener(what, told)
