"""Policies as the engine uses them: the user's rules from findings to actions, checked and frozen.

`load` makes them. Two policies are equal when they mean the same, wherever they stand in the file;
`words` is what an approval is given for.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from reconciled.config.mode import Mode
from reconciled.config.problems import Mark
from reconciled.model import What

GRACE = 12 * 3600.0
SHORTEST_GRACE = 600.0
"""A destructive policy with less is refused."""
MAX_ACTIONS = 25


class When(StrEnum):
    """The findings that a policy can be about."""

    GONE = "gone"
    ORPHAN = "orphan"
    REPLACED = "replaced"
    COPY_GONE = "copy_gone"
    """A copy that a mirror keeps went, while its original stands: nothing that could be acted on was lost."""


class Verb(StrEnum):
    """What an action does. A verb names a source: what belongs to the thing there; `notify` a channel."""

    DELETE = "delete"
    UNMONITOR = "unmonitor"
    UNTAG = "untag"
    TAG = "tag"
    MONITOR = "monitor"
    RESTORE = "restore"
    MERGE = "merge"
    NOTIFY = "notify"

    @property
    def destructive(self) -> bool:
        """Needs a grace, an agreement, a full look, an identity, a place in no hold, and the first batch."""
        return self in (Verb.DELETE, Verb.UNMONITOR, Verb.UNTAG)

    @property
    def by_hand(self) -> bool:
        """Done only on a person's order, never by a policy."""
        return self is Verb.MERGE

    @property
    def telling(self) -> bool:
        """Changes nothing in any app; held back by nothing."""
        return self is Verb.NOTIFY

    @property
    def opposite(self) -> "Verb | None":
        """What undoes it, where a verb does."""
        pairs = {Verb.TAG: Verb.UNTAG, Verb.UNTAG: Verb.TAG, Verb.UNMONITOR: Verb.MONITOR}
        return (pairs | {Verb.MONITOR: Verb.UNMONITOR}).get(self)


class Agree(StrEnum):
    """Who has to agree besides a list of sources: all that could know the thing, or nobody."""

    ALL = "all"
    NONE = "none"


class Copies(StrEnum):
    """Whether a policy fires on the last copy of a thing, or for each copy by its path."""

    LAST = "last"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `target` is a source's name, or a channel's for `notify`.

    `files` and `exclude` are for `delete`, `label` for `tag` and `untag`, `message` (a template) for
    `notify`.
    """

    verb: Verb
    target: str
    files: bool = False
    exclude: bool = False
    label: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Unless:
    """What keeps a policy from firing: true when any item of the thing, in any source, matches any of these.

    `tags` are labels (any case), `paths` and `titles` globs (any case; `*` crosses slashes), and
    `younger_than` seconds since the item was added. What cannot be read counts as a match.
    """

    tags: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    younger_than: float | None = None

    def __bool__(self) -> bool:
        return bool(self.tags or self.paths or self.titles or self.younger_than is not None)


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy. Empty `kinds` or `sources` mean all; `what` None means by what the item is (see `What`).

    `mode` is its own, None when it says none; `grace` is in seconds of watched time. `asked`: one of
    its targets is an app that always asks, so `act` is not for it.
    """

    name: str
    when: When
    then: tuple[Step, ...]
    kinds: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    what: What | None = None
    agree: Agree | frozenset[str] = Agree.ALL
    grace: float = GRACE
    unless: Unless = field(default_factory=Unless)
    copies: Copies = Copies.LAST
    mode: Mode | None = None
    max_actions: int = MAX_ACTIONS
    cascade: bool = False
    asked: bool = False
    mark: Mark = field(default=Mark(Path("config.yaml"), 1, 1), compare=False, repr=False)

    @property
    def destructive(self) -> bool:
        """Whether any of its steps is."""
        return any(step.verb.destructive for step in self.then)

    def words(self) -> str:
        """A print of all that it says, apart from its mode: an approval holds as long as it stays."""
        agree = self.agree if isinstance(self.agree, Agree) else sorted(self.agree)
        said = (
            self.name, self.when, [(s.verb, s.target, s.files, s.exclude, s.label) for s in self.then],
            sorted(self.kinds), sorted(self.sources), self.what, agree, self.grace,
            (sorted(self.unless.tags), self.unless.paths, self.unless.titles, self.unless.younger_than),
            self.copies, self.max_actions, self.cascade,
        )  # fmt: skip
        return hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()

    def mode_under(self, daemon: Mode) -> Mode:
        """The mode that counts: its own, the daemon's or its targets', whichever is strictest."""
        bounds = [daemon, self.mode or daemon, Mode.ASK if self.asked else daemon]
        return min(bounds, key=list(Mode).index)
