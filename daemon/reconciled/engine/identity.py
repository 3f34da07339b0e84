"""Which item is which: pure comparisons of refs, paths and names.

Two items are the same thing when they share a strong ref and contradict each other in no space
that both have. A contradiction beside a shared ref makes them disputed: shown, never acted on.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Ref


class Sameness(StrEnum):
    """How two items relate by what they claim to be."""

    SAME = "same"
    DISPUTED = "disputed"
    OTHER = "other"
    """They have a space in common and share nothing."""
    UNRELATED = "unrelated"
    """They have no strong space in common, so their refs say nothing."""


def compare(mine: Iterable[Ref], theirs: Iterable[Ref]) -> Sameness:
    """Relate two sets of refs; weak ones are passed over."""
    ours, others = _by_space(mine), _by_space(theirs)
    common = ours.keys() & others.keys()
    if not common:
        return Sameness.UNRELATED
    agreeing = sum(1 for space in common if ours[space] & others[space])
    if agreeing == 0:
        return Sameness.OTHER
    return Sameness.SAME if agreeing == len(common) else Sameness.DISPUTED


def is_another_thing(known: Item, answer: Item) -> bool:
    """Whether an answer under a known key is about another thing than the ledger's item."""
    return compare(known.refs, answer.refs) is Sameness.OTHER


def was_reidentified(known: Item, answer: Item) -> bool:
    """Whether the same file merely got other refs (Jellyfin's "Identify"), given that they differ."""
    return known.path is not None and known.path == answer.path


def is_same_part(one: Item, other: Item) -> bool:
    """Whether both are the part of that number of the same item, and their refs do not contradict it."""
    numbered = one.number is not None and one.number == other.number
    alike = one.key.kind == other.key.kind and one.parent is not None and one.parent == other.parent
    return numbered and alike and compare(one.refs, other.refs) in (Sameness.SAME, Sameness.UNRELATED)


def other_bytes(mine: Iterable[Ref], theirs: Iterable[Ref]) -> bool:
    """Whether both say which bytes they have, and others: that alone tells of what no strong ref names."""
    ours, others = ({ref.value for ref in refs if ref.space == "sha256"} for refs in (mine, theirs))
    return bool(ours and others) and ours.isdisjoint(others)


def vouches(known: Item, answer: Item) -> bool:
    """Whether the answer shows the known item itself, identity and all: what a yes needs."""
    if known.key != answer.key:
        return False
    if known.strong_refs:
        return bool(known.strong_refs & answer.strong_refs)
    if known.path is not None or answer.path is not None:
        return known.path == answer.path
    return known.title == answer.title


def pair_replacements(old: Sequence[ItemRow], new: Sequence[ItemRow]) -> list[tuple[ItemRow, ItemRow]]:
    """Which new key replaces which old one: each at most once, same file name first, then same root."""
    candidates = [
        (_distance(before.item, after.item), before.id, after.id, before, after)
        for before in old
        for after in new
        if not before.item.refers
        and (
            compare(before.item.refs, after.item.refs) is Sameness.SAME
            or is_same_part(before.item, after.item)
        )
    ]
    pairs: list[tuple[ItemRow, ItemRow]] = []
    taken: set[int] = set()
    for _, before_id, after_id, before, after in sorted(candidates, key=lambda found: found[:3]):
        if before_id not in taken and after_id not in taken:
            taken |= {before_id, after_id}
            pairs.append((before, after))
    return pairs


def _distance(before: Item, after: Item) -> int:
    if before.path and after.path and _file_name(before.path) == _file_name(after.path):
        return 0
    return 1 if before.root == after.root else 2


def _file_name(path: str) -> str:
    kind = PureWindowsPath if "\\" in path and "/" not in path else PurePosixPath
    return kind(path).name.casefold()


def _by_space(refs: Iterable[Ref]) -> dict[str, set[str]]:
    spaces: dict[str, set[str]] = {}
    for ref in refs:
        if ref.strong:
            spaces.setdefault(ref.space, set()).add(ref.value)
    return spaces
