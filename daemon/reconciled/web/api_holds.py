"""API: suspects that are not believed, and a person's word that they are."""

from typing import Annotated

import msgspec
from msgspec import Meta

from reconciled.ledger import views_holds
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import Listing
from reconciled.ledger.views_holds import HeldItem, HoldView
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.problems import no_such


class HoldsQuery(Paged, frozen=True, kw_only=True):
    """Which holds; those that stand unless asked otherwise."""

    open: bool | None = True
    source: str | None = None


class HoldDetail(msgspec.Struct, frozen=True):
    """A hold and a page of what waits in it."""

    id: int
    source: str
    kind: str
    root: str
    reason: str
    sentence: str
    opened: str
    closed: str | None
    count: int
    titles: list[str]
    shown: int
    items: list[HeldItem]
    next: str | None


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Releases what had joined by the time of `shown`, which a hold's GET gave; without it, all."""

    shown: Annotated[int, Meta(ge=0)] | None = None


class Released(msgspec.Struct, frozen=True):
    """How many items were let out; each is asked about afresh."""

    released: int


async def list_holds(asked: Asked[HoldsQuery, Nothing]) -> Listing[HoldView]:
    """Holds, newest first."""
    query = asked.query
    return await asked.house.ledger.read(
        lambda tx: views_holds.holds(
            tx, open_=query.open, source=query.source, limit=query.limit, cursor=query.cursor
        )
    )


async def get_hold(asked: Asked[Paged, Nothing]) -> HoldDetail:
    """One hold, with what waits in it."""
    query = asked.query
    hold, items = await read_hold(
        asked.house, asked.number("id", "hold"), limit=query.limit, cursor=query.cursor
    )
    return HoldDetail(
        hold.id,
        hold.source,
        hold.kind,
        hold.root,
        hold.reason,
        hold.sentence,
        hold.opened,
        hold.closed,
        hold.count,
        hold.titles,
        hold.shown,
        items.items,
        items.next,
    )


async def release_hold(asked: Asked[Nothing, Release]) -> Released:
    """Believe a hold's suspects after all: they are asked about afresh and not held again."""
    number = asked.number("id", "hold")
    asked.note(f"shown {asked.body.shown}" if asked.body.shown is not None else "all")
    return Released(await release(asked.house, number, shown=asked.body.shown))


async def read_hold(
    house: House, number: int, *, limit: int, cursor: str | None
) -> tuple[HoldView, Listing[HeldItem]]:
    """A hold and a page of its items, as of one state of the ledger. Problem 404."""

    def read(tx: Tx) -> tuple[HoldView | None, Listing[HeldItem]]:
        return views_holds.hold(tx, number), views_holds.held(tx, number, limit=limit, cursor=cursor)

    hold, items = await house.ledger.read(read)
    if hold is None:
        raise no_such("hold", number)
    return hold, items


async def release(house: House, number: int, *, shown: int | None) -> int:
    """Let suspects out of a hold. Problem 404, NoSuchSource, NoSuchHold."""
    hold = await house.ledger.read(lambda tx: views_holds.hold(tx, number))
    if hold is None:
        raise no_such("hold", number)
    return await house.engine.release(hold.source, number, shown=shown)
