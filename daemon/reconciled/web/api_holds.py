"""API: suspects that are not believed, what they have in common, and a person's word that they are gone."""

from typing import Annotated

import msgspec
from msgspec import Meta

from reconciled.engine import common
from reconciled.engine.common import Shared
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


class Hold(HoldView, frozen=True, kw_only=True):
    """A hold with what its suspects share, the likely cause in one sentence (null: none), and what to do.

    Of a hold that is over nothing of that is told.
    """

    common: list[Shared]
    likely: str | None
    advice: str | None


class HoldDetail(Hold, frozen=True, kw_only=True):
    """A hold and a page of what waits in it."""

    items: list[HeldItem]
    next: str | None


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Releases what had joined by the time of `shown`, which a hold's GET gave; without it, all."""

    shown: Annotated[int, Meta(ge=0)] | None = None


class Released(msgspec.Struct, frozen=True):
    """How many items were let out; each is asked about afresh."""

    released: int


async def list_holds(asked: Asked[HoldsQuery, Nothing]) -> Listing[Hold]:
    """Holds, newest first."""
    query = asked.query

    def read(tx: Tx) -> Listing[Hold]:
        found = views_holds.holds(
            tx, open_=query.open, source=query.source, limit=query.limit, cursor=query.cursor
        )
        return Listing(items=[explained(tx, view) for view in found.items], next=found.next)

    return await asked.house.ledger.read(read)


async def get_hold(asked: Asked[Paged, Nothing]) -> HoldDetail:
    """One hold, with what waits in it."""
    query = asked.query
    hold, items = await read_hold(
        asked.house, asked.number("id", "hold"), limit=query.limit, cursor=query.cursor
    )
    return HoldDetail(**msgspec.structs.asdict(hold), items=items.items, next=items.next)


async def release_hold(asked: Asked[Nothing, Release]) -> Released:
    """Believe a hold's suspects after all: they are asked about afresh and not held again."""
    number = asked.number("id", "hold")
    asked.note(f"shown {asked.body.shown}" if asked.body.shown is not None else "all")
    return Released(await release(asked.house, number, shown=asked.body.shown))


async def read_hold(
    house: House, number: int, *, limit: int, cursor: str | None
) -> tuple[Hold, Listing[HeldItem]]:
    """A hold and a page of its items, as of one state of the ledger. Problem 404."""

    def read(tx: Tx) -> tuple[Hold | None, Listing[HeldItem]]:
        view = views_holds.hold(tx, number)
        items = views_holds.held(tx, number, limit=limit, cursor=cursor)
        return explained(tx, view) if view is not None else None, items

    hold, items = await house.ledger.read(read)
    if hold is None:
        raise no_such("hold", number)
    return hold, items


def explained(tx: Tx, view: HoldView) -> Hold:
    """A hold with what its suspects have in common."""
    found = common.of_hold(tx, view.id)
    return Hold(
        **msgspec.structs.asdict(view), common=[*found.common], likely=found.likely, advice=found.advice
    )


async def release(house: House, number: int, *, shown: int | None) -> int:
    """Let suspects out of a hold. Problem 404, NoSuchSource, NoSuchHold."""
    hold = await house.ledger.read(lambda tx: views_holds.hold(tx, number))
    if hold is None:
        raise no_such("hold", number)
    return await house.engine.release(hold.source, number, shown=shown)
