"""What a plugin implements: `Source`, and the optional abilities, each a Protocol of one method.

A plugin says what it saw and nothing else. It raises a `SourceError` on trouble, it returns
`Absent` only when the app itself, recognised by its own mark, says that there is no such item,
and it never decides that anything is gone: the engine does, between two yeses.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict

from reconciled.clock import Clock
from reconciled.http import Http
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Page, Ref


class SourceConfig(BaseModel):
    """The base of a plugin's own settings; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


ConfigT = TypeVar("ConfigT", bound=BaseModel)


class Store(Protocol):
    """A source's own durable notes (a token, a mark). JSON values; never for secrets in the clear."""

    async def get(self, name: str) -> Json:
        """The value, or None."""

    async def set(self, name: str, value: Json) -> None:
        """Keep the value; None forgets it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a source is given: its configured name, a client for its app, time, a log, a store."""

    name: str
    http: Http
    clock: Clock
    log: logging.Logger
    store: Store
    kinds: frozenset[str] = field(default_factory=frozenset)


class Source(ABC, Generic[ConfigT]):
    """One configured instance of a program.

    Construction does no I/O. All methods may be called at the same time as each other.
    `paged` says that listings come in pages, which shift under a reader; an unpaged list can be
    read once more instead of asking for hundreds of items one by one.
    """

    app: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    Config: ClassVar[type[BaseModel]]
    paged: ClassVar[bool] = False
    tagged: ClassVar[bool] = False
    """Its items carry `attrs["tags"]`, a list of labels. An item of it without that list is unreadable."""
    acts_within: float = 120.0
    """Seconds after which a call that changes something is over in the app, whether an answer came or not."""

    def __init__(self, config: ConfigT, context: Context) -> None:
        self.config = config
        self.context = context

    @abstractmethod
    async def probe(self) -> About:
        """Who answers there, and the state of its roots.

        May wake disks: called once a scan, after trouble, and before a loss is believed.
        """

    @abstractmethod
    def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Walk everything of these kinds. Without a page that says `complete`, the run has failed."""

    @abstractmethod
    async def lookup(self, key: Key) -> Answer:
        """Ask about this very item: what it is now, or the app's own plain no."""

    async def close(self) -> None:
        """Let go of what the source holds; the HTTP client is closed by its owner."""
        return


@runtime_checkable
class LooksUpMany(Protocol):
    """Can ask about several items in one request."""

    batch: int
    """The most keys that fit in one request; the engine never passes more, its control included."""

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """Answers by key, all from one request; a key without an answer is unknown."""


@runtime_checkable
class Finds(Protocol):
    """Can look for a thing by one of its refs."""

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The items that claim the ref; none needs a control like any no. Unsupported: not by this space."""


@dataclass(frozen=True, slots=True)
class Changes:
    """All ids that exist now, the items that are new or changed, and a mark for the next time."""

    keys: frozenset[Key]
    items: tuple[Item, ...]
    mark: Json


@runtime_checkable
class Incremental(Protocol):
    """Can list all ids cheaply, with only what changed since a mark in full."""

    async def changes(self, mark: Json) -> Changes:
        """Everything that exists, and what changed since `mark` (None: from the beginning)."""


@dataclass(frozen=True, slots=True)
class Connected:
    """An event stream is up (again). Nothing is replayed, so the engine orders a scan."""


@runtime_checkable
class Listens(Protocol):
    """Is told by its app over a stream."""

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow the stream; yields `Connected` first and after each reconnect."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """How an item is deleted: whether its files go too, and whether it is kept from being added again."""

    files: bool = False
    exclude: bool = False


@runtime_checkable
class Deletes(Protocol):
    """Can delete an item. A policy that asks for what `options` lacks is a config error.

    `options` has every `Deletion` that the app can do. An app whose delete always takes the files
    has only those with `files=True`, so that the user has to write it.
    """

    options: ClassVar[frozenset[Deletion]]

    async def delete(self, key: Key, how: Deletion) -> None:
        """Delete it. Already gone is success. `Refused` when the app says no; other errors say nothing."""


@runtime_checkable
class Tags(Protocol):
    """Can put a label on an item and take it off. Its items show theirs in `attrs["tags"]`."""

    async def tag(self, key: Key, label: str) -> None:
        """Put the label there, made when the app does not know it. Already there is success."""

    async def untag(self, key: Key, label: str) -> None:
        """Take the label off. Not there is success."""


@runtime_checkable
class Monitors(Protocol):
    """Can stop and begin looking for a thing. Its items show it in `attrs["monitored"]`."""

    async def monitor(self, key: Key, wanted: bool) -> None:
        """Look for it from now on, or no more."""


@runtime_checkable
class Captures(Protocol):
    """Can hand out all that would be needed to bring an item back."""

    async def capture(self, key: Key) -> Json:
        """The app's own record of the item, as it is now. Never a secret."""


@runtime_checkable
class Restores(Protocol):
    """Can bring an item back that is in the app's trash, or that was captured before it was deleted."""

    async def restore(self, key: Key, image: Json) -> Key:
        """Bring it back; `image` is what `capture` gave, or None. Returns the key that it has now.

        Already there is success. `Refused` when it cannot be brought back (any more).
        """


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """Is told by its app over webhooks."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        """What the body says; pure. Header names are lower case. BadEvent when it is not the app's."""


@runtime_checkable
class VerifiesWebhooks(Protocol):
    """Has its own way to tell a real webhook from a forged one (a signature)."""

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Forged when the signature is missing or wrong; pure."""


__all__ = [
    "About",
    "Absent",
    "Answer",
    "Captures",
    "Changes",
    "Connected",
    "Context",
    "Deletes",
    "Deletion",
    "Event",
    "Finds",
    "Incremental",
    "Item",
    "Key",
    "Listens",
    "LooksUpMany",
    "Monitors",
    "Page",
    "ReceivesWebhooks",
    "Ref",
    "Restores",
    "Source",
    "SourceConfig",
    "Store",
    "Tags",
    "VerifiesWebhooks",
]
