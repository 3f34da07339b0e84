"""Bring a ledger file to the shape that this version writes.

Each file `migrations/NNNN_name.sql` is one step and runs in one transaction together with the
rise of `PRAGMA user_version`, so a crash leaves the old shape or the new one. Before the first
step on a ledger with content, a copy is made beside it. A newer ledger is refused: an older
program would not know what it destroys.
"""

import sqlite3
from importlib import resources
from pathlib import Path

from reconciled.errors import ReconciledError


class LedgerTrouble(ReconciledError):
    """The ledger cannot be used; the message names the file and the remedy."""


def steps() -> list[tuple[int, str]]:
    """All steps as (number, SQL), in order."""
    folder = resources.files("reconciled.ledger") / "migrations"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), (folder / name).read_text("utf-8")) for name in files]


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Run the steps that `db`, opened from `path`, still lacks. LedgerTrouble when it is newer."""
    (found,) = db.execute("PRAGMA user_version").fetchone()
    known = steps()
    newest = known[-1][0]
    if found > newest:
        raise LedgerTrouble(
            f"{path} was written by a newer reconciled (shape {found}, this one knows {newest}); "
            "install that version again, or restore a backup made by this one"
        )
    if 0 < found < newest:
        copy = path.with_name(f"{path.name}.before-{newest:04d}")
        copy.unlink(missing_ok=True)
        db.execute("VACUUM INTO ?", (str(copy),))
    for number, sql in known:
        if number > found:
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number:d};\nCOMMIT;")
