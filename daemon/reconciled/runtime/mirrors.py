"""The mirrors of the config, running: when each runs, what follows its uploads, what leaves its archives.

A mirror runs after each scan of its source, when something new or changed was seen there, and when what
waits comes due. In mode `ask` it runs by itself only to say what it would bring; a person's run brings it.

An edit counts at once: the run under way of a mirror that left the config, or says something else by now,
is ended, and goes on from its checkpoint under what is said now.
"""

import asyncio
import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from reconciled.clock import wait_for
from reconciled.config import Mirror, Mode, Schedule
from reconciled.config.schema import DAILY
from reconciled.engine.engine import Engine, Place
from reconciled.engine.mirror import thresholds
from reconciled.engine.mirror.backwards import has_news, partners_of
from reconciled.engine.mirror.fetching import clean
from reconciled.engine.mirror.following import Following
from reconciled.engine.mirror.footing import why_not
from reconciled.engine.mirror.sweeping import STALE
from reconciled.engine.passes.blob_gc import BlobGc, settle
from reconciled.engine.passes.mirror import Ground, MirrorRun, wanted_by
from reconciled.engine.passes.read_back import read_back
from reconciled.engine.runs import AlreadyRunning, NoSuchSource, Run
from reconciled.errors import ReconciledError
from reconciled.ledger import copies, journeys, mirrors
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Json
from reconciled.runtime.duty import Duty
from reconciled.runtime.supervisor import keep_going
from reconciled.source import ReadsBack

BY_ITSELF = "the mirror itself"
"""Who asks for a run that no person asked for."""
NAP = 300.0
UNWELL = 5.0
"""Seconds after which a source that is not well is looked at again."""


class NoSuchMirror(ReconciledError):
    """No mirror of that name is configured (any more)."""


class Mirrors:
    """All mirrors. Its methods are called from the event loop."""

    def __init__(
        self, engine: Engine, folder: Path, *, log: logging.Logger, at: Callable[[str], None] = lambda _: None
    ) -> None:
        """`folder` is where files lie while they travel."""
        self.configured: Mapping[str, Mirror] = {}
        self.mode = Mode.DRY_RUN
        self.gc_when = DAILY
        self.following = Following(engine, log, lambda: self.configured)
        self._engine = engine
        self._log = log
        self._ground = Ground(engine, self.following, folder, log, at)
        self._wanted: dict[str, asyncio.Event] = {}
        self._anyway: set[str] = set()
        self._unfinished: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        engine.passes |= {"mirror": self._mirror, "blob_gc": self._blob_gc, "verify": self._verify}
        engine.listeners.append(self._hear)

    async def start(self) -> None:
        """After a restart: what was cut off is found out about, and what nobody needs is thrown away."""
        over = max((place.live.source.acts_within for place in self._engine.places.values()), default=120.0)
        now = self._engine.clock.reckoned()
        await self._engine.ledger.write(lambda tx: journeys.after_restart(tx, now=now, over=over))

    async def configure(
        self, configured: Mapping[str, Mirror], mode: Mode, *, gc_when: Schedule = DAILY
    ) -> None:
        """Take over the mirrors, the daemon's mode, and when garbage leaves the archives."""
        before, was = self.configured, self.mode
        self.configured, self.mode, self.gc_when = dict(configured), mode, gc_when
        for name in self.configured:
            self._wanted.setdefault(name, asyncio.Event()).set()
            self._anyway.add(name)
        self._changed.set()
        for name, mirror in before.items():
            now = self.configured.get(name)
            if now is None or _meant(now, mode) != _meant(mirror, was):
                await self._engine.runs.end("mirror", name)
        at = stamp(self._engine.clock.now())
        await self._engine.ledger.write(lambda tx: thresholds.configured(tx, set(configured), at=at))
        await self._adopt()
        try:
            await asyncio.to_thread(self._clean)
        except OSError as error:
            self._log.error("%s cannot be made ready for what travels: %s", self._ground.folder, error)

    async def _adopt(self) -> None:
        """What a mirror brought that has another name now belongs to that one."""
        known = set(self.configured)
        for one in self.configured.values():
            adopt = partial(
                mirrors.adopt, source=one.source, targets=one.targets, kinds=one.kinds, besides=known
            )
            while await self._engine.ledger.write(adopt, one.name):
                pass

    def _clean(self) -> None:
        folder = self._ground.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in folder.iterdir():
            if one.is_dir() and one.name not in self.configured:
                shutil.rmtree(one, ignore_errors=True)
        for name in self.configured:
            (folder / name).mkdir(mode=0o700, exist_ok=True)
            clean(folder / name, keep=frozenset(), older_than=STALE)

    async def begin(self, mirror: Mirror, *, asked_by: str) -> int:
        """Run a mirror now; returns its run's id. AlreadyRunning, NoSuchSource."""
        return await self._engine.begin("mirror", mirror.source, asked_by=asked_by, policy=mirror.name)

    # --- running ----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run each mirror when it is due, for ever; they come and go with the config."""
        clock = self._engine.clock
        try:
            while True:
                self._changed.clear()
                for name in self._tasks.keys() - self.configured.keys():
                    self._tasks.pop(name).cancel()
                for name in self.configured.keys() - self._tasks.keys():
                    loop = keep_going(
                        f"the mirror {name}", partial(self._tend, name), clock=clock, log=self._log
                    )
                    self._tasks[name] = asyncio.create_task(loop, name=f"mirror {name}")
                await self._changed.wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            self._tasks.clear()

    async def collect(self) -> None:
        """Take garbage out of the archives when it is due, for ever."""
        duty = Duty("blob_gc", self._engine, lambda: self.gc_when)
        while True:
            await duty.until_due()
            await duty.begin()
            for name, place in list(self._engine.places.items()):
                if place.live.source.by_content and place.live.answers:
                    with contextlib.suppress(AlreadyRunning, NoSuchSource):
                        await self._engine.perform("blob_gc", name, asked_by=BY_ITSELF)

    async def _tend(self, name: str) -> None:
        """Run one mirror whenever it is due; while its source is not well, that waits.

        It may leave the config at any moment; then this loop is about to be ended.
        """
        wanted, clock = self._wanted[name], self._engine.clock
        while True:
            if not (await wait_for(wanted, await self._nap(name), clock=clock) or await self._is_due(name)):
                continue
            mirror = self.configured.get(name)
            source = self._engine.places.get(mirror.source) if mirror is not None else None
            if source is None or why_not(source.live) is not None:
                await clock.sleep(UNWELL)
                continue
            await clock.sleep(source.live.rules.settle)  # what changes together is brought together
            await self._run_once(name)

    async def _nap(self, name: str) -> float:
        """Seconds until the next of its copies that wait for their time is due; at most `NAP`."""
        clock = self._engine.clock
        at = await self._engine.ledger.read(copies.next_journey, name, after=clock.reckoned())
        return NAP if at is None else min(NAP, at - clock.reckoned())

    async def _run_once(self, name: str) -> None:
        """Run it. A mere change leaves no run behind when nothing is to be brought."""
        self._wanted[name].clear()
        self._unfinished.discard(name)
        mirror = self.configured.get(name)
        if mirror is None or (name not in self._anyway and not await self._has_news(mirror)):
            return
        self._anyway.discard(name)
        try:
            run = await self.begin(mirror, asked_by=BY_ITSELF)
        except AlreadyRunning as running:
            run = running.run
            self._wanted[name].set()  # what is wanted may be newer than what that one looked at
        except NoSuchSource:
            return
        await self._engine.wait(run)

    async def _has_news(self, mirror: Mirror) -> bool:
        place = self._engine.places.get(mirror.source)
        if place is None:
            return False
        live, now = place.live, place.live.clock.reckoned()
        partners = partners_of(self.configured, mirror, self._engine.places, mirror.targets)
        return await self._engine.ledger.read(
            lambda tx: bool(
                wanted_by(tx, mirror, live, now=now, partners=partners)
                or copies.strays(tx, mirror.name, now=now)
                or has_news(tx, live, mirror, partners)
            )
        )

    async def _is_due(self, name: str) -> bool:
        if name in self._unfinished:
            return True
        at = await self._engine.ledger.read(copies.next_journey, name)
        return at is not None and at <= self._engine.clock.reckoned()

    def _hear(self, what: str, told: Mapping[str, Json]) -> None:
        """News of a source make its mirrors look."""
        scanned = what == "run" and told.get("pass") == "scan" and told.get("state") == "complete"
        if scanned or what == "changed":
            for name, mirror in self.configured.items():
                if told.get("source") in (mirror.source, *mirror.targets):
                    self._wanted[name].set()
                    if scanned and told.get("source") == mirror.source:
                        self._anyway.add(name)
        elif what == "run" and told.get("pass") == "mirror" and told.get("state") == "failed":
            self._unfinished.add(str(told.get("policy")))

    # --- passes -----------------------------------------------------------------------------------

    async def _mirror(self, _: Place, run: Run) -> Mapping[str, Json]:
        mirror = self.configured.get(run.policy or "")
        if mirror is None:
            raise NoSuchMirror(f"no mirror {run.policy!r} is configured (any more)")
        mode = mirror.mode_under(self.mode)
        brings = mode is Mode.ACT or (mode is Mode.ASK and run.asked_by != BY_ITSELF)
        bringing = MirrorRun(self._ground, mirror, run, brings)
        try:
            stats = await bringing.go()
        except asyncio.CancelledError:
            run.counted.update(bringing.counted())
            raise
        except Exception:
            run.counted.update(bringing.counted())
            if brings:
                with contextlib.suppress(sqlite3.Error):  # the ledger says so itself
                    await self._ended(mirror, run, run.counted, complete=False)
            raise
        if brings:
            await self._ended(mirror, run, stats, complete=True)
            if "resumed_after" in stats:
                self._wanted[mirror.name].set()  # something may have come up before its checkpoint
        return stats

    async def _ended(self, mirror: Mirror, run: Run, stats: Mapping[str, Json], *, complete: bool) -> None:
        """Count the run, and judge it by the mirror's thresholds."""
        counters, at = thresholds.counted(stats), stamp(self._engine.clock.now())

        def write(tx: Tx) -> tuple[thresholds.Change, ...]:
            if mirror.name not in self.configured:
                return ()  # it left the config, and what is known of it with it
            return thresholds.ended(tx, mirror, run.id, counters, complete=complete, at=at)

        changes = await self._engine.ledger.write(write)
        for change in changes:
            self._log.warning("mirror %s: %s", mirror.name, change.said)
        if changes:
            self._engine.tell("finding", changed=len(changes))

    async def _blob_gc(self, place: Place, run: Run) -> Mapping[str, Json]:
        by_person = run.asked_by != BY_ITSELF
        acts = self.mode is Mode.ACT or (self.mode is Mode.ASK and by_person)
        await settle(place.live, self._engine.ledger)
        return await BlobGc(place.live, self._engine.ledger, run, acts, by_person).go()

    async def _verify(self, place: Place, run: Run) -> Mapping[str, Json]:
        """A verify that a person asks of an archive reads its bytes back, too."""
        found = await self._engine.verify(place, run)
        if run.asked_by in ("api", "cli") and isinstance(place.live.source, ReadsBack):
            return {**found, **await read_back(place.live, self._engine.ledger, run)}
        return found


def _meant(mirror: Mirror, mode: Mode) -> tuple[Mirror, Mode]:
    """What a run goes by: its thresholds only judge it."""
    return replace(mirror, thresholds={}, mode=None), mirror.mode_under(mode)
