"""One health a source, and the only retry machine in the house.

Everything that asks a source waits here. After trouble the next try comes after 1, 2, 4 … 300 s,
jittered; after a refusal of our credentials after 1, 2, 5, then every 15 min, since too many
tries lock accounts. A config change, an event from the source and every manual run try at once.
The first failure and the recovery are logged, the tries between are not. The trouble of a listing is
over when one was read as a whole, not when a probe between two tries of it succeeds.
"""

import asyncio
import logging
import random

from reconciled.clock import Clock, wait_for
from reconciled.errors import RateLimited, SourceError, Unauthorized
from reconciled.model import Health

LONGEST = 300.0
UNAUTHORIZED = (60.0, 120.0, 300.0, 900.0)
JITTER = 0.2


class HealthKeeper:
    """The health of one source. Methods are called from its event loop only."""

    def __init__(self, name: str, clock: Clock, chance: random.Random, log: logging.Logger) -> None:
        self.state = Health.STARTING
        self.detail = "not asked yet"
        self.next_try: float | None = None
        self._name = name
        self._clock = clock
        self._chance = chance
        self._log = log
        self._streak = 0
        self._failed_in = ""
        self._told: Health | None = None
        self._ok = asyncio.Event()
        self._poke = asyncio.Event()

    @property
    def troubled(self) -> bool:
        """Whether the source is in trouble, or is only asked again after a listing of it that failed."""
        return self._told is not None

    def fine(self, doing: str) -> bool:
        """A good answer came. True when that ended trouble. Only what failed last resets the back-off.

        A lookup that succeeds does not end the trouble of a listing: a probe does, and then the
        scan is tried again.
        """
        if doing == "ask" and self._failed_in == "scan" and self.state is Health.TROUBLE:
            return False
        recovered = self.state in (Health.TROUBLE, Health.UNAUTHORIZED)
        if doing in (self._failed_in, "scan"):
            self._streak, self._failed_in = 0, ""
        if self._told is not None and self._failed_in != "scan":
            self._log.info("%s is well again", self._name)
            self._told = None
        self.state, self.detail, self.next_try = Health.OK, "", None
        self._ok.set()
        return recovered

    def failed(self, error: SourceError, doing: str) -> None:
        """No good answer came; the next try is later by the streak of failures."""
        denied = isinstance(error, Unauthorized)
        state = Health.UNAUTHORIZED if denied else Health.TROUBLE
        if self._told is not state:
            self._log.warning("%s: %s", self._name, error)
            self._told = state
        if self.state is not state and (self.state is not Health.OK or denied):
            self._streak = 0
        if doing == "scan" or self._failed_in != "scan":
            self._failed_in = doing
        wait = (
            UNAUTHORIZED[min(self._streak, len(UNAUTHORIZED) - 1)]
            if denied
            else min(LONGEST, 2.0 ** min(self._streak, 9))
        )
        if isinstance(error, RateLimited) and error.retry_after is not None:
            wait = max(wait, min(error.retry_after, 3600.0))
        self._streak += 1
        self.state, self.detail = state, str(error)
        self.next_try = self._clock.monotonic() + wait * (1 + self._chance.uniform(0, JITTER))
        self._ok.clear()
        self._poke.set()

    def try_now(self) -> None:
        """Somebody has a reason to believe that a try is worth it now."""
        self.next_try = None if self.next_try is None else self._clock.monotonic()
        self._poke.set()

    async def until_ok(self) -> None:
        """Wait until the source answers."""
        await self._ok.wait()

    async def until_next_try(self) -> None:
        """Wait until the source is in trouble and its next try is due; at once when it was never asked."""
        while self.state is Health.OK or (
            self.next_try is not None and self.next_try > self._clock.monotonic()
        ):
            self._poke.clear()
            if self.state is Health.OK:
                await self._poke.wait()
                continue
            await wait_for(self._poke, (self.next_try or 0.0) - self._clock.monotonic(), clock=self._clock)
