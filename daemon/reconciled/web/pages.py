"""The pages for people, rendered here and complete without JavaScript.

Those of the acting half stand in `pages_acting`.
"""

from dataclasses import dataclass

from aiohttp import web

from reconciled.config import Mode
from reconciled.ledger import views_actions, views_holds, views_items, views_losses, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.redownloads import CODE as LOOP
from reconciled.ledger.views import Listing
from reconciled.ledger.views_actions import LIVE, STATES, ActionView
from reconciled.ledger.views_losses import FindingView, TombstoneView
from reconciled.ledger.views_status import LetterView, RunView
from reconciled.model import Key
from reconciled.web import api_decisions, api_holds, offers, pages_acting, pages_duplicates, pages_mirrors
from reconciled.web.actions import moment, policies, told
from reconciled.web.answers import deletion, story
from reconciled.web.api_explain import explain_key
from reconciled.web.api_items import ItemsQuery, TombstonesQuery, item_detail
from reconciled.web.calls import Paged, decode_query
from reconciled.web.house import house_of
from reconciled.web.mirrors import mirrors
from reconciled.web.paths import number_of
from reconciled.web.problems import Problem
from reconciled.web.reading import since_when
from reconciled.web.render import page
from reconciled.web.status import gather

OVER = tuple(state for state in STATES if state not in LIVE)
STORIES, HOLDS, RUNS, LETTERS, DECISIONS, LOOPS = 12, 20, 8, 5, 20, 5
NEXT, RECENT = 6, 8
LOOKED_AT = 500
"""Among so many of the newest actions the next and the most recent are looked for."""


@dataclass(frozen=True, slots=True)
class _Overview:
    """What the status page shows besides the state of the whole."""

    decisions: list[api_decisions.Decision]
    holds: list[api_holds.Hold]
    planned: list[ActionView]
    ended: list[ActionView]
    stories: list[list[TombstoneView]]
    runs: list[RunView]
    letters: list[LetterView]
    loops: list[FindingView]


def _overview(tx: Tx) -> _Overview:
    planned = views_actions.actions(tx, states=("planned", "sending"), limit=LOOKED_AT).items
    ended = views_actions.actions(tx, states=OVER, limit=LOOKED_AT).items
    decisions = views_actions.decisions(tx, open_=True, limit=DECISIONS).items
    return _Overview(
        decisions=[api_decisions.explained(tx, one) for one in decisions],
        holds=[api_holds.explained(tx, one) for one in views_holds.holds(tx, open_=True, limit=HOLDS).items],
        planned=sorted(planned, key=lambda view: (view.state != "sending", view.due or "", view.id))[:NEXT],
        ended=sorted(ended, key=lambda view: (view.changed, view.id), reverse=True)[:RECENT],
        stories=views_losses.recent_stories(tx, limit=STORIES),
        runs=views_status.runs(tx, limit=RUNS).items,
        letters=views_status.inbox(tx, state="unparseable", limit=LETTERS).items,
        loops=views_losses.findings(tx, code=LOOP, open_=True, ignored=False, limit=LOOPS).items,
    )


async def status_page(request: web.Request) -> web.Response:
    """`/`: what waits for an answer, and what is going on."""
    house = house_of(request)
    status = await gather(house)
    found = await house.ledger.read(_overview)
    return page(
        request,
        "status.html",
        state=status,
        decisions=found.decisions,
        policies=await policies(house),
        holds=found.holds,
        planned=[told(house, view) for view in found.planned],
        ended=[told(house, view) for view in found.ended],
        stories=[story(views, moment(house)) for views in found.stories],
        runs=found.runs,
        letters=found.letters,
        loops=found.loops,
        mirrors=await mirrors(house),
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
        item=item_detail(house, known) if known is not None else None,
        graves=[deletion(view, moment(house)) for view in graves],
        source=source,
        key=key,
        verbs=offers.verbs(house, known) if known is not None else [],
        labels=offers.labels(known) if known is not None else [],
        way=offers.first_way(house, known) if known is not None else None,
        buttons=offers.BUTTONS,
        dry=house.outbox.rules.mode is Mode.DRY_RUN,
        why=await explain_key(house, source, key),
        mirrored=await pages_mirrors.its_copies(house, source, key),
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
        deletions=[deletion(view, moment(house)) for view in found.items],
        query=query,
        sources=status.sources,
        following=following_page,
    )


async def hold_page(request: web.Request) -> web.Response:
    """`/holds/{id}`: a hold with all that waits in it."""
    number = number_of(request, "hold")
    query = decode_query(request, Paged, blank=True)
    hold, items = await api_holds.read_hold(house_of(request), number, limit=query.limit, cursor=query.cursor)
    following_page = request.rel_url.update_query(cursor=items.next) if items.next else None
    return page(request, "hold.html", hold=hold, items=items.items, following=following_page)


def routes() -> list[web.RouteDef]:
    """The pages for the router."""
    return [
        web.get("/", status_page),
        web.get("/items", items_page),
        *pages_mirrors.routes(),
        *pages_duplicates.routes(),
        *pages_acting.routes(),  # before the items' pages: one of these ends in `/act`
        web.get("/items/{source}/{kind}/{id:.+}", item_page),
        web.get("/deletions", deletions_page),
        web.get("/holds/{id}", hold_page),
    ]
