"""Letters: what other programs are to be told of their records, kept until it is told or given up.

A letter is queued in the transaction of its cause. Of one record at most one waits: it says how
the record fares, and the newest word counts. Of those that ended only the last is kept.
"""

from reconciled.ledger.connection import Tx
from reconciled.model import Letter

AT_ONCE = 1000
"""The most letters that are read at once: a whole library may be told of in one night."""


def queue(tx: Tx, record_id: int, *, name: str, body: bytes, at: str, now: float) -> int:
    """Have a letter sent; one about the same record that still waits is dropped. Returns its id."""
    drop(tx, record_id, at=at)
    (letter,) = tx.execute(
        "INSERT INTO letter (record_id, name, body, created_at, created, due, changed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (record_id, name, body, at, now, now, at),
    ).fetchone()
    return int(letter)


def drop(tx: Tx, record_id: int, *, at: str) -> None:
    """What waits to be told of a record is told no more."""
    tx.execute(
        "UPDATE letter SET state = 'dropped', changed_at = ? WHERE record_id = ? AND state = 'waiting'",
        (at, record_id),
    )


def waiting(tx: Tx, source_id: int) -> list[Letter]:
    """The letters about a source's records that wait, oldest first: of very many those that are due next."""
    found = tx.execute(
        "SELECT letter.id, record.key, name, body, created, due, tries, error FROM letter "
        "JOIN record ON record.id = record_id WHERE state = 'waiting' AND source_id = ? ORDER BY due, letter.id LIMIT ?",
        (source_id, AT_ONCE),
    )
    return [Letter(*row) for row in sorted(found)]


def waits(tx: Tx, letter: int) -> bool:
    """Whether it waits still."""
    found = tx.execute("SELECT EXISTS (SELECT 1 FROM letter WHERE id = ? AND state = 'waiting')", (letter,))
    return bool(found.fetchone()[0])


def tried(tx: Tx, letter: int, *, error: str, due: float, at: str) -> None:
    """A try failed; the next is due then (reckoned)."""
    tx.execute(
        "UPDATE letter SET tries = tries + 1, error = ?, due = ?, changed_at = ? WHERE id = ? AND state = 'waiting'",
        (error, due, at, letter),
    )


def settle(tx: Tx, letter: int, *, error: str | None, at: str) -> None:
    """It was delivered, or given up for a reason; what was settled about the same record before is let go."""
    state = "delivered" if error is None else "failed"
    tx.execute(
        "UPDATE letter SET state = ?, tries = tries + 1, error = ?, changed_at = ? WHERE id = ?",
        (state, error, at, letter),
    )
    tx.execute(
        "DELETE FROM letter WHERE id < ?1 AND state <> 'waiting' AND record_id = (SELECT record_id FROM letter WHERE id = ?1)",
        (letter,),
    )
