"""Time, passed in: nobody in the house reads a clock of their own.

`now` is for people (records, pages); it may step. `monotonic` measures durations and never
steps. `reckoned` is for due times that are stored: the wall time at start plus the monotonic
time since, so that a stepping clock makes nothing due early or late while the daemon runs.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the house asks of a clock. All durations are seconds."""

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def reckoned(self) -> float:
        """Unix seconds that never step: the wall time at start plus the monotonic time since."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""


class SystemClock:
    """The machine's own clocks."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since boot or some other fixed moment."""
        return time.monotonic()

    def reckoned(self) -> float:
        """Unix seconds as of this object's creation, plus the monotonic time since."""
        return time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the running loop."""
        await asyncio.sleep(seconds)


async def wait_for(event: asyncio.Event, seconds: float, *, clock: Clock) -> bool:
    """Wait for an event, at most so long by this clock. Returns whether it is set."""
    if event.is_set() or seconds <= 0:
        return event.is_set()
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    return event.is_set()
