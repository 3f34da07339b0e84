"""What third papers say of two: a sheet is one, so who is the same as both makes them the same.

Each pair was judged by itself. Of three papers either all are one sheet, or two of them, or none: that two
pairs are and the third is not cannot be. So a paper that is like both speaks for the two, and one that is
like the one and not like the other speaks against them, by as much as it is sure of either. It speaks only
where both pairs were compared and kept: of what is not known nobody is taken to differ. What comes out hangs
on the pairs alone, never on their order. Pure; no numpy needed.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.words import FITTED, Factor, Likeness, Weights, weigh

_HALF = 0.5
"""Pairs share the errors of the paper that is in both: what a third says counts half."""
_MOST = 4.0
"""All thirds together say at most so much (log-odds)."""
_LIKELY = 0.0
"""A third is likelier one sheet with one of the two than not (log-odds)."""
_SURE, _NEVER = 0.995, 0.001
"""No pair is surer than that, either way."""
_VETOED = 0.3
"""Some papers with a veto between them are one sheet after all."""
_SOME = 16
"""So many thirds are heard at each of the two papers, those that are likeliest the same as it."""
_QUIET = 0.05
"""What says less (log-odds) is not worth keeping."""


@dataclass(frozen=True, slots=True)
class Own:
    """What two papers say by themselves: log-odds that they are one sheet, and whether that is ruled out."""

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
    with `of` only these of them are asked about.
    """
    around = _Around(known)
    found = {}
    for pair in known if of is None else of:
        said = _HALF * sum(around.heard(*pair))
        if abs(said) >= _QUIET:
            found[pair] = max(-_MOST, min(_MOST, said))
    return found


def with_thirds(found: Iterable[Likeness], *, weights: Weights = FITTED) -> Iterator[Likeness]:
    """Likenesses of all pairs that were compared, each with what third papers say of it."""
    all_ = list(found)
    mine = {(one.a, one.b): own(one.parts, vetoed=one.vetoed) for one in all_}
    said = thirds({pair: one for pair, one in mine.items() if one is not None})
    for one in all_:
        yield hearing(one, said.get((one.a, one.b), 0.0), weights=weights)


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
        near: dict[int, list[tuple[float, int]]] = {}
        for (a, b), said in known.items():
            if said.odds >= _LIKELY and not said.vetoed:
                near.setdefault(a, []).append((-said.odds, b))
                near.setdefault(b, []).append((-said.odds, a))
        self._near = {one: [other for _, other in sorted(beside)[:_SOME]] for one, beside in near.items()}

    def heard(self, a: int, b: int) -> Iterator[float]:
        """What each third says: how much likelier it is, if the two are one sheet, that it is as it seems.

        Always in one order, so that their sum is the same to its last bit.
        """
        for third in sorted({*self._near.get(a, ()), *self._near.get(b, ())} - {a, b}):
            one, other = self._same(third, a), self._same(third, b)
            if one is not None and other is not None:
                yield math.log((1 - one - other + 2 * one * other) / (1 - one * other))

    def _same(self, one: int, other: int) -> float | None:
        return self._sure.get((one, other) if one < other else (other, one))
