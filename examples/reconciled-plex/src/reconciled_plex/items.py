"""How a record of Plex becomes an item.

Today's agents give ids as a list (`tmdb://603`), the older ones one in the item's own guid
(`com.plexapp.agents.imdb://tt0133093?lang=en`).

A film or series that Plex calls unavailable is still there, and of its files nothing is known: Plex
looked, and a disk may merely have been away. It is gone when Plex forgets it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from reconciled.model import Item, Json, Key, Ref, refs

from reconciled_plex.payloads import Record, Section

KINDS = {"movie": "movie", "show": "series"}
"""Plex's types and the kinds they are here."""
TYPES = {"movie": 1, "series": 2}
"""Our kinds and the numbers that Plex has for them."""
_SPACES = {
    "movie": {"imdb": "imdb", "tmdb": "tmdb:movie", "tvdb": "tvdb:movie"},
    "series": {"imdb": "imdb", "tmdb": "tmdb:tv", "tvdb": "tvdb:series"},
}
_LEGACY = {"imdb": "imdb", "themoviedb": "tmdb", "thetvdb": "tvdb"}
_GUID = re.compile(r"(?:com\.plexapp\.agents\.)?(\w+)://([^/?]+)(?:\?.*)?")
_IMDB = re.compile(r"tt\d+", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def item_of(record: Record, sections: Iterable[Section]) -> Item:
    """The record as an item. Its type must be one of `KINDS`."""
    kind = KINDS[record.type]
    files = [part.file for media in record.media for part in media.parts if part.file]
    path = files[0] if files else None
    section = next((one for one in sections if one.key == str(record.section)), None)
    attrs: dict[str, Json] = {}
    if record.year:
        attrs["year"] = record.year
    if record.added_at:
        attrs["added"] = _moment(record.added_at)
    if record.deleted_at:
        attrs["unavailable_since"] = _moment(record.deleted_at)
    if section is not None:
        attrs["library"] = section.title
    return Item(
        key=Key(kind, record.rating_key),
        title=record.title or path or f"{kind} {record.rating_key}",
        refs=claimed(kind, record) | refs(*(Ref.of("path", file) for file in files)),
        attrs=attrs,
        has_file=None if record.deleted_at else True,
        path=path,
        root=None if section is None else _root(section, path),
    )


def claimed(kind: str, record: Record) -> frozenset[Ref]:
    """The ids that others know it by."""
    named = [guid.id for guid in record.guids] + ([record.guid] if record.guid else [])
    return refs(*(_ref(kind, one) for one in named))


def _ref(kind: str, guid: str) -> Ref | None:
    if (found := _GUID.fullmatch(guid)) is None:
        return None
    name, value = found.groups()
    space = _SPACES[kind].get(_LEGACY.get(name, name))
    if space is None:
        return None
    if space == "imdb":
        return Ref(space, value) if _IMDB.fullmatch(value) else None
    return Ref.of(space, int(value)) if _NUMBER.fullmatch(value) else None


def _root(section: Section, path: str | None) -> str | None:
    """The folder of the library above the path. A series shows no path; of one folder it must be that."""
    folders = [location.path for location in section.locations]
    if path is None:
        return folders[0] if len(folders) == 1 else None
    return max((one for one in folders if _holds(one, path)), key=len, default=None)


def _holds(folder: str, path: str) -> bool:
    """Whether the path lies below the folder: /media holds /media/films but not /media2."""
    inside = folder.rstrip("/\\")
    return path.startswith((f"{inside}/", f"{inside}\\"))


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
