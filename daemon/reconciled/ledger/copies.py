"""Copies: one row is one original and one target, what the target holds of it, or why not (yet).

The row is also the journal of its upload: `sent` is committed before the call and the receipt after
it, so that a crash at any moment leaves a row that says what is not known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from reconciled.ledger.connection import Tx
from reconciled.model import Key


class CopyStatus(StrEnum):
    """How a copy fares: the words of `SyncStatus`, and what only a mirror knows."""

    PENDING = "pending"
    PROCESSING = "processing"
    SYNCED = "synced"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    MISSING = "missing"
    REFUSED = "refused"
    REMOVED = "removed"

    @property
    def stands(self) -> bool:
        """Whether the target holds the file, as far as the ledger knows."""
        return self in (CopyStatus.SYNCED, CopyStatus.DUPLICATE)


class How(StrEnum):
    """Whose copy it is: made by an upload of ours, or found there."""

    MADE = "made"
    FOUND = "found"


AGAIN = "again"
"""The code of a copy that failed and is tried again by itself."""
CHANGED = "changed"
"""The code of a copy whose original has newer bytes, which it cannot be given."""
CONFLICT = "conflict"
"""The code of a copy that changed, as its original may have: a person says which of them counts."""
LATER = "later"
"""The code of a copy that was not shown when its original's newer bytes came: the engine looks what became of it."""
WHATEVER = ""
"""As what the target held: a person said that the original's bytes count, whatever the copy's are."""
BACK = "back"
"""The code of a copy whose bytes count: the mirror of the other direction is to bring them to its original."""
ROTTEN = "rotten"
"""The code of a copy whose bytes in its target are no longer what they were."""
TIMEOUT = "timeout"
"""The code of a copy that its target did not finish with: it may be there yet."""


COLUMNS = (
    "id, mirror, item_id, source, kind, key, title, fileset, target, status, how, print, version, etag, sha256, size, "
    "mime_type, held_sha256, target_kind, target_key, target_item, sent, receipt, twin, tries, next_try, reason, code"
)


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy. `sent` and `next_try` are reckoned; `version` names the original's bytes that it is of."""

    id: int
    mirror: str
    item_id: int
    source: str
    kind: str
    key: str
    title: str
    fileset: str
    target: str
    status: CopyStatus
    how: How | None
    print: bytes | None
    version: str
    etag: str | None
    sha256: str | None
    size: int | None
    mime_type: str | None
    held_sha256: str | None
    target_kind: str | None
    target_key: str | None
    target_item: int | None
    sent: float | None
    receipt: str | None
    twin: int | None
    tries: int
    next_try: float
    reason: str
    code: str

    @property
    def original(self) -> Key:
        """The key of the original in its source."""
        return Key(self.kind, self.key)

    @property
    def copied(self) -> Key | None:
        """The key of the copy in its target, once it has one."""
        if self.target_kind is None or self.target_key is None:
            return None
        return Key(self.target_kind, self.target_key)

    @property
    def goes_back(self) -> bool:
        """Whether it stands for bytes on their way back, from a copy to its original, and not for a copy."""
        return self.how is None and self.copied is not None


@dataclass(frozen=True, slots=True)
class Original:
    """What a new row says of its original."""

    item_id: int
    source: str
    key: Key
    title: str
    fileset: str
    print: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """What was fetched of an original: its checksum, how many, their real type, the app's name for them."""

    sha256: str
    size: int
    mime_type: str
    etag: str | None


def get(tx: Tx, copy: int) -> CopyRow | None:
    """One copy, or None."""
    found = tx.execute(f"SELECT {COLUMNS} FROM copy WHERE id = ?", (copy,)).fetchone()  # noqa: S608 - constant
    return read_row(found) if found else None


def of_original(tx: Tx, item_id: int) -> dict[str, CopyRow]:
    """The copies of an original, by target."""
    found = tx.execute(f"SELECT {COLUMNS} FROM copy WHERE item_id = ?", (item_id,))  # noqa: S608 - constant
    return {row.target: row for row in map(read_row, found)}


class Wanted(NamedTuple):
    """An original that has something to be done about: its fileset, its row, its bytes as the app says."""

    fileset: str
    item_id: int
    size: int | None


def wanted(
    tx: Tx, source_id: int, *, kinds: Iterable[str], targets: Iterable[str], attr: str | None, now: float
) -> list[Wanted]:
    """The originals that have something to be done about, in the order of their filesets.

    That is a present item with its file that has no row for one of the targets, or one that waits and is
    due, or that changed since it was looked at; its copy has to be there. `attr` names the attribute that holds
    its fileset.
    What is itself a copy of something in a target is no original there, unless it was found and has a copy of
    its own, or its bytes go back to it (`pairs`): then its original waits.
    """
    fileset = (
        "item.key" if attr is None else "ifnull(json_extract(item.attrs, '$.' || json_quote(?)), item.key)"
    )
    of_kinds = [*kinds]
    marks = ", ".join("?" * len(of_kinds))
    found: dict[int, Wanted] = {}
    for target in targets:
        values = [*(() if attr is None else (attr,)), target, source_id, *of_kinds, now, target]
        rows = tx.execute(
            f"SELECT {fileset}, item.id, json_extract(item.attrs, '$.size') FROM item LEFT JOIN copy ON copy.item_id = item.id AND copy.target = ? "  # noqa: S608 - only marks
            f"WHERE item.source_id = ? AND item.kind IN ({marks}) AND item.current = 1 AND item.presence = 'present' "
            "AND ifnull(item.has_file, 1) = 1 AND ifnull(json_extract(item.attrs, '$.has_bytes'), 1) <> 0 AND (copy.id IS NULL OR (copy.status = 'pending' AND copy.twin IS NULL "
            f"AND copy.next_try <= ?) OR (copy.print IS NOT item.print AND copy.status NOT IN ('processing', 'removed') AND copy.code <> '{BACK}')) "
            "AND NOT (copy.status IN ('synced', 'duplicate') AND EXISTS (SELECT 1 FROM item AS copied WHERE "
            "copied.id = copy.target_item AND copied.presence <> 'present')) "
            "AND ((copy.how IS NULL AND copy.target_key IS NOT NULL) OR NOT EXISTS (SELECT 1 FROM copy AS other WHERE "
            "other.target_item = item.id AND other.source = ? AND (other.how = 'made' OR (other.how = 'found' AND copy.how "
            "IS NULL) OR (other.how IS NULL AND other.status IN ('pending', 'processing')))))",
            values,
        )
        for name, item_id, size in rows:
            found[item_id] = Wanted(str(name), item_id, size if isinstance(size, int) else None)
    return sorted(found.values(), key=lambda one: (one.fileset, one.item_id))


def failed(tx: Tx, mirror: str) -> set[int]:
    """The originals of a mirror that failed to travel, and wait for a person."""
    found = tx.execute("SELECT item_id FROM copy WHERE mirror = ? AND status = 'failed'", (mirror,))
    return {int(item_id) for (item_id,) in found}


def under_way(tx: Tx, target: str, sha256: str, *, besides: int) -> CopyRow | None:
    """Another copy of the same bytes for that target whose upload is under way, the oldest."""
    return _first(
        tx,
        "target = ? AND sha256 = ? AND id <> ? AND twin IS NULL AND (status = 'processing' OR (status = 'pending' AND "
        "sent IS NOT NULL)) ORDER BY id",
        (target, sha256, besides),
    )


def standing(tx: Tx, target: str, sha256: str, *, besides: int) -> CopyRow | None:
    """Another copy of the same bytes that the target holds, shown by the ledger as present and, as far as it
    says, with these bytes still; made ones first.
    """
    return _first(
        tx,
        "target = ? AND sha256 = ? AND id <> ? AND status IN ('synced', 'duplicate') AND EXISTS (SELECT 1 FROM item WHERE "
        "item.id = copy.target_item AND item.presence = 'present' AND item.current = 1 AND ifnull((SELECT max(value = copy.sha256) "
        "FROM ref WHERE ref.item_id = item.id AND space = 'sha256'), 1)) ORDER BY how = 'made' DESC, id",
        (target, sha256, besides),
    )


def twins_of(tx: Tx, copy: int) -> list[CopyRow]:
    """Those that wait for what becomes of a copy."""
    found = tx.execute(f"SELECT {COLUMNS} FROM copy WHERE twin = ? ORDER BY id", (copy,))  # noqa: S608 - constant
    return [read_row(one) for one in found]


def processing(tx: Tx, target: str, *, now: float, limit: int) -> list[CopyRow]:
    """What a target works on and is to be asked about, oldest first."""
    found = tx.execute(
        f"SELECT {COLUMNS} FROM copy WHERE target = ? AND status = 'processing' AND next_try <= ? ORDER BY id LIMIT ?",  # noqa: S608 - constant
        (target, now, limit),
    )
    return [read_row(one) for one in found]


def next_question(tx: Tx) -> float | None:
    """When the next one that is worked on is to be asked about, reckoned; None: nothing is."""
    (at,) = tx.execute("SELECT min(next_try) FROM copy WHERE status = 'processing'").fetchone()
    return None if at is None else float(at)


def next_journey(tx: Tx, mirror: str, *, after: float = -1.0) -> float | None:
    """When the next of a mirror's copies that wait is due, reckoned, later than `after`; None: nothing waits."""
    (at,) = tx.execute(
        "SELECT min(next_try) FROM copy WHERE mirror = ? AND status = 'pending' AND twin IS NULL AND next_try > ?",
        (mirror, after),
    ).fetchone()
    return None if at is None else float(at)


def strays(tx: Tx, mirror: str, *, now: float) -> list[CopyRow]:
    """Uploads of which nobody knows the end, due to be asked about, whose original no run brings any more."""
    found = tx.execute(
        f"SELECT {COLUMNS} FROM copy WHERE mirror = ? AND status IN ('pending', 'failed', 'refused') AND sent IS NOT NULL AND next_try <= ? "  # noqa: S608 - constant
        "AND NOT EXISTS (SELECT 1 FROM item WHERE id = item_id AND current = 1 AND presence = 'present') ORDER BY id",
        (mirror, now),
    )
    return [read_row(one) for one in found]


def ownerless(tx: Tx, mirrors: Iterable[str], *, now: float, before: float) -> list[CopyRow]:
    """Uploads of which nobody knows the end, begun `before`, whose mirror is none of these: no run brings them."""
    names = [*mirrors]
    marks = ", ".join("?" * len(names))
    found = tx.execute(
        f"SELECT {COLUMNS} FROM copy WHERE status = 'pending' AND sent <= ? AND next_try <= ? AND mirror NOT IN ({marks}) ORDER BY id",  # noqa: S608 - only marks
        (before, now, *names),
    )
    return [read_row(one) for one in found]


def count_processing(tx: Tx, target: str) -> int:
    """How many a target works on."""
    (n,) = tx.execute(
        "SELECT count(*) FROM copy WHERE target = ? AND status = 'processing'", (target,)
    ).fetchone()
    return int(n)


def _first(tx: Tx, where: str, values: tuple[object, ...]) -> CopyRow | None:
    found = tx.execute(f"SELECT {COLUMNS} FROM copy WHERE {where} LIMIT 1", values).fetchone()  # noqa: S608 - constant
    return read_row(found) if found else None


def read_row(found: tuple[object, ...]) -> CopyRow:
    values: dict[str, Any] = dict(zip(CopyRow.__slots__, found, strict=True))
    how = values["how"]
    return CopyRow(**values | {"status": CopyStatus(values["status"]), "how": How(how) if how else None})
