"""What a life left behind, and whether all is right with it: read from the ledger, which stays as it is."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.soak.household import World

WARM = 0.5
"""The part of a long life that is not measured: caches fill, and what is allocated once is allocated."""
GROWTH = 1.25
"""More memory than so many times what it had when it was warm is a leak."""
ENOUGH = 200
"""After so many steps the policy must have deleted something, else nothing was tried."""

Sample = tuple[float, float]
"""Seconds of a life, and the MiB that it had then."""


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
            self._newest = 0  # once more, from the first one on
            self._letters(db, world)
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


def said_of_memory(samples: Sequence[Sample], *, hurry: float) -> str:
    """What a life had in memory, and how fast that rose; the daemon's hours are `hurry` times as short."""
    warm = _warm(samples)
    (began, first), (ended, last), rise = warm[0], warm[-1], slope(warm) * 3600
    return (
        f"{first:.1f} MiB after {began:.0f} s, {last:.1f} after {ended:.0f} s; "
        f"slope {rise:+.1f} MiB an hour, {rise / hurry:+.2f} an hour of the daemon's"
    )


def _warm(samples: Sequence[Sample]) -> list[Sample]:
    return [sample for sample in samples if sample[0] >= samples[-1][0] * WARM]


def leaks(samples: Sequence[Sample]) -> list[str]:
    """What is said of a life whose memory rises and rises; nothing of a good one."""
    warm = _warm(samples)
    if not warm or warm[-1][1] <= warm[0][1] * GROWTH:
        return []
    return [f"it had {warm[0][1]:.0f} MiB when it was warm, and {warm[-1][1]:.0f} at the end"]


def idle(steps: int, deletions: int) -> list[str]:
    """What is said of a run in which the policy did nothing."""
    return [f"in {steps} steps the policy deleted nothing"] if steps > ENOUGH and not deletions else []


def slope(samples: Sequence[Sample]) -> float:
    """By least squares: how much the second rises for one of the first."""
    if len(samples) < 2:
        return 0.0
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    below = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / below


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
