"""What else a source may be asked: several items at once, by ref, what changed, its history, its words."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from reconciled.model import Absent, Answer, Event, Item, Json, Key, Ref


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


@runtime_checkable
class Recalls(Protocol):
    """Keeps a history of its own that may say who lost an item, and how."""

    async def recall(self, item: Item, since: datetime) -> Sequence[Event]:
        """What the app's history says of the item's loss, oldest first; asked once it is lost.

        Only events of op DELETED and FILE_DELETED, about this very item and not before `since`, each with
        `occurred` and, where the app tells, `actor` and `reason`. Nothing known: empty.
        """


@dataclass(frozen=True, slots=True)
class Text:
    """The words in an item, and what its app says about it beside them, for people and for comparing.

    `words` is empty for an item without any; pages are divided by form feeds where the app tells them apart.
    `about` names, as far as known: `correspondent`, `document_type`, `file_name` (text), `created`
    (YYYY-MM-DD), `size` (bytes), `pages`, `notes` (how many).
    """

    words: str = field(repr=False)
    about: Mapping[str, Json] = field(default_factory=dict)


@runtime_checkable
class Texts(Protocol):
    """Can hand out the words in its items."""

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        """The whole text of each; an unanswered key is left out, which says nothing about it."""


@dataclass(frozen=True, slots=True)
class TextPage:
    """Some texts. `mark` is where to go on after this page, also after a restart; None: only at the end.

    `total` is how many there are in all to read this time, as far as the app says.
    """

    texts: Mapping[Key, Text]
    mark: Json = None
    total: int | None = None


@runtime_checkable
class ListsTexts(Protocol):
    """Can list the texts that changed, which is far less to ask for than each by its key."""

    def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        """All texts that are new or changed since `mark` (None: all there are), page by page.

        The mark of the last page is given the next time. One that is changed meanwhile may come twice, and
        is never left out. Raises a `SourceError`.
        """
