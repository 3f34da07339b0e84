"""How a record of Jellyfin becomes an item, and how ids and provider ids are written.

Ids are 32 hex digits; the API writes them without dashes, templates of the webhook plugin with.
Provider ids are spelled by each metadata provider as it likes (`Tmdb`, `tmdb`, `AniDB`), and
stand beside others that name something else (`TmdbCollection`), so whole names are compared.
"""

import re
from collections.abc import Iterable, Mapping

from reconciled.model import Item, Json, Key, Ref, refs
from reconciled_jellyfin.paths import deepest, plain
from reconciled_jellyfin.payloads import Library, Record

KINDS = {"Movie": "movie", "Series": "series"}
"""Jellyfin's types and the kinds they are here."""

TYPES = {kind: type_ for type_, kind in KINDS.items()}

_SPACES = {
    "movie": {"tmdb": "tmdb:movie", "tvdb": "tvdb:movie", "imdb": "imdb", "anidb": "anidb"},
    "series": {"tmdb": "tmdb:tv", "tvdb": "tvdb:series", "imdb": "imdb", "anidb": "anidb"},
}
_ID = re.compile(r"[0-9a-f]{32}")
_IMDB = re.compile(r"tt\d+")
_NUMBER = re.compile(r"\d+", re.ASCII)


def plain_id(text: str) -> str | None:
    """The id as the API writes it, or None when it is none."""
    written = text.replace("-", "").strip().lower()
    return written if _ID.fullmatch(written) else None


def claims(kind: str, provider_ids: Mapping[str, str | None]) -> frozenset[Ref]:
    """The refs among an item's provider ids."""
    spaces = _SPACES[kind]
    return refs(
        *(
            _ref(spaces[name.lower()], value)
            for name, value in provider_ids.items()
            if value and name.lower() in spaces
        )
    )


def _ref(space: str, value: str) -> Ref | None:
    text = value.strip().lower()
    if space == "imdb":
        return Ref(space, text) if _IMDB.fullmatch(text) else None
    return Ref.of(space, int(text)) if _NUMBER.fullmatch(text) else None


def item_of(record: Record, libraries: Iterable[Library]) -> Item:
    """The record as an item. Its type must be one of `KINDS`, its id a good one.

    It has a file because it stands for one; only a virtual film is there without. (A series'
    LocationType is made up from its path and says nothing.) The root is the library location
    that lies closest above its path. Asked for them, Jellyfin gives an item's tags even when it
    has none; without that list they are unreadable, and the item has no `tags` either.
    """
    kind = KINDS[record.type]
    places = {location: library.name for library in libraries for location in library.locations}
    location = deepest(places, record.path) if record.path else None
    attrs: dict[str, Json] = {}
    if record.production_year:
        attrs["year"] = record.production_year
    if location is not None:
        attrs["library"] = places[location]
    if record.tags is not None:
        attrs["tags"] = [*sorted(set(record.tags))]
    key = Key(kind, plain_id(record.id) or record.id)
    return Item(
        key=key,
        title=record.name or record.path or str(key),
        refs=claims(kind, record.provider_ids or {}) | refs(Ref.of("path", record.path)),
        attrs=attrs,
        has_file=not (kind == "movie" and record.location_type == "Virtual"),
        path=record.path,
        root=plain(location) if location is not None else None,
    )
