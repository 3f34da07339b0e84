"""Bring a ledger file to the shape that this version writes.

Each file `migrations/NNNN_name.sql` is one step and runs in one transaction together with the
rise of `PRAGMA user_version`, so a crash leaves the old shape or the new one. Before the first
step on a ledger with content, a copy is made beside it, which gets its name when it is whole. A newer
ledger is refused: an older program would not know what it destroys.
"""

import sqlite3
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from reconciled.errors import ReconciledError


class LedgerTrouble(ReconciledError):
    """The ledger cannot be used; the message names the file and the remedy."""


class BadLedger(LedgerTrouble):
    """No other try helps: it is damaged, empty, no ledger, or written by a newer version."""


def steps() -> list[tuple[int, str]]:
    """All steps as (number, SQL), in order."""
    folder = resources.files("reconciled.ledger") / "migrations"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), (folder / name).read_text("utf-8")) for name in files]


def migrate(db: sqlite3.Connection, path: Path, *, at: Callable[[str], None] = lambda _: None) -> None:
    """Run the steps that `db`, opened from `path`, still lacks. LedgerTrouble when it is newer.

    `at` is told the moments at which a crash would matter.
    """
    (found,) = db.execute("PRAGMA user_version").fetchone()
    known = steps()
    newest = known[-1][0]
    if found > newest:
        raise BadLedger(
            f"{path} was written by a newer reconciled (shape {found}, this one knows {newest}); "
            "install that version again, or restore a backup made by this one"
        )
    if 0 < found < newest:
        copy = path.with_name(f"{path.name}.before-{newest:04d}")
        part = copy.with_name(f"{copy.name}.part")
        part.unlink(missing_ok=True)
        db.execute("VACUUM INTO ?", (str(part),))
        part.replace(copy)
    db.create_function("reached", 1, at)
    for number, sql in known:
        if number > found:
            changed = f"{sql}\nSELECT reached('migrating');\nPRAGMA user_version = {number:d};"
            db.executescript(f"BEGIN IMMEDIATE;\n{changed}\nCOMMIT;")
