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
    "Changes",
    "Connected",
    "Context",
    "Event",
    "Finds",
    "Incremental",
    "Item",
    "Key",
    "Listens",
    "LooksUpMany",
    "Page",
    "ReceivesWebhooks",
    "Ref",
    "Source",
    "SourceConfig",
    "Store",
    "VerifiesWebhooks",
]
