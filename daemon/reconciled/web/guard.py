"""Which world a request comes from: refuses what a browser was tricked into sending.

A `Host` that is not ours is DNS rebinding (421). A changing request from another site's page
carries a foreign `Origin` or `Sec-Fetch-Site: cross-site` (403), and one that a page can send
without asking us first is never `application/json` (415). Our own pages' forms are the only
exception to the last; they carry a form token instead.

Exempt from the Host check are webhooks, which apps send to whatever name or address reaches this
box and which carry a secret that no browser knows; the two health checks, which say nothing; and
`/metrics` when the token is shown (a rebound page has none), because Prometheus scrapes by IP.
The Origin check holds for webhooks too: no app sends a foreign one. Their content type is free,
since some apps send JSON as text/plain.
"""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from reconciled.config.addresses import is_loopback
from reconciled.web.house import House, house_of
from reconciled.web.problems import Problem

READING = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset(
    {
        "/login",
        "/logout",
        "/holds/{id}/release",
        "/sources/{name}/scan",
        "/decisions/{id}/approve",
        "/decisions/{id}/reject",
        "/actions/{id}/undo",
        "/decisions/{id}/undo",
        "/items/{source}/{kind}/{id}/act",
        "/findings/{id}/ignore",
        "/findings/{id}/heed",
        "/mirrors/{name}/retry",
        "/mirrors/{name}/run",
        "/mirrors/{name}/take-back",
        "/duplicates/act",
        "/duplicates/answer",
        "/duplicates/run",
        "/duplicates/cancel",
        "/pause",
        "/resume",
    }
)
"""The routes that our own pages' forms are sent to, as the router writes them."""
BYTES = frozenset({"/api/v1/records/{source}/{id}/content"})
"""The routes that take a file of any type, by PUT, which no page can send without asking us first."""
LINES = frozenset({"/api/v1/records/{source}"})
"""The routes that take lines of JSON, too."""
LONGEST_TYPE = 500
"""Characters of a content type. To read one of 8,000 semicolons takes a second, and needs no token."""

_ANY_HOST = ("/webhooks/", "/healthz", "/readyz")
_PORTS = {"http": 80, "https": 443}


def changes(request: web.Request) -> bool:
    """Whether the request may change anything."""
    return request.method not in READING


def is_form(request: web.Request) -> bool:
    """Whether the request goes to a route of our pages' forms."""
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical in FORMS and changes(request)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request that is not from here."""
    house = house_of(request)
    _check_host(request, house)
    if changes(request):
        _check_origin(request, house)
        _check_type(request)
    return await handler(request)


def host_name(request: web.Request) -> str:
    """The name in the Host header, without the port; empty when it is none."""
    return _split(request.headers.get("Host", ""))[0]


def _check_host(request: web.Request, house: House) -> None:
    name = host_name(request)
    if is_loopback(name) or name in _own_names(house):
        return
    if request.path.startswith(_ANY_HOST):
        return
    if request.path == "/metrics" and "Authorization" in request.headers:
        return  # the token is checked next
    raise Problem(
        421,
        f"this daemon does not go by the name {name!r}; if it should, say so in daemon.url or daemon.hosts",
    )


def _own_names(house: House) -> set[str]:
    daemon = house.config().settings.daemon
    names = {_split(host)[0] for host in daemon.hosts}
    if daemon.url:
        names.add((urlsplit(daemon.url).hostname or "").rstrip("."))
    return names - {""}


def _check_origin(request: web.Request, house: House) -> None:
    if request.headers.get("Sec-Fetch-Site", "").strip().lower() == "cross-site":
        raise Problem(403, "another site's page sent this; changes are made from our own pages only")
    origin = request.headers.get("Origin")
    if origin is None or any(_same(origin, host) for host in _own_origins(request, house)):
        return
    raise Problem(
        403,
        "a page of another origin sent this; behind a proxy, pass the Host header on, or set daemon.url to "
        "what the browser shows",
    )


def _own_origins(request: web.Request, house: House) -> list[str]:
    url = house.config().settings.daemon.url
    return [request.headers.get("Host", ""), *([urlsplit(url).netloc] if url else [])]


def _same(origin: str, host: str) -> bool:
    """Whether an origin is at a host and port; a port that its scheme implies may be left out."""
    scheme, _, place = origin.partition("://")
    default = _PORTS.get(scheme.lower())
    name, port = _split(place)
    own_name, own_port = _split(host)
    return bool(name) and default is not None and (name, port or default) == (own_name, own_port or default)


def _split(host: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{host.strip()}")
        return (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", None


def _check_type(request: web.Request) -> None:
    if request.path.startswith("/webhooks/") or request.match_info.http_exception is not None:
        return
    if len(request.headers.get("Content-Type", "")) > LONGEST_TYPE:
        raise Problem(415, f"the Content-Type header is longer than {LONGEST_TYPE} characters")
    wanted = "application/x-www-form-urlencoded" if is_form(request) else "application/json"
    if request.content_type == "application/x-ndjson" and _goes_to(LINES, request):
        return  # no page can send that without asking us first, either
    if request.method == "PUT" and _goes_to(BYTES, request):
        if "Content-Type" not in request.headers:
            raise Problem(415, "say in the Content-Type header what the content is, such as application/pdf")
        return
    if "Content-Type" not in request.headers or request.content_type != wanted:
        raise Problem(415, f"a change is sent as {wanted}; set the Content-Type header")


def _goes_to(routes: frozenset[str], request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical in routes
