"""Numbers are given out once, also by a ledger that was restored.

Pages, messages and people's notes name actions and groups by their numbers, and an answer names what was
shown. So a copy that is put back goes on counting where the ledger that it replaces had got to, or far
beyond where that cannot be told: what somebody was shown before then names nothing of what comes later.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

FAR = 1_000_000
"""More than a household's ledger counts between a backup and its return."""
_MOST = 2**48
"""No ledger counts so far but a damaged one."""
_SEQUENCE = ""
"""In what is reached: the sequence by which facts are ordered, which is no table's."""


def reached(ledger: Path) -> Mapping[str, int] | None:
    """How far a ledger has counted, by table; None when it cannot be read, or is not there."""
    if not ledger.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as db:
            (sequence,) = db.execute("SELECT n FROM sequence").fetchone()
            found = {_SEQUENCE: int(sequence), **_counts(db)}
    except (sqlite3.Error, TypeError, ValueError):
        return None
    return found if all(0 <= count < _MOST for count in found.values()) else None


def go_on(copy: Path, since: Mapping[str, int] | None) -> None:
    """Have a copy count on from what was reached; None: far beyond what it knows itself."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        mine = dict.fromkeys(_numbered(db), 0) | _counts(db)
        db.execute("BEGIN")
        for table, count in mine.items():
            upto = count + FAR if since is None else max(count, since.get(table, 0))
            db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, upto))
        if since is None:
            db.execute("UPDATE sequence SET n = n + ?", (FAR,))
        else:
            db.execute("UPDATE sequence SET n = max(n, ?)", (since[_SEQUENCE],))
        db.execute("COMMIT")


def _counts(db: sqlite3.Connection) -> dict[str, int]:
    return {str(table): int(count) for table, count in db.execute("SELECT name, seq FROM sqlite_sequence")}


def _numbered(db: sqlite3.Connection) -> list[str]:
    """The tables whose numbers are never used twice."""
    found = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
    return [str(table) for (table,) in found]
