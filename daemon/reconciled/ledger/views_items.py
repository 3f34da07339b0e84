"""Views of items: a list to look through, and all that is known of one."""

from typing import Any

import msgspec

from reconciled.ledger import items, parts, suspects, views_actions, views_losses, work
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, Suspect, unflag
from reconciled.ledger.tombstones import Evidence
from reconciled.ledger.views import Listing, Where, like, paged, read_cursor
from reconciled.ledger.views_actions import ActionView
from reconciled.ledger.views_losses import FindingView, TombstoneView
from reconciled.ledger.work import Work
from reconciled.model import Key, Ref, What

TIMELINE_SHOWN = 200


class ItemView(msgspec.Struct, frozen=True):
    """An item as the ledger holds it. `row` is the ledger's own number for it."""

    row: int
    source: str
    app: str
    kind: str
    id: str
    title: str
    presence: str
    has_file: bool | None
    path: str | None
    root: str | None
    parent: str | None
    refers: bool
    first_seen: str
    changed: str
    held: bool
    refs: list[str]


class Moment(msgspec.Struct, frozen=True):
    """One line of an item's history."""

    at: str
    what: str
    detail: str


class Known(msgspec.Struct, frozen=True):
    """All that the ledger knows of one item; `sharing` are the other rows that claim one of its strong refs.

    `waits_for` is what it is a part of, where that is in doubt itself and its end will be this one's.
    """

    item: ItemView
    full: ItemRow
    sharing: list[tuple[ItemView, ItemRow]]
    waiting: list[Evidence]
    tombstones: list[TombstoneView]
    findings: list[FindingView]
    timeline: list[Moment]
    suspect: Suspect | None
    hold: tuple[int, str] | None
    work: Work | None
    stuck: bool
    displaced: list[ItemView]
    actions: list[ActionView]
    waits_for: Key | None = None


_ITEM = (
    "SELECT item.id, source.name, source.app, item.kind, item.key, item.title, item.presence, item.has_file, item.path, "
    "item.root, item.parent, item.refers, item.first_at, item.changed_at, suspect.hold_id FROM item "
    "JOIN source ON source.id = item.source_id LEFT JOIN suspect ON suspect.item_id = item.id "
)


def listing(
    tx: Tx,
    *,
    source: str | None = None,
    kind: str | None = None,
    presence: str | None = None,
    q: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[ItemView]:
    """Items in the order of the ledger's rows; `q` looks for a part of the title or the key."""
    where = Where()
    where.add("item.current = 1")
    where.add("item.source_id = (SELECT id FROM source WHERE name = ?)", source)
    where.add("item.kind = ?", kind)
    where.add("item.presence = ?", presence)
    if presence is not None and presence != "present":
        where.add("item.presence <> 'present'")  # lets SQLite take the index that leaves present items out
    pattern = like(q) if q else None
    where.add("(item.title LIKE ? ESCAPE '\\' OR item.key LIKE ? ESCAPE '\\')", pattern, pattern)
    where.add("item.id > ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(
        f"{_ITEM} WHERE {where} ORDER BY item.id LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    return paged([_view(tx, row) for row in found], limit, lambda item: item.row)


def known(tx: Tx, source: str, key: Key) -> Known | None:
    """What stands under a key: the item it names, or named last. None when the ledger holds none."""
    found = tx.execute("SELECT id FROM source WHERE name = ?", (source,)).fetchone()
    rows = items.by_key(tx, found[0], key) if found else []
    if not rows:
        return None
    row, earlier = rows[0], rows[1:]
    suspect = suspects.get(tx, row.id)
    above = parts.doubt_above(tx, row, suspect.what if suspect is not None else What.ENTRY)
    holds = [
        doubt.hold_id for doubt in (suspect, above[1] if above is not None else None) if doubt is not None
    ]
    hold = next((suspects.hold_by_id(tx, hold_id) for hold_id in holds if hold_id is not None), None)
    return Known(
        item=_one(tx, row.id),
        full=row,
        sharing=[
            (_one(tx, other.id), other) for other in items.sharing(tx, row.item.refs) if other.id != row.id
        ],
        waiting=_waiting(tx, source, key),
        tombstones=views_losses.of_item(tx, row.id),
        findings=views_losses.findings_of(tx, row.id),
        timeline=_timeline(tx, row.id),
        suspect=suspect,
        hold=(hold.id, hold.sentence) if hold is not None else None,
        work=next(iter(work.of(tx, row.source_id, [key])), None),
        stuck=_stuck(tx, row.source_id, key),
        displaced=[_one(tx, other.id) for other in earlier],
        actions=views_actions.of_item(tx, row.id),
        waits_for=above[0].item.key if above is not None else None,
    )


def _waiting(tx: Tx, source: str, key: Key) -> list[Evidence]:
    found = tx.execute(
        "SELECT seq, at, how, said, cause, actor, occurred FROM evidence WHERE source = ? AND kind = ? AND key = ? "
        "AND tombstone_id IS NULL ORDER BY seq, id",
        (source, key.kind, key.id),
    )
    return [Evidence(*row) for row in found]


def _timeline(tx: Tx, item_id: int) -> list[Moment]:
    found = tx.execute(
        "SELECT at, what, detail FROM timeline WHERE item_id = ? ORDER BY id DESC LIMIT ?",
        (item_id, TIMELINE_SHOWN),
    ).fetchall()
    return [Moment(*row) for row in found]


def _stuck(tx: Tx, source_id: int, key: Key) -> bool:
    found = tx.execute(
        "SELECT stuck >= ? FROM work WHERE source_id = ? AND kind = ? AND key = ?",
        (work.STUCK_AFTER, source_id, key.kind, key.id),
    ).fetchone()
    return bool(found and found[0])


def _one(tx: Tx, item_id: int) -> ItemView:
    return _view(tx, tx.execute(f"{_ITEM} WHERE item.id = ?", (item_id,)).fetchone())


def _view(tx: Tx, row: tuple[Any, ...]) -> ItemView:
    refs = tx.execute("SELECT space, value FROM ref WHERE item_id = ? ORDER BY space, value", (row[0],))
    held = row[14] is not None
    known_refs = [str(Ref(space, value)) for space, value in refs]
    values: list[Any] = [*row[:7], unflag(row[7]), *row[8:11], bool(row[11]), *row[12:14], held, known_refs]
    return ItemView(*values)
