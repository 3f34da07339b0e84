"""Views of copies: what became of a record everywhere, so that it is plain when it is closed.

A record is closed when every target has let go of its copy: each was deleted, is kept for another
original, or was found there and is left. As long as one is not, it says what that one waits for.
"""

import msgspec

from reconciled.ledger import copies
from reconciled.ledger.connection import Tx


class CopyEnd(msgspec.Struct, frozen=True):
    """One target's copy of a record. `how` says whose it is (`made` or `found`, None: neither yet).

    `action` is the newest act of ours on the copy, with its state and why it stands there.
    """

    target: str
    kind: str | None
    key: str | None
    status: str
    how: str | None
    reason: str
    code: str
    changed: str
    action: int | None = None
    action_verb: str | None = None
    action_state: str | None = None
    action_reason: str | None = None


class RecordEnd(msgspec.Struct, frozen=True):
    """A record and its copies. `gone`: it is gone itself; `closed`: so are all its copies, or they are let go of.

    `left` names the targets that keep it from being closed.
    """

    item: int
    source: str
    kind: str
    key: str
    title: str
    gone: bool
    closed: bool
    left: list[str]
    copies: list[CopyEnd]


def record_of(tx: Tx, item_id: int) -> RecordEnd | None:
    """What every target holds of a record, by target; None when it was never to be copied anywhere."""
    rows = copies.of_original(tx, item_id)
    if not rows:
        return None
    first = next(iter(rows.values()))
    found = tx.execute("SELECT kind, key, title, presence FROM item WHERE id = ?", (item_id,)).fetchone()
    kind, key, title, presence = found or (first.kind, first.key, first.title, "gone")
    ends = [_end(tx, row) for _, row in sorted(rows.items())]
    left = [end.target for end in ends if end.status != copies.CopyStatus.REMOVED]
    return RecordEnd(item_id, first.source, kind, key, title, presence == "gone", not left, left, ends)


def _end(tx: Tx, row: copies.CopyRow) -> CopyEnd:
    (changed,) = tx.execute("SELECT changed_at FROM copy WHERE id = ?", (row.id,)).fetchone()
    act = (None, None, None, None)
    if row.target_item is not None:
        act = (
            tx.execute(
                "SELECT id, verb, state, reason FROM action WHERE item_id = ? ORDER BY id DESC LIMIT 1",
                (row.target_item,),
            ).fetchone()
            or act
        )
    how = str(row.how) if row.how is not None else None
    return CopyEnd(
        row.target, row.target_kind, row.target_key, str(row.status), how, row.reason, row.code, changed, *act
    )
