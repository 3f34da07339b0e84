"""Files out of Paperless: the original of a document's newest file, and what a copy keeps of it.

A document in the trash is still served for weeks, so a download says nothing about whether it is
there; what is known of its file (`/metadata/`) does, and names the bytes by their checksum. That is
the ETag here: it changes when the bytes do, and with nothing else. Paperless knows no ranges.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from reconciled.errors import BadResponse
from reconciled.model import Absent, Answer, Item
from reconciled.source import Content, Unchanged
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Metadata

SYSTEM = "PAPERLESS"
_PAGES = frozenset({"text/html", "application/xhtml+xml"})


@asynccontextmanager
async def fetch(
    connection: Connection, number: int, known: str | None, look: Callable[[], Awaitable[Answer]]
) -> AsyncIterator[Content | Unchanged | Absent]:
    """Open the file of a document, unless it is the version that is `known`. `look` asks for the document."""
    path = f"/api/documents/{number}"
    answer = await connection.ask(f"{path}/metadata/", allow=(403, 404), expect="any")
    if answer.status in (403, 404):
        found = await look()
        if isinstance(found, Item):
            raise BadResponse(
                f"{answer.where}: {answer.status}, but the document is there: was it restored just now?"
            )
        yield found
        return
    file = await connection.decode(Metadata, answer)
    if known is not None and known == file.original_checksum:
        yield Unchanged()
        return
    opening = connection.download(
        f"{path}/download/", params={"original": True}, html_allowed=file.original_mime_type in _PAGES
    )
    async with opening as download:
        yield Content(
            chunks=download.chunks,
            size=file.original_size,
            etag=file.original_checksum or None,
            mime_type=file.original_mime_type or download.media_type or None,
        )


def origin(item: Item) -> Mapping[str, str]:
    """What a copy keeps of its document."""
    found = {"sourceSystem": SYSTEM, "documentId": item.key.id}
    for name, attr in (("originalFileName", "file_name"), ("created", "created")):
        if isinstance(value := item.attrs.get(attr), str) and value:
            found[name] = value
    return found
