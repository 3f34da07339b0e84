"""Lists of duplicates as files: a row for each member as CSV, or the groups as the API tells them as JSON.

What is filtered for on the page is what is exported, all of it, a page at a time: it may be thousands.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import msgspec
from aiohttp import ClientConnectionError, web

from reconciled.web.calls import decode_query
from reconciled.web.duplicates import Group, Wanted, read_groups
from reconciled.web.house import House, house_of
from reconciled.web.pages_duplicates_query import ListQuery
from reconciled.web.sheets import as_row

AT_ONCE = 50
_COLUMNS = (
    "item", "source", "kind", "id", "title", "created", "correspondent", "document_type", "file_name",
    "pages",
    "size", "words", "asn", "primary", "confidence", "same", "label", "label_state", "said",
)  # fmt: skip


async def export_csv(request: web.Request) -> web.StreamResponse:
    """`/duplicates/export.csv`: a row for each member of the groups that are filtered for."""
    head = [*("group", "band", "state", "group_confidence"), *_COLUMNS, "tags", "differing"]
    return await _export(request, "csv", "text/csv; charset=utf-8", as_row(head), _rows, "", "")


async def export_json(request: web.Request) -> web.StreamResponse:
    """`/duplicates/export.json`: the same groups as the API tells them."""
    return await _export(
        request, "json", "application/json", '{"items": [', lambda one: msgspec.json.encode(one).decode(),
        ",\n", "]}\n",
    )  # fmt: skip


async def _export(
    request: web.Request,
    name: str,
    content_type: str,
    head: str,
    say: Callable[[Group], str],
    between: str,
    end: str,
) -> web.StreamResponse:
    house, query = house_of(request), decode_query(request, ListQuery, blank=True)
    response = web.StreamResponse(
        headers={
            "Content-Type": content_type,
            "Content-Disposition": f'attachment; filename="duplicates.{name}"',
        }
    )
    if request.method == "HEAD":
        return response
    groups = _all(house, query.wanted())
    first: list[Group] = await anext(groups, [])  # what speaks against it is said before anything is sent
    try:
        await response.prepare(request)
        said = between.join(map(say, first))
        await response.write((head + said).encode())
        async for more in groups:
            await response.write((between + between.join(map(say, more))).encode())
        await response.write(end.encode())
        await response.write_eof()
    except (ConnectionResetError, ClientConnectionError):
        await groups.aclose()
    return response


async def _all(house: House, wanted: Wanted) -> AsyncGenerator[list[Group], None]:
    """All groups, a page at a time."""
    wanted = replace(wanted, limit=AT_ONCE)
    while True:
        found = await read_groups(house, wanted, members=2**31)
        if found.items:
            yield found.items
        if found.next is None:
            return
        wanted = replace(wanted, cursor=found.next)


def _rows(group: Group) -> str:
    return "".join(
        as_row(
            [
                *(group.id, group.band, group.state, group.confidence),
                *(getattr(one, name) for name in _COLUMNS),
                ", ".join(one.tags), "; ".join(one.differing),
            ]
        )
        for one in group.members
    )  # fmt: skip
