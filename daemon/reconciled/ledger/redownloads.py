"""What the ledger knows for telling a re-download loop: what was lost lately of a thing, who has wanted
it back since, and whether a person was told of the loop before.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.model import Ref

CODE = "redownload"


@dataclass(frozen=True, slots=True)
class Lost:
    """A tombstone of the thing. `downloader`: its source looks for files itself. `held`: it waited in a
    hold first, which a person released.
    """

    tombstone: int
    story: int
    source: str
    item_id: int | None
    title: str
    seq: int
    noticed: str
    refs: frozenset[Ref]
    downloader: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The newest finding about it: when it was opened, and whether it still stands unanswered."""

    id: int
    opened_at: str
    resolved: bool
    ignored: bool


def lost_since(tx: Tx, refs: Iterable[Ref], item_ids: Collection[int], *, since: str) -> list[Lost]:
    """The tombstones noticed since then that name one of these refs, or are of these rows; newest first."""
    found: set[int] = set()
    for ref in refs:
        rows = tx.execute(
            "SELECT t.id FROM tombstone_ref AS r CROSS JOIN tombstone AS t ON t.id = r.tombstone_id "
            "WHERE r.space = ? AND r.value = ? AND t.noticed >= ?",
            (ref.space, ref.value, since),
        )
        found.update(tombstone for (tombstone,) in rows)
    for item_id in item_ids:
        rows = tx.execute("SELECT id FROM tombstone WHERE item_id = ? AND noticed >= ?", (item_id, since))
        found.update(tombstone for (tombstone,) in rows)
    return [_lost(tx, tombstone) for tombstone in sorted(found, reverse=True)]


def _lost(tx: Tx, tombstone: int) -> Lost:
    row = tx.execute(
        "SELECT id, story_id, source, item_id, title, seq, noticed, image, EXISTS (SELECT 1 FROM hold_item "
        "WHERE hold_item.item_id = tombstone.item_id AND left_at >= tombstone.noticed) FROM tombstone WHERE id = ?",
        (tombstone,),
    ).fetchone()
    image = msgspec.json.decode(row[7])
    refs = frozenset(map(Ref.parse, image.get("refs", [])))
    values: list[Any] = [*row[:7], refs, "monitored" in image.get("attrs", {}), bool(row[8])]
    return Lost(*values)


def wanted_back(tx: Tx, item_ids: Collection[int]) -> int:
    """When somebody last had one of these restored or monitored through us (a sequence number), 0: never."""
    found = [
        tx.execute(
            "SELECT ifnull(max(sent_seq), 0) FROM action WHERE item_id = ? AND verb IN ('restore', 'monitor') "
            "AND state IN ('sending', 'done', 'undone')",
            (item_id,),
        ).fetchone()[0]
        for item_id in item_ids
    ]
    return max(map(int, found), default=0)


def newest_told(tx: Tx, item_ids: Collection[int]) -> Told | None:
    """The newest finding of a loop about one of these rows."""
    found = [
        row
        for item_id in item_ids
        if (
            row := tx.execute(
                "SELECT id, opened_at, resolved_at IS NOT NULL, ignored_by IS NOT NULL FROM finding "
                "WHERE item_id = ? AND code = ? ORDER BY id DESC LIMIT 1",
                (item_id, CODE),
            ).fetchone()
        )
    ]
    newest = max(found, default=None)
    return Told(newest[0], newest[1], bool(newest[2]), bool(newest[3])) if newest is not None else None
