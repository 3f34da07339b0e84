"""Whom to ask what it remembers of a loss: a durable queue, one row a loss and item that is asked about.

Each source goes through the tombstones by itself, so that nothing is asked of one that remembers
nothing, and a crash between a loss and the question loses neither. Asked are the source that lost
the item, and those that hold the same thing; not about what we deleted there ourselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from reconciled.ledger import items, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Item, Key, Ref

LONG_AGO = timedelta(hours=24)
"""An older loss is nothing to ask about when a source is first followed; and an app that shows a thing
may show what was deleted up to that long ago elsewhere."""
SLACK = timedelta(minutes=15)
"""Clocks of apps may be off."""


@dataclass(frozen=True, slots=True)
class Question:
    """One item to be asked about: the lost one as it last was, or the same thing as it stands here.

    `since` and `until` bound when the loss can have happened: after it was last seen, before it was proved.
    """

    id: int
    tombstone: int
    own: bool
    item: Item
    since: datetime
    until: datetime
    tries: int


def last_complete_scan(tx: Tx, source: str) -> datetime | None:
    """When the last complete scan of a source began; None: there was none yet."""
    found = tx.execute(
        "SELECT started FROM run WHERE source = ? AND pass = 'scan' AND state = 'complete' ORDER BY id DESC LIMIT 1",
        (source,),
    ).fetchone()
    return datetime.fromisoformat(found[0]) if found else None


def take_in(tx: Tx, source: str, *, when: datetime, due: float, limit: int) -> int:
    """Queue the questions about the next losses that this source was not considered for. Returns how many losses."""
    found = tx.execute("SELECT tombstone_id FROM recall_mark WHERE source = ?", (source,)).fetchone()
    mark = found[0] if found else _before(tx, when - LONG_AGO)
    stones = tx.execute(
        "SELECT id, source, kind, key, noticed, last_seen FROM tombstone WHERE id > ? ORDER BY id LIMIT ?",
        (mark, limit),
    ).fetchall()
    for number, lost_by, kind, key, noticed, last_seen in stones:
        own = lost_by == source
        keys = [Key(kind, key)] if own else list(_same_here(tx, number, source))
        if own and _was_ours(tx, number):
            continue
        since = _since(noticed, last_seen, own=own)
        tx.executemany(
            "INSERT OR IGNORE INTO recall (tombstone_id, source, kind, key, since, due) VALUES (?, ?, ?, ?, ?, ?)",
            [(number, source, one.kind, one.id, since, due) for one in keys],
        )
    if stones or not found:
        last = stones[-1][0] if stones else mark
        tx.execute("INSERT OR REPLACE INTO recall_mark VALUES (?, ?)", (source, last))
    return len(stones)


def _before(tx: Tx, when: datetime) -> int:
    (mark,) = tx.execute(
        "SELECT ifnull(max(id), 0) FROM tombstone WHERE confirmed < ?", (stamp(when),)
    ).fetchone()
    return int(mark)


def _since(noticed: str, last_seen: str | None, *, own: bool) -> str:
    """From when on the app's history speaks of this loss. What another app shows may be a day old."""
    seen = datetime.fromisoformat(last_seen or noticed)
    if own and last_seen is not None:
        return stamp(seen - SLACK)
    return stamp(min(seen, datetime.fromisoformat(noticed) - LONG_AGO) - SLACK)


def let_be(tx: Tx, source: str, *, now: float, limit: int) -> int:
    """Of the questions that are due, end those about keys that name another thing by now: what the app
    remembers under them may be of that one. Returns how many.
    """
    return tx.execute(
        "UPDATE recall SET state = 'answered', note = 'not asked: its key names another thing now' "
        "WHERE id IN (SELECT id FROM recall WHERE source = ?1 AND state = 'waiting' AND due <= ?2 ORDER BY since, id LIMIT ?3) "
        "AND EXISTS (SELECT 1 FROM item JOIN tombstone AS t ON t.id = tombstone_id "
        "WHERE item.source_id = (SELECT id FROM source WHERE name = ?1) AND item.kind = recall.kind AND item.key = recall.key "
        "AND item.current = 1 AND item.id IS NOT t.item_id AND EXISTS (SELECT 1 FROM ref WHERE item_id = item.id) "
        "AND NOT EXISTS (SELECT 1 FROM tombstone_ref AS lost JOIN ref ON ref.space = lost.space AND ref.value = lost.value "
        "WHERE lost.tombstone_id = t.id AND ref.item_id = item.id))",
        (source, now, limit),
    ).rowcount


def _was_ours(tx: Tx, tombstone: int) -> bool:
    (ours,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM evidence WHERE tombstone_id = ? AND how = 'action')", (tombstone,)
    ).fetchone()
    return bool(ours)


def _same_here(tx: Tx, tombstone: int, source: str) -> Iterator[Key]:
    """What this source holds of the thing; what merely refers to it knows nothing, and what is gone has its own loss."""
    found = tx.execute(
        "SELECT DISTINCT item.kind, item.key FROM tombstone_ref AS lost CROSS JOIN ref ON ref.space = lost.space "
        "AND ref.value = lost.value CROSS JOIN item ON item.id = ref.item_id CROSS JOIN source ON source.id = item.source_id "
        "WHERE lost.tombstone_id = ? AND source.name = ? AND item.refers = 0 AND item.current = 1 "
        "AND item.presence IN ('present', 'unlisted') ORDER BY item.kind, item.key",
        (tombstone, source),
    ).fetchall()
    yield from (Key(kind, key) for kind, key in found)


def due(tx: Tx, source: str, *, now: float, limit: int) -> list[Question]:
    """The questions that are due, those that reach back farthest first."""
    found = tx.execute(
        "SELECT r.id, r.tombstone_id, t.source = r.source, r.kind, r.key, r.since, t.confirmed, r.tries, t.title, t.image FROM recall AS r "
        "JOIN tombstone AS t ON t.id = r.tombstone_id WHERE r.source = ? AND r.state = 'waiting' AND r.due <= ? "
        "ORDER BY r.since, r.id LIMIT ?",
        (source, now, limit),
    ).fetchall()
    return [_question(tx, source, row) for row in found]


def _question(tx: Tx, source: str, row: tuple[Any, ...]) -> Question:
    number, tombstone, own, kind, key, since, until, tries, title, image = row
    item = _as_it_was(Key(kind, key), title, image) if own else _as_it_stands(tx, source, Key(kind, key))
    begin, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
    return Question(number, tombstone, bool(own), item, begin, end, tries)


def _as_it_was(key: Key, title: str, image: str) -> Item:
    known = msgspec.json.decode(image)
    return Item(
        key,
        title,
        frozenset(map(Ref.parse, known["refs"])),
        known["attrs"],
        has_file=known["has_file"],
        path=known["path"],
        root=known["root"],
    )


def _as_it_stands(tx: Tx, source: str, key: Key) -> Item:
    (number,) = tx.execute("SELECT id FROM source WHERE name = ?", (source,)).fetchone()
    known = next((row for row in items.by_key(tx, number, key) if row.current), None)
    return known.item if known is not None else Item(key, str(key))


def next_due(tx: Tx, source: str) -> float | None:
    """When the next question is due (reckoned), or None."""
    (at,) = tx.execute(
        "SELECT min(due) FROM recall WHERE source = ? AND state = 'waiting'", (source,)
    ).fetchone()
    return None if at is None else float(at)


def first_notice(tx: Tx, tombstone: int, source: str) -> int | None:
    """The place of the first that a source told of its loss; None: nothing did."""
    (found,) = tx.execute(
        "SELECT min(place) FROM evidence WHERE tombstone_id = ? AND source = ?", (tombstone, source)
    ).fetchone()
    return None if found is None else int(found)


def known_already(tx: Tx, tombstone: int, evidence: tombstones.Evidence) -> bool:
    """Whether the same was remembered before (asked again after a crash)."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM evidence WHERE tombstone_id = ? AND source = ? AND how = ? AND said = ? AND occurred IS ?)",
        (tombstone, evidence.source, evidence.how, evidence.said, evidence.occurred),
    ).fetchone()
    return bool(found)


def answered(tx: Tx, question: int, note: str) -> None:
    """The app said what it remembers."""
    tx.execute("UPDATE recall SET state = 'answered', note = ? WHERE id = ?", (note, question))


def put_off(tx: Tx, question: int, note: str, *, until: float) -> None:
    """The app gave no answer; it is asked again then."""
    tx.execute("UPDATE recall SET tries = tries + 1, due = ?, note = ? WHERE id = ?", (until, note, question))


def give_up(tx: Tx, question: int, note: str) -> None:
    """The app gave no answer often enough."""
    tx.execute(
        "UPDATE recall SET state = 'given up', tries = tries + 1, note = ? WHERE id = ?", (note, question)
    )


def forget_before(tx: Tx, at: str) -> None:
    """Retention: how questions about losses of before then ended."""
    tx.execute(
        "DELETE FROM recall WHERE state <> 'waiting' AND tombstone_id <= (SELECT ifnull(max(id), 0) FROM tombstone WHERE confirmed < ?)",
        (at,),
    )
