"""What a life left behind, and whether all is right with it: read from the ledger, which stays as it is."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.soak.household import World


@dataclass(slots=True)
class Verdicts:
    """Counts, and every violation in a sentence."""

    checks: int = 0
    found: int = 0
    violations: list[str] = field(default_factory=list)
    _newest: int = 0

    def after_a_life(self, world: World) -> None:
        """Nobody lives: the file is whole, and has all that was acknowledged."""
        ledger = world.state / "ledger.db"
        if not ledger.exists():
            if world.letters.marks:
                self.violations.append("the ledger is gone")
            return
        with opened(ledger) as db:
            self.checks += 1
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                self.violations.append(f"the ledger is damaged: {said}")
            self._letters(db, world)

    def _letters(self, db: sqlite3.Connection, world: World) -> None:
        for number, mark in [pair for pair in world.letters.marks.items() if pair[0] > self._newest]:
            row = db.execute("SELECT body FROM inbox WHERE id = ?", (number,)).fetchone()
            if row is None or mark.encode() not in bytes(row[0]):
                self.violations.append(f"webhook {number} ({mark}) was acknowledged and is not there")
        self._newest = max([self._newest, *world.letters.marks])
        (kept,) = db.execute("SELECT count(*) FROM inbox WHERE headers NOT LIKE '%stream%'").fetchone()
        self.found = int(kept)
        if kept < world.acknowledged():
            self.violations.append(f"{world.acknowledged()} webhooks were acknowledged, {kept} are there")

    def at_the_end(self, world: World) -> None:
        """All is quiet: the ledger equals the world, and whoever was buried is dead."""
        truth = world.truth()
        with opened(world.state / "ledger.db") as db:
            for (source, kind), there in truth.items():
                known = {
                    key
                    for (key,) in db.execute(
                        "SELECT key FROM item JOIN source ON source.id = source_id "
                        "WHERE source.name = ? AND kind = ? AND current = 1 AND presence = 'present'",
                        (source, kind),
                    )
                }
                if lost := there - known:
                    self.violations.append(f"{source} has {len(lost)} {kind} that the ledger does not")
                if ghosts := known - there:
                    self.violations.append(f"the ledger has {len(ghosts)} {kind} that {source} does not")
            for source, kind, key, title in db.execute(
                "SELECT source, kind, key, title FROM tombstone WHERE what = 'entry'"
            ):
                if key in truth.get((source, kind), ()):
                    self.violations.append(f"a tombstone of {source} for {title}, which is there")
        self.violations += world.wrong + world.doubled()


def count(ledger: Path, table: str, where: str = "1 = 1") -> int:
    """How many rows there are."""
    with opened(ledger) as db:
        return int(db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])  # noqa: S608 - our own words


@contextlib.contextmanager
def opened(ledger: Path) -> Iterator[sqlite3.Connection]:
    """A look that neither recovers nor checkpoints: that is left to the daemon's next start."""
    db = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=30)
    try:
        yield db
    finally:
        db.close()
