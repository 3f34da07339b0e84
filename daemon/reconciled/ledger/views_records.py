"""Views of records: a list to look through, one in full, and which of a source's items are orphans."""

from typing import Any

import msgspec

from reconciled.ledger import shelf, views_losses
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import Listing, Where, paged, read_cursor, when
from reconciled.ledger.views_losses import TombstoneView
from reconciled.model import Key, Record, Ref, SyncStatus

TITLES = 20


class Callback(msgspec.Struct, frozen=True):
    """The newest letter about a record: `waiting`, `delivered` or `failed`. `due` is its next try."""

    state: str
    delivery: str
    tries: int
    error: str | None
    at: str
    due: str | None


class ContentView(msgspec.Struct, frozen=True):
    """The bytes of a record. `let_go` is when they were, since every copy of them stood."""

    name: str
    mime_type: str
    size: int
    sha256: str
    put: str
    let_go: str | None


class RecordView(msgspec.Struct, frozen=True):
    """A record. `missing_since` is set while all that it refers to is gone; `callback` tells how that was told."""

    source: str
    id: str
    title: str
    refs: list[str]
    attrs: dict[str, Any]
    sync_status: str
    last_sync_at: str | None
    registered: str
    changed: str
    missing_since: str | None
    callback: Callback | None
    content: ContentView | None


class ShelfView(msgspec.Struct, frozen=True):
    """A source that takes records: how many it holds, by `sync_status`."""

    source: str
    app: str
    records: int
    statuses: dict[str, int]


class Candidates(msgspec.Struct, frozen=True):
    """The records with a status: how many, the first titles, and (`shown`) as of which moment."""

    count: int
    titles: list[str]
    shown: int


_RECORD = (
    f"SELECT record.id, source.name, record.key, record.title, record.attrs, {shelf.STATUS}, "  # noqa: S608 - constant
    "last_sync_at, registered_at, record.changed_at, missing_since FROM record JOIN source ON source.id = record.source_id "
)


def listing(
    tx: Tx,
    source: str,
    *,
    status: str | None = None,
    since: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[RecordView]:
    """Records in the order in which they were first registered; `since` is about when they changed last."""
    where = Where()
    where.add("source.name = ?", source)
    where.add("removed_at IS NULL")
    where.add(f"{shelf.STATUS} = ?", status)
    where.add("record.changed_at >= ?", since)
    where.add("record.id > ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(
        f"{_RECORD} WHERE {where} ORDER BY record.id LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    page = paged(found, limit, lambda row: int(row[0]))
    return Listing(items=[_view(tx, row) for row in page.items], next=page.next)


def one(tx: Tx, source: str, key: str) -> RecordView | None:
    """One record that stands on its shelf."""
    sql = f"{_RECORD} WHERE source.name = ? AND record.key = ? AND removed_at IS NULL"
    found = tx.execute(sql, (source, key)).fetchone()
    return _view(tx, found) if found else None


def statuses(tx: Tx, source: str) -> dict[str, int]:
    """How many records a source holds, by status."""
    found = tx.execute(
        f"SELECT {shelf.STATUS} AS status, count(*) FROM record "  # noqa: S608 - constant
        "WHERE source_id = (SELECT id FROM source WHERE name = ?) AND removed_at IS NULL GROUP BY status ORDER BY status",
        (source,),
    )
    return dict(found.fetchall())


def candidates(tx: Tx, source_id: int, status: SyncStatus) -> Candidates:
    """What a cleanup of this status would remove."""
    ids = shelf.in_status(tx, source_id, status, shown=None)
    (seq,) = tx.execute("SELECT n FROM sequence").fetchone()
    first = shelf.get(tx, source_id, ids[:TITLES]).values()
    return Candidates(len(ids), [known.title for known in first if isinstance(known, Record)], seq)


def orphans(tx: Tx, source: str, *, known: frozenset[int]) -> dict[int, tuple[Key, TombstoneView | None]]:
    """The findings `orphan` about a source's items that are so now: their keys, and the loss behind each.

    One stays so when the ledger lets go of what it refers to, which is then nobody's: forgotten is
    not back. The losses of `known` findings are left out: they were read before.
    """
    found: dict[int, tuple[Key, TombstoneView | None]] = {}
    rows = tx.execute(
        "SELECT f.id, f.kind, f.key, f.tombstone_id, t.story_id FROM finding AS f LEFT JOIN tombstone AS t "
        "ON t.id = f.tombstone_id WHERE f.id IN (SELECT id FROM finding WHERE code = 'orphan' AND resolved_at IS NULL "
        "AND source = ?1 UNION ALL SELECT o.id FROM finding AS u CROSS JOIN finding AS o ON o.item_id = u.item_id "
        "WHERE u.code = 'unmatched' AND u.resolved_at IS NULL AND u.source = ?1 AND o.code = 'orphan' "
        "AND o.resolved_at = u.opened_at) ORDER BY f.id",
        (source,),
    )
    for finding, kind, key, tombstone, story in rows.fetchall():
        told = [] if finding in known or story is None else views_losses.of_story(tx, story)
        found[finding] = Key(kind, key), next((loss for loss in told if loss.id == tombstone), None)
    return found


def is_orphan_no_more(tx: Tx, item_id: int) -> bool:
    """Whether the item was found to be an orphan, and stands as none now."""
    (ended, stands) = tx.execute(
        "SELECT count(*) FILTER (WHERE resolved_at IS NOT NULL), count(*) FILTER (WHERE resolved_at IS NULL) "
        "FROM finding WHERE item_id = ? AND code = 'orphan'",
        (item_id,),
    ).fetchone()
    return bool(ended and not stands)


def _view(tx: Tx, row: tuple[Any, ...]) -> RecordView:
    record_id, source, key, title, attrs, *others = row
    refs = tx.execute(
        "SELECT space, value FROM record_ref WHERE record_id = ? ORDER BY space, value", (record_id,)
    )
    values: list[Any] = [source, key, title, [str(Ref(*pair)) for pair in refs], msgspec.json.decode(attrs)]
    values += [*others, _callback(tx, record_id), _content(tx, record_id)]
    return RecordView(*values)


def _content(tx: Tx, record_id: int) -> ContentView | None:
    found = tx.execute(
        "SELECT name, mime_type, size, sha256, put_at, let_go_at FROM content WHERE record_id = ?",
        (record_id,),
    ).fetchone()
    return ContentView(*found) if found else None


def _callback(tx: Tx, record_id: int) -> Callback | None:
    found = tx.execute(
        "SELECT state, name, tries, error, changed_at, due FROM letter WHERE record_id = ? AND state <> 'dropped' "
        "ORDER BY id DESC LIMIT 1",
        (record_id,),
    ).fetchone()
    if found is None:
        return None
    state, name, tries, error, at, due = found
    return Callback(state, name, tries, error, at, when(due) if state == "waiting" else None)
