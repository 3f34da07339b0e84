"""The inbox: what apps told us, kept before it is acknowledged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook's body as it came, secrets blanked."""

    id: int
    source_id: int
    received_at: str
    headers: Mapping[str, str]
    body: bytes


def receive(tx: Tx, source_id: int, *, seq: int, at: str, headers: Mapping[str, str], body: bytes) -> int:
    """Keep a webhook. Returns its id; it is acknowledged only after the commit."""
    (letter,) = tx.execute(
        "INSERT INTO inbox (source_id, seq, received_at, headers, body) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (source_id, seq, at, dump(dict(headers)), body),
    ).fetchone()
    return int(letter)


def unread(tx: Tx, *, sources: Sequence[int], limit: int) -> list[Letter]:
    """The oldest letters to these sources that were not handled yet."""
    marks = ", ".join("?" * len(sources))
    found = tx.execute(
        f"SELECT id, source_id, received_at, headers, body FROM inbox WHERE state = 'new' AND source_id IN ({marks}) "  # noqa: S608 - only marks
        "ORDER BY id LIMIT ?",
        (*sources, limit),
    )
    return [Letter(row[0], row[1], row[2], msgspec.json.decode(row[3]), row[4]) for row in found.fetchall()]


def handled(tx: Tx, letter: int, *, events: int) -> None:
    """The letter's events are in the work queue."""
    tx.execute("UPDATE inbox SET state = 'done', events = ? WHERE id = ?", (events, letter))


def unparseable(tx: Tx, letter: int, error: str) -> None:
    """The letter says nothing that is understood; it is kept and shown."""
    said = error.encode("utf-8", "backslashreplace").decode()  # half a character of it, quoted by a plugin
    tx.execute("UPDATE inbox SET state = 'unparseable', error = ? WHERE id = ?", (said, letter))
