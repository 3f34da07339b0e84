"""Who asks: a bearer token, a signed-in session, or a reader on this very machine.

The session cookie is its expiry, a nonce and an HMAC keyed by the token, so it needs no memory of
ours, survives a restart, and dies with the token. The form token is an HMAC bound to the session.
On loopback reading needs neither. A proxy on this box makes the whole world look like loopback: so
that holds neither for what carries a proxy's header, nor where `daemon.url` is https. Schemes
other than Bearer are a proxy's own. All comparisons take constant time.
"""

import hashlib
import hmac
import math
import secrets
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from reconciled.config.addresses import is_loopback
from reconciled.web.brake import Brake
from reconciled.web.guard import changes, host_name, is_form
from reconciled.web.house import FORM_TOKEN, SESSION, House, house_of
from reconciled.web.problems import Problem
from reconciled.web.reading import read_form
from reconciled.web.render import wants_page

BRAKE = web.AppKey("brake", Brake)
COOKIE = "reconciled_session"
LASTS = 30 * 86400
OWNER = "owner"
_OPEN = ("/healthz", "/readyz", "/webhooks/", "/static/")
_FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "authorization"})
_FORWARDED_SO = ("x-forwarded-", "cf-")
"""Headers that a proxy adds; a browser on this machine sends none of them, not even credentials."""


def same(shown: str, right: str) -> bool:
    """Whether two secrets are equal but for spaces around them, in time that tells nothing.

    Nothing equals an empty one: that would be a door without a lock.
    """
    wanted = right.strip().encode()
    return bool(wanted) and hmac.compare_digest(_octets(shown.strip()), wanted)


def new_session(house: House) -> str:
    """The cookie of a session that begins now."""
    expires = math.floor(house.clock.now().timestamp()) + LASTS
    claim = f"{expires}.{secrets.token_urlsafe(12)}"
    return f"{claim}.{_sign(house.token, 'session', claim)}"


def session_of(request: web.Request) -> str | None:
    """The request's session, if it has a valid one."""
    house, cookie = house_of(request), request.cookies.get(COOKIE, "")
    claim, _, mark = cookie.rpartition(".")
    expires = claim.partition(".")[0]
    if not house.token.strip() or not claim or not same(mark, _sign(house.token, "session", claim)):
        return None
    return cookie if expires.isdecimal() and int(expires) > house.clock.now().timestamp() else None


def form_token(house: House, session: str) -> str:
    """What the forms of a session carry."""
    return _sign(house.token, "form", session)


def _sign(token: str, purpose: str, text: str) -> str:
    return hmac.new(token.encode(), _octets(f"{purpose}:{text}"), hashlib.sha256).hexdigest()


def _octets(text: str) -> bytes:
    """What a stranger sent may be text that UTF-8 has no word for; such a one equals nothing of ours."""
    return text.encode("utf-8", "surrogatepass")


def on_loopback(request: web.Request) -> bool:
    """Whether somebody on this machine asks this machine, with no proxy in between that says so.

    We speak no TLS: a `daemon.url` with https means that a proxy is in between, even one that says nothing.
    """
    names = [name.lower() for name in request.headers]
    if any(name in _FORWARDED or name.startswith(_FORWARDED_SO) for name in names):
        return False
    if urlsplit(house_of(request).config().settings.daemon.url or "").scheme == "https":
        return False
    return is_loopback(_address(request)) and is_loopback(host_name(request))


def _address(request: web.Request) -> str:
    return (request.remote or "").removeprefix("::ffff:")


def check_token(request: web.Request, shown: str) -> None:
    """Problem unless it is the token; who shows too many wrong ones is told to wait.

    The right one always opens: a forgotten script with an old token must not lock its owner out.
    """
    if same(shown, house_of(request).token):
        return
    brake, address = request.app[BRAKE], request.remote or ""
    if (wait := brake.wait(address)) > 0:
        raise Problem(
            429, "too many wrong tokens; wait a minute", headers={"Retry-After": str(math.ceil(wait))}
        )
    brake.wrong(address)
    raise _unauthorized("that is not the token; `reconciled token show` prints it on the daemon's machine")


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="reconciled"'})


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who may. Who signed in has the request keys SESSION and FORM_TOKEN."""
    if request.path.startswith(_OPEN):
        return await handler(request)
    session = session_of(request)
    if session is not None:
        request[SESSION] = session
        request[FORM_TOKEN] = form_token(house_of(request), session)
    if request.path != "/login":
        refused = _refused(request, session)
        if refused is not None:
            return refused
    if is_form(request) and request.path != "/login":
        await _check_form(request)
    return await handler(request)


def _refused(request: web.Request, session: str | None) -> web.Response | None:
    """None when the request may go on, or where to sign in. Raises Problem."""
    if session is not None:
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        check_token(request, token)
        return None
    if not changes(request) and on_loopback(request):
        return None
    if wants_page(request) and not changes(request):
        return web.Response(
            status=303, headers={"Location": f"/login?next={quote(request.path_qs, safe='/')}"}
        )
    what = "a change" if changes(request) else "reading from another machine, or where daemon.url is set,"
    raise _unauthorized(f"{what} needs the token: `Authorization: Bearer TOKEN`, or sign in at /login")


async def _check_form(request: web.Request) -> None:
    if SESSION not in request:
        raise Problem(403, "forms are for people who signed in; programs use the API")
    sent = (await read_form(request)).get("csrf")
    if not isinstance(sent, str) or not same(sent, request[FORM_TOKEN]):
        raise Problem(403, "this form is out of date; go back, load the page again, and repeat")


def local_path(text: str) -> str:
    """Where to go after signing in: a path of ours, whatever was asked for."""
    plain = text.isascii() and text.isprintable() and "\\" not in text
    ours = text.startswith("/") and not text.startswith(("//", "/login"))
    return text if plain and ours else "/"
