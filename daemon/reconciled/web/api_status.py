"""API: the state of the whole, sources, the inbox, the audit, a reload."""

import base64
import sqlite3
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from reconciled.engine.inbox import understand
from reconciled.errors import BadEvent
from reconciled.ledger import views_status
from reconciled.ledger.rows import stamp
from reconciled.ledger.views import BadCursor, Listing
from reconciled.ledger.views_status import AuditView, LetterView
from reconciled.model import Event, Op
from reconciled.web.calls import AnyBody, Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.problems import Problem
from reconciled.web.status import SourceStatus, Status, gather
from reconciled.web.webhooks import kept_headers

_AFTER = "source:"
"""What a cursor of the sources begins with; the name of the last one shown follows."""


class InboxQuery(Paged, frozen=True, kw_only=True):
    """Which events."""

    source: str | None = None
    state: Annotated[
        Literal["new", "done", "unparseable"] | None, Meta(description="how far it was read")
    ] = None


class Told(msgspec.Struct, frozen=True):
    """What one event was understood as; `said` is the same as a sentence."""

    said: str
    op: str
    kind: str | None
    id: str | None
    title: str | None
    refs: list[str]
    actor: str | None
    occurred: str | None
    reason: str | None


class Understood(msgspec.Struct, frozen=True):
    """What a sample would be understood as; `error` when it would not."""

    events: list[Told]
    error: str | None = None


class Reload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With `preview` it is only said what would change."""

    preview: bool = False


class Reloaded(msgspec.Struct, frozen=True):
    """The config was read again and is good: in force, or `changes` says what a reload would change.

    `warnings` are about policies that are (or would be) armed although no score speaks for them.
    """

    ok: bool
    changes: list[str] | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


async def get_status(asked: Asked[Nothing, Nothing]) -> Status:
    """The state of the whole."""
    return await gather(asked.house)


async def list_sources(asked: Asked[Paged, Nothing]) -> Listing[SourceStatus]:
    """The sources, by name."""
    after = _read_name(asked.query.cursor) if asked.query.cursor is not None else ""
    found = [one for one in (await gather(asked.house)).sources if one.name > after]
    shown = found[: asked.query.limit]
    return Listing(items=shown, next=_name_cursor(shown[-1].name) if len(found) > len(shown) else None)


async def list_inbox(asked: Asked[InboxQuery, Nothing]) -> Listing[LetterView]:
    """What apps told us, redacted, newest first; also what was not understood."""
    query = asked.query
    return await asked.house.ledger.read(
        lambda tx: views_status.inbox(
            tx, source=query.source, state=query.state, limit=query.limit, cursor=query.cursor
        )
    )


async def list_audit(asked: Asked[Paged, Nothing]) -> Listing[AuditView]:
    """Who changed what over the API and the pages, newest first."""
    query = asked.query
    return await asked.house.ledger.read(
        lambda tx: views_status.audit(tx, limit=query.limit, cursor=query.cursor)
    )


async def reload_config(asked: Asked[Nothing, Reload]) -> Reloaded:
    """Read the config again; any problem keeps the one in force."""
    if asked.body.preview:
        asked.note("preview")
        preview = await asked.house.preview()
        if preview.problems:
            raise Problem(422, "the config has problems", problems=list(preview.problems))
        return Reloaded(True, list(preview.changes), list(preview.warnings) or UNSET)
    problems = list(await asked.house.reload())
    if problems:
        raise Problem(422, "the config has problems, so the one in force stays", problems=problems)
    return Reloaded(True, warnings=await _armed(asked.house) or UNSET)


async def _armed(house: House) -> list[str]:
    """What speaks against the policies in force. A ledger that fails says nothing: the reload is done."""
    try:
        return await house.outbox.arming(house.outbox.rules)
    except sqlite3.Error:
        return []


async def test_webhook(asked: Asked[Nothing, AnyBody]) -> Understood:
    """What the body, a sample payload, would be understood as. Nothing comes of it."""
    live = asked.house.engine.place(asked.path("name")).live
    body = await asked.request.read()
    try:
        events = understand(live, body, kept_headers(asked.request.headers))
    except BadEvent as error:
        return Understood([], str(error))
    return Understood([_told(event) for event in events])


def _name_cursor(name: str) -> str:
    return base64.urlsafe_b64encode(f"{_AFTER}{name}".encode()).decode().rstrip("=")


def _read_name(cursor: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        text = ""
    if not text.startswith(_AFTER):
        raise BadCursor("that is no cursor of this list; take `next` of its last page, or leave it out")
    return text.removeprefix(_AFTER)


def _sentence(event: Event) -> str:
    """An event in words, with what would follow from it."""
    if event.op is Op.TEST:
        return "the app tries whether we are there; nothing follows"
    if event.op is Op.SCAN:
        return f"everything is read again{_why(event)}"
    what = f"{event.key.kind} {event.key.id}" if event.key is not None else "something unnamed"
    named = f"{what} ({event.title})" if event.title else what
    words = {
        Op.DELETED: f"{named} is said to be deleted",
        Op.FILE_DELETED: f"the file of {named} is said to be {'missing' if event.external else 'deleted'}",
        Op.CHANGED: f"{named} changed",
    }
    return f"{words[event.op]}{_why(event)}; the app is asked about it"


def _why(event: Event) -> str:
    who = f" by {event.actor}" if event.actor else ""
    return f"{who} ({event.reason})" if event.reason else who


def _told(event: Event) -> Told:
    key: Any = event.key
    return Told(
        said=_sentence(event),
        op=str(event.op),
        kind=key.kind if key is not None else None,
        id=key.id if key is not None else None,
        title=event.title,
        refs=sorted(map(str, event.refs)),
        actor=event.actor,
        occurred=stamp(event.occurred) if event.occurred is not None else None,
        reason=event.reason,
    )
