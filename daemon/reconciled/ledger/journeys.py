"""A copy's journey as its row tells it: that it is wanted, on its way, there, put off, or at its end.

That an upload begins is committed before the call and its receipt after it, so that a crash at any moment
leaves a row that says what is not known. Who reads them stands in `copies`.
"""

from collections.abc import Collection

from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import (
    BACK,
    CHANGED,
    COLUMNS,
    CONFLICT,
    LATER,
    ROTTEN,
    WHATEVER,
    Bytes,
    CopyRow,
    CopyStatus,
    How,
    Original,
    read_row,
)
from reconciled.model import Key

LONGEST_WAIT = 6 * 3600.0
_STILL_ROTTEN = f"CASE code WHEN '{ROTTEN}' THEN code ELSE ?4 END"
"""That the target's bytes are bad is so until it holds good ones, however often these set out."""
_SHOWN = "(SELECT min(value) FROM ref WHERE ref.item_id = copy.target_item AND space = 'sha256' HAVING count(*) = 1)"
"""The one checksum that a copy's target shows of it."""
_HELD = "(status <> 'missing' AND target_key = held_sha256)"
"""An archive has the bytes of before: they are the copy's until it has the newer ones."""


def enroll(tx: Tx, mirror: str, original: Original, target: str, *, at: str) -> CopyRow:
    """A new row, pending."""
    found = tx.execute(
        "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, print, version, created_at, "  # noqa: S608 - constant
        f"changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?10, ?11, ?11) RETURNING {COLUMNS}",
        (
            mirror, original.item_id, original.source, original.key.kind, original.key.id, original.title,
            original.fileset, target, original.print, original.version, at,
        ),
    ).fetchone()  # fmt: skip
    return read_row(found)


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

    Of a copy that is older than its original, the original's bytes are to count, whatever the copy's are: those
    that it has now. Should it change before, a person is asked again, as far as its target tells.
    """
    anew = tx.execute(
        f"UPDATE copy SET held_sha256 = ifnull({_SHOWN}, ?), sha256 = NULL, etag = NULL, version = '', print = NULL, reason = '', "  # noqa: S608 - constant
        "code = '', changed_at = ? WHERE id = ? AND status IN ('synced', 'duplicate') AND code IN (?, ?)",
        (WHATEVER, at, copy, CHANGED, CONFLICT),
    )
    return bool(
        anew.rowcount
        or tx.execute(
            "UPDATE copy SET status = 'pending', tries = 0, next_try = 0, twin = NULL, reason = '', code = '', receipt = NULL, "  # noqa: S608 - constant
            f"sent = iif(code = 'timeout', NULL, sent), how = iif({_HELD}, how, NULL), target_kind = iif(how IS NULL OR {_HELD}, target_kind, NULL), "
            f"target_key = iif(how IS NULL OR {_HELD}, target_key, NULL), target_item = iif(how IS NULL OR {_HELD}, target_item, NULL), print = NULL, changed_at = ? "
            "WHERE id = ? AND status IN ('failed', 'missing', 'refused')",
            (at, copy),
        ).rowcount
    )


def take_back(tx: Tx, copy: int, *, version: str, at: str) -> bool:
    """A person says that of a copy in conflict its own bytes count, and not its original's as they are now,
    which `version` names.

    False when it is in none. They travel with the next run of the mirror of the other direction; should the
    original change before, a person is asked again.
    """
    return bool(
        tx.execute(
            "UPDATE copy SET code = ?, reason = 'the copy counts: it is brought back to its original', changed_at = ?, version = ?, "
            "print = (SELECT print FROM item WHERE item.id = item_id) "
            "WHERE id = ? AND status IN ('synced', 'duplicate') AND code IN (?, ?)",
            (BACK, at, version, copy, CHANGED, CONFLICT),
        ).rowcount
    )


def rotten(tx: Tx, target: str, key: Key, *, reason: str, at: str) -> None:
    """What a target holds of these is not what it was: it travels again."""
    tx.execute(
        "UPDATE copy SET status = 'pending', tries = 0, next_try = 0, sent = NULL, reason = ?, code = 'rotten', changed_at = ? "
        "WHERE target = ? AND target_kind = ? AND target_key = ? AND status IN ('synced', 'duplicate')",
        (reason, at, target, key.kind, key.id),
    )


def not_before(tx: Tx, ids: Collection[int], due: float) -> None:
    """None of these is asked about before that."""
    tx.executemany("UPDATE copy SET next_try = max(next_try, ?) WHERE id = ?", [(due, copy) for copy in ids])


def refused_anew(tx: Tx, mirror: str) -> None:
    """The rules changed: what they refused is looked at again."""
    tx.execute("UPDATE copy SET print = NULL WHERE mirror = ? AND status = 'refused'", (mirror,))


def after_restart(tx: Tx, *, now: float, over: float) -> None:
    """Uploads that were cut off are found out about once their call is surely over: `over` seconds from now,
    since nobody knows how long bytes went out. Nothing waits longer than the longest wait: the clock may have
    been ahead when that was said.
    """
    tx.execute(
        "UPDATE copy SET next_try = ?1 WHERE status = 'pending' AND next_try > ?1",
        (now + over + LONGEST_WAIT,),
    )
    tx.execute(
        "UPDATE copy SET next_try = max(next_try, ?) WHERE status = 'pending' AND sent IS NOT NULL",
        (now + over,),
    )
    tx.execute("UPDATE copy SET next_try = 0 WHERE status = 'processing'")
    tx.execute(
        "UPDATE copy SET twin = NULL, next_try = 0 WHERE twin IS NOT NULL AND twin NOT IN (SELECT id FROM copy WHERE "
        "status = 'processing' OR (status = 'pending' AND sent IS NOT NULL))"
    )
