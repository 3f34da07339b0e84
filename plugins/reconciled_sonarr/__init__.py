"""Sonarr as a source: its series, each with the number of files it has. Written against Sonarr 4.0 and 5.

Nothing below the series is an item here: a lost episode shows as a smaller count. `/api/v3` serves
both versions; only what tells an empty root from a full one needs Sonarr 5's own `/api/v5`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from reconciled.hookspecs import hookimpl
from reconciled.model import Item, Json, Key, Ref, refs
from reconciled.source import Source
from reconciled_servarr import Servarr, Words
from reconciled_servarr.items import attrs_of, claimed
from reconciled_servarr.paths import plain
from reconciled_servarr.payloads import Camel


class Statistics(Camel, frozen=True):
    """What a series has on disk."""

    episode_file_count: int | None = None
    size_on_disk: int | None = None


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


class Sonarr(Servarr[Series]):
    """One Sonarr."""

    app: ClassVar[str] = "sonarr"
    kinds: ClassVar[tuple[str, ...]] = ("series",)
    title: ClassVar[str] = "Sonarr"
    resource: ClassVar[str] = "series"
    ids_field: ClassVar[str] = "seriesIds"
    exclusion: ClassVar[str] = "addImportListExclusion"
    newer_api: ClassVar[tuple[int, str]] = (5, "/api/v5")  # only there stands whether a root is empty
    found_by: ClassVar[tuple[str, str]] = ("tvdb:series", "tvdbId")
    words: ClassVar[Words] = Words(
        app="Sonarr",
        noun="series",
        spaces=(("tvdbId", "tvdb:series"), ("tmdbId", "tmdb:tv"), ("imdbId", "imdb")),
        added="SeriesAdd",
        deleted="SeriesDelete",
        file_deleted="EpisodeFileDelete",
        file_is_item=False,
        others=("movie",),
    )
    record = Series

    def item(self, record: Series, labels: Sequence[str] | None) -> Item:
        """A series with its file count.

        Sonarr 4.0 leaves the statistics out of its list for a series without episodes. That is
        no word about files (they stay on disk when their episodes leave the database), and a
        list that lacks them for any other reason looks the same: unknown, not no.
        """
        statistics = record.statistics or Statistics()
        files = statistics.episode_file_count
        attrs: dict[str, Json] = attrs_of(record.year, record.monitored, labels, record.added)
        if files is not None:
            attrs["files"] = files
        if statistics.size_on_disk:
            attrs["size"] = statistics.size_on_disk
        return Item(
            key=Key("series", str(record.id)),
            title=record.title or f"series {record.id}",
            refs=refs(
                claimed("tvdb:series", record.tvdb_id),
                claimed("tmdb:tv", record.tmdb_id),
                claimed("imdb", record.imdb_id),
                Ref.of("path", record.path),
            ),
            attrs=attrs,
            has_file=None if files is None else files > 0,
            path=record.path,
            root=plain(record.root_folder_path) if record.root_folder_path else None,
        )


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Sonarr."""
    return [Sonarr]
