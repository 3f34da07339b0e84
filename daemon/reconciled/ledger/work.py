"""The work queue: one row a key to look at, however many events named it.

A row survives a crash. It is done only if nothing new came for its key meanwhile: its version
tells. Times are reckoned unix seconds (see `reconciled.clock`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reconciled.ledger.connection import Tx
from reconciled.model import Key

FIRST_BACKOFF = 60.0
LONGEST_BACKOFF = 6 * 3600.0
STUCK_AFTER = 2
"""A row that was in hand at this many crashes of ours is skipped until something new comes for it."""


@dataclass(frozen=True, slots=True)
class Work:
    """A key to look at."""

    key: Key
    due: float
    settled: float
    version: int
    tries: int
    by_event: bool
    event: str | None
    why: str


def order(
    tx: Tx,
    source_id: int,
    key: Key,
    *,
    now: float,
    settle: float = 0.0,
    why: str,
    event: str | None = None,
    by_event: bool = False,
) -> None:
    """Have the key looked at once its settle is over; a later settle wins, back-off starts anew."""
    settled = now + settle
    tx.execute(
        "INSERT INTO work (source_id, kind, key, due, settled, by_event, event, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (source_id, kind, key) DO UPDATE SET settled = max(settled, excluded.settled), "
        "due = max(settled, excluded.settled), version = version + 1, tries = 0, stuck = 0, "
        "by_event = max(by_event, excluded.by_event), "
        # what was said of a deletion is not forgotten for a later word about the key
        "event = CASE WHEN excluded.event IS NULL OR (event LIKE '%\"deleted\":true%' "
        "AND excluded.event NOT LIKE '%\"deleted\":true%') THEN event ELSE excluded.event END, why = excluded.why",
        (source_id, key.kind, key.id, settled, settled, int(by_event), event, why),
    )


def ask_once(tx: Tx, source_id: int, key: Key, *, now: float, settle: float = 0.0, why: str) -> None:
    """Have the key looked at, unless it is to be anyway."""
    tx.execute(
        "INSERT OR IGNORE INTO work (source_id, kind, key, due, settled, why) VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
        (source_id, key.kind, key.id, now + settle, why),
    )


def keep_asking(tx: Tx, source_id: int, key: Key, *, now: float) -> None:
    """A suspect that is still not listed: it has a row, and one that was skipped as stuck gets another chance."""
    tx.execute(
        "INSERT INTO work (source_id, kind, key, due, why) SELECT ?1, ?2, ?3, ?4, 'still not listed' "
        "WHERE NOT EXISTS (SELECT 1 FROM suspect JOIN item ON item.id = suspect.item_id WHERE source_id = ?1 "
        "AND kind = ?2 AND key = ?3 AND hold_id IS NOT NULL) ON CONFLICT DO UPDATE SET stuck = 0",
        (source_id, key.kind, key.id, now),
    )


def due(tx: Tx, source_id: int, *, now: float, limit: int) -> list[Work]:
    """What is due, events first, and takes it in hand. What was in hand at a crash comes last, each alone: so
    that the one which brings everything down takes no other along.
    """
    asked = (
        "SELECT kind, key, due, settled, version, tries, by_event, event, why FROM work WHERE source_id = ? AND due <= ? "
        "AND stuck {} ORDER BY by_event DESC, due LIMIT ?"
    )
    found = tx.execute(asked.format("= 0"), (source_id, now, limit)).fetchall()
    found = (
        found or tx.execute(asked.format("BETWEEN 1 AND ?"), (source_id, now, STUCK_AFTER - 1, 1)).fetchall()
    )
    tx.executemany(
        "UPDATE work SET in_hand = 1 WHERE source_id = ? AND kind = ? AND key = ?",
        [(source_id, kind, key) for kind, key, *_ in found],
    )
    return [_work(row) for row in found]


def of(tx: Tx, source_id: int, keys: Sequence[Key]) -> list[Work]:
    """The rows of these keys, due or not."""
    rows = []
    for key in keys:
        rows += tx.execute(
            "SELECT kind, key, due, settled, version, tries, by_event, event, why FROM work "
            "WHERE source_id = ? AND kind = ? AND key = ?",
            (source_id, key.kind, key.id),
        ).fetchall()
    return [_work(row) for row in rows]


def unchanged(tx: Tx, source_id: int, row: Work) -> bool:
    """Whether nothing new came for the key since its row was read (version 0: there was none)."""
    found = tx.execute(
        "SELECT version FROM work WHERE source_id = ? AND kind = ? AND key = ?",
        (source_id, row.key.kind, row.key.id),
    ).fetchone()
    return (found[0] if found else 0) == row.version


def next_due(tx: Tx, source_id: int) -> float | None:
    """When the next row is due, or None."""
    (at,) = tx.execute(
        "SELECT min(due) FROM work WHERE source_id = ? AND stuck < ?", (source_id, STUCK_AFTER)
    ).fetchone()
    return None if at is None else float(at)


def done(tx: Tx, source_id: int, work: Work) -> bool:
    """Take the row out, unless something new came for its key since it was read."""
    gone = tx.execute(
        "DELETE FROM work WHERE source_id = ? AND kind = ? AND key = ? AND version = ?",
        (source_id, work.key.kind, work.key.id, work.version),
    ).rowcount
    if not gone:
        put_down(tx, source_id, work.key)
    return bool(gone)


def put_down(tx: Tx, source_id: int, key: Key) -> None:
    """The row is no longer in hand, and nothing was brought down by it."""
    tx.execute(
        "UPDATE work SET in_hand = 0, stuck = 0 WHERE source_id = ? AND kind = ? AND key = ?",
        (source_id, key.kind, key.id),
    )


def put_all_down(tx: Tx, source_id: int) -> None:
    """Nothing of the source is in hand: an orderly stop is no crash."""
    tx.execute("UPDATE work SET in_hand = 0 WHERE source_id = ? AND in_hand = 1", (source_id,))


def postpone(tx: Tx, source_id: int, work: Work, *, until: float) -> None:
    """Look again at that time, unless something new came meanwhile."""
    put_down(tx, source_id, work.key)
    tx.execute(
        "UPDATE work SET due = ? WHERE source_id = ? AND kind = ? AND key = ? AND version = ?",
        (until, source_id, work.key.kind, work.key.id, work.version),
    )


def postpone_all(tx: Tx, source_id: int, rows: Sequence[Work], *, until: float) -> None:
    """Look at all of these again at that time."""
    for row in rows:
        postpone(tx, source_id, row, until=until)


def back_off(tx: Tx, source_id: int, work: Work, *, now: float, why: str) -> None:
    """No answer: again after 1 min, doubling to 6 h."""
    wait = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(work.tries, 20))
    tx.execute(
        "UPDATE work SET due = ?, tries = tries + 1, in_hand = 0, why = ? WHERE source_id = ? AND kind = ? AND key = ? AND version = ?",
        (now + wait, why, source_id, work.key.kind, work.key.id, work.version),
    )
    put_down(tx, source_id, work.key)


def hurry(tx: Tx, source_id: int, *, now: float, tries: int | None = None) -> int:
    """Make everything due whose settle is over, whatever its back-off; at most so many `tries` old.

    Returns how many rows.
    """
    return tx.execute(
        "UPDATE work SET due = ? WHERE source_id = ? AND settled <= ? AND due > ? AND stuck < ? AND tries <= ?",
        (now, source_id, now, now, STUCK_AFTER, tries if tries is not None else 2**31),
    ).rowcount


def make_due(tx: Tx, source_id: int, key: Key, *, now: float) -> None:
    """If the key is to be looked at, it need not wait any longer than its settle."""
    tx.execute(
        "UPDATE work SET due = max(settled, ?) WHERE source_id = ? AND kind = ? AND key = ? AND due > ?",
        (now, source_id, key.kind, key.id, now),
    )


def drop(tx: Tx, source_id: int, key: Key) -> None:
    """The key need not be looked at any more."""
    tx.execute("DELETE FROM work WHERE source_id = ? AND kind = ? AND key = ?", (source_id, key.kind, key.id))


def after_restart(tx: Tx, *, now: float) -> None:
    """What was in hand at the crash is marked; no row waits longer than the longest back-off."""
    tx.execute("UPDATE work SET stuck = stuck + 1, in_hand = 0 WHERE in_hand = 1")
    tx.execute("UPDATE work SET due = ? WHERE due > ?", (now, now + LONGEST_BACKOFF))
    tx.execute("UPDATE work SET settled = due WHERE settled > due")


def _work(row: tuple[Any, ...]) -> Work:
    kind, key, at, settled, version, tries, by_event, event, why = row
    return Work(Key(kind, key), at, settled, version, tries, bool(by_event), event, why)
