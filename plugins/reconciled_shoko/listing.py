"""Walking all series or files, page by page, knowing that pages shift under a reader.

Files are asked for with those that Shoko leaves out by itself, the ignored ones and those in its
import limbo: ignoring a file would look like deleting it. 5.3 may not know the limbo and refuse
the word. They come by their id, so that a new one comes last; series come by name, as Shoko likes.
"""

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from reconciled.errors import BadResponse
from reconciled.http import Params
from reconciled_shoko.connection import API, Connection
from reconciled_shoko.payloads import File, Listed, Series

T = TypeVar("T")

SERIES_PAGE = 100
FILES_PAGE = 1000
SHOWN = "XRefs,AbsolutePaths"
"""What a file is asked for beside itself."""
_LEFT_OUT = ("Ignored,ImportLimbo", "Ignored")


def all_series(connection: Connection) -> AsyncIterator[list[Series]]:
    """The pages of all series, those without files too."""
    return _walk(connection, "/Series", Listed[Series], lambda one: one.ids.id, size=SERIES_PAGE, more={})


async def all_files(connection: Connection) -> AsyncIterator[list[File]]:
    """The pages of all files. Shoko looks for each on its disk as it lists it."""
    more = {"include": await _include(connection), "sortOrder": "FileID"}
    async for page in _walk(
        connection, "/File", Listed[File], lambda one: one.id, size=FILES_PAGE, more=more
    ):
        yield page


async def _include(connection: Connection) -> str:
    """The words for what is left out otherwise, as this Shoko knows them."""
    every, few = (f"{SHOWN},{words}" for words in _LEFT_OUT)
    if (await connection.lately()).modern:
        return every
    answer = await connection.client.request(
        "GET", f"{API}/File", params={"include": every, "pageSize": 1, "page": 1}, allow=(400,)
    )
    return few if answer.status == 400 else every


async def _walk(
    connection: Connection,
    path: str,
    kind: type[Listed[T]],
    id_of: Callable[[T], int],
    *,
    size: int,
    more: Params,
) -> AsyncIterator[list[T]]:
    """The pages, each record handed on once. BadResponse when they cannot be a walk through all."""
    number, seen = 1, set[int]()
    while True:
        page = await connection.read(path, kind, params={**more, "pageSize": size, "page": number})
        where = f"Shoko: page {number} of {path}"
        if page.total < 0 or len(page.items) > size:
            raise BadResponse(f"{where} holds {len(page.items)} of {page.total}, asked for {size}")
        fresh = {id_of(one): one for one in page.items if id_of(one) not in seen}
        if len(page.items) == size and not fresh:
            raise BadResponse(f"{where} is what came before once more; does a proxy keep answers?")
        seen.update(fresh)
        yield [*fresh.values()]
        if len(page.items) < size:
            break
        number += 1
    if len(seen) < page.total:
        raise BadResponse(f"{where} is the last, with {len(seen)} in all; there should be {page.total}")
