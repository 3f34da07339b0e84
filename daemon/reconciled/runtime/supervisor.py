"""Loops that must go on: a crash of one is logged and the loop begins anew, later each time."""

import logging
from collections.abc import Awaitable, Callable

from reconciled.clock import Clock

LONGEST = 300.0


async def keep_going(
    name: str, loop: Callable[[], Awaitable[None]], *, clock: Clock, log: logging.Logger
) -> None:
    """Run a loop for ever. What it raises is its own failure: begun again after 1, 2, 4 … 300 s.

    Cancellation ends it, and so does everything that is no Exception.
    """
    wait = 1.0
    while True:
        began = clock.monotonic()
        try:
            await loop()
        except Exception:
            wait = 1.0 if clock.monotonic() - began > LONGEST else wait
            log.exception("%s crashed; it begins anew in %.0f s", name, wait)
        else:
            log.error("%s ended, which it should not; it begins anew in %.0f s", name, wait)
        await clock.sleep(wait)
        wait = min(LONGEST, wait * 2)
