"""The sources that the config names, running: built, started, stopped, restarted, each apart.

Building does no I/O and happens before anything is stopped, so a config that cannot be built
changes nothing. An unchanged source keeps its object and its connections.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from reconciled.clock import Clock
from reconciled.config import SourceSettings
from reconciled.engine.ending import close_in_time, end_tasks
from reconciled.engine.engine import Engine, Place
from reconciled.engine.inbox import receive_events
from reconciled.engine.live import Rules
from reconciled.engine.streaming import Streaming
from reconciled.engine.watch import Watch
from reconciled.errors import ReconciledError
from reconciled.http import Http, new_session
from reconciled.ledger import sources as ledger_sources
from reconciled.ledger.connection import Ledger
from reconciled.model import Event, Json
from reconciled.runtime.contents import Targets
from reconciled.runtime.own_loops import own_loops
from reconciled.runtime.scheduler import Scheduler
from reconciled.runtime.shelf import LedgerShelf
from reconciled.runtime.supervisor import keep_going
from reconciled.source import Context, Source


class CannotBuild(ReconciledError):
    """A plugin refused its settings; the message names the source."""


class LedgerStore:
    """A source's own notes, kept in the ledger under its name."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self._ledger = ledger
        self._name = name

    async def get(self, name: str) -> Json:
        """The value, or None."""
        return await self._ledger.read(lambda tx: ledger_sources.store_get(tx, self._name, name))

    async def set(self, name: str, value: Json) -> None:
        """Keep the value; None forgets it."""
        await self._ledger.write(lambda tx: ledger_sources.store_set(tx, self._name, name, value))


@dataclass(frozen=True, slots=True)
class Built:
    """A plugin's object with its connections, not started yet."""

    settings: SourceSettings
    source: Source[Any]
    http: Http


async def let_go(built: Built, *, log: logging.Logger) -> None:
    """Close the plugin's object, and its connections even if the daemon stops meanwhile."""
    try:
        await close_in_time(built.settings.name, built.source.close(), log=log)
    finally:
        await built.http.close()


@dataclass(slots=True)
class Running:
    """A started source and its loops."""

    built: Built
    tasks: list[asyncio.Task[None]]


class Sources:
    """All running sources. Its methods are called one at a time."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        zone: tzinfo,
        chance: random.Random,
        log: logging.Logger,
        blank: Callable[[bytes], bytes] = bytes,
        targets: Targets = lambda _: (),
    ) -> None:
        """`blank` masks the known secrets in what is kept of a stream; by default nothing is masked.

        `targets` are those of all mirrors of a source.
        """
        self._engine = engine
        self._clock = clock
        self._zone = zone
        self._chance = chance
        self._log = log
        self._blank = blank
        self._targets = targets
        self._running: dict[str, Running] = {}

    def build(self, settings: SourceSettings) -> Built:
        """The plugin's object for these settings. CannotBuild when it refuses."""
        http = self.connections(settings)
        context = Context(
            settings.name, http, self._clock, self._log.getChild(settings.name),
            LedgerStore(self._engine.ledger, settings.name), settings.kinds,
            LedgerShelf(self._engine, settings.name),
        )  # fmt: skip
        try:
            return Built(settings, settings.type(settings.options, context), http)
        except Exception as error:
            self._log.debug("%s cannot be built", settings.name, exc_info=True)
            raise CannotBuild(
                f"{settings.mark}: sources.{settings.name}: the plugin {settings.app} refuses its settings "
                f"({type(error).__name__}); run with log_level debug for the traceback"
            ) from error

    def connections(self, settings: SourceSettings) -> Http:  # noqa: ARG002 - a rehearsal looks at them
        """What the source is given to reach its app."""
        return Http(new_session, self._clock)

    async def start(self, built: Built) -> None:
        """Follow the source and begin its loops."""
        settings = built.settings
        place = await self._engine.add(
            settings.name,
            built.source,
            rules=Rules(settings.settle, settings.max_gone),
            kinds=settings.kinds,
            scope=settings.scope(),
            requests=lambda: built.http.requests,
        )
        scheduler = Scheduler(
            self._engine, place, settings.scan, clock=self._clock, zone=self._zone, chance=self._chance
        )
        stream = self._stream(place)

        async def scan_when_due() -> None:
            await stream.tried()
            await scheduler.scan_when_due()

        loops: Mapping[str, Callable[[], Any]] = {
            "health": scheduler.tend,
            "stream": stream.run,
            "schedule": scan_when_due,
            "orphans": scheduler.judge_orphans,
            "worker": place.worker.run,
            "watch": Watch(place.live, self._engine.ledger).run,
            **own_loops(self._engine, settings.name, targets=self._targets),
        }
        tasks = [
            asyncio.create_task(
                keep_going(f"{settings.name}: its {name}", loop, clock=self._clock, log=self._log),
                name=f"{settings.name} {name}",
            )
            for name, loop in loops.items()
        ]
        self._running[settings.name] = Running(built, tasks)

    def _stream(self, place: Place) -> Streaming:
        """What follows the source's event stream, if it has one."""
        engine, live = self._engine, place.live

        async def keep(events: Sequence[Event]) -> None:
            await receive_events(live, engine.ledger, events, blank=self._blank)
            engine.letters.set()

        return Streaming(
            live, keep=keep, order_scan=lambda why: engine.order_scan(live, why), chance=self._chance
        )

    async def restart(self, built: Built) -> None:
        """Follow a source by another object. It stays known meanwhile, so its webhooks are still taken."""
        name = built.settings.name
        old = self._running.pop(name, None)
        try:
            if old is not None:
                await end_tasks(old.tasks, log=self._log)
                await self._engine.quiet(name)
            await self.start(built)
        finally:
            if old is not None:
                await let_go(old.built, log=self._log)

    async def stop(self, name: str, *, freeze: bool) -> None:
        """End a source's loops and close it. With `freeze` it left the config."""
        running = self._running.pop(name, None)
        try:
            if running is not None:
                await end_tasks(running.tasks, log=self._log)
            if name in self._engine.places:
                await self._engine.remove(name, freeze=freeze)
        finally:
            if running is not None:
                await running.built.http.close()

    async def stop_all(self) -> None:
        """End everything, at the same time."""
        await asyncio.gather(*(self.stop(name, freeze=False) for name in list(self._running)))

    def settings(self) -> dict[str, SourceSettings]:
        """What runs now, whatever the config says: a reload begins from there."""
        return {name: running.built.settings for name, running in self._running.items()}

    def requests(self) -> dict[str, int]:
        """How many requests each source has sent."""
        return {name: running.built.http.requests for name, running in self._running.items()}

    def source(self, name: str) -> Source[Any]:
        """The plugin's object of a running source (to see that a reload kept it)."""
        return self._running[name].built.source
