"""Clocks for tests: one that stands still until a test moves it, and one that hurries."""

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta
from itertools import count

_START = datetime(2026, 1, 1, tzinfo=UTC)


class ManualClock:
    """Satisfies `reconciled.clock.Clock`; sleepers wake when `advance` passes their time."""

    def __init__(self, start: datetime = _START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._stepped = timedelta()
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """The wall time: the start, what was advanced, and all steps."""
        return self._start + timedelta(seconds=self._elapsed) + self._stepped

    def monotonic(self) -> float:
        """Seconds that were advanced, plus 1,000, so that zero never means "now"."""
        return 1000.0 + self._elapsed

    def reckoned(self) -> float:
        """Unix seconds that no step moves."""
        return self._start.timestamp() + self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody advances the clock that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), wake))
        await wake

    def step(self, by: timedelta) -> None:
        """Set the wall clock forward or back, as a time server or a person does."""
        self._stepped += by

    def advance(self, seconds: float) -> None:
        """Let time pass and wake whoever slept until then."""
        self._elapsed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            _, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)


class HurriedClock:
    """Real time, `factor` times as fast: for tests over real sockets whose waits are minutes.

    A bracket of 60 s is 60/`factor` real seconds long, so a factor of 20 leaves 3 s for lookups.
    """

    def __init__(self, factor: float = 20.0) -> None:
        self._factor = factor
        self._began = time.monotonic()
        self._wall = datetime.now(UTC)

    def now(self) -> datetime:
        """The wall time, hurrying away from its start."""
        return self._wall + timedelta(seconds=self._elapsed())

    def monotonic(self) -> float:
        """Hurried seconds since the start, plus 1,000."""
        return 1000.0 + self._elapsed()

    def reckoned(self) -> float:
        """Hurried unix seconds."""
        return self._wall.timestamp() + self._elapsed()

    async def sleep(self, seconds: float) -> None:
        """Wait that many hurried seconds."""
        await asyncio.sleep(max(0.0, seconds) / self._factor)

    def _elapsed(self) -> float:
        return (time.monotonic() - self._began) * self._factor
