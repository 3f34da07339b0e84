"""A walk over all entries of a collection, and over those of some documents.

Chroma lists entries in the order in which they were added (by the row ids of its table), and an entry
that is changed keeps its place. So what is added meanwhile comes at the end, and what is taken out moves
all that follows nearer: a reader who only counts on would miss some. Here each page begins with the last
entry of the page before. If that is not there, some before it went, and the walk steps back.

A count before and after tells a listing that was cut short.
"""

from collections.abc import AsyncIterator, Collection, Container

from reconciled.errors import BadResponse
from reconciled.model import Json
from reconciled_chroma.connection import PAGE, Connection
from reconciled_chroma.documents import asking_for
from reconciled_chroma.items import Gathering, document_of
from reconciled_chroma.payloads import Entries

_PATIENCE = 20
"""The most pages in one walk that show nothing new."""


async def gathered(connection: Connection, collection: str) -> Gathering:
    """All entries there are. BadResponse when they are fewer than Chroma counts."""
    config = connection.config
    gathering = Gathering(config)
    before = await connection.count(collection)
    listed = 0
    async for entries in _walk(connection, collection):
        gathering.take(entries)
        listed += len(entries.ids)
    counted = min(before, await connection.count(collection))
    if listed < counted:
        raise BadResponse(
            f"{config.url}: {listed} entries of {config.collection} were listed, and Chroma counts "
            f"{counted}: cut short"
        )
    return gathering


async def asked(
    connection: Connection, collection: str, ids: Collection[str]
) -> tuple[Gathering, dict[str, list[str]]]:
    """What was made of these documents, and its entries by document. BadResponse: about another."""
    config = connection.config
    gathering, found = Gathering(config), dict[str, list[str]]()
    async for entries in _walk(connection, collection, asking_for(ids, config.field)):
        gathering.take(entries)
        for entry, metadata in zip(entries.ids, entries.metadatas, strict=True):
            document = document_of(metadata, config)
            if document is not None and document not in ids:
                raise BadResponse(
                    f"{config.url}: the answer has an entry of document {document[:99]!r}, "
                    "which was not asked for"
                )
            if document is not None:
                found.setdefault(document, []).append(entry)
    return gathering, found


async def _walk(connection: Connection, collection: str, where: Json = None) -> AsyncIterator[Entries]:
    """All entries to which the filter applies, in parts, each of them once."""
    seen: set[str] = set()
    offset = idle = 0
    while True:
        page = await connection.entries(collection, offset=offset, where=where)
        joined = not offset or (bool(page.ids) and page.ids[0] in seen)
        fresh = _without(page, seen) if joined else _NONE
        seen.update(fresh.ids)
        if fresh.ids:
            yield fresh
        if joined and len(page.ids) < PAGE:
            return
        if not fresh.ids:
            idle += 1
        if idle > _PATIENCE:
            raise BadResponse(
                f"{connection.config.url}: entries go faster than they can be listed, or come again"
            )
        offset = offset + PAGE - 1 if joined else max(0, offset - PAGE // 2)


def _without(page: Entries, seen: Container[str]) -> Entries:
    """What of a page is new."""
    rows = [row for row in zip(page.ids, page.metadatas, strict=True) if row[0] not in seen]
    return Entries([entry for entry, _ in rows], [metadata for _, metadata in rows], page.include)


_NONE = Entries([], [], [])
