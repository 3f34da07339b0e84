"""Loops that must go on: a crash of one is logged and the loop begins anew, later each time.

A disk that is full is no crash: the ledger's own loop says so once, and everybody else waits a little.
Nor is the trouble of an app or a store: it is said once, in its own words, however often the loop begins.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from reconciled.clock import Clock
from reconciled.engine.ending import is_cancelled
from reconciled.errors import SourceError
from reconciled.ledger.condition import is_outside

LONGEST = 300.0
DISK = 5.0
"""Seconds after which a loop that could not write to the ledger begins anew."""


async def keep_going(
    name: str, loop: Callable[[], Awaitable[None]], *, clock: Clock, log: logging.Logger
) -> None:
    """Run a loop for ever. What it raises is its own failure: begun again after 1, 2, 4 … 300 s.

    Being cancelled ends it, and so does everything that is no Exception. A cancellation that nobody
    asked for comes from a plugin's own task, and is a crash like any other.
    """
    wait, said = 1.0, ""
    while True:
        began = clock.monotonic()
        try:
            await loop()
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and is_cancelled():
                raise
            if is_outside(error):
                log.debug("%s waits for the ledger: %s", name, error)
                await clock.sleep(DISK)
                continue
            if clock.monotonic() - began > LONGEST:
                wait, said = 1.0, ""
            if not isinstance(error, SourceError):
                log.exception("%s crashed; it begins anew in %.0f s", name, wait)
            elif str(error) != said:
                said = str(error)
                log.warning("%s waits: %s", name, error)
        else:
            log.error("%s ended, which it should not; it begins anew in %.0f s", name, wait)
        await clock.sleep(wait)
        wait = min(LONGEST, wait * 2)
