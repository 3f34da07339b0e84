"""A person says that held suspects are to be believed after all.

A release covers exactly what was shown, for the reason that was shown. Its items are looked up afresh
and not held again; they still need the app's own no between two yeses, except where the hold stood for
want of any yes.
"""

from reconciled.engine.holds import NO_YES, Reason
from reconciled.engine.live import LiveSource
from reconciled.engine.suspicion import Desk
from reconciled.errors import ReconciledError
from reconciled.ledger import sources, suspects
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.suspects import Hold


class NoSuchHold(ReconciledError):
    """There is no open hold with that id."""


async def release(live: LiveSource, ledger: Ledger, hold_id: int, *, shown: int | None) -> int:
    """Let out what had joined the hold by the sequence number `shown` (None: all). Returns how many.

    NoSuchHold when it is not open, or not of this source.
    """

    def write(tx: Tx) -> int:
        desk = Desk.at(tx, live)
        hold = suspects.hold_by_id(tx, hold_id)
        if hold is None or hold.group.source_id != live.id:
            raise NoSuchHold(f"there is no open hold {hold_id} at {live.name}")
        a_day_ago = desk.now - NO_YES
        count = suspects.leave(
            tx, hold, shown=shown, let_go_since=a_day_ago, how="released", at=desk.stamp, now=desk.now
        )
        if count:  # else nothing of what was shown waits here any more
            _believe(tx, live, hold)
            sources.set_state(tx, live.id, mark=None)  # the next scan reads everything
        return count

    count = await ledger.write_durably(write)
    live.due.set()
    return count


def _believe(tx: Tx, live: LiveSource, hold: Hold) -> None:
    """What the person believes with it: the installation, the account's rights, or the root as it is now."""
    if hold.reason == Reason.INSTANCE and live.about is not None:
        sources.became_another(tx, live.id)
        sources.take_identity(tx, live.id, live.about, account=False)
        live.stranger = live.awaited = None
    elif hold.reason == Reason.ACCOUNT and live.about is not None:
        sources.take_rights(tx, live.id, live.about)
    elif hold.reason == Reason.ROOT:
        root = sources.roots(tx, live.id).get(hold.group.root)
        if root is not None and root.usable:  # a disk that is away is not the new one
            sources.believe_root(tx, live.id, root.path)
