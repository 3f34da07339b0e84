"""Which redirects may be followed: only one that leads to the very same question elsewhere.

Radarr and Sonarr answer a request without their UrlBase with a 307 to `{UrlBase}{path}{query}`,
and a proxy sends http to https. Anything else (another host, back to plain http, a login page, a
path that is not the one asked for) would put our key or another page's answer in the wrong place.
"""

from dataclasses import replace

from yarl import URL

from reconciled.errors import BadResponse
from reconciled.http.wire import Ask

MOST_HOPS = 3
FOLLOWED = frozenset({301, 302, 307, 308})
SAFE = frozenset({"GET", "HEAD"})
"""What may be asked twice: it changes nothing."""
ONCE_MORE = frozenset({502, 504})
"""A proxy's word that it did not get through; worth a second try of what is safe."""
_LOGIN = ("login", "signin", "sign-in", "auth", "sso")


def next_url(asked: URL, location: str | None, *, path: str) -> URL | str:
    """Where to ask instead; or, as a text, why not. `path` is what was asked for below the base."""
    if not location:
        return "a redirect that does not say where to"
    try:
        target = asked.join(URL(location))
    except ValueError:
        return "a redirect to an address that is none"
    shown = target.origin() if target.absolute else target
    if target.host != asked.host:
        return f"a redirect to another host, {shown}"
    same, secured = target.origin() == asked.origin(), (asked.scheme, target.scheme) == ("http", "https")
    if not (same or secured):
        return f"a redirect to {shown}, which is another app or no longer encrypted"
    if not target.path.endswith(path):
        login = any(word in target.path.lower() for word in _LOGIN)
        return f"a redirect to {'a login page, ' if login else ''}{target.path}"
    if target.query != asked.query:
        return f"a redirect to {target.path} that drops the question"
    return target


def redirected(ask: Ask, status: int, location: str | None, *, path: str) -> Ask:
    """What to ask after a redirect. BadResponse, its secrets not masked yet, when it is not followed."""
    said = f"{ask.where}: {status}"
    if ask.method not in SAFE or status not in FOLLOWED:
        raise BadResponse(f"{said}, a redirect, not followed; set the url to where the app is")
    target = next_url(ask.url, location, path=path)
    if isinstance(target, str):
        raise BadResponse(f"{said}, {target}; set the url to where the app is")
    return replace(ask, url=target)


def too_many(ask: Ask) -> BadResponse:
    """The error of redirects that lead nowhere."""
    return BadResponse(f"{ask.where}: more than {MOST_HOPS} redirects, one after the other")
