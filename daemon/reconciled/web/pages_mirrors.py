"""The pages of mirrors: all of them, and one with its copies, from which those that stopped are sent again.

A page names the copies that it shows by id, and its form sends these back; a button for all of a status
says how many it showed, and as of when: what changed since then stays.
"""

import msgspec
from aiohttp import web

from reconciled.engine.mirror.backwards import opposite
from reconciled.engine.runs import AlreadyRunning
from reconciled.ledger import views_mirrors
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CHANGED, CONFLICT, CopyStatus
from reconciled.ledger.rows import stamp
from reconciled.ledger.views_copies import CopyEnd, RecordEnd
from reconciled.ledger.views_mirrors import RETRIED, Original
from reconciled.model import Key
from reconciled.web.api_mirrors import (
    CopiesQuery,
    Retry,
    read_copies,
    retry_by_status,
    retry_these,
    take_these_back,
)
from reconciled.web.api_runs import MIRROR, the_mirror
from reconciled.web.calls import decode_query
from reconciled.web.house import DETAIL, House, house_of
from reconciled.web.mirrors import mirror_status, mirrors
from reconciled.web.paths import is_number
from reconciled.web.problems import Problem, no_such
from reconciled.web.render import page, see

UNSAID = "the form does not say what it showed; load the page again"
LONGEST_STAMP = 40
AT_ONCE = 100
"""How many copies one page shows."""


class ItsCopies(msgspec.Struct, frozen=True):
    """What an item is copied to, each with when that closes, and what it is a copy of itself."""

    end: RecordEnd | None
    copies: list[tuple[CopyEnd, str]]
    originals: list[Original]


async def mirrors_page(request: web.Request) -> web.Response:
    """`/mirrors`: how far each is."""
    return page(request, "mirrors.html", mirrors=await mirrors(house_of(request)))


async def mirror_page(request: web.Request) -> web.Response:
    """`/mirrors/{name}`: one, with its copies to look through."""
    house = house_of(request)
    mirror = the_mirror(house, request.match_info["name"])
    query = decode_query(request, CopiesQuery, blank=True)
    query = msgspec.structs.replace(query, limit=min(query.limit, AT_ONCE))
    shown = stamp(house.clock.now())
    found = await read_copies(house, mirror.name, query)
    return page(
        request,
        "mirror.html",
        mirror=await mirror_status(house, mirror),
        copies=found.items,
        query=query,
        all_statuses=[str(status) for status in CopyStatus],
        retried=RETRIED,
        differing=(CHANGED, CONFLICT),
        both_ways=[
            target
            for target in mirror.targets
            if opposite(house.config().settings.mirrors, mirror.source, target) is not None
        ],
        shown=shown,
        following=request.rel_url.update_query(cursor=found.next) if found.next else None,
    )


async def retry_form(request: web.Request) -> web.Response:
    """`POST /mirrors/{name}/retry`: these copies, or all of a status as shown, travel again."""
    house, form = house_of(request), await request.post()
    mirror = the_mirror(house, request.match_info["name"])
    status, shown = str(form.get("status", "")), str(form.get("shown", ""))
    target = str(form.get("target", "")) or None
    back = str(request.rel_url.with_path(f"/mirrors/{mirror.name}").with_query(_kept(status, target)))
    sent = [str(one) for one in form.getall("copy", [])]
    if not all(is_number(one) for one in sent):
        raise Problem(400, UNSAID, page=back)
    if sent:
        request[DETAIL] = f"{len(sent)} copies"
        await retry_these(house, mirror, [int(one) for one in sent])
    elif status in RETRIED and 0 < len(shown) <= LONGEST_STAMP:
        request[DETAIL] = f"all that are {status}"
        body = msgspec.convert({"status": status, "target": target, "preview": False, "shown": shown}, Retry)
        await retry_by_status(house, mirror, body)
    else:
        raise Problem(400, UNSAID, page=back)
    return see(back)


async def take_back_form(request: web.Request) -> web.Response:
    """`POST /mirrors/{name}/take-back`: of a copy in conflict its own bytes count."""
    house, form = house_of(request), await request.post()
    mirror = the_mirror(house, request.match_info["name"])
    back, sent = f"/mirrors/{mirror.name}", form.get("copy")
    if not is_number(sent):
        raise Problem(400, UNSAID, page=back)
    copy = await house.ledger.read(lambda tx: views_mirrors.one(tx, mirror.name, int(sent)))
    if copy is None:
        raise no_such("copy", f"{sent} of {mirror.name}")
    request[DETAIL] = f"copy {copy.id}"
    await take_these_back(house, mirror, copy)
    return see(back)


async def run_form(request: web.Request) -> web.Response:
    """`POST /mirrors/{name}/run`: begin a run now."""
    house = house_of(request)
    mirror = the_mirror(house, request.match_info["name"])
    house.engine.place(mirror.source).live.health.try_now()
    try:
        await house.engine.begin(MIRROR, mirror.source, asked_by="dashboard", policy=mirror.name)
    except AlreadyRunning as error:
        request[DETAIL] = str(error)
    return see(f"/mirrors/{mirror.name}")


def _kept(status: str, target: str | None) -> dict[str, str]:
    """The filters, as an address has them."""
    return {name: value for name, value in (("status", status), ("target", target)) if value}


async def its_copies(house: House, source: str, key: Key) -> ItsCopies:
    """An item's copies and originals, for its page."""

    def read(tx: Tx) -> tuple[RecordEnd | None, list[Original]]:
        return (
            views_mirrors.ends_of(tx, source, key.kind, key.id),
            views_mirrors.originals_of(tx, source, key.kind, key.id),
        )

    end, originals = await house.ledger.read(read)
    copies = [(one, closes_when(end, one)) for one in end.copies] if end is not None else []
    return ItsCopies(end, copies, originals)


def closes_when(end: RecordEnd, copy: CopyEnd) -> str:
    """What a copy of something that is gone still waits for; empty while its original is there. Pure."""
    if not end.gone or copy.status == CopyStatus.REMOVED:
        return ""
    if copy.how is None:
        return "closes when it is clear what became of its upload"
    if copy.how == "found":
        return f"closes as it is: it was found in {copy.target}, so it is left there"
    if copy.action is not None and copy.action_verb == "delete":
        why = f", {copy.action_reason}" if copy.action_reason else ""
        return f"closes when its deletion there is done: action {copy.action} is {copy.action_state}{why}"
    return f"closes when it is deleted from {copy.target}: by a policy, or by you"


def routes() -> list[web.RouteDef]:
    """These pages and forms for the router."""
    return [
        web.get("/mirrors", mirrors_page),
        web.get("/mirrors/{name}", mirror_page),
        web.post("/mirrors/{name}/retry", retry_form),
        web.post("/mirrors/{name}/run", run_form),
        web.post("/mirrors/{name}/take-back", take_back_form),
    ]
