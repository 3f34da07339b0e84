"""What Shoko answers, as structs that name only the fields read. PascalCase, abbreviations in capitals.

Nulls are sent. What makes an answer well-formed is required: a series without its sizes, or a
location that does not say whether it can be read, is not Shoko's. Where 5.3 and 6.0 differ
(hashes, the folder's name) both are taken.
"""

from typing import Generic, TypeVar

import msgspec
from msgspec import field

T = TypeVar("T")


class Shape(msgspec.Struct, rename="pascal", frozen=True, gc=False):
    """A struct of Shoko's JSON."""


class Listed(Shape, Generic[T], frozen=True):
    """A page of a list, and how many there are on all pages."""

    total: int
    items: list[T] = field(name="List")


class Blocked(Shape, frozen=True):
    """Whether the database is out of reach (a migration, a backup), and why."""

    blocked: bool = False
    reason: str | None = None


class Status(Shape, frozen=True):
    """`GET /api/v3/Init/Status`. The state is Starting, Started, Failed or Waiting."""

    state: str
    startup_message: str | None = None
    database_blocked: Blocked | None = None


class Component(Shape, frozen=True):
    """A part of the program."""

    version: str


class Versions(Shape, frozen=True):
    """`GET /api/v3/Init/Version`."""

    server: Component


class User(Shape, frozen=True):
    """`GET /api/v3/User/Current`. Series with a restricted tag do not exist for this user."""

    username: str
    is_admin: bool = False
    restricted_tags: tuple[int, ...] | None = None


class Web(Shape, frozen=True):
    """Settings of the web server; 5.3 has no such switch."""

    enable_signalr: bool = field(default=True, name="EnableSignalR")


class Settings(Shape, frozen=True):
    """`GET /api/v3/Settings`; for administrators."""

    web: Web = Web()


class Folder(Shape, frozen=True):
    """A managed folder (6.0), or import folder (5.3). `file_size` is what the database counts, in bytes."""

    id: int = field(name="ID")
    path: str
    file_size: int = 0
    drop_folder_type: str | None = None


class Sizes(Shape, frozen=True):
    """How many files and folders lie directly in a folder."""

    files: int = 0
    folders: int = 0


class Place(Shape, frozen=True):
    """A folder on Shoko's host, or a mount point. `sizes` is missing where it could not look."""

    path: str
    sizes: Sizes | None = None


class TmdbIds(Shape, frozen=True):
    """The TMDB ids of a series: any number of each."""

    movie: tuple[int, ...] = ()
    show: tuple[int, ...] = ()


class SeriesIds(Shape, frozen=True):
    """The ids of a series; that of AniDB is the one it cannot be without."""

    id: int = field(name="ID")
    anidb: int = field(name="AniDB")
    tvdb: tuple[int, ...] | None = field(default=None, name="TvDB")
    imdb: tuple[str, ...] | None = field(default=None, name="IMDB")
    tmdb: TmdbIds | None = field(default=None, name="TMDB")


class Counts(Shape, frozen=True):
    """Numbers of episodes by their kind."""

    episodes: int
    specials: int
    unknown: int = 0
    credits: int = 0
    trailers: int = 0
    parodies: int = 0
    others: int = 0

    @property
    def all(self) -> int:
        """All of them."""
        special = self.specials + self.credits + self.trailers + self.parodies
        return self.episodes + special + self.others + self.unknown


class SeriesSizes(Shape, frozen=True):
    """Episodes that have a file here, and those that there are at all.

    Neither counts the `hidden` ones, here or not. `file_sources` counts the files of all, by origin.
    """

    local: Counts
    total: Counts
    hidden: int = 0


class Series(Shape, frozen=True):
    """A series. `size` is the number of its episodes that have a file."""

    ids: SeriesIds = field(name="IDs")
    sizes: SeriesSizes
    size: int
    name: str | None = None


class Hash(Shape, frozen=True):
    """A hash in the list of 6.0."""

    type: str
    value: str


class Location(Shape, frozen=True):
    """A place of a file. `is_accessible`: the host found it there when it was asked."""

    is_accessible: bool
    id: int = field(name="ID")
    managed_folder: int | None = field(default=None, name="ManagedFolderID")
    import_folder: int | None = field(default=None, name="ImportFolderID")
    relative_path: str | None = None
    absolute_path: str | None = None

    @property
    def folder(self) -> int | None:
        """The id of its folder."""
        return self.managed_folder if self.managed_folder is not None else self.import_folder


class SeriesOfFile(Shape, frozen=True):
    """The ids of a series that a file belongs to; without `id` Shoko has no such series (any more)."""

    id: int | None = field(default=None, name="ID")


class CrossReference(Shape, frozen=True):
    """That a file belongs to a series."""

    series: SeriesOfFile | None = field(default=None, name="SeriesID")


class File(Shape, frozen=True):
    """A file by its content, with all its places. Not hashed yet, it has no ED2K."""

    id: int = field(name="ID")
    size: int
    locations: tuple[Location, ...]
    hashes: list[Hash] | dict[str, str | None] | None = None
    is_ignored: bool = False
    series: tuple[CrossReference, ...] | None = field(default=None, name="SeriesIDs")

    @property
    def ed2k(self) -> str | None:
        """The ED2K hash in small letters."""
        match self.hashes:
            case dict():
                found = self.hashes.get("ED2K")
            case list():
                found = next((one.value for one in self.hashes if one.type.upper() == "ED2K"), None)
            case _:
                found = None
        return found.strip().lower() or None if found else None

    @property
    def accessible(self) -> bool:
        """Whether it can be read at any of its places."""
        return any(location.is_accessible for location in self.locations)
