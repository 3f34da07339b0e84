"""`Source`, what a plugin implements for one app, with its settings and what it is given."""

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from reconciled.clock import Clock
from reconciled.http import Http
from reconciled.model import About, Answer, Key, Page
from reconciled.source.keeping import Shelf, Store


class SourceConfig(BaseModel):
    """The base of a plugin's own settings; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def takes_no_files(self) -> str | None:
        """Why a source that is set up so can be given no files, though its class can; with the remedy.

        A mirror that brings files there is a config error then. Pure.
        """
        return None


ConfigT = TypeVar("ConfigT", bound=BaseModel)


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
    by_content: ClassVar[bool] = False
    """Its keys are the checksums of bytes: equal bytes are one item there, and all of them are ours."""
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
