"""The app's whole list, page by page, as the config says that it goes on.

A list that goes in a circle, or whose end cannot be told, is trouble, never a shorter list.
"""

from collections.abc import AsyncIterator

from yarl import URL

from reconciled.errors import BadResponse
from reconciled.http import Client, Response
from reconciled.model import Json
from reconciled_http_json.config import HttpJsonConfig, Listing
from reconciled_http_json.places import MISSING, at, text_at

MOST_PAGES = 100_000


async def walk(
    client: Client, config: HttpJsonConfig
) -> AsyncIterator[tuple[list[Json], int | None, Response]]:
    """Pages of records, each with the total that the app says and the answer. Ends after the last page."""
    listing = config.list
    path, params = listing.path, dict(listing.params)
    number = None
    if listing.next is not None and listing.next.first is not None:
        number = listing.next.first
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for _ in range(MOST_PAGES):
        if number is not None and listing.next is not None:
            params[str(listing.next.param)] = number
        place = (path, tuple(sorted((name, str(value)) for name, value in params.items())))
        if place in seen:
            raise BadResponse(f"{config.url}{path}: the next page is one that was read already")
        seen.add(place)
        answer = await client.request("GET", path, params=params)
        body: Json = await client.decode(dict if listing.items != "$" else list, answer)
        records = _records(body, listing, answer)
        yield records, _total(body, listing, answer), answer
        if listing.next is None or (number is not None and not records):
            return
        if number is not None:
            number += 1
            continue
        onward = _onward(body, listing, config, answer)
        if onward is None:
            return
        path, params = onward
    raise BadResponse(f"{config.url}{listing.path}: more than {MOST_PAGES} pages")


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
) -> tuple[str, dict[str, str | int]] | None:
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
    return _below(URL(text), URL(config.url), answer)


def _below(link: URL, base: URL, answer: Response) -> tuple[str, dict[str, str | int]]:
    """A link as a path below the app's address: only there are we let go, with our headers."""
    if link.is_absolute() and link.origin() != base.origin():
        raise BadResponse(f"{answer.where}: the next page is on {link.host}, not where the app is")
    top = base.path.rstrip("/")
    path = link.path.removeprefix(top) if f"{link.path}/".startswith(f"{top}/") else link.path
    if not path.startswith("/"):
        raise BadResponse(f"{answer.where}: the next page's link {str(link)[:100]!r} is no path")
    return path, dict(link.query)
