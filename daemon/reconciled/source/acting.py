"""What a source may change in its app, and how it brings back what was deleted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from reconciled.model import Json, Key


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


@dataclass(frozen=True, slots=True)
class Merging:
    """What merging items onto one would add to it, said before it is done.

    `gains` are sentences ("gets the tag “tax”"), `conflicts` what is not taken over because the one has
    another of it already. Nothing in either: there is nothing to merge.
    """

    gains: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


@runtime_checkable
class Merges(Protocol):
    """Can add to an item what its duplicates are labelled with: tags, correspondent, notes; takes nothing.

    `without` are tags that are not taken over, such as the one that marks the others as duplicates.
    """

    async def foresee_merge(
        self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()
    ) -> Merging:
        """Look without changing anything."""

    async def merge(self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()) -> None:
        """Do it. What is there already is left; done twice it is as if done once."""
