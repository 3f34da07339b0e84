"""Groups of accepted pairs, of which none holds two papers that were said to be different.

Pairs are joined strongest first, but last those that have most against them: one scan of forty that was said
to differ from many of the others is left out, and does not tear them in two; and of two sheets no scan comes
to the other's by a single wrong link. A pair whose joining would bring two papers into one group that are to
stand `apart` is left out, so a chain of likenesses never overrules a veto or a person. What comes out depends
on the pairs alone, never on the order in which they are given. Pure; no numpy needed.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]


def group(pairs: Iterable[tuple[int, int, float]], apart: Iterable[Pair] = ()) -> list[frozenset[int]]:
    """The groups of two and more, by their smallest id.

    `pairs` are (id, id, confidence); of equal confidences the smaller ids come first. Of a pair that is given
    twice the higher confidence counts; which of the two ids stands first means nothing.
    """
    sure: dict[Pair, float] = {}
    for a, b, confidence in pairs:
        if a != b:
            pair = _pair(a, b)
            sure[pair] = max(confidence, sure.get(pair, 0.0))
    foes = {_pair(a, b) for a, b in apart if a != b}
    against = _against(sure, foes)
    joined = _Joined(sure, foes)
    for a, b in sorted(sure, key=lambda pair: (against(pair), -sure[pair], pair)):
        joined.join(a, b)
    return joined.groups()


def _pair(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)


def _against(pairs: Iterable[Pair], foes: Iterable[Pair]) -> Callable[[Pair], float]:
    """What there is against a pair: of the papers that pairs join to either, the share that the other one is
    to stand apart from. A wrong link between two sheets has all other scans of both against it.
    """
    near, far = _beside(pairs), _beside(foes)

    def share(pair: Pair) -> float:
        a, b = pair
        said = len(near[a] & far.get(b, _NONE)) + len(near[b] & far.get(a, _NONE))
        found = said / (len(near[a]) + len(near[b]))
        return found if said > _ONE and found > _SOME else 0.0

    return share


_NONE: frozenset[int] = frozenset()
_ONE, _SOME = 1, 0.1
"""Nothing speaks against a pair yet if it is one paper that does, or so few of those around."""


def _beside(pairs: Iterable[Pair]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for a, b in pairs:
        found.setdefault(a, set()).add(b)
        found.setdefault(b, set()).add(a)
    return found


class _Joined:
    """Disjoint sets of ids, each with the sets that it must not be joined with, named by their roots."""

    def __init__(self, pairs: Iterable[Pair], apart: Iterable[Pair]) -> None:
        self._parent = {one: one for pair in pairs for one in pair}
        self._members = {one: [one] for one in self._parent}
        self._foes: dict[int, set[int]] = {}
        for a, b in apart:
            if a in self._parent and b in self._parent:
                self._foes.setdefault(a, set()).add(b)
                self._foes.setdefault(b, set()).add(a)

    def join(self, a: int, b: int) -> None:
        """Make one set of two, unless they hold a pair that is to stand apart."""
        one, other = self._root(a), self._root(b)
        if one == other or other in self._foes.get(one, ()):
            return
        if self._weight(one) < self._weight(other):
            one, other = other, one
        self._parent[other] = one
        self._members[one] += self._members.pop(other)
        for foe in self._foes.pop(other, ()):
            theirs = self._foes[foe]
            theirs.discard(other)
            theirs.add(one)
            self._foes.setdefault(one, set()).add(foe)

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
