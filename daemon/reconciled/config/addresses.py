"""What may stand where an address belongs: where the daemon listens, its names, and the urls of apps.

The judgement of a url is a sentence that does not quote it, since a url may hold a password.
"""

import re
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")

_CALLED = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")


class Address(NamedTuple):
    """Where the daemon listens."""

    host: str
    port: int


def parse_address(value: Any) -> Address:
    """`127.0.0.1:8787`, `localhost:8787`, `[::1]:8787`; ValueError when it is none."""
    match = re.fullmatch(
        r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:\[\]\s]+)):([0-9]{1,5})", str(value).strip(), re.ASCII
    )
    wrong = ValueError(f"{value!r} is no address to listen on; write it like 127.0.0.1:8787 or [::1]:8787")
    if match is None or int(match[3]) > 65535:
        raise wrong
    host = match[1] or match[2]
    if match[1] is not None or re.fullmatch(r"[0-9.]+", host):
        try:
            ip_address(host)
        except ValueError:
            raise wrong from None
    elif not _HOST_NAME.fullmatch(host):
        raise wrong
    return Address(host, int(match[3]))


def parse_host(text: str) -> str:
    """A name for the daemon, with a port or without; ValueError when no request can name it so."""
    try:
        parts = urlsplit(f"//{text.strip()}")
        name = (parts.hostname or "").rstrip(".")
        whole = parts.netloc == text.strip() and parts.username is None and parts.port != 0
    except ValueError:
        name, whole = "", False
    if not whole or not (_CALLED.fullmatch(name) or _is_ip(name)):
        raise ValueError(
            f"{text[:60]!r} is no name of a host; write it like reconciled.example.org, without http:// or *"
        )
    return text


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def wrong_with_url(url: str) -> str | None:
    """Why an app cannot be reached at such a url, as a sentence that does not quote it; None when it can."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is no url; write it like http://box.lan:7878"
    if not re.match(r"[a-z][a-z0-9+.-]*://", url, re.IGNORECASE):
        return "needs http:// or https:// before the name, like http://box.lan:7878"
    if parts.scheme in ("http", "https") and re.search(r"\s", url):
        return "has a blank in it; write it like http://box.lan:7878"
    if parts.scheme in ("http", "https") and not parts.hostname:
        return "names no host; write it like http://box.lan:7878"
    if parts.username is not None or parts.password is not None:
        return "holds a user or password, which would be shown; take that part out"
    if "?" in url or "#" in url:
        return "ends in a query or fragment (? or #); the base url of the app belongs here"
    return None


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can connect to it."""
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
