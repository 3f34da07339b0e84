"""The last answer of a source about each item that it was asked for by itself: for people who ask why.

A note and no more: nothing is decided by it. What follows from an answer stands in presences,
tombstones and agreements; this says what was heard last, and when.
"""

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.model import Verdict


class LastAnswer(msgspec.Struct, frozen=True):
    """What was heard last of one item: the verdict, its reason in words, and when."""

    verdict: str
    said: str
    at: str


def note(tx: Tx, item_id: int, verdict: Verdict, said: str, *, seq: int, at: str) -> None:
    """Keep an answer; an older one makes way."""
    tx.execute(
        "INSERT OR REPLACE INTO answer (item_id, verdict, said, seq, at) VALUES (?, ?, ?, ?, ?)",
        (item_id, verdict, said, seq, at),
    )


def of(tx: Tx, item_id: int) -> LastAnswer | None:
    """The last answer about an item; None when it was never asked for by itself."""
    found = tx.execute("SELECT verdict, said, at FROM answer WHERE item_id = ?", (item_id,)).fetchone()
    return LastAnswer(*found) if found else None
