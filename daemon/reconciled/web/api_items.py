"""API: items, tombstones, stories, findings."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from reconciled.ledger import views_items, views_losses
from reconciled.ledger.views import Listing
from reconciled.ledger.views_items import ItemView, Known
from reconciled.model import Key
from reconciled.web.actions import moment, told
from reconciled.web.answers import Deletion, ItemDetail, Story, deletion, detail, story
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.following import what_next
from reconciled.web.house import House
from reconciled.web.problems import Problem, no_such
from reconciled.web.reading import since_when
from reconciled.web.remedies import Finding, with_remedies


class ItemsQuery(Paged, frozen=True, kw_only=True):
    """Which items."""

    source: str | None = None
    kind: str | None = None
    presence: Literal["present", "unlisted", "gone", "frozen"] | None = None
    q: Annotated[str | None, Meta(description="a part of the title or the key")] = None


class TombstonesQuery(Paged, frozen=True, kw_only=True):
    """Which tombstones."""

    source: str | None = None
    kind: str | None = None
    cause: Annotated[
        str | None, Meta(description="an app's name, `dashboard`, `reconciled` or `external`")
    ] = None
    since: Annotated[datetime, Meta(tz=True, description="noticed since then")] | None = None
    q: Annotated[str | None, Meta(description="a part of the title or the key")] = None


class FindingsQuery(Paged, frozen=True, kw_only=True):
    """Which findings."""

    code: str | None = None
    open: bool | None = None
    ignored: bool | None = None
    source: str | None = None


async def list_items(asked: Asked[ItemsQuery, Nothing]) -> Listing[ItemView]:
    """What the ledger holds."""
    query = asked.query
    return await asked.house.ledger.read(
        lambda tx: views_items.listing(
            tx,
            source=query.source,
            kind=query.kind,
            presence=query.presence,
            q=query.q,
            limit=query.limit,
            cursor=query.cursor,
        )
    )


async def get_item(asked: Asked[Nothing, Nothing]) -> ItemDetail:
    """One item with all that is known of it, and what happens next."""
    source, key = asked.path("source"), Key(asked.path("kind"), asked.path("id"))
    known = await asked.house.ledger.read(lambda tx: views_items.known(tx, source, key))
    if known is None:
        raise Problem(404, f"the ledger holds no {key} of {source}; POST /api/v1/lookups asks the app")
    return item_detail(asked.house, known)


def item_detail(house: House, known: Known) -> ItemDetail:
    """All that is known of an item, with its actions and what happens next."""
    actions = [told(house, view) for view in known.actions]
    findings = [with_remedies(house, view) for view in known.findings]
    return detail(known, moment(house), what_next(house, known), actions, findings)


async def list_tombstones(asked: Asked[TombstonesQuery, Nothing]) -> Listing[Deletion]:
    """What was lost, newest first: who did it, on what evidence."""
    query = asked.query
    found = await asked.house.ledger.read(
        lambda tx: views_losses.tombstones(
            tx,
            source=query.source,
            kind=query.kind,
            cause=query.cause,
            since=since_when(query.since),
            q=query.q,
            limit=query.limit,
            cursor=query.cursor,
        )
    )
    return Listing(items=[deletion(view, moment(asked.house)) for view in found.items], next=found.next)


async def get_story(asked: Asked[Nothing, Nothing]) -> Story:
    """The deletions of one thing that belong together."""
    number = asked.number("id", "story")
    found = await asked.house.ledger.read(lambda tx: views_losses.of_story(tx, number))
    if not found:
        raise no_such("story", number)
    return story(found, moment(asked.house))


async def list_findings(asked: Asked[FindingsQuery, Nothing]) -> Listing[Finding]:
    """Conclusions, newest first; a re-download loop with what breaks it."""
    query = asked.query
    found = await asked.house.ledger.read(
        lambda tx: views_losses.findings(
            tx,
            code=query.code,
            open_=query.open,
            ignored=query.ignored,
            source=query.source,
            limit=query.limit,
            cursor=query.cursor,
        )
    )
    return Listing(items=[with_remedies(asked.house, view) for view in found.items], next=found.next)
