"""What a source may do with the bytes of its items: hand them out, take them in, read them back.

Bytes travel over the engine's disk: it fetches an original into a file of its own, knows its sha256
and its size then, and hands that file to every target. A plugin streams in both directions and never
holds a whole file in memory.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

from reconciled.model import Absent, Item, Key


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an item on their way out of its app.

    `chunks` are of at most 1 MiB each and begin at the byte `start` of the file. `size` is that of the whole
    file in bytes, `etag` names this very version of its bytes, `mime_type` is what the app calls it; None in
    any of them means that the app does not say. What breaks off raises a `SourceError` out of `chunks`.
    """

    chunks: AsyncIterator[bytes] = field(repr=False)
    start: int = 0
    size: int | None = None
    etag: str | None = None
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The app's word that the bytes are still those of the version that was named."""


@runtime_checkable
class Fetches(Protocol):
    """Can hand out the bytes of its items.

    Its items say in `attrs` what is known of their bytes without fetching them, as far as the app tells:
    `size` (bytes), `mime_type`, `etag`, `modified` or `changed` (RFC 3339); a `sha256:` ref names the bytes.
    `attrs["refused"]` is a sentence why an item must not travel (its path), if there is one. One that has no
    bytes (yet) says so by `attrs["has_bytes"] = False`; nothing of it travels.
    """

    fileset: ClassVar[str | None]
    """The attribute that names an item's fileset, the unit of a mirror's work. None: each item is one."""

    def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AbstractAsyncContextManager[Content | Unchanged | Absent]:
        """Open the item's bytes; the connection is let go at the end of the context.

        With an `etag` and no `start`: `Unchanged` when they are still that version. With both: from `start`
        on when they are still that version, else all of them (`Content.start` says which). An app that
        knows no ranges gives all of them, too. `Absent` is the app's plain no; the engine looks the item
        up then. Raises a `SourceError`.
        """

    def origin(self, item: Item) -> Mapping[str, str]:
        """What a copy keeps of where it came from, by name (`clientFileId`, `originalPath`); pure."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that shall be taken in: whole, checked, and named safely.

    `path` is the file on our disk, which stays the engine's and as it is until the call is over. `size` is
    in bytes, `sha256` in hex. `marker` names its original for ever (`vsrx/file/81`), so that an upload of
    ours is known again. `kept` is what a copy keeps of its origin, `labels` are its tags; both as far as
    the app can keep them. `correspondent` and `document_type` are names.
    """

    path: Path
    name: str
    title: str
    mime_type: str
    size: int
    sha256: str
    marker: str
    created: datetime | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    correspondent: str | None = None
    document_type: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an app gave for an upload that it has not finished with: the id of its task."""

    id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The app holds the file as that item.

    `ours`: an upload of ours made it, by the app's own word (our task's result, or our marker). `item` is
    None while it cannot be shown: it lies in the trash. `said` is for people, if there is anything to say.
    """

    key: Key
    item: Item | None
    ours: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The app has taken the file and is not finished with it. `said` is for people: how far it is."""

    said: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The app could not take the file in. `said` is its reason; `again`: another try may help."""

    said: str
    again: bool = False


Outcome: TypeAlias = Kept | Pending | Failed
"""How an upload stands."""


@runtime_checkable
class Uploads(Protocol):
    """Can take files in. A call is over in the app after `acts_within` seconds, whatever it answered."""

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        """Whether the app holds the file, by our marker or by its bytes; asked before every upload.

        With `since`, the moment of an earlier upload whose answer nobody heard: `Pending` as long as
        something that arrived since then and may be it is not finished. None: surely not.
        """

    async def upload(self, upload: Upload) -> Receipt | Kept:
        """Hand the file over. `Refused` is the app's considered no; any other error leaves it open."""

    async def outcome(self, receipt: Receipt) -> Outcome:
        """How an upload stands. A file that the app refused as one that it has is `Kept`, not `ours`.

        BadResponse when the app knows no such receipt (any more).
        """


@runtime_checkable
class Revises(Protocol):
    """Can take in newer bytes of an item that it holds, keeping all else about it."""

    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        """Hand over the newer bytes. Unsupported: this app, as it is, cannot."""


@runtime_checkable
class ReadsBack(Protocol):
    """Can tell whether the bytes that it holds are still what they were."""

    async def read_back(self, key: Key) -> str | None:
        """Read them all again. What is wrong with them, as the end of "its bytes …"; None: nothing."""


@runtime_checkable
class Previews(Protocol):
    """Can show its items to a person."""

    def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AbstractAsyncContextManager[Content | Unchanged | Absent]:
        """Open a picture of the first page, small; with `whole` the document as a browser shows it.

        The picture is WebP, PNG or JPEG; the whole document PDF or such a picture. With an `etag`:
        `Unchanged` when it is still that version. `Absent` is the app's plain no. Raises a `SourceError`.
        """
