"""What somebody said of two items: that they are the same thing, or that they are not."""

from reconciled.ledger.connection import Tx


def say(tx: Tx, kind: str, one: int, other: int, *, by: str, at: str) -> None:
    """Two items are the `same`, or stand `apart`; what was said of them before no longer counts."""
    a, b = min(one, other), max(one, other)
    tx.execute(
        "INSERT INTO link (kind, a, b, said_by, said_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (a, b) DO UPDATE SET "
        "kind = excluded.kind, said_by = excluded.said_by, said_at = excluded.said_at",
        (kind, a, b, by, at),
    )


def of(tx: Tx, item_id: int) -> dict[int, str]:
    """What was said of an item: the other item's row id, and `same` or `apart`."""
    found = tx.execute(
        "SELECT CASE WHEN a = ?1 THEN b ELSE a END, kind FROM link WHERE a = ?1 OR b = ?1", (item_id,)
    )
    return dict(found.fetchall())


def hand_on(tx: Tx, item_id: int, heir: int) -> None:
    """What was said of an item holds of another row, too, as which it stands now. The later word counts."""
    said = tx.execute(
        "SELECT CASE WHEN a = ?1 THEN b ELSE a END, kind, said_by, said_at FROM link WHERE a = ?1 OR b = ?1",
        (item_id,),
    )
    for other, kind, by, at in said.fetchall():
        if other != heir:
            tx.execute(
                "INSERT INTO link (kind, a, b, said_by, said_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (a, b) DO UPDATE SET "
                "kind = excluded.kind, said_by = excluded.said_by, said_at = excluded.said_at WHERE said_at < excluded.said_at",
                (kind, min(other, heir), max(other, heir), by, at),
            )
