"""Pages out of templates. Everything is escaped unless a template is itself; titles may hold markup."""

import asyncio
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from aiohttp import web

from reconciled.units import say_duration, say_size
from reconciled.web.duplicates_diff import folded
from reconciled.web.duplicates_words import percent, unturned
from reconciled.web.house import FORM_TOKEN, SESSION, house_of

FOLDER = Path(__file__).parent
TEMPLATES = web.AppKey("templates", jinja2.Environment)
_NO_PAGES = ("/api/", "/webhooks/", "/metrics", "/healthz", "/readyz", "/static/")
_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (float("inf"), 86400, "d"))


def environment() -> jinja2.Environment:
    """The templates, for one application."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "day": say_day, "item_url": item_url, "number": say_number, "sentence": full_stop, "capital": capital,
        "size": say_size, "duration": say_duration, "percent": percent, "unturned": unturned,
        "folded": folded, "for_shell": shlex.quote,
    }  # fmt: skip
    return found


def wants_page(request: web.Request) -> bool:
    """Whether a person's browser asks, so that an error is a page too."""
    if request.path.startswith(_NO_PAGES):
        return False
    return "text/html" in request.headers.get("Accept", "")


def page(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **shown: Any,
) -> web.Response:
    """A rendered template. It sees who is signed in, and the form token of that session."""
    text = request.app[TEMPLATES].get_template(template).render(_context(request, shown))
    return web.Response(text=text, status=status, headers=headers, content_type="text/html", charset="utf-8")


async def large_page(request: web.Request, template: str, **shown: Any) -> web.Response:
    """The same for a page that may be so large that the loop would wait for it."""
    found = request.app[TEMPLATES].get_template(template)
    text = await asyncio.to_thread(found.render, _context(request, shown))
    return web.Response(text=text, content_type="text/html", charset="utf-8")


def _context(request: web.Request, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a template sees beside what it is given."""
    house = house_of(request)
    now = house.clock.now()
    return {
        "version": house.version,
        "now": now,
        "ago": lambda at: ago(at, now=now),
        "has_mirrors": bool(house.config().settings.mirrors),
        "has_duplicates": bool(house.duplicates.places()),
        "signed_in": SESSION in request,
        "csrf": request.get(FORM_TOKEN, ""),
        "here": request.path,
        "login": f"/login?next={quote(page_behind(request), safe='/')}",
        **shown,
    }


def ago(at: str | datetime | None, *, now: datetime) -> str:
    """How long ago, or in how long, in one unit: `3 min ago`, `in 12 s`."""
    if at is None:
        return "never"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    seconds = (now - moment).total_seconds()
    limit = abs(seconds)
    if limit < 1.5:
        return "just now"
    size, unit = next((size, unit) for below, size, unit in _STEPS if limit < below)
    said = f"{limit // size:.0f} {unit}"
    return f"{said} ago" if seconds > 0 else f"in {said}"


def say_day(at: str | datetime | None) -> str:
    """A time for people, in UTC, to the second."""
    if at is None:
        return "never"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def say_number(number: int) -> str:
    """A count with thin spaces between the thousands."""
    return f"{number:,}".replace(",", "\u202f")


def full_stop(text: str) -> str:
    """A sentence with its end, whatever it ended with."""
    return text if text.endswith(("?", "!", ".", "…")) else f"{text}."


def capital(text: str) -> str:
    """A sentence with its first letter as sentences begin."""
    return text[:1].upper() + text[1:]


def page_behind(request: web.Request) -> str:
    """The page to come back to after signing in: this one, or the one whose form was sent here."""
    if request.method in ("GET", "HEAD"):
        return request.path_qs
    parts = request.path.split("/")
    shows_itself = parts[1] in ("decisions", "holds", "items", "duplicates")
    return "/".join(parts[:-1]) if shows_itself else request.path if parts[-1] == "undo" else "/"


def see(path: str) -> web.Response:
    """Sends the browser on to a page, after a form."""
    return web.Response(status=303, headers={"Location": path})


def item_url(source: str, kind: str, key: str) -> str:
    """The page of an item."""
    return "/items/" + "/".join(quote(part, safe="") for part in (source, kind, key))
