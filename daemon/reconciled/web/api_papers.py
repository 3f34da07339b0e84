"""API: pictures of items, and whole documents, as their apps show them.

Only WebP, PNG, JPEG and PDF go out, by their bytes (see `pages.picturing` in the engine), and `nosniff`
holds: nothing that an app gives is ever run as a page of ours. A whole document may be framed by our own
pages.
"""

import asyncio
import re

import msgspec
from aiohttp import ClientConnectionError, web

from reconciled.engine.duplicates.pages.picturing import NoPicture, Whole, Why
from reconciled.engine.engine import Place
from reconciled.errors import SourceError
from reconciled.ledger import items, sources
from reconciled.ledger.connection import Tx
from reconciled.model import Key
from reconciled.source import Unchanged
from reconciled.web.calls import Asked, Nothing
from reconciled.web.house import OTHER_HEADERS
from reconciled.web.problems import RETRY_LATER, Problem, no_such
from reconciled.web.render import capital, full_stop

FRESH = "private, max-age=300"
"""A picture that was shown is shown again for a while without a question."""
STALLED = 60.0
"""Seconds without a byte taken until a document is cut off: an app gives few at a time, and phones sleep."""
SHOWN = ("image/webp", "image/png", "image/jpeg", "application/pdf")
FRAMED = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""A document may stand in a frame of our own pages."""
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')


class PreviewQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`whole`: the document itself instead of a small picture of its first page."""

    whole: bool = False


async def get_preview(asked: Asked[PreviewQuery, Nothing]) -> web.StreamResponse:
    """A small picture of an item's first page, or the whole document."""
    number = asked.number("id", "item")
    place, key = await _place(asked, number)
    if asked.query.whole:
        return await _whole(asked, place, key)
    found = await asked.house.duplicates.thumbnails.picture(place.live, key, item=number)
    if isinstance(found, NoPicture):
        raise _problem(found)
    headers = {"ETag": f'"{found.version}"', "Cache-Control": FRESH}
    if found.note is not None:
        headers["X-Picture-Note"] = _plain(found.note)
    if {found.version, "*"} & {one.value for one in asked.request.if_none_match or ()}:
        return web.Response(status=304, headers=headers)
    return web.Response(body=found.body, headers=headers, content_type=found.mime_type)


async def _place(asked: Asked[PreviewQuery, Nothing], number: int) -> tuple[Place, Key]:
    def read(tx: Tx) -> tuple[str, Key] | None:
        row = items.by_id(tx, number)
        return (sources.by_id(tx, row.source_id).name, row.item.key) if row is not None else None

    found = await asked.house.ledger.read(read)
    if found is None:
        raise no_such("item", number)
    place = asked.house.engine.places.get(found[0])
    if place is None:
        raise Problem(404, f"{found[0]} is not in the config, so it shows no pictures")
    return place, found[1]


async def _whole(asked: Asked[PreviewQuery, Nothing], place: Place, key: Key) -> web.StreamResponse:
    request = asked.request
    request[OTHER_HEADERS] = FRAMED
    known = request.headers.get("If-None-Match", "")
    etag = known if _ETAG.fullmatch(known) else None
    async with asked.house.duplicates.thumbnails.whole(place.live, key, etag=etag) as found:
        if isinstance(found, Unchanged):
            return web.Response(status=304, headers={"ETag": known, "Cache-Control": "private, no-cache"})
        if not isinstance(found, NoPicture):
            return await _stream(request, found, key)
        problem = _problem(found)
        if request.headers.get("Sec-Fetch-Dest") not in ("iframe", "document"):
            raise problem
        return web.Response(text=capital(full_stop(found.said)), status=problem.status)  # a person reads it


async def _stream(request: web.Request, found: Whole, key: Key) -> web.StreamResponse:
    """Pass a document through as it comes. What breaks off is cut off, so that nobody takes it for whole."""
    ending = found.mime_type.rpartition("/")[2]
    name = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in f"{key.kind}-{key.id}"
    )
    response = web.StreamResponse(
        headers={
            "Content-Type": found.mime_type,
            "Content-Disposition": f'inline; filename="{name[:80]}.{ending}"',
            "Cache-Control": "private, no-cache",
        }
    )
    if found.etag is not None and _ETAG.fullmatch(found.etag):
        response.headers["ETag"] = found.etag
    if found.size is not None:
        response.content_length = found.size
    if request.method == "HEAD":
        return response
    try:
        await response.prepare(request)
        async for chunk in found.chunks:
            async with asyncio.timeout(STALLED):
                await response.write(chunk)
        await response.write_eof()
    except (SourceError, TimeoutError, ConnectionResetError, ClientConnectionError):
        if request.transport is not None:
            request.transport.abort()
    return response


def _problem(found: NoPicture) -> Problem:
    if found.why is Why.TROUBLE:
        return Problem(503, found.said, headers=RETRY_LATER)
    return Problem(404, found.said)


def _plain(text: str) -> str:
    """A sentence as a header can hold it."""
    return "".join(
        letter if letter.isascii() and letter.isprintable() else "?" for letter in " ".join(text.split())
    )[:200]
