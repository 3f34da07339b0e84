"""Deletions that keep another: which item stays for which, what stands against it, and what was answered by it.

A duplicate is deleted because its keeper stays. So an item that was kept is never deleted as a duplicate
itself, and one that is deleted is never a keeper: whatever the order in which people ask for it, the first
copy that was kept is there in the end.
"""

from collections.abc import Collection

from reconciled.ledger import groups, judgements
from reconciled.ledger.actions import ActionRow, rows_where
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import GroupState
from reconciled.ledger.judgements import Answer


def kept_for(tx: Tx, item_id: int, *, besides: int | None = None) -> ActionRow | None:
    """The deletion for which an item stays: live, or done and of which nothing is back; None: there is none.

    One of which nobody knows whether it was done counts as done as long as the ledger does not show its item.
    """
    found = rows_where(
        tx,
        "WHERE keeper = ? AND verb = 'delete' AND id IS NOT ? AND (state IN ('planned', 'waiting', 'sending') "
        "OR (state IN ('done', 'failed') AND sent IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM item WHERE item.id = action.item_id AND presence = 'present'))) ORDER BY id LIMIT 1",
        item_id,
        besides,
    )
    return found[0] if found else None


def sending(tx: Tx) -> list[ActionRow]:
    """The deletions with a keeper that are on their way to an app."""
    return rows_where(
        tx,
        "INDEXED BY action_open WHERE state IN ('planned', 'waiting', 'sending') AND state = 'sending' "
        "AND keeper IS NOT NULL ORDER BY id",
    )


def deleting(tx: Tx, item_ids: Collection[int], *, besides: int | None = None) -> ActionRow | None:
    """A live deletion of one of these items, or None."""
    marks = ", ".join("?" * len(item_ids))
    found = rows_where(
        tx,
        f"WHERE item_id IN ({marks}) AND verb = 'delete' AND state IN ('planned', 'waiting', 'sending') "
        "AND id IS NOT ? ORDER BY id LIMIT 1",
        *item_ids,
        besides,
    )
    return found[0] if found else None


def deleting_files(tx: Tx, path: str, *, besides: int | None = None) -> ActionRow | None:
    """A live deletion that takes the file at a path, or the folder in which it lies, along; or None."""
    found = tx.execute(
        "SELECT action.id FROM action CROSS JOIN item ON item.id = action.item_id WHERE verb = 'delete' AND files = 1 "
        "AND state IN ('planned', 'waiting', 'sending') AND action.id IS NOT ?1 AND path IS NOT NULL "
        "AND (path = ?2 OR substr(?2, 1, length(path) + 1) = path || '/') ORDER BY action.id LIMIT 1",
        (besides, path),
    ).fetchone()
    return rows_where(tx, "WHERE id = ?", found[0])[0] if found else None


def left_by(
    tx: Tx, victim: int, keeper: int, *, group: int | None, said: str | None, answered: str | None
) -> str | None:
    """Who answered since that nothing is to be done about the pair, or its group; None: nobody.

    `said` and `answered` are when the pair and the group were answered last before. An answer to a group is
    one about each pair with its primary, so of those it is asked only where another is kept.
    """
    pair = judgements.get(tx, victim, keeper)
    if pair is not None and pair.at != said:
        return pair.by
    row = groups.get(tx, group) if group is not None else None
    if row is None or row.primary == keeper or row.state is GroupState.OPEN:
        return None
    return row.answered_by if row.answered_at != answered else None


def chosen_by(tx: Tx, victim: int, *, group: int | None, stood: int | None) -> str | None:
    """Who chose since that this one stands for its group, for which `stood` stood then; None: nobody."""
    row = groups.get(tx, group) if group is not None else None
    return row.primary_by if row is not None and row.primary == victim != stood else None


def resolve(tx: Tx, victim: int, keeper: int, *, by: str, at: str) -> None:
    """One was deleted for the other: the pair is answered. That they are different stays said."""
    said = judgements.get(tx, victim, keeper)
    if said is None or said.answer is not Answer.DIFFERENT:
        judgements.say(tx, [(victim, keeper)], Answer.RESOLVED, by=by, at=at)
        groups.touch(tx, victim, keeper)


def reopen(tx: Tx, victim: int, keeper: int, *, why: str) -> None:
    """The deletion was undone, or had no effect: the pair is a question again."""
    judgements.take_back(tx, [(victim, keeper)], Answer.RESOLVED)
    groups.ask_again(tx, victim, keeper, why)
