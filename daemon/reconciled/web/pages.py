"""The pages for people, rendered here and complete without JavaScript."""

from aiohttp import web

from reconciled.ledger import views_holds, views_items, views_losses, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import Listing
from reconciled.ledger.views_holds import HoldView
from reconciled.ledger.views_losses import TombstoneView
from reconciled.ledger.views_status import LetterView, RunView
from reconciled.model import Key
from reconciled.web.answers import deletion, detail, story
from reconciled.web.api_holds import read_hold
from reconciled.web.api_items import ItemsQuery, TombstonesQuery
from reconciled.web.calls import Paged, decode_query
from reconciled.web.following import following
from reconciled.web.house import house_of
from reconciled.web.problems import Problem, no_such
from reconciled.web.reading import since_when
from reconciled.web.render import page
from reconciled.web.status import gather

STORIES, HOLDS, RUNS, LETTERS = 12, 20, 8, 5


async def status_page(request: web.Request) -> web.Response:
    """`/`: what is going on."""
    house = house_of(request)

    def read(
        tx: Tx,
    ) -> tuple[Listing[HoldView], list[list[TombstoneView]], Listing[RunView], Listing[LetterView]]:
        return (
            views_holds.holds(tx, open_=True, limit=HOLDS),
            views_losses.recent_stories(tx, limit=STORIES),
            views_status.runs(tx, limit=RUNS),
            views_status.inbox(tx, state="unparseable", limit=LETTERS),
        )

    status = await gather(house)
    holds, stories, runs, letters = await house.ledger.read(read)
    return page(
        request,
        "status.html",
        state=status,
        holds=holds.items,
        stories=[story(views) for views in stories],
        runs=runs.items,
        letters=letters.items,
        blocked=house.config().settings.plugins.block,
        url=house.config().settings.daemon.url,
    )


async def items_page(request: web.Request) -> web.Response:
    """`/items`: what is known, to look through."""
    house = house_of(request)
    query = decode_query(request, ItemsQuery, blank=True)

    def read(tx: Tx) -> Listing[views_items.ItemView]:
        return views_items.listing(
            tx,
            source=query.source,
            kind=query.kind,
            presence=query.presence,
            q=query.q,
            limit=query.limit,
            cursor=query.cursor,
        )

    found = await house.ledger.read(read)
    status = await gather(house)
    following_page = request.rel_url.update_query(cursor=found.next) if found.next else None
    return page(
        request,
        "items.html",
        items=found.items,
        query=query,
        sources=status.sources,
        following=following_page,
    )


async def item_page(request: web.Request) -> web.Response:
    """`/items/{source}/{kind}/{id}`: one item, or what is remembered of it."""
    house, parts = house_of(request), request.match_info
    source, key = parts["source"], Key(parts["kind"], parts["id"])

    def read(tx: Tx) -> tuple[views_items.Known | None, list[TombstoneView]]:
        return views_items.known(tx, source, key), views_losses.of_key(tx, source, kind=key.kind, key=key.id)

    known, graves = await house.ledger.read(read)
    if known is None and not graves:
        raise Problem(404, f"nothing is known of {key} of {source}")
    return page(
        request,
        "item.html",
        item=detail(known, following(known, house.clock)) if known is not None else None,
        graves=[deletion(view) for view in graves],
        source=source,
        key=key,
    )


async def deletions_page(request: web.Request) -> web.Response:
    """`/deletions`: everything that was lost."""
    house = house_of(request)
    query = decode_query(request, TombstonesQuery, blank=True)
    found = await house.ledger.read(
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
    status = await gather(house)
    following_page = request.rel_url.update_query(cursor=found.next) if found.next else None
    return page(
        request,
        "deletions.html",
        deletions=[deletion(view) for view in found.items],
        query=query,
        sources=status.sources,
        following=following_page,
    )


async def hold_page(request: web.Request) -> web.Response:
    """`/holds/{id}`: a hold with all that waits in it."""
    text = request.match_info["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise no_such("hold", text)
    query = decode_query(request, Paged, blank=True)
    hold, items = await read_hold(house_of(request), int(text), limit=query.limit, cursor=query.cursor)
    following_page = request.rel_url.update_query(cursor=items.next) if items.next else None
    return page(request, "hold.html", hold=hold, items=items.items, following=following_page)


def routes() -> list[web.RouteDef]:
    """The pages for the router."""
    return [
        web.get("/", status_page),
        web.get("/items", items_page),
        web.get("/items/{source}/{kind}/{id:.+}", item_page),
        web.get("/deletions", deletions_page),
        web.get("/holds/{id}", hold_page),
    ]
