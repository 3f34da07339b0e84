"""Following an app's event stream: one loop a source that `Listens`, the only place that reconnects.

What is told is committed to the inbox in batches before it counts, and then takes the way of a
webhook. Nothing is ever replayed by an app, so each connection but the first orders a scan (the
first comes before the scan at the start). After a connection that stood a minute the next try is
made at once, else after 1, 2, 4 … 300 s, jittered, and after a refusal of our credentials as
rarely as everything else (tries lock accounts). A stream that flaps orders its scan when it has
stood a minute, or an hour after the last: many restarts in a row are few scans.

A stream in trouble says nothing of the source's health: webhooks and scans go on without it.
"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from reconciled.clock import wait_for
from reconciled.engine.ending import end_tasks
from reconciled.engine.health import JITTER, LONGEST, UNAUTHORIZED
from reconciled.engine.live import PATIENCE, LiveSource
from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Event, Op
from reconciled.source import Connected, Listens

STEADY = 60.0
"""Seconds that a connection has to stand before it counts as one that stands."""

SELDOM = 3600.0
"""Seconds after which a connection orders a scan, steady or not."""

FIRST_TRY = 10.0
"""Seconds that the scan at the start waits for the first connection, which it then covers."""

AT_ONCE = 100
HELD = 1000
"""The most events in one letter, and in memory: beyond that nothing more is taken from the app."""

LINGER = 0.5
"""Seconds between two letters, so that what comes one by one is written together all the same."""

FAREWELL = 0.5
"""Seconds of this box that a stop leaves for writing down what was told last."""

NAP = 10.0

Keep = Callable[[Sequence[Event]], Awaitable[None]]


class Streaming:
    """The stream of one source. `keep` returns after the commit; `order_scan` is told why."""

    def __init__(
        self, live: LiveSource, *, keep: Keep, order_scan: Callable[[str], None], chance: random.Random
    ) -> None:
        self._live = live
        self._keep = keep
        self._order_scan = order_scan
        self._chance = chance
        self._tried = asyncio.Event()
        self._scan_follows = True
        self._standing: asyncio.Task[None] | None = None
        self._up = False
        self._steady = False
        self._flaps = False
        self._failures = 0
        self._troubled = False
        self._owed = False
        self._ordered = -SELDOM

    async def run(self) -> None:
        """Listen for ever, one connection after the other. A source without a stream is left alone."""
        live, source = self._live, self._live.source
        while isinstance(source, Listens):
            await self._until_wanted()
            live.stream = "connecting"
            try:
                await self._listen(source)
            except Unsupported as no:
                live.log.info("%s: %s", live.name, no)
                break
            except SourceError as error:
                wait = self._patience(error)
                live.stream = f"waiting to connect again: {error}"
            finally:
                self._tried.set()
            await live.clock.sleep(wait)
        live.stream = None
        self._tried.set()
        await asyncio.Event().wait()

    async def tried(self) -> None:
        """Wait until the source is well and its stream was tried once, for 10 s at most.

        A scan that begins afterwards covers what happened before the first connection.
        """
        await self._live.health.until_ok()
        await wait_for(self._tried, FIRST_TRY, clock=self._live.clock)
        self._scan_follows = False

    async def _until_wanted(self) -> None:
        """Wait until the source answers and nobody has paused it."""
        live = self._live
        while True:
            if live.paused is not None:
                live.stream = f"waiting: paused by {live.paused}"
                await live.clock.sleep(NAP)
            elif not live.answers:
                live.stream = "waiting until the source answers"
                await live.health.until_ok()
            else:
                return

    # --- one connection -----------------------------------------------------------------------------

    async def _listen(self, source: Listens) -> None:
        """Follow one connection to its end, which is raised. What was told before it is kept first."""
        name = self._live.name
        told: asyncio.Queue[Event] = asyncio.Queue(HELD)
        over = asyncio.Event()
        keeping = asyncio.create_task(self._keep_all(told, over), name=f"{name} stream: keeping")
        reading = asyncio.create_task(self._read(source, told), name=f"{name} stream: reading")
        self._steady = False
        try:
            await asyncio.wait({keeping, reading}, return_when=asyncio.FIRST_COMPLETED)
            await self._keep_rest(told, over, keeping)
            raise _end_of(keeping) or _end_of(reading) or Unreachable(f"{name}: its stream ended")
        except asyncio.CancelledError:  # what a scan would find after a stop, nobody would be named for
            await self._keep_rest(told, over, keeping, within=FAREWELL)
            raise
        finally:
            self._flaps = not self._steady if self._up else self._flaps
            self._up = False
            self._live.stream = "waiting to connect again"
            standing = [] if self._standing is None else [self._standing]
            await end_tasks([reading, keeping, *standing], log=self._live.log)

    async def _keep_rest(
        self,
        told: "asyncio.Queue[Event]",
        over: asyncio.Event,
        keeping: "asyncio.Task[None]",
        *,
        within: float | None = None,
    ) -> None:
        """Wait until all that was told is written, or cannot be."""
        over.set()
        drained = asyncio.create_task(told.join(), name=f"{self._live.name} stream: its rest")
        try:
            await asyncio.wait({keeping, drained}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_tasks([drained], log=self._live.log)

    async def _read(self, source: Listens, told: "asyncio.Queue[Event]") -> None:
        """Hand on what the plugin tells. Raises a `SourceError`, whatever the plugin does."""
        live = self._live
        try:
            stream = aiter(source.listen())
            try:
                while True:
                    await self._hear(await self._next(stream), told)
            finally:
                await _close(stream)
        except StopAsyncIteration:
            return
        except SourceError:
            raise
        except Exception as error:
            live.log.exception("%s: its plugin crashed while it listened", live.name)
            crash = f"{live.name}: its plugin crashed ({type(error).__name__}); the log has the traceback"
            raise BadResponse(crash) from error

    async def _next(self, stream: AsyncIterator[object]) -> object:
        """The next of the stream; the first may not take for ever."""
        if self._up:
            return await anext(stream)
        try:
            async with asyncio.timeout(PATIENCE) as patience:
                return await anext(stream)
        except TimeoutError:
            if not patience.expired():
                raise
            raise Unreachable(f"{self._live.name}: its stream was not open after {PATIENCE:.0f} s") from None

    async def _hear(self, heard: object, told: "asyncio.Queue[Event]") -> None:
        match heard:
            case Connected():
                self._connected()
            case Event() if self._up:
                if heard.op is not Op.TEST:
                    await told.put(heard)
            case _:
                what = "an event before Connected" if isinstance(heard, Event) else type(heard).__name__
                raise BadResponse(f"{self._live.name}: its plugin's listen() told {what}")

    async def _keep_all(self, told: "asyncio.Queue[Event]", over: asyncio.Event) -> None:
        """Commit what was told, a batch at a time; the same word twice in a batch is one.

        The first is written at once, the next half a second later, unless there are many or it is `over`.
        """
        while True:
            batch = [await told.get()]
            while len(batch) < AT_ONCE and not told.empty():
                batch.append(told.get_nowait())
            await self._keep(_distinct(batch))
            for _ in batch:
                told.task_done()
            if told.qsize() < AT_ONCE:
                await wait_for(over, LINGER, clock=self._live.clock)

    # --- standing and falling -----------------------------------------------------------------------

    def _connected(self) -> None:
        """The stream is up: what happened before it is for a scan to find."""
        now = self._live.clock.monotonic()
        if self._up:  # a plugin that connects again by itself is one whose stream flaps
            self._flaps, self._steady = not self._steady, False
        if self._standing is not None:
            self._standing.cancel()
        self._up = True
        name = f"{self._live.name} stream: standing"
        self._standing = asyncio.create_task(self._stand(), name=name)
        self._live.stream = "connected"
        if self._scan_follows and not self._tried.is_set():
            self._ordered = now  # the scan at the start has waited for this
        elif self._flaps and now - self._ordered < SELDOM:
            self._owed = True
        else:
            self._order()
        self._tried.set()

    async def _stand(self) -> None:
        """After a minute the connection counts as steady, and the scan that it owes is due."""
        await self._live.clock.sleep(STEADY)
        self._steady, self._failures = True, 0
        if self._troubled:
            self._troubled = False
            self._live.log.info("%s: its stream is connected again", self._live.name)
        if self._owed:
            self._order()

    def _order(self) -> None:
        self._owed = False
        self._ordered = self._live.clock.monotonic()
        self._order_scan("its stream is connected again")

    def _patience(self, error: SourceError) -> float:
        """How long to wait before the next try. Only the first failure in a row is logged."""
        if not self._troubled:
            self._troubled = True
            self._live.log.warning("%s: its stream: %s", self._live.name, error)
        if self._steady:
            return 0.0
        streak, self._failures = self._failures, self._failures + 1
        if isinstance(error, Unauthorized):
            wait = UNAUTHORIZED[min(streak, len(UNAUTHORIZED) - 1)]
        else:
            wait = min(LONGEST, 2.0 ** min(streak, 9))
        if isinstance(error, RateLimited) and error.retry_after is not None:
            wait = max(wait, min(error.retry_after, SELDOM))
        return wait * (1 + self._chance.uniform(0, JITTER))


def _distinct(events: Sequence[Event]) -> list[Event]:
    try:
        return list(dict.fromkeys(events))
    except TypeError:  # an odd event, which whoever writes it down leaves out
        return list(events)


def _end_of(task: "asyncio.Task[None]") -> SourceError | None:
    """What ended a task, as trouble; what is no trouble of a source or of the disk is raised."""
    if not task.done():
        return None
    if task.cancelled():
        return BadResponse(f"{task.get_name()} was cancelled by the plugin itself")
    match task.exception():
        case None:
            return None
        case SourceError() as error:
            return error
        case sqlite3.OperationalError() as error:
            return Unreachable(f"{task.get_name()}: the ledger cannot be written: {error}")
        case error:
            raise error


async def _close(stream: AsyncIterator[object]) -> None:
    """End a plugin's generator; other iterators have no end to be told."""
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()
