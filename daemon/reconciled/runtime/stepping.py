"""A daemon without loops: what they would do is done once, in order, when somebody says so.

For whoever moves the clock himself: a rehearsal, a scenario of a test. The sources are built and followed
as ever; hours of them pass in the time that the work takes, and always in the same way.
"""

from collections.abc import Callable

from reconciled.engine.engine import RECOVERY, Engine, Place
from reconciled.engine.live import Rules
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.watch import Watch
from reconciled.errors import SourceError
from reconciled.model import Health
from reconciled.runtime.sources import Built, Running, Sources


class StillSources(Sources):
    """Sources without their loops."""

    async def start(self, built: Built) -> None:
        """Follow the source; it wants its first scan."""
        settings = built.settings
        place = await self._engine.add(
            settings.name, built.source, rules=Rules(settings.settle, settings.max_gone),
            kinds=settings.kinds, scope=settings.scope(), requests=lambda: built.http.requests,
        )  # fmt: skip
        place.wants_scan.set()
        self._running[settings.name] = Running(built, [])


class Steps:
    """Takes the steps of an engine and its outbox. `scanned` is told of each scan, by its source's name."""

    def __init__(
        self, engine: Engine, outbox: Outbox, *, scanned: Callable[[str], None] = lambda _: None
    ) -> None:
        self._engine = engine
        self._outbox = outbox
        self._scanned = scanned

    async def turn(self) -> None:
        """Everything that is due, once."""
        engine = self._engine
        while await engine.read_letters():
            pass
        for name, place in list(engine.places.items()):
            await self._tend(name, place)
            if place.live.answers and place.wants_orphans.is_set():
                place.wants_orphans.clear()
                await engine.perform("orphans", name, asked_by="a loss or a scan")
        for place in list(engine.places.values()):
            if place.live.answers:
                await Watch(place.live, engine.ledger).look_once()
                await self._look(place)
        await self._act()
        for place in list(engine.places.values()):
            if place.live.answers and place.live.due.is_set():
                await self._look(place)
        if self._outbox.is_due:
            await self._act()

    async def scan(self, name: str, *, asked_by: str = "a person") -> None:
        """Read a source to its end; a listing that fails is no error here."""
        self._engine.place(name).wants_scan.clear()
        await self._engine.perform("scan", name, asked_by=asked_by)
        self._scanned(name)

    async def _look(self, place: Place) -> None:
        """The worker, at what is due."""
        place.live.due.clear()
        await place.worker.work_once()

    async def _act(self) -> None:
        """The outbox, and the scans that were ordered."""
        await self._outbox.work_once()
        for name, place in list(self._engine.places.items()):
            if place.wants_scan.is_set() and place.live.answers:
                await self.scan(name)

    async def _tend(self, name: str, place: Place) -> None:
        """As the scheduler tends a source: probe it when its next try is due; catch up afterwards."""
        health = place.live.health
        waits = health.next_try is not None and health.next_try > self._engine.clock.monotonic()
        if health.state is Health.OK or waits:
            return
        first = health.state is Health.STARTING
        try:
            await self._engine.probe(name)
        except SourceError:
            return
        if place.scan_failed:
            self._engine.order_scan(place.live, "the last one failed")
        elif not first:
            await self._engine.perform("verify", name, asked_by=RECOVERY)
