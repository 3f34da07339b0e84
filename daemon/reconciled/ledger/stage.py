"""The stage: what a scan has read so far, beside the ledger and not yet of it.

It lives in a temporary table of the writer's, so it costs no log, and an interrupted scan leaves
nothing behind. Only what differs from the ledger carries a body; listing a thousand unchanged
items writes none of their rows. A key may also be listed alone, without saying what stands there:
its print is NULL, or empty when the ledger does not know the key either. Walks go in chunks by
key, so that nothing blocks the writer long.
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


def add_keys(tx: Tx, run: int, source_id: int, keys: Iterable[Key]) -> int:
    """Put keys on the stage of which only the id is listed; those that stand there stay. Returns how many were new."""
    before = tx.total_changes
    tx.executemany(
        "INSERT OR IGNORE INTO temp.stage VALUES (?1, ?2, ?3, CASE WHEN EXISTS (SELECT 1 FROM item WHERE source_id = ?4 "
        "AND kind = ?2 AND key = ?3 AND current = 1) THEN NULL ELSE x'' END, NULL)",
        [(run, key.kind, key.id, source_id) for key in keys],
    )
    return tx.total_changes - before


def unknown(tx: Tx, run: int) -> list[Key]:
    """The keys that were listed alone and that the ledger did not know then: nobody said what stands there."""
    found = tx.execute("SELECT kind, key FROM temp.stage WHERE run = ? AND print = x''", (run,))
    return [Key(*row) for row in found.fetchall()]


def differing(tx: Tx, run: int, source_id: int, kind: str, *, after: str, limit: int) -> list[Staged]:
    """The next staged items of a kind that are new or changed, by key. Empty at the end."""
    found = tx.execute(
        "SELECT body, (SELECT id FROM item WHERE source_id = ? AND kind = s.kind AND key = s.key AND current = 1) "
        "FROM temp.stage AS s WHERE run = ? AND kind = ? AND key > ? AND body IS NOT NULL ORDER BY key LIMIT ?",
        (source_id, run, kind, after, limit),
    )
    return [Staged(unpack(body), item_id) for body, item_id in found.fetchall()]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A known row that is not listed; `key` and `parent` as the ledger writes them ("kind id")."""

    item_id: int
    key: str
    parent: str | None


def unlisted(
    tx: Tx, run: int, source_id: int, kind: str, *, began: int, after: str, limit: int
) -> tuple[list[Unlisted], str | None]:
    """The next known items of a kind that the stage does not hold: (they, where to go on or None).

    Left out are gone and frozen ones, and those seen since the scan began. Suspects of old are named again.
    """
    last = tx.execute(
        "SELECT key FROM item WHERE source_id = ? AND kind = ? AND current = 1 AND key > ? ORDER BY key LIMIT 1 OFFSET ?",
        (source_id, kind, after, limit - 1),
    ).fetchone()
    missing = tx.execute(
        "SELECT id, key, parent FROM item WHERE source_id = ?1 AND kind = ?2 AND current = 1 AND key > ?3 "
        "AND (?4 IS NULL OR key <= ?4) AND presence NOT IN ('gone', 'frozen') AND confirmed < ?5 "
        "AND NOT EXISTS (SELECT 1 FROM temp.stage AS s WHERE s.run = ?6 AND s.kind = item.kind AND s.key = item.key) ORDER BY key",
        (source_id, kind, after, last[0] if last else None, began, run),
    )
    found = [Unlisted(item_id, f"{kind} {key}", parent) for item_id, key, parent in missing.fetchall()]
    return found, last[0] if last else None


@dataclass(frozen=True, slots=True)
class Returned:
    """A row that is not simply present and is listed again; `alone`: only its key is."""

    item_id: int
    kind: str
    alone: bool


def returned(tx: Tx, run: int, source_id: int) -> list[Returned]:
    """Rows that are not simply present, or suspects, and are listed just as the ledger holds them."""
    found = tx.execute(
        "SELECT item.id, item.kind, length(ifnull(s.print, x'')) = 0 FROM item CROSS JOIN temp.stage AS s WHERE item.presence <> 'present' AND item.source_id = ?1 "
        "AND item.current = 1 AND s.run = ?2 AND s.kind = item.kind AND s.key = item.key AND s.body IS NULL "
        "UNION SELECT item.id, item.kind, length(ifnull(s.print, x'')) = 0 FROM suspect CROSS JOIN item ON item.id = suspect.item_id CROSS JOIN temp.stage AS s "
        "WHERE item.source_id = ?1 AND item.current = 1 AND s.run = ?2 AND s.kind = item.kind AND s.key = item.key "
        "AND s.body IS NULL",
        (source_id, run),
    )
    return [Returned(item_id, kind, bool(alone)) for item_id, kind, alone in found.fetchall()]


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


def clear(tx: Tx, run: int, *, limit: int = 5000) -> bool:
    """Take some of a run off the stage. Returns whether more may be left."""
    cleared = tx.execute(
        "DELETE FROM temp.stage WHERE run = ?1 AND (kind, key) IN (SELECT kind, key FROM temp.stage WHERE run = ?1 LIMIT ?2)",
        (run, limit),
    ).rowcount
    return cleared == limit
