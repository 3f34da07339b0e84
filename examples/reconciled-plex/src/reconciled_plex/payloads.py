"""What Plex answers, as far as we read it. Numbers are written as texts in some versions and places.

Facts from developer.plex.tv/pms and plexapi/{server,library,media,video}.py of pkkid/python-plexapi.
"""

from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Camel(msgspec.Struct, frozen=True, rename="camel"):
    """Named there as JavaScript names things; what is nested has a capital letter."""


class Container(msgspec.Struct, Generic[T], frozen=True):
    """The root of every answer."""

    content: T = msgspec.field(name="MediaContainer")


class Identity(Camel, frozen=True):
    """`/identity`: which server, and of which version."""

    machine_identifier: str
    version: str


class Location(Camel, frozen=True):
    """A folder of a library, as Plex's host writes it."""

    path: str


class Section(Camel, frozen=True):
    """A library."""

    key: str
    type: str
    title: str
    refreshing: bool = False
    locations: tuple[Location, ...] = msgspec.field(name="Location", default=())


class Sections(Camel, frozen=True):
    """All libraries."""

    directory: tuple[Section, ...] = msgspec.field(name="Directory", default=())


class Named(Camel, frozen=True):
    """An id elsewhere: `tmdb://603`."""

    id: str


class Part(Camel, frozen=True):
    """A file."""

    file: str | None = None


class Media(Camel, frozen=True):
    """A version of a film; a film in two files has two parts."""

    parts: tuple[Part, ...] = msgspec.field(name="Part", default=())


class Record(Camel, frozen=True):
    """A film or series; `deleted_at` is set while Plex does not find its files ("unavailable")."""

    rating_key: str
    type: str
    title: str | None = None
    guid: str | None = None
    year: int | None = None
    added_at: int | None = None
    deleted_at: int | None = None
    section: int | str | None = msgspec.field(name="librarySectionID", default=None)
    guids: tuple[Named, ...] = msgspec.field(name="Guid", default=())
    media: tuple[Media, ...] = msgspec.field(name="Media", default=())


class Records(Camel, frozen=True):
    """Items asked for by id, or a page of a library: then with an offset and a total."""

    size: int
    offset: int = 0
    total_size: int | None = None
    section: int | str | None = msgspec.field(name="librarySectionID", default=None)
    metadata: tuple[Record, ...] = msgspec.field(name="Metadata", default=())


class Setting(Camel, frozen=True):
    """One of the server's settings."""

    id: str
    value: Any = None


class Settings(Camel, frozen=True):
    """All of them."""

    setting: tuple[Setting, ...] = msgspec.field(name="Setting", default=())


class Entry(Camel, frozen=True):
    """A line of the timeline: what became of an item. `state` 5: settled, 9: deleted."""

    identifier: str = ""
    item: int | str | None = msgspec.field(name="itemID", default=None)
    type: int | None = None
    state: int | None = None
    title: str | None = None
    section: int | str | None = msgspec.field(name="sectionID", default=None)


class Told(Camel, frozen=True):
    """What a notification holds."""

    type: str = ""
    entries: tuple[Entry, ...] = msgspec.field(name="TimelineEntry", default=())


class Notification(Camel, frozen=True):
    """A message of the stream."""

    content: Told = msgspec.field(name="NotificationContainer")
