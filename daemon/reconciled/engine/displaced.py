"""Items whose key names another thing now: they are proved by their refs, not by their key.

Either the app can be asked by ref and finds none, between two yeses, or a good scan that began
after the key was reused shows none. A thing that stands under a key first seen since was replaced;
another copy, known before, neither replaces the lost one nor saves it. A part without refs is known
by its number in what it is a part of.
"""

from collections.abc import Sequence

from reconciled.engine import suspicion
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.live import LiveSource
from reconciled.engine.losing import end_if_believed, replace_key
from reconciled.engine.proof import has_a_yes
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import BRACKET
from reconciled.errors import SourceError, Unsupported
from reconciled.ledger import items, parts, stage, suspects, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Key, Presence, What
from reconciled.source import Finds


def displaced(tx: Tx, source_id: int, keys: Sequence[Key]) -> list[ItemRow]:
    """The rows that these keys named once and that are suspects in no hold."""
    rows = [row for key in keys for row in items.by_key(tx, source_id, key) if not row.current]
    waiting = [
        row for row in rows if (doubt := suspects.get(tx, row.id)) is not None and doubt.hold_id is None
    ]
    return [row for row in waiting if not parts.waits(tx, row)]


def oldest_doubt(tx: Tx, source_id: int, keys: Sequence[Key]) -> int | None:
    """When the oldest suspicion about the keys began that no person released."""
    doubts = [suspects.get(tx, row.id) for key in keys for row in items.by_key(tx, source_id, key)]
    return min(
        (doubt.since_seq for doubt in doubts if doubt is not None and not doubt.released), default=None
    )


async def find_between_yeses(
    live: LiveSource, ledger: Ledger, finder: Finds, row: ItemRow
) -> list[Item] | None:
    """What the app shows for all of the row's refs that it can be asked by; None when that cannot be told."""
    kind, began = row.item.key.kind, live.clock.monotonic()
    before = await ledger.read(oldest_doubt, live.id, [row.item.key])
    found, asked = list[Item](), 0
    try:
        if not await has_a_yes(live, ledger, kind, before=before):
            return None
        for ref in sorted(row.item.strong_refs):
            try:
                found += await live.find(finder, ref)
                asked += 1
            except Unsupported:
                continue
        if found:
            return found
        told = asked > 0 and await has_a_yes(live, ledger, kind, before=before)
    except SourceError:
        return None
    return [] if told and live.clock.monotonic() - began <= BRACKET else None


def conclude_by_find(tx: Tx, live: LiveSource, asked: ItemRow, shown: Sequence[Item]) -> None:
    """Write what follows from what the app shows for a displaced item's refs."""
    desk = Desk.at(tx, live)
    row, doubt = items.by_id(tx, asked.id), suspects.get(tx, asked.id)
    if row is None or row.current or doubt is None or doubt.hold_id is not None:
        return  # something else was learnt of it meanwhile
    if any(compare(item.refs, row.item.refs) is not Sameness.SAME for item in shown):
        return  # disputed: shown, never acted on
    for item in shown:
        others = [other for other in items.by_key(tx, live.id, item.key) if other.current]
        if not others:
            work.order(tx, live.id, item.key, now=desk.now, why="a displaced item stands under it")
            return
        if others[0].first_seq <= row.confirmed:
            continue
        if others[0].presence is Presence.PRESENT:
            replace_key(desk, row, others[0])
        else:
            work.order(tx, live.id, item.key, now=desk.now, why="a displaced item may stand under it")
        return
    suspicion.judge(desk, suspects.groups_of(tx, [row.id]))
    end_if_believed(
        desk, row, doubt, What.ENTRY, "its key names another thing, and the app finds none of its refs"
    )


def conclude_by_scan(desk: Desk, run: int, began: int) -> None:
    """A good scan, begun after a key was reused, that shows none of the old thing's refs proves its loss."""
    if desk.live.not_judged():
        return
    waiting = suspects.displaced_waiting(desk.tx, desk.live.id)
    suspicion.judge(desk, suspects.groups_of(desk.tx, waiting))
    shown = stage.holds_refs(desk.tx, run, waiting)
    why = "its key names another thing, and a complete scan shows none of its refs"
    for item_id in waiting:
        row, doubt = items.by_id(desk.tx, item_id), suspects.get(desk.tx, item_id)
        if row is None or doubt is None or doubt.since_seq >= began or item_id in shown:
            continue
        if row.item.strong_refs or _is_left_out(desk, row):
            end_if_believed(desk, row, doubt, What.ENTRY, why)


def _is_left_out(desk: Desk, row: ItemRow) -> bool:
    """A part without refs: what it is a part of stands elsewhere now, and has none of that number."""
    parent = parts.parent_of(desk.tx, row)
    if row.item.number is None or parent is None or not parent.current:
        return False
    stands = parent.presence is Presence.PRESENT and suspects.get(desk.tx, parent.id) is None
    return stands and not any(
        other.current and other.presence is not Presence.GONE for other in parts.siblings(desk.tx, row)
    )
