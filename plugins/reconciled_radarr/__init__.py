"""Radarr as a source: its movies, each with the file it has or lacks. Written against Radarr 6.1.

`title` is translated into the language of Radarr's own pages, `originalTitle` is stable: the first
is shown, the second kept beside it, and nothing is ever matched by either.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from reconciled.hookspecs import hookimpl
from reconciled.http import Params
from reconciled.model import Item, Json, Key, Ref, refs
from reconciled.source import Source
from reconciled_servarr import FileRecord, Servarr, Words
from reconciled_servarr.images import Image
from reconciled_servarr.items import attrs_of, claimed
from reconciled_servarr.paths import plain
from reconciled_servarr.payloads import Camel


class Movie(Camel, frozen=True):
    """A movie. `has_file` is missing when Radarr does not know, which is not no."""

    id: int
    tmdb_id: int
    title: str | None = None
    original_title: str | None = None
    imdb_id: str | None = None
    path: str | None = None
    root_folder_path: str | None = None
    has_file: bool | None = None
    movie_file: FileRecord | None = None
    monitored: bool | None = None
    tags: tuple[int, ...] | None = None
    year: int | None = None
    added: str | None = None


class Radarr(Servarr[Movie]):
    """One Radarr."""

    app: ClassVar[str] = "radarr"
    kinds: ClassVar[tuple[str, ...]] = ("movie",)
    title: ClassVar[str] = "Radarr"
    resource: ClassVar[str] = "movie"
    ids_field: ClassVar[str] = "movieIds"
    exclusion: ClassVar[str] = "addImportExclusion"
    outer: ClassVar[str] = "tmdbId"
    exclusions: ClassVar[str] = "exclusions"
    listing: ClassVar[Params] = {"excludeLocalCovers": True}  # else it looks at every cover on disk
    remembers: ClassVar[Mapping[str, str]] = {"includeMovie": "false"}
    found_by: ClassVar[tuple[str, str]] = ("tmdb:movie", "tmdbId")
    words: ClassVar[Words] = Words(
        app="Radarr",
        noun="movie",
        spaces=(("tmdbId", "tmdb:movie"), ("imdbId", "imdb")),
        added="MovieAdded",
        deleted="MovieDelete",
        file_deleted="MovieFileDelete",
        file_is_item=True,
        others=("series",),
    )
    record = Movie

    def anew(self, image: Image) -> dict[str, Any]:
        """How long to wait for it, and no search; nor is the collection that it is of looked for."""
        return {
            "minimumAvailability": image.record.get("minimumAvailability") or "released",
            "addOptions": {"monitor": "movieOnly", "searchForMovie": False},
        }

    def item(self, record: Movie, labels: Sequence[str] | None) -> Item:
        """A movie; its place is its file, or its folder while it has none."""
        file = record.movie_file or FileRecord()
        path = file.path or record.path
        attrs: dict[str, Json] = attrs_of(record.year, record.monitored, labels, record.added)
        if file.size:
            attrs["size"] = file.size
        if record.original_title:
            attrs["original_title"] = record.original_title
        return Item(
            key=Key("movie", str(record.id)),
            title=record.title or record.original_title or f"movie {record.id}",
            refs=refs(
                claimed("tmdb:movie", record.tmdb_id), claimed("imdb", record.imdb_id), Ref.of("path", path)
            ),
            attrs=attrs,
            has_file=record.has_file,
            path=path,
            root=plain(record.root_folder_path) if record.root_folder_path else None,
        )


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Radarr."""
    return [Radarr]
