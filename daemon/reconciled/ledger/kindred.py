"""Items that are one by design: a mirror's copies of one another, and one thing as two sources show it.

A file and the copy that a mirror made or found of it are no duplicates, however equal they are, and neither
are two sources' views of one file: who deletes the one would delete the other, or what it is kept for.
"""

from collections.abc import Collection

from reconciled.ledger.connection import Tx
from reconciled.ledger.papers import STANDS
from reconciled.ledger.rows import dump

_STEPS = 6
"""So many copies of copies are followed; a circle is not followed for ever."""


def sources_of(tx: Tx, items: Collection[int]) -> dict[int, int]:
    """The sources of these items, as far as they stand."""
    found = tx.execute(
        f"SELECT id, source_id FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN item ON id = mine WHERE {STANDS}",  # noqa: S608 - a constant
        (dump(sorted(items)),),
    )
    return dict(found.fetchall())


def ties(tx: Tx, items: Collection[int]) -> set[tuple[int, int]]:
    """What these items are one with by design, in any number of steps, as pairs of items."""
    found: set[tuple[int, int]] = set()
    seen: set[int] = set()
    new = set(items)
    for _ in range(_STEPS):
        pairs = _copies(tx, new) | _views(tx, new)
        seen |= new
        found |= pairs
        new = {one for pair in pairs for one in pair} - seen
        if not new:
            break
    return found


def _copies(tx: Tx, items: Collection[int]) -> set[tuple[int, int]]:
    """Originals with their copies, made or found."""
    found = tx.execute(
        "SELECT item_id, target_item FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN copy ON item_id = mine "
        "WHERE how IS NOT NULL AND target_item IS NOT NULL UNION "
        "SELECT item_id, target_item FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN copy ON target_item = mine "
        "WHERE how IS NOT NULL",
        (dump(sorted(items)),),
    )
    return set(found.fetchall())


def _views(tx: Tx, items: Collection[int]) -> set[tuple[int, int]]:
    """Items of different sources that claim the same place, or to be the same thing."""
    found = tx.execute(
        "SELECT mine, other.item_id FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN item ON item.id = mine AND item.refers = 0 "
        "CROSS JOIN ref AS claimed ON claimed.item_id = mine AND claimed.space <> 'sha256' "
        "CROSS JOIN ref AS other ON other.space = claimed.space AND other.value = claimed.value AND other.item_id <> mine "
        "CROSS JOIN item AS theirs ON theirs.id = other.item_id WHERE theirs.source_id <> item.source_id AND theirs.refers = 0",
        (dump(sorted(items)),),
    )
    return set(found.fetchall())
