"""The pages of the acting half: decisions, actions, and the confirmations before something goes out.

A page that can be answered names what it shows, actions by id and items by print, and its form sends
these back; so whoever presses the button answers for what they saw and for nothing else.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from reconciled.config import Mode, Verb
from reconciled.engine.outbox.by_hand import Order
from reconciled.engine.outbox.words import act
from reconciled.ledger import sources, views_actions
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import Listing
from reconciled.ledger.views_actions import STATES, ActionView
from reconciled.model import Key
from reconciled.web import api_decisions
from reconciled.web.actions import told, what
from reconciled.web.api_actions import ActionsQuery, decision_undo_plans, read_action, read_actions, undo_plan
from reconciled.web.calls import decode_query
from reconciled.web.house import House, house_of
from reconciled.web.offers import BUTTONS, Offer, offer
from reconciled.web.paths import number_of
from reconciled.web.problems import no_such
from reconciled.web.render import item_url, page, see

AT_ONCE = 100
"""How many actions one page of a decision shows, and one press of its button answers."""
ANSWERED = tuple(state for state in STATES if state != "waiting")


class DecisionQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of a decision, and whether its boxes start checked."""

    cursor: str | None = None
    checked: Literal["all", "none"] = "all"


class ActQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be done to an item."""

    verb: Literal["delete", "tag", "untag", "unmonitor", "monitor", "restore"] | None = None
    files: Literal["no", "yes"] = "no"
    exclude: Literal["no", "yes"] = "no"
    label: Annotated[str, Meta(max_length=100)] = ""

    def order(self, source: str, key: Key) -> Order | None:
        """The same as an order on that item alone; None when it does not say what to do."""
        return self.verb and Order(
            Verb(self.verb), source, key,
            files=self.files == "yes", exclude=self.exclude == "yes", label=self.label.strip(),
        )  # fmt: skip


async def decision_page(request: web.Request) -> web.Response:
    """`/decisions/{id}`: what waits for one answer, or what was answered."""
    house, number = house_of(request), number_of(request, "decision")
    query = decode_query(request, DecisionQuery, blank=True)

    def read(tx: Tx) -> tuple[api_decisions.Decision | None, Listing[ActionView], Listing[ActionView]]:
        found = views_actions.decision(tx, number)
        waits = found is not None and found.closed is None
        shown = views_actions.actions(
            tx, states=("waiting",) if waits else (), decision=number, limit=AT_ONCE, cursor=query.cursor
        )
        rest = views_actions.actions(tx, states=ANSWERED, decision=number, limit=AT_ONCE if waits else 1)
        explained = api_decisions.explained(tx, found) if found is not None else None
        return explained, shown, rest if waits else Listing(items=[])

    found, shown, answered = await house.ledger.read(read)
    if found is None:
        raise no_such("decision", number)
    return page(
        request,
        "decision.html",
        decision=found,
        waiting=[(view, what(view)) for view in shown.items] if found.closed is None else [],
        answered=[told(house, view) for view in (answered.items if found.closed is None else shown.items)],
        checked=query.checked == "all",
        partial=query.cursor is not None or shown.next is not None,
        following=request.rel_url.update_query(cursor=shown.next) if shown.next else None,
    )


async def actions_page(request: web.Request) -> web.Response:
    """`/actions`: what is intended, and what became of what was."""
    house = house_of(request)
    query = decode_query(request, ActionsQuery, blank=True)
    found = await read_actions(house, query)
    return page(
        request,
        "actions.html",
        actions=found.items,
        query=query,
        states=STATES,
        policies=_with(query.policy, house.outbox.rules.policies),
        targets=_with(query.target, [*await _sources(house), *house.config().settings.channels]),
        following=request.rel_url.update_query(cursor=found.next) if found.next else None,
    )


async def action_page(request: web.Request) -> web.Response:
    """`/actions/{id}`: one action with all that is known of it."""
    action = await read_action(house_of(request), number_of(request, "action"))
    return page(request, "action.html", action=action)


async def undo_page(request: web.Request) -> web.Response:
    """`/actions/{id}/undo`: what undoing would do, before it is done."""
    house, number = house_of(request), number_of(request, "action")
    plan = await undo_plan(house, number)
    action = await read_action(house, number)
    return page(request, "undo.html", action=action, plan=plan, dry=house.outbox.rules.mode is Mode.DRY_RUN)


async def undo_decision_page(request: web.Request) -> web.Response:
    """`/decisions/{id}/undo`: what undoing all that was done of it would do, before it is done."""
    house, number = house_of(request), number_of(request, "decision")
    plans = await decision_undo_plans(house, number)
    dry = house.outbox.rules.mode is Mode.DRY_RUN
    return page(request, "undo_decision.html", decision=number, plans=plans, dry=dry)


async def act_page(request: web.Request) -> web.Response:
    """`/items/{source}/{kind}/{id}/act`: what would be done by hand, before it is ordered."""
    house, parts = house_of(request), request.match_info
    source, key = parts["source"], Key(parts["kind"], parts["id"])
    wanted = decode_query(request, ActQuery, blank=True).order(source, key)
    if wanted is None:
        return see(item_url(source, key.kind, key.id))
    offered = await offer(house, wanted)
    return page(
        request,
        "act.html",
        offer=offered,
        item=offered.known.item,
        order=offered.order,
        button=BUTTONS[offered.order.verb],
        does=_does(offered),
        destructive=offered.order.verb.destructive,
        dry=house.outbox.rules.mode is Mode.DRY_RUN,
    )


def _does(offered: Offer) -> str:
    order, item = offered.order, offered.known.item
    return act(
        order.verb, order.source, item.kind, item.id, item.title,
        label=order.label, files=order.files, exclude=order.exclude,
    )  # fmt: skip


def _with(asked: str | None, known: Iterable[str]) -> list[str]:
    """The names to choose from; what was asked for stays among them, should it have left the config."""
    return sorted({*known, *([asked] if asked else [])})


async def _sources(house: House) -> list[str]:
    return [row.name for row in await house.ledger.read(sources.every)]


def routes() -> list[web.RouteDef]:
    """These pages for the router."""
    return [
        web.get("/decisions/{id}", decision_page),
        web.get("/actions", actions_page),
        web.get("/actions/{id}", action_page),
        web.get("/actions/{id}/undo", undo_page),
        web.get("/decisions/{id}/undo", undo_decision_page),
        web.get("/items/{source}/{kind}/{id:.+}/act", act_page),
    ]
