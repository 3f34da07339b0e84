"""What the forms of the acting half do: answer a decision, undo, act by hand, ignore, pause.

Each form names what it showed, actions by id and items by print, and exactly that is answered or
ordered. Whatever speaks against it is a page that says so, with a way back to what there is now;
nothing is done then.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from aiohttp import web

from reconciled.engine import said
from reconciled.engine.outbox.by_hand import CannotAct, NoSuchItem
from reconciled.engine.outbox.undo import NoSuchAction, NoSuchDecision
from reconciled.ledger import views_actions
from reconciled.ledger.views_actions import DecisionView
from reconciled.model import Key
from reconciled.web import api_said
from reconciled.web.api_actions import order_by_hand, undo_decision_now, undo_now
from reconciled.web.api_decisions import approve_shown, reject_shown
from reconciled.web.auth import OWNER
from reconciled.web.house import DETAIL, House, house_of
from reconciled.web.offers import chosen
from reconciled.web.pages_acting import ActQuery
from reconciled.web.paths import is_number, number_of
from reconciled.web.problems import Problem, no_such
from reconciled.web.render import item_url, see

UNSAID = "the form does not say what it showed; load the page again"
ENTER = "nothing"
"""The name of a form's first button, which browsers press for the Enter key in a box: it does nothing."""
Answers = Callable[[House, int, list[int]], Awaitable[tuple[int, int]]]


async def approve_form(request: web.Request) -> web.Response:
    """`POST /decisions/{id}/approve`: these, as shown, are to be done."""
    return await _answer(request, approve_shown)


async def reject_form(request: web.Request) -> web.Response:
    """`POST /decisions/{id}/reject`: these, as shown, are not to be done."""
    return await _answer(request, reject_shown)


async def _answer(request: web.Request, answers: Answers) -> web.Response:
    house, number = house_of(request), number_of(request, "decision")
    back, form = f"/decisions/{number}", await request.post()
    if ENTER in form:
        return see(f"{back}?checked=none")
    ids = _ids(form.getall("action", []), back)
    request[DETAIL] = f"{len(ids)} actions: {', '.join(map(str, ids))}"
    found = await house.ledger.read(lambda tx: views_actions.decision(tx, number))
    if found is None:
        raise no_such("decision", number)
    if found.closed is not None:
        raise Problem(409, _over(found), page=back)
    try:
        await answers(house, number, ids)
    except Problem as problem:  # some of them no longer wait
        raise Problem(problem.status, problem.detail, page=back) from problem
    return see(back)


def _ids(sent: Sequence[object], back: str) -> list[int]:
    if not sent:
        raise Problem(400, "nothing was checked, so nothing was done", page=back)
    if not all(is_number(one) for one in sent):
        raise Problem(400, UNSAID, page=back)
    return sorted({int(str(one)) for one in sent})


def _over(decision: DecisionView) -> str:
    if decision.answered_by is None:
        return "nothing waits for an answer here any more, so nothing was done"
    return f"{decision.answered_by} {decision.answer} this already, so nothing more was done"


async def undo_form(request: web.Request) -> web.Response:
    """`POST /actions/{id}/undo`: the opposite of what was done."""
    house, number = house_of(request), number_of(request, "action")
    try:
        made = await undo_now(house, number)
    except NoSuchAction:
        raise
    except CannotAct as error:
        raise Problem(409, str(error), page=f"/actions/{number}") from error
    return see(f"/actions/{made[0].id}" if made else f"/actions/{number}")


async def undo_decision_form(request: web.Request) -> web.Response:
    """`POST /decisions/{id}/undo`: what can be undone of it is."""
    house, number = house_of(request), number_of(request, "decision")
    try:
        await undo_decision_now(house, number)
    except NoSuchDecision:
        raise
    except CannotAct as error:
        raise Problem(409, str(error), page=f"/decisions/{number}") from error
    return see(f"/decisions/{number}")


async def act_form(request: web.Request) -> web.Response:
    """`POST /items/{source}/{kind}/{id}/act`: what the confirmation showed is ordered."""
    house, parts = house_of(request), request.match_info
    source, key = parts["source"], Key(parts["kind"], parts["id"])
    form = await request.post()
    back = item_url(source, key.kind, key.id)
    if ENTER in form:
        return see(back)
    query = _order_fields(form, back)
    wanted = query.order(source, key)
    if wanted is None:
        raise Problem(400, UNSAID, page=back)
    row, also = str(form.get("row", "")), [str(one) for one in form.getall("also", [])]
    order = chosen(wanted, row=row, also=also)
    more = f", also {', '.join(order.also)}" if order.also else ""
    request[DETAIL] = f"{order.verb} files={query.files} exclude={query.exclude}{more}"
    try:
        await order_by_hand(house, order)
    except NoSuchItem:
        raise
    except CannotAct as error:
        raise Problem(409, str(error), page=back) from error
    return see(back)


def _order_fields(form: Mapping[str, object], back: str) -> ActQuery:
    fields = {name: form[name] for name in ActQuery.__struct_fields__ if name in form}
    try:
        return msgspec.convert(fields, ActQuery)
    except msgspec.ValidationError as error:
        raise Problem(400, UNSAID, page=back) from error


async def ignore_form(request: web.Request) -> web.Response:
    """`POST /findings/{id}/ignore`: nothing follows from it any more."""
    return await _mind(request, ignored=True)


async def heed_form(request: web.Request) -> web.Response:
    """`POST /findings/{id}/heed`: it counts again."""
    return await _mind(request, ignored=False)


async def _mind(request: web.Request, *, ignored: bool) -> web.Response:
    found = await api_said.ignore(house_of(request), number_of(request, "finding"), ignored=ignored)
    return see(item_url(found.source, found.kind, found.key))


async def pause_form(request: web.Request) -> web.Response:
    """`POST /pause`: leave a source alone, or everything."""
    source = await _source(request)
    await said.pause(house_of(request).engine, source, by=OWNER)
    return see("/")


async def resume_form(request: web.Request) -> web.Response:
    """`POST /resume`: go on with a source, or with everything."""
    source = await _source(request)
    await said.resume(house_of(request).engine, source)
    return see("/")


async def _source(request: web.Request) -> str | None:
    source = (await request.post()).get("source")
    request[DETAIL] = source if isinstance(source, str) and source else "everything"
    return source if isinstance(source, str) and source else None


def routes() -> list[web.RouteDef]:
    """These forms for the router."""
    return [
        web.post("/decisions/{id}/approve", approve_form),
        web.post("/decisions/{id}/reject", reject_form),
        web.post("/actions/{id}/undo", undo_form),
        web.post("/decisions/{id}/undo", undo_decision_form),
        web.post("/items/{source}/{kind}/{id}/act", act_form),
        web.post("/findings/{id}/ignore", ignore_form),
        web.post("/findings/{id}/heed", heed_form),
        web.post("/pause", pause_form),
        web.post("/resume", resume_form),
    ]
