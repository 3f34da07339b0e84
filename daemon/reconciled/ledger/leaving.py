"""What leaves an archive outside the outbox: which items nothing refers to, and what is being taken out."""

from collections.abc import Collection

from reconciled.ledger.connection import Tx
from reconciled.model import Key


def unreferenced(
    tx: Tx, source_id: int, target: str, *, after: int, limit: int
) -> list[tuple[int, str, str]]:
    """Present items of a target that nothing refers to: row, kind and key, beyond a row's id, in order."""
    found = tx.execute(
        "SELECT id, kind, key FROM item WHERE source_id = ? AND current = 1 AND presence = 'present' AND item.id > ? "
        "AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.target = ? AND copy.target_kind = item.kind AND "
        "copy.target_key = item.key AND copy.status <> 'removed') ORDER BY id LIMIT ?",
        (source_id, after, target, limit),
    )
    return [(int(row), str(kind), str(key)) for row, kind, key in found]


def stores(tx: Tx, source_id: int, key: str) -> None:
    """An upload of ours is about to put these bytes into an archive."""
    tx.execute("INSERT OR IGNORE INTO stored (source_id, key) VALUES (?, ?)", (source_id, key))


def stored(tx: Tx, source_id: int, key: str) -> bool:
    """Whether an upload of ours put these bytes there, by this ledger."""
    return bool(
        tx.execute("SELECT 1 FROM stored WHERE source_id = ? AND key = ?", (source_id, key)).fetchone()
    )


def leave(tx: Tx, target: str, key: Key, *, since: float) -> bool:
    """From now on no new copy is tied to the item. False when something refers to it, or is about to."""
    (used,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE target = ?1 AND status <> 'removed' AND "
        "((target_kind = ?2 AND target_key = ?3) OR (sha256 = ?3 AND sent IS NOT NULL)))",
        (target, key.kind, key.id),
    ).fetchone()
    if not used:
        tx.execute(
            "INSERT OR REPLACE INTO leaving (target, kind, key, since) VALUES (?, ?, ?, ?)",
            (target, key.kind, key.id, since),
        )
    return not used


def leaves(tx: Tx, target: str, key: str) -> bool:
    """Whether an item of that id is being taken out of a target."""
    return bool(tx.execute("SELECT 1 FROM leaving WHERE target = ? AND key = ?", (target, key)).fetchone())


def left(tx: Tx, target: str, key: Key) -> None:
    """It is out, or it stays after all."""
    tx.execute("DELETE FROM leaving WHERE target = ? AND kind = ? AND key = ?", (target, key.kind, key.id))


def leaving(tx: Tx, *, before: float) -> list[tuple[str, Key]]:
    """What was being taken out when the daemon stopped, and must be over by now."""
    found: Collection[tuple[str, str, str]] = tx.execute(
        "SELECT target, kind, key FROM leaving WHERE since < ?", (before,)
    ).fetchall()
    return [(target, Key(kind, key)) for target, kind, key in found]
