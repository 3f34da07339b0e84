"""The shelves: what other programs registered with a source, as they said it.

A record is known by its source and its program's id. What was taken off stays for a while, so that
a lookup can say when and by whom, and it can be put back. How a record fares is said by its program; that
what it refers to is gone is found out by the engine and kept apart, so that it can end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from reconciled.ledger import contents
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump, stamp
from reconciled.model import Json, Record, Ref, Removed, SyncStatus

STATUS = "CASE WHEN missing_since IS NULL THEN said ELSE 'missing' END"
"""The status that counts, in SQL."""
REMEMBERED = timedelta(days=90)
"""For so long a record that was taken off is kept, to say so and to be put back."""
_COLUMNS = "id, key, title, attrs, said, missing_since, last_sync_at, removed_at, removed_by"


class Kept(StrEnum):
    """What a registration did: the record is new, changed, or as it was."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Registration:
    """What a program says of a record. None: it says nothing of that, and it stays as it was.

    `back`: it is no word of its program, but what was taken off is put back as it stood, with its content.
    """

    id: str
    title: str
    refs: frozenset[Ref]
    attrs: dict[str, Json]
    said: SyncStatus | None = None
    last_sync_at: datetime | None = None
    back: bool = False


def get(tx: Tx, source_id: int, keys: Sequence[str]) -> dict[str, Record | Removed]:
    """What stands, or stood, under these ids."""
    found: dict[str, Record | Removed] = {}
    for key in keys:
        row = _row(tx, source_id, key)
        if row is not None:
            found[key] = _read(tx, row)
    return found


def page(tx: Tx, source_id: int, *, after: str, limit: int) -> list[Record]:
    """The next records by id."""
    return _records(
        tx, "source_id = ? AND key > ? AND removed_at IS NULL ORDER BY key LIMIT ?", source_id, after, limit
    )


def find(tx: Tx, source_id: int, ref: Ref) -> list[Record]:
    """The records about something."""
    return _records(
        tx,
        "source_id = ? AND removed_at IS NULL AND id IN (SELECT record_id FROM record_ref WHERE space = ? AND value = ?) "
        "ORDER BY key",
        source_id,
        ref.space,
        ref.value,
    )


def missing(tx: Tx, source_id: int) -> list[Record]:
    """The records that are marked as missing."""
    return _records(
        tx, "source_id = ? AND missing_since IS NOT NULL AND removed_at IS NULL ORDER BY key", source_id
    )


def in_status(tx: Tx, source_id: int, status: SyncStatus, *, shown: int | None) -> list[str]:
    """The ids of all records with a status; `shown` leaves out what changed after that sequence number."""
    found = tx.execute(
        f"SELECT key FROM record WHERE source_id = ?1 AND removed_at IS NULL AND {STATUS} = ?2 "  # noqa: S608 - constant parts
        "AND (?3 IS NULL OR changed_seq <= ?3) ORDER BY id",
        (source_id, status, shown),
    )
    return [key for (key,) in found]


def is_in_status(tx: Tx, source_id: int, key: str, status: SyncStatus, *, shown: int | None) -> bool:
    """The same about one record."""
    (found,) = tx.execute(
        f"SELECT EXISTS (SELECT 1 FROM record WHERE source_id = ?1 AND key = ?2 AND removed_at IS NULL "  # noqa: S608 - constant parts
        f"AND {STATUS} = ?3 AND (?4 IS NULL OR changed_seq <= ?4))",
        (source_id, key, status, shown),
    ).fetchone()
    return bool(found)


def judge(tx: Tx, source_id: int, new: Registration) -> Kept:
    """What keeping this registration would do."""
    row = _row(tx, source_id, new.id)
    known = _read(tx, row) if row is not None else None
    if not isinstance(known, Record):
        return Kept.NEW
    said = new.said or known.said
    same = (known.title, known.refs, dict(known.attrs), known.said) == (new.title, new.refs, new.attrs, said)
    return Kept.SAME if same else Kept.CHANGED


def keep(tx: Tx, source_id: int, new: Registration, *, seq: int, when: datetime) -> tuple[Kept, Record]:
    """Keep a registration, and what stands on the shelf now.

    It is about something else when its refs change: then it is missing no more until the engine
    says so anew. A record that is in step was last seen so now, unless its program says when.
    """
    kept, row = judge(tx, source_id, new), _row(tx, source_id, new.id)
    at = stamp(when)
    known = _read(tx, row) if row is not None else None
    if not isinstance(known, Record):
        known = Record(new.id, new.title)
    said = new.said or known.said
    still = known.missing and new.refs == known.refs
    synced = stamp(new.last_sync_at) if new.last_sync_at else at if said is SyncStatus.SYNCED else None
    (record_id,) = tx.execute(
        "INSERT INTO record (source_id, key, title, attrs, said, last_sync_at, registered_at, changed_at, changed_seq) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8) ON CONFLICT (source_id, key) DO UPDATE SET title = ?3, attrs = ?4, "
        "said = ?5, last_sync_at = coalesce(?6, CASE WHEN removed_at IS NULL THEN last_sync_at END), "
        "registered_at = CASE WHEN removed_at IS NULL THEN registered_at ELSE ?7 END, "
        "changed_at = CASE WHEN ?9 THEN changed_at ELSE ?7 END, changed_seq = CASE WHEN ?9 THEN changed_seq ELSE ?8 END, "
        "missing_since = CASE WHEN ?10 THEN missing_since END, removed_at = NULL, removed_by = NULL RETURNING id",
        (source_id, new.id, new.title, dump(new.attrs), said, synced, at, seq, kept is Kept.SAME, still),
    ).fetchone()
    if new.refs != known.refs or kept is Kept.NEW:
        tx.execute("DELETE FROM record_ref WHERE record_id = ?", (record_id,))
        tx.executemany(
            "INSERT INTO record_ref VALUES (?, ?, ?)",
            [(record_id, ref.space, ref.value) for ref in new.refs],
        )
    if kept is Kept.NEW and not new.back:
        contents.forget(tx, record_id)
    return kept, _standing(tx, source_id, new.id)


def remove(tx: Tx, source_id: int, key: str, *, by: str, at: str) -> Record | None:
    """Take a record off the shelf. Returns it as it stood there, None when it did not."""
    row = _row(tx, source_id, key)
    known = _read(tx, row) if row is not None else None
    if row is None or not isinstance(known, Record):
        return None
    tx.execute(
        "UPDATE record SET removed_at = ?, removed_by = ?, missing_since = NULL WHERE id = ?",
        (at, by, row[0]),
    )
    return known


def mark(tx: Tx, source_id: int, key: str, *, since: str | None, seq: int, at: str) -> Record | None:
    """All that a record refers to is gone since then (None: no more). None when that changes nothing."""
    changed = tx.execute(
        "UPDATE record SET missing_since = ?, changed_at = ?, changed_seq = ? WHERE source_id = ? AND key = ? "
        "AND removed_at IS NULL AND (missing_since IS NULL) = ?",
        (since, at, seq, source_id, key, since is not None),
    ).rowcount
    return _standing(tx, source_id, key) if changed else None


def touch(tx: Tx, record_id: int, *, seq: int, at: str) -> None:
    """Something of the record changed just now."""
    tx.execute("UPDATE record SET changed_at = ?, changed_seq = ? WHERE id = ?", (at, seq, record_id))


def row_of(tx: Tx, source_id: int, key: str) -> int | None:
    """The ledger's own number of a record, also of one that was taken off."""
    row = _row(tx, source_id, key)
    return int(row[0]) if row is not None else None


def forget_removed(tx: Tx, source_id: int, *, now: datetime) -> int:
    """Let go of what was taken off long ago. Returns how many."""
    before = stamp(now - REMEMBERED)
    return tx.execute(
        "DELETE FROM record WHERE source_id = ? AND removed_at < ?", (source_id, before)
    ).rowcount


def _standing(tx: Tx, source_id: int, key: str) -> Record:
    known = get(tx, source_id, [key])[key]
    assert isinstance(known, Record), "it was written in this very transaction"  # noqa: S101 - narrows the type
    return known


def _row(tx: Tx, source_id: int, key: str) -> tuple[Any, ...] | None:
    found: tuple[Any, ...] | None = tx.execute(
        f"SELECT {_COLUMNS} FROM record WHERE source_id = ? AND key = ?",  # noqa: S608 - constant columns
        (source_id, key),
    ).fetchone()
    return found


def _records(tx: Tx, where: str, *values: object) -> list[Record]:
    rows = tx.execute(f"SELECT {_COLUMNS} FROM record WHERE {where}", values).fetchall()  # noqa: S608 - constant parts
    return [record for row in rows if isinstance(record := _read(tx, row), Record)]


def _read(tx: Tx, row: tuple[Any, ...]) -> Record | Removed:
    record_id, key, title, attrs, said, missing_since, last_sync_at, removed_at, removed_by = row
    refs = tx.execute("SELECT space, value FROM record_ref WHERE record_id = ?", (record_id,))
    record = Record(
        key,
        title,
        frozenset(Ref(space, value) for space, value in refs),
        msgspec.json.decode(attrs),
        SyncStatus(said),
        datetime.fromisoformat(last_sync_at) if last_sync_at is not None else None,
        missing_since is not None,
        contents.of(tx, record_id),
    )
    if removed_at is None:
        return record
    at = datetime.fromisoformat(removed_at)
    return Removed(record, at, removed_by, at + REMEMBERED)
