"""The application: all routes, behind the guard, the sign-in and the audit.

`make_runner` is how it is to be run: without an access log, since a request's query may hold a
webhook's secret.
"""

import asyncio

from aiohttp import web

from reconciled.web import api, api_doctor, api_records_content, events, forms, pages, webhooks
from reconciled.web.audit import audited
from reconciled.web.auth import BRAKE, authenticate
from reconciled.web.brake import Brake
from reconciled.web.guard import guard
from reconciled.web.house import HOUSE, OTHER_HEADERS, POLICY, House, house_of
from reconciled.web.metrics import metrics
from reconciled.web.problems import Problem, as_problems
from reconciled.web.render import FOLDER, TEMPLATES, environment

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: with that, browsers send `Origin: null` with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "reconciled",
}


def make_app(house: House) -> web.Application:
    """Everything that the daemon says over HTTP."""
    app = web.Application(middlewares=[as_problems, guard, authenticate, audited, as_problems])
    app[HOUSE] = house
    app[BRAKE] = Brake(house.clock)
    app[api_doctor.LOOK] = asyncio.Lock()
    app[api_records_content.PUTTING] = set()
    app[events.HUB] = events.Hub(house)
    app.on_startup.append(events.begin)
    app.on_shutdown.append(events.end)
    app[TEMPLATES] = environment()
    app.router.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", metrics),
            web.post("/webhooks/{source}", webhooks.receive),
            web.put("/webhooks/{source}", webhooks.receive),
            *api.routes(),
            *pages.routes(),
            *forms.routes(),
            web.static("/static", FOLDER / "static"),
        ]
    )
    app.on_response_prepare.append(_add_headers)
    return app


def make_runner(app: web.Application, *, shutdown_timeout: float = 2.0) -> web.AppRunner:
    """A runner that logs no requests. Whoever asked is answered for at most so many seconds when it stops."""
    return web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=shutdown_timeout)


async def healthz(_: web.Request) -> web.Response:
    """`GET /healthz`: the loop is alive."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: the ledger is open and a config is in force, or why not."""
    reasons = list(house_of(request).ready())
    if reasons:
        raise Problem(503, "; ".join(reasons), reasons=reasons)
    return web.json_response({"status": "ok"})


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in {**HEADERS, **request.get(OTHER_HEADERS, {})}.items():
        response.headers[name] = value
    kept = "no-cache" if request.path.startswith("/static/") else "no-store"
    response.headers.setdefault("Cache-Control", kept)
    if _lets_go(request) or request.content.exception() is not None:  # where the next begins is not known
        response.headers["Connection"] = "close"
        response.force_close()


def _lets_go(request: web.Request) -> bool:
    """Whether the rest of the body is never looked at: a packed one that nobody asked for.

    Else the server would unpack it all to throw it away, and a few hundred kB can be gigabytes: that
    would stop everything for as long, and a sender needs no token for it.
    """
    if "Content-Encoding" not in request.headers or request.content.is_eof():
        return False
    request.protocol.close()
    request.content.feed_eof()
    return True
