"""The state of a fake Radarr or Sonarr: entries, files, root folders, tags, history.

Plain values without a server. Files and episodes are frozen, so that a snapshot is a shallow copy.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, Self, TypeVar

from reconciled.testing.fakes.titles import Work


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as the app has it in its database. `relative` is relative to the entry's folder."""

    id: int
    relative: str
    size: int
    added: str
    quality: str = "Bluray-1080p"


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of a series, with its file or without."""

    id: int
    season: int
    number: int
    tvdb: int
    file: MediaFile | None = None
    monitored: bool = True

    @property
    def title(self) -> str:
        """A plain title."""
        return f"Chapter {self.number}"


@dataclass(slots=True)
class Entry(ABC):
    """A film or series in the app's database."""

    id: int
    work: Work
    root: str
    path: str
    added: str
    monitored: bool = True
    tags: list[int] = field(default_factory=list)
    profile: int = 4

    @abstractmethod
    def files(self) -> Sequence[MediaFile]:
        """Its files."""

    @abstractmethod
    def put_file(self, old: MediaFile | None, new: MediaFile | None) -> None:
        """Put `new` where `old` was. No new one: the old is lost; no old one: the new is added."""

    @abstractmethod
    def clone(self) -> Self:
        """An independent copy."""

    def full_path(self, file: MediaFile) -> str:
        """The file's whole path."""
        return f"{self.path}/{file.relative}"


@dataclass(slots=True)
class Film(Entry):
    """A film: it has one file or none."""

    file: MediaFile | None = None
    availability: str = "released"

    def files(self) -> Sequence[MediaFile]:
        """The one file, if any."""
        return () if self.file is None else (self.file,)

    def put_file(self, old: MediaFile | None, new: MediaFile | None) -> None:
        """Set or lose the file."""
        if old is None or old == self.file:
            self.file = new

    def clone(self) -> Self:
        """An independent copy."""
        return replace(self, tags=list(self.tags))


@dataclass(slots=True)
class Show(Entry):
    """A series with its episodes; each file belongs to one episode. `unwatched` are seasons not monitored."""

    episodes: list[Episode] = field(default_factory=list)
    unwatched: frozenset[int] = frozenset()
    series_type: str = "standard"
    season_folder: bool = True
    new_items: str = "all"

    def files(self) -> Sequence[MediaFile]:
        """The files of all episodes that have one."""
        return [e.file for e in self.episodes if e.file is not None]

    def put_file(self, old: MediaFile | None, new: MediaFile | None) -> None:
        """Swap the file of the episode that has `old`; a file that is new goes to the first without one."""
        for index, episode in enumerate(self.episodes):
            if (episode.file.id if episode.file else None) == (old.id if old else None):
                self.episodes[index] = replace(episode, file=new)
                return

    def episodes_of(self, file: MediaFile) -> Iterator[Episode]:
        """The episodes that this file holds."""
        return (e for e in self.episodes if e.file is not None and e.file.id == file.id)

    def clone(self) -> Self:
        """An independent copy."""
        return replace(self, tags=list(self.tags), episodes=list(self.episodes))


@dataclass(slots=True)
class RootFolder:
    """A root folder, the mount of its own below it, and what the disk says.

    accessible: the directory exists, nothing else (Radarr 6.1 and Sonarr 4 say no more than that).
    mounted: False shows the disk below, as when only the empty mount point is left.
    """

    id: int
    path: str
    accessible: bool = True
    mounted: bool = True
    empty: bool = False
    free: int = 4_000_000_000_000
    total: int = 12_000_000_000_000


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A row of history; `reason` only for deleted files, in the PascalCase of history."""

    id: int
    entry_id: int
    episode_id: int
    event: str
    date: str
    source_title: str
    file: MediaFile
    data: dict[str, str]


class Edit(NamedTuple):
    """A call of the editor that took effect: whom it changed, and all else that its body said."""

    ids: tuple[int, ...]
    change: dict[str, Any]


EntryT = TypeVar("EntryT", bound=Entry)


@dataclass(slots=True)
class State(Generic[EntryT]):
    """All that a database and a disk hold; `lost` keeps what `root_returns` brings back."""

    entries: dict[int, EntryT] = field(default_factory=dict)
    roots: list[RootFolder] = field(default_factory=list)
    tags: dict[int, str] = field(default_factory=dict)
    profiles: dict[int, str] = field(default_factory=lambda: {1: "Any", 4: "HD-1080p"})
    history: list[HistoryRow] = field(default_factory=list)
    health: list[dict[str, Any]] = field(default_factory=list)
    exclusions: list[dict[str, Any]] = field(default_factory=list)
    lost: dict[str, list[EntryT]] = field(default_factory=dict)
    notifications: dict[int, dict[str, Any]] = field(default_factory=dict)
    next_id: int = 1
    next_file: int = 1
    next_episode: int = 1

    def clone(self) -> "State[EntryT]":
        """An independent copy."""
        return replace(
            self,
            entries={k: e.clone() for k, e in self.entries.items()},
            roots=[replace(r) for r in self.roots],
            tags=dict(self.tags),
            profiles=dict(self.profiles),
            history=list(self.history),
            health=list(self.health),
            exclusions=list(self.exclusions),
            lost={k: [e.clone() for e in v] for k, v in self.lost.items()},
            notifications=deepcopy(self.notifications),
        )
