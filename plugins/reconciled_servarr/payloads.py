"""What the apps answer, as structs that name only the fields read.

JSON is camelCase and leaves nulls out (Sonarr 4.0 and Radarr 6.1), so what may be missing is
optional here; ids are required, for without one it is not the record that was asked for.
"""

from typing import Protocol, TypeVar

import msgspec


class Camel(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A struct of the apps' JSON."""


class Record(Protocol):
    """What every record of an app has: its id and tags."""

    @property
    def id(self) -> int:
        """The app's own number; reused after a restored database, perhaps."""

    @property
    def tags(self) -> tuple[int, ...] | None:
        """The numbers of its tags; None when the record does not say."""


RecordT = TypeVar("RecordT", bound=Record)


class FileRecord(Camel, frozen=True):
    """The file of a movie, embedded in its record."""

    path: str | None = None
    size: int | None = None


class Status(Camel, frozen=True):
    """`GET /system/status`: who answers. `app_name` is the program, whatever the instance is called."""

    app_name: str
    version: str


class Tag(Camel, frozen=True):
    """A tag; labels are lower case."""

    id: int
    label: str


class Edited(Camel, frozen=True):
    """A record as the editor answers it, as far as anything is ever edited."""

    id: int
    monitored: bool
    tags: tuple[int, ...]


class RootFolder(Camel, frozen=True):
    """A root folder. `is_empty` and `total_space` come with Sonarr 5 only."""

    id: int
    path: str
    accessible: bool | None = None
    is_empty: bool | None = None
    total_space: int | None = None


class Disk(Camel, frozen=True):
    """A mount point that holds existing roots; an unmounted one silently is not listed."""

    path: str | None = None
    total_space: int | None = None
