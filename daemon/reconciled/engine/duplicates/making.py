"""Which groups there should be, from the ground alone: who is in them, who stands for them. Pure.

First the duplicates. Then what is to be reviewed, where a group of duplicates is one sheet, for which its
primary stands; so no two papers of a group to review are duplicates of one another already. A pair of
duplicates that no group could take, for it would have brought together what stands apart, is one to review.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciled.duplicates.grouping import group
from reconciled.duplicates.primaries import Member, choose
from reconciled.duplicates.words import Band
from reconciled.engine.duplicates.ground import Ground, Weighed
from reconciled.ledger.groups import GroupRow, GroupState, MemberFacts, MemberRow
from reconciled.model import Json

SHARED = 2
"""A group takes the number of an old one with which it shares at least so many members."""


@dataclass(frozen=True, slots=True)
class Made:
    """A group as it should be: its members with the confidence that they are the primary's sheet.

    `old` is the group whose number it takes.
    """

    band: Band
    primary: int
    members: Mapping[int, float]
    old: GroupRow | None

    @property
    def confidence(self) -> float:
        """That of the weakest member."""
        return min(self.members.values())


@dataclass(frozen=True, slots=True)
class Known:
    """The groups of before, with all that stand or stood in them."""

    groups: Sequence[GroupRow]
    inside: Mapping[int, Mapping[int, MemberRow]]

    def of(self, group: GroupRow) -> Mapping[int, MemberRow]:
        """The members that it had last."""
        return self.inside.get(group.id, {})


Choice = Callable[[Collection[int], GroupRow | None], int]
"""Who stands for members, given the group that they were."""


def make(ground: Ground, known: Known, choice: Choice) -> list[Made]:
    """The groups, duplicates first."""
    taken: set[int] = set()
    apart = [*ground.vetoed, *ground.said, *ground.design]
    duplicates = _matched(Band.DUPLICATE, group(ground.duplicates, apart), known, taken)
    made = _made(Band.DUPLICATE, duplicates, ground.duplicates, choice)
    stands_for = {one: each.primary for each in made for one in each.members}

    def sheet(one: int) -> int:
        return stands_for.get(one, one)

    left = [(sheet(a), sheet(b), confidence) for a, b, confidence in (*ground.reviews, *ground.duplicates)]
    apart = [(sheet(a), sheet(b)) for a, b in (*ground.said, *ground.design)]
    reviews = _matched(Band.REVIEW, group(left, apart), known, taken, sheet)
    return made + _made(Band.REVIEW, reviews, left, choice)


def chooser(
    facts: Mapping[int, MemberFacts], labels: Mapping[int, str], preferences: Sequence[str]
) -> Choice:
    """By hand, or as it was when the group was answered; else by preference. `labels` are ours: a tag that
    the dry run put on a paper does not make it the one with the most tags.
    """

    def choice(members: Collection[int], old: GroupRow | None) -> int:
        if (
            old is not None
            and old.primary in members
            and (old.primary_by or old.state is not GroupState.OPEN)
        ):
            return old.primary
        return choose([_member(facts[one], labels.get(one)) for one in members], preferences)

    return choice


def _matched(
    band: Band,
    found: Sequence[frozenset[int]],
    known: Known,
    taken: set[int],
    sheet: Callable[[int], int] = lambda one: one,
) -> list[tuple[frozenset[int], GroupRow | None]]:
    """Each group with the old one that it is: the one that shares most members; of its own band, and not
    over, first. None is `taken` twice. `sheet` is who stands for a paper by now.
    """
    old = {each.id: each for each in known.groups if each.id not in taken}
    holding: dict[int, list[int]] = {}
    for number, each in old.items():
        for one in {sheet(one) for one in known.of(each)}:
            holding.setdefault(one, []).append(number)
    candidates = []
    for at, members in enumerate(found):
        shared = Counter(number for one in members for number in holding.get(one, ()))
        candidates += [
            (-count, old[number].band is not band, old[number].over is not None, number, at)
            for number, count in shared.items()
            if count >= SHARED
        ]
    which: dict[int, GroupRow] = {}
    for *_, number, at in sorted(candidates):
        if number not in taken and at not in which:
            which[at] = old[number]
            taken.add(number)
    return [(members, which.get(at)) for at, members in enumerate(found)]


def _made(
    band: Band,
    matched: Iterable[tuple[frozenset[int], GroupRow | None]],
    pairs: Iterable[Weighed],
    choice: Choice,
) -> list[Made]:
    """With the primary, and how like it each of them is."""
    near: dict[int, dict[int, float]] = {}
    for a, b, confidence in pairs:
        for one, other in ((a, b), (b, a)):
            beside = near.setdefault(one, {})
            beside[other] = max(confidence, beside.get(other, 0.0))
    return [
        Made(band, primary := choice(members, old), _likeness(primary, members, near), old)
        for members, old in matched
    ]


def _likeness(
    primary: int, members: frozenset[int], near: Mapping[int, Mapping[int, float]]
) -> dict[int, float]:
    """How sure it is that each is the primary's sheet: as they were compared; where they were not, as the
    weakest link of the strongest chain between them.
    """
    found: dict[int, float] = {}
    heap = [(-1.0, primary)]
    while heap:
        strength, one = heapq.heappop(heap)
        if one in found:
            continue
        found[one] = -strength
        for other, confidence in near.get(one, {}).items():
            if other in members and other not in found:
                heapq.heappush(heap, (max(strength, -confidence), other))
    direct = near.get(primary, {})
    return {one: direct.get(one, strength) for one, strength in found.items()}


def _member(facts: MemberFacts, label: str | None) -> Member:
    """A paper as preferences look at it. An app numbers its items in the order in which they came."""
    attrs, about = facts.attrs, facts.about
    tags = attrs.get("tags")
    count = sum(tag != label for tag in tags) if isinstance(tags, list) else 0
    number = int(facts.key) if facts.key.isascii() and facts.key.isdigit() and len(facts.key) < 20 else 0
    return Member(
        facts.item_id,
        added=(facts.first_seq, number),
        created=_text(about.get("created")) or _text(attrs.get("created")),
        asn=attrs.get("asn") is not None,
        tags=count,
        words=facts.words,
        size=_number(about.get("size"), attrs.get("size")),
        pages=_number(about.get("pages"), attrs.get("pages")),
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(*values: Json) -> int | None:
    return next((one for one in values if isinstance(one, int) and not isinstance(one, bool)), None)
