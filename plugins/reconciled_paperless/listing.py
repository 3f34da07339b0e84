"""Lists of documents: a walk through all, the ids of all in one answer, these very ones, what changed.

Pages drift: a document deleted between two pages makes another one be skipped. So a walk ends by
reading the ids of all, which come in one answer, and asks for those that it did not meet. Filters
that Paperless does not know are ignored and the whole list comes back, so every answer is checked
to hold only what was asked for. `fields` saves bytes and no time over there: pages stay small.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from msgspec.structs import replace

from reconciled.errors import BadResponse
from reconciled.http import Params, Response
from reconciled_paperless.connection import Connection, detail_of
from reconciled_paperless.items import FIELDS
from reconciled_paperless.payloads import Document, Documents

PAGE = 1000
BATCH = 500
"""The most ids in one question: a proxy takes request lines of 8 KB."""

_FEW = 20
_DOCUMENTS, _TRASH = "/api/documents/", "/api/trash/"
_TIMED = f"{FIELDS},modified"
FILES = f"{FIELDS},custom_fields"
"""What is asked of documents whose files travel."""


async def walk(connection: Connection, *, page_size: int = PAGE) -> AsyncIterator[list[Document]]:
    """All documents, each once. BadResponse when what came cannot be a walk through all."""
    seen = set[int]()
    async for answer, found in _pages(connection, {"ordering": "id", "fields": _TIMED}, page_size):
        fresh = [one for one in found.results if one.id not in seen]
        if found.results and not fresh:
            raise BadResponse(
                f"{answer.where}: a page that came before once more; does a proxy keep answers?"
            )
        _check_living(answer, found.results)
        seen.update(one.id for one in fresh)
        yield fresh
    skipped = sorted((await every_id(connection) or frozenset()) - seen)
    for start in range(0, len(skipped), BATCH):
        yield await these(connection, skipped[start : start + BATCH])


async def every_id(connection: Connection) -> frozenset[int] | None:
    """The ids of all documents, from one answer; None when this Paperless no longer gives them so."""
    if not connection.lists_all:
        return None
    answer = await connection.ask(_DOCUMENTS, params={"page_size": 1, "ordering": "id", "fields": "id"})
    found = await connection.decode(Documents, answer)
    if found.all is None:
        return None
    ids = frozenset(found.all)
    if len(ids) != found.count:
        raise BadResponse(f"{answer.where}: {found.count} documents, but {len(ids)} ids")
    return ids


async def ids_by_pages(connection: Connection) -> frozenset[int]:
    """The same, page by page. It drifts, so what is not in it has yet to be asked for."""
    ids = set[int]()
    async for answer, found in _pages(connection, {"ordering": "id", "fields": "id"}, 10 * PAGE):
        before = len(ids)
        ids.update(one.id for one in found.results)
        if found.results and len(ids) == before:
            raise BadResponse(
                f"{answer.where}: a page that came before once more; does a proxy keep answers?"
            )
    return frozenset(ids)


async def these(connection: Connection, ids: Collection[int], *, fields: str = _TIMED) -> list[Document]:
    """The documents among these ids, at most `BATCH`, that exist and that we may see: from one answer."""
    if not 0 < len(ids) <= BATCH:
        raise ValueError(f"{len(ids)} ids; between 1 and {BATCH} belong here")
    wanted = ",".join(map(str, sorted(ids)))
    params: Params = {"id__in": wanted, "page_size": BATCH, "ordering": "id", "fields": fields}
    answer = await connection.ask(_DOCUMENTS, params=params)
    found = await connection.decode(Documents, answer)
    shown = {one.id for one in found.results}
    if not shown <= set(ids):
        raise BadResponse(f"{answer.where}: asked for {len(ids)} documents, got others: is id__in ignored?")
    if not found.count == len(found.results) == len(shown):
        raise BadResponse(
            f"{answer.where}: {len(shown)} documents of {found.count}, so the list is not whole"
        )
    _check_living(answer, found.results)
    return found.results


async def matching(connection: Connection, name: str, value: str) -> list[Document]:
    """The first documents that a filter lets through, by id, with their custom fields.

    A filter that Paperless does not know is ignored, so whoever asks checks what came.
    """
    params: Params = {name: value, "page_size": _FEW, "ordering": "id", "fields": FILES}
    answer = await connection.ask(_DOCUMENTS, params=params)
    found = await connection.decode(Documents, answer)
    _check_living(answer, found.results)
    return found.results


async def changed_since(connection: Connection, since: datetime) -> list[Document]:
    """What was added or changed since then. It reads on from the last one's time, which does not drift.

    Those of one moment are ordered by their ids: what an order leaves open differs from page to page.
    """
    found: dict[int, Document] = {}
    page = 1
    while True:
        params: Params = {
            "modified__gte": since.isoformat(),
            "ordering": "modified,id",
            "fields": _TIMED,
            "page_size": PAGE,
            "page": page,
        }
        answer = await connection.ask(_DOCUMENTS, params=params, allow=(404,))
        if answer.status == 404 and _ended(answer, page):
            return [*found.values()]
        listing = await connection.decode(Documents, answer)
        _check_living(answer, listing.results)
        for one in listing.results:
            if one.modified is None or one.modified < since:
                raise BadResponse(f"{answer.where}: asked for changes, got others: is modified__gte ignored?")
            found[one.id] = one
        if len(listing.results) < PAGE:
            if listing.count > len(listing.results) + (page - 1) * PAGE:
                raise BadResponse(f"{answer.where}: {listing.count} changes, but the page ends early")
            return [*found.values()]
        last = listing.results[-1].modified or since
        since, page = (last, 1) if last > since else (since, page + 1)


async def trashed(connection: Connection, *, wanted: Collection[int] = ()) -> dict[int, Document] | None:
    """What lies in the trash, by id, as far as we may see it; None when we may not look.

    It takes no filter and has whole documents, so it is read only until all that are `wanted` were met,
    and their texts are not kept.
    """
    found: dict[int, Document] = {}
    async for answer, page in _pages(connection, {}, BATCH, path=_TRASH, allow=(403,)):
        if answer.status == 403:
            return None
        for one in page.results:
            if one.deleted_at is None:
                raise BadResponse(
                    f"{answer.where}: document {one.id} lies in no trash: is this another list?"
                )
            found[one.id] = replace(one, content=None)
        if wanted and found.keys() >= set(wanted):
            break
    return found


async def _pages(
    connection: Connection, params: Params, size: int, *, path: str = _DOCUMENTS, allow: Sequence[int] = ()
) -> AsyncIterator[tuple[Response, Documents]]:
    """The pages of a list. A page that is not there any more, because documents went, is the end."""
    page = 1
    while True:
        asked: Params = {**params, "page_size": size, "page": page}
        answer = await connection.ask(path, params=asked, allow=(404, *allow))
        if answer.status == 404 and _ended(answer, page):
            return
        if answer.status in allow:
            yield answer, Documents(0, [])
            return
        found = await connection.decode(Documents, answer)
        yield answer, found
        if found.count <= page * size:
            if len(found.results) < found.count - (page - 1) * size:
                raise BadResponse(f"{answer.where}: {found.count} documents, but the last page ends early")
            return
        if len(found.results) != size:
            raise BadResponse(f"{answer.where}: a page of {len(found.results)}, and {size} were asked for")
        page += 1


def _ended(answer: Response, page: int) -> bool:
    """True for the 404 behind the last page; BadResponse for any other."""
    if page > 1 and detail_of(answer) == "Invalid page.":
        return True
    raise BadResponse(f"{answer.where}: 404, so there is no list of documents; is the base path right?")


def _check_living(answer: Response, documents: Sequence[Document]) -> None:
    for one in documents:
        if one.root_document is not None or one.deleted_at is not None:
            raise BadResponse(f"{answer.where}: {one.id} is no document of its own, or lies in the trash")
