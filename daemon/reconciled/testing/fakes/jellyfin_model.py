"""The state of a fake Jellyfin: libraries, items and the queue of its webhook plugin.

An item's id is the MD5 of its type's full name and its path (Jellyfin 10.11 and 12 alike): a renamed or
moved file is another item, and the same path gives the same id again.
"""

import hashlib
import uuid
from dataclasses import dataclass, field, replace

_TYPES = {
    "Movie": "MediaBrowser.Controller.Entities.Movies.Movie",
    "BoxSet": "MediaBrowser.Controller.Entities.Movies.BoxSet",
    "Series": "MediaBrowser.Controller.Entities.TV.Series",
    "Season": "MediaBrowser.Controller.Entities.TV.Season",
    "Episode": "MediaBrowser.Controller.Entities.TV.Episode",
    "CollectionFolder": "MediaBrowser.Controller.Entities.CollectionFolder",
}
FOLDERS = frozenset({"BoxSet", "Series", "Season", "CollectionFolder"})


def item_id(kind: str, path: str) -> str:
    """The id, 32 hex digits without dashes: a .NET Guid of the MD5 over UTF-16."""
    digest = hashlib.md5(f"{_TYPES[kind]}{path}".encode("utf-16-le")).digest()
    return uuid.UUID(bytes_le=digest).hex


def dashed(key: str) -> str:
    """The id as a template prints it."""
    return str(uuid.UUID(key))


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a library. `path` is None for virtual ones; `parent` is an item or a library."""

    id: str
    kind: str
    name: str
    path: str | None
    library: str
    parent: str
    year: int = 0
    created: str = ""
    provider_ids: tuple[tuple[str, str], ...] = ()
    overview: str = ""
    series: str | None = None
    index: int | None = None
    parent_index: int | None = None
    box_set: str | None = None
    primary: str | None = None
    tags: tuple[str, ...] = ()
    missing: bool = False  # a season of which nothing is there: IsVirtualItem

    @property
    def sort_name(self) -> str:
        """Lower case, without a leading article."""
        return self.name.lower().removeprefix("the ").removeprefix("a ")


@dataclass(slots=True)
class Library:
    """A library with one location. `status` is Idle, Active or Queued."""

    name: str
    path: str
    collection_type: str
    id: str
    present: bool = True  # the location exists
    mounted: bool = True  # its own disk is below it
    status: str = "Idle"
    progress: float | None = None


@dataclass(slots=True)
class JellyfinState:
    """All that the server holds. `hidden` keeps what a vanished mount took with it."""

    server_id: str
    libraries: dict[str, Library] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    hidden: dict[str, list[Item]] = field(default_factory=dict)

    def clone(self) -> "JellyfinState":
        """An independent copy."""
        return replace(
            self,
            libraries={k: replace(v) for k, v in self.libraries.items()},
            items=dict(self.items),
            hidden={k: list(v) for k, v in self.hidden.items()},
        )

    def below(self, key: str) -> list[Item]:
        """All descendants of an item, the deepest first."""
        children = [i for i in self.items.values() if i.parent == key]
        return [each for child in children for each in (*self.below(child.id), child)]

    def in_library(self, name: str) -> list[Item]:
        """Its items."""
        return [i for i in self.items.values() if i.library == name]
