"""What follows from seeing an item: transitions inside one transaction.

Scans, events and lookups meet here. Seeing an item ends every suspicion about it; a falling file
count begins one; another thing under a known key displaces the old one.
"""

from collections.abc import Sequence
from dataclasses import replace

from reconciled.engine import redownload, suspicion
from reconciled.engine.deeds import Deed
from reconciled.engine.ends import End
from reconciled.engine.identity import Sameness, compare, is_another_thing, was_reidentified
from reconciled.engine.losing import end_if_believed, evidence
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import Testimony
from reconciled.ledger import acted, actions, items, links, parts, suspects, tombstones, work
from reconciled.ledger.rows import ItemRow, Suspect, keep_file
from reconciled.model import Item, Presence, Ref, What


def seen(
    desk: Desk,
    known: Sequence[ItemRow],
    item: Item,
    *,
    mark: int,
    testimony: Testimony | None = None,
    by_scan: bool = False,
) -> End:
    """A source shows an item under a key whose rows are `known` (current first).

    `mark` is the sequence number at which the scan began or the lookup was put: neither answers a
    suspicion that arose after it. With a `testimony` (vouched for, its settle over) a suspicion
    that the file is gone can end as a loss. Frozen items only a scan of their scope thaws.
    """
    row = next((row for row in known if _is_it(row, item)), None)
    current = next((row for row in known if row.current), None)
    if row is None and current is not None and was_reidentified(current.item, item):
        row = _reidentify(desk, current, item)
    if row is None or not row.current:
        if current is not None:
            _displace(desk, current)
        if row is None:
            return _meet(desk, item, mark)
        row = _recall(desk, row, mark)
    return _again(desk, row, item, mark=mark, testimony=testimony, by_scan=by_scan)


def _is_it(row: ItemRow, item: Item) -> bool:
    """The current row, unless it is another thing; a displaced one only if it is surely the same."""
    if row.current:
        return not is_another_thing(row.item, item)
    return compare(row.item.refs, item.refs) is Sameness.SAME


def _recall(desk: Desk, row: ItemRow, mark: int) -> ItemRow:
    """The key names this thing again, and so do the keys of its parts where nothing else stands."""
    below = parts.children(desk.tx, row)
    items.set_current(desk.tx, row.id, current=True)
    items.stands_since(desk.tx, row.id, mark)
    for child in below:
        if not child.current and parts.current_row(desk.tx, desk.live.id, child.item.key) is None:
            _recall(desk, child, mark)
    return replace(row, current=True)


def _meet(desk: Desk, item: Item, mark: int) -> End:
    """An item under a key that the ledger does not know (as this thing)."""
    row_id = items.insert(desk.tx, desk.live.id, item, seq=mark, at=desk.stamp)
    _doubt_gone_parent(desk, item)
    for lost in items.gone_sharing(desk.tx, desk.live.id, item):
        if compare(lost.item.refs, item.refs) is Sameness.SAME:
            said = f"came back as {item.key}"
            parts.come_back(desk.tx, lost.id, seq=desk.seq)
            if tombstones.revive(desk.tx, lost.id, key=item.key, seq=desk.seq, at=desk.stamp):
                tombstones.turn_to_replaced(desk.tx, lost.id, said, at=desk.stamp)
                if not item.refers:
                    links.hand_on(desk.tx, lost.id, row_id)
                _came_back(desk, row_id, item)
    return End.NEW


def _doubt_gone_parent(desk: Desk, item: Item, *, file: bool = False) -> None:
    """A part is shown (with `file`: with its file): what it is a part of can hardly be gone. It is asked."""
    parent = parts.current_row(desk.tx, desk.live.id, item.parent) if item.parent is not None else None
    if parent is None or parent.item.key == item.key:
        return
    if parent.presence is Presence.GONE or (file and parent.item.has_file is False):
        why = f"{item.key}, a part of it, is shown"
        work.ask_once(desk.tx, desk.live.id, parent.item.key, now=desk.now, why=why)


def _again(
    desk: Desk, row: ItemRow, item: Item, *, mark: int, testimony: Testimony | None, by_scan: bool
) -> End:
    """The ledger's own item, shown again."""
    tx = desk.tx
    known = suspects.get(tx, row.id)
    if (end := _answers_nothing(row, known, mark=mark, by_scan=by_scan)) is not None:
        return end
    if row.presence is Presence.GONE:
        _revive(desk, row, by_scan=by_scan)
        _doubt_gone_parent(desk, item)
    falls = row.item.has_file is True and item.has_file is False
    end = End.SEEN
    if falls:
        end = _file_falls(desk, row, known, testimony=testimony, by_scan=by_scan)
    elif known is not None:
        _stands_after_all(desk, row, known)
    if row.presence is not Presence.PRESENT:
        items.set_presence(tx, row.id, Presence.PRESENT)
    kept = keep_file(item, _file_kept(row, item, falls=falls and end is not End.GONE))
    rises = not row.item.has_file and kept.has_file is True
    if rises:
        _file_back(desk, row)
    if kept != row.item or not row.print:
        _tell_changes(desk, row.item, kept, row.id)
        items.update(tx, row, kept, at=desk.stamp)
        end = End.CHANGED if end is End.SEEN else end
    items.confirm(tx, row.id, mark)
    if rises or row.presence is Presence.GONE:
        _came_back(desk, row.id, kept)
    return end


def _answers_nothing(row: ItemRow, known: Suspect | None, *, mark: int, by_scan: bool) -> End | None:
    """Why an answer put at `mark` says nothing new of the item; None when it does."""
    if known is not None and known.since_seq > mark:
        return End.SUSPECT
    if row.presence is Presence.FROZEN and not by_scan:
        return End.NOTHING
    if row.confirmed > mark:  # something newer than this answer was seen
        return End.NOTHING if known is None else End.SUSPECT
    return None


def _file_kept(row: ItemRow, item: Item, *, falls: bool) -> bool | None:
    """What the ledger holds of its file: as before until a loss is proved (`falls`), or without a word."""
    return True if falls or (row.item.has_file and item.has_file is None) else item.has_file


def _came_back(desk: Desk, item_id: int, item: Item) -> None:
    """It stands again, with its file as far as the app says: somebody may have downloaded it."""
    if item.has_file is not False:
        redownload.returned(desk, item_id)


def _stands_after_all(desk: Desk, row: ItemRow, known: Suspect) -> None:
    """Nothing was lost; not even by a delete of ours that the app said yes to."""
    suspicion.clear(desk, row, "seen present")
    if known.own_act:
        acted.had_no_effect(desk.tx, row.id, at=desk.stamp)


def _tell_changes(desk: Desk, before: Item, after: Item, row_id: int) -> None:
    if after.attrs.get("monitored") is False:
        redownload.broken(desk, row_id, f"{desk.source.name} no longer monitors it")
    if after.strong_refs and compare(before.refs, after.refs) is not Sameness.SAME:
        said = f"{_say(before.strong_refs)} → {_say(after.strong_refs)}"
        items.note(desk.tx, row_id, items.IDENTIFIED, said, seq=desk.seq, at=desk.stamp)
    if before.path != after.path:
        items.note(desk.tx, row_id, "moved", f"{before.path} → {after.path}", seq=desk.seq, at=desk.stamp)
    if before.attrs.get("files") != after.attrs.get("files"):
        said = f"{before.attrs.get('files')} → {after.attrs.get('files')} files"
        items.note(desk.tx, row_id, "files", said, seq=desk.seq, at=desk.stamp)


def _revive(desk: Desk, row: ItemRow, *, by_scan: bool) -> None:
    inside = [] if by_scan else parts.lost_with(desk.tx, row.id)  # a scan comes to them itself
    tombstones.revive(desk.tx, row.id, key=row.item.key, seq=desk.seq, at=desk.stamp)
    parts.come_back(desk.tx, row.id, seq=desk.seq)
    for key in inside:
        why = f"{row.item.key}, which it is a part of, came back"
        work.ask_once(desk.tx, desk.live.id, key, now=desk.now, why=why)
    tombstones.resolve(desk.tx, row.id, "gone", "came back", at=desk.stamp)
    items.note(desk.tx, row.id, "came back", "", seq=desk.seq, at=desk.stamp)


def _file_back(desk: Desk, row: ItemRow) -> None:
    tombstones.revive(desk.tx, row.id, key=row.item.key, seq=desk.seq, at=desk.stamp, what=What.FILE)
    parts.come_back(desk.tx, row.id, seq=desk.seq, what=What.FILE)
    _doubt_gone_parent(desk, row.item, file=True)
    tombstones.resolve(desk.tx, row.id, "gone", "has a file again", at=desk.stamp, what=What.FILE)


def _file_falls(
    desk: Desk, row: ItemRow, known: Suspect | None, *, testimony: Testimony | None, by_scan: bool
) -> End:
    """The app says that the item has no file any more, and the ledger still holds one."""
    if known is not None and known.what is What.ENTRY:
        suspects.put(desk.tx, replace(known, what=What.FILE))
        known = replace(known, what=What.FILE)
        suspicion.wake_parts(desk, row)
    if known is None:
        noticed_by = "scan" if by_scan else "lookup"
        suspicion.suspect(desk, row, What.FILE, noticed_by=noticed_by, why="its file is said to be gone")
        tombstones.add_evidence(
            desk.tx,
            desk.source.name,
            row.item.key,
            evidence(desk, noticed_by, "it is listed without its file", deed=Deed.UNLISTED),
        )
        return End.SUSPECT
    if known.hold_id is not None:
        return End.HELD
    if by_scan:
        work.keep_asking(desk.tx, desk.live.id, row.item.key, now=desk.now)
    if by_scan or testimony is None:
        return End.SUSPECT
    return end_if_believed(desk, row, known, What.FILE, "a lookup shows it without a file")


def _reidentify(desk: Desk, row: ItemRow, item: Item) -> ItemRow:
    """The same file, other refs: Jellyfin's "Identify". The old refs stay on the time line."""
    old, new = _say(row.item.strong_refs), _say(item.strong_refs)
    dropped = f"{row.item.key} of {desk.source.name} was re-identified: {old} → {new}"
    actions.drop_for_item(desk.tx, row.id, dropped, at=desk.stamp, code=actions.UNWANTED)
    items.note(desk.tx, row.id, items.REIDENTIFIED, f"{old} → {new}", seq=desk.seq, at=desk.stamp)
    for child in parts.children(desk.tx, row):
        _forget_refs(desk, child)
    return items.update(desk.tx, row, replace(row.item, refs=item.refs), at=desk.stamp)


def _forget_refs(desk: Desk, row: ItemRow) -> None:
    """What it is a part of was re-identified, so its own refs hold no more: the next look says them anew."""
    if row.item.strong_refs and row.presence is not Presence.GONE:
        said = f"with {row.item.parent}; it was {_say(row.item.strong_refs)}"
        items.note(desk.tx, row.id, items.REIDENTIFIED, said, seq=desk.seq, at=desk.stamp)
        weak = row.item.refs - row.item.strong_refs
        items.update(desk.tx, row, replace(row.item, refs=weak), at=desk.stamp)


def _displace(desk: Desk, row: ItemRow) -> None:
    """The key names another thing now: the old one, with its parts, is a suspect, proved by its refs."""
    for child in parts.children(desk.tx, row):
        if child.current:
            _displace(desk, child)
    items.set_current(desk.tx, row.id, current=False)
    said = f"{row.item.key} of {desk.source.name} names another thing now"
    actions.drop_for_item(desk.tx, row.id, said, at=desk.stamp)
    items.note(
        desk.tx, row.id, "key reused", f"{row.item.key} names another thing now", seq=desk.seq, at=desk.stamp
    )
    if row.presence is not Presence.GONE:
        said = f"its key {row.item.key} names another thing now"
        suspicion.suspect(desk, row, What.ENTRY, noticed_by="reused", why=said)
        tombstones.add_evidence(desk.tx, desk.source.name, row.item.key, evidence(desk, "lookup", said))


def _say(refs: frozenset[Ref]) -> str:
    return ", ".join(sorted(map(str, refs))) or "no refs"
