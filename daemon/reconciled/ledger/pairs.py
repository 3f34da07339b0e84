"""Two mirrors between the same two sources, one in each direction: what one says of the other's copies.

A copy whose bytes changed goes back to its original as a row of the opposite mirror, from the copy to the
original, which is the journal of that journey alone and is forgotten at its end. It is known by this: it
names where it goes, and nobody made or found anything there. What the two have in common stays said by the
row of the copy, which is called the forward one here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from reconciled.ledger import copies, items, journeys
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import BACK, Bytes, CopyRow, Original
from reconciled.ledger.rows import ItemRow

_STANDS = "('synced', 'duplicate')"
_A_WAY_BACK = "how IS NULL AND target_key IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Pair:
    """A copy with its original and itself as items, and the row of its bytes on their way back, if any."""

    forward: CopyRow
    original: ItemRow
    copied: ItemRow
    back: CopyRow | None


def astir(tx: Tx, *, source: str, target: str, kinds: Collection[str]) -> list[Pair]:
    """The standing copies of a source's items in a target of which something may have to be said, made ones first.

    That is: the target does not show the bytes that it showed when it took ours (or does not say), a person is
    asked or has answered, or bytes are on their way back. No kinds: all.
    """
    found = tx.execute(
        "SELECT forward.id FROM copy AS forward CROSS JOIN item AS copied ON copied.id = forward.target_item "  # noqa: S608 - constant
        f"WHERE forward.target = ?1 AND forward.source = ?2 AND forward.status IN {_STANDS} "
        "AND copied.current = 1 AND copied.presence = 'present' AND (forward.code <> '' OR (held_sha256 IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM ref WHERE item_id = copied.id AND space = 'sha256' AND value = held_sha256)) "
        "OR EXISTS (SELECT 1 FROM copy AS back WHERE back.item_id = copied.id AND back.target = ?2)) "
        "ORDER BY forward.how = 'made' DESC, forward.id",
        (target, source),
    ).fetchall()
    pairs = [pair for (copy,) in found if (pair := _pair(tx, copy)) is not None]
    return [pair for pair in pairs if not kinds or pair.copied.item.key.kind in kinds]


def of_journey(tx: Tx, back: CopyRow) -> Pair | None:
    """The pair whose bytes are on their way back; None when its copy does not stand (any more)."""
    found = tx.execute(
        f"SELECT id FROM copy WHERE target_item = ? AND item_id = ? AND target = ? AND status IN {_STANDS}",  # noqa: S608 - constant
        (back.item_id, back.target_item, back.source),
    ).fetchone()
    return _pair(tx, found[0]) if found and back.goes_back else None


def comes_back(tx: Tx, forward: CopyRow) -> bool:
    """Whether the copy's own bytes are under way to its original, or are to be: the original waits meanwhile."""
    (found,) = tx.execute(
        f"SELECT EXISTS (SELECT 1 FROM copy WHERE item_id = ? AND target = ? AND {_A_WAY_BACK} "  # noqa: S608 - constant
        "AND status IN ('pending', 'processing'))",
        (forward.target_item, forward.source),
    ).fetchone()
    return forward.code == BACK or bool(found)


def opposite_under_way(tx: Tx, row: CopyRow, sha256: str) -> bool:
    """Whether the same bytes are on their way in the other direction: what was found may be what arrives there."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE target = ? AND source = ? AND sha256 = ? AND (status = 'processing' "
        "OR (status = 'pending' AND sent IS NOT NULL)))",
        (row.source, row.target, sha256),
    ).fetchone()
    return bool(found)


def is_copy(tx: Tx, row: CopyRow) -> bool:
    """Whether what a row takes for an original is a copy of something in its target."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE target_item = ? AND source = ? AND (how = 'made' OR (how = 'found' AND ? IS NULL)))",
        (row.item_id, row.target, row.how),
    ).fetchone()
    return bool(found)


def begin(tx: Tx, mirror: str, original: Original, forward: CopyRow, *, at: str) -> None:
    """The bytes of a copy (`original` here) are to go back to what it is the copy of."""
    row = journeys.enroll(tx, mirror, original, forward.source, at=at)
    tx.execute(
        "UPDATE copy SET target_kind = ?, target_key = ?, target_item = ? WHERE id = ?",
        (forward.kind, forward.key, forward.item_id, row.id),
    )


def agree(
    tx: Tx, forward: int, carried: Bytes, *, held: str, version: str, print_: bytes | None, at: str
) -> None:
    """Original and copy have the same bytes, whichever way they came. Without a `print_` it is looked at again."""
    journeys.carries(tx, forward, carried)
    tx.execute(
        "UPDATE copy SET held_sha256 = ?, version = ?, print = ?, status = CASE how WHEN 'made' THEN 'synced' ELSE 'duplicate' "
        "END, code = '', reason = '', changed_at = ? WHERE id = ?",
        (held, version, print_, at, forward),
    )


def look_again(tx: Tx, forward: int) -> None:
    """What was decided of a copy is over: its original is looked at as if it had changed just now."""
    tx.execute(
        "UPDATE copy SET print = NULL, version = '', etag = NULL, code = '', reason = '' WHERE id = ?",
        (forward,),
    )


def forget(tx: Tx, back: int) -> None:
    """A journey back is over, or is not wanted any more. What waited for it travels by itself."""
    journeys.let_twins_go(tx, back)
    tx.execute(f"DELETE FROM copy WHERE id = ? AND {_A_WAY_BACK}", (back,))  # noqa: S608 - constant


def forget_echoes(tx: Tx, *, source: str, target: str) -> list[int]:
    """Forget rows of items that were taken for originals before it was clear that they are copies themselves,
    and journeys back whose copy or original does not stand any more, as far as nothing of them is under way.

    Returns the rows' items.
    """
    echoes = tx.execute(
        "DELETE FROM copy WHERE source = ?1 AND target = ?2 AND status IN ('pending', 'failed', 'refused') AND sent IS NULL "
        "AND target_key IS NULL AND EXISTS (SELECT 1 FROM copy AS other WHERE other.target_item = copy.item_id "
        "AND other.source = ?2 AND other.how IS NOT NULL) RETURNING item_id",
        (source, target),
    ).fetchall()
    over = tx.execute(
        f"DELETE FROM copy WHERE source = ?1 AND target = ?2 AND {_A_WAY_BACK} AND status <> 'processing' AND sent IS NULL "  # noqa: S608 - constants
        "AND NOT EXISTS (SELECT 1 FROM copy AS other CROSS JOIN item ON item.id = other.item_id WHERE "
        "other.target_item = copy.item_id AND other.item_id = copy.target_item AND item.presence = 'present' "
        f"AND other.status IN {_STANDS}) RETURNING item_id",
        (source, target),
    ).fetchall()
    return [item_id for (item_id,) in (*echoes, *over)]


def dissolve(tx: Tx, *, source: str, target: str) -> None:
    """Nothing goes back from the target to the source (any more): the originals are looked at again."""
    tx.execute(
        "UPDATE copy SET print = NULL, version = '', etag = NULL, code = '', reason = '' WHERE source = ? AND target = ? AND code = ?",
        (source, target, BACK),
    )
    tx.execute(
        f"DELETE FROM copy WHERE source = ? AND target = ? AND {_A_WAY_BACK} AND status <> 'processing'",  # noqa: S608 - constant
        (target, source),
    )
    tx.execute(
        "UPDATE copy SET twin = NULL, next_try = 0 WHERE twin IS NOT NULL AND twin NOT IN (SELECT id FROM copy)"
    )


def part(tx: Tx, forward: CopyRow, *, at: str) -> list[int]:
    """Rows of other originals for the same copy, which has other bytes than theirs by now: they are no copies
    of these any more, and get ones of their own. Returns their originals.
    """
    found = tx.execute(
        f"SELECT id, item_id FROM copy WHERE target = ? AND target_item = ? AND id <> ? AND status IN {_STANDS} "  # noqa: S608 - constant
        "AND sha256 IS NOT NULL AND sha256 <> ?",
        (forward.target, forward.target_item, forward.id, forward.sha256),
    ).fetchall()
    for copy, _ in found:
        part_from(tx, copy, at=at)
    return [item_id for _, item_id in found]


def part_from(tx: Tx, copy: int, *, at: str) -> None:
    """One of them. What it names as its copy is somebody else's."""
    tx.execute(
        "UPDATE copy SET status = 'pending', reason = 'what was its copy has other bytes now', code = '', twin = NULL, "
        "how = NULL, print = NULL, version = '', etag = NULL, held_sha256 = NULL, target_kind = NULL, target_key = NULL, "
        "target_item = NULL, receipt = NULL, sent = NULL, tries = 0, next_try = 0, changed_at = ? WHERE id = ?",
        (at, copy),
    )


def _pair(tx: Tx, copy: int) -> Pair | None:
    forward = copies.get(tx, copy)
    if forward is None or forward.target_item is None:
        return None
    original, copied = items.by_id(tx, forward.item_id), items.by_id(tx, forward.target_item)
    if original is None or copied is None:
        return None
    return Pair(forward, original, copied, copies.of_original(tx, copied.id).get(forward.source))
