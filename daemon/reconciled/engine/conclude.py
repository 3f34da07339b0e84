"""What follows from seeing an item, and from a proved no: transitions inside one transaction.

Scans, events and lookups meet here. Seeing an item ends every suspicion about it; a falling file
count begins one. A proved no ends an item only if the suspicion about it is settled, is in no
hold, and still stands when its group is judged once more.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import msgspec

from reconciled.engine import suspicion
from reconciled.engine.identity import Sameness, compare, is_another_thing, was_reidentified
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import Testimony, denial
from reconciled.ledger import items, suspects, tombstones, work
from reconciled.ledger.rows import ItemRow, Suspect, keep_file
from reconciled.ledger.tombstones import Evidence, Loss
from reconciled.ledger.work import Work
from reconciled.model import Absent, Item, Presence, Ref, Verdict, What


class End(StrEnum):
    """How one look at a key ended."""

    SEEN = "seen"
    CHANGED = "changed"
    NEW = "new"
    SUSPECT = "suspect"
    GONE = "gone"
    HELD = "held"
    REUSED = "reused"
    """The key names another thing now: a scan must tell whether that is one key or another world."""
    UNKNOWN = "unknown"
    NOTHING = "nothing"


class EventNote(msgspec.Struct):
    """What the last event said of a key, kept beside its work row."""

    title: str | None
    refs: list[str]
    deleted: bool


def conclude_all(desk: Desk, found: Sequence[tuple[Work, Testimony]]) -> list[End]:
    """Write what follows from testimonies about keys of the work queue. Groups are judged first, together."""
    rows = [row.id for _, told in found for row in items.by_key(desk.tx, desk.live.id, told.key)]
    suspicion.judge(desk, suspects.groups_of(desk.tx, rows))
    return [conclude(desk, row, told) for row, told in found]


def conclude(desk: Desk, row: Work, testimony: Testimony) -> End:
    """Write what follows from one testimony, and settle its row."""
    known = items.by_key(desk.tx, desk.live.id, testimony.key)
    if testimony.verdict is Verdict.PRESENT:
        assert isinstance(testimony.answer, Item), "present means an item"  # noqa: S101 - narrows the type
        if _names_another_thing(known, testimony.answer):
            work.back_off(
                desk.tx, desk.live.id, row, now=desk.now, why="its key names another thing; a scan will tell"
            )
            return End.REUSED
        believed = testimony if testimony.vouched and row.settled <= desk.now else None
        end = seen(desk, known, testimony.answer, testimony=believed)
        if end in (End.SEEN, End.CHANGED, End.NEW):
            tombstones.dismiss(desk.tx, desk.source.name, testimony.key)
        if end is End.SUSPECT and row.settled <= desk.now and not testimony.vouched:
            end = End.UNKNOWN
    else:
        end = _denied(desk, row, known, testimony)
    _settle(desk, row, known, end, testimony)
    return end


def _settle(desk: Desk, row: Work, known: Sequence[ItemRow], end: End, testimony: Testimony) -> None:
    if end is End.UNKNOWN:
        work.back_off(desk.tx, desk.live.id, row, now=desk.now, why=testimony.reason)
    elif end is End.SUSPECT:
        work.put_down(desk.tx, desk.live.id, row.key)
    elif any(not item.current and _waits(desk, item) for item in known):
        work.postpone(desk.tx, desk.live.id, row, until=desk.now + work.LONGEST_BACKOFF)
    else:
        work.done(desk.tx, desk.live.id, row)


def _names_another_thing(known: Sequence[ItemRow], answer: Item) -> bool:
    current = next((row for row in known if row.current), None)
    if current is None or not is_another_thing(current.item, answer):
        return False
    return not was_reidentified(current.item, answer)


def _waits(desk: Desk, row: ItemRow) -> bool:
    known = suspects.get(desk.tx, row.id)
    return known is not None and known.hold_id is None


# --- seen -----------------------------------------------------------------------------------------


def seen(
    desk: Desk,
    known: Sequence[ItemRow],
    item: Item,
    *,
    testimony: Testimony | None = None,
    began: int | None = None,
) -> End:
    """A source shows an item under a key whose rows are `known` (current first).

    `began` is the sequence number of the scan that lists it, None for a lookup: a listing is no
    answer to a suspicion that arose after it began. With a `testimony` (vouched for, its settle
    over) a suspicion that the file is gone can end as a loss.
    """
    mark = desk.seq if began is None else began
    row = next((row for row in known if not is_another_thing(row.item, item)), None)
    current = next((row for row in known if row.current), None)
    if row is None and current is not None and was_reidentified(current.item, item):
        row = _reidentify(desk, current, item)
    if row is None or not row.current:
        if current is not None:
            _displace(desk, current)
        if row is None:
            return _meet(desk, item, mark)
        items.set_current(desk.tx, row.id, current=True)
        row = replace(row, current=True)
    return _again(desk, row, item, mark=mark, testimony=testimony, by_scan=began is not None)


def _meet(desk: Desk, item: Item, mark: int) -> End:
    """An item under a key that the ledger does not know (as this thing)."""
    items.insert(desk.tx, desk.live.id, item, seq=mark, at=desk.stamp)
    for lost in items.gone_sharing(desk.tx, desk.live.id, item):
        if compare(lost.item.refs, item.refs) is Sameness.SAME:
            said = f"came back as {item.key}"
            if tombstones.revive(desk.tx, lost.id, key=item.key, seq=desk.seq, at=desk.stamp):
                tombstones.turn_to_replaced(desk.tx, lost.id, said, at=desk.stamp)
    return End.NEW


def _again(
    desk: Desk, row: ItemRow, item: Item, *, mark: int, testimony: Testimony | None, by_scan: bool
) -> End:
    """The ledger's own item, shown again."""
    tx = desk.tx
    known = suspects.get(tx, row.id)
    if known is not None and known.since_seq > mark:
        return End.SUSPECT
    if row.presence is Presence.GONE:
        _revive(desk, row)
    falls = row.item.has_file is True and item.has_file is False
    end = End.SEEN
    if falls:
        end = _file_falls(desk, row, known, testimony=testimony, by_scan=by_scan)
    elif known is not None:
        suspicion.clear(desk, row, "seen present")
    if row.presence is not Presence.PRESENT:
        items.set_presence(tx, row.id, Presence.PRESENT)
    keep = (
        True
        if (falls and end is not End.GONE) or (row.item.has_file and item.has_file is None)
        else item.has_file
    )
    if not row.item.has_file and keep:
        _file_back(desk, row)
    kept = keep_file(item, keep)
    if kept != row.item or not row.print:
        _tell_changes(desk, row.item, kept, row.id)
        items.update(tx, row, kept, at=desk.stamp)
        end = End.CHANGED if end is End.SEEN else end
    items.confirm(tx, row.id, mark)
    return end


def _tell_changes(desk: Desk, before: Item, after: Item, row_id: int) -> None:
    if before.path != after.path:
        items.note(desk.tx, row_id, "moved", f"{before.path} → {after.path}", seq=desk.seq, at=desk.stamp)
    if before.attrs.get("files") != after.attrs.get("files"):
        said = f"{before.attrs.get('files')} → {after.attrs.get('files')} files"
        items.note(desk.tx, row_id, "files", said, seq=desk.seq, at=desk.stamp)


def _revive(desk: Desk, row: ItemRow) -> None:
    tombstones.revive(desk.tx, row.id, key=row.item.key, seq=desk.seq, at=desk.stamp)
    tombstones.resolve(desk.tx, row.id, "gone", "came back", at=desk.stamp)
    items.note(desk.tx, row.id, "came back", "", seq=desk.seq, at=desk.stamp)


def _file_back(desk: Desk, row: ItemRow) -> None:
    tombstones.revive(desk.tx, row.id, key=row.item.key, seq=desk.seq, at=desk.stamp, what=What.FILE)
    tombstones.resolve(desk.tx, row.id, "gone", "has a file again", at=desk.stamp, what=What.FILE)


def _file_falls(
    desk: Desk, row: ItemRow, known: Suspect | None, *, testimony: Testimony | None, by_scan: bool
) -> End:
    """The app says that the item has no file any more, and the ledger still holds one."""
    if known is not None and known.what is What.ENTRY:
        suspects.put(desk.tx, replace(known, what=What.FILE))
        known = replace(known, what=What.FILE)
    if known is None:
        noticed_by = "scan" if by_scan else "lookup"
        suspicion.suspect(desk, row, What.FILE, noticed_by=noticed_by, why="its file is said to be gone")
        tombstones.add_evidence(
            desk.tx,
            desk.source.name,
            row.item.key,
            _evidence(desk, noticed_by, "it is listed without its file"),
        )
        return End.SUSPECT
    if by_scan or testimony is None or known.hold_id is not None:
        return End.SUSPECT
    return _end_if_believed(desk, row, known, What.FILE, "a lookup shows it without a file")


def _reidentify(desk: Desk, row: ItemRow, item: Item) -> ItemRow:
    """The same file, other refs: Jellyfin's "Identify". The old refs stay on the time line."""
    old, new = _say(row.item.strong_refs), _say(item.strong_refs)
    items.note(desk.tx, row.id, "re-identified", f"{old} → {new}", seq=desk.seq, at=desk.stamp)
    return items.update(desk.tx, row, replace(row.item, refs=item.refs), at=desk.stamp)


def _displace(desk: Desk, row: ItemRow) -> None:
    """The key names another thing now: the old one is a suspect, to be proved by its refs."""
    items.set_current(desk.tx, row.id, current=False)
    items.note(
        desk.tx, row.id, "key reused", f"{row.item.key} names another thing now", seq=desk.seq, at=desk.stamp
    )
    if row.presence is not Presence.GONE:
        said = f"its key {row.item.key} names another thing now"
        suspicion.suspect(desk, row, What.ENTRY, noticed_by="reused", why=said)
        tombstones.add_evidence(desk.tx, desk.source.name, row.item.key, _evidence(desk, "lookup", said))


# --- denied ---------------------------------------------------------------------------------------


def _denied(desk: Desk, row: Work, known: Sequence[ItemRow], testimony: Testimony) -> End:
    current = next((item for item in known if item.current), None)
    if current is None:
        return (
            _never_listed(desk, row, testimony)
            if testimony.verdict is Verdict.ABSENT
            else _unheard(testimony)
        )
    if current.presence is Presence.GONE:
        return End.NOTHING
    doubt = suspects.get(desk.tx, current.id)
    if testimony.verdict is Verdict.UNKNOWN and not _released_without_yes(doubt, testimony):
        return _no_yes(desk, current, doubt, testimony)
    said = testimony.answer.said if isinstance(testimony.answer, Absent) else testimony.reason
    if doubt is None:
        suspicion.suspect(desk, current, What.ENTRY, noticed_by="lookup", why=said)
        suspicion.judge(desk, suspects.groups_of(desk.tx, [current.id]))
        return End.SUSPECT
    if doubt.what is What.FILE:
        suspects.put(desk.tx, replace(doubt, what=What.ENTRY))
        doubt = replace(doubt, what=What.ENTRY)
    if doubt.hold_id is not None:
        return End.HELD
    if row.settled > desk.now:
        work.postpone(desk.tx, desk.live.id, row, until=row.settled)
        return End.SUSPECT
    return _end_if_believed(desk, current, doubt, What.ENTRY, testimony.reason)


def _unheard(testimony: Testimony) -> End:
    return End.UNKNOWN if testimony.verdict is Verdict.UNKNOWN else End.NOTHING


def _released_without_yes(doubt: Suspect | None, testimony: Testimony) -> bool:
    return doubt is not None and doubt.released == 2 and testimony.no_yes and denial(testimony.answer)


def _no_yes(desk: Desk, row: ItemRow, doubt: Suspect | None, testimony: Testimony) -> End:
    """Nobody stood up for the denial: asked again with back-off, and on hold after a day."""
    if doubt is None or doubt.hold_id is not None:
        return End.UNKNOWN if doubt is None else End.HELD
    since = (doubt.no_yes_since or desk.now) if testimony.no_yes else None
    suspects.put(desk.tx, replace(doubt, no_yes_since=since))
    held = suspicion.judge(desk, suspects.groups_of(desk.tx, [row.id]))
    return End.HELD if held else End.UNKNOWN


def _end_if_believed(desk: Desk, row: ItemRow, doubt: Suspect, what: What, reason: str) -> End:
    """The last look before anything is called gone; its group was judged in this transaction."""
    now = suspects.get(desk.tx, row.id)
    if now is not None and now.hold_id is not None:
        return End.HELD
    if what is What.ENTRY and replaced_by_event(desk, row):
        return End.SEEN
    lose(desk, row, doubt, what, reason)
    return End.GONE


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
    tombstones.add_evidence(tx, source.name, row.item.key, _evidence(desk, "lookup", reason))
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
    )
    tombstone = tombstones.bury(tx, loss, seq=desk.seq, story_since=desk.recently)
    if what is What.ENTRY:
        tombstones.resolve(tx, row.id, "gone", "the entry is gone too", at=desk.stamp, what=What.FILE)
        items.end(tx, row.id, seq=desk.seq, at=desk.stamp)
    else:
        items.update(tx, row, replace(row.item, has_file=False), at=desk.stamp)
    tombstones.open_finding(
        tx, "gone", source=source.name, item=row.item, item_id=row.id, seq=desk.seq, at=desk.stamp, what=what,
        tombstone=tombstone, detail=reason,
    )  # fmt: skip
    items.note(tx, row.id, f"{what} gone", reason, seq=desk.seq, at=desk.stamp)
    suspects.end(tx, row.id, at=desk.stamp, how="gone")
    return tombstone


def replace_key(desk: Desk, old: ItemRow, new: ItemRow) -> None:
    """The old item stands under the new one's key: its history moves over, nothing was lost."""
    tx = desk.tx
    said = f"{old.item.key} → {new.item.key}"
    suspicion.clear(desk, old, "replaced")
    work.drop(tx, desk.live.id, old.item.key)
    items.move_timeline(tx, new.id, old.id)
    items.remove(tx, new.id)
    items.update(tx, old, new.item, at=desk.stamp)
    items.set_current(tx, old.id, current=True)
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
    )
    tombstones.resolve_finding(tx, finding, "nothing was lost", at=desk.stamp)


def _never_listed(desk: Desk, row: Work, testimony: Testimony) -> End:
    """An event named a key that the ledger never held, and the app denies it: remembered, and no more."""
    note = msgspec.json.decode(row.event, type=EventNote) if row.event else None
    if note is None or not note.deleted or not note.title:
        return End.NOTHING
    if tombstones.recent(desk.tx, desk.source.name, row.key, since=desk.recently) is not None:
        return End.NOTHING
    item = Item(row.key, note.title, frozenset(Ref.parse(ref) for ref in note.refs))
    tombstones.add_evidence(
        desk.tx,
        desk.source.name,
        row.key,
        _evidence(desk, "lookup", f"{testimony.reason}; it was never listed"),
    )
    loss = Loss(
        desk.source.name, desk.source.app, item, None, What.ENTRY, None, desk.stamp, desk.stamp, counted=False
    )
    tombstones.bury(desk.tx, loss, seq=desk.seq, story_since=desk.recently)
    return End.GONE


def _evidence(desk: Desk, how: str, said: str) -> Evidence:
    return Evidence(desk.seq, desk.stamp, how, said, None, None, None)


def _say(refs: frozenset[Ref]) -> str:
    return ", ".join(sorted(map(str, refs))) or "no refs"
