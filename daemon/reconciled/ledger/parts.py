"""Items that are parts of others: who is above whom, and what ended inside whose tombstone.

An item names its parent by key; this finds the row that is meant, also where a key was reused: a
part belongs to the life of its parent's key in which it was last seen. What stands here for one row
stands in `suspects.UNDER` as SQL, for the counts of holds.
"""

from collections.abc import Iterator

from reconciled.ledger import items, suspects
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, Suspect
from reconciled.model import Item, Key, Presence, What

DEEPEST = 8
"""Parents of parents are followed so far; a plugin that makes circles is not followed for ever."""


def parent_of(tx: Tx, row: ItemRow) -> ItemRow | None:
    """The row that an item is a part of, in the life of its key to which the item belongs."""
    if row.item.parent is None or row.item.parent == row.item.key:
        return None
    candidates = items.by_key(tx, row.source_id, row.item.parent)
    current = next((one for one in candidates if one.current), None)
    if row.current:
        return current
    before = [one for one in candidates if one.key_seq <= row.confirmed]
    return max(before, key=lambda one: (one.key_seq, one.id), default=current)


def children(tx: Tx, row: ItemRow) -> list[ItemRow]:
    """The items that are parts of this one, gone ones too; without their own parts."""
    return _children(tx, row, "")


def astir(tx: Tx, row: ItemRow) -> list[ItemRow]:
    """Those of its parts, gone ones apart, that are suspects or are to be looked at."""
    return _children(
        tx,
        row,
        "AND presence <> 'gone' AND (EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id) OR EXISTS "
        "(SELECT 1 FROM work WHERE work.source_id = item.source_id AND work.kind = item.kind AND work.key = item.key))",
    )


def _children(tx: Tx, row: ItemRow, which: str) -> list[ItemRow]:
    found = tx.execute(
        f"SELECT {items.COLUMNS} FROM item WHERE source_id = ? AND parent = ? {which}",  # noqa: S608 - constants
        (row.source_id, str(row.item.key)),
    ).fetchall()
    now = current_row(tx, row.source_id, row.item.key)
    stands = now is not None and now.id == row.id
    mine = []
    for child in (items.read_row(tx, one) for one in found):
        if child.current and child.item.key != row.item.key:
            its = stands
        else:
            above = parent_of(tx, child)
            its = above is not None and above.id == row.id
        mine += [child] if its else []
    return sorted(mine, key=_place)


def _place(row: ItemRow) -> tuple[str, int, str]:
    """Parts in the order in which people count them."""
    return row.item.key.kind, row.item.number or 0, row.item.key.id


def siblings(tx: Tx, row: ItemRow) -> list[ItemRow]:
    """The rows that are parts of the same one, of the same kind, and have the same number in it."""
    number, parent = row.item.number, parent_of(tx, row)
    if parent is None or number is None:
        return []
    found = tx.execute(
        f"SELECT {items.COLUMNS} FROM item WHERE source_id = ? AND parent = ? AND kind = ? AND id <> ? "  # noqa: S608 - constants
        "AND json_extract(attrs, '$.season') = ? ORDER BY id",
        (row.source_id, str(row.item.parent), row.item.key.kind, row.id, number),
    ).fetchall()
    rows = [items.read_row(tx, other) for other in found]
    numbered = [other for other in rows if other.item.number == number]
    return [other for other in numbered if (its := parent_of(tx, other)) is not None and its.id == parent.id]


def above(tx: Tx, row: ItemRow) -> Iterator[ItemRow]:
    """Its parent, the parent's parent, and so on."""
    found, seen = parent_of(tx, row), {row.id}
    while found is not None and found.id not in seen and len(seen) <= DEEPEST:
        yield found
        seen.add(found.id)
        found = parent_of(tx, found)


def doubt_above(tx: Tx, row: ItemRow, what: What) -> tuple[ItemRow, Suspect] | None:
    """The nearest item above that is a suspect itself, so that its end is this one's too; or None.

    Losing its files alone, it takes only the files of its parts with it.
    """
    for one in above(tx, row):
        doubt = suspects.get(tx, one.id)
        if doubt is not None and (doubt.what is What.ENTRY or what is What.FILE):
            return one, doubt
    return None


def asked_first(tx: Tx, row: ItemRow) -> bool:
    """Whether what the item is a part of is about to be looked at, and was not since that was ordered."""
    parent = parent_of(tx, row)
    if parent is None or not parent.current:
        return False
    found = tx.execute(
        "SELECT 1 FROM work WHERE source_id = ? AND kind = ? AND key = ? AND tries = 0 AND stuck < 2",
        (parent.source_id, parent.item.key.kind, parent.item.key.id),
    ).fetchone()
    return found is not None


def waits(tx: Tx, row: ItemRow) -> bool:
    """Whether the row is not looked at now, because what it is a part of comes first."""
    doubt = suspects.get(tx, row.id)
    if doubt_above(tx, row, doubt.what if doubt is not None else What.ENTRY) is not None:
        return True
    return doubt is not None and asked_first(tx, row)


def grave_above(tx: Tx, row: ItemRow, what: What) -> int | None:
    """The tombstone of an item above whose end is this one's too: proved after this one was last seen,
    or of its files, which it still has none of.
    """
    for one in above(tx, row):
        if one.presence is Presence.GONE:
            found = _newest(tx, one.id, What.ENTRY, since=row.confirmed)
        elif what is What.FILE and one.item.has_file is False:
            found = _newest(tx, one.id, What.FILE, since=0)
        else:
            continue
        if found is not None:
            return found
    return None


def _newest(tx: Tx, item_id: int, what: What, *, since: int) -> int | None:
    found = tx.execute(
        "SELECT id FROM tombstone WHERE item_id = ? AND what = ? AND seq >= ? "
        "AND NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id) ORDER BY id DESC LIMIT 1",
        (item_id, what, since),
    ).fetchone()
    return int(found[0]) if found else None


def put(tx: Tx, item_id: int, tombstone: int) -> None:
    """The item ended inside that tombstone; what apps said of it speaks for that loss."""
    tx.execute("INSERT OR REPLACE INTO part VALUES (?, ?, NULL)", (item_id, tombstone))


def come_back(tx: Tx, item_id: int, *, seq: int, what: What | None = None) -> None:
    """The item stands again, whatever it had ended with. `what` limits that to lost files."""
    tx.execute(
        "UPDATE part SET back_seq = ? WHERE item_id = ? AND back_seq IS NULL "
        "AND (? IS NULL OR (SELECT what FROM tombstone WHERE id = tombstone_id) = ?)",
        (seq, item_id, what, what),
    )


def inside(tx: Tx, tombstone: int) -> list[int]:
    """The items that ended inside a tombstone and are not back."""
    found = tx.execute(
        "SELECT item_id FROM part WHERE tombstone_id = ? AND back_seq IS NULL ORDER BY item_id", (tombstone,)
    )
    return [item_id for (item_id,) in found]


def lost_with(tx: Tx, item_id: int) -> list[Key]:
    """The keys of what ended inside the item's tombstones and is not back."""
    found = tx.execute(
        "SELECT DISTINCT item.kind, item.key FROM tombstone JOIN part ON part.tombstone_id = tombstone.id "
        "AND back_seq IS NULL JOIN item ON item.id = part.item_id AND item.current = 1 WHERE tombstone.item_id = ?",
        (item_id,),
    )
    return [Key(*row) for row in found.fetchall()]


def image(item: Item) -> dict[str, object]:
    """What a tombstone keeps of a part."""
    return {
        "key": str(item.key),
        "title": item.title,
        "refs": sorted(map(str, item.refs)),
        "attrs": dict(item.attrs),
        "has_file": item.has_file,
        "path": item.path,
    }


def released_in(tx: Tx, source_id: int) -> set[int]:
    """The rows of a source that a person released and that are not settled yet, with their parts."""
    found = suspects.released_in(tx, source_id)
    left = [row for item_id in found if (row := items.by_id(tx, item_id)) is not None]
    while left:
        for child in children(tx, left.pop()):
            if child.id not in found and child.presence in (Presence.PRESENT, Presence.UNLISTED):
                found.add(child.id)
                left.append(child)
    return found


def current_row(tx: Tx, source_id: int, key: Key) -> ItemRow | None:
    """The row that a key names now, or None."""
    return next((row for row in items.by_key(tx, source_id, key) if row.current), None)
