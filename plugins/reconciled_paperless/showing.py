"""Pictures of documents: the small one of the first page, and the whole as a browser shows it.

Paperless judges whether a version is known before it looks whether we may see the document, and serves
what lies in its trash; so the list is asked first, and only what is in it is shown. A thumbnail's version is
its file's checksum (3.x) or the time of its own file (2.20), a whole document's the checksum of the PDF that
was made of it, or the time of its last change where none was made.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from reconciled.errors import BadResponse, Unsupported
from reconciled.http import Download
from reconciled.model import Absent, Answer, Item
from reconciled.source import Content, Unchanged
from reconciled_paperless.connection import Connection
from reconciled_paperless.listing import these

PICTURES = frozenset({"image/webp", "image/png", "image/jpeg"})
_WHOLE = PICTURES | {"application/pdf"}
_NOT_CHANGED = 304
_DENIED = frozenset({403, 404})
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
_SINCE = "since "
_TIME = re.compile(r"[A-Za-z0-9,: +-]{1,60}")


@asynccontextmanager
async def preview(
    connection: Connection,
    number: int,
    known: str | None,
    look: Callable[[], Awaitable[Answer]],
    *,
    whole: bool,
) -> AsyncIterator[Content | Unchanged | Absent]:
    """Open a picture, unless it is the version that is `known`. `look` asks for the document."""
    if not await these(connection, [number], fields="id"):
        yield await _lack(look, f"{connection.name}: document {number} was not listed, and now it is there")
        return
    headers = _conditions(known)
    path = f"/api/documents/{number}/{'preview' if whole else 'thumb'}/"
    allow = _DENIED | {_NOT_CHANGED} if headers else _DENIED
    opening = connection.download(path, headers=headers, allow=allow, html_allowed=True)
    async with opening as answer:
        if answer.status in _DENIED:
            said = f"{answer.where}: {answer.status}, but the document is there; is its file missing?"
            yield await _lack(look, said)
        elif answer.status == _NOT_CHANGED:
            yield Unchanged()
        else:
            yield _content(answer, number, whole=whole)


async def _lack(look: Callable[[], Awaitable[Answer]], said: str) -> Absent:
    """Why there is no picture: the app's no to the document, or trouble."""
    found = await look()
    if isinstance(found, Item):
        raise BadResponse(said)
    return found


def _content(answer: Download, number: int, *, whole: bool) -> Content:
    kind = answer.media_type
    if kind not in (_WHOLE if whole else PICTURES):
        raise Unsupported(
            f"Paperless hands out document {number} as {kind or 'something without a type'}, which is not "
            "shown here; open it there"
        )
    return Content(answer.chunks, size=answer.placed()[1], etag=_version(answer), mime_type=kind)


def _version(answer: Download) -> str | None:
    etag, time = (answer.headers.get(name, "").strip() for name in ("etag", "last-modified"))
    if _ETAG.fullmatch(etag):
        return etag
    return f"{_SINCE}{time}" if _TIME.fullmatch(time) else None


def _conditions(known: str | None) -> dict[str, str]:
    if known is None:
        return {}
    if _ETAG.fullmatch(known):
        return {"If-None-Match": known}
    time = known.removeprefix(_SINCE)
    return {"If-Modified-Since": time} if time != known and _TIME.fullmatch(time) else {}
