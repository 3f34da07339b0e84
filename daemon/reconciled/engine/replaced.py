"""Which missing keys are merely replaced: the same complete scan shows their thing under a new one."""

from reconciled.engine.identity import pair_replacements
from reconciled.engine.losing import replace_key
from reconciled.engine.suspicion import Desk
from reconciled.ledger import items, parts
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Presence


def replace_one(desk: Desk, item_id: int, missing: set[int]) -> list[int]:
    """Replace what can be among the copies of one missing thing, with its parts; they leave `missing`.

    Returns the rows that stand under new keys now.
    """
    olds, news = _component(desk.tx, desk.live.id, item_id, missing, desk.source.scanned)
    pairs = pair_replacements(olds, news)
    moved = [row_id for old, new in pairs for row_id in replace_key(desk, old, new)]
    missing.difference_update(moved)
    return moved


def _component(
    tx: Tx, source_id: int, item_id: int, gone: set[int], scanned: int
) -> tuple[list[ItemRow], list[ItemRow]]:
    """Missing rows of one thing, and the keys that may replace them: first seen since they last were."""
    row = items.by_id(tx, item_id)
    if row is None:
        return [], []
    same = [
        other
        for other in items.sharing(tx, row.item.strong_refs, source_id=source_id)
        if other.item.key.kind == row.item.key.kind
    ]
    same += [other for other in parts.siblings(tx, row) if other.id not in {one.id for one in same}]
    same += [row] if row.id not in {one.id for one in same} else []
    olds = [other for other in same if other.id in gone]

    def last_seen(old: ItemRow) -> int:
        return max(old.confirmed, scanned if old.presence is Presence.PRESENT else 0)

    since = min((last_seen(old) for old in olds), default=0)
    news = [
        other
        for other in same
        if other.current
        and other.presence is Presence.PRESENT
        and other.id not in gone
        and other.first_seq > since
    ]
    return olds, news
