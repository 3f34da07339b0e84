"""From letters to work: what apps told us becomes evidence, suspicions, and keys to look at.

A letter was committed before it was acknowledged. Reading it is pure parsing and one transaction,
so a crash between the two reads it again. A letter that cannot be read is kept and shown.

What came over an event stream is a letter too: its body is the events as the plugin gave them, so
that they can be read again without it. The header `via` marks it; no webhook's headers are kept
under that name. Such letters come by the hundreds from an app that is busy, and one holds many
events: none makes a source in trouble be tried at once, and one odd event spoils no other.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from reconciled.engine import suspicion
from reconciled.engine.conclude import EventNote
from reconciled.engine.deeds import believed, deed_of, names_its_app
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.live import LiveSource
from reconciled.engine.suspicion import Desk
from reconciled.errors import BadEvent
from reconciled.ledger import acted, inbox, items, suspects, tombstones, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.inbox import Letter
from reconciled.ledger.rows import ItemRow, stamp
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Event, Key, Op, Presence, What
from reconciled.source import ReceivesWebhooks

AT_ONCE = 100
LARGEST = 2**16
"""Bytes of an event of a stream; a larger one is kept without its words, for its key alone."""

VIA_STREAM = {"via": "stream"}


async def receive(live: LiveSource, ledger: Ledger, body: bytes, headers: Mapping[str, str]) -> int:
    """Keep a webhook; returns after the commit, with its id."""
    at = stamp(live.clock.now())
    return await ledger.write_durably(
        lambda tx: inbox.receive(tx, live.id, seq=items.next_seq(tx), at=at, headers=headers, body=body)
    )


async def receive_events(
    live: LiveSource, ledger: Ledger, events: Sequence[Event], *, blank: Callable[[bytes], bytes]
) -> int | None:
    """Keep what a stream told; returns after the commit, with the letter's id; None when nothing is left.

    `blank` masks the secrets that we know. An odd event (of wrong types) is logged and left out.
    """
    told = [one for event in events if (one := _written(live, event)) is not None]
    if not told:
        return None
    return await receive(live, ledger, blank(b"[" + b",".join(told) + b"]"), VIA_STREAM)


def understand(live: LiveSource, body: bytes, headers: Mapping[str, str]) -> list[Event]:
    """What a body says. BadEvent, with a sentence, when it says nothing that is understood."""
    if _is_of_stream(headers):
        return [_dated(event) for event in _told(body)]
    if not isinstance(live.source, ReceivesWebhooks):
        raise BadEvent(f"{live.name} takes no webhooks: its plugin {live.app} has no such ability")
    try:
        return [_dated(event) for event in live.source.parse_webhook(body, headers)]
    except BadEvent:
        raise
    except Exception as error:
        live.log.exception("%s: its plugin crashed on a webhook", live.name)
        raise BadEvent(
            f"the plugin {live.app} crashed on it ({type(error).__name__}); the log has the traceback"
        ) from error


def _dated(event: Any) -> Any:
    """What a plugin told, but no time that is before or after all time: nobody believes that."""
    try:
        if isinstance(event, Event) and event.occurred is not None:
            stamp(event.occurred)
    except (OverflowError, ValueError):
        return replace(event, occurred=None)
    return event


def _is_of_stream(headers: Mapping[str, str]) -> bool:
    return headers.get("via") == VIA_STREAM["via"]


def _written(live: LiveSource, event: Event) -> bytes | None:
    """An event as it is kept; None for an odd one."""
    try:
        told = _as_json(event)
        if len(told) > LARGEST:
            told = _as_json(replace(event, title=None, refs=frozenset(), actor=None, reason=None))
        msgspec.json.decode(told, type=Event)
    except (msgspec.MsgspecError, TypeError, ValueError, AttributeError) as error:
        live.log.error("%s: its plugin told an odd event, left out: %s", live.name, error)  # noqa: TRY400
        return None
    if len(told) > LARGEST:
        live.log.error("%s: its plugin told an odd event, left out: a key of that size", live.name)
        return None
    return told


def _as_json(event: Event) -> bytes:
    """What an event leaves open is left out. (That it settles at once, 0.0, is something said.)"""
    fields = msgspec.to_builtins(event)
    said = {name: one for name, one in fields.items() if one is not None and one is not False and one != []}
    return msgspec.json.encode(said)


def _told(body: bytes) -> list[Event]:
    try:
        return msgspec.json.decode(body, type=list[Event])
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadEvent(f"what the stream told cannot be read again: {error}") from error


async def read_letters(
    ledger: Ledger, lives: Mapping[int, LiveSource], *, order_scan: Callable[[LiveSource, str], None]
) -> int:
    """Handle the oldest unread letters of the sources that run. Returns how many were handled."""
    letters = await ledger.read(lambda tx: inbox.unread(tx, sources=list(lives), limit=AT_ONCE))
    for letter in letters:
        await _read_one(ledger, lives[letter.source_id], letter, order_scan=order_scan)
    return len(letters)


async def _read_one(
    ledger: Ledger, live: LiveSource, letter: Letter, *, order_scan: Callable[[LiveSource, str], None]
) -> None:
    try:
        events = understand(live, letter.body, letter.headers)
    except BadEvent as error:
        await ledger.write(inbox.unparseable, letter.id, str(error))
        return
    if not await _write_guarded(ledger, live, letter, events):
        return
    told: list[Any] = [*events]  # a plugin may have put anything among them
    for event in told:
        if isinstance(event, Event) and event.op is Op.SCAN:
            order_scan(live, event.reason or "an event")
    if not _is_of_stream(letter.headers):
        live.health.try_now()
    live.due.set()


async def _write_guarded(ledger: Ledger, live: LiveSource, letter: Letter, events: list[Event]) -> bool:
    """Whether anything of it was handled. An error of the ledger itself is raised: it stays unread."""
    try:
        await ledger.write(lambda tx: _write(Desk.at(tx, live), letter, events))
    except sqlite3.OperationalError:
        raise
    except Exception as error:
        live.log.exception("%s: letter %d could not be handled", live.name, letter.id)
        odd = type(error).__name__
    else:
        return True
    left = await _write_singly(ledger, live, letter, events) if len(events) > 1 else len(events)
    which = "it" if len(events) == left else f"{left} of its {len(events)} events"
    said = f"{which} could not be handled ({odd}); the log has the traceback"
    await ledger.write(lambda tx: inbox.unparseable(tx, letter.id, said))
    return left < len(events)


async def _write_singly(ledger: Ledger, live: LiveSource, letter: Letter, events: Sequence[Event]) -> int:
    """An odd event is that event's failure. Returns how many there were."""
    odd = 0

    def note(tx: Tx, event: Event) -> None:
        _note_all(Desk.at(tx, live), [event])

    for event in events:
        try:
            await ledger.write(note, event)
        except sqlite3.OperationalError:
            raise
        except Exception:  # noqa: BLE001 - one event's failure; the letter's traceback is in the log
            odd += 1
            live.log.error("%s: letter %d: %s is odd", live.name, letter.id, _name(event))  # noqa: TRY400
    return odd


def _name(event: object) -> str:
    """What an event is called in the log; a plugin may hand us anything."""
    return f"{event.op} of {event.key}" if isinstance(event, Event) else f"a {type(event).__name__}"


def _write(desk: Desk, letter: Letter, events: list[Event]) -> None:
    _note_all(desk, events)
    inbox.handled(desk.tx, letter.id, events=len(events))


def _note_all(desk: Desk, events: Sequence[Event]) -> None:
    touched: list[int] = []
    for event in events:
        if event.key is not None and event.key.kind in desk.live.kinds:
            touched += _note(desk, event)
    suspicion.judge(desk, suspects.groups_of(desk.tx, touched))


def _note(desk: Desk, event: Event) -> list[int]:
    """One event about one key. Returns the rows that became suspects by it."""
    assert event.key is not None, "its caller looked"  # noqa: S101 - narrows the type
    row = next((row for row in items.by_key(desk.tx, desk.live.id, event.key) if row.current), None)
    if row is not None and row.presence is Presence.FROZEN:
        return []
    loss = event.op in (Op.DELETED, Op.FILE_DELETED)
    gone = row is not None and row.presence is Presence.GONE
    if loss and not (gone and row is not None and _names_another(event, row)):
        _testify(desk, event, row)
    if gone and loss:
        return []
    doubted = _doubt(desk, row, event) if row is not None and loss else False
    known = suspects.get(desk.tx, row.id) if row is not None else None
    if loss and known is not None and known.hold_id is not None:
        return []
    settle = event.settle if event.settle is not None else (desk.live.rules.settle if loss else 0.0)
    grabbed = event.grabbed or (not loss and _was_grabbed(desk, event.key))
    note = EventNote(event.title, sorted(map(str, event.refs)), event.op is Op.DELETED, grabbed)
    work.order(
        desk.tx, desk.live.id, event.key, now=desk.now, settle=settle, why=_said(event), by_event=True,
        event=msgspec.json.encode(note).decode(),
    )  # fmt: skip
    return [row.id] if doubted and row is not None else []


def _names_another(event: Event, row: ItemRow) -> bool:
    """Whether the event is about another thing than the one that stood under its key."""
    return compare(event.refs, row.item.refs) is Sameness.OTHER


def _was_grabbed(desk: Desk, key: Key) -> bool:
    """Whether what waits to be looked at was said to be downloaded: a later word does not unsay that."""
    waiting = next(iter(work.of(desk.tx, desk.live.id, [key])), None)
    told = waiting.event if waiting is not None else None
    return told is not None and msgspec.json.decode(told, type=EventNote).grabbed


def _doubt(desk: Desk, row: ItemRow, event: Event) -> bool:
    if event.op is Op.FILE_DELETED and row.item.has_file is False:
        return False
    what = What.ENTRY if event.op is Op.DELETED else What.FILE
    suspicion.suspect(
        desk, row, what, noticed_by="event", own_act=event.own_act, settle=event.settle, why=_said(event)
    )
    return True


def _testify(desk: Desk, event: Event, row: ItemRow | None) -> None:
    """Evidence waits for its tombstone, or stands beside the one that is there already."""
    assert event.key is not None, "its caller looked"  # noqa: S101 - narrows the type
    echo = (
        row is not None
        and acted.ours(desk.tx, row.id, since=max(row.key_seq, tombstones.last_return(desk.tx, row.id)))
        is not None
    )
    deed = deed_of(event, echo=echo)
    cause = desk.source.name if names_its_app(deed) else None  # our own act names itself
    occurred = stamp(event.occurred) if event.occurred else None
    moment = occurred if believed(event.occurred, told=desk.when, since=None) else None
    said = _testimony(desk, event)
    evidence = Evidence(desk.seq, desk.stamp, "event", said, cause, event.actor, occurred, deed, moment)
    gone = (
        row is None
        or row.presence is Presence.GONE
        or (event.op is Op.FILE_DELETED and row.item.has_file is False)
    )
    late = tombstones.recent(desk.tx, desk.source.name, event.key, since=desk.recently) if gone else None
    tombstones.add_evidence(desk.tx, desk.source.name, event.key, evidence, tombstone=late)


def _testimony(desk: Desk, event: Event) -> str:
    """Who says so: an app that noticed a loss, or one that did it."""
    return f"{desk.source.name} {'found' if event.external else 'said'} that {_said(event)}"


def _said(event: Event) -> str:
    words = {
        Op.DELETED: "it was deleted",
        Op.FILE_DELETED: "its file was deleted" if not event.external else "its file is gone",
        Op.CHANGED: "it changed",
    }
    said = words.get(event.op, str(event.op))
    return f"{said} ({event.reason})" if event.reason else said


__all__ = ["read_letters", "receive", "receive_events", "understand"]
