"""The state of a fake Shoko: managed folders on disks, series with episodes, files with their places.

A file is its content (ED2K and size) and may lie at several places. Whether a place can be read is not
a fact of the database: the disk says so, at each question.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

EpisodeKind = Literal["Episodes", "Specials", "Credits", "Trailers", "Parodies", "Others"]


@dataclass(slots=True)
class Folder:
    """A managed folder. `present`: its directory exists; `mounted`: its own disk is below it."""

    id: int
    name: str
    path: str
    drop: str = "Destination"
    present: bool = True
    mounted: bool = True


@dataclass(slots=True)
class Series:
    """A series; `episodes` are those that there are, here or not, by kind.

    `veiled`: the kinds whose episodes somebody hid in Shoko's pages.
    """

    id: int
    anidb: int
    name: str
    tvdb: tuple[int, ...] = ()
    imdb: tuple[str, ...] = ()
    shows: tuple[int, ...] = ()
    movies: tuple[int, ...] = ()
    episodes: dict[EpisodeKind, int] = field(default_factory=dict)
    hidden: bool = False  # it has a tag that the user may not see
    veiled: frozenset[EpisodeKind] = frozenset()


@dataclass(slots=True)
class Location:
    """A place of a file, relative to its folder. `on_disk`: the file is there when the disk is."""

    id: int
    folder: int
    path: str
    on_disk: bool = True


@dataclass(slots=True)
class File:
    """A file. It belongs to an episode of a series, by its kind and number, or to none; `also` to others'."""

    id: int
    size: int
    locations: list[Location]
    series: int | None = None
    kind: EpisodeKind = "Episodes"
    number: int = 1
    ignored: bool = False
    limbo: bool = False
    also: tuple[int, ...] = ()

    @property
    def owners(self) -> tuple[int, ...]:
        """The series that it belongs to."""
        return (*((self.series,) if self.series is not None else ()), *self.also)

    @property
    def ed2k(self) -> str:
        """The hash, in capitals."""
        return hashlib.md5(f"file {self.id}".encode()).hexdigest().upper()


@dataclass(slots=True)
class User:
    """Whose key it is."""

    name: str = "reconciled"
    admin: bool = True
    restricted: tuple[int, ...] = ()


@dataclass(slots=True)
class ShokoState:
    """All that the server holds."""

    folders: dict[int, Folder] = field(default_factory=dict)
    series: dict[int, Series] = field(default_factory=dict)
    files: dict[int, File] = field(default_factory=dict)

    def clone(self) -> "ShokoState":
        """An independent copy."""
        return ShokoState(
            {key: replace(one) for key, one in self.folders.items()},
            {key: replace(one, episodes={**one.episodes}) for key, one in self.series.items()},
            {
                key: replace(one, locations=[replace(place) for place in one.locations])
                for key, one in self.files.items()
            },
        )

    def readable(self, place: Location) -> bool:
        """Whether the host finds the file at this place, now."""
        folder = self.folders.get(place.folder)
        return folder is not None and folder.present and folder.mounted and place.on_disk

    def on_disk(self, folder: int) -> list[str]:
        """The files that the host sees in a folder, relative to it."""
        return sorted(
            place.path
            for file in self.files.values()
            for place in file.locations
            if place.folder == folder and self.readable(place)
        )

    def local(self) -> Counter[tuple[int, EpisodeKind]]:
        """How many episodes of a series, by kind, have a file in the database, whatever the disk says."""
        episodes = {(one, file.kind, file.number) for file in self.files.values() for one in file.owners}
        return Counter((series, kind) for series, kind, _ in episodes)
