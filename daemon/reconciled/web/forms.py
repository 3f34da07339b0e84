"""What the pages' forms do: sign in and out, release a hold, scan a source now.

Those of the acting half stand in `forms_acting`. Each answers with 303 to a page, so that reloading
it repeats nothing.
"""

from urllib.parse import urlsplit

from aiohttp import web

from reconciled.engine.runs import AlreadyRunning
from reconciled.web import forms_acting
from reconciled.web.api_holds import release
from reconciled.web.auth import COOKIE, LASTS, check_token, local_path, new_session
from reconciled.web.house import DETAIL, house_of
from reconciled.web.paths import is_number, number_of
from reconciled.web.problems import Problem
from reconciled.web.reading import read_form
from reconciled.web.render import page, see


async def show_login(request: web.Request) -> web.Response:
    """`GET /login`: the form."""
    to = local_path(request.query.get("next", "/"))
    return page(request, "login.html", to=to, wrong=None)


async def login(request: web.Request) -> web.Response:
    """`POST /login`: a session for who has the token."""
    house = house_of(request)
    form = await read_form(request)
    token, to = form.get("token"), form.get("next", "/")
    to = local_path(to if isinstance(to, str) else "/")
    try:
        check_token(request, token if isinstance(token, str) else "")
    except Problem as problem:
        headers = {name: value for name, value in problem.headers.items() if name == "Retry-After"}
        return page(
            request, "login.html", status=problem.status, headers=headers, to=to, wrong=problem.detail
        )
    response = see(to)
    response.set_cookie(
        COOKIE,
        new_session(house),
        max_age=LASTS,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=_secure(request),
    )
    return response


async def logout(request: web.Request) -> web.Response:
    """`POST /logout`: the browser forgets its session."""
    response = see("/")
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=_secure(request))
    return response


async def release_form(request: web.Request) -> web.Response:
    """`POST /holds/{id}/release`: believe what was shown. Problem 409 when nothing of it waits."""
    number, shown = number_of(request, "hold"), (await read_form(request)).get("shown")
    if not is_number(shown):
        raise Problem(
            400, "the form does not say what it showed; load the page again", page=f"/holds/{number}"
        )
    request[DETAIL] = f"shown {shown}"
    if not await release(house_of(request), number, shown=int(shown)):
        said = "this hold is no longer what was shown, so nothing was released; look at it again"
        raise Problem(409, said, page=f"/holds/{number}")
    return see(f"/holds/{number}")


async def scan_form(request: web.Request) -> web.Response:
    """`POST /sources/{name}/scan`: read everything of a source now."""
    house, name = house_of(request), request.match_info["name"]
    house.engine.place(name).live.health.try_now()
    try:
        await house.engine.begin("scan", name, asked_by="dashboard")
    except AlreadyRunning as error:
        request[DETAIL] = str(error)
    return see("/")


def _secure(request: web.Request) -> bool:
    return urlsplit(house_of(request).config().settings.daemon.url or "").scheme == "https"


def routes() -> list[web.RouteDef]:
    """The forms for the router."""
    return [
        web.get("/login", show_login),
        web.post("/login", login),
        web.post("/logout", logout),
        web.post("/holds/{id}/release", release_form),
        web.post("/sources/{name}/scan", scan_form),
        *forms_acting.routes(),
    ]
