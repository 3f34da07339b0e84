"""Minding the ledger's file while the daemon runs: a full disk is waited out, damage is an end.

Whoever meets the trouble first notes it in the ledger; here it is said once, with the remedy, and it is
tried until a write succeeds. Then what could not be kept meanwhile is made up for, without a restart.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable

from reconciled.engine.engine import Engine
from reconciled.ledger import items
from reconciled.ledger.migrate import BadLedger
from reconciled.runtime.supervisor import DISK


async def mind_ledger(engine: Engine, *, log: logging.Logger, wake: Callable[[], None]) -> None:
    """Run for ever; `wake` is called when all is well again. BadLedger for a damaged one: it proves
    nothing, so the daemon has to end.
    """
    ledger = engine.ledger
    while True:
        await ledger.ailing.wait()
        if not ledger.damaged:
            log.error("%s; until then no event is accepted and nothing is done", ledger.trouble)
        while not ledger.damaged:
            await engine.clock.sleep(DISK)
            with contextlib.suppress(sqlite3.Error):
                await ledger.write(items.next_seq)
                await engine.disk_is_back()
                break
        if ledger.damaged:
            raise BadLedger(ledger.trouble or "")
        log.info("the ledger can be written again; everything goes on")
        wake()
