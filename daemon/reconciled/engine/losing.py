"""The end of an item, and what only looks like one: transitions inside one transaction.

An item is lost only if the suspicion about it is in no hold; its group was judged once more in
the same transaction. A thing that stands under a new key was replaced, and its history moves over.
"""

from dataclasses import replace

from reconciled.engine import suspicion
from reconciled.engine.ends import End
from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.suspicion import Desk
from reconciled.ledger import actions, items, sources, suspects, tombstones, work
from reconciled.ledger.rows import ItemRow, Suspect
from reconciled.ledger.tombstones import Evidence, Loss
from reconciled.model import Presence, What


def end_if_believed(desk: Desk, row: ItemRow, doubt: Suspect, what: What, reason: str) -> End:
    """The last look before anything is called gone; its group was judged before.

    Nothing is believed of a stranger or a busy app, and no lost file below a root that is not as it
    was: not even for a suspect that a person released.
    """
    if desk.live.not_believable() or (what is What.FILE and _root_is_odd(desk, row)):
        return End.UNKNOWN
    now = suspects.get(desk.tx, row.id)
    if now is not None and now.hold_id is not None:
        return End.HELD
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
    for other in items.sharing(desk.tx, row.item.strong_refs, source_id=desk.live.id):
        fresh = other.current and other.presence is Presence.PRESENT and other.first_seq > last_seen
        same = other.id != row.id and compare(other.item.refs, row.item.refs) is Sameness.SAME
        if fresh and same and not row.item.refers and other.item.key.kind == row.item.key.kind:
            replace_key(desk, row, other)
            return True
    return False


def lose(desk: Desk, row: ItemRow, doubt: Suspect, what: What, reason: str) -> int:
    """The item is gone: tombstone, story, finding, in this one transaction. Returns the tombstone's id."""
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
    )
    tombstone = tombstones.bury(tx, loss, seq=desk.seq, story_since=desk.recently)
    if what is What.ENTRY:
        tombstones.resolve(tx, row.id, "gone", "the entry is gone too", at=desk.stamp, what=What.FILE)
        items.end(tx, row.id, seq=desk.seq, at=desk.stamp)
    else:
        items.update(tx, row, replace(row.item, has_file=False), at=desk.stamp)
    tombstones.open_finding(
        tx, "gone", source=source.name, item=row.item, item_id=row.id, seq=desk.seq, at=desk.stamp, what=what,
        tombstone=tombstone, detail=reason, watched=watched_so_far(desk),
    )  # fmt: skip
    items.note(tx, row.id, f"{what} gone", reason, seq=desk.seq, at=desk.stamp)
    suspects.end(tx, row.id, at=desk.stamp, how="gone")
    return tombstone


def watched_so_far(desk: Desk) -> float:
    """The source's counter of watched seconds at this moment: a grace counts from here."""
    return desk.source.watched + desk.live.watched.unwritten


def replace_key(desk: Desk, old: ItemRow, new: ItemRow) -> None:
    """The old item stands under the new one's key: its history moves over, nothing was lost."""
    tx = desk.tx
    said = f"{old.item.key} → {new.item.key}"
    suspicion.clear(desk, old, "replaced")
    suspicion.clear(desk, new, "it is the one that was missing")
    if old.current:
        work.drop(tx, desk.live.id, old.item.key)
    items.move_timeline(tx, new.id, old.id)
    items.remove(tx, new.id)
    items.update(tx, old, new.item, at=desk.stamp)
    items.set_current(tx, old.id, current=True)
    items.stands_since(tx, old.id, new.key_seq)
    dropped = f"it was replaced: {said}"
    actions.drop_for_item(tx, old.id, dropped, at=desk.stamp, code=actions.UNWANTED)
    items.set_presence(tx, old.id, Presence.PRESENT)
    items.confirm(tx, old.id, max(new.confirmed, desk.source.scanned))
    items.note(tx, old.id, "replaced", said, seq=desk.seq, at=desk.stamp)
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


def evidence(desk: Desk, how: str, said: str) -> Evidence:
    """Something that speaks for a loss and names nobody, as of this moment."""
    return Evidence(desk.seq, desk.stamp, how, said, None, None, None)
