"""A ledger that is looked into from outside: by a command on its machine, beside a daemon or without one.

Nothing in its folder is changed, and no file is made there. SQLite makes a `-wal` and a `-shm` even for
whoever opens a file only to read, and leaves them behind; made by another user they would keep the daemon
from its own ledger. So a ledger that nobody has open is read as a file that does not change, and once more
if it did.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from reconciled.ledger.connection import Tx

T = TypeVar("T")
TRIES = 5
"""So often a ledger is read that a daemon opens or closes meanwhile."""


def peek(path: Path, work: Callable[[Tx], T]) -> T:
    """Call `work(tx)` on a ledger that nothing may change; again if it was opened or changed meanwhile.

    OSError or sqlite3.Error when it cannot be read, or has another shape.
    """
    for _ in range(TRIES):
        before = _state(path)
        try:
            found = _look(path, work, alone=before[0])
        except sqlite3.DatabaseError:
            if _is_still(path, before):
                raise
        else:
            if _is_still(path, before):
                return found
    raise sqlite3.OperationalError(f"{path} did not keep still")


def _look(path: Path, work: Callable[[Tx], T], *, alone: bool) -> T:
    how = "mode=ro&immutable=1" if alone else "mode=ro"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as db:
        return work(db)


def _state(path: Path) -> tuple[bool, int, int]:
    """Whether nobody has it open, and what changes with it."""
    now = path.stat()
    return not path.with_name(f"{path.name}-wal").exists(), now.st_mtime_ns, now.st_size


def _is_still(path: Path, before: tuple[bool, int, int]) -> bool:
    """Whether what was read is what stands there; SQLite itself looks after a ledger that is open."""
    return not before[0] or _state(path) == before
