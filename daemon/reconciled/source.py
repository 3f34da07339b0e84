"""What a plugin implements: `Source`, and the optional abilities, each a Protocol of one method.

A plugin says what it saw and nothing else. It raises a `SourceError` on trouble, it returns
`Absent` only when the app itself, recognised by its own mark, says that there is no such item,
and it never decides that anything is gone: the engine does, between two yeses.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict

from reconciled.clock import Clock
from reconciled.http import Http
from reconciled.model import (
    About,
    Absent,
    Answer,
    Event,
    Item,
    Json,
    Key,
    Letter,
    Loss,
    Page,
    Record,
    Ref,
    Removed,
)


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


class Shelf(Protocol):
    """What other programs registered with a source over our API; durable, each source has its own.

    A change of it is known to the engine in the same transaction. Beside the records lie letters:
    what their program is to be told of them, at most one a record that still waits.
    """

    async def get(self, ids: Sequence[str]) -> Mapping[str, Record | Removed]:
        """What stands under these ids, or stood; what was never registered is left out."""

    async def page(self, after: str, limit: int) -> Sequence[Record]:
        """The next records in the order of their ids; "" begins, and an empty answer is the end."""

    async def find(self, ref: Ref) -> Sequence[Record]:
        """The records about something."""

    async def missing(self) -> Sequence[Record]:
        """The records that are marked as missing."""

    async def keep(self, record: Record) -> None:
        """Put a record (back) on the shelf."""

    async def remove(self, record: str) -> bool:
        """Take the record of that id off, as an act of ours. False when it does not stand there."""

    async def mark(self, record: str, *, missing: bool, name: str, letter: bytes | None) -> bool:
        """Mark the record of that id and queue the letter, named `name`, that tells of it: one transaction.

        A letter about the record that still waits is not sent any more. False, and nothing is
        done, when the record does not stand there or is marked so already.
        """

    async def waiting(self) -> Sequence[Letter]:
        """The letters that wait, oldest first; of very many those that are due next."""

    async def waits(self, letter: Letter) -> bool:
        """Whether the letter waits still: while others were sent, its word may have grown old."""

    async def tried(self, letter: Letter, *, error: str, due: float) -> None:
        """A try failed; the next is due then (reckoned)."""

    async def settled(self, letter: Letter, *, error: str | None) -> None:
        """It was delivered, or (with the reason) it is given up."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a source is given: its configured name, a client for its app, time, a log, a store, a shelf."""

    name: str
    http: Http
    clock: Clock
    log: logging.Logger
    store: Store
    kinds: frozenset[str] = field(default_factory=frozenset)
    shelf: Shelf | None = None


class Source(ABC, Generic[ConfigT]):
    """One configured instance of a program.

    Construction does no I/O. All methods may be called at the same time as each other.
    `paged` says that listings come in pages, which shift under a reader; an unpaged list can be
    read once more instead of asking for hundreds of items one by one. `kinds` names the kind of a
    parent before the kinds of its parts.
    """

    app: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    Config: ClassVar[type[BaseModel]]
    inert: ClassVar[frozenset[str]] = frozenset()
    """Kinds that it only shows: nothing can be done to such an item, whatever else the app can do. A policy
    that asks for it is a config error, and the calls that change something raise Unsupported."""
    remembers_in: ClassVar[Literal["history", "trash"]] = "history"
    """Where what it recalls stands: people read it as the kind of evidence."""
    paged: ClassVar[bool] = False
    tagged: ClassVar[bool] = False
    """Its items carry `attrs["tags"]`, a list of labels. An item of it without that list is unreadable."""
    asks_always: ClassVar[bool] = False
    """What it knows of its app is too little to act unasked: destructive actions there wait for a yes."""
    asked_by_post: ClassVar[frozenset[str]] = frozenset()
    """Paths below its app's address that it asks by POST though nothing is changed by it: signing in, a look
    at a folder. Where nothing may be changed (`reconciled drill`) only GET and HEAD pass beside these."""
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
    """All ids that exist now, the items that are new or changed, and a mark for the next time.

    `deleted` as in `Page`: what the app says that it deleted itself, of what is not listed any more.
    """

    keys: frozenset[Key]
    items: tuple[Item, ...]
    mark: Json
    deleted: Mapping[Key, Absent] = field(default_factory=dict)


@runtime_checkable
class Incremental(Protocol):
    """Can list all ids cheaply, with only what changed since a mark in full.

    A scan then asks for this instead of walking. The mark is JSON, kept by the engine, and moves only
    when a scan was applied whole; now and then it starts over with None.
    """

    async def changes(self, mark: Json) -> Changes:
        """Everything that exists, of all kinds, and what changed since `mark` (None: all of it, in full).

        An id without its item is taken as unchanged where it is known, else it is looked up. Unsupported:
        this app, as it is, cannot; it is walked.
        """


@dataclass(frozen=True, slots=True)
class Connected:
    """An event stream is up (again). Nothing is replayed, so the engine orders a scan."""


@runtime_checkable
class Listens(Protocol):
    """Is told by its app over a stream."""

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow the stream: one connection, `Connected` first. A `SourceError` (or its end) ends it.

        It is called again then, by the one who follows all streams, at once and then ever more
        patiently. Unsupported: this app, so configured, has no stream; it is not asked again.
        """


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


@dataclass(frozen=True, slots=True)
class Prospect:
    """What bringing an item back would do, said before it is tried.

    `lacks` are sentences of what does not come back with it, `until` is when it can be done last (None: no
    end is known), `refused` why it cannot be done at all (None: it can).
    """

    lacks: tuple[str, ...] = ()
    until: datetime | None = None
    refused: str | None = None


@runtime_checkable
class Foresees(Protocol):
    """Can say beforehand what `restore` would do."""

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """Look without changing anything; `image` as for `restore`."""


@runtime_checkable
class Recalls(Protocol):
    """Keeps a history of its own that may say who lost an item, and how."""

    async def recall(self, item: Item, since: datetime) -> Sequence[Event]:
        """What the app's history says of the item's loss, oldest first; asked once it is lost.

        Only events of op DELETED and FILE_DELETED, about this very item and not before `since`, each with
        `occurred` and, where the app tells, `actor` and `reason`. Nothing known: empty.
        """


@runtime_checkable
class Texts(Protocol):
    """Can hand out the words in its items."""

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, str]:
        """The whole text of each; an item without words has the empty one, an unanswered key is left out."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where an app's webhooks shall go: our address for the source, and the secret that we expect.

    The secret goes into the header `Authorization: Bearer …` or, where the app has no headers,
    into HTTP basic auth as the password; both are taken. None: the source has no secret configured.
    """

    url: str
    secret: str | None = field(default=None, repr=False)


class Weight(StrEnum):
    """How much a matter counts: all is well, something could be better, something does not work."""

    GOOD = "good"
    ADVICE = "advice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that an examination found: a sentence, its remedy, and whether `provision` is that remedy."""

    weight: Weight
    said: str
    remedy: str | None = None
    mended_by_us: bool = False


@runtime_checkable
class Examines(Protocol):
    """Can say of its app what is set up well for us and what is not."""

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """Look without changing anything. `hook` None: the daemon has no address that the app could reach."""


@runtime_checkable
class Provisions(Protocol):
    """Can set up our own webhook in the app."""

    async def provision(self, hook: Hook) -> Sequence[str]:
        """Make or mend our webhook, and no other; what was done, a sentence each. Nothing to do: empty."""


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


@runtime_checkable
class Registers(Protocol):
    """Follows what other programs register with us over the API: its items are what is on its shelf."""

    def item_of(self, record: Record) -> Item:
        """The item that a record is; pure, and may be called on any thread. Its key's id is the record's."""


@runtime_checkable
class Works(Protocol):
    """Has something of its own to do for as long as it is followed, such as telling its program."""

    async def work(self) -> None:
        """Go on for ever. What it raises is logged, and it is begun again, ever more patiently."""


@runtime_checkable
class HearsOfOrphans(Protocol):
    """Wants to know which of its items refer to something that is gone."""

    async def orphans(self, found: Mapping[Key, Loss]) -> None:
        """All of them, as of now, each with the newest loss; what is not among them is none (any more).

        Told at the start and after every change, so a crash loses nothing: compare with what you know.
        """


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
    "Examines",
    "Finds",
    "Foresees",
    "HearsOfOrphans",
    "Hook",
    "Incremental",
    "Item",
    "Key",
    "Letter",
    "Listens",
    "LooksUpMany",
    "Loss",
    "Matter",
    "Monitors",
    "Page",
    "Prospect",
    "Provisions",
    "Recalls",
    "ReceivesWebhooks",
    "Record",
    "Ref",
    "Registers",
    "Removed",
    "Restores",
    "Shelf",
    "Source",
    "SourceConfig",
    "Store",
    "Tags",
    "Texts",
    "VerifiesWebhooks",
    "Weight",
    "Works",
]
