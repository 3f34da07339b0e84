"""What third papers say of two: a sheet is one, so who is the same as both makes them the same.

Each pair was judged by itself. Of three papers either all are one sheet, or two of them, or none: that two
pairs are and the third is not cannot be. So a paper that is like both speaks for the two, and one that is
like the one and not like the other speaks against them, by as much as it is sure of either. No pair becomes
a duplicate by that unless one paper is a duplicate of both, so it brings nobody into a group; and a veto
stays a veto. What comes out depends on the pairs alone, never on their order. Pure; no numpy needed.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciled.duplicates.closing import WITHIN
from reconciled.duplicates.grouping import Pair, group
from reconciled.duplicates.words import FITTED, Factor, Likeness, Weights, weigh

_HALF = 0.5
"""Pairs share the errors of the paper that is in both: what a third says counts half."""
_MOST = 4.0
"""All thirds together say at most so much (log-odds)."""
_LIKELY = 0.5
"""A third is likelier one sheet with one of the two than not."""
_SURE, _NEVER = 0.995, 0.001
"""No pair is surer than that, either way."""
_VETOED, _SAID_TO_DIFFER = 0.3, 0.1
"""Some papers with a veto between them are one sheet after all, and so are some that were said to differ."""
_SOME = 16
"""So many thirds are heard at each of the two papers, those that are likeliest the same as it."""
_QUIET = 0.05
"""What says less (log-odds) is not worth keeping."""
_BELOW = 0.001
"""By so much (log-odds) a pair stays below a border that it must not reach."""


@dataclass(frozen=True, slots=True)
class Own:
    """What two papers say by themselves: log-odds that they are one sheet, and whether there is a veto."""

    odds: float
    vetoed: bool = False

    @property
    def probability(self) -> float:
        """That they are one sheet, as far as others may rely on it."""
        found = min(_SURE, max(_NEVER, 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, self.odds))))))
        return min(found, _VETOED) if self.vetoed else found


def own(parts: Mapping[Factor, float], *, vetoed: bool) -> Own | None:
    """That of a pair with these log-odds, by the fitted weights; None: they have no words to be judged by."""
    if Factor.TEXT not in parts:
        return None
    return Own(sum(parts.get(factor, 0.0) * FITTED.of[factor] for factor in _OWN), vetoed)


_OWN = tuple(factor for factor in FITTED.of if factor is not Factor.THIRDS)


def thirds(known: Mapping[Pair, Own], of: Collection[Pair] | None = None) -> dict[Pair, float]:
    """What third papers say of pairs, as log-odds; who hears next to nothing is not among them.

    `known` has what was found of pairs, the smaller id first: duplicates, what is to be reviewed, and vetoes;
    with `of` only these of them are asked about. All papers of a chain were compared, unless it is too long
    (see `closing`): of two that are not in `known` it is taken that they were said to differ.
    """
    around = _Around(known)
    found = {}
    for pair in known if of is None else of:
        said = _said(known[pair], [*around.heard(*pair)])
        if abs(said) >= _QUIET:
            found[pair] = said
    return found


def with_thirds(found: Iterable[Likeness], *, weights: Weights = FITTED) -> Iterator[Likeness]:
    """Likenesses of all pairs that were compared, each with what third papers say of it."""
    all_ = list(found)
    mine = {(one.a, one.b): own(one.parts, vetoed=one.vetoed) for one in all_}
    heard = thirds({pair: said for pair, said in mine.items() if said is not None})
    for one in all_:
        yield hearing(one, heard.get((one.a, one.b), 0.0), weights=weights)


def hearing(one: Likeness, said: float, *, weights: Weights = FITTED) -> Likeness:
    """A likeness of which third papers say so much (log-odds), in place of what they said before."""
    parts = dict(one.parts)
    parts.pop(Factor.THIRDS, None)
    if said:
        parts[Factor.THIRDS] = said
    if parts == one.parts:
        return one
    confidence, band = weigh(parts, vetoed=one.vetoed, weights=weights)
    return replace(one, parts=parts, confidence=confidence, band=band)


class _Around:
    """How sure it is of papers that they are one sheet, and whom to hear about two of them."""

    def __init__(self, known: Mapping[Pair, Own]) -> None:
        self._sure = {pair: said.probability for pair, said in known.items()}
        near: dict[int, dict[int, float]] = {}
        for (a, b), sure in self._sure.items():
            if sure >= _LIKELY:
                near.setdefault(a, {})[b] = sure
                near.setdefault(b, {})[a] = sure
        self._near = {
            one: sorted(beside, key=lambda other: (-beside[other], other))[:_SOME]
            for one, beside in near.items()
        }
        chains = group((a, b, 1.0) for a, beside in near.items() for b in beside)
        self._long = {one for chain in chains if len(chain) > 2 * WITHIN + 1 for one in chain}

    def heard(self, a: int, b: int) -> Iterator[tuple[float, float]]:
        """How sure it is of each third that it is the one, and that it is the other.

        Always in one order, so that their sum is the same to its last bit.
        """
        for third in sorted({*self._near.get(a, ()), *self._near.get(b, ())} - {a, b}):
            one, other = self._same(third, a), self._same(third, b)
            if one is not None and other is not None:
                yield one, other

    def _same(self, one: int, other: int) -> float | None:
        known = self._sure.get((one, other) if one < other else (other, one))
        return _SAID_TO_DIFFER if known is None and one not in self._long else known


def _said(mine: Own, heard: Sequence[tuple[float, float]]) -> float:
    """What thirds say of a pair; `heard` is how sure it is of each that it is the one, and the other."""
    said = _HALF * sum(
        math.log((1 - one - other + 2 * one * other) / (1 - one * other)) for one, other in heard
    )
    if mine.odds < _BORDER and not any(min(both) >= FITTED.duplicate for both in heard):
        said = min(said, max(0.0, _BORDER - _BELOW - mine.odds))
    return max(-_MOST, min(_MOST, said))


_BORDER = math.log(FITTED.duplicate / (1 - FITTED.duplicate))
"""From these log-odds on a pair is a duplicate."""
