"""Which redirects may be followed: only one that leads to the very same question elsewhere.

Radarr and Sonarr answer a request without their UrlBase with a 307 to `{UrlBase}{path}{query}`,
and a proxy sends http to https. Anything else (another host, back to plain http, a login page, a
path that is not the one asked for) would put our key or another page's answer in the wrong place.
"""

from yarl import URL

MOST_HOPS = 3
FOLLOWED = frozenset({301, 302, 307, 308})
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
