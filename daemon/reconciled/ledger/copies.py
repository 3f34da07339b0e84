"""Copies: one row is one original and one target, what the target holds of it, or why not (yet).

The row is also the journal of its upload: `sent` is committed before the call and the receipt after
it, so that a crash at any moment leaves a row that says what is not known.
"""

from collections.abc import Collection, Iterable
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

_STILL_ROTTEN = f"CASE code WHEN '{ROTTEN}' THEN code ELSE ?4 END"
"""That the target's bytes are bad is so until it holds good ones, however often these set out."""

_COLUMNS = (
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
    found = tx.execute(f"SELECT {_COLUMNS} FROM copy WHERE id = ?", (copy,)).fetchone()  # noqa: S608 - constant
    return _row(found) if found else None


def of_original(tx: Tx, item_id: int) -> dict[str, CopyRow]:
    """The copies of an original, by target."""
    found = tx.execute(f"SELECT {_COLUMNS} FROM copy WHERE item_id = ?", (item_id,))  # noqa: S608 - constant
    return {row.target: row for row in map(_row, found)}


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


def enroll(tx: Tx, mirror: str, original: Original, target: str, *, at: str) -> CopyRow:
    """A new row, pending."""
    found = tx.execute(
        "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, print, version, created_at, "  # noqa: S608 - constant
        f"changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?10, ?11, ?11) RETURNING {_COLUMNS}",
        (
            mirror, original.item_id, original.source, original.key.kind, original.key.id, original.title,
            original.fileset, target, original.print, original.version, at,
        ),
    ).fetchone()  # fmt: skip
    return _row(found)


def look_anew(tx: Tx, copy: int, original: Original, *, at: str, status: CopyStatus | None = None) -> None:
    """The original was looked at again. With a `status` its newer bytes are to travel (or it is refused anew); an
    upload of earlier ones of which nobody heard the end is still to be found out about.
    """
    tx.execute(
        "UPDATE copy SET title = ?, key = ?, fileset = ?, print = ?, changed_at = ? WHERE id = ?",
        (original.title, original.key.id, original.fileset, original.print, at, copy),
    )
    if status is not None:
        tx.execute(
            f"UPDATE copy SET status = ?1, version = ?2, sha256 = NULL, size = NULL, receipt = NULL, twin = NULL, "  # noqa: S608 - constant
            f"tries = 0, next_try = CASE WHEN sent IS NULL THEN 0 ELSE next_try END, reason = '', code = {_STILL_ROTTEN} WHERE id = ?3",
            (status, original.version, copy, ""),
        )


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


def sending(tx: Tx, copy: int, carried: Bytes, *, sent: float, at: str) -> None:
    """An upload begins. Committed before the call. `sent` stays that of an earlier one nobody heard the end of."""
    carries(tx, copy, carried)
    tx.execute(
        f"UPDATE copy SET sent = ifnull(sent, ?1), sent_at = CASE WHEN sent IS NULL THEN ?2 ELSE sent_at END, twin = NULL, "  # noqa: S608 - constant
        f"reason = '', code = {_STILL_ROTTEN}, changed_at = ?2 WHERE id = ?3",
        (sent, at, copy, ""),
    )


def carries(tx: Tx, copy: int, carried: Bytes) -> None:
    """What its original's bytes turned out to be."""
    tx.execute(
        "UPDATE copy SET sha256 = ?, size = ?, mime_type = ?, etag = ? WHERE id = ?",
        (carried.sha256, carried.size, carried.mime_type, carried.etag, copy),
    )


def same_bytes(tx: Tx, copy: int, original: Original, *, etag: str | None) -> None:
    """The original was fetched and its bytes are those of the copy, whatever else changed about it."""
    tx.execute(
        "UPDATE copy SET version = ?, etag = ?, print = ?, code = '', reason = '' WHERE id = ?",
        (original.version, etag, original.print, copy),
    )


def wait_for_twin(tx: Tx, copy: int, twin: int, carried: Bytes, *, at: str) -> None:
    """The same bytes are under way for another original: what becomes of them becomes of this one."""
    carries(tx, copy, carried)
    tx.execute(
        "UPDATE copy SET twin = ?, changed_at = ?, reason = 'the same bytes are under way for another file' WHERE id = ?",
        (twin, at, copy),
    )


def received(tx: Tx, copy: int, receipt: str, *, now: float, next_try: float, at: str) -> None:
    """The target has the file and is working on it, as of now."""
    tx.execute(
        "UPDATE copy SET status = 'processing', receipt = ?, sent = ?, next_try = ?, reason = '', code = '', changed_at = ? "
        "WHERE id = ?",
        (receipt, now, next_try, at, copy),
    )


def ask_again(tx: Tx, copy: int, *, next_try: float, reason: str, at: str) -> None:
    """It is not finished; asked again then."""
    tx.execute(
        "UPDATE copy SET next_try = ?, reason = ?, changed_at = ? WHERE id = ?", (next_try, reason, at, copy)
    )


def kept(
    tx: Tx,
    copy: int,
    key: Key,
    how: How,
    *,
    target_item: int | None,
    status: CopyStatus,
    held: str | None,
    reason: str,
    at: str,
) -> None:
    """The target holds the file, and shows the bytes `held`. A copy that was made stays made, whatever a later look calls it."""
    tx.execute(
        "UPDATE copy SET status = ?, how = CASE WHEN how = 'made' AND target_kind = ?3 AND target_key = ?4 THEN how ELSE ?2 END, "
        "target_kind = ?3, target_key = ?4, target_item = ?5, sent = NULL, twin = NULL, tries = 0, next_try = 0, reason = ?6, "
        "code = '', changed_at = ?7, held_sha256 = ?8 WHERE id = ?9",
        (status, how, key.kind, key.id, target_item, reason, at, held, copy),
    )


def holds_older(tx: Tx, copy: int, sha256: str) -> None:
    """A copy of ours has the bytes of an earlier version: the newer ones are to follow."""
    tx.execute(
        "UPDATE copy SET sha256 = ?1, held_sha256 = ?1, version = '', etag = NULL, print = NULL WHERE id = ?2",
        (sha256, copy),
    )


def twins_of(tx: Tx, copy: int) -> list[CopyRow]:
    """Those that wait for what becomes of a copy."""
    found = tx.execute(f"SELECT {_COLUMNS} FROM copy WHERE twin = ? ORDER BY id", (copy,))  # noqa: S608 - constant
    return [_row(one) for one in found]


def let_twins_go(tx: Tx, copy: int) -> None:
    """What they waited for came to nothing: they are to travel themselves."""
    tx.execute("UPDATE copy SET twin = NULL, next_try = 0, reason = '' WHERE twin = ?", (copy,))


def put_off(
    tx: Tx, copy: int, *, next_try: float, reason: str, tried: bool, heard: bool, at: str, code: str = ""
) -> None:
    """It travels later. `tried`: this counts as a try. `heard`: the target surely has nothing of it."""
    tx.execute(
        f"UPDATE copy SET status = 'pending', next_try = ?1, reason = ?2, tries = tries + ?3, "  # noqa: S608 - constant
        f"sent = CASE WHEN ?5 THEN NULL ELSE sent END, receipt = NULL, code = {_STILL_ROTTEN}, changed_at = ?6 WHERE id = ?7",
        (next_try, reason, tried, code, heard, at, copy),
    )


def fail(
    tx: Tx, copy: int, *, status: CopyStatus, reason: str, code: str, at: str, heard: bool = True
) -> None:
    """It does not travel unless a person says so (failed), or until it or the rules change (refused)."""
    tx.execute(
        "UPDATE copy SET status = ?, reason = ?, code = ?, twin = NULL, sent = CASE WHEN ? THEN NULL ELSE sent END, "
        "changed_at = ? WHERE id = ?",
        (status, reason, code, heard, at, copy),
    )


def older(tx: Tx, copy: int, *, base: str | None, reason: str, code: str, at: str) -> None:
    """The target holds what it held, which is older than its original now, or changed there.

    `base` is the checksum of the bytes that both had when they were last the same. `LATER` as its code: the
    original is looked at again as soon as the copy is there.
    """
    tx.execute(
        "UPDATE copy SET status = CASE how WHEN 'made' THEN 'synced' ELSE 'duplicate' END, sent = NULL, sha256 = ?1, "
        "reason = ?2, code = ?3, changed_at = ?4, print = iif(?3 = ?5, NULL, print), version = iif(?3 = ?5, '', version), "
        "etag = iif(?3 = ?5, NULL, etag) WHERE id = ?6",
        (base, reason, code, at, LATER, copy),
    )


def bring_again(tx: Tx, copy: int, *, at: str) -> bool:
    """A person wants it to travel (again). False when it is under way, or there.

    Of a copy that is older than its original, the original's bytes are to count, whatever the copy's are.
    """
    anew = tx.execute(
        "UPDATE copy SET held_sha256 = ?, sha256 = NULL, etag = NULL, version = '', print = NULL, reason = '', code = '', "
        "changed_at = ? WHERE id = ? AND status IN ('synced', 'duplicate') AND code IN (?, ?)",
        (WHATEVER, at, copy, CHANGED, CONFLICT),
    )
    return bool(
        anew.rowcount
        or tx.execute(
            "UPDATE copy SET status = 'pending', tries = 0, next_try = 0, twin = NULL, reason = '', code = '', receipt = NULL, "
            "sent = iif(code = 'timeout', NULL, sent), how = NULL, target_kind = iif(how IS NULL, target_kind, NULL), target_key = iif(how IS NULL, target_key, NULL), "
            "target_item = iif(how IS NULL, target_item, NULL), print = NULL, changed_at = ? "
            "WHERE id = ? AND status IN ('failed', 'missing', 'refused')",
            (at, copy),
        ).rowcount
    )


def take_back(tx: Tx, copy: int, *, at: str) -> bool:
    """A person says that of a copy in conflict its own bytes count, and not its original's as they are now.

    False when it is in none. They travel with the next run of the mirror of the other direction; should the
    original change before, a person is asked again.
    """
    return bool(
        tx.execute(
            "UPDATE copy SET code = ?, reason = 'the copy counts: it is brought back to its original', changed_at = ?, "
            "print = (SELECT print FROM item WHERE item.id = item_id) "
            "WHERE id = ? AND status IN ('synced', 'duplicate') AND code IN (?, ?)",
            (BACK, at, copy, CHANGED, CONFLICT),
        ).rowcount
    )


def rotten(tx: Tx, target: str, key: Key, *, reason: str, at: str) -> None:
    """What a target holds of these is not what it was: it travels again."""
    tx.execute(
        "UPDATE copy SET status = 'pending', tries = 0, next_try = 0, sent = NULL, reason = ?, code = 'rotten', changed_at = ? "
        "WHERE target = ? AND target_kind = ? AND target_key = ? AND status IN ('synced', 'duplicate')",
        (reason, at, target, key.kind, key.id),
    )


def processing(tx: Tx, target: str, *, now: float, limit: int) -> list[CopyRow]:
    """What a target works on and is to be asked about, oldest first."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM copy WHERE target = ? AND status = 'processing' AND next_try <= ? ORDER BY id LIMIT ?",  # noqa: S608 - constant
        (target, now, limit),
    )
    return [_row(one) for one in found]


def not_before(tx: Tx, ids: Collection[int], due: float) -> None:
    """None of these is asked about before that."""
    tx.executemany("UPDATE copy SET next_try = max(next_try, ?) WHERE id = ?", [(due, copy) for copy in ids])


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
        f"SELECT {_COLUMNS} FROM copy WHERE mirror = ? AND status IN ('pending', 'failed') AND sent IS NOT NULL AND next_try <= ? "  # noqa: S608 - constant
        "AND NOT EXISTS (SELECT 1 FROM item WHERE id = item_id AND current = 1 AND presence = 'present') ORDER BY id",
        (mirror, now),
    )
    return [_row(one) for one in found]


def ownerless(tx: Tx, mirrors: Iterable[str], *, now: float, before: float) -> list[CopyRow]:
    """Uploads of which nobody knows the end, begun `before`, whose mirror is none of these: no run brings them."""
    names = [*mirrors]
    marks = ", ".join("?" * len(names))
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM copy WHERE status = 'pending' AND sent <= ? AND next_try <= ? AND mirror NOT IN ({marks}) ORDER BY id",  # noqa: S608 - only marks
        (before, now, *names),
    )
    return [_row(one) for one in found]


def count_processing(tx: Tx, target: str) -> int:
    """How many a target works on."""
    (n,) = tx.execute(
        "SELECT count(*) FROM copy WHERE target = ? AND status = 'processing'", (target,)
    ).fetchone()
    return int(n)


def refused_anew(tx: Tx, mirror: str) -> None:
    """The rules changed: what they refused is looked at again."""
    tx.execute("UPDATE copy SET print = NULL WHERE mirror = ? AND status = 'refused'", (mirror,))


def after_restart(tx: Tx, *, now: float, over: float) -> None:
    """Uploads that were cut off are found out about once their call is surely over: `over` seconds from now,
    since nobody knows how long bytes went out.
    """
    tx.execute(
        "UPDATE copy SET next_try = max(next_try, ?) WHERE status = 'pending' AND sent IS NOT NULL",
        (now + over,),
    )
    tx.execute("UPDATE copy SET next_try = 0 WHERE status = 'processing'")
    tx.execute(
        "UPDATE copy SET twin = NULL, next_try = 0 WHERE twin IS NOT NULL AND twin NOT IN (SELECT id FROM copy WHERE "
        "status = 'processing' OR (status = 'pending' AND sent IS NOT NULL))"
    )


# --- what no copy refers to ---------------------------------------------------------------------------


def unreferenced(
    tx: Tx, source_id: int, target: str, *, after: int, limit: int
) -> list[tuple[int, str, str]]:
    """Present items of a target that nothing refers to: row, kind and key, beyond a row's id, in order."""
    found = tx.execute(
        "SELECT id, kind, key FROM item WHERE source_id = ? AND current = 1 AND presence = 'present' AND item.id > ? "
        "AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.target = ? AND copy.target_kind = item.kind AND "
        "copy.target_key = item.key AND copy.status <> 'removed') ORDER BY id LIMIT ?",
        (source_id, after, target, limit),
    )
    return [(int(row), str(kind), str(key)) for row, kind, key in found]


def stores(tx: Tx, source_id: int, key: str) -> None:
    """An upload of ours is about to put these bytes into an archive."""
    tx.execute("INSERT OR IGNORE INTO stored (source_id, key) VALUES (?, ?)", (source_id, key))


def stored(tx: Tx, source_id: int, key: str) -> bool:
    """Whether an upload of ours put these bytes there, by this ledger."""
    return bool(
        tx.execute("SELECT 1 FROM stored WHERE source_id = ? AND key = ?", (source_id, key)).fetchone()
    )


def leave(tx: Tx, target: str, key: Key, *, since: float) -> bool:
    """From now on no new copy is tied to the item. False when something refers to it, or is about to."""
    (used,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE target = ?1 AND status <> 'removed' AND "
        "((target_kind = ?2 AND target_key = ?3) OR (sha256 = ?3 AND sent IS NOT NULL)))",
        (target, key.kind, key.id),
    ).fetchone()
    if not used:
        tx.execute(
            "INSERT OR REPLACE INTO leaving (target, kind, key, since) VALUES (?, ?, ?, ?)",
            (target, key.kind, key.id, since),
        )
    return not used


def leaves(tx: Tx, target: str, key: str) -> bool:
    """Whether an item of that id is being taken out of a target."""
    return bool(tx.execute("SELECT 1 FROM leaving WHERE target = ? AND key = ?", (target, key)).fetchone())


def left(tx: Tx, target: str, key: Key) -> None:
    """It is out, or it stays after all."""
    tx.execute("DELETE FROM leaving WHERE target = ? AND kind = ? AND key = ?", (target, key.kind, key.id))


def leaving(tx: Tx, *, before: float) -> list[tuple[str, Key]]:
    """What was being taken out when the daemon stopped, and must be over by now."""
    found: Collection[tuple[str, str, str]] = tx.execute(
        "SELECT target, kind, key FROM leaving WHERE since < ?", (before,)
    ).fetchall()
    return [(target, Key(kind, key)) for target, kind, key in found]


def _first(tx: Tx, where: str, values: tuple[object, ...]) -> CopyRow | None:
    found = tx.execute(f"SELECT {_COLUMNS} FROM copy WHERE {where} LIMIT 1", values).fetchone()  # noqa: S608 - constant
    return _row(found) if found else None


def _row(found: tuple[object, ...]) -> CopyRow:
    values: dict[str, Any] = dict(zip(CopyRow.__slots__, found, strict=True))
    how = values["how"]
    return CopyRow(**values | {"status": CopyStatus(values["status"]), "how": How(how) if how else None})
