"""A record of Sonarr as items: a series, and its seasons with the numbers of files that Sonarr counts.

A season has no id, no refs and no folder of its own in Sonarr. It is named by its series and its
number, it claims what its series claims with the number, and it lies where its series lies. The
specials (season 0) claim nothing: what is special differs from place to place. Sonarr 4.0 and 5.
"""

import re
from collections.abc import Iterator, Sequence

from reconciled.errors import Unsupported
from reconciled.model import Item, Json, Key, Ref, refs
from reconciled_servarr.items import attrs_of, claimed
from reconciled_servarr.paths import plain
from reconciled_servarr.payloads import Camel

_SEASON = re.compile(r"(\d+)/(\d+)", re.ASCII)


class Statistics(Camel, frozen=True):
    """What a series or a season has on disk."""

    episode_file_count: int | None = None
    size_on_disk: int | None = None


class Season(Camel, frozen=True):
    """A season of a series. Without episodes it has no statistics."""

    season_number: int
    monitored: bool | None = None
    statistics: Statistics | None = None


class Series(Camel, frozen=True):
    """A series. `tmdb_id` is 0 when unknown; the tvdb id never is."""

    id: int
    tvdb_id: int
    title: str | None = None
    tmdb_id: int | None = None
    imdb_id: str | None = None
    path: str | None = None
    root_folder_path: str | None = None
    statistics: Statistics | None = None
    monitored: bool | None = None
    tags: tuple[int, ...] | None = None
    year: int | None = None
    added: str | None = None
    seasons: tuple[Season, ...] | None = None


def series_item(record: Series, labels: Sequence[str] | None) -> Item:
    """A series with its file count.

    Sonarr 4.0 leaves the statistics out of its list for a series without episodes. That is
    no word about files (they stay on disk when their episodes leave the database), and a
    list that lacks them for any other reason looks the same: unknown, not no.
    """
    attrs: dict[str, Json] = attrs_of(record.year, record.monitored, labels, record.added)
    return Item(
        key=Key("series", str(record.id)),
        title=_title(record),
        refs=_claims(record) | refs(Ref.of("path", record.path)),
        attrs=attrs | _counted(record.statistics),
        has_file=_has_file(record.statistics),
        path=record.path,
        root=_root(record),
    )


def season_items(record: Series, labels: Sequence[str] | None) -> Iterator[Item]:
    """The seasons of a series, each once. Its tags are theirs: there are no others."""
    claims = _claims(record)
    for number, season in {season.season_number: season for season in record.seasons or ()}.items():
        attrs: dict[str, Json] = {"season": number, **attrs_of(None, season.monitored, labels, None)}
        yield Item(
            key=Key("season", f"{record.id}/{number}"),
            title=season_title(_title(record), number),
            refs=frozenset(Ref(ref.space, f"{ref.value}/s{number:02}") for ref in claims if number),
            attrs=attrs | _counted(season.statistics),
            has_file=_has_file(season.statistics),
            root=_root(record),
            parent=Key("series", str(record.id)),
        )


def season_title(series: str, number: int) -> str:
    """What people read."""
    return f"{series}, season {number}" if number else f"{series}, specials"


def season_of(key: Key) -> tuple[int, int]:
    """The number of a season's series, and its own. Unsupported when the key says neither."""
    found = _SEASON.fullmatch(key.id)
    if found is None or key.id != f"{int(found[1])}/{int(found[2])}":
        raise Unsupported(f"{key.id!r} is no season of Sonarr; one looks like 5/2")
    return int(found[1]), int(found[2])


def counts_more_than_it_lists(record: Series) -> bool:
    """Whether the series has files in none of the seasons that its record lists."""
    listed = sum(_files(season.statistics) for season in record.seasons or ())
    return _files(record.statistics) > listed


def _files(statistics: Statistics | None) -> int:
    return (statistics.episode_file_count if statistics is not None else None) or 0


def _claims(record: Series) -> frozenset[Ref]:
    return refs(
        claimed("tvdb:series", record.tvdb_id),
        claimed("tmdb:tv", record.tmdb_id),
        claimed("imdb", record.imdb_id),
    )


def _title(record: Series) -> str:
    return record.title or f"series {record.id}"


def _root(record: Series) -> str | None:
    return plain(record.root_folder_path) if record.root_folder_path else None


def _has_file(statistics: Statistics | None) -> bool | None:
    files = statistics.episode_file_count if statistics is not None else None
    return None if files is None else files > 0


def _counted(statistics: Statistics | None) -> dict[str, Json]:
    counted: dict[str, Json] = {}
    if statistics is not None and statistics.episode_file_count is not None:
        counted["files"] = statistics.episode_file_count
    if statistics is not None and statistics.size_on_disk:
        counted["size"] = statistics.size_on_disk
    return counted
