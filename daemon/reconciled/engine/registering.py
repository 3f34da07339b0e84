"""Registering: what other programs put on a source's shelf, and take off it, over our API.

The shelf stands in the ledger, so a change of it and what the engine makes of it are one
transaction: nothing that was acknowledged is lost, and nothing has to be looked up. A registration
is the source showing an item. A removal by whoever may remove is the source's own plain no; the
yes beside it is the very record, shown by the same shelf in the same transaction, so no proxy and
no other database can stand between. Where losses are not believed (a pause, a hold, another world)
this one is a suspect like any other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import msgspec

from reconciled.engine import suspicion
from reconciled.engine.chunks import in_chunks
from reconciled.engine.conclude import EventNote
from reconciled.engine.ends import End
from reconciled.engine.engine import Engine, Place
from reconciled.engine.losing import end_if_believed
from reconciled.engine.seeing import seen
from reconciled.engine.suspicion import Desk
from reconciled.errors import ReconciledError
from reconciled.ledger import (
    acted,
    findings,
    items,
    letters,
    shelf,
    suspects,
    tombstones,
    views_records,
    work,
)
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.ledger.shelf import Kept, Registration
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Item, Key, Presence, Record, SyncStatus, What
from reconciled.source import Registers

RowT = TypeVar("RowT")
DoneT = TypeVar("DoneT")

Still: TypeAlias = Callable[[Tx, str], bool]


class NoShelf(ReconciledError):
    """The source takes no records."""


@dataclass(frozen=True, slots=True)
class Remover:
    """Who takes a record off: what stands as evidence, `cause` and `actor` as in attribution.

    Without `said` nothing is added: our own act spoke for itself before.
    """

    by: str
    said: str | None = None
    cause: str | None = None
    actor: str | None = None


async def register(engine: Engine, name: str, new: Sequence[Registration]) -> dict[str, Kept]:
    """Keep what a program registers; returns after the commit. NoSuchSource, NoShelf.

    One that cannot be kept (a defect) is left out of the answer; the log has it.
    """
    place, source = register_of(engine, name)
    kept: dict[str, Kept] = {}

    def write(tx: Tx, chunk: Sequence[Registration]) -> dict[str, Kept]:
        desk = Desk.at(tx, place.live)
        return {one.id: _keep(desk, source, one) for one in chunk}

    for chunk in await _in_chunks(engine, place, new, write):
        kept |= chunk
    place.live.due.set()
    if Kept.CHANGED in kept.values():  # it may be about something else now
        place.wants_orphans.set()
    return kept


async def remove(
    engine: Engine, name: str, ids: Sequence[str], *, remover: Remover, still: Still = lambda _, __: True
) -> list[str]:
    """Take records off the shelf; returns after the commit, with the ids of those that were taken.

    `still` is asked of each in the very transaction. NoSuchSource, NoShelf.
    """
    place, source = register_of(engine, name)

    def write(tx: Tx, chunk: Sequence[str]) -> tuple[list[str], list[End]]:
        chosen = [one for one in chunk if still(tx, one)]
        return _remove(Desk.at(tx, place.live), source, chosen, remover)

    done = await _in_chunks(engine, place, ids, write)
    ends = [end for _, ended in done for end in ended]
    place.live.due.set()
    if End.GONE in ends:
        engine.counts["look", name, End.GONE] += ends.count(End.GONE)
        engine.tell("tombstone", source=name)
        place.wants_orphans.set()
    return [taken for removed, _ in done for taken in removed]


async def clean_up(
    engine: Engine, name: str, status: SyncStatus, *, shown: int | None, remover: Remover
) -> list[str]:
    """Take off what has this status and, with `shown`, has not changed since that moment.

    NoSuchSource, NoShelf.
    """
    place, _ = register_of(engine, name)
    source_id = place.live.id

    def still(tx: Tx, one: str) -> bool:
        return shelf.is_in_status(tx, source_id, one, status, shown=shown)

    ids = await engine.ledger.read(lambda tx: shelf.in_status(tx, source_id, status, shown=shown))
    return await remove(engine, name, ids, remover=remover, still=still)


async def mark(
    engine: Engine, name: str, record: str, *, missing: bool, letter: tuple[str, bytes] | None
) -> bool:
    """Mark a record as missing, or no more, and queue the letter (its name and body) that tells it.

    False, and nothing is done, when that changes nothing, or when what made it an orphan is void by now.
    """
    place, source = register_of(engine, name)

    def write(tx: Tx) -> bool:
        desk = Desk.at(tx, place.live)
        if missing and _was_unsaid(desk, source, record):
            return False
        since = desk.stamp if missing else None
        known = shelf.mark(tx, desk.live.id, record, since=since, seq=desk.seq, at=desk.stamp)
        row = shelf.row_of(tx, desk.live.id, record)
        if known is None or row is None:
            return False
        if letter is not None:
            letters.queue(tx, row, name=letter[0], body=letter[1], at=desk.stamp, now=desk.now)
        show(desk, source.item_of(known))
        return True

    return await engine.ledger.write_durably(write)


def register_of(engine: Engine, name: str) -> tuple[Place, Registers]:
    """A running source that takes records. NoSuchSource, NoShelf."""
    place = engine.place(name)
    if not isinstance(place.live.source, Registers):
        raise NoShelf(
            f"{name} takes no records: it follows {place.live.app}; a source with `app: records` takes them"
        )
    return place, place.live.source


async def _in_chunks(
    engine: Engine, place: Place, rows: Sequence[RowT], write: Callable[[Tx, Sequence[RowT]], DoneT]
) -> list[DoneT]:
    """Write many rows; when this returns they are on the disk, whatever happens next."""

    def odd(row: RowT, error: Exception) -> None:
        place.live.log.error("%s: a record could not be written: %r", place.live.name, row, exc_info=error)

    done = await in_chunks(engine.ledger, rows, write, odd=odd)
    await engine.ledger.write_durably(items.next_seq)  # what was committed before goes to the disk with it
    return done


def _keep(desk: Desk, source: Registers, new: Registration) -> Kept:
    before = shelf.get(desk.tx, desk.live.id, [new.id]).get(new.id)
    kept, record = shelf.keep(desk.tx, desk.live.id, new, seq=desk.seq, when=desk.when)
    item = source.item_of(record)
    if isinstance(before, Record) and before.refs != record.refs:
        _unsay(desk, item.key)
    show(desk, item)
    return kept


def _unsay(desk: Desk, key: Key) -> None:
    """The record is about something else now: what was found of it, and what waits to be told, is void."""
    tx, row, number = desk.tx, _current(desk, key), shelf.row_of(desk.tx, desk.live.id, key.id)
    if number is not None:
        letters.drop(tx, number, at=desk.stamp)
    for code in ("orphan", "unmatched"):
        found = findings.open_one(tx, row.id, code) if row is not None else None
        if found is not None:
            tombstones.resolve_finding(tx, found, "it is about something else now", at=desk.stamp)


def show(desk: Desk, item: Item) -> None:
    """The source shows the item. While it is not believed, a look will tell."""
    tx, live = desk.tx, desk.live
    if live.not_believable() is not None:
        work.order(tx, live.id, item.key, now=desk.now, why="it was registered", by_event=True)
        return
    end = seen(desk, items.by_key(tx, live.id, item.key), item, mark=desk.seq)
    if end in (End.SEEN, End.CHANGED, End.NEW):
        tombstones.dismiss(tx, desk.source.name, item.key)


def _remove(
    desk: Desk, source: Registers, ids: Sequence[str], remover: Remover
) -> tuple[list[str], list[End]]:
    """Take records off and end what the ledger holds of them, their suspicions judged together."""
    tx, removed, doubted = desk.tx, list[str](), list[int]()
    for key in ids:
        record = shelf.remove(tx, desk.live.id, key, by=remover.by, at=desk.stamp)
        if record is None:
            continue
        removed.append(key)
        number = shelf.row_of(tx, desk.live.id, key)
        if number is not None:
            letters.drop(tx, number, at=desk.stamp)
        doubted += _doubt(desk, source.item_of(record), remover)
    shelf.forget_removed(tx, desk.live.id, now=desk.when)
    suspicion.judge(desk, suspects.groups_of(tx, doubted))
    return removed, [_end(desk, item_id, remover) for item_id in doubted]


def _doubt(desk: Desk, item: Item, remover: Remover) -> list[int]:
    """What the ledger holds of a removed record is a suspect, with what speaks for it. Returns its row."""
    tx, live = desk.tx, desk.live
    row = _current(desk, item.key)
    if row is not None and row.presence in (Presence.GONE, Presence.FROZEN):
        return []
    if remover.said is not None:
        echo = (
            row is not None
            and acted.ours(tx, row.id, since=max(row.key_seq, tombstones.last_return(tx, row.id))) is not None
        )
        cause = None if echo else remover.cause
        said = Evidence(desk.seq, desk.stamp, "event", remover.said, cause, remover.actor, None)
        tombstones.add_evidence(tx, desk.source.name, item.key, said)
    why = f"it was removed by {remover.by}"
    if row is None:  # not looked at yet since it was registered
        note = EventNote(item.title, sorted(map(str, item.refs)), deleted=True)
        event = msgspec.json.encode(note).decode()
        work.order(tx, live.id, item.key, now=desk.now, why=why, by_event=True, event=event)
        return []
    suspicion.suspect(desk, row, What.ENTRY, noticed_by="event", own_act=True, settle=0.0, why=why)
    return [row.id]


def _was_unsaid(desk: Desk, source: Registers, record: str) -> bool:
    """Whether it was an orphan, and is none any more: whoever read that before may come too late."""
    known = shelf.get(desk.tx, desk.live.id, [record]).get(record)
    row = _current(desk, source.item_of(known).key) if isinstance(known, Record) else None
    return row is not None and views_records.is_orphan_no_more(desk.tx, row.id)


def _current(desk: Desk, key: Key) -> ItemRow | None:
    return next((row for row in items.by_key(desk.tx, desk.live.id, key) if row.current), None)


def _end(desk: Desk, item_id: int, remover: Remover) -> End:
    row, doubt = items.by_id(desk.tx, item_id), suspects.get(desk.tx, item_id)
    if row is None or doubt is None or doubt.hold_id is not None:
        return End.HELD
    reason = f"the shelf of {desk.source.name}, where it stood until it was removed by {remover.by}"
    end = end_if_believed(desk, row, doubt, What.ENTRY, reason)
    if end is End.GONE:
        work.drop(desk.tx, desk.live.id, row.item.key)
    return end
