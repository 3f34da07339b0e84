"""What became of documents that Paperless does not list: in the trash, purged, or only hidden from us.

To an account that may not see it, a document looks exactly like a deleted one: left out of every
list, and a 404 with the very same words. What tells them apart are the questions that look at the
document before they look at the rights: `/root/` since 3.0 (200 also from the trash, 403 when
hidden, 404 when purged); on 2.20 `/metadata/` and `/thumb/` (403 when hidden, 404 from the trash
and when purged). Hidden is no fate: nobody knows more about such a document.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TypeAlias

from reconciled.errors import BadResponse
from reconciled.http import Response
from reconciled.model import Absent
from reconciled_paperless.connection import Connection, detail_of
from reconciled_paperless.listing import trashed
from reconciled_paperless.payloads import Document, RootOf


class Hidden(str):
    """A sentence about a document that is there, and that we may not see."""

    __slots__ = ()


Fate: TypeAlias = Absent | str
"""The app's plain no, or a sentence why there is none."""

IN_THE_TRASH = "in the trash"
_ROOTS_SINCE = 3
_NO_SUCH = frozenset({"Not found.", "No Document matches the given query."})
_THERE_AGAIN = "it is not listed, but it is there: was it restored this very moment?"


async def fates(connection: Connection, ids: Collection[int], *, trash_delay: int | None) -> dict[int, Fate]:
    """What became of each; `trash_delay` is how many days the trash keeps things."""
    trash = await trashed(connection, wanted=ids) or {}
    found: dict[int, Fate] = {one: thrown_away(trash[one], trash_delay) for one in ids if one in trash}
    others = [one for one in ids if one not in trash]
    asking = [asyncio.ensure_future(_asked(connection, one)) for one in others]
    try:
        return found | dict(zip(others, await asyncio.gather(*asking), strict=True))
    finally:  # after trouble with one, the others are not asked behind everybody's back
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


def thrown_away(document: Document, trash_delay: int | None) -> Fate:
    """What a document's place in the trash says of it. `trash_delay` is in days."""
    if document.root_document is not None:
        return f"{document.id} is a file of document {document.root_document}, and no document of its own"
    at = document.deleted_at
    return Absent(IN_THE_TRASH, at=at, restorable_until=_kept_until(at, trash_delay))


def _kept_until(at: datetime | None, days: int | None) -> datetime | None:
    """None when nobody says, and for ever: some set a delay of more days than any calendar has."""
    if at is None or days is None:
        return None
    try:
        return at + timedelta(days=days)
    except OverflowError:
        return None


async def _asked(connection: Connection, number: int) -> Fate:
    """One that is neither listed nor in the trash that we see. An odd answer is about this one alone."""
    try:
        if connection.major >= _ROOTS_SINCE:
            return await _by_root(connection, number)
        return await _by_file(connection, number)
    except BadResponse as error:
        return str(error)


async def root_of(connection: Connection, number: int) -> int:
    """The document that a number belongs to: itself, unless it is that of a later file (3.x).

    What cannot be told counts as itself.
    """
    if connection.major < _ROOTS_SINCE:
        return number
    answer = await _look(connection, number, "root")
    if answer.status != 200:
        return number
    return (await connection.decode(RootOf, answer)).root_id


async def _by_root(connection: Connection, number: int) -> Fate:
    answer = await _look(connection, number, "root")
    if answer.status == 403:
        return _hidden(number)
    if answer.status == 404:
        return Absent(f"purged: 404 of {connection.name}")
    root = (await connection.decode(RootOf, answer)).root_id
    if root != number:
        return f"{number} is a file of document {root}, and no document of its own"
    match (await _look(connection, number, "metadata")).status:
        case 404:
            return Absent(IN_THE_TRASH)  # of somebody else, who lets us see it: such are not in our list
        case 403:
            return _hidden(number)
        case _:
            return _THERE_AGAIN


async def _by_file(connection: Connection, number: int) -> Fate:
    for question in ("metadata", "thumb"):
        match (await _look(connection, number, question)).status:
            case 403:
                return _hidden(number)
            case 404:
                continue
            case _:
                return _THERE_AGAIN
    return Absent(f"404 of {connection.name}, and not in the trash")


async def _look(connection: Connection, number: int, question: str) -> Response:
    """200, 403 or a 404 in Paperless' own words; BadResponse for another 404."""
    answer = await connection.ask(f"/api/documents/{number}/{question}/", allow=(403, 404), expect="any")
    if answer.status == 404 and detail_of(answer) not in _NO_SUCH:
        raise connection.error(BadResponse, answer, "but not in the words of Paperless")
    return answer


def _hidden(number: int) -> Hidden:
    return Hidden(
        f"document {number} is hidden from this user: Paperless says 403, so it is there, "
        "but its owner or its permissions changed; let the user of this source view it"
    )
