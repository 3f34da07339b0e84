"""The verify: every suspect whose settle is over is due now, and asked once.

It ends every scan, runs when a source recovers, and by hand. Suspects that wait in a hold for
want of any yes go back to the queue when a control is shown again; all other holds stay.
"""

from reconciled.engine.live import LiveSource
from reconciled.engine.proof import has_a_yes
from reconciled.engine.suspicion import Desk
from reconciled.engine.worker import Worker
from reconciled.ledger import suspects, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.suspects import Hold


async def verify(
    live: LiveSource, ledger: Ledger, worker: Worker, *, after_trouble: bool = False
) -> dict[str, int]:
    """Ask once about everything that may be asked. Returns how many looks ended in which way.

    `after_trouble` leaves alone what failed by itself more than once: it may be the trouble.
    """
    known_world = live.not_judged() is None
    for hold in await ledger.read(suspects.open_holds, live.id, reason="no_yes") if known_world else []:
        since = await ledger.read(suspects.oldest_in, hold.id)
        if await has_a_yes(live, ledger, hold.group.kind, before=since):
            await ledger.write(_back_to_the_queue, live, hold)
    await ledger.write(work.hurry, live.id, now=live.clock.reckoned(), tries=1 if after_trouble else None)
    ends = await worker.work_once()
    return {end: ends.count(end) for end in sorted(set(ends))}


def _back_to_the_queue(tx: Tx, live: LiveSource, hold: Hold) -> None:
    desk = Desk.at(tx, live)
    suspects.leave(tx, hold, shown=None, let_go_since=None, how="a yes came", at=desk.stamp, now=desk.now)
