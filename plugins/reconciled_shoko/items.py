"""How Shoko's records become items: a series, its seasons, and a file.

**A series** is an entry of AniDB, which is often one season of a show elsewhere. Only its AniDB id
is its own; of the other spaces it claims those in which it has one id, and neither TMDB's films nor
its shows when it has both. It has a file as long as an episode has (it is listed when none has).

**Seasons** are counted from the series' own sizes: its episodes are season 1, its specials season 0.
That number means something in AniDB only: what is season 1 there may be the third one of the show
in TMDB, so a season claims its AniDB entry's and nothing else.

**A file** is its content, by ED2K and size; it stands for its file, wherever that lies. It has no
parent: a deleted series leaves its files behind.
"""

from collections.abc import Collection, Iterator
from typing import TypeVar

from reconciled.model import Item, Json, Key, Ref, refs
from reconciled_shoko.paths import join, name_of
from reconciled_shoko.payloads import File, Location, Series
from reconciled_shoko.roots import Roots

T = TypeVar("T")

SPECIALS, EPISODES = 0, 1


def series_item(record: Series, roots: Roots) -> Item:
    """A series."""
    ids = record.ids
    films, shows = (ids.tmdb.movie, ids.tmdb.show) if ids.tmdb else ((), ())
    return Item(
        key=Key("series", str(ids.id)),
        title=_title(record),
        refs=refs(
            Ref.of("anidb", ids.anidb),
            Ref.of("tmdb:tv", _one(shows) if not films else None),
            Ref.of("tmdb:movie", _one(films) if not shows else None),
            Ref.of("tvdb:series", _one(ids.tvdb or ())),
            Ref.of("imdb", _one(ids.imdb or ())),
        ),
        attrs={"files": record.size, "episodes": record.sizes.total.all},
        has_file=record.size > 0 or record.sizes.local.all > 0,
        root=roots.whole,
    )


def season_items(record: Series, roots: Roots) -> Iterator[Item]:
    """The seasons that there are: those with an episode, here or not."""
    local, total, anidb = record.sizes.local, record.sizes.total, Ref.of("anidb", record.ids.anidb)
    for number, here, there in (
        (EPISODES, local.episodes, total.episodes),
        (SPECIALS, local.specials, total.specials),
    ):
        if not (here or there):
            continue
        claims = Ref(anidb.space, f"{anidb.value}/s{number:02}") if anidb and number else None
        yield Item(
            key=season_key(record.ids.id, number),
            title=f"{_title(record)}, {f'season {number}' if number else 'specials'}",
            refs=refs(claims),
            attrs={"season": number, "files": here, "episodes": there},
            has_file=here > 0,
            root=roots.whole,
            parent=Key("series", str(record.ids.id)),
        )


def file_item(record: File, roots: Roots, *, has_file: bool | None) -> Item:
    """A file. `has_file` is said by whoever knows when it was looked at."""
    place = _place(record, roots)
    path = _path(place, roots)
    hash_ = record.ed2k
    series = sorted({one.series.id for one in record.series or () if one.series and one.series.id})
    attrs: dict[str, Json] = {"size": record.size, "series": [*series], "ignored": record.is_ignored}
    return Item(
        key=Key("file", str(record.id)),
        title=name_of(path) if path else f"file {record.id}",
        refs=refs(
            Ref.of("ed2k", f"{hash_}-{record.size}" if hash_ and record.size else None),
            *(Ref.of("path", _path(location, roots)) for location in record.locations),
        ),
        attrs=attrs,
        has_file=has_file,
        path=path,
        root=(roots.of(place.folder) if place else None) or roots.whole,
    )


def season_key(series: int, number: int) -> Key:
    """The key of a season: the id of its series, and its number."""
    return Key("season", f"{series}/{number}")


def _title(record: Series) -> str:
    return (record.name or "").strip() or f"series {record.ids.id}"


def _one(values: Collection[T]) -> T | None:
    """The value, if it is the only one."""
    return next(iter(values)) if len({*values}) == 1 else None


def _place(record: File, roots: Roots) -> Location | None:
    """The place that stands for the file: one where it can be read; else one whose folder is not well.

    So a file that could lie below a folder that is away is judged by that folder.
    """
    ranked = sorted(record.locations, key=lambda one: (not one.is_accessible, roots.well(one.folder), one.id))
    return next(iter(ranked), None)


def _path(place: Location | None, roots: Roots) -> str | None:
    if place is None:
        return None
    folder = roots.of(place.folder)
    if place.absolute_path:
        return place.absolute_path
    return join(folder, place.relative_path) if folder and place.relative_path else place.relative_path
