"""Which papers of one chain were not held against each other yet.

A search compares each paper with a few that share what is rare, so a sheet with forty scans hangs together by
single pairs. Before anybody takes a chain of likenesses for one sheet, all in it are compared: what is one
shows by many pairs then, and a veto between two of its ends is not overlooked. Pure; no numpy needed.
"""

from collections.abc import Container, Iterable, Iterator
from typing import TypeAlias

from reconciled.duplicates.grouping import Pair, group
from reconciled.duplicates.words import Band, Likeness

Link: TypeAlias = tuple[int, int, bool]

WITHIN = 32
"""In a chain of more than twice as many each paper is compared with so many before and after it, by their
ids: what a long chain costs grows with its papers, not with their pairs."""


def links_of(found: Iterable[Likeness]) -> Iterator[Link]:
    """The pairs that make chains: duplicates, and what may be one; vetoed ones do not."""
    for one in found:
        if one.band is not Band.DIFFERENT and not one.vetoed:
            yield one.a, one.b, one.band is Band.DUPLICATE


def unseen(links: Iterable[Link], seen: Container[Pair]) -> list[Pair]:
    """The pairs of papers that links join to a chain, and that were not `seen`; chain by chain.

    A link is (id, id, whether it is a duplicate). Of what duplicates alone join more is looked at than of the
    rest, where a chain is long. In each pair the smaller id comes first, in those of `seen` too.
    """
    links = list(links)
    found: dict[Pair, None] = {}
    for those in ([link for link in links if link[2]], links):
        for chain in group((a, b, 1.0) for a, b, _ in those):
            found |= dict.fromkeys(pair for pair in _ring(sorted(chain)) if pair not in seen)
    return list(found)


def _ring(members: list[int]) -> Iterator[Pair]:
    """Each pair of those that are near enough to each other in a ring, once."""
    count = len(members)
    for step in range(1, min(WITHIN, count // 2) + 1):
        for at in range(count // 2 if 2 * step == count else count):
            one, other = members[at], members[(at + step) % count]
            yield (one, other) if one < other else (other, one)
