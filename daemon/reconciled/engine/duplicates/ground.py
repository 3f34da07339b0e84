"""What the groups are made from: which papers are, or may be, one sheet, and which are never.

Told by the search are likenesses; besides, papers with the same bytes or the same text are one sheet without
any search (tier 0). Never in one group are pairs with a difference that no scanner makes (of duplicates: such
a pair may still be one to review), pairs that a person called different, and what is one by design: a
mirror's copies of one another, and one file as two sources show it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from reconciled.duplicates.grouping import group
from reconciled.duplicates.words import Band
from reconciled.ledger import groups, judgements, kindred, likenesses, papers
from reconciled.ledger.connection import Tx
from reconciled.ledger.judgements import Answer
from reconciled.ledger.papers import FAINT, FEW_WORDS

Pair = tuple[int, int]
Weighed = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Ground:
    """Pairs by band, with their confidences, and the pairs that stand apart.

    `vetoed` are apart as duplicates only; `said` by a person, as long as the texts are as they were; `design`
    are one by design.
    """

    duplicates: list[Weighed]
    reviews: list[Weighed]
    vetoed: list[Pair]
    said: list[Pair]
    design: list[Pair]


def read(tx: Tx, items: Collection[int] | None = None) -> Ground:
    """The ground as the ledger has it; with `items` as far as both of a pair are among these."""
    said = [(one.a, one.b) for one in judgements.standing(tx, items, Answer.DIFFERENT)]
    vetoed = likenesses.vetoed(tx, items)
    classes = papers.alike(tx, items)
    duplicates = likenesses.accepted(tx, Band.DUPLICATE, items)
    reviews = likenesses.accepted(tx, Band.REVIEW, items)
    stars = [(members[0][0], one, 1.0) for _, members in classes for one, _ in members[1:]]
    design = _design(tx, [*duplicates, *reviews, *stars])
    exact, faint = _tier_0(classes, design, apart=[*said, *vetoed])
    return Ground(
        exact + [pair for pair in duplicates if not design.explains(pair[0], pair[1])],
        faint + [pair for pair in reviews if not design.explains(pair[0], pair[1])],
        vetoed,
        said,
        design.apart,
    )


def reach(tx: Tx, items: Collection[int]) -> set[int]:
    """These papers and all whose groups may depend on them."""
    found: set[int] = set()
    new = set(items)
    while new:
        found |= new
        near = likenesses.neighbours(tx, new) | groups.together(tx, new)
        near |= {one for _, members in papers.alike(tx, new) for one, _ in members}
        new = near - found
    return found


@dataclass(frozen=True, slots=True)
class _Design:
    """Where papers are, and where what is one with them by design; `apart` is what no chain may join."""

    sources: Mapping[int, int]
    also_in: Mapping[int, Collection[int]]
    apart: list[Pair]

    def explains(self, a: int, b: int) -> bool:
        """Whether it is no news that the two are alike. What has its copy in another source is no duplicate
        of anything there: that is its copy's affair.
        """
        here, there = self.sources.get(a), self.sources.get(b)
        return here != there and (there in self.also_in.get(a, ()) or here in self.also_in.get(b, ()))


def _design(tx: Tx, pairs: list[Weighed]) -> _Design:
    sources = kindred.sources_of(tx, {one for a, b, _ in pairs for one in (a, b)})
    if len(set(sources.values())) < 2:
        return _Design(sources, {}, [])
    crossing = {
        one for members in group(pairs) if len({sources.get(one) for one in members}) > 1 for one in members
    }
    families = group([(a, b, 1.0) for a, b in kindred.ties(tx, crossing)])
    places = kindred.sources_of(tx, {one for family in families for one in family})
    also_in = {}
    apart = []
    for family in families:
        where = {places[one] for one in family if one in places}
        also_in.update(dict.fromkeys(family, where))
        apart += [
            pair
            for pair in combinations(sorted(family & crossing), 2)
            if sources.get(pair[0]) != sources.get(pair[1])
        ]
    return _Design(sources, also_in, apart)


def _tier_0(
    classes: Iterable[tuple[str, Sequence[tuple[int, int]]]], design: _Design, *, apart: Iterable[Pair]
) -> tuple[list[Weighed], list[Weighed]]:
    """Pairs of the same bytes or the same text, and those of a text too short to tell; as few as hold a
    class together, so that a thousand copies of one file are a thousand pairs.
    """
    foes: dict[int, set[int]] = {}
    for a, b in apart:
        foes.setdefault(a, set()).add(b)
        foes.setdefault(b, set()).add(a)
    exact, faint = list[Weighed](), list[Weighed]()
    for what, members in classes:
        enough = what == "checksum" or max(words for _, words in members) >= FEW_WORDS
        by_source: dict[int, list[int]] = {}
        for one, _ in members:
            by_source.setdefault(design.sources.get(one, 0), []).append(one)
        held = [pair for inside in by_source.values() for pair in _held_together(inside, foes)]
        held += _across(by_source, design, foes)
        (exact if enough else faint).extend((a, b, 1.0 if enough else FAINT) for a, b in held)
    return exact, faint


def _across(
    by_source: Mapping[int, Sequence[int]], design: _Design, foes: Mapping[int, set[int]]
) -> list[Pair]:
    """For each two sources the first pair of papers that nothing explains or forbids."""
    found = []
    for here, there in combinations(sorted(by_source), 2):
        ours = [one for one in by_source[here] if there not in design.also_in.get(one, ())]
        theirs = [one for one in by_source[there] if here not in design.also_in.get(one, ())]
        pairs = ((a, b) for a in ours for b in theirs if b not in foes.get(a, ()))
        found += [pair for pair in [next(pairs, None)] if pair is not None]
    return found


def _held_together(members: Iterable[int], foes: Mapping[int, set[int]]) -> list[Pair]:
    """Each with the first of the earliest lot that none of its foes is in."""
    first: list[int] = []
    lot_of: dict[int, int] = {}
    pairs = []
    for one in members:
        shunned = {lot_of[foe] for foe in foes.get(one, ()) if foe in lot_of}
        lot = next((lot for lot in range(len(first)) if lot not in shunned), len(first))
        if lot == len(first):
            first.append(one)
        else:
            pairs.append((first[lot], one))
        lot_of[one] = lot
    return pairs
