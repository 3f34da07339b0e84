"""What was done already: the outbox's rows asked about the past, put right, and at last forgotten.

What was decided once about a loss is not planned again, too many deletions in a day are counted
together, and a deletion of our own is known as ours: a row counts for these until retention takes it,
and that takes none that could still be asked for. An app that shows what it said it deleted makes a
deletion of ours a failed one, so the ledger never claims what is not so.
"""

from reconciled.ledger import keepers
from reconciled.ledger.actions import UNKNOWN, UNWANTED, ActionRow, NewAction, rows_where
from reconciled.ledger.connection import Tx


def decided_since(tx: Tx, new: NewAction, *, seq: int) -> bool:
    """Whether the same act came to an end since then, other than by nobody wanting it any more.

    One that was planned for an earlier loss may have been sent, or pointed at this finding, since.
    """
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM action WHERE state NOT IN ('planned', 'waiting', 'sending') AND policy IS ? AND verb = ? "
        "AND target = ? AND item_id IS ? AND (item_id IS NOT NULL OR story_id IS ?) AND label = ? "
        "AND (max(created_seq, ifnull(sent_seq, 0)) >= ? OR finding_id = ?) AND NOT (state = 'dropped' AND code = ?))",
        (
            new.policy, new.verb, new.target, new.item_id, new.story_id, new.label, seq, new.finding_id, UNWANTED,
        ),
    ).fetchone()  # fmt: skip
    return bool(found)


def acted_in_story(tx: Tx, policy: str, story: int, finding: int) -> bool:
    """Whether the policy wanted something in this story already, after another finding of it."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM action WHERE policy = ? AND story_id = ? AND finding_id IS NOT ? AND verb <> 'notify')",
        (policy, story, finding),
    ).fetchone()
    return bool(found)


def done_since(tx: Tx, policy: str, *, since: float) -> int:
    """How many destructive actions of a policy were done since then (reckoned), or are being sent."""
    (n,) = tx.execute(
        "SELECT count(*) FROM action WHERE policy = ? AND verb IN ('delete', 'unmonitor', 'untag') "
        "AND (state = 'sending' OR (state IN ('done', 'undone') AND sent >= ?))",
        (policy, since),
    ).fetchone()
    return int(n)


def coming_due(tx: Tx, policy: str, *, until: float) -> int:
    """How many destructive actions of a policy are ready, wait in a decision, or have their grace end by then."""
    (n,) = tx.execute(
        "SELECT count(*) FROM action WHERE policy = ? AND verb IN ('delete', 'unmonitor', 'untag') AND approved_for IS NULL "
        "AND (state = 'waiting' OR (state = 'planned' AND (code = 'ready' OR (code = 'grace' AND due <= ?))))",
        (policy, until),
    ).fetchone()
    return int(n)


def ours(tx: Tx, item_id: int, *, since: int) -> ActionRow | None:
    """The action of ours that deleted this item, sent after that moment; None when it was none of ours.

    One of which nobody knows whether it did counts: what is lost now was most likely its doing.
    """
    found = rows_where(
        tx,
        "WHERE item_id = ? AND verb = 'delete' AND sent_seq >= ? AND (state IN ('sending', 'done', 'undone') "
        "OR (state = 'failed' AND code = ?)) ORDER BY sent_seq DESC LIMIT 1",
        item_id,
        since,
        UNKNOWN,
    )
    return found[0] if found else None


def last_deletion(tx: Tx, item_id: int) -> int | None:
    """The action of ours that deleted this item last, whose image says how it was."""
    found = tx.execute(
        "SELECT id FROM action WHERE item_id = ? AND verb = 'delete' AND state IN ('done', 'undone') AND before IS NOT NULL "
        "ORDER BY sent_seq DESC, id DESC LIMIT 1",
        (item_id,),
    ).fetchone()
    return None if found is None else int(found[0])


def told_by_hand(tx: Tx, item_id: int, *, since: int) -> set[str]:
    """The apps that a person told by hand when ordering what ended this item, in this life of it."""
    found = tx.execute(
        "SELECT DISTINCT b.target FROM action AS a JOIN action AS b ON b.order_id = a.order_id "
        "WHERE a.item_id = ? AND a.order_id IS NOT NULL AND a.verb = 'delete' AND a.sent_seq >= ? "
        "AND a.state IN ('sending', 'done', 'undone')",
        (item_id, since),
    )
    return {target for (target,) in found}


def had_no_effect(tx: Tx, item_id: int, *, at: str) -> None:
    """The app said that it deleted the item, and shows it still: that was no deletion of ours."""
    failed = tx.execute(
        "UPDATE action SET state = 'failed', reason = 'the app said that it is done, and still shows it', changed_at = ? "
        "WHERE item_id = ? AND verb = 'delete' AND state = 'done' AND sent_seq > "
        "(SELECT ifnull(max(seq), 0) FROM tombstone WHERE item_id = action.item_id) RETURNING keeper",
        (at, item_id),
    ).fetchall()
    for keeper in [keeper for (keeper,) in failed if keeper is not None]:
        keepers.reopen(
            tx, item_id, keeper, why="its app says that it deleted one of them, and shows it still"
        )


def undone(tx: Tx, action: int, *, by: str, at: str) -> None:
    """A done action was undone by another one."""
    tx.execute(
        "UPDATE action SET state = 'undone', reason = 'undone by ' || ?, changed_at = ? WHERE id = ? AND state = 'done'",
        (by, at, action),
    )


def forget_before(tx: Tx, at: str) -> int:
    """Retention: ended actions and answered decisions whose last change is older leave, but not while
    what was decided could be asked again: their item, what was lost or what stays for it is still kept."""
    gone = tx.execute(
        "DELETE FROM action WHERE state NOT IN ('planned', 'waiting', 'sending') AND changed_at < ? "
        "AND NOT EXISTS (SELECT 1 FROM item WHERE id IN (action.item_id, keeper)) AND NOT EXISTS "
        "(SELECT 1 FROM finding WHERE id = finding_id AND item_id IS NOT NULL "
        "AND (resolved_at IS NULL OR code = 'replaced'))",  # policies follow from a replacement for ever
        (at,),
    ).rowcount
    tx.execute(
        "DELETE FROM decision WHERE closed_at < ? AND NOT EXISTS (SELECT 1 FROM action WHERE decision_id = decision.id)",
        (at,),
    )
    return gone
