"""Items whose key names another thing now: they are proved by their refs, not by their key.

Either the app can be asked by ref and finds none, between two yeses, or a good scan that began
after the key was reused shows none. A thing that stands under another key was replaced.
"""

from collections.abc import Sequence

from reconciled.engine.identity import Sameness, compare
from reconciled.engine.live import LiveSource
from reconciled.engine.losing import lose, replace_key
from reconciled.engine.suspicion import Desk
from reconciled.ledger import items, stage, suspects, work
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Key, Presence, What


def displaced(tx: Tx, source_id: int, keys: Sequence[Key]) -> list[ItemRow]:
    rows = [row for key in keys for row in items.by_key(tx, source_id, key) if not row.current]
    return [row for row in rows if (doubt := suspects.get(tx, row.id)) is not None and doubt.hold_id is None]


def conclude_by_find(tx: Tx, live: LiveSource, asked: ItemRow, shown: Sequence[Item]) -> None:
    desk = Desk.at(tx, live)
    row, doubt = items.by_id(desk.tx, asked.id), suspects.get(desk.tx, asked.id)
    if row is None or row.current or doubt is None or doubt.hold_id is not None:
        return  # something else was learnt of it meanwhile
    same = [item for item in shown if compare(item.refs, row.item.refs) is Sameness.SAME]
    if not same:
        lose(desk, row, doubt, What.ENTRY, "its key names another thing, and the app finds none of its refs")
        return
    for other in items.by_key(desk.tx, desk.live.id, same[0].key):
        if other.current and other.presence is Presence.PRESENT:
            replace_key(desk, row, other)
            return
    work.order(desk.tx, desk.live.id, same[0].key, now=desk.now, why="a displaced item stands under it")


def conclude_by_scan(desk: Desk, run: int, began: int) -> None:
    """A good scan, begun after a key was reused, that shows none of the old thing's refs proves its loss."""
    waiting = suspects.displaced_waiting(desk.tx, desk.live.id)
    shown = stage.holds_refs(desk.tx, run, waiting)
    for item_id in waiting:
        row, doubt = items.by_id(desk.tx, item_id), suspects.get(desk.tx, item_id)
        if (
            row is None
            or doubt is None
            or doubt.hold_id is not None
            or doubt.since_seq >= began
            or item_id in shown
        ):
            continue
        lose(
            desk,
            row,
            doubt,
            What.ENTRY,
            "its key names another thing, and a complete scan shows none of its refs",
        )
