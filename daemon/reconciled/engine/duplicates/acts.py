"""What a person may want done to groups of duplicates, and what that comes to: the values of an order."""

from dataclasses import dataclass
from enum import StrEnum

from reconciled.config import Verb
from reconciled.engine.outbox.shown import Paper, Told
from reconciled.model import Key
from reconciled.source import Deletion


class Do(StrEnum):
    """What is done to the members of a group, all but its primary."""

    TAG = "tag"
    UNTAG = "untag"
    MERGE = "merge"
    DELETE = "delete"
    MERGE_DELETE = "merge_delete"

    @property
    def words(self) -> str:
        """As a sentence says it."""
        return self.replace("_", " and ")

    @property
    def merges(self) -> bool:
        """Whether the primary takes over what the others are labelled with."""
        return self in (Do.MERGE, Do.MERGE_DELETE)

    @property
    def deletes(self) -> bool:
        """Whether members go."""
        return self in (Do.DELETE, Do.MERGE_DELETE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants done to a group: to these members (rows of items), else to all but the primary.

    `primary` is what stays, if not the group's own.
    """

    group: int
    do: Do
    members: tuple[int, ...] = ()
    primary: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One action to be ordered. `told` is what is shown with it, `first` whether the others wait for it.

    `beside`: nobody asked for it; it goes along with what was asked for.
    """

    verb: Verb
    paper: Paper
    label: str = ""
    how: Deletion | None = None
    told: Told | None = None
    first: bool = False
    beside: bool = False

    @property
    def keeper(self) -> int | None:
        """The row of what has to stay, for a deletion."""
        return self.told.primary.item if self.verb is Verb.DELETE and self.told is not None else None

    @property
    def others(self) -> tuple[Key, ...]:
        """The keys whose labels are taken over, for a merge."""
        return tuple(one.key for one in self.told.others) if self.verb is Verb.MERGE and self.told else ()

    @property
    def without(self) -> tuple[str, ...]:
        """The tags that are not taken over, for a merge."""
        return tuple(self.told.without) if self.told is not None else ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done to a group, in words. `refused`: nothing, and why; `print` is of all this."""

    wanted: Wanted
    title: str
    acts: tuple[Act, ...] = ()
    lines: tuple[str, ...] = ()
    refused: str | None = None
    print: str = ""

    @property
    def deletes(self) -> int:
        """How many members would go."""
        return sum(act.verb is Verb.DELETE for act in self.acts)

    @property
    def merge(self) -> Act | None:
        """What the primary would take over, if anything."""
        return next((act for act in self.acts if act.verb is Verb.MERGE), None)
