"""The daemon over model apps and a clock that jumps: its own loops, run to wherever they next wait.

The loops are the daemon's (schedule, health, orphans, worker, outbox, letters); none of them waits for
anything but the clock and each other, so time moves only when all of them wait, straight to the next
due moment. The watch is asked when it would ask an app, and not in between.
"""

import asyncio
import heapq
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from tests.drills.quiet_ledger import QuietLedger

from reconciled.config import Mode, Policy
from reconciled.config.schedule import Schedule
from reconciled.config.schema import KeepSettings
from reconciled.engine import watch
from reconciled.engine.engine import Engine, Place
from reconciled.engine.live import Rules
from reconciled.engine.outbox.outbox import Outbox
from reconciled.http import Http
from reconciled.ledger import sources
from reconciled.model import Json
from reconciled.runtime.housekeeping import tidy
from reconciled.runtime.scheduler import Scheduler
from reconciled.runtime.supervisor import keep_going
from reconciled.source import Context, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelManySource, ModelSource

DAY = 86400.0


class Tally(list[tuple[str, ...]]):
    """What an app was asked, counted by the day and not kept."""

    def __init__(self, clock: ManualClock, app: ModelApp) -> None:
        super().__init__()
        self._clock = clock
        self._app = app
        self._began = clock.monotonic()
        self.days: Counter[int] = Counter()
        self.words: Counter[str] = Counter()
        self.scans = 0

    def append(self, asked: tuple[str, ...]) -> None:
        """One request."""
        self.days[int((self._clock.monotonic() - self._began) // DAY)] += 1
        self.words[f"{asked[0]} in vain" if self._app.trouble else asked[0]] += 1
        self.scans += asked[:2] == ("snapshot", "0")


class Notes:
    """A source's store, in memory."""

    async def get(self, name: str) -> Json:
        """Nothing was kept."""
        del name
        return None

    async def set(self, name: str, value: Json) -> None:
        """Nothing is kept."""


class Stirring(asyncio.Event):
    """Sets another event, too."""

    def __init__(self, also: asyncio.Event) -> None:
        super().__init__()
        self._also = also

    def set(self) -> None:
        """Both."""
        super().set()
        self._also.set()


class QuietDaemon:
    """Engine and outbox over these apps. `kinds` says of each app what it holds."""

    def __init__(
        self,
        apps: Mapping[str, ModelApp],
        kinds: Mapping[str, frozenset[str]],
        *,
        clock: ManualClock,
        folder: Path,
        policies: Mapping[str, Policy],
        scan: str,
    ) -> None:
        self.apps, self.clock = apps, clock
        self._kinds, self._folder, self._policies, self._scan = kinds, folder, policies, scan
        self._tasks: list[asyncio.Task[None]] = []
        self.engine: Engine
        self.outbox: Outbox
        self.ledger: QuietLedger
        self.log = logging.getLogger("quiet")

    async def start(self) -> None:
        """As the daemon starts."""
        self.ledger = await QuietLedger.open(self._folder / "ledger.db")
        self.ledger.any_chance()
        self.engine = Engine(self.ledger, self.clock, chance=random.Random(3), log=self.log)
        await self.engine.start()
        self.outbox = Outbox(self.engine, log=self.log)
        loops: dict[str, Callable[[], Awaitable[None]]] = {}
        for name, app in self.apps.items():
            context = Context(name, Http.__new__(Http), self.clock, self.log, Notes())
            maker = ModelManySource if name == "jellyfin" else ModelSource
            source: Any = maker(app, SourceConfig(), context)
            place = await self.engine.add(name, source, rules=Rules(), kinds=self._kinds[name], scope={})
            loops |= self._loops(place)
        await self.outbox.configure(self._policies, Mode.ACT)
        await self.outbox.start()
        loops |= {"letters": self._letters, "outbox": self.outbox.run}
        self._tasks = [
            asyncio.create_task(keep_going(name, loop, clock=self.clock, log=self.log), name=name)
            for name, loop in loops.items()
        ]

    async def stop(self) -> None:
        """As it stops."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.outbox.stop()
        await self.engine.stop()
        await self.ledger.close()

    def _loops(self, place: Place) -> dict[str, Callable[[], Awaitable[None]]]:
        schedule = Schedule.parse(self._scan)
        scheduler = Scheduler(
            self.engine, place, schedule, clock=self.clock, zone=UTC, chance=random.Random(4)
        )
        stirred = asyncio.Event()
        place.live.due = Stirring(stirred)

        async def watching() -> None:
            await self._watch(place, stirred)

        name = place.live.name
        return {
            f"{name} health": scheduler.tend,
            f"{name} schedule": scheduler.scan_when_due,
            f"{name} orphans": scheduler.judge_orphans,
            f"{name} worker": place.worker.run,
            f"{name} watch": watching,
        }

    async def _watch(self, place: Place, stirred: asyncio.Event) -> None:
        """What `Watch.run` does, without looking at the ledger each minute for whether it is time."""
        live, one = place.live, watch.Watch(place.live, self.ledger)
        while True:
            await live.health.until_ok()
            await one.look_once()
            awaited = await self.ledger.read(sources.awaited_kinds, live.id, live.name)
            stirred.clear()
            wake = asyncio.ensure_future(stirred.wait())
            nap = asyncio.ensure_future(self.clock.sleep(watch.BUSY if awaited else watch.IDLE))
            try:
                await asyncio.wait({wake, nap}, return_when=asyncio.FIRST_COMPLETED)
                if wake.done() and not nap.done():  # something new: a look is due soon, not at once
                    await self.clock.sleep(watch.BUSY)
            finally:
                for left in (wake, nap):
                    left.cancel()

    async def _letters(self) -> None:
        while True:
            await self.engine.letters.wait()
            self.engine.letters.clear()
            while await self.engine.read_letters():
                pass

    async def tidy(self) -> None:
        """The daily housekeeping."""
        await tidy(self.ledger, KeepSettings(), clock=self.clock)

    # --- time -------------------------------------------------------------------------------------

    async def settle_down(self) -> None:
        """Everything runs until it waits for the clock."""
        ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        while ready:
            await asyncio.sleep(0)

    async def until(self, moment: float) -> None:
        """Let time pass until that many seconds since the beginning, from one due moment to the next."""
        clock: Any = self.clock
        await self.settle_down()
        while (at := _next(clock)) is not None and at <= moment:
            clock.advance(max(0.0, at - clock._elapsed))
            await self.settle_down()
        clock.advance(max(0.0, moment - clock._elapsed))
        await self.settle_down()


def _next(clock: Any) -> float | None:
    """When the next sleeper wakes; those that nobody waits for any more are passed over."""
    while clock._sleepers and clock._sleepers[0][2].done():
        heapq.heappop(clock._sleepers)
    return clock._sleepers[0][0] if clock._sleepers else None
