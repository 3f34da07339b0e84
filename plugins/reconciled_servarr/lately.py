"""What an app was asked a moment ago, for questions that come by the hundred.

Before each deletion it is noted what stands beside a record: the quality profiles, the exclusions. Both
are lists that the app hands out whole, so that 800 deletions would ask for 1,600 of them. To undo these
is to ask 1,600 times for the root folders, and for each of their lists the app walks its disks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from reconciled.clock import Clock

T = TypeVar("T")

FRESH = 60.0
"""Seconds for which an answer serves, unless it is about what a person may be mending just now."""


class Lately(Generic[T]):
    """One question, and the app's last answer to it."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock, *, fresh: float = FRESH) -> None:
        self._ask = ask
        self._fresh = fresh
        self._clock = clock
        self._turn = asyncio.Lock()
        self._known: tuple[float, T] | None = None

    async def told(self) -> T:
        """An answer that is no older than it may be; those who ask at once wait for one."""
        async with self._turn:
            if self._known is None or self._clock.monotonic() - self._known[0] >= self._fresh:
                began = self._clock.monotonic()
                self._known = began, await self._ask()
            return self._known[1]

    def forget(self) -> None:
        """It is another one now."""
        self._known = None
