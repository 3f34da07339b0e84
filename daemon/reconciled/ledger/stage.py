"""The stage: what a scan has read so far, beside the ledger and not yet of it.

It lives in a temporary table of the writer's, so it costs no log, and an interrupted scan leaves
nothing behind. Only what differs from the ledger carries a body; listing a thousand unchanged
items writes none of their rows. Walks go in chunks by key, so that nothing blocks the writer long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import fingerprint, pack, unpack
from reconciled.model import Item, Key


@dataclass(frozen=True, slots=True)
class Staged:
    """An item that a scan read and that is not as the ledger has it. `item_id` is None for a new key."""

    item: Item
    item_id: int | None


def add(tx: Tx, run: int, source_id: int, items: Iterable[Item]) -> int:
    """Put items on the stage; of a key listed twice the first stays. Returns how many were new to it."""
    before = tx.total_changes
    rows = []
    for item in items:
        body = pack(item)
        mark = fingerprint(body)
        rows.append(
            (run, item.key.kind, item.key.id, mark, source_id, item.key.kind, item.key.id, mark, body)
        )
    tx.executemany(
        "INSERT OR IGNORE INTO temp.stage VALUES (?, ?, ?, ?, CASE WHEN (SELECT print FROM item WHERE source_id = ? "
        "AND kind = ? AND key = ? AND current = 1) = ? THEN NULL ELSE ? END)",
        rows,
    )
    return tx.total_changes - before


def differing(tx: Tx, run: int, source_id: int, *, after: Key | None, limit: int) -> list[Staged]:
    """The next staged items that are new or changed, by key. Empty at the end."""
    found = tx.execute(
        "SELECT body, (SELECT id FROM item WHERE source_id = ? AND kind = s.kind AND key = s.key AND current = 1) "
        "FROM temp.stage AS s WHERE run = ? AND (kind, key) > (?, ?) AND body IS NOT NULL ORDER BY kind, key LIMIT ?",
        (source_id, run, after.kind if after else "", after.id if after else "", limit),
    )
    return [Staged(unpack(body), item_id) for body, item_id in found.fetchall()]


def unlisted(
    tx: Tx, run: int, source_id: int, kind: str, *, began: int, after: str, limit: int
) -> tuple[list[int], str | None]:
    """The next known items of a kind that the stage does not hold: (row ids, where to go on or None).

    Left out are gone and frozen ones, and those seen since the scan began. Suspects of old are named again.
    """
    known = tx.execute(
        "SELECT id, key, presence, confirmed FROM item WHERE source_id = ? AND kind = ? AND current = 1 AND key > ? "
        "ORDER BY key LIMIT ?",
        (source_id, kind, after, limit),
    ).fetchall()
    missing = [
        item_id
        for item_id, key, presence, confirmed in known
        if presence not in ("gone", "frozen")
        and confirmed < began
        and not tx.execute(
            "SELECT 1 FROM temp.stage WHERE run = ? AND kind = ? AND key = ?", (run, kind, key)
        ).fetchone()
    ]
    return missing, known[-1][1] if len(known) == limit else None


def returned(tx: Tx, run: int, source_id: int) -> list[int]:
    """Rows that are not simply present, or suspects, and are listed just as the ledger holds them."""
    found = tx.execute(
        "SELECT item.id FROM item CROSS JOIN temp.stage AS s WHERE item.presence <> 'present' AND item.source_id = ?1 "
        "AND item.current = 1 AND s.run = ?2 AND s.kind = item.kind AND s.key = item.key AND s.body IS NULL "
        "UNION SELECT item.id FROM suspect CROSS JOIN item ON item.id = suspect.item_id CROSS JOIN temp.stage AS s "
        "WHERE item.source_id = ?1 AND item.current = 1 AND s.run = ?2 AND s.kind = item.kind AND s.key = item.key "
        "AND s.body IS NULL",
        (source_id, run),
    )
    return [item_id for (item_id,) in found.fetchall()]


def holds_refs(tx: Tx, run: int, items: Sequence[int]) -> set[int]:
    """Of the (suspect) rows given, those whose strong refs a listed row claims that was first seen since.

    Another copy, known before, neither replaces the lost one nor saves it.
    """
    shown = set()
    for item_id in items:
        hit = tx.execute(
            "SELECT 1 FROM ref AS mine JOIN ref AS other ON other.space = mine.space AND other.value = mine.value "
            "AND other.item_id <> mine.item_id JOIN item ON item.id = other.item_id AND item.current = 1 "
            "JOIN temp.stage AS s ON s.run = ? AND s.kind = item.kind AND s.key = item.key "
            "JOIN item AS old ON old.id = mine.item_id "
            "WHERE mine.item_id = ? AND mine.space NOT IN ('path', 'sha256') "
            "AND item.source_id = old.source_id AND item.first_seq > old.confirmed LIMIT 1",
            (run, item_id),
        ).fetchone()
        if hit:
            shown.add(item_id)
    return shown


def size(tx: Tx, run: int) -> int:
    """How many items are on stage."""
    (n,) = tx.execute("SELECT count(*) FROM temp.stage WHERE run = ?", (run,)).fetchone()
    return int(n)


def clear(tx: Tx, run: int) -> None:
    """Take everything of a run off the stage."""
    tx.execute("DELETE FROM temp.stage WHERE run = ?", (run,))
