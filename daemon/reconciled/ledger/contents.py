"""The contents of records: which file holds a record's bytes, and how its copies fare.

Here are rows only. A file is written before its row and removed after it, so a crash leaves at most a
file that no row names; the files' names are the ledger's own (see `mark`), so nobody else's is taken for one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from reconciled.ledger import items, sources
from reconciled.ledger.connection import Tx
from reconciled.model import RecordContent, SyncStatus

_MARK = "contents"
_FOLLOWED = "status <> 'removed'"


class Put(StrEnum):
    """What sending bytes did: the record had none, others, or the same."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that may be let go: every target has its bytes."""

    record_id: int
    key: str
    file: str


def mark(tx: Tx, *, fresh: str) -> str:
    """What the names of this ledger's files begin with; `fresh` is taken if it has no such mark yet."""
    known = sources.setting(tx, _MARK)
    if known is None:
        sources.set_setting(tx, _MARK, fresh)
    return known or fresh


def of(tx: Tx, record_id: int) -> RecordContent | None:
    """What is known of a record's bytes."""
    found = tx.execute(
        "SELECT name, mime_type, size, sha256, let_go_at IS NULL FROM content WHERE record_id = ?",
        (record_id,),
    ).fetchone()
    return RecordContent(found[0], found[1], found[2], found[3], bool(found[4])) if found else None


def file_of(tx: Tx, source_id: int, key: str) -> tuple[RecordContent, str] | None:
    """The bytes of a record that stands on its shelf, and the name of their file. None: there are none (any more)."""
    found = tx.execute(
        "SELECT record_id, file FROM content JOIN record ON record.id = record_id "
        "WHERE source_id = ? AND key = ? AND removed_at IS NULL AND let_go_at IS NULL",
        (source_id, key),
    ).fetchone()
    known = of(tx, found[0]) if found else None
    return (known, found[1]) if known is not None else None


def put(tx: Tx, record_id: int, new: RecordContent, file: str, *, at: str) -> tuple[Put, str | None]:
    """Bytes came in `file`. Returns what that did, and the name of the file that is not needed (any more)."""
    known = of(tx, record_id)
    (old,) = tx.execute("SELECT file FROM content WHERE record_id = ?", (record_id,)).fetchone() or (None,)
    same = known is not None and known.here and known.sha256 == new.sha256
    if same and known == new:
        return Put.SAME, file
    tx.execute(
        "INSERT INTO content (record_id, file, name, mime_type, size, sha256, put_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (record_id) DO UPDATE SET file = ?2, name = ?3, mime_type = ?4, size = ?5, sha256 = ?6, put_at = ?7, "
        "let_go_at = NULL",
        (record_id, old if same else file, new.name, new.mime_type, new.size, new.sha256, at),
    )
    return Put.NEW if known is None else Put.CHANGED, file if same else old


def files(tx: Tx) -> set[str]:
    """The names of all files that are needed."""
    return {file for (file,) in tx.execute("SELECT file FROM content WHERE let_go_at IS NULL")}


def is_needed(tx: Tx, file: str) -> bool:
    """The same about one file."""
    found = tx.execute("SELECT 1 FROM content WHERE file = ? AND let_go_at IS NULL", (file,)).fetchone()
    return found is not None


def delivered(
    tx: Tx, source_id: int, targets: Collection[str], *, record: int | None = None
) -> list[Outgoing]:
    """The contents of a source (or of one record) whose very bytes stand in every one of these targets.

    A copy stands when its target shows it as present, with these bytes when it last took ours: what lies in
    a trash or is hidden does not, and neither does one of older bytes. No targets: none.
    """
    if not targets:
        return []
    marks = ", ".join("?" * len(targets))
    found = tx.execute(
        "SELECT record_id, record.key, file FROM content CROSS JOIN record ON record.id = record_id "  # noqa: S608 - only marks
        "CROSS JOIN source ON source.id = record.source_id WHERE source.id = ? AND let_go_at IS NULL "
        f"{'' if record is None else 'AND record_id = ? '}"
        f"AND (SELECT count(DISTINCT target) FROM copy WHERE copy.target IN ({marks}) AND copy.sha256 = content.sha256 "
        "AND copy.source = source.name AND copy.key = record.key AND copy.status IN ('synced', 'duplicate') "
        "AND ifnull(copy.held_sha256, content.sha256) = content.sha256 AND EXISTS (SELECT 1 FROM item "
        "WHERE item.id = copy.target_item AND item.current = 1 AND item.presence = 'present')) = ?",
        (source_id, *([] if record is None else [record]), *targets, len(set(targets))),
    )
    return [Outgoing(*row) for row in found]


def let_go(tx: Tx, outgoing: Outgoing, *, at: str) -> bool:
    """The file is not needed any more. False when other bytes came meanwhile."""
    return bool(
        tx.execute(
            "UPDATE content SET let_go_at = ? WHERE record_id = ? AND file = ? AND let_go_at IS NULL",
            (at, outgoing.record_id, outgoing.file),
        ).rowcount
    )


def forget(tx: Tx, record_id: int) -> None:
    """The record is registered as another one: bytes of before are not its own. Their file is swept."""
    tx.execute("DELETE FROM content WHERE record_id = ?", (record_id,))


def records_follow(tx: Tx, item_id: int) -> SyncStatus | None:
    """A copy of this original changed: if it is a record with bytes, its status is what its copies say.

    Returns the status that it has now, None when it follows none. Its item says the same at once.
    """
    found = tx.execute(
        "SELECT record.id, record.said, content.sha256 FROM item CROSS JOIN record ON record.source_id = item.source_id "
        "AND record.key = item.key AND record.removed_at IS NULL CROSS JOIN content ON content.record_id = record.id "
        "WHERE item.id = ? AND item.current = 1",
        (item_id,),
    ).fetchone()
    copies = tx.execute(
        f"SELECT status, sha256, changed_at FROM copy WHERE item_id = ? AND {_FOLLOWED}",  # noqa: S608 - constant
        (item_id,),
    ).fetchall()
    if found is None or not copies:
        return None
    record_id, said, sha256 = found
    status = follow([(one, of_bytes == sha256) for one, of_bytes, _ in copies])
    if status != said:
        _say(tx, record_id, item_id, status, at=max(at for _, _, at in copies))
    return status


def follow(copies: Collection[tuple[str, bool]]) -> SyncStatus:
    """The status of an original, from those of its copies; each with whether it is of the bytes as they are now."""
    stands = {
        status if current or status not in ("synced", "duplicate") else "pending"
        for status, current in copies
    }
    for status, meant in (
        ("failed", SyncStatus.FAILED),
        ("refused", SyncStatus.FAILED),
        ("missing", SyncStatus.FAILED),
        ("processing", SyncStatus.PROCESSING),
        ("pending", SyncStatus.PENDING),
        ("duplicate", SyncStatus.DUPLICATE),
    ):
        if status in stands:
            return meant
    return SyncStatus.SYNCED


def _say(tx: Tx, record_id: int, item_id: int, status: SyncStatus, *, at: str) -> None:
    in_step = at if status in (SyncStatus.SYNCED, SyncStatus.DUPLICATE) else None
    tx.execute(
        "UPDATE record SET said = ?, last_sync_at = coalesce(?, last_sync_at), changed_at = ?, changed_seq = ? WHERE id = ?",
        (status, in_step, at, items.next_seq(tx), record_id),
    )
    row = items.by_id(tx, item_id)
    if row is not None and row.item.attrs.get("sync_status") not in (None, "missing"):
        attrs = {**row.item.attrs, "sync_status": str(status)}
        items.update(tx, row, replace(row.item, attrs=attrs), at=at)
