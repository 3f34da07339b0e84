"""API: records, which other programs register with us: one, many as NDJSON, and a cleanup.

A record is known at once, without any scan; an answer comes after the commit.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from reconciled.engine import registering
from reconciled.engine.registering import Remover, register_of
from reconciled.ledger import views_records
from reconciled.ledger.shelf import Kept
from reconciled.ledger.views import Listing
from reconciled.ledger.views_records import RecordView, ShelfView
from reconciled.model import SyncStatus
from reconciled.source import Registers
from reconciled.web.auth import OWNER
from reconciled.web.calls import AnyBody, Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.importing import Import, Report
from reconciled.web.problems import Problem
from reconciled.web.reading import since_when
from reconciled.web.registrations import BadRecordError, RecordBody, lines_of, registration

ITS_PROGRAM = "its program"
Status = Literal["synced", "pending", "processing", "failed", "missing", "duplicate"]


class RecordsQuery(Paged, frozen=True, kw_only=True):
    """Which records."""

    sync_status: Status | None = None
    since: Annotated[datetime, Meta(tz=True, description="changed since then")] | None = None


class ImportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to keep what is good, or only to say what would be kept."""

    dry_run: bool = False


class Cleanup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to take off the shelf. `shown` is from the preview: what changed since then stays."""

    sync_status: Literal["pending", "processing", "failed", "missing", "duplicate"]
    preview: bool = True
    shown: Annotated[int, Meta(ge=0)] | None = None


class Cleaned(msgspec.Struct, frozen=True):
    """How many records went, or would go: then with the first titles, and `shown` for the call that does."""

    sync_status: str
    preview: bool
    count: int
    titles: list[str]
    shown: int


class Taken(msgspec.Struct, frozen=True):
    """A record that was taken off the shelf."""

    source: str
    id: str
    title: str


async def list_shelves(asked: Asked[Nothing, Nothing]) -> Listing[ShelfView]:
    """The sources that take records, with how many they hold."""
    places = asked.house.engine.places
    named = [(name, place.live.app) for name, place in sorted(places.items()) if _takes(asked.house, name)]

    async def view(name: str, app: str) -> ShelfView:
        found = await asked.house.ledger.read(views_records.statuses, name)
        return ShelfView(name, app, sum(found.values()), found)

    return Listing(items=[await view(name, app) for name, app in named])


def _takes(house: House, name: str) -> bool:
    return isinstance(house.engine.places[name].live.source, Registers)


async def list_records(asked: Asked[RecordsQuery, Nothing]) -> Listing[RecordView]:
    """The records of a source, in the order in which they were first registered."""
    source, query = _source(asked), asked.query
    return await asked.house.ledger.read(
        lambda tx: views_records.listing(
            tx,
            source,
            status=query.sync_status,
            since=since_when(query.since),
            limit=query.limit,
            cursor=query.cursor,
        )
    )


async def get_record(asked: Asked[Nothing, Nothing]) -> RecordView:
    """One record, with how its program was told what became of it."""
    return await _record(asked.house, _source(asked), asked.path("id"))


async def put_record(asked: Asked[Nothing, RecordBody]) -> RecordView:
    """Register a record, or say anew what it is."""
    source, key = _source(asked), asked.path("id")
    try:
        new = registration(key, asked.body)
    except BadRecordError as error:
        raise Problem(400, f"the record is wrong: {error}") from error
    kept = await registering.register(asked.house.engine, source, [new])
    if key not in kept:
        raise Problem(500, "this record could not be kept; the log has the traceback")
    asked.answers_with(201 if kept[key] is Kept.NEW else 200)
    asked.note(str(kept[key]))
    return await _record(asked.house, source, key)


async def delete_record(asked: Asked[Nothing, Nothing]) -> Taken:
    """Take a record off the shelf: its program removed what it stood for."""
    source, key = _source(asked), asked.path("id")
    known = await _record(asked.house, source, key)
    said = f"{source} said that {ITS_PROGRAM} removed it"
    remover = Remover(ITS_PROGRAM, said, cause=source)
    if not await registering.remove(asked.house.engine, source, [key], remover=remover):
        raise _no_record(source, key)
    return Taken(source, key, known.title)


async def clean_up_records(asked: Asked[Nothing, Cleanup]) -> Cleaned:
    """Take all records with a status off the shelf; by default only say which."""
    source, body = _source(asked), asked.body
    status = SyncStatus(body.sync_status)
    place, _ = register_of(asked.house.engine, source)
    found = await asked.house.ledger.read(lambda tx: views_records.candidates(tx, place.live.id, status))
    asked.note(f"{status}, {'preview' if body.preview else 'removed'}")
    if body.preview:
        return Cleaned(status, True, found.count, found.titles, found.shown)
    said = f"removed from {source} in a cleanup of {status} records"
    remover = Remover("a cleanup", said, cause="dashboard", actor=OWNER)
    shown = body.shown if body.shown is not None else found.shown
    gone = await registering.clean_up(asked.house.engine, source, status, shown=shown, remover=remover)
    return Cleaned(status, False, len(gone), [], shown)


async def put_records(asked: Asked[ImportQuery, AnyBody]) -> Report:
    """Register many records, a line of JSON each, with its `id`; each line is judged by itself."""
    source = _source(asked)
    engine = asked.house.engine
    report = await Import(engine, source, dry_run=asked.query.dry_run).read(
        lines_of(asked.request.content.iter_any())
    )
    asked.note(f"{report.new} new, {report.changed} changed, {report.wrong} wrong")
    return report


def _source(asked: Asked[Any, Any]) -> str:
    """The source in the path. NoSuchSource, NoShelf."""
    name = asked.path("source")
    register_of(asked.house.engine, name)
    return name


async def _record(house: House, source: str, key: str) -> RecordView:
    found = await house.ledger.read(lambda tx: views_records.one(tx, source, key))
    if found is None:
        raise _no_record(source, key)
    return found


def _no_record(source: str, key: str) -> Problem:
    return Problem(404, f"{source} holds no record {key!r}")
