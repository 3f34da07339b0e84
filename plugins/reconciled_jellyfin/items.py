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

KINDS = {"Movie": "movie", "Series": "series", "Season": "season"}
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
        return Ref.of(space, text) if _IMDB.fullmatch(text) else None
    return Ref.of(space, int(text)) if _NUMBER.fullmatch(text) else None


def item_of(
    record: Record,
    libraries: Iterable[Library],
    shows: Mapping[str, Record] | None = None,
    *,
    missing: bool = False,
) -> Item:
    """The record as an item. Its type must be one of `KINDS`, its id a good one.

    It has a file because it stands for one; only a virtual film is there without, and a season that
    is `missing`. (The LocationType of a series or season is made up from its path and says nothing.)
    The root is the library location that lies closest above its path. Asked for them, Jellyfin gives
    an item's tags even when it has none; without that list they are unreadable, and the item has no
    `tags` either. `shows` are the series of seasons, by id.
    """
    kind = KINDS[record.type]
    show = (shows or {}).get(plain_id(record.series_id or "") or "") if kind == "season" else None
    place = record.path or (show.path if show is not None else None)
    places = {location: library.name for library in libraries for location in library.locations}
    location = deepest(places, place) if place else None
    attrs = _attrs(record, show, kind)
    if location is not None:
        attrs["library"] = places[location]
    key = Key(kind, plain_id(record.id) or record.id)
    claimed = season_claims(record, show) if kind == "season" else claims(kind, record.provider_ids or {})
    return Item(
        key=key,
        title=_title(record) or record.path or str(key),
        refs=claimed | refs(Ref.of("path", record.path)),
        attrs=attrs,
        has_file=not (missing or (kind == "movie" and record.location_type == "Virtual")),
        path=record.path,
        root=plain(location) if location is not None else None,
        parent=Key("series", series)
        if kind == "season" and (series := plain_id(record.series_id or ""))
        else None,
    )


def season_claims(record: Record, show: Record | None) -> frozenset[Ref]:
    """What a season claims: its series' claims with its number. Specials claim nothing."""
    if show is None or not record.index_number or record.index_number < 0:
        return frozenset()
    number = f"s{record.index_number:02}"
    return frozenset(
        Ref(ref.space, f"{ref.value}/{number}") for ref in claims("series", show.provider_ids or {})
    )


def _attrs(record: Record, show: Record | None, kind: str) -> dict[str, Json]:
    """What is kept beside identity. What a series is tagged with counts for its seasons too."""
    attrs: dict[str, Json] = {}
    if record.production_year:
        attrs["year"] = record.production_year
    tagged = [record.tags] if kind != "season" else [record.tags, show.tags if show is not None else None]
    if None not in tagged:
        attrs["tags"] = [*sorted({tag for tags in tagged for tag in tags or ()})]
    if kind == "season" and record.index_number is not None:
        attrs["season"] = record.index_number
    return attrs


def _title(record: Record) -> str | None:
    if record.type == "Season" and record.series_name:
        return f"{record.series_name}, {record.name or 'a season'}"
    return record.name
