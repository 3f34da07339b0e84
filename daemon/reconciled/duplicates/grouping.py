"""Groups of accepted pairs, of which none holds two papers that were said to be different.

Pairs are joined strongest first. A pair whose joining would bring two papers into one group that are to stand
`apart` is left out, so a chain of likenesses never overrules a veto or a person. Two groups of several papers
are not joined by one pair alone: if that is a mistake, all of both are mistaken. What comes out depends on
the pairs alone, never on the order in which they are given. Pure; no numpy needed.
"""

from collections.abc import Iterable
from itertools import combinations

FEW = 1
"""What `group` is given for duplicates. Among 100,000 made-up papers it kept some single mistakes from
joining clusters of dozens of scans: precision of pairs in groups .95 instead of .82, at the cost of .01 of
recall, and of .1 where sheets were scanned dozens of times.
"""


def group(
    pairs: Iterable[tuple[int, int, float]],
    apart: Iterable[tuple[int, int]] = (),
    *,
    few: int | None = None,
) -> list[frozenset[int]]:
    """The groups of two and more, by their smallest id.

    `pairs` are (id, id, confidence); of equal confidences the smaller ids come first. Of a pair that is given
    twice the higher confidence counts; which of the two ids stands first means nothing. With `few` two sets
    of more papers each are joined only by two pairs that have no paper in common.
    """
    ordered = sorted((-confidence, min(a, b), max(a, b)) for a, b, confidence in pairs if a != b)
    joined = _Joined({one for _, a, b in ordered for one in (a, b)}, apart)
    waiting = list[tuple[int, int]]()
    for _, a, b in ordered:
        if few is not None and joined.both_have_more(a, b, few):
            waiting.append((a, b))
        else:
            joined.join(a, b)
    while _join_some(joined, waiting):
        pass
    return joined.groups()


def _join_some(joined: "_Joined", waiting: list[tuple[int, int]]) -> bool:
    """Join what two of the waiting pairs that have no paper in common lead to; whether any were."""
    between: dict[frozenset[int], list[tuple[int, int]]] = {}
    for a, b in waiting:
        between.setdefault(joined.roots(a, b), []).append((a, b))
    done = False
    for pairs in between.values():
        if any(len({*one, *other}) == _ALL for one, other in combinations(pairs[:_LOOKED], 2)):
            done |= joined.join(*pairs[0])
    return done


_ALL, _LOOKED = 4, 50
"""Two pairs that have no paper in common have four; so many pairs between two sets are looked at."""


class _Joined:
    """Disjoint sets of ids, each with the sets that it must not be joined with, named by their roots."""

    def __init__(self, ids: Iterable[int], apart: Iterable[tuple[int, int]]) -> None:
        self._parent = {one: one for one in ids}
        self._members = {one: [one] for one in self._parent}
        self._foes: dict[int, set[int]] = {}
        for a, b in apart:
            if a != b and a in self._parent and b in self._parent:
                self._foes.setdefault(a, set()).add(b)
                self._foes.setdefault(b, set()).add(a)

    def both_have_more(self, a: int, b: int, few: int) -> bool:
        """Whether these are in two sets, each of more papers than a few."""
        one, other = self._root(a), self._root(b)
        return one != other and min(len(self._members[one]), len(self._members[other])) > few

    def roots(self, a: int, b: int) -> frozenset[int]:
        """What names the sets of two papers."""
        return frozenset((self._root(a), self._root(b)))

    def join(self, a: int, b: int) -> bool:
        """Make one set of two, unless they hold a pair that is to stand apart; whether that was done."""
        one, other = self._root(a), self._root(b)
        if one == other or other in self._foes.get(one, ()):
            return False
        if self._weight(one) < self._weight(other):
            one, other = other, one
        self._parent[other] = one
        self._members[one] += self._members.pop(other)
        for foe in self._foes.pop(other, ()):
            theirs = self._foes[foe]
            theirs.discard(other)
            theirs.add(one)
            self._foes.setdefault(one, set()).add(foe)
        return True

    def groups(self) -> list[frozenset[int]]:
        found = [frozenset(members) for members in self._members.values() if len(members) > 1]
        return sorted(found, key=min)

    def _root(self, one: int) -> int:
        parent = self._parent
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def _weight(self, root: int) -> int:
        """What it costs to bring it into another."""
        return len(self._members[root]) + len(self._foes.get(root, ()))
