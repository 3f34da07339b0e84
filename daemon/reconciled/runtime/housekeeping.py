"""What is kept how long: once a day old runs, handled events and long-gone items leave."""

from datetime import timedelta

from reconciled.clock import Clock
from reconciled.config import KeepSettings
from reconciled.ledger import acted, items, messages, recall, runs, shadow
from reconciled.ledger.connection import Ledger
from reconciled.ledger.rows import stamp

GONE_ITEMS = timedelta(days=90)
"""Gone items leave the ledger after this time; their tombstones stay for ever."""
MESSAGES = timedelta(days=30)
CHUNK = 500
A_DAY = 86400.0


async def tidy(ledger: Ledger, keep: KeepSettings, *, clock: Clock) -> None:
    """Let go of what is older than it is to be kept."""
    now = clock.now()
    old_runs, old_events = (
        stamp(now - timedelta(seconds=keep.runs)),
        stamp(now - timedelta(seconds=keep.events)),
    )
    await ledger.write(acted.forget_before, stamp(now - timedelta(seconds=keep.actions)))
    await ledger.write(shadow.forget_before, stamp(now - timedelta(seconds=keep.actions)))
    await ledger.write(lambda tx: runs.forget_before(tx, runs=old_runs, events=old_events))
    await ledger.write(messages.forget_before, stamp(now - MESSAGES))
    await ledger.write(recall.forget_before, stamp(now - GONE_ITEMS))
    before = stamp(now - GONE_ITEMS)
    while await ledger.write(lambda tx: items.forget_gone(tx, before=before, limit=CHUNK)):
        pass
