"""What a Shoko writes: its JSON, as 5.3 and 6.0 write it. PascalCase, nulls included."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from reconciled.testing.fakes.shoko_model import EpisodeKind, File, Folder, Location, Series, ShokoState

_KINDS: tuple[EpisodeKind, ...] = ("Episodes", "Specials", "Credits", "Trailers", "Parodies", "Others")
_WHEN = "2026-01-01T00:00:00Z"


def page(items: Sequence[Any], *, total: int) -> dict[str, Any]:
    """A part of a list."""
    return {"Total": total, "List": [*items]}


def series(one: Series, here: Counter[tuple[int, EpisodeKind]]) -> dict[str, Any]:
    """A series; `here` counts the episodes that have a file."""
    local: dict[str, int] = {"Unknown": 0}
    total: dict[str, int] = {"Unknown": 0}
    for kind in _KINDS:  # what is hidden is counted by itself, and in no kind
        shown = kind not in one.veiled
        local[kind] = here[one.id, kind] if shown else 0
        total[kind] = one.episodes.get(kind, 0) if shown else 0
    missing = {str(kind): max(0, total[kind] - local[kind]) for kind in _KINDS[:2]}
    return {
        "IDs": {
            "ParentGroup": one.id,
            "TopLevelGroup": one.id,
            "AniDB": one.anidb,
            "TvDB": [*one.tvdb],
            "IMDB": [*one.imdb],
            "TMDB": {"Movie": [*one.movies], "Show": [*one.shows]},
            "MAL": [],
            "ID": one.id,
        },
        "HasCustomName": False,
        "Description": "",
        "IsFavorite": False,
        "UserRating": None,
        "Links": [],
        "Sizes": {
            "Hidden": sum(one.episodes.get(kind, 0) for kind in one.veiled),
            "FileSources": {},
            "Local": local,
            "Watched": dict.fromkeys(local, 0),
            "Missing": missing,
            "Total": total,
        },
        "Created": _WHEN,
        "Updated": _WHEN,
        "Name": one.name,
        "Size": sum(local.values()),
    }


def file(one: File, state: ShokoState, *, modern: bool, include: frozenset[str]) -> dict[str, Any]:
    """A file; its places say whether they can be read at this moment."""
    body: dict[str, Any] = {
        "ID": one.id,
        "Size": one.size,
        "IsVariation": False,
        "IsIgnored": one.ignored,
        "Hashes": _hashes(one, modern=modern),
        "Locations": [_location(one, place, state, modern, include) for place in one.locations],
        "AVDump": {"Status": None},
        "Resolution": "1080p",
        "Duration": "00:24:30",
        "ResumePosition": None,
        "Watched": None,
        "Imported": None if one.limbo else _WHEN,
        "Created": _WHEN,
        "Updated": _WHEN,
    }
    if "XRefs" in include:
        body["SeriesIDs"] = _of_series(one, state)
    return body


def folder(one: Folder, state: ShokoState) -> dict[str, Any]:
    """A managed folder, or import folder; its sizes are those of the database."""
    inside = [f for f in state.files.values() if any(place.folder == one.id for place in f.locations)]
    return {
        "ID": one.id,
        "WatchForNewFiles": True,
        "DropFolderType": one.drop,
        "Path": f"{one.path}/",
        "FileSize": sum(f.size for f in inside),
        "Name": one.name,
        "Size": len({f.series for f in inside}),
    }


def told_file(one: File, place: Location, state: ShokoState, *, modern: bool) -> dict[str, Any]:
    """A place of a file as events name it: with a separator before the path."""
    known = state.series.get(one.series) if one.series is not None else None
    references = [
        {
            "EpisodeID": known and known.id * 1000 + one.number,
            "AnidbEpisodeID": 200_000 + one.id,
            "SeriesID": known and known.id,
            "AnidbAnimeID": known.anidb if known else 1,
            "GroupID": known and known.id,
        }
    ]
    return {
        "FileID": one.id,
        "FileLocationID": place.id,
        "ManagedFolderID" if modern else "ImportFolderID": place.folder,
        "RelativePath": f"/{place.path}",
        "CrossReferences": references if one.series is not None else [],
    }


def told_series(one: Series, *, source: str, reason: str) -> dict[str, Any]:
    """A series as events name it: the id is that of the source."""
    return {
        "Source": source,
        "Reason": reason,
        "SeriesID": one.id if source == "Shoko" else one.anidb,
        "ShokoSeriesIDs": [one.id],
        "Episodes": [],
    }


def _hashes(one: File, *, modern: bool) -> Any:
    if modern:
        return [{"Type": "ED2K", "Value": one.ed2k}, {"Type": "CRC32", "Value": "1A2B3C4D", "Metadata": None}]
    return {"ED2K": one.ed2k, "SHA1": None, "CRC32": "1A2B3C4D", "MD5": None}


def _location(
    one: File, place: Location, state: ShokoState, modern: bool, include: frozenset[str]
) -> dict[str, Any]:
    body = {
        "ID": place.id,
        "FileID": one.id,
        "ManagedFolderID" if modern else "ImportFolderID": place.folder,
        "RelativePath": place.path,
        "IsAccessible": state.readable(place),
    }
    where = state.folders.get(place.folder)
    if "AbsolutePaths" in include and where is not None:
        body["AbsolutePath"] = f"{where.path}/{place.path}"
    return body


def _of_series(one: File, state: ShokoState) -> list[dict[str, Any]]:
    found = []
    for known in [state.series[number] for number in one.owners if number in state.series]:
        tmdb = {"Movie": [*known.movies], "Show": [*known.shows]}
        episode = {"ID": known.id * 1000 + one.number, "AniDB": 200_000 + one.id, "ED2K": one.ed2k}
        ids = {"ID": known.id, "AniDB": known.anidb, "TMDB": tmdb}
        found.append({"SeriesID": ids, "EpisodeIDs": [episode]})
    return found
