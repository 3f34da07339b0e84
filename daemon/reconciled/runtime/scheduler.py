"""When scans of one source run: by their schedule, and when something ordered one.

Scans of a source never overlap. After downtime there is one catch-up, however many were missed.
A scan waits until the source is well; one that failed is tried again when it has recovered.
"""

import random
from datetime import UTC, datetime, timedelta, tzinfo

from reconciled.clock import Clock, wait_for
from reconciled.config import Schedule
from reconciled.engine.engine import RECOVERY, Engine, Place
from reconciled.engine.passes.orphans import concern
from reconciled.engine.probing import probe
from reconciled.engine.runs import AlreadyRunning, NoSuchSource
from reconciled.errors import SourceError
from reconciled.model import Health

JITTER = 0.05
LONGEST_JITTER = 60.0
NAP = 60.0
"""Due times are wall time, which may step: looked at again at least this often, in seconds."""


class Scheduler:
    """The scans of one source, and its recovery from trouble."""

    def __init__(
        self,
        engine: Engine,
        place: Place,
        schedule: Schedule,
        *,
        clock: Clock,
        zone: tzinfo,
        chance: random.Random,
    ) -> None:
        self._engine = engine
        self._place = place
        self._live = place.live
        self._schedule = schedule
        self._clock = clock
        self._zone = zone
        self._chance = chance

    async def scan_when_due(self) -> None:
        """Run for ever."""
        due = self._clock.now()  # what happened while nobody listened is caught up with at once
        while True:
            asked_by = await self._until(due)
            await self._live.health.until_ok()
            while self._live.paused is not None:
                await self._clock.sleep(NAP)
            await self._scan(asked_by)
            due = self._jittered(self._schedule.next(self._clock.now(), self._zone))

    async def judge_orphans(self) -> None:
        """After a loss anywhere, and after each scan: judge what depends on others. Runs for ever."""
        wanted, name = self._place.wants_orphans, self._live.name
        while True:
            await wanted.wait()
            await self._clock.sleep(self._live.rules.settle)  # the losses of one thing come together
            wanted.clear()
            if await concern(self._live, self._engine.ledger):
                try:
                    await self._engine.perform("orphans", name, asked_by="a loss or a scan")
                except AlreadyRunning:
                    wanted.set()
                except NoSuchSource:
                    continue  # it is being stopped, and this loop with it

    async def tend(self) -> None:
        """Probe a source in trouble when its next try is due; see that it catches up. Runs for ever."""
        while True:
            await self._live.health.until_next_try()
            first = self._live.health.state is Health.STARTING
            try:
                await probe(self._live, self._engine.ledger)  # by its name another object may be asked
            except SourceError:
                continue
            if self._place.scan_failed:
                self._engine.order_scan(self._live, "the last one failed")
            elif not first:
                await self._verify()

    async def _verify(self) -> None:
        try:
            await self._engine.begin("verify", self._live.name, asked_by=RECOVERY)
        except (AlreadyRunning, NoSuchSource):
            return

    async def _scan(self, asked_by: str) -> None:
        wanted = self._place.wants_scan.is_set()
        self._place.wants_scan.clear()
        try:
            run = await self._engine.begin("scan", self._live.name, asked_by=asked_by)
        except AlreadyRunning as running:
            run = running.run
            if wanted:  # what ordered it may have happened after that one began
                self._place.wants_scan.set()
        except NoSuchSource:
            return  # it is being stopped, and this loop with it
        await self._engine.wait(run)
        # An app that reports one change after another does not make us read it without a pause.
        await self._clock.sleep(self._live.rules.settle)

    async def _until(self, due: datetime) -> str:
        """Wait until then, or until a scan is ordered. Returns who asked."""
        wanted, before = self._place.wants_scan, self._clock.now()
        while not wanted.is_set():
            now = self._clock.now()
            if now < before:  # the clock was set back, and with it the time that it is due at
                due = min(due, self._jittered(self._schedule.next(now, self._zone)))
            before = now
            left = (due - now.astimezone(UTC)).total_seconds()
            if left <= 0:
                return "schedule"
            await wait_for(wanted, min(left, NAP), clock=self._clock)
        return self._place.scan_asked_by

    def _jittered(self, due: datetime) -> datetime:
        room = min(LONGEST_JITTER, JITTER * (due - self._clock.now()).total_seconds())
        return due + timedelta(seconds=max(0.0, room) * self._chance.random())
