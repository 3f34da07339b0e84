"""How far each mirror is: where its next run goes on, how its last ones ended.

A checkpoint names the fileset after which the next run goes on. It is kept with a print of what the
mirror said then (`Mirror.words`) and is good for these words only: under others it may skip files that
nobody has brought yet. So it is asked for with the words of today, and any others make it none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.model import Json


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """A mirror as the ledger knows it. `failures` are runs that failed, one after the other; `last_complete`
    is the id of a run, which retention may have taken since.
    """

    name: str
    words: str
    checkpoint: str | None
    failures: int
    last_complete: int | None


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run of a mirror that is over; `stats` are its counters, as `runs.finish` was given them."""

    id: int
    started: str
    finished: str
    stats: Mapping[str, Json]


def get(tx: Tx, name: str) -> MirrorRow | None:
    """One mirror, or None when it never ran."""
    found = tx.execute(f"{_ROW} WHERE name = ?", (name,)).fetchone()
    return MirrorRow(*found) if found else None


def every(tx: Tx) -> dict[str, MirrorRow]:
    """All mirrors that ever ran and are still configured, by name."""
    return {row[0]: MirrorRow(*row) for row in tx.execute(f"{_ROW} ORDER BY name")}


def begin(tx: Tx, name: str, *, words: str) -> str | None:
    """A run begins. Returns the fileset after which it goes on; None: at the first.

    The row is there afterwards; a checkpoint of other words is gone.
    """
    (checkpoint,) = tx.execute(
        "INSERT INTO mirror (name, words) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET words = ?2, "
        "checkpoint = CASE WHEN words = ?2 THEN checkpoint END RETURNING checkpoint",
        (name, words),
    ).fetchone()
    return None if checkpoint is None else str(checkpoint)


def checkpoint(tx: Tx, name: str, *, words: str) -> str | None:
    """The fileset after which a run that began now would go on; None: at the first."""
    row = get(tx, name)
    return row.checkpoint if row is not None and row.words == words else None


def set_checkpoint(tx: Tx, name: str, fileset: str | None, *, words: str) -> None:
    """All filesets up to this one are done with under these words, which are those that the run began with:
    when the config says others by now, the next run begins at the first.
    """
    tx.execute(
        "INSERT INTO mirror (name, words, checkpoint) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (name) DO UPDATE SET words = ?2, checkpoint = ?3",
        (name, words, fileset),
    )


def completed(tx: Tx, name: str, run: int, *, words: str) -> None:
    """A run came to its end: no failure is counted any more, and the next one begins at the first fileset."""
    tx.execute(
        "INSERT INTO mirror (name, words, last_complete) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (name) DO UPDATE SET words = ?2, checkpoint = NULL, failures = 0, last_complete = ?3",
        (name, words, run),
    )


def failed(tx: Tx, name: str, *, words: str) -> int:
    """A run failed; where the next one goes on stays. Returns how many failed, one after the other.

    Not for a run that was cancelled, nor for one that ended with the daemon: those say nothing of the mirror.
    """
    (failures,) = tx.execute(
        "INSERT INTO mirror (name, words, failures) VALUES (?, ?, 1) "
        "ON CONFLICT (name) DO UPDATE SET failures = failures + 1 RETURNING failures",
        (name, words),
    ).fetchone()
    return int(failures)


def forget_others(tx: Tx, names: Collection[str]) -> tuple[str, ...]:
    """Let go of mirrors that are not among these. What they brought stays. Returns their names."""
    gone = tuple(name for name in every(tx) if name not in names)
    tx.executemany("DELETE FROM mirror WHERE name = ?", [(name,) for name in gone])
    return gone


def adopt(
    tx: Tx,
    name: str,
    *,
    source: str,
    targets: Sequence[str],
    kinds: Collection[str],
    besides: Collection[str],
    limit: int = 300,
) -> int:
    """Copies from that source in these targets (of these kinds; none: all) whose mirror is none of `besides`
    are this one's from now on; at most so many. Returns how many: call again until it is none.
    """
    strange = [one for (one,) in tx.execute(_OWNERS) if one not in besides]
    if not strange:
        return 0
    values = [*strange, source, *targets, *kinds]
    return tx.execute(
        f"UPDATE copy SET mirror = ? WHERE id IN (SELECT id FROM copy WHERE mirror IN ({_marks(strange)}) "  # noqa: S608 - only marks
        f"AND source = ? AND target IN ({_marks(targets)}) "
        f"{f'AND kind IN ({_marks(kinds)}) ' if kinds else ''}LIMIT ?)",
        (name, *values, limit),
    ).rowcount


def last_complete(tx: Tx, name: str, *, before: int | None = None) -> PastRun | None:
    """The newest run of a mirror that came to its end, or the newest before that run; None: none is kept."""
    found: Any = tx.execute(
        "SELECT id, started, finished, stats FROM run WHERE policy = ?1 AND state = 'complete' "
        "AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT 1",
        (name, before),
    ).fetchone()
    if found is None:
        return None
    run, started, finished, stats = found
    return PastRun(run, started, finished, msgspec.json.decode(stats))


def last_brought(tx: Tx, name: str, *, before: int | None = None) -> PastRun | None:
    """The same, of those that had files to bring: one that only said what it would bring, or that had nothing
    to do, says nothing of how fast it goes.
    """
    found: Any = tx.execute(
        "SELECT id, started, finished, stats FROM run WHERE policy = ?1 AND state = 'complete' "
        "AND (?2 IS NULL OR id < ?2) AND json_extract(stats, '$.files') > 0 ORDER BY id DESC LIMIT 1",
        (name, before),
    ).fetchone()
    if found is None:
        return None
    run, started, finished, stats = found
    return PastRun(run, started, finished, msgspec.json.decode(stats))


def failing(tx: Tx, name: str) -> bool:
    """Whether some of its files could not be brought: given up, or to be tried again."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE mirror = ?1 AND status = 'failed') "
        "OR EXISTS (SELECT 1 FROM copy WHERE mirror = ?1 AND status = 'pending' AND tries > 0)",
        (name,),
    ).fetchone()
    return bool(found)


_ROW = "SELECT name, words, checkpoint, failures, last_complete FROM mirror"

_OWNERS = (
    "WITH RECURSIVE owner (name) AS (SELECT min(mirror) FROM copy UNION ALL "
    "SELECT (SELECT min(mirror) FROM copy WHERE mirror > name) FROM owner WHERE name IS NOT NULL) "
    "SELECT name FROM owner WHERE name IS NOT NULL"
)
"""The mirrors that have copies, each found with one look into the index."""


def _marks(some: Collection[str]) -> str:
    return ", ".join("?" * len(some))
