"""The app's whole list, page by page, as the config says that it goes on.

A list that goes in a circle, that says of itself that it goes on, or whose end cannot be told, is
trouble, never a shorter list.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from typing import TypeAlias

from yarl import URL

from reconciled.errors import BadResponse
from reconciled.http import Client, Response
from reconciled.model import Json
from reconciled_http_json.config import HttpJsonConfig, Listing
from reconciled_http_json.places import MISSING, at, text_at

MOST_PAGES = 100_000
_GOES_ON = re.compile(r"""\brel\s*=\s*["']?next\b""", re.IGNORECASE)

Query: TypeAlias = "dict[str, str | int | Sequence[str | int]]"


async def walk(
    client: Client, config: HttpJsonConfig
) -> AsyncGenerator[tuple[list[Json], int | None, Response], None]:
    """Pages of records, each with the total that the app says and the answer. Ends after the last page."""
    listing = config.list
    path = listing.path
    params: Query = {**listing.params}
    number = None
    if listing.next is not None and listing.next.first is not None:
        number = listing.next.first
    seen: set[str] = set()
    where = listing.path
    for _ in range(MOST_PAGES):
        if number is not None and listing.next is not None:
            params[str(listing.next.param)] = number
        place = f"{path} {sorted(params.items())}"
        if place in seen:
            raise BadResponse(f"{where}: the next page is one that was read already")
        seen.add(place)
        answer = await client.request("GET", path, params=params)
        where = answer.where
        body: Json = await client.decode(dict if listing.items != "$" else list, answer)
        records = _records(body, listing, answer)
        yield records, _total(body, listing, answer), answer
        if listing.next is None:
            _check_last(answer)
        if listing.next is None or (number is not None and not records):
            return
        if number is not None:
            number += 1
            continue
        onward = _onward(body, listing, config, answer)
        if onward is None:
            return
        path, params = onward
    raise BadResponse(f"{where}: more than {MOST_PAGES} pages")


def _check_last(answer: Response) -> None:
    """A list without a description of its next page is one page, unless the app says otherwise (RFC 8288)."""
    if _GOES_ON.search(answer.headers.get("link", "")):
        raise BadResponse(
            f"{answer.where}: its Link header names a next page; list.next says how to get there"
        )


def _records(body: Json, listing: Listing, answer: Response) -> list[Json]:
    found = at(body, listing.items)
    if not isinstance(found, list):
        what = "nothing" if found is MISSING else type(found).__name__
        raise BadResponse(f"{answer.where}: {what} instead of a list at {listing.items}")
    return found


def _total(body: Json, listing: Listing, answer: Response) -> int | None:
    if listing.total is None:
        return None
    found = at(body, listing.total)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise BadResponse(f"{answer.where}: no total at {listing.total}")
    return found


def _onward(
    body: Json, listing: Listing, config: HttpJsonConfig, answer: Response
) -> tuple[str, Query] | None:
    """Path and query of the next page; None when the app says that this was the last."""
    assert listing.next is not None, "its caller looked"  # noqa: S101 - narrows the type
    place = listing.next.cursor or listing.next.link
    assert place is not None, "the config says one"  # noqa: S101 - narrows the type
    found = at(body, place)
    if found is MISSING:
        raise BadResponse(f"{answer.where}: nothing at {place}; the last page says null, or nothing in it")
    if found is None or found in ("", False):
        return None
    text = text_at(body, place)
    if text is None:
        raise BadResponse(f"{answer.where}: {place} names no next page")
    if listing.next.link is None:
        return listing.path, {**listing.params, str(listing.next.param): text}
    return _below(text, URL(config.url), answer)


def _below(text: str, base: URL, answer: Response) -> tuple[str, Query]:
    """A link as a path below the app's address: only there are we let go, with our headers."""
    try:
        link = URL(text)
        elsewhere = link.absolute and link.origin() != base.origin()
    except ValueError:
        raise BadResponse(f"{answer.where}: the next page's link is no url") from None
    if elsewhere:
        raise BadResponse(f"{answer.where}: the next page is on {link.host}, not where the app is")
    top = base.path.rstrip("/")
    path = link.path.removeprefix(top) if f"{link.path}/".startswith(f"{top}/") else link.path
    if not path.startswith("/"):
        raise BadResponse(f"{answer.where}: the next page's link has no path")
    return path, {name: link.query.getall(name) for name in link.query}
