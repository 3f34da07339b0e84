"""Bring a ledger file to the shape that this version writes.

Each file `migrations/NNNN_name.sql` is one step. All that a ledger lacks run in one transaction together
with the rise of `PRAGMA user_version`, so a crash leaves the old shape or the new one. Before the first
step on a ledger with content, a copy is made beside it, which gets its name when it is whole. A newer
ledger is refused: an older program would not know what it destroys. So is a file of another program.
"""

import os
import sqlite3
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from reconciled.errors import ReconciledError


class LedgerTrouble(ReconciledError):
    """The ledger cannot be used; the message names the file and the remedy."""


class BadLedger(LedgerTrouble):
    """No other try helps: it is damaged, empty, gone, no ledger, or written by a newer version."""


def steps() -> list[tuple[int, str]]:
    """All steps as (number, SQL), in order."""
    folder = resources.files("reconciled.ledger") / "migrations"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), (folder / name).read_text("utf-8")) for name in files]


def shape_of(db: sqlite3.Connection, path: Path) -> int:
    """The number of the last step that was taken; 0 for an empty file. BadLedger when it is none that we know."""
    (found,) = db.execute("PRAGMA user_version").fetchone()
    newest = steps()[-1][0]
    if found > newest:
        raise BadLedger(
            f"{path} was written by a newer reconciled (shape {found}, this one knows {newest}); "
            "install that version again, or restore a backup made by this one"
        )
    if found < 0 or (found == 0 and db.execute("SELECT 1 FROM sqlite_schema").fetchone()):
        raise BadLedger(
            f"{path} is no ledger but the file of another program; move it away, or set daemon.state to another folder"
        )
    return int(found)


def give_name(made: Path, name: Path) -> None:
    """What was made gets its name when it is on the disk; the name is on the disk when this returns."""
    _to_disk(made)
    made.replace(name)
    _to_disk(name.parent)


def migrate(db: sqlite3.Connection, path: Path, *, at: Callable[[str], None] = lambda _: None) -> None:
    """Run the steps that `db`, opened from `path`, still lacks. LedgerTrouble when that cannot be.

    `at` is told the moments at which a crash would matter.
    """
    found, known = shape_of(db, path), steps()
    newest = known[-1][0]
    if 0 < found < newest:
        _copy(db, path, path.with_name(f"{path.name}.before-{newest:04d}"))
    db.create_function("reached", 1, at)
    lacking = "".join(f"{sql}\nSELECT reached('migrating');\n" for number, sql in known if number > found)
    if lacking:
        db.executescript(f"BEGIN IMMEDIATE;\n{lacking}PRAGMA user_version = {newest:d};\nCOMMIT;")


def _copy(db: sqlite3.Connection, path: Path, copy: Path) -> None:
    """A copy of the old shape. One that cannot be finished leaves nothing on the disk, which may be full."""
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    try:
        db.execute("VACUUM INTO ?", (str(part),))
        give_name(part, copy)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise LedgerTrouble(
            f"the ledger {path} has an older shape, and before it is changed a copy is made: {copy} cannot be "
            f"written: {error}; it needs about {path.stat().st_size / 2**20:.0f} MiB there"
        ) from error


def _to_disk(path: Path) -> None:
    """A file's content, or the names in a folder."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
