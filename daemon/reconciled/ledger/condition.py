"""The condition of the ledger's file: what is wrong with it, in words for people, with the remedy.

Two kinds of trouble are told apart. What comes from outside (a full disk, a file that may not be
written, or that another program has locked) passes: whoever writes waits for it. Damage does not: a damaged
ledger is neither read nor written any more, since what it says may be wrong and a write may make it worse.
"""

import sqlite3
import time
from pathlib import Path

from reconciled.ledger.migrate import BadLedger, LedgerTrouble

LOOKING = 2.0
"""Seconds that the look at the start may take; of a very large ledger it sees a part."""
RESTORE = "stop the daemon, and put a backup in its place with `reconciled restore FILE`"
ANEW = "or move it away, with the -wal and -shm beside it, to begin anew"
_OUTSIDE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_STEPS = 20_000
_LOCKED = "another program has it open and locked: end that one"
_REMEDIES = {
    sqlite3.SQLITE_CANTOPEN: "its folder must exist and belong to the user that runs the daemon",
    sqlite3.SQLITE_READONLY: "make it and its folder writable for the user that runs the daemon",
    sqlite3.SQLITE_PERM: "make it and its folder writable for the user that runs the daemon",
    sqlite3.SQLITE_FULL: "the disk is full: make room on it, and where temporary files go",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_IOERR: "look at its disk: whether it is full, and whether the kernel's log complains of it",
    sqlite3.SQLITE_NOTADB: f"it is no ledger: {RESTORE}, {ANEW}",
    sqlite3.SQLITE_CORRUPT: f"it is damaged: {RESTORE}, {ANEW}",
}


def is_outside(error: BaseException) -> bool:
    """Whether it is the disk's doing, and passes when that is mended; else it is a defect, or damage."""
    return isinstance(error, sqlite3.Error) and _code(error) in _OUTSIDE


def is_damage(error: BaseException) -> bool:
    """Whether the file is no longer whole."""
    return isinstance(error, sqlite3.Error) and _code(error) in _DAMAGE


def explain(path: Path, error: sqlite3.Error, doing: str = "open") -> str:
    """The error as a sentence that names the file and what helps."""
    return f"cannot {doing} the ledger {path}: {error}; {_REMEDIES.get(_code(error), 'see the message')}"


def look_through(db: sqlite3.Connection, path: Path) -> None:
    """Whether the file is whole, as far as can be seen in two seconds. BadLedger when it is not.

    Once anything looks odd there is no hurry any more: nobody is told to restore a backup, and no damage
    is passed over, because time was up.
    """
    end = time.monotonic() + LOOKING
    db.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":  # SQLite 3.40 sees NULLs in a WITHOUT ROWID table that are none
            db.set_progress_handler(None, 0)
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        said = "ok"
    finally:
        db.set_progress_handler(None, 0)
    if said != "ok":
        where = " ".join(str(said).split())
        raise BadLedger(f"the ledger {path} is damaged ({where}): {RESTORE}, {ANEW}")


def refuse_lost(path: Path) -> None:
    """No ledger of ours is ever without content: it gets its name when it is whole. And a link to nowhere is
    a disk that is not mounted, nothing to begin anew on. BadLedger, or LedgerTrouble for what can pass.
    """
    if path.is_symlink() and not path.exists():
        raise LedgerTrouble(
            f"the ledger {path} is a link to {path.readlink()}, which is not there: is its disk mounted? "
            "Mount it, or remove the link to begin anew"
        )
    if path.is_file() and path.stat().st_size == 0:
        raise BadLedger(f"the ledger {path} is empty (0 bytes), so what it held is lost: {RESTORE}, {ANEW}")


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
