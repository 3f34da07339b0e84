"""The engine as the rest of the daemon sees it: sources that run, passes, events, holds.

Everything here may be called at any time from the event loop. One pass of a kind runs at a source
at a time; its run's row says how it went. What happens is told to `listeners` (the page's stream,
metrics), which must not raise and must not wait.
"""

import asyncio
import logging
import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from reconciled.clock import Clock
from reconciled.engine import inbox, probing
from reconciled.engine.ending import close_in_time
from reconciled.engine.ends import End
from reconciled.engine.live import LiveSource, Rules
from reconciled.engine.passes.orphans import orphans
from reconciled.engine.passes.scan import CUT_OFF, Scan
from reconciled.engine.passes.verify import verify
from reconciled.engine.release import release
from reconciled.engine.runs import NoSuchSource, Run, Runs
from reconciled.engine.verdict import Testimony
from reconciled.engine.worker import Worker
from reconciled.ledger import items, runs, sources, suspects, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Health, Json, Key
from reconciled.source import Source

At = Callable[["Place", Run], Awaitable[Mapping[str, Json]]]
"""A pass: what it does at a source, as one run. Returns what it counted."""

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
        self.began = 0
        """The ledger's sequence number at the start: what was read after it, this daemon has read."""
        self._chance = chance
        self._log = log
        self._at = at
        self.runs = Runs(ledger, clock, log=log, tell=self.tell, counts=self.counts)
        self.passes: dict[str, At] = {"scan": self._scan, "verify": self.verify, "orphans": self._orphans}
        self.alone: set[str] = set()
        """Passes that are about all sources: one of them runs at a time, whichever source it was begun at."""
        self._healths: dict[str, tuple[Health, str]] = {}

    # --- sources ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """After a restart: runs that were cut off are over, and what was in hand is marked."""

        def tidy(tx: Tx) -> int:
            runs.after_restart(tx, at=stamp(self.clock.now()))
            work.after_restart(tx, now=self.clock.reckoned())
            return items.current_seq(tx)

        self.began = await self.ledger.write(tidy)

    async def freeze_besides(self, names: Collection[str]) -> None:
        """Only these are in the config: what left it while the daemon did not run waits for its return."""

        def write(tx: Tx) -> None:
            for row in sources.every(tx):
                if row.state == "active" and row.name not in names and row.name not in self.places:
                    sources.freeze(tx, row.id)

        await self.ledger.write(write)

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
        paused, self.paused = await self.ledger.read(_paused_by, row.id)
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
        live.paused = paused or self.paused
        if await self.ledger.read(suspects.uncounted, row.id, name):
            live.awaited = CUT_OFF
        if row.baseline:
            live.awaited = "its first scan since its settings changed, or since it is back, is due"
        if (before := self.places.get(name)) is not None:
            before.live.over = True
        place = self.places[name] = Place(live, worker)
        self.letters.set()
        self.tell("sources", added=name)
        return place

    async def quiet(self, name: str) -> None:
        """Cancel what runs at a source; it stays known, so its webhooks are still taken."""
        await self.runs.end_all(name)

    async def remove(self, name: str, *, freeze: bool) -> None:
        """Stop following a source; with `freeze` it left the config and its items wait for its return."""
        await self.quiet(name)
        place = self.places.pop(name)
        place.live.over = True
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

    async def begin(self, pass_: str, name: str, *, asked_by: str, policy: str | None = None) -> int:
        """Start a pass at a source (`policy` says which mirror); returns its run's id at once.

        AlreadyRunning, NoSuchSource, and KeyError for a pass that there is not.
        """
        place, do = self.place(name), self.passes[pass_]
        if pass_ in self.alone:
            await self.runs.refuse_second(pass_)
        return await self.runs.begin(
            pass_, name, lambda run: do(place, run), asked_by=asked_by, policy=policy
        )

    async def perform(self, pass_: str, name: str, *, asked_by: str, policy: str | None = None) -> int:
        """Start a pass and wait for its end; returns its run's id."""
        run = await self.begin(pass_, name, asked_by=asked_by, policy=policy)
        await self.wait(run)
        return run

    async def wait(self, run: int, seconds: float | None = None) -> None:
        """Wait for a run's end, at most so long. Returns at once when it is over."""
        await self.runs.wait(run, seconds)

    async def cancel(self, run: int) -> bool:
        """Stop a run; what it staged is forgotten. False when it does not run."""
        return await self.runs.cancel(run)

    def running(self, pass_: str, name: str) -> int | None:
        """The id of the run of a pass at a source (or of a mirror) that is under way."""
        return self.runs.running(pass_, name)

    def progress(self, run: int) -> Mapping[str, Json] | None:
        """How far a run is; None when it is over."""
        found = self.runs.progress(run)
        return found.as_dict() if found is not None else None

    async def stop(self) -> None:
        """Cancel what runs and wait for it, not for ever."""
        await self.runs.end_all()

    async def _scan(self, place: Place, run: Run) -> Mapping[str, Json]:
        live, failed = place.live, True
        try:
            found = await Scan(live, self.ledger, run.id, run.began, at=self._at)()
            await verify(live, self.ledger, place.worker)
            failed = False
        except asyncio.CancelledError:
            failed = False
            raise
        finally:
            place.scan_failed = failed
        live.due.set()
        place.wants_orphans.set()
        return dict(found.as_dict())

    async def verify(self, place: Place, run: Run) -> Mapping[str, Json]:
        after_trouble = run.asked_by == RECOVERY
        return dict(await verify(place.live, self.ledger, place.worker, after_trouble=after_trouble))

    async def _orphans(self, place: Place, run: Run) -> Mapping[str, Json]:  # noqa: ARG002 - any run is alike
        return dict(await orphans(place.live, self.ledger, self._unwritten))

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
        running = self.runs.under_way()
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
                sources.troubled(tx, place.live.id, at if place.live.health.troubled else None)

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
            if End.NEW in ends or End.CHANGED in ends:
                self.tell("changed", source=name)
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


def _paused_by(tx: Tx, source_id: int) -> tuple[str | None, str | None]:
    """Who paused a source, and who paused everything."""
    return sources.by_id(tx, source_id).paused_by, sources.setting(tx, "paused_by")
