"""Decisions: actions that wait for one answer, and what policies were trusted with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reconciled.ledger.connection import Tx


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Actions of one policy that wait for one answer."""

    id: int
    policy: str
    why: str
    sentence: str
    opened_at: str


def open_of(tx: Tx, policy: str) -> DecisionRow | None:
    """The policy's open decision, or None: there is never more than one."""
    found = tx.execute(
        "SELECT id, policy, why, sentence, opened_at FROM decision WHERE policy = ? AND closed_at IS NULL",
        (policy,),
    ).fetchone()
    return DecisionRow(*found) if found else None


def by_id(tx: Tx, decision: int) -> DecisionRow | None:
    """A decision that is still open."""
    found = tx.execute(
        "SELECT id, policy, why, sentence, opened_at FROM decision WHERE id = ? AND closed_at IS NULL",
        (decision,),
    ).fetchone()
    return DecisionRow(*found) if found else None


def ask(tx: Tx, policy: str, why: str, sentence: str, *, seq: int, at: str) -> int:
    """Open a decision. Returns its id."""
    (decision,) = tx.execute(
        "INSERT INTO decision (policy, why, sentence, opened_seq, opened_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (policy, why, sentence, seq, at),
    ).fetchone()
    return int(decision)


def restate(tx: Tx, decision: int, sentence: str) -> None:
    """Say anew what is asked, when more joined."""
    tx.execute("UPDATE decision SET sentence = ? WHERE id = ?", (sentence, decision))


def join(tx: Tx, decision: int, actions: Collection[int], *, seq: int, at: str, reason: str) -> None:
    """These planned actions wait for the decision from now on."""
    tx.executemany(
        "UPDATE action SET state = 'waiting', decision_id = ?, joined_seq = ?, reason = ?, code = '', changed_at = ?, next_try = NULL "
        "WHERE id = ? AND state = 'planned'",
        [(decision, seq, reason, at, action) for action in actions],
    )


def waiting_in(tx: Tx, decision: int) -> list[int]:
    """The actions that wait for it."""
    found = tx.execute(
        "SELECT id FROM action WHERE decision_id = ? AND state = 'waiting' ORDER BY id", (decision,)
    )
    return [action for (action,) in found]


def ever(tx: Tx, decision: int) -> bool:
    """Whether there is such a decision, open or over."""
    (found,) = tx.execute("SELECT EXISTS (SELECT 1 FROM decision WHERE id = ?)", (decision,)).fetchone()
    return bool(found)


def done_in(tx: Tx, decision: int) -> list[int]:
    """What was done of it in an app and not undone since, the last first."""
    found = tx.execute(
        "SELECT id FROM action WHERE decision_id = ? AND state = 'done' AND verb <> 'notify' ORDER BY sent_seq DESC, id DESC",
        (decision,),
    )
    return [action for (action,) in found]


def any_rejected(tx: Tx, decision: int) -> bool:
    """Whether anything of the decision was rejected."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM action WHERE decision_id = ? AND state = 'rejected')", (decision,)
    ).fetchone()
    return bool(found)


def counts_in(tx: Tx, decision: int) -> list[tuple[str, str, int]]:
    """What waits for it: verb, target and how many."""
    return tx.execute(
        "SELECT verb, target, count(*) FROM action WHERE decision_id = ? AND state = 'waiting' GROUP BY 1, 2 ORDER BY 1, 2",
        (decision,),
    ).fetchall()


def approve(tx: Tx, actions: Sequence[int], *, by: str, what: str, now: float, at: str) -> None:
    """These waiting actions are approved for what the print says: planned, and due for a look."""
    tx.executemany(
        "UPDATE action SET state = 'planned', approved_by = ?, approved_for = ?, expires = NULL, next_try = ?, changed_at = ?, code = '', "
        "reason = 'approved by ' || ? WHERE id = ? AND state = 'waiting'",
        [(by, what, now, at, by, action) for action in actions],
    )


def reject(tx: Tx, actions: Sequence[int], *, by: str, at: str) -> None:
    """These waiting actions are rejected."""
    tx.executemany(
        "UPDATE action SET state = 'rejected', changed_at = ?, next_try = NULL, reason = 'rejected by ' || ? WHERE id = ? AND state = 'waiting'",
        [(at, by, action) for action in actions],
    )


def let_go(tx: Tx, decision: int, *, now: float, at: str, reason: str) -> None:
    """What waits for it is planned again, unapproved: the question is put no more."""
    tx.execute(
        "UPDATE action SET state = 'planned', decision_id = NULL, next_try = ?, changed_at = ?, reason = ?, code = '' "
        "WHERE decision_id = ? AND state = 'waiting'",
        (now, at, reason, decision),
    )
    close_if_empty(tx, decision, answer="emptied", by=None, at=at)


def close_if_empty(tx: Tx, decision: int, *, answer: str, by: str | None, at: str) -> bool:
    """A decision ends when nothing waits for it. Returns whether it did."""
    return bool(
        tx.execute(
            "UPDATE decision SET closed_at = ?, answer = ?, answered_by = ? WHERE id = ? AND closed_at IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM action WHERE decision_id = decision.id AND state = 'waiting')",
            (at, answer, by, decision),
        ).rowcount
    )


def close_emptied(tx: Tx, *, at: str) -> None:
    """Decisions whose actions were all dropped ask nothing any more."""
    tx.execute(
        "UPDATE decision SET closed_at = ?, answer = 'emptied' WHERE closed_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM action WHERE decision_id = decision.id AND state = 'waiting')",
        (at,),
    )


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What the ledger knows of a policy: since when it says these words, and what it was trusted with."""

    name: str
    since_seq: int
    words: str
    trusted: str | None


def policy(tx: Tx, name: str) -> PolicyRow | None:
    """A policy as it was last seen, or None."""
    found = tx.execute(
        "SELECT name, since_seq, words, trusted FROM policy WHERE name = ?", (name,)
    ).fetchone()
    return PolicyRow(*found) if found else None


def note_policy(tx: Tx, name: str, words: str, *, seq: int) -> None:
    """A policy of the config: new, as before, or with other words, which nobody has approved yet."""
    tx.execute(
        "INSERT INTO policy (name, since_seq, words) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "since_seq = CASE WHEN words = excluded.words THEN since_seq ELSE excluded.since_seq END, "
        "trusted = CASE WHEN words = excluded.words THEN trusted ELSE NULL END, words = excluded.words",
        (name, seq, words),
    )


def forget_policies(tx: Tx, besides: Collection[str]) -> None:
    """Policies that left the config: when they come back they are new."""
    known = [name for (name,) in tx.execute("SELECT name FROM policy").fetchall()]
    tx.executemany("DELETE FROM policy WHERE name = ?", [(name,) for name in known if name not in besides])


def trust(tx: Tx, name: str, print_: str | None) -> None:
    """From now on the policy acts by itself as long as this print holds; None: its next batch is asked."""
    tx.execute("UPDATE policy SET trusted = ? WHERE name = ?", (print_, name))


def distrust_all(tx: Tx) -> None:
    """After a restore: every policy's next actions are a first batch, no old approval holds, no old order is sent.

    What became of an old order that was being sent is found out, and it is not sent again.
    """
    tx.execute("UPDATE policy SET trusted = NULL")
    tx.execute(
        "UPDATE action SET state = 'dropped', code = 'unwanted', next_try = NULL, reason = 'the ledger is a copy; order it again' "
        "WHERE policy IS NULL AND state IN ('planned', 'waiting')"
    )
    tx.execute("UPDATE action SET code = 'copied' WHERE policy IS NULL AND state = 'sending'")
    tx.execute(
        "UPDATE action SET approved_by = NULL, approved_for = NULL WHERE state IN ('planned', 'waiting', 'sending')"
    )


def all_open(tx: Tx) -> list[DecisionRow]:
    """Every decision that waits for an answer."""
    found = tx.execute(
        "SELECT id, policy, why, sentence, opened_at FROM decision WHERE closed_at IS NULL ORDER BY id"
    )
    return [DecisionRow(*row) for row in found]
