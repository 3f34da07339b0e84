"""Items and their refs. Every function runs inside a transaction that its caller opened."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, dump, fingerprint, flag, pack, unflag
from reconciled.model import Item, Key, Presence, Ref

COLUMNS = (
    "id, source_id, kind, key, current, title, has_file, path, root, parent, refers, attrs, print, "
    "presence, first_seq, first_at, confirmed, key_seq"
)

IDENTIFIED, REIDENTIFIED = "identified", "re-identified"
"""What the time line says when an item claims to be what it did not before: under no refs that agree, or others."""


def next_seq(tx: Tx) -> int:
    """The ledger's next sequence number: facts are ordered by it and never by wall time."""
    (n,) = tx.execute("UPDATE sequence SET n = n + 1 RETURNING n").fetchone()
    return int(n)


def current_seq(tx: Tx) -> int:
    """The last number that was given out."""
    (n,) = tx.execute("SELECT n FROM sequence").fetchone()
    return int(n)


def by_key(tx: Tx, source_id: int, key: Key) -> list[ItemRow]:
    """The rows that this key names or named: the current one first, then displaced ones, newest first."""
    return _rows(
        tx,
        f"SELECT {COLUMNS} FROM item WHERE source_id = ? AND kind = ? AND key = ? ORDER BY current DESC, id DESC",  # noqa: S608 - constant columns
        (source_id, key.kind, key.id),
    )


def by_kind_and_id(tx: Tx, source_id: int, kind: str, key: str) -> list[ItemRow]:
    """The same, by the parts of a key."""
    return by_key(tx, source_id, Key(kind, key))


def referring(tx: Tx, source_id: int) -> list[int]:
    """The rows of a source that only refer, or that have an open finding about what they refer to."""
    found = tx.execute(
        "SELECT id FROM item WHERE source_id = ?1 AND refers = 1 AND presence <> 'frozen' UNION "
        "SELECT item_id FROM finding JOIN item ON item.id = item_id WHERE source_id = ?1 AND code IN ('orphan', 'unmatched') "
        "AND resolved_at IS NULL ORDER BY 1",
        (source_id,),
    )
    return [item_id for (item_id,) in found]


def any_referring(tx: Tx, source_id: int) -> bool:
    """Whether any item of the source only refers."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM item WHERE source_id = ? AND refers = 1)", (source_id,)
    ).fetchone()
    return bool(found)


def by_id(tx: Tx, item_id: int) -> ItemRow | None:
    """One row, or None."""
    rows = _rows(tx, f"SELECT {COLUMNS} FROM item WHERE id = ?", (item_id,))  # noqa: S608 - constant columns
    return rows[0] if rows else None


def keys_of(tx: Tx, item_ids: Iterable[int]) -> dict[int, Key]:
    """The keys of these rows, as far as there are such rows."""
    found = tx.execute(
        "SELECT id, kind, key FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN item ON id = one",
        (json.dumps([*item_ids]),),
    )
    return {item_id: Key(kind, key) for item_id, kind, key in found}


def sharing(tx: Tx, refs: Iterable[Ref], *, source_id: int | None = None) -> list[ItemRow]:
    """All rows that claim at least one of the strong refs given, in one source or in all."""
    found: dict[int, None] = {}
    for ref in refs:
        if ref.strong:
            hits = tx.execute("SELECT item_id FROM ref WHERE space = ? AND value = ?", (ref.space, ref.value))
            found.update(dict.fromkeys(item_id for (item_id,) in hits))
    rows = (by_id(tx, item_id) for item_id in sorted(found))
    return [row for row in rows if row is not None and source_id in (None, row.source_id)]


def gone_sharing(tx: Tx, source_id: int, item: Item) -> list[ItemRow]:
    """Gone rows of the same source and kind that claim one of the item's strong refs."""
    found: set[int] = set()
    for ref in item.strong_refs:
        found |= {
            item_id
            for (item_id,) in tx.execute(
                "SELECT item.id FROM ref CROSS JOIN item ON item.id = ref.item_id WHERE space = ? AND value = ? "
                "AND presence = 'gone' AND source_id = ? AND kind = ?",
                (ref.space, ref.value, source_id, item.key.kind),
            )
        }
    return [row for item_id in sorted(found) if (row := by_id(tx, item_id)) is not None]


def controls(
    tx: Tx, source_id: int, kind: str, *, besides: Sequence[Key], before: int | None, most: int = 2
) -> list[ItemRow]:
    """Items fit to be a control: present and no suspects; the one first seen last, then one at random.

    `before` leaves out what was first seen since that sequence number, and what no complete scan of the
    world we know has listed yet never counts: it may be another world's. A part of a suspect is none.
    `most` 1: the first alone.
    """
    chosen: list[ItemRow] = []
    for order in ("first_seq DESC, id DESC", "random()")[:most]:
        rows = _rows(
            tx,
            f"SELECT {COLUMNS} FROM item WHERE source_id = ? AND kind = ? AND presence = 'present' AND current = 1 AND first_seq < ? "  # noqa: S608 - constant parts
            "AND first_seq <= (SELECT scanned FROM source WHERE id = source_id) "
            f"AND NOT EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id) ORDER BY {order} LIMIT ?",
            (source_id, kind, before if before is not None else 2**62, len(besides) + 12),
        )
        fit = (row for row in rows if row.item.key not in besides and row not in chosen)
        chosen += [row for row in fit if not _below_suspect(tx, row)][:1]
    return chosen


def never_listed(tx: Tx, source_id: int, kinds: Collection[str]) -> bool:
    """Whether something of these kinds stands there that no complete scan has listed yet."""
    marks = ", ".join("?" * len(kinds))
    found = tx.execute(
        f"SELECT 1 FROM item WHERE source_id = ? AND kind IN ({marks}) AND presence = 'present' AND current = 1 "  # noqa: S608 - only marks
        "AND first_seq > (SELECT scanned FROM source WHERE id = source_id) LIMIT 1",
        (source_id, *kinds),
    ).fetchone()
    return found is not None


def _below_suspect(tx: Tx, row: ItemRow) -> bool:
    """Whether what it is a part of is a suspect, so that it may be gone itself."""
    if row.item.parent is None:
        return False
    found = tx.execute(
        "SELECT 1 FROM item JOIN suspect ON suspect.item_id = item.id WHERE source_id = ? AND kind = ? AND key = ?",
        (row.source_id, row.item.parent.kind, row.item.parent.id),
    ).fetchone()
    return found is not None


def insert(tx: Tx, source_id: int, item: Item, *, seq: int, at: str) -> int:
    """A new row, present and current. Returns its id."""
    packed = pack(item)
    (item_id,) = tx.execute(
        "INSERT INTO item (source_id, kind, key, title, has_file, path, root, parent, refers, attrs, print, presence, "
        "first_seq, first_at, confirmed, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'present', ?, ?, ?, ?) RETURNING id",
        (source_id, item.key.kind, item.key.id, *_content(item), fingerprint(packed), seq, at, seq, at),
    ).fetchone()
    _write_refs(tx, item_id, item.refs)
    _name_spaces(tx, item_id, item)
    return int(item_id)


def update(tx: Tx, row: ItemRow, item: Item, *, at: str) -> ItemRow:
    """What the ledger holds of the item from now on."""
    mark = fingerprint(pack(item))
    tx.execute(
        "UPDATE item SET kind = ?, key = ?, title = ?, has_file = ?, path = ?, root = ?, parent = ?, refers = ?, attrs = ?, "
        "print = ?, changed_at = ? WHERE id = ?",
        (item.key.kind, item.key.id, *_content(item), mark, at, row.id),
    )
    if item.refs != row.item.refs:
        tx.execute("DELETE FROM ref WHERE item_id = ?", (row.id,))
        _write_refs(tx, row.id, item.refs)
        _name_spaces(tx, row.id, item)
    return replace(row, item=item, print=mark)


def confirm(tx: Tx, item_id: int, seq: int) -> None:
    """The item was seen present by other means than a scan."""
    tx.execute("UPDATE item SET confirmed = max(confirmed, ?) WHERE id = ?", (seq, item_id))


def set_presence(tx: Tx, item_id: int, presence: Presence) -> None:
    """Change what the ledger holds of the item."""
    tx.execute("UPDATE item SET presence = ? WHERE id = ?", (presence, item_id))


def end(tx: Tx, item_id: int, *, seq: int, at: str) -> None:
    """The item is gone, as of this moment."""
    tx.execute(
        "UPDATE item SET presence = 'gone', confirmed = max(confirmed, ?), changed_at = ? WHERE id = ?",
        (seq, at, item_id),
    )


def set_current(tx: Tx, item_id: int, current: bool) -> None:
    """Whether the row's key names this thing (still, or again)."""
    tx.execute("UPDATE item SET current = ? WHERE id = ?", (int(current), item_id))


def remove(tx: Tx, item_id: int) -> None:
    """Take the row out; used when it turned out to be another row under a new key."""
    tx.execute("DELETE FROM item WHERE id = ?", (item_id,))


def note(tx: Tx, item_id: int, what: str, detail: str, *, seq: int, at: str) -> None:
    """Add to the item's time line."""
    tx.execute(
        "INSERT INTO timeline (item_id, seq, at, what, detail) VALUES (?, ?, ?, ?, ?)",
        (item_id, seq, at, what, detail),
    )


def forget_gone(tx: Tx, *, before: str, limit: int) -> int:
    """Retention: gone items whose last change is older leave; their tombstones stay. Returns how many left.

    What an action follows from that waits (for an answer, or for a paused app) is kept until that is over.
    """
    return tx.execute(
        "DELETE FROM item WHERE id IN (SELECT id FROM item WHERE presence = 'gone' AND changed_at < ? "
        "AND NOT EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id) AND id NOT IN "
        "(SELECT ifnull(t.item_id, f.item_id) FROM action JOIN finding AS f ON f.id = finding_id "
        "LEFT JOIN tombstone AS t ON t.id = f.tombstone_id WHERE state IN ('planned', 'waiting', 'sending') "
        "AND action.code <> 'would' AND ifnull(t.item_id, f.item_id) IS NOT NULL) LIMIT ?)",
        (before, limit),
    ).rowcount


def stands_since(tx: Tx, item_id: int, seq: int) -> None:
    """The item stands under the key that it has now since then."""
    tx.execute("UPDATE item SET key_seq = ? WHERE id = ?", (seq, item_id))


def named_since(tx: Tx, item_id: int) -> int:
    """Since when it claims to be what it does now (a sequence number), as its time line says; 0: it always did."""
    (seq,) = tx.execute(
        "SELECT ifnull(max(seq), 0) FROM timeline WHERE item_id = ? AND what IN (?, ?)",
        (item_id, IDENTIFIED, REIDENTIFIED),
    ).fetchone()
    return int(seq)


def move_timeline(tx: Tx, old_id: int, new_id: int) -> None:
    """Hand one row's history to another."""
    tx.execute("UPDATE timeline SET item_id = ? WHERE item_id = ?", (new_id, old_id))


def count_standing(tx: Tx, source_id: int) -> tuple[int, int]:
    """How many items the ledger holds of a source as standing, present or unlisted; and how many of
    these are parts of no other.
    """
    everything, whole = tx.execute(
        "SELECT count(*), count(*) FILTER (WHERE parent IS NULL) FROM item "
        "WHERE source_id = ? AND presence IN ('present', 'unlisted') AND current = 1",
        (source_id,),
    ).fetchone()
    return int(everything), int(whole)


def kinds_standing(tx: Tx, source_id: int) -> frozenset[str]:
    """The kinds of which the source shows anything."""
    found = tx.execute(
        "SELECT DISTINCT kind FROM item WHERE source_id = ? AND presence = 'present' AND current = 1",
        (source_id,),
    )
    return frozenset(kind for (kind,) in found)


def any_listed(tx: Tx, source_id: int) -> bool:
    """Whether the source shows anything, or was never known to hold anything: what makes a scan a good one."""
    (answer,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM item WHERE source_id = ?1 AND presence = 'present' AND current = 1) "
        "OR NOT EXISTS (SELECT 1 FROM item WHERE source_id = ?1 AND presence <> 'gone')",
        (source_id,),
    ).fetchone()
    return bool(answer)


def standing_after(tx: Tx, source_id: int, *, after: int, limit: int) -> list[ItemRow]:
    """The present items of a source beyond a row's id, in the order of their rows."""
    return _rows(
        tx,
        f"SELECT {COLUMNS} FROM item WHERE source_id = ? AND current = 1 AND presence = 'present' AND id > ? "  # noqa: S608 - constant columns
        "ORDER BY id LIMIT ?",
        (source_id, after, limit),
    )


def claims_any(tx: Tx, item_id: int, refs: Collection[tuple[str, str]]) -> bool:
    """Whether the row claims one of these strong refs, given as (space, value)."""
    found = tx.execute("SELECT space, value FROM ref WHERE item_id = ?", (item_id,))
    return any(pair in refs for pair in found)


def _content(item: Item) -> tuple[Any, ...]:
    parent = str(item.parent) if item.parent else None
    return (item.title, flag(item.has_file), item.path, item.root, parent, int(item.refers), dump(item.attrs))


def _write_refs(tx: Tx, item_id: int, refs: Iterable[Ref]) -> None:
    tx.executemany(
        "INSERT OR IGNORE INTO ref VALUES (?, ?, ?)", [(item_id, ref.space, ref.value) for ref in refs]
    )


def _name_spaces(tx: Tx, item_id: int, item: Item) -> None:
    """The source names these spaces. What an item only refers to says nothing of what the source holds."""
    if not item.refers:
        tx.executemany(
            "INSERT OR IGNORE INTO source_space SELECT source_id, ? FROM item WHERE id = ?",
            [(space, item_id) for space in {ref.space for ref in item.strong_refs}],
        )


def _rows(tx: Tx, sql: str, values: tuple[Any, ...]) -> list[ItemRow]:
    return [read_row(tx, found) for found in tx.execute(sql, values).fetchall()]


def read_row(tx: Tx, found: tuple[Any, ...]) -> ItemRow:
    """A row of `COLUMNS`, with its refs."""
    (item_id, source_id, kind, key, current, title, has_file, path, root, parent, refers, attrs, mark) = (
        found[:13]
    )
    presence, first_seq, first_at, confirmed, key_seq = found[13:18]
    refs = frozenset(
        Ref(*pair) for pair in tx.execute("SELECT space, value FROM ref WHERE item_id = ?", (item_id,))
    )
    item = Item(
        Key(kind, key),
        title,
        refs,
        msgspec.json.decode(attrs),
        unflag(has_file),
        path,
        root,
        Key(*parent.split(" ", 1)) if parent else None,
        bool(refers),
    )
    return ItemRow(
        item_id, source_id, item, bool(current), Presence(presence), first_seq, first_at, confirmed, mark,
        max(first_seq, key_seq),
    )  # fmt: skip
