"""Copies of the ledger: `backup` makes one while the daemon runs, `restore` puts one in its place.

A copy is made beside its destination and moved there when it is whole and on the disk, so that a
crash leaves the old file or the new one. Copies can be read by nobody but their owner: a ledger
names everything that a household has. A file is looked through before it is restored, and the
ledger that it replaces is kept beside it, also by the restore after that. Its numbers go on from those of
that one (see `numbering`).
"""

import contextlib
import itertools
import os
import sqlite3
from pathlib import Path

from reconciled.ledger import decisions, numbering
from reconciled.ledger.migrate import LedgerTrouble, steps

REPLACED = ".before-restore"
WITH_POLICIES = 2
"""The first shape that knows policies."""
_BESIDE = ("-wal", "-shm")
_TABLES = frozenset({"source", "item", "tombstone", "story", "hold", "run"})


def backup(ledger: Path, target: Path) -> int:
    """Copy the ledger as it is at this moment, also while a daemon writes to it. Returns the bytes written.

    LedgerTrouble when there is no ledger, when `target` exists, or when it cannot be written.
    """
    if not ledger.is_file():
        raise LedgerTrouble(f"there is no ledger {ledger}; has the daemon ever run with this config?")
    if target.exists():
        raise LedgerTrouble(f"{target} exists; a backup replaces nothing, so name a new file")
    try:
        _copy(ledger, target)
    except sqlite3.Error as error:
        raise LedgerTrouble(f"cannot copy {ledger} to {target}: {error}") from error
    except OSError as error:
        raise LedgerTrouble(f"cannot write {target}: {error.strerror}") from error
    return target.stat().st_size


def restore(copy: Path, ledger: Path) -> Path | None:
    """Put a copy in the place of the ledger. Returns where the old one is kept, None when there was none.

    Nobody may have the ledger open: the caller holds the daemon's lock. LedgerTrouble when the copy
    is damaged, none of ours, or written by a newer version; then nothing has changed.
    """
    check(copy)
    new = ledger.with_name(f"{ledger.name}.restoring")
    try:
        ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        _copy(copy, new)
        numbering.go_on(new, numbering.reached(ledger))
        _own(new, ledger.parent)
        kept = _set_aside(ledger)
        new.replace(ledger)
        _sync_folder(ledger.parent)
    except sqlite3.Error as error:
        raise LedgerTrouble(f"cannot read {copy}: {error}") from error
    except OSError as error:
        raise LedgerTrouble(f"cannot put {copy} in the place of {ledger}: {error.strerror}") from error
    return kept


def check(copy: Path) -> int:
    """Look a ledger file through: whole, ours, and not newer. Returns its shape's number. LedgerTrouble."""
    if not copy.is_file():
        raise LedgerTrouble(f"there is no file {copy}")
    try:
        db = _open(copy)
        try:
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            (shape,) = db.execute("PRAGMA user_version").fetchone()
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        finally:
            db.close()
    except sqlite3.Error as error:
        raise LedgerTrouble(f"{copy} is no ledger, or it is damaged: {error}") from error
    if said != "ok":
        raise LedgerTrouble(f"{copy} is damaged: {said}")
    if shape < 1 or not tables >= _TABLES:
        raise LedgerTrouble(f"{copy} is no ledger of reconciled")
    newest = steps()[-1][0]
    if shape > newest:
        raise LedgerTrouble(
            f"{copy} was written by a newer reconciled (shape {shape}, this one knows {newest}); install that version first"
        )
    return int(shape)


def _open(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing of what the file says."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30.0, isolation_level=None
    )


def _copy(source: Path, target: Path) -> None:
    """One consistent state of `source`, on the disk before it gets its name."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        db = _open(source)
        try:
            db.execute("VACUUM INTO ?", (str(part.absolute()),))
        finally:
            db.close()
        _take_trust_out(part)
        file = os.open(part, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _take_trust_out(copy: Path) -> None:
    """No copy carries approvals: who goes on with one is asked before anything is done, by whatever way
    the copy came back."""
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
        (shape,) = db.execute("PRAGMA user_version").fetchone()
        if shape >= WITH_POLICIES:
            decisions.distrust_all(db)


def _set_aside(ledger: Path) -> Path | None:
    """Keep the ledger under a second name too, and nothing of its log beside it: that must not meet the new one."""
    if not ledger.exists():
        for end in _BESIDE:  # a log whose ledger was moved away
            beside = ledger.with_name(ledger.name + end)
            if beside.exists():
                beside.replace(ledger.with_name(f"{ledger.name}.left{end}"))
        return None
    kept = _free_name(ledger)
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(ledger)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one keeps its log, moved along below
    for end in ("", *_BESIDE):
        kept.with_name(kept.name + end).unlink(missing_ok=True)
    os.link(ledger, kept)
    for end in _BESIDE:
        beside = ledger.with_name(ledger.name + end)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + end))
    return kept


def _free_name(ledger: Path) -> Path:
    """Where nothing else is kept: who restores twice, the wrong backup first, still has what was there before."""
    for number in itertools.count(1):
        kept = ledger.with_name(f"{ledger.name}{REPLACED}{'' if number == 1 else f'-{number}'}")
        if not kept.exists() or kept.samefile(ledger):  # the same: a restore that broke off
            return kept
    raise AssertionError


def _own(path: Path, folder: Path) -> None:
    """What root restores belongs to the user that the daemon runs as, who owns the folder."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
