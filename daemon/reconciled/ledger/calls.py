"""The outbox's rows whose call is under way: it is about to be made, is asked after, or is to be made again."""

from reconciled.ledger.actions import ActionRow, rows_where
from reconciled.ledger.connection import Tx


def to_recover(tx: Tx, *, now: float) -> list[ActionRow]:
    """Actions of which it is not known whether they reached their app, and whose call is over."""
    return rows_where(tx, "WHERE state = 'sending' AND next_try <= ? ORDER BY id", now)


def send(tx: Tx, action: int, *, now: float, seq: int, at: str, over: float, before: str | None) -> None:
    """The call is about to be made; it is over at `over`, whether an answer came or not."""
    tx.execute(
        "UPDATE action SET state = 'sending', sent = ?, sent_seq = ?, sent_at = ?, changed_at = ?, next_try = ?, reason = 'sent', "
        "code = '', expires = NULL, before = ifnull(before, ?) WHERE id = ? AND state = 'planned'",
        (now, seq, at, at, over, before, action),
    )


def ask_later(tx: Tx, action: int, *, until: float, reason: str, at: str) -> None:
    """It is not known whether the call had its effect: the app is asked at that time."""
    tx.execute(
        "UPDATE action SET next_try = ?, reason = ?, changed_at = ? WHERE id = ? AND state = 'sending'",
        (until, reason, at, action),
    )


def ask_until(tx: Tx, action: int, until: float) -> float:
    """Until when the app is asked what became of the call: as was said the first time, or `until`, what is earlier.

    It stands in `expires`, which says of a planned row when it ends and of one that is sent nothing else.
    """
    (said,) = tx.execute(
        "UPDATE action SET expires = min(ifnull(expires, ?1), ?1) WHERE id = ?2 RETURNING expires",
        (until, action),
    ).fetchone()
    return float(said)


def plan_again(tx: Tx, action: int, *, until: float, reason: str, at: str, counts: bool = True) -> None:
    """The call had no effect: everything is asked again, from that time on."""
    tx.execute(
        "UPDATE action SET state = 'planned', next_try = ?, reason = ?, code = 'again', changed_at = ?, tries = tries + ?, "
        "expires = NULL WHERE id = ? AND state = 'sending'",
        (until, reason, at, int(counts), action),
    )
