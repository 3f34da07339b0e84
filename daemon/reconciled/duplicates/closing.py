"""Which papers of one chain were not held against each other yet.

A search compares each paper with a few that share what is rare, so a sheet with forty scans hangs together by
single pairs. Before anybody takes a chain of likenesses for one sheet, all in it are compared: what is one
shows by many pairs then, and a veto between two of its ends is not overlooked. Pure; no numpy needed.
"""

from collections.abc import Container, Iterable, Iterator

from reconciled.duplicates.grouping import Pair, group
from reconciled.duplicates.words import Band, Likeness

WITHIN = 32
"""In a chain of more than twice as many each paper is compared with so many before and after it, by their
ids: what a long chain costs grows with its papers, not with their pairs."""


def is_link(one: Likeness) -> bool:
    """Whether a pair makes a chain: it is a duplicate, or may be one."""
    return one.band is not Band.DIFFERENT and not one.vetoed


def unseen(links: Iterable[Pair], seen: Container[Pair]) -> list[Pair]:
    """The pairs of papers that links join to a chain, and that were not `seen`; chain by chain.

    In each the smaller id comes first, in those of `seen` too.
    """
    chains = group((a, b, 1.0) for a, b in links)
    return [pair for chain in chains for pair in _ring(sorted(chain)) if pair not in seen]


def _ring(members: list[int]) -> Iterator[Pair]:
    """Each pair of those that are near enough to each other in a ring, once."""
    count = len(members)
    for step in range(1, min(WITHIN, count // 2) + 1):
        for at in range(count // 2 if 2 * step == count else count):
            one, other = members[at], members[(at + step) % count]
            yield (one, other) if one < other else (other, one)
