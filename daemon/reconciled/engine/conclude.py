"""What follows from a testimony about a key of the work queue: one transaction writes it all.

A proved no ends an item only if the suspicion about it is settled, is in no hold, and still
stands when its group is judged once more.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from reconciled.engine import redownload, suspicion
from reconciled.engine.ends import End
from reconciled.engine.identity import is_another_thing, was_reidentified
from reconciled.engine.losing import end_if_believed, evidence
from reconciled.engine.seeing import seen
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import Testimony, needs_yes
from reconciled.ledger import items, last_answers, parts, suspects, tombstones, work
from reconciled.ledger.rows import ItemRow, Suspect
from reconciled.ledger.tombstones import Loss
from reconciled.ledger.work import Work
from reconciled.model import Absent, Item, Key, Presence, Ref, Verdict, What

GIVE_UP = 12
"""After so many tries a key that only an event named is not asked for any more, unless it told a deletion."""


class EventNote(msgspec.Struct):
    """What the last event said of a key, kept beside its work row."""

    title: str | None
    refs: list[str]
    deleted: bool
    grabbed: bool = False


def conclude_all(desk: Desk, found: Sequence[tuple[Work, Testimony]]) -> list[End]:
    """Write what follows from testimonies about keys of the work queue, whose groups were judged before.

    Those of parts are judged here once more: what they waited for may have been answered since, and
    what did not count by itself counts from then on.
    """
    rows = [one for row, _ in found for one in items.by_key(desk.tx, desk.live.id, row.key)]
    below = [one.id for one in rows if one.item.parent is not None]
    suspicion.judge(desk, suspects.groups_of(desk.tx, below))
    return [conclude(desk, row, told) for row, told in found]


def conclude(desk: Desk, row: Work, testimony: Testimony) -> End:
    """Write what follows from one testimony, and settle its row. If news came meanwhile, nothing follows."""
    if not work.unchanged(desk.tx, desk.live.id, row):
        work.put_down(desk.tx, desk.live.id, row.key)
        return End.NOTHING
    known = items.by_key(desk.tx, desk.live.id, testimony.key)
    if testimony.verdict is Verdict.PRESENT:
        assert isinstance(testimony.answer, Item), "present means an item"  # noqa: S101 - narrows the type
        end = _shown(desk, row, known, testimony, testimony.answer)
    else:
        end = _denied(desk, row, known, testimony)
    _settle(desk, row, known, end, testimony)
    note_answer(desk, row.key, testimony, reused=end is End.REUSED)
    if (current := parts.current_row(desk.tx, desk.live.id, row.key)) is not None:
        suspicion.wake_parts(desk, current)
    # a scan was asked for at the first time; it said what it said
    return End.UNKNOWN if end is End.REUSED and row.tries else end


def note_answer(desk: Desk, key: Key, testimony: Testimony, *, reused: bool = False) -> None:
    """For people who ask why; nothing is decided by it. `reused`: what was shown is another thing."""
    if (row := next(iter(items.by_key(desk.tx, desk.live.id, key)), None)) is not None:
        told = (testimony.verdict, testimony.reason)
        if reused:
            told = (Verdict.UNKNOWN, "its key names another thing")
        last_answers.note(desk.tx, row.id, *told, seq=desk.seq, at=desk.stamp)


def _shown(desk: Desk, row: Work, known: Sequence[ItemRow], testimony: Testimony, answer: Item) -> End:
    current = next((item for item in known if item.current), None)
    another = current is not None and is_another_thing(current.item, answer)
    if another and current is not None and not was_reidentified(current.item, answer):
        return End.REUSED
    doubt = suspects.get(desk.tx, current.id) if current is not None else None
    settled = row.settled <= desk.now
    good = testimony.vouched or _released_without_yes(doubt, testimony)
    end = seen(desk, known, answer, mark=testimony.asked, testimony=testimony if good and settled else None)
    if _tells_download(row) and (shown := parts.current_row(desk.tx, desk.live.id, row.key)) is not None:
        redownload.grabbed(desk, shown)
    if end in (End.SEEN, End.CHANGED, End.NEW):
        tombstones.dismiss(desk.tx, desk.source.name, testimony.key)
    if end is End.SUSPECT and current is not None and doubt is not None and settled and not good:
        return _no_yes(desk, current, suspects.get(desk.tx, current.id), testimony)
    return end


def _settle(desk: Desk, row: Work, known: Sequence[ItemRow], end: End, testimony: Testimony) -> None:
    if end is End.UNKNOWN and not known and row.tries >= GIVE_UP and not _tells_deletion(row):
        work.done(desk.tx, desk.live.id, row)  # the app has no answer about a key that nobody ever listed
    elif end is End.UNKNOWN:
        work.back_off(desk.tx, desk.live.id, row, now=desk.now, why=testimony.reason)
    elif end is End.REUSED:
        why = "its key names another thing; a scan will tell"
        work.back_off(desk.tx, desk.live.id, row, now=desk.now, why=why)
    elif end is End.SUSPECT:
        work.postpone(desk.tx, desk.live.id, row, until=max(row.settled, desk.now + 1.0))
    elif any(not item.current and _waits(desk, item) for item in known):
        work.postpone(desk.tx, desk.live.id, row, until=desk.now + work.LONGEST_BACKOFF)
    else:
        work.done(desk.tx, desk.live.id, row)


def _tells_download(row: Work) -> bool:
    return row.event is not None and msgspec.json.decode(row.event, type=EventNote).grabbed


def _tells_deletion(row: Work) -> bool:
    return row.event is not None and msgspec.json.decode(row.event, type=EventNote).deleted


def _waits(desk: Desk, row: ItemRow) -> bool:
    known = suspects.get(desk.tx, row.id)
    return known is not None and known.hold_id is None


def _denied(desk: Desk, row: Work, known: Sequence[ItemRow], testimony: Testimony) -> End:
    current = next((item for item in known if item.current), None)
    if current is None:
        return (
            _never_listed(desk, row, testimony)
            if testimony.verdict is Verdict.ABSENT
            else _unheard(testimony)
        )
    if current.presence in (Presence.GONE, Presence.FROZEN):
        return End.NOTHING
    doubt = suspects.get(desk.tx, current.id)
    if current.confirmed > testimony.asked and isinstance(testimony.answer, Absent):
        return End.NOTHING if doubt is None else End.SUSPECT  # it was seen since it was denied
    said = testimony.answer.said if isinstance(testimony.answer, Absent) else testimony.reason
    file_released = doubt is not None and doubt.what is What.FILE and doubt.released > 0
    if file_released and isinstance(testimony.answer, Absent):  # its entry nobody released
        suspicion.suspect(desk, current, What.ENTRY, noticed_by="lookup", why=said)
        suspicion.judge(desk, suspects.groups_of(desk.tx, [current.id]))
        return End.SUSPECT
    if testimony.verdict is Verdict.UNKNOWN and not _released_without_yes(doubt, testimony):
        return _no_yes(desk, current, doubt, testimony)
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
    return end_if_believed(desk, current, doubt, What.ENTRY, testimony.reason)


def _unheard(testimony: Testimony) -> End:
    return End.UNKNOWN if testimony.verdict is Verdict.UNKNOWN else End.NOTHING


def _released_without_yes(doubt: Suspect | None, testimony: Testimony) -> bool:
    return doubt is not None and doubt.released == 2 and testimony.no_yes and needs_yes(testimony.answer)


def _no_yes(desk: Desk, row: ItemRow, doubt: Suspect | None, testimony: Testimony) -> End:
    """Nobody stood up for the denial: asked again with back-off, and on hold after a day."""
    if doubt is None or doubt.hold_id is not None:
        return End.UNKNOWN if doubt is None else End.HELD
    since = (doubt.no_yes_since or desk.now) if testimony.no_yes else None
    suspects.put(desk.tx, replace(doubt, no_yes_since=since))
    held = suspicion.judge(desk, suspects.groups_of(desk.tx, [row.id]))
    return End.HELD if held else End.UNKNOWN


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
        evidence(desk, "lookup", f"{testimony.reason}; it was never listed"),
    )
    loss = Loss(
        desk.source.name, desk.source.app, item, None, What.ENTRY, None, desk.stamp, desk.stamp, counted=False
    )
    tombstones.bury(desk.tx, loss, seq=desk.seq, story_since=desk.recently)
    return End.GONE
