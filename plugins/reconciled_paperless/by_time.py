"""Documents by the time of their last change: the newest, a page from a moment on, all of one moment.

A page from a moment on needs no number, so nothing is skipped when the list shifts under it. It is checked
to be what was asked for: a filter or an order that Paperless does not know is ignored there, and the page
would then begin anywhere.
"""

from datetime import datetime

from reconciled.errors import BadResponse
from reconciled.http import Params, Response
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Document, Documents

_DOCUMENTS = "/api/documents/"
_MOST = 100_000


async def newest(connection: Connection) -> Document | None:
    """The one that was changed last; None when there is none that we may see."""
    params: Params = {"page_size": 1, "ordering": "-modified,-id", "fields": "id,modified,added"}
    answer = await connection.ask(_DOCUMENTS, params=params, newest=True)
    found = await connection.decode(Documents, answer)
    if bool(found.count) != bool(found.results):
        raise BadResponse(f"{answer.where}: {found.count} documents, and {len(found.results)} on the page")
    return found.results[0] if found.results else None


async def page_since(
    connection: Connection, since: datetime | None, size: int, *, fields: str
) -> tuple[list[Document], int]:
    """The first documents that were changed at that moment or later, oldest first; and how many there are.

    `since` None: of all. `fields` has to name `modified`.
    """
    params: Params = {
        "modified__gte": None if since is None else since.isoformat(),
        "ordering": "modified,id",
        "fields": fields,
        "page_size": size,
    }
    answer = await connection.ask(_DOCUMENTS, params=params, newest=True)
    found = await connection.decode(Documents, answer)
    _check(answer, found, since)
    if len(found.results) != min(found.count, size):
        raise BadResponse(
            f"{answer.where}: {found.count} documents, and a page of {len(found.results)} where {size} fit"
        )
    return found.results, found.count


async def numbers_of(connection: Connection, moment: datetime) -> frozenset[int]:
    """The numbers of all that were changed at this very moment, from one answer."""
    params: Params = {
        "modified__gte": moment.isoformat(),
        "modified__lte": moment.isoformat(),
        "ordering": "id",
        "fields": "id",
        "page_size": 1 if connection.lists_all else _MOST,
    }
    answer = await connection.ask(_DOCUMENTS, params=params)
    found = await connection.decode(Documents, answer)
    ids = frozenset(one.id for one in found.results) if found.all is None else frozenset(found.all)
    if len(ids) != found.count:
        raise BadResponse(f"{answer.where}: {found.count} documents, but {len(ids)} ids")
    return ids


def _check(answer: Response, found: Documents, since: datetime | None) -> None:
    before = since
    for one in found.results:
        if one.modified is None:
            raise BadResponse(f"{answer.where}: document {one.id} does not say when it was changed")
        if before is not None and one.modified < before:
            said = "modified__gte" if since is not None and one.modified < since else "the order by modified"
            raise BadResponse(f"{answer.where}: asked for changes, got others: is {said} ignored?")
        if one.root_document is not None or one.deleted_at is not None:
            raise BadResponse(f"{answer.where}: {one.id} is no document of its own, or lies in the trash")
        before = one.modified
    if len({one.id for one in found.results}) != len(found.results):
        raise BadResponse(f"{answer.where}: a page that has a document twice")
