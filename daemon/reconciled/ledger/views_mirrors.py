"""Views of mirrors: how far each is, the copies of one to look through, and an item's copies and originals.

Counts come from one covering index, so that a page that asks every few seconds costs little.
"""

from typing import Any

import msgspec

from reconciled.ledger import mirrors
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import Listing, Where, like, paged, read_cursor, when
from reconciled.ledger.views_copies import RecordEnd, record_of

TITLES = 20
RETRIED = ("failed", "missing", "refused")
"""The statuses of copies that travel again only when a person, or another config, says so."""


class Pile(msgspec.Struct, frozen=True):
    """How many copies of a mirror stand so in a target, and their bytes; `how` is `made`, `found` or None."""

    target: str
    status: str
    how: str | None
    files: int
    bytes: int


class MirrorRun(msgspec.Struct, frozen=True):
    """A run of a mirror. `resume` names the fileset after which the next one goes on, if it was cut off."""

    id: int
    state: str
    asked_by: str
    started: str
    finished: str | None
    stats: dict[str, Any]
    error: str | None
    resume: str | None


class Course(msgspec.Struct, frozen=True):
    """How far a mirror is. `failures` are runs that failed, one after the other; `brought` are the last two
    complete runs that had files to bring, the newer one first.
    """

    piles: list[Pile]
    last_run: MirrorRun | None
    last_complete: MirrorRun | None
    failures: int
    checkpoint: str | None
    brought: list[mirrors.PastRun] = []


class CopyView(msgspec.Struct, frozen=True):
    """A copy: the original, where it is to stand, how far that is, and why. `next_try` is when it travels,
    or is asked about, again; None when nothing more happens by itself.
    """

    id: int
    mirror: str
    source: str
    kind: str
    key: str
    title: str
    fileset: str
    target: str
    status: str
    how: str | None
    reason: str
    code: str
    target_kind: str | None
    target_key: str | None
    size: int | None
    mime_type: str | None
    sha256: str | None
    tries: int
    next_try: str | None
    changed: str


class Original(msgspec.Struct, frozen=True):
    """What an item is a copy of. `presence` is the original's, `gone` also when the ledger let go of it."""

    mirror: str
    source: str
    kind: str
    key: str
    title: str
    presence: str
    status: str
    how: str | None
    reason: str


class Candidates(msgspec.Struct, frozen=True):
    """The copies that a retry by status would send on their way: how many, and the first of them by title."""

    count: int
    titles: list[str]


def course(tx: Tx, name: str) -> Course:
    """How far a mirror is."""
    known, last = mirrors.get(tx, name), mirrors.last_complete(tx, name)
    return Course(
        piles(tx, name),
        _newest(tx, "policy = ?", name),
        _newest(tx, "id = ?", last.id) if last is not None else None,
        known.failures if known is not None else 0,
        known.checkpoint if known is not None else None,
        _brought(tx, name),
    )


def _brought(tx: Tx, name: str) -> list[mirrors.PastRun]:
    newest = mirrors.last_brought(tx, name)
    earlier = mirrors.last_brought(tx, name, before=newest.id) if newest is not None else None
    return [run for run in (newest, earlier) if run is not None]


def piles(tx: Tx, name: str) -> list[Pile]:
    """The copies of a mirror, counted."""
    found = tx.execute(
        "SELECT target, status, how, count(*), ifnull(sum(size), 0) FROM copy WHERE mirror = ? "
        "GROUP BY target, status, how ORDER BY target, status, how",
        (name,),
    )
    return [Pile(*row) for row in found]


def _newest(tx: Tx, where: str, value: str | int) -> MirrorRun | None:
    found = tx.execute(
        "SELECT id, state, asked_by, started, finished, stats, error, resume FROM run "  # noqa: S608 - constant parts
        f"WHERE {where} ORDER BY id DESC LIMIT 1",
        (value,),
    ).fetchone()
    if found is None:
        return None
    values: list[Any] = [*found[:5], msgspec.json.decode(found[5]), *found[6:]]
    return MirrorRun(*values)


_COPY = (
    "SELECT id, mirror, source, kind, key, title, fileset, target, status, how, reason, code, target_kind, target_key, "
    "size, mime_type, sha256, tries, next_try, changed_at FROM copy"
)


def listing(
    tx: Tx,
    name: str,
    *,
    status: str | None = None,
    target: str | None = None,
    q: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[CopyView]:
    """The copies of a mirror in the order in which they were begun; `q` looks for a part of title, key or reason."""
    where = Where()
    where.add("mirror = ?", name)
    where.add("status = ?", status)
    where.add("target = ?", target)
    pattern = like(q) if q else None
    where.add(
        "(title LIKE ? ESCAPE '\\' OR key LIKE ? ESCAPE '\\' OR reason LIKE ? ESCAPE '\\')",
        pattern,
        pattern,
        pattern,
    )
    where.add("id > ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(f"{_COPY} WHERE {where} ORDER BY id LIMIT ?", (*where.values, limit + 1)).fetchall()
    return paged([_copy(row) for row in found], limit, lambda copy: copy.id)


def one(tx: Tx, name: str, copy: int) -> CopyView | None:
    """One copy of a mirror."""
    found = tx.execute(f"{_COPY} WHERE mirror = ? AND id = ?", (name, copy)).fetchone()
    return _copy(found) if found else None


def candidates(tx: Tx, name: str, status: str, *, target: str | None = None) -> Candidates:
    """What a retry of all with this status would begin anew."""
    ids = retried(tx, name, status, target=target, shown=None)
    first = [one(tx, name, copy) for copy in ids[:TITLES]]
    titles = [f"{copy.title} to {copy.target}: {copy.reason}" for copy in first if copy is not None]
    return Candidates(len(ids), titles)


def retried(tx: Tx, name: str, status: str, *, target: str | None, shown: str | None) -> list[int]:
    """The copies with a status that a person may send on their way, by id; `shown` leaves out those that
    changed after that time.
    """
    if status not in RETRIED:
        return []
    found = tx.execute(
        "SELECT id FROM copy WHERE mirror = ?1 AND status = ?2 AND (?3 IS NULL OR target = ?3) "
        "AND (?4 IS NULL OR changed_at <= ?4) ORDER BY id",
        (name, status, target, shown),
    )
    return [int(copy) for (copy,) in found]


def ends_of(tx: Tx, source: str, kind: str, key: str) -> RecordEnd | None:
    """The copies of what stands (or stood last) under a key; None when it was never to be copied anywhere."""
    found = tx.execute(
        "SELECT item_id FROM copy WHERE source = ? AND kind = ? AND key = ? ORDER BY id DESC LIMIT 1",
        (source, kind, key),
    ).fetchone()
    return record_of(tx, found[0]) if found else None


def originals_of(tx: Tx, target: str, kind: str, key: str) -> list[Original]:
    """What an item of a target is a copy of."""
    found = tx.execute(
        "SELECT mirror, copy.source, copy.kind, copy.key, copy.title, ifnull(item.presence, 'gone'), status, how, reason "
        "FROM copy LEFT JOIN item ON item.id = copy.item_id WHERE target = ? AND target_kind = ? AND target_key = ? "
        "ORDER BY copy.id",
        (target, kind, key),
    )
    return [Original(*row) for row in found]


def _copy(row: tuple[Any, ...]) -> CopyView:
    *first, next_try, changed = row
    waits = first[8] in ("pending", "processing")
    values: list[Any] = [*first, when(next_try) if waits and next_try else None, changed]
    return CopyView(*values)
