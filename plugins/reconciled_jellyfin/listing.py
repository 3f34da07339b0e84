"""Walking all items of a library, page by page, knowing that pages shift under a reader.

The parameters are not ours to choose: no userId (with one, copies collapse into one item),
`collapseBoxSetItems=false` (else films vanish into their collection), no virtual items, and the
end is a page shorter than the limit, since without counting the total is that of the page.

Sorted by DateCreated, then SortName: Jellyfin cannot sort by id, and titles alone tie wherever a
film is there twice (HD and 4K), in any order from page to page. Two items made in the same 100 ns
that also have the same name are the fewest ties the enum allows; and with the date first a new
item comes in behind the reader's back only if its file is old.
"""

from collections.abc import AsyncIterator

from reconciled.errors import BadResponse
from reconciled.http import Client, Params
from reconciled_jellyfin.client import read_items
from reconciled_jellyfin.payloads import Library, Record

LIMIT = 2000

_FIELDS: Params = {"enableImages": False, "enableUserData": False, "fields": "ProviderIds,Path,Tags"}
_LISTING: Params = {
    "recursive": True,
    "collapseBoxSetItems": False,
    "excludeLocationTypes": "Virtual",
    "enableTotalRecordCount": False,
    "sortBy": "DateCreated,SortName",
    **_FIELDS,
}


async def walk(
    client: Client, library: Library, type_: str, *, instance: str | None, limit: int = LIMIT
) -> AsyncIterator[list[Record]]:
    """The pages of one type in one library. BadResponse when they cannot be a walk through all."""
    if not library.item_id:
        raise BadResponse(f"Jellyfin: the library {library.name!r} has no id; is it still being made?")
    start, seen = 0, set[str]()
    while True:
        params = {
            **_LISTING,
            "includeItemTypes": type_,
            "parentId": library.item_id,
            "startIndex": start,
            "limit": limit,
        }
        page = await read_items(client, params, types=(type_,), instance=instance)
        where = f"Jellyfin: the {type_} list of {library.name!r} from {start} on"
        if page.start_index != start or len(page.items) > limit:
            raise BadResponse(f"{where} came as {len(page.items)} from {page.start_index} on")
        known = len(seen)
        seen.update(record.id for record in page.items)
        if len(page.items) == limit and len(seen) == known:
            raise BadResponse(f"{where} is what came before once more; does a proxy keep answers?")
        yield page.items
        if len(page.items) < limit:
            if page.total_record_count > start + len(page.items):
                raise BadResponse(f"{where} ends early: there should be {page.total_record_count}")
            return
        start += limit


def asked_about(ids: list[str]) -> Params:
    """The parameters that ask about these items, at least one: without any Jellyfin lists its root."""
    if not ids:
        raise ValueError("no ids: that would ask for something else")
    return {"ids": ",".join(ids), **_FIELDS}
