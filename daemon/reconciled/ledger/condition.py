"""The condition of the ledger's file: what is wrong with it, in words for people, with the remedy.

Two kinds of trouble are told apart. What comes from outside (a full disk, a file that may not be
written) passes: whoever writes waits for it. Damage does not: a damaged ledger is neither read nor
written any more, since what it says may be wrong and a write may make it worse.
"""

import sqlite3
import time
from pathlib import Path

from reconciled.ledger.migrate import BadLedger

LOOKING = 2.0
"""Seconds that the look at the start may take; of a very large ledger it sees a part."""
RESTORE = "stop the daemon, and put a backup in its place with `reconciled restore FILE`"
_OUTSIDE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    }
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_STEPS = 20_000
_REMEDIES = {
    sqlite3.SQLITE_CANTOPEN: "its folder must exist and belong to the user that runs the daemon",
    sqlite3.SQLITE_READONLY: "make it and its folder writable for the user that runs the daemon",
    sqlite3.SQLITE_PERM: "make it and its folder writable for the user that runs the daemon",
    sqlite3.SQLITE_FULL: "the disk is full: make room on it",
    sqlite3.SQLITE_IOERR: "look at its disk: whether it is full, and whether the kernel's log complains of it",
    sqlite3.SQLITE_NOTADB: f"it is no ledger: {RESTORE}, or move it away to begin anew",
    sqlite3.SQLITE_CORRUPT: f"it is damaged: {RESTORE}, or move it away to begin anew",
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
    """Whether the file is whole, as far as can be seen in two seconds. BadLedger when it is not."""
    end = time.monotonic() + LOOKING
    db.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":  # SQLite 3.40 sees NULLs in a WITHOUT ROWID table that are none
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        said = "ok"
    finally:
        db.set_progress_handler(None, 0)
    if said != "ok":
        where = " ".join(str(said).split())
        raise BadLedger(f"the ledger {path} is damaged ({where}): {RESTORE}, or move it away to begin anew")


def refuse_empty(path: Path) -> None:
    """No ledger of ours is ever without content: it gets its name when it is whole. BadLedger."""
    if path.is_file() and path.stat().st_size == 0:
        raise BadLedger(
            f"the ledger {path} is empty (0 bytes), so what it held is lost: {RESTORE}, "
            "or remove it to begin anew"
        )


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
