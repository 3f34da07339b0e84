"""Plex's libraries, and walking through one, page by page."""

from collections.abc import AsyncIterator, Sequence

from reconciled.errors import BadResponse, Unsupported

from reconciled_plex.connection import Connection
from reconciled_plex.items import KINDS, TYPES
from reconciled_plex.payloads import Record, Records, Section, Sections

PAGE = 250


async def read_sections(connection: Connection, names: Sequence[str] | None) -> tuple[Section, ...]:
    """The libraries of films and series in scope. Unsupported when the config names one that is not there."""
    found = (await connection.read(Sections, "/library/sections")).directory
    there = {section.title for section in found}
    if unknown := [name for name in names or () if name not in there]:
        raise Unsupported(
            f"Plex has no library {', '.join(map(repr, unknown))}; "
            f"it has {', '.join(map(repr, sorted(there))) or 'none at all'}"
        )
    return tuple(
        section for section in found if section.type in KINDS and (names is None or section.title in names)
    )


async def walk(connection: Connection, section: Section) -> AsyncIterator[list[Record]]:
    """The items of a library. BadResponse when a page is not the one that was asked for, or is cut short.

    The oldest come first, so that what is added meanwhile comes at the end. What is deleted
    meanwhile moves the rest up, so that some may be missed: a listing names suspects, no more.
    """
    start = 0
    while True:
        page = await connection.read(
            Records,
            f"/library/sections/{section.key}/all",
            params={
                "type": TYPES[KINDS[section.type]],
                "includeGuids": 1,
                "sort": "addedAt:asc",
                "X-Plex-Container-Start": start,
                "X-Plex-Container-Size": PAGE,
            },
        )
        total = page.total_size
        if total is None or page.offset != start or len(page.metadata) != max(0, min(PAGE, total - start)):
            raise BadResponse(
                f"{connection.config.url}: {len(page.metadata)} items of {total} in {section.title!r} from "
                f"{page.offset} on, which is not the page from {start} on that was asked for"
            )
        yield [_in_section(record, section) for record in page.metadata]
        start += PAGE
        if start >= total:
            return


def _in_section(record: Record, section: Section) -> Record:
    """A listing names the library once for all, an item by itself names its own."""
    if KINDS.get(record.type) != KINDS[section.type]:
        raise BadResponse(
            f"Plex lists a {record.type} in {section.title!r}, a library of type {section.type}"
        )
    return Record(
        record.rating_key, record.type, record.title, record.guid, record.year, record.added_at,
        record.deleted_at, section.key, record.guids, record.media,
    )  # fmt: skip
