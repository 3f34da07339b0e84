"""Minding the ledger's file while the daemon runs: a full disk is waited out, damage is an end.

Whoever meets the trouble first notes it in the ledger; here it is said once, with the remedy, and it is
tried until a write succeeds. Then what could not be kept meanwhile is made up for, without a restart.

On a disk that is nearly full a small write succeeds and a scan's do not: trouble that is back soon is said
and tried ever more rarely, else every source would be read anew every few seconds.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable

from reconciled.engine.engine import Engine
from reconciled.ledger import items
from reconciled.ledger.migrate import BadLedger
from reconciled.runtime.supervisor import DISK, LONGEST


async def mind_ledger(engine: Engine, *, log: logging.Logger, wake: Callable[[], None]) -> None:
    """Run for ever; `wake` is called when all is well again. BadLedger for a damaged one: it proves
    nothing, so the daemon has to end.
    """
    ledger, clock, wait, well_since = engine.ledger, engine.clock, DISK, float("-inf")
    while True:
        await ledger.ailing.wait()
        wait = min(LONGEST, wait * 2) if clock.monotonic() - well_since < LONGEST else DISK
        if not ledger.damaged:
            log.error("%s; until then no event is accepted and nothing is done", ledger.latest_trouble)
        while not ledger.damaged:
            await clock.sleep(wait)
            with contextlib.suppress(sqlite3.Error):
                await ledger.write(items.next_seq)
                await engine.disk_is_back()
                break
        if ledger.damaged:
            raise BadLedger(ledger.trouble or "")
        well_since = clock.monotonic()
        log.info("the ledger can be written again; everything goes on")
        wake()
