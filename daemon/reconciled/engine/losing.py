"""The end of an item, and what only looks like one: transitions inside one transaction.

An item is lost only if the suspicion about it is in no hold; its group was judged once more in
the same transaction. A part never ends before what it is a part of was asked about; it shares that
one's end, inside the same tombstone, unless it was seen since. A thing that stands under a new key
was replaced, and its history moves over, that of its parts by their numbers.
"""

from dataclasses import replace

from reconciled.engine import redownload, suspicion
from reconciled.engine.ends import End
from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness, compare, is_same_part
from reconciled.engine.suspicion import Desk
from reconciled.ledger import actions, copies_of, items, links, parts, sources, suspects, tombstones, work
from reconciled.ledger.rows import ItemRow, Suspect
from reconciled.ledger.tombstones import Evidence, Loss
from reconciled.model import Key, Presence, What


def end_if_believed(desk: Desk, row: ItemRow, doubt: Suspect, what: What, reason: str) -> End:
    """The last look before anything is called gone; its group was judged before.

    Nothing is believed of a stranger or a busy app, and no lost file below a root that is not as it
    was: not even for a suspect that a person released.
    """
    if desk.live.not_judged() or (what is What.FILE and _root_is_odd(desk, row)):
        return End.UNKNOWN
    now = suspects.get(desk.tx, row.id)
    if now is not None and now.hold_id is not None:
        return End.HELD
    if (above := parts.doubt_above(desk.tx, row, what)) is not None:
        return End.HELD if above[1].hold_id is not None else End.SUSPECT
    if parts.asked_first(desk.tx, row):
        return End.SUSPECT
    if what is What.ENTRY and replaced_by_event(desk, row):
        return End.SEEN
    lose(desk, row, doubt, what, reason)
    return End.GONE


def _root_is_odd(desk: Desk, row: ItemRow) -> bool:
    roots = sources.roots(desk.tx, desk.live.id)
    root = row.item.root or ""
    return root_trouble(roots.get(root), root, known=bool(roots)) is not None


def replaced_by_event(desk: Desk, row: ItemRow) -> bool:
    """An event brought the thing under a new key before the old one's loss was proved: it is replaced."""
    last_seen = row.confirmed
    alike = items.sharing(desk.tx, row.item.strong_refs, source_id=desk.live.id)
    for other in (*alike, *parts.siblings(desk.tx, row)):
        fresh = other.current and other.presence is Presence.PRESENT and other.first_seq > last_seen
        same = other.id != row.id and _same(other, row)
        if fresh and same and not row.item.refers and other.item.key.kind == row.item.key.kind:
            replace_key(desk, row, other)
            return True
    return False


def _same(one: ItemRow, other: ItemRow) -> bool:
    same = compare(one.item.refs, other.item.refs) is Sameness.SAME
    return same or is_same_part(one.item, other.item)


def lose(desk: Desk, row: ItemRow, doubt: Suspect, what: What, reason: str) -> int:
    """The item is gone: tombstone, story, finding, in this one transaction. Returns the tombstone's id.

    A part whose parent was lost since it was last seen ends inside the parent's tombstone.
    """
    inside = parts.grave_above(desk.tx, row, what)
    if inside is not None:
        end_inside(desk, row, what, inside, until=row.confirmed)
        return inside
    tx, source = desk.tx, desk.source
    tombstones.add_evidence(tx, source.name, row.item.key, evidence(desk, "lookup", reason))
    loss = Loss(
        source.name,
        source.app,
        row.item,
        row.id,
        what,
        row.first_at,
        doubt.since_at,
        desk.stamp,
        doubt.counted,
        None if row.current else doubt.since_seq,
        _images(desk, row, what),
    )
    tombstone = tombstones.bury(tx, loss, seq=desk.seq, story_since=desk.recently)
    if what is What.ENTRY:
        tombstones.resolve(tx, row.id, "gone", "the entry is gone too", at=desk.stamp, what=What.FILE)
        redownload.broken(desk, row.id, f"its entry is gone from {source.name}")
        items.end(tx, row.id, seq=desk.seq, at=desk.stamp)
    else:
        items.update(tx, row, replace(row.item, has_file=False), at=desk.stamp)
    tombstones.open_finding(
        tx, "gone", source=source.name, item=row.item, item_id=row.id, seq=desk.seq, at=desk.stamp, what=what,
        tombstone=tombstone, detail=reason, watched=watched_so_far(desk),
    )  # fmt: skip
    items.note(tx, row.id, f"{what} gone", reason, seq=desk.seq, at=desk.stamp)
    suspects.end(tx, row.id, at=desk.stamp, how="gone")
    end_parts(desk, row, what, tombstone, until=row.confirmed)
    return tombstone


def _images(desk: Desk, row: ItemRow, what: What) -> tuple[dict[str, object], ...]:
    """The parts as they last were: all that stand, or those that have files yet."""
    return tuple(
        parts.image(child.item)
        for child in parts.children(desk.tx, row)
        if child.presence is not Presence.GONE and (what is What.ENTRY or child.item.has_file)
    )


def end_parts(desk: Desk, parent: ItemRow, what: What, tombstone: int, *, until: int) -> None:
    """The parts of what is lost share its end. What was seen later than it is asked about by itself."""
    for child in parts.children(desk.tx, parent):
        doubt = suspects.get(desk.tx, child.id)
        if child.presence not in (Presence.PRESENT, Presence.UNLISTED):
            continue
        if doubt is not None and doubt.hold_id is not None:
            continue  # it leaves its hold by being seen, or by a person's word, and by nothing else
        ends = doubt is not None and doubt.what is What.FILE
        if what is What.ENTRY:
            ends = _last_seen(desk, child, doubt) <= until
        if ends:
            end_inside(desk, child, what, tombstone, until=until)
        elif what is What.ENTRY or child.item.has_file:
            why = f"{parent.item.key}, which it is a part of, is gone"
            work.ask_once(desk.tx, desk.live.id, child.item.key, now=desk.now, why=why)


def _last_seen(desk: Desk, row: ItemRow, doubt: Suspect | None) -> int:
    """What is no suspect was listed by the last complete scan."""
    simply_there = doubt is None and row.presence is Presence.PRESENT and row.current
    return max(row.confirmed, desk.source.scanned if simply_there else 0)


def end_inside(desk: Desk, row: ItemRow, what: What, tombstone: int, *, until: int) -> None:
    """The part is gone with what it is a part of: no tombstone and no finding of its own."""
    tx, doubt = desk.tx, suspects.get(desk.tx, row.id)
    known_until = None if row.current or doubt is None else doubt.since_seq
    tombstones.bury_inside(tx, tombstone, desk.source.name, row.item.key, until=known_until, seq=desk.seq)
    over = None if what is What.ENTRY else What.FILE
    tombstones.resolve(tx, row.id, "gone", "what it is a part of is gone", at=desk.stamp, what=over)
    if what is What.ENTRY:
        items.end(tx, row.id, seq=desk.seq, at=desk.stamp)
    else:
        items.update(tx, row, replace(row.item, has_file=False), at=desk.stamp)
    parts.put(tx, row.id, tombstone)
    said = f"with {row.item.parent}, inside its tombstone"
    items.note(tx, row.id, f"{what} gone", said, seq=desk.seq, at=desk.stamp)
    suspects.end(tx, row.id, at=desk.stamp, how="gone with what it is a part of")
    if row.current:
        work.drop(tx, desk.live.id, row.item.key)
    end_parts(desk, row, what, tombstone, until=until)


def watched_so_far(desk: Desk) -> float:
    """The source's counter of watched seconds at this moment: a grace counts from here."""
    return desk.source.watched + desk.live.watched.before_now


def replace_key(desk: Desk, old: ItemRow, new: ItemRow, *, with_parent: bool = False) -> list[int]:
    """The old item stands under the new one's key: its history moves over, nothing was lost.

    Its parts are handed over with it (`with_parent`: without a finding of their own). Returns the
    rows that stand under new keys now.
    """
    tx = desk.tx
    said = f"{old.item.key} → {new.item.key}"
    before, after = parts.children(tx, old), parts.children(tx, new)
    suspicion.end(desk, old, "replaced")
    suspicion.end(desk, new, "it is the one that was missing")
    if old.current:
        work.drop(tx, desk.live.id, old.item.key)
    items.move_timeline(tx, new.id, old.id)
    copies_of.hand_over(tx, old.id, new.id)
    links.hand_on(tx, new.id, old.id)
    items.remove(tx, new.id)
    items.update(tx, old, new.item, at=desk.stamp)
    items.set_current(tx, old.id, current=True)
    items.stands_since(tx, old.id, new.key_seq)
    dropped = f"it was replaced: {said}"
    actions.drop_for_item(tx, old.id, dropped, at=desk.stamp, code=actions.UNWANTED)
    items.set_presence(tx, old.id, Presence.PRESENT)
    items.confirm(tx, old.id, max(new.confirmed, desk.source.scanned))
    items.note(tx, old.id, "replaced", said, seq=desk.seq, at=desk.stamp)
    if not with_parent:
        _say_replaced(desk, old, new, said)
    moved = _hand_over(desk, before, after, new.item.key)
    suspicion.wake_parts(desk, items.by_id(tx, old.id) or old)
    return [old.id, *moved]


def _hand_over(desk: Desk, before: list[ItemRow], after: list[ItemRow], parent: Key) -> list[int]:
    """The parts of a replaced item, by number or by refs; what finds no heir is a part of the new one."""
    moved: list[int] = []
    heirs = [child for child in after if child.current and child.presence is Presence.PRESENT]
    for child in before:
        if child.presence is Presence.GONE:
            continue
        adopted = replace(child, item=replace(child.item, parent=parent))
        heir = next((other for other in heirs if _same(adopted, other)), None)
        if heir is not None:
            heirs.remove(heir)
            moved += replace_key(desk, child, heir, with_parent=True)
        else:
            items.update(desk.tx, child, adopted.item, at=desk.stamp)
    return moved


def _say_replaced(desk: Desk, old: ItemRow, new: ItemRow, said: str) -> None:
    """A finding that is over as soon as it is made: policies may be about it."""
    tx = desk.tx
    finding = tombstones.open_finding(
        tx,
        "replaced",
        source=desk.source.name,
        item=new.item,
        item_id=old.id,
        seq=desk.seq,
        at=desk.stamp,
        detail=said,
        watched=watched_so_far(desk),
        image=old.item,
    )
    tombstones.resolve_finding(tx, finding, "nothing was lost", at=desk.stamp)


def evidence(desk: Desk, how: str, said: str, *, deed: str | None = None) -> Evidence:
    """Something that speaks for a loss and names nobody, as of this moment."""
    return Evidence(desk.seq, desk.stamp, how, said, None, None, None, deed)
