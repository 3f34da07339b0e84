"""The pages of duplicates: all groups, one with its members side by side, and what an action would do.

Complete without JavaScript: what stands in an address is what is shown. `duplicates.js` adds keys, zoom,
live progress and the sliders.
"""

from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import web

from reconciled.config import Mode
from reconciled.duplicates.words import LOOKED_AT, Factor, Weights
from reconciled.engine.duplicates.acting import MOST_GROUPS
from reconciled.engine.runs import AlreadyRunning
from reconciled.ledger import views_actions, views_duplicates, views_papers, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_actions import ActionView
from reconciled.ledger.views_papers import PairView
from reconciled.ledger.views_status import RunView
from reconciled.runtime.duplicates import PASS
from reconciled.web import duplicates, duplicates_export, forms_duplicates
from reconciled.web.actions import Action, told
from reconciled.web.api_duplicates import one_group, two_of
from reconciled.web.api_runs import as_now
from reconciled.web.calls import decode_query
from reconciled.web.duplicates import Group, read_groups
from reconciled.web.duplicates_diff import TextDiff
from reconciled.web.duplicates_texts import compare_texts
from reconciled.web.duplicates_words import differing, factors, keep_these, why
from reconciled.web.house import OTHER_HEADERS, POLICY, House, house_of
from reconciled.web.pages_duplicates_query import GroupQuery, ListQuery
from reconciled.web.paths import is_number, number_of
from reconciled.web.problems import Problem
from reconciled.web.render import large_page, see

MEMBERS = 8
"""How many members of a group a list shows."""
NOTED = 20
"""Of so many actions it is said what was done just now."""
SINGLY = 5
"""Of so many groups it is said of each by itself."""
OURS = 12
"""How many actions a group's page shows."""
BANDS, STATES = ("duplicate", "review"), ("open", "ignored", "resolved", "all")
JUST_NOW = ("answered", "left", "acted", "ordered", "was")
"""The parts of an address that tell what was done just before."""
VIEWS = ("pictures", "whole", "text")


class Searching(msgspec.Struct, frozen=True):
    """How the search stands: the run under way, the last one, and what keeps it from running at all."""

    run: RunView | None
    last: RunView | None
    lacks: str | None
    sources: list[str]


async def duplicates_page(request: web.Request) -> web.Response:
    """`/duplicates`: the groups, to look through and to answer."""
    house = house_of(request)
    query = decode_query(request, ListQuery, blank=True)
    found = await read_groups(house, query.wanted(), members=MEMBERS)
    weights = house.duplicates.settings.weights
    noted = _numbers(query.answered, most=MOST_GROUPS)
    singly = noted if len(noted) <= SINGLY else []

    def read(tx: Tx) -> tuple[Any, ...]:
        answered = [view for one in singly if (view := views_duplicates.group(tx, one))]
        acted = views_actions.by_ids(tx, _numbers(query.acted))
        just_now = duplicates.told(house, tx, answered)
        return views_duplicates.counts(tx), views_duplicates.labels(tx), just_now, acted

    counts, labels, answered, acted = await house.ledger.read(read)
    plain = request.rel_url.without_query_params(*JUST_NOW, "cursor")
    return await large_page(
        request,
        "duplicates.html",
        groups=found.items,
        query=query,
        back=str(request.rel_url.without_query_params(*JUST_NOW)),
        following=plain.update_query(cursor=found.next) if found.next else None,
        export=plain.query_string,
        counts=counts,
        labels=labels,
        answered=answered,
        together=[] if singly else noted,
        left=_numbers(query.left, most=MOST_GROUPS),
        acted=_told(house, acted),
        searching=await searching(house),
        weights=weights,
        factors=LOOKED_AT,
        weight_of=lambda name: weights.of.get(Factor(name), 0.0),
        config=keep_these(weights),
        states=STATES,
        bands=BANDS,
        dry=house.outbox.rules.mode is Mode.DRY_RUN,
    )


async def duplicate_page(request: web.Request) -> web.Response:
    """`/duplicates/{id}`: a group, with two of its members side by side."""
    house, number = house_of(request), number_of(request, "group")
    query = decode_query(request, GroupQuery, blank=True)
    group = await one_group(house, number)
    pair = two_of(group, query.a, query.b) if len(group.members) > 1 else None

    def read(tx: Tx) -> tuple[PairView | None, tuple[int | None, int | None], list[ActionView]]:
        inside = [one.item for one in group.members]
        return (
            views_papers.explain(tx, *pair) if pair is not None else None,
            views_duplicates.neighbours(tx, number),
            _actions_of(tx, inside, _numbers(query.acted)),
        )

    explained, (newer, older), actions = await house.ledger.read(read)
    text, textless = await _text(house, pair) if query.view == "text" and pair is not None else (None, None)
    if query.view == "whole":
        request[OTHER_HEADERS] = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
    return await large_page(
        request,
        "duplicate.html",
        group=group,
        query=query,
        pair=[_member(group, one) for one in pair] if pair is not None else None,
        compared=_compared(explained, pair, house.duplicates.settings.weights),
        text=text,
        textless=textless,
        views=VIEWS,
        newer=newer,
        older=older,
        actions=_told(house, actions),
        acted=_numbers(query.acted),
        answered=number in _numbers(query.answered),
        back=f"/duplicates/{number}",
        dry=house.outbox.rules.mode is Mode.DRY_RUN,
    )


def _member(group: Group, item: int) -> duplicates.Member:
    return next(one for one in group.members if one.item == item)


def _compared(
    found: PairView | None, pair: tuple[int, int] | None, weights: Weights
) -> dict[str, Any] | None:
    """How the two that are side by side are alike, also when neither is the primary."""
    if found is None or pair is None:
        return None
    alike = found.likeness
    return {
        "why": why(alike),
        "confidence": alike.confidence if alike is not None else None,
        "band": alike.band if alike is not None else None,
        "factors": factors(alike, weights),
        "differing": differing(alike, pair[0]),
        "judgement": found.judgement,
    }


async def _text(house: House, pair: tuple[int, int]) -> tuple[TextDiff | None, str | None]:
    """How the texts differ, or why that cannot be said."""
    try:
        return await compare_texts(house, *pair), None
    except Problem as problem:
        return None, problem.detail


def _actions_of(tx: Tx, members: list[int], first: list[int]) -> list[ActionView]:
    """The newest actions on these, those that were ordered just now before all others."""
    found = {one.id: one for item in members[:NOTED] for one in views_actions.of_item(tx, item)}
    found |= {one.id: one for one in views_actions.by_ids(tx, first)}
    newest = sorted(found.values(), key=lambda one: (one.id not in first, -one.id))
    return newest[: max(OURS, len(first))]


def _told(house: House, views: list[ActionView]) -> list[Action]:
    return [told(house, view) for view in views]


def _numbers(text: str | None, *, most: int = NOTED) -> list[int]:
    """Numbers of an address, as far as they are some."""
    parts = (text or "").split(",")[:most]
    return list(dict.fromkeys(int(part) for part in parts if is_number(part)))


# --- the search ---------------------------------------------------------------------------------------


async def searching(house: House) -> Searching:
    """How the search stands."""
    under_way = running(house)

    def read(tx: Tx) -> tuple[RunView | None, RunView | None]:
        last = [one for one in views_status.runs(tx, pass_=PASS, limit=2).items if one.id != under_way]
        now = views_status.run(tx, under_way) if under_way is not None else None
        return now, next(iter(last), None)

    run, last = await house.ledger.read(read)
    names = [place.live.name for place in house.duplicates.places()]
    run = as_now(house.engine, run) if run is not None else None
    return Searching(run, last, house.duplicates.lacks(), names)


def running(house: House) -> int | None:
    """The run of the search that is under way."""
    found = (house.engine.running(PASS, name) for name in house.engine.places)
    return next((run for run in found if run is not None), None)


async def run_form(request: web.Request) -> web.Response:
    """`POST /duplicates/run`: search now."""
    with suppress(AlreadyRunning):
        await house_of(request).duplicates.begin(asked_by="dashboard")
    return see("/duplicates")


async def cancel_form(request: web.Request) -> web.Response:
    """`POST /duplicates/cancel`: stop searching; it goes on from there another time."""
    house = house_of(request)
    if (run := running(house)) is not None:
        await house.engine.cancel(run)
    return see("/duplicates")


def routes() -> list[web.RouteDef]:
    """These pages and forms for the router."""
    return [
        web.get("/duplicates", duplicates_page),
        web.get("/duplicates/export.csv", duplicates_export.export_csv),
        web.get("/duplicates/export.json", duplicates_export.export_json),
        web.post("/duplicates/run", run_form),
        web.post("/duplicates/cancel", cancel_form),
        *forms_duplicates.routes(),
        web.get("/duplicates/{id}", duplicate_page),
    ]
