"""What the ledger knows of one item, put together for people who ask why: one row at a time.

Whose row it is and how it relates to what was asked about is said elsewhere; here is where it stands,
what was heard of it last, what it is a part of and holds, and what people said of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from reconciled.ledger import items, last_answers, parts, suspects, views_losses, work
from reconciled.ledger.connection import Tx
from reconciled.ledger.last_answers import LastAnswer
from reconciled.ledger.rows import ItemRow, Suspect
from reconciled.ledger.views_losses import TombstoneView
from reconciled.ledger.work import Work
from reconciled.model import Key, Presence, Ref, What

PARTS_SHOWN = 20


class Listed(msgspec.Struct, frozen=True):
    """The last complete scan of a source: its run, and when it began."""

    run: int
    seq: int
    at: str


class SaidOf(msgspec.Struct, frozen=True):
    """What a person said of two items: they are the `same`, or stand `apart`."""

    source: str
    kind: str
    id: str
    title: str
    said: str
    by: str
    at: str


class Part(msgspec.Struct, frozen=True):
    """Something that belongs to an item as a part."""

    kind: str
    id: str
    title: str
    presence: str
    doubted: bool


class Parts(msgspec.Struct, frozen=True):
    """What an item holds: how many, by presence, and the first of them, those in doubt before all."""

    count: int
    by_presence: dict[str, int]
    shown: list[Part]


@dataclass(frozen=True, slots=True)
class Position:
    """Where one row stands."""

    row: ItemRow
    suspect: Suspect | None
    hold: tuple[int, str] | None
    above: Key | None
    work: Work | None
    stuck: bool
    answer: LastAnswer | None
    tombstones: tuple[TombstoneView, ...]


def position(tx: Tx, row: ItemRow) -> Position:
    """Where a row stands. What its key has in the queue is the current row's alone."""
    suspect = suspects.get(tx, row.id)
    above = parts.doubt_above(tx, row, suspect.what if suspect is not None else What.ENTRY)
    doubts = [suspect, above[1] if above is not None else None]
    holds = [doubt.hold_id for doubt in doubts if doubt is not None and doubt.hold_id is not None]
    hold = suspects.hold_by_id(tx, holds[0]) if holds else None
    key = row.item.key
    waiting = work.of(tx, row.source_id, [key]) if row.current or suspect is not None else []
    return Position(
        row,
        suspect,
        (hold.id, hold.sentence) if hold is not None else None,
        above[0].item.key if above is not None else None,
        next(iter(waiting), None),
        bool(waiting) and _stuck(tx, row.source_id, key),
        last_answers.of(tx, row.id),
        tuple(views_losses.of_item(tx, row.id)),
    )


def last_scans(tx: Tx) -> dict[str, Listed]:
    """The last complete scan of each source; older ones left the ledger or never were."""
    found = tx.execute(
        "SELECT source, id, seq, started FROM run WHERE id IN "
        "(SELECT max(id) FROM run WHERE pass = 'scan' AND state = 'complete' AND source IS NOT NULL GROUP BY source)"
    )
    return {source: Listed(run, seq, at) for source, run, seq, at in found}


def parts_of(tx: Tx, row: ItemRow) -> Parts:
    """What an item holds."""
    children = parts.children(tx, row)
    counts: dict[str, int] = {}
    for child in children:
        counts[str(child.presence)] = counts.get(str(child.presence), 0) + 1
    told = [(suspects.get(tx, child.id) is not None, child) for child in children]
    told.sort(key=lambda one: not one[0])
    shown = [
        Part(child.item.key.kind, child.item.key.id, child.item.title, str(child.presence), doubted)
        for doubted, child in told[:PARTS_SHOWN]
    ]
    return Parts(len(children), counts, shown)


def said_of(tx: Tx, item_id: int) -> list[SaidOf]:
    """What people said of an item and others."""
    found = tx.execute(
        "SELECT source.name, item.kind, item.key, item.title, link.kind, said_by, said_at FROM link "
        "JOIN item ON item.id = CASE WHEN a = ?1 THEN b ELSE a END JOIN source ON source.id = item.source_id "
        "WHERE a = ?1 OR b = ?1 ORDER BY link.id",
        (item_id,),
    )
    return [SaidOf(*row) for row in found]


def with_ref(tx: Tx, ref: Ref) -> list[ItemRow]:
    """The items that claim a ref, weak ones too."""
    found = tx.execute(
        "SELECT item_id FROM ref WHERE space = ? AND value = ? ORDER BY item_id", (ref.space, ref.value)
    )
    rows = (items.by_id(tx, item_id) for (item_id,) in found.fetchall())
    return [row for row in rows if row is not None]


def titled(tx: Tx, title: str, *, limit: int) -> list[ItemRow]:
    """The items of that very title, but for the case of plain letters."""
    found = tx.execute(
        "SELECT id FROM item WHERE current = 1 AND title = ? COLLATE NOCASE ORDER BY id LIMIT ?",
        (title, limit),
    )
    rows = (items.by_id(tx, item_id) for (item_id,) in found.fetchall())
    return [row for row in rows if row is not None]


def refs_of(grave: TombstoneView) -> frozenset[Ref]:
    """The refs that a tombstone keeps."""
    return frozenset(map(Ref.parse, grave.refs))


def in_doubt(rows: Iterable[ItemRow]) -> list[ItemRow]:
    """Those that are not simply there, before the others."""
    return sorted(rows, key=lambda row: (row.presence is Presence.PRESENT, row.item.refers, row.id))


def _stuck(tx: Tx, source_id: int, key: Key) -> bool:
    found = tx.execute(
        "SELECT stuck >= ? FROM work WHERE source_id = ? AND kind = ? AND key = ?",
        (work.STUCK_AFTER, source_id, key.kind, key.id),
    ).fetchone()
    return bool(found and found[0])
