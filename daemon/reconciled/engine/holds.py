"""When suspects are not believed: one pure judgement about a group of them.

A group is what lies in one source, kind and root. It is judged before lookups and again before
anything is called gone, because a lookup of an app that looks into another world (an unmounted
disk, a restored backup, another instance) truthfully says "no such item".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciled.ledger.rows import RootRow

MANY = 5
"""At most this many losses are never too many by share alone."""
NEWEST = 3
"""From this many suspects on that are the newest of all, a restored backup is likelier than a spree.

Whatever older ones are missed beside them: people delete things, too, in the week that a backup lacks."""
NO_YES = 24 * 3600.0
"""Seconds without any yes after which a suspect is put on hold."""
SIZE_TOLERANCE = 0.1
"""A file system whose total changes by less is still the same one (a grown volume, a quota)."""


class Reason(StrEnum):
    """Why a hold stands, the weightiest first."""

    @property
    def spares_own_acts(self) -> bool:
        """Whether what the app says it deleted itself is left out: counts spare it, another world not."""
        return self in (Reason.ROOT, Reason.NEWEST, Reason.MANY)

    def outweighs(self, other: "Reason") -> bool:
        """Whether it is the weightier of the two."""
        order = list(Reason)
        return order.index(self) < order.index(other)

    INSTANCE = "instance"
    ACCOUNT = "account"
    ROOT = "root"
    NEWEST = "newest"
    MANY = "many"
    NO_YES = "no_yes"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a group. `first_seen` has one sequence number a counted suspect, and
    `doubted` counts all that no person released, also those that the app says it deleted itself.

    `went` counted losses of the last 24 h; `stood` items there before them, suspects among them;
    `newest_other` the highest `first_seq` of what still stands and was there when the suspects
    were last seen (None: nothing); `no_yes_for` the longest time a suspect waits for a yes, in s.
    `files`, `files_went` and `files_stood` are the same of those alone that have files: entries that
    never had one say nothing of a disk.
    """

    source: str
    kind: str
    root: str
    first_seen: Sequence[int]
    went: int
    stood: int
    newest_other: int | None
    max_gone: float
    root_row: RootRow | None = None
    roots_known: bool = False
    foreign: str | None = None
    account: str | None = None
    no_yes_for: float = 0.0
    only_files: bool = False
    doubted: int = 0
    files: int = 0
    files_went: int = 0
    files_stood: int = 0

    @property
    def verb(self) -> str:
        """What the suspects would do if they were believed."""
        return "lose their files" if self.only_files else "be gone"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The reason of a hold and its sentence."""

    reason: Reason
    sentence: str


def judge_world(facts: Facts) -> Judgement | None:
    """Whether the app looks at another world (installation, account, disk), so that its no means nothing."""
    doubted = max(facts.doubted, len(facts.first_seen))
    if facts.foreign and doubted:
        return Judgement(
            Reason.INSTANCE, f"{facts.foreign}: another instance, or an older copy, behind the same address?"
        )
    if facts.account and doubted:
        return Judgement(Reason.ACCOUNT, f"{facts.account}, so what it does not show may still be there")
    count = len(facts.first_seen)
    if count and (trouble := root_trouble(facts.root_row, facts.root, known=facts.roots_known)):
        return Judgement(Reason.ROOT, f"{count} {_place(facts)}: {trouble}")
    return None


def judge(facts: Facts) -> Judgement | None:
    """Whether the group's suspects are to be held, and why; None lets them be looked up."""
    if world := judge_world(facts):
        return world
    count, place = len(facts.first_seen), _place(facts)
    newer = _newer(facts)
    if newer >= NEWEST:
        if facts.newest_other is None:
            return Judgement(
                Reason.MANY,
                f"All {count} {place} would {facts.verb} at once: an emptied database or library?",
            )
        newest = f"The {count} newest {place} would {facts.verb} at once"
        if newer < count:
            newest = f"{count} {place} would {facts.verb} at once, the {newer} newest among them"
        return Judgement(Reason.NEWEST, f"{newest}: restored from a backup?")
    if many := _many(facts):
        return Judgement(Reason.MANY, many)
    if facts.no_yes_for >= NO_YES:
        return Judgement(
            Reason.NO_YES,
            f"For a day {facts.source} denied every {facts.kind} that it was asked about: an empty database, "
            "another instance, or a proxy?",
        )
    return None


def _many(facts: Facts) -> str | None:
    """Why it is too much, of all that stood there or of what had files; None: it is not."""
    place, most, count = _place(facts), facts.max_gone, len(facts.first_seen)
    if much := _share(count, facts.went, facts.stood, most):
        return f"At least {much[0]} {place} would {facts.verb}{much[1]}"
    place = f"{place} that have files"
    if facts.files >= NEWEST and facts.files + facts.files_went == facts.files_stood and most < 1:
        return f"All {facts.files} {place} would lose them at once: an emptied disk or folder?"
    if much := _share(facts.files, facts.files_went, facts.files_stood, most):
        return f"At least {much[0]} {place} would lose them{much[1]}"
    return None


def _share(count: int, went: int, stood: int, most: float) -> tuple[str, str] | None:
    """How many of how many, and what else belongs to it, in words; None when that is not too much."""
    lost = count + went
    if lost <= MANY or lost <= most * stood:
        return None
    earlier = f" ({went} of them went in the last 24 h)" if went else ""
    return f"{lost} of {stood}", f"{earlier}, more than max_gone {most * 100:g}%"


def _newer(facts: Facts) -> int:
    """How many of the suspects came later than everything that stands."""
    other = facts.newest_other
    return sum(other is None or first > other for first in facts.first_seen)


def root_trouble(row: RootRow | None, root: str, *, known: bool) -> str | None:
    """What is wrong with a root, in words, or None. `known`: the source names its roots at all."""
    if not root or not known:
        return None
    if row is None or not row.listed:
        return f"the app no longer names the root {root}"
    if row.accessible is False:
        return f"the root {root} is not accessible"
    if row.empty:
        return f"the root {root} is empty: not mounted?"
    if row.device and row.base_device and row.device != row.base_device:
        return f"the root {root} lies on {row.device} instead of {row.base_device}: not mounted?"
    if (row.base_device or row.base_size) and not (row.device or row.size):
        return f"the app no longer says on which disk the root {root} lies: not mounted?"
    if row.size and row.base_size and abs(row.size - row.base_size) > SIZE_TOLERANCE * row.base_size:
        now, before = _bytes(row.size), _bytes(row.base_size)
        return f"the file system of {root} holds {now} instead of {before}: another disk?"
    return None


def _place(facts: Facts) -> str:
    return f"{_plural(facts.kind)} of {facts.source}{' below ' + facts.root if facts.root else ''}"


def _plural(kind: str) -> str:
    return kind if kind.endswith("s") else f"{kind}s"


def _bytes(size: int) -> str:
    return f"{size / 1e12:.1f} TB" if size >= 1e12 else f"{size / 1e9:.1f} GB"
