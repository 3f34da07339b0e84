"""The words of the domain, as frozen values. Imports nothing of ours.

`Item` is a thing as one source holds it; its `Key` names it there, its `Ref`s say which thing it
is anywhere. An answer about an item is an `Item` or `Absent`; trouble is an exception and never
one of these.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Anything that JSON can say."""

WEAK_SPACES = frozenset({"path", "sha256"})
"""Spaces whose refs mean "same place" or "same bytes", never "same thing"."""

_SEASON = re.compile(r"[^/%]*\d[^/%]*/s\d+")
"""A season in a plain space. A kind (`movie`) has no digit in it, the id of a series has."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What names an item inside its source: a kind (`movie`) and the app's own id (`812`)."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """An identity that an item claims: a value in a space, such as `603` in `tmdb:movie`.

    Written `tmdb:movie/603`, `imdb:tt0133093`, `path:/films/a.mkv`. A space with a kind in it
    (`tmdb:movie`) is written with a slash before the value, a plain one (`imdb`) with a colon. The
    season of a plain one keeps its slash (`imdb:tt0903747/s02`); any other slash there is `%2F`.
    """

    space: str
    value: str

    @classmethod
    def of(cls, space: str, value: object) -> Self | None:
        """The ref, or None when the value names nothing (0, empty, null; IMDb's `tt0000000`). White space
        around it is no part of it, but of a path.
        """
        text = "" if value is None else str(value)
        named = text.strip()
        if space == "imdb" and not named.lower().removeprefix("tt").strip("0"):
            return None
        return None if named in ("", "0") else cls(space, text if space == "path" else named)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote; ValueError when it is no ref."""
        space, colon, rest = text.partition(":")
        if not (space and colon and rest):
            raise ValueError(f"{text!r} is no ref; one looks like tmdb:movie/603 or imdb:tt0133093")
        if space in WEAK_SPACES:
            return cls(space, rest)
        kind, slash, value = rest.partition("/")
        if slash and kind and not _SEASON.fullmatch(rest):
            return cls(f"{space}:{kind}", value)
        return cls(space, rest.replace("%2F", "/").replace("%25", "%"))

    @property
    def strong(self) -> bool:
        """Whether the ref names one thing, and not merely a place or bytes."""
        return self.space not in WEAK_SPACES

    def __str__(self) -> str:
        if ":" in self.space:
            return f"{self.space}/{self.value}"
        if not self.strong or _SEASON.fullmatch(self.value):
            return f"{self.space}:{self.value}"
        return f"{self.space}:{self.value.replace('%', '%25').replace('/', '%2F')}"


def refs(*found: Ref | None) -> frozenset[Ref]:
    """The refs among what `Ref.of` gave, without the None's."""
    return frozenset(ref for ref in found if ref is not None)


@dataclass(frozen=True, slots=True)
class Item:
    """A thing as a source holds it.

    `has_file` is the app's own count of files turned into yes or no; None when it does not say.
    `root` is the path of the `Root` that the item lies below, `path` its place on the app's host.
    `refers` is true when the refs say what the item is *about* (a request), not what it is.
    `parent` is what it is a part of, in the same source, and cannot be without: when that is proved
    gone, so is this. Parts that are numbered among their siblings say so in `attrs["season"]`.
    """

    key: Key
    title: str
    refs: frozenset[Ref] = frozenset()
    attrs: Mapping[str, Json] = field(default_factory=dict)
    has_file: bool | None = None
    path: str | None = None
    root: str | None = None
    parent: Key | None = None
    refers: bool = False

    @property
    def strong_refs(self) -> frozenset[Ref]:
        """The refs that name one thing."""
        return frozenset(ref for ref in self.refs if ref.strong)

    @property
    def number(self) -> int | None:
        """Which part of its parent it is, where these are numbered; 0 are the specials of a series."""
        number = self.attrs.get("season")
        return number if isinstance(number, int) else None


@dataclass(frozen=True, slots=True)
class Absent:
    """The app's own plain "no such item", asked about that very item.

    `said` is for people: "404 of Radarr 6.1", "in the trash".
    """

    said: str
    at: datetime | None = None
    actor: str | None = None
    restorable_until: datetime | None = None


Answer: TypeAlias = Item | Absent
"""What a source can say about an item. Everything else is an exception."""


class Op(StrEnum):
    """What an event says happened."""

    CHANGED = "changed"
    DELETED = "deleted"
    FILE_DELETED = "file_deleted"
    SCAN = "scan"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Event:
    """What an app told us: a hint and evidence, never an order.

    `key` is None for SCAN ("read everything again") and TEST. `own_act` is true when the app
    says that it deleted the item itself (Radarr's MovieDelete), not that it noticed a loss;
    such suspects are not counted towards a hold. `external` is true when the app says that
    somebody else did it (a file missing from disk). `settle` overrides the source's settle
    time, in seconds (an upgrade's gap is 30 min). `grabbed` is true when the app says that it
    downloads a file for the item where it had none, or has done so.
    """

    op: Op
    key: Key | None = None
    title: str | None = None
    refs: frozenset[Ref] = frozenset()
    actor: str | None = None
    occurred: datetime | None = None
    reason: str | None = None
    own_act: bool = False
    external: bool = False
    settle: float | None = None
    grabbed: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """A folder below which a source keeps files, and what tells whether it is really mounted.

    `device` is the mount point or device id, `size` the total bytes of its file system. None in
    any field means that the app does not say.
    """

    path: str
    accessible: bool | None = None
    empty: bool | None = None
    device: str | None = None
    size: int | None = None

    @property
    def usable(self) -> bool:
        """False when the app itself says that the root is gone or empty."""
        return self.accessible is not False and self.empty is not True


@dataclass(frozen=True, slots=True)
class About:
    """What a source says of itself when probed.

    `instance` tells two installations apart where the app has such an id; `account` is who we
    are there, `sees_everything` whether that account may see every item. `busy` is true while
    the app reorganises its library, so that what it lists is not yet the truth.
    """

    app: str
    version: str
    instance: str | None = None
    account: str | None = None
    sees_everything: bool = True
    roots: tuple[Root, ...] = ()
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a snapshot. The walk is good only if one page says `complete`, and it is the last.

    `deleted` are keys of which the same listing says that the app itself deleted them (its trash, a
    flag). Like an event that says so it is a hint: who did it is known, the loss is still proved.
    """

    items: tuple[Item, ...]
    complete: bool = False
    total: int | None = None
    deleted: Mapping[Key, Absent] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item], *, complete: bool = False, total: int | None = None) -> Self:
        """A page of any iterable of items."""
        return cls(tuple(items), complete, total)


class Presence(StrEnum):
    """What the ledger holds of an item."""

    PRESENT = "present"
    UNLISTED = "unlisted"
    GONE = "gone"
    FROZEN = "frozen"


class Verdict(StrEnum):
    """One source's answer about one item."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class What(StrEnum):
    """What ended: the file alone (the entry stays), or the entry with its file."""

    FILE = "file"
    ENTRY = "entry"


class Health(StrEnum):
    """How a source fares; there is one health a source and everything that asks it waits on it."""

    STARTING = "starting"
    OK = "ok"
    TROUBLE = "trouble"
    UNAUTHORIZED = "unauthorized"


class SyncStatus(StrEnum):
    """How a record fares: its program says all of these but `missing`, which the engine finds out."""

    SYNCED = "synced"
    PENDING = "pending"
    PROCESSING = "processing"
    FAILED = "failed"
    MISSING = "missing"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class RecordContent:
    """The bytes that a program sent for a record.

    `name` is what the program calls the file, `size` is in bytes, `sha256` in hex. `here` is false once
    the bytes were let go, since every copy of them stands.
    """

    name: str
    mime_type: str
    size: int
    sha256: str
    here: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """Something that another program registered with a source of ours.

    `refs` say what it is about. `said` is the status as its program says it, never `missing`;
    `missing` is true while all that it refers to is gone.
    """

    id: str
    title: str
    refs: frozenset[Ref] = frozenset()
    attrs: Mapping[str, Json] = field(default_factory=dict)
    said: SyncStatus = SyncStatus.SYNCED
    last_sync_at: datetime | None = None
    missing: bool = False
    content: RecordContent | None = None

    @property
    def sync_status(self) -> SyncStatus:
        """The status that counts."""
        return SyncStatus.MISSING if self.missing else self.said


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that was taken off: when, by whom in words for people, and until when it can be put back."""

    record: Record
    at: datetime
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be told to another program, kept until it is told or given up.

    `name` is the delivery's own and stays the same for every try. `created` and `due` are reckoned.
    """

    id: int
    record: str
    name: str
    body: bytes = field(repr=False)
    created: float = 0.0
    due: float = 0.0
    tries: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """What is known of a loss: what went, where, when, and who did it.

    `cause` is an app's name, `dashboard`, `reconciled` or `external`; `sentence` says all of it.
    """

    source: str
    key: Key
    title: str
    cause: str
    actor: str | None
    sentence: str
    at: datetime
