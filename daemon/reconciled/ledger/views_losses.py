"""Views of what was lost: tombstones (people read "deletions"), the stories they share, findings.

The cause of a story is not stored; it follows from the evidence. These views bring the evidence
along for the engine's `attribute`. Only the filter by cause says the same rule once more, in SQL:
the earliest evidence of the story, in the order of what happened, that names anybody who did it.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.tombstones import Evidence
from reconciled.ledger.tombstones import of_story as of_story_told
from reconciled.ledger.views import Listing, Where, like, paged, read_cursor, when


class Revival(msgspec.Struct, frozen=True):
    """The lost item came back: when, and under which key."""

    at: str
    key: str


class TombstoneView(msgspec.Struct, frozen=True):
    """The record of a gone item. `told` is the evidence beside it, `story_told` that of its whole story."""

    id: int
    story: int
    story_title: str
    item: int | None
    source: str
    app: str
    kind: str
    key: str
    title: str
    what: str
    seen_first: str | None
    noticed: str
    confirmed: str
    refs: list[str]
    links: list[str]
    revived: Revival | None
    told: list[Evidence]
    story_told: list[Evidence]


class FindingView(msgspec.Struct, frozen=True):
    """A conclusion that opened, and maybe resolved; nothing follows from an ignored or a snoozed one."""

    id: int
    code: str
    what: str | None
    source: str
    kind: str
    key: str
    title: str
    detail: str
    opened: str
    resolved: str | None
    resolution: str | None
    tombstone: int | None
    ignored_by: str | None
    snoozed_until: str | None


_TOMBSTONE = (
    "SELECT t.id, t.story_id, story.title, t.item_id, t.source, t.app, t.kind, t.key, t.title, t.what, t.seen_first, "
    "t.noticed, t.confirmed, t.image, revival.at, revival.key FROM tombstone AS t JOIN story ON story.id = t.story_id "
    "LEFT JOIN revival ON revival.tombstone_id = t.id "
)
_BEFORE = (
    "EXISTS (SELECT 1 FROM tombstone AS o JOIN evidence AS before ON before.tombstone_id = o.id "
    "WHERE o.story_id = t.story_id AND (before.place, before.seq, before.id) < (e.place, e.seq, e.id)"
)
_CAUSE = (
    "ifnull((SELECT e.cause FROM tombstone AS other JOIN evidence AS e ON e.tombstone_id = other.id "  # noqa: S608 - put together here
    "WHERE other.story_id = t.story_id AND ifnull(e.cause, '') <> '' "
    # what a policy of ours deleted in consequence is no cause
    "AND NOT (e.how = 'action' AND e.cause = 'reconciled' AND " + _BEFORE + ")) "
    # and neither is an app that may merely have noticed, when another one had lost it before
    "AND NOT (ifnull(e.deed, '') = 'removed' AND e.actor IS NULL AND "
    + _BEFORE
    + " AND before.source <> e.source "
    "AND before.how <> 'lookup')) ORDER BY e.place, e.seq, e.id LIMIT 1), 'external') = ?"
)


def tombstones(
    tx: Tx,
    *,
    source: str | None = None,
    kind: str | None = None,
    cause: str | None = None,
    since: str | None = None,
    q: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[TombstoneView]:
    """Tombstones, newest first. `since` (as the ledger writes times) is about when the loss was noticed."""
    where = Where()
    where.add("t.source = ?", source)
    where.add("t.kind = ?", kind)
    where.add("t.noticed >= ?", since)
    pattern = like(q) if q else None
    where.add("(t.title LIKE ? ESCAPE '\\' OR t.key LIKE ? ESCAPE '\\')", pattern, pattern)
    where.add(_CAUSE, cause)
    where.add("t.id < ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(
        f"{_TOMBSTONE} WHERE {where} ORDER BY t.id DESC LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    return paged(_views(tx, found), limit, lambda one: one.id)


def of_story(tx: Tx, story: int) -> list[TombstoneView]:
    """A story's tombstones in the order of the losses; none when there is no such story."""
    return _views(tx, tx.execute(f"{_TOMBSTONE} WHERE t.story_id = ? ORDER BY t.id", (story,)).fetchall())


def of_item(tx: Tx, item_id: int) -> list[TombstoneView]:
    """An item's tombstones, newest first; those of what it was a part of and ended with, too."""
    which = "t.item_id = ?1 OR t.id IN (SELECT tombstone_id FROM part WHERE item_id = ?1)"
    return _views(tx, tx.execute(f"{_TOMBSTONE} WHERE {which} ORDER BY t.id DESC", (item_id,)).fetchall())


def of_key(tx: Tx, source: str, *, kind: str, key: str) -> list[TombstoneView]:
    """The tombstones under a key, newest first; also of items that the ledger has let go, or never listed."""
    sql = f"{_TOMBSTONE} WHERE t.source = ? AND t.kind = ? AND t.key = ? ORDER BY t.id DESC"
    return _views(tx, tx.execute(sql, (source, kind, key)).fetchall())


def recent_stories(tx: Tx, *, limit: int) -> list[list[TombstoneView]]:
    """The newest stories, each with its tombstones; the story that was added to last comes first."""
    found = tx.execute(
        "SELECT story_id FROM tombstone GROUP BY story_id ORDER BY max(id) DESC LIMIT ?", (limit,)
    )
    return [of_story(tx, story) for (story,) in found.fetchall()]


def count_tombstones(tx: Tx) -> dict[str, int]:
    """How many tombstones there are, by source."""
    return dict(tx.execute("SELECT source, count(*) FROM tombstone GROUP BY source").fetchall())


def findings(
    tx: Tx,
    *,
    code: str | None = None,
    open_: bool | None = None,
    ignored: bool | None = None,
    source: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[FindingView]:
    """Conclusions, newest first."""
    where = Where()
    where.add("code = ?", code)
    where.add("(ignored_by IS NOT NULL) = ?", None if ignored is None else int(ignored))
    where.add("(resolved_at IS NULL) = ?", None if open_ is None else int(open_))
    where.add("source = ?", source)
    where.add("id < ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(f"{_FINDING} WHERE {where} ORDER BY id DESC LIMIT ?", (*where.values, limit + 1))
    return paged([_finding(row) for row in found], limit, lambda one: one.id)


def finding(tx: Tx, finding_id: int) -> FindingView | None:
    """One conclusion."""
    found = tx.execute(f"{_FINDING} WHERE id = ?", (finding_id,)).fetchone()
    return _finding(found) if found else None


def opened_since(tx: Tx, after: int, *, limit: int) -> list[FindingView]:
    """The first findings with a higher id."""
    found = tx.execute(f"{_FINDING} WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
    return [_finding(row) for row in found]


def findings_of(tx: Tx, item_id: int) -> list[FindingView]:
    """An item's conclusions, newest first."""
    return [_finding(row) for row in tx.execute(f"{_FINDING} WHERE item_id = ? ORDER BY id DESC", (item_id,))]


_FINDING = (
    "SELECT id, code, what, source, kind, key, title, detail, opened_at, resolved_at, resolution, tombstone_id, ignored_by, "
    "snoozed_until FROM finding"
)


def _finding(row: tuple[Any, ...]) -> FindingView:
    values: list[Any] = [*row[:-1], when(row[-1])]
    return FindingView(*values)


def _views(tx: Tx, rows: Iterable[tuple[Any, ...]]) -> list[TombstoneView]:
    found = list(rows)
    told: dict[int, list[Evidence]] = {}
    for story in {row[1] for row in found}:
        told[story] = of_story_told(tx, story)
    return [_view(row, told[row[1]]) for row in found]


def _view(row: tuple[Any, ...], told: list[Evidence]) -> TombstoneView:
    image = msgspec.json.decode(row[13])
    revived = Revival(row[14], row[15]) if row[14] is not None else None
    own = [evidence for evidence in told if evidence.stone == row[0]]
    refs, links = image.get("refs", []), image.get("links", [])
    values: list[Any] = [*row[:13], refs, links, revived, own, told]
    return TombstoneView(*values)
