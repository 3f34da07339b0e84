"""How Shoko's records become items: a series, its seasons, and a file.

**A series** is an entry of AniDB, which is often one season of a show elsewhere: the end of that
season is not the end of the show. So it claims its AniDB id, and never a show's id of TMDB or TVDB
(they stand in its attributes). The one film that it is in TMDB it claims, with the IMDb id that
comes from there. It has a file as long as an episode has (it is listed when none has).

**Seasons** are counted from the series' own sizes: its episodes are season 1, its specials season 0.
That number means something in AniDB only: what is season 1 there may be the third one of the show
in TMDB, so a season claims its AniDB entry's and nothing else. An episode that somebody hid, or
whose kind Shoko does not know (yet), is counted as of none: then a count of nothing says nothing.

**A file** is its content, by ED2K and size; it stands for its file, wherever that lies. It has no
parent: a deleted series leaves its files behind.
"""

from collections.abc import Collection, Iterator
from typing import TypeVar

from reconciled.errors import BadResponse
from reconciled.model import Absent, Answer, Item, Json, Key, Ref, refs
from reconciled_shoko.paths import join, name_of
from reconciled_shoko.payloads import File, Location, Series, SeriesSizes
from reconciled_shoko.roots import Roots

T = TypeVar("T")

SPECIALS, EPISODES = 0, 1


def series_item(record: Series, roots: Roots) -> Item:
    """A series."""
    ids = record.ids
    films, shows = ({*ids.tmdb.movie}, {*ids.tmdb.show}) if ids.tmdb else (set[int](), set[int]())
    film = _one(films) if not shows else None
    attrs: dict[str, Json] = {"files": record.size, "episodes": record.sizes.total.all}
    if shows:
        attrs["shows"] = [f"tmdb:tv/{show}" for show in sorted(shows)]
    return Item(
        key=Key("series", str(ids.id)),
        title=_title(record),
        refs=refs(
            Ref.of("anidb", ids.anidb),
            Ref.of("tmdb:movie", film),
            Ref.of("imdb", _one(ids.imdb or ()) if film else None),
        ),
        attrs=attrs,
        has_file=record.size > 0 or _has_file(record.sizes, record.sizes.local.all),
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
            has_file=_has_file(record.sizes, here),
            root=roots.whole,
            parent=Key("series", str(record.ids.id)),
        )


def season_answer(record: Series, number: int, roots: Roots) -> Answer:
    """One season, or that Shoko counts other episodes of the series and none of it.

    BadResponse when that count is no answer.
    """
    key, what = season_key(record.ids.id, number), "episodes" if number else "specials"
    for item in season_items(record, roots):
        if item.key == key:
            return item
    no, sizes = f"Shoko counts no {what} of series {record.ids.id}", record.sizes
    if sizes.hidden:
        raise BadResponse(f"{no}, but {sizes.hidden} hidden ones of any kind; they may be among those")
    if sizes.total.unknown or not sizes.total.all:
        raise BadResponse(f"{no}, and of the others not of which kind they are; refresh it from AniDB")
    return Absent(no)


def _has_file(sizes: SeriesSizes, here: int) -> bool | None:
    """By how many episodes have one; None when those that are counted as of no kind may have."""
    if here > 0:
        return True
    return None if sizes.hidden or sizes.local.unknown else False


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
