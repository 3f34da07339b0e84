"""Which digits the scanners of a library take for each other, learned from what it has twice for sure.

Every engine that reads papers errs in its own way: one takes 1 for 7, another 3 for 8, and other numbers of a
template differ in any digits. So a search first compares with what is usual, counts the misread digits of the
pairs that are duplicates anyway, and then looks once more at those of which its habits may decide.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType

from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.slots import Slot

_ALIKE = frozenset(
    ("08", "06", "09", "38", "56", "17", "58", "68", "89", "49", "14", "27", "35", "39", "12", "07", "69")
)
_PAIRS = ["".join(pair) for pair in combinations("0123456789", 2)]
_THREE_OF_FOUR = 0.75
"""So many misread digits are usually taken for one that looks like it."""
_USUAL = {
    pair: _THREE_OF_FOUR / len(_ALIKE)
    if pair in _ALIKE
    else (1 - _THREE_OF_FOUR) / (len(_PAIRS) - len(_ALIKE))
    for pair in _PAIRS
}
_BEFORE, _ANY = 60, 0.05
"""What is usual counts as so many misread digits of one's own; this share of them is misread as any other."""
_FEW = 2
"""In a number with more differing digits than that nobody knows what was read for what."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How much likelier than by chance digits are taken for each other: logarithms, by both digits."""

    said: Mapping[str, float]

    def taken(self, one: str, other: str) -> float:
        """What it says that the one stands for the other; what is no digit looks like none."""
        return self.said.get(one + other if one < other else other + one, _UNLIKE)


def learned(counts: Mapping[str, int]) -> Habits:
    """The habits of a library of which so many digits were misread, by both digits, the smaller first."""
    known = {pair: counts.get(pair, 0) for pair in _PAIRS}
    total = _BEFORE + sum(known.values())
    return Habits(
        MappingProxyType(
            {
                pair: math.log(((1 - _ANY) * (_BEFORE * usual + known[pair]) / total) * len(_PAIRS) + _ANY)
                for pair, usual in _USUAL.items()
            }
        )
    )


_UNLIKE = math.log((1 - _THREE_OF_FOUR) / (1 - len(_ALIKE) / len(_PAIRS)))
USUAL = Habits(MappingProxyType({pair: math.log(share * len(_PAIRS)) for pair, share in _USUAL.items()}))
"""What is usual: three of four misread digits are taken for one that looks like it."""


@dataclass(slots=True)
class Lessons:
    """What comparing teaches: misread digits, and which pairs are asked again when all are counted."""

    digits: Counter[str] = field(default_factory=Counter)
    again: list[Pair] = field(default_factory=list)

    def hear(self, pair: Pair, slots: Iterable[Slot], odds: float, *, duplicate: bool) -> None:
        """A pair was compared: the places where it differs, its log-odds, and what it is taken for."""
        digits = [found for slot in slots if (found := misread_digits(slot))]
        if duplicate and odds > _SURE:
            self.learn(digits)
        if digits and _HOPELESS < odds < _CERTAIN:
            self.again.append(pair)

    def learn(self, digits: Iterable[Sequence[str]]) -> None:
        """Two papers are one sheet, and these digits stand for each other in numbers of theirs."""
        self.digits.update(one for found in digits if len(found) <= _FEW for one in found)


_SURE, _CERTAIN, _HOPELESS = 3.0, 6.0, -5.0
"""From these log-odds on a pair teaches; beyond these nothing is learned that would change its answer."""


def misread_digits(slot: Slot) -> list[str]:
    """Which digits stand for each other in two numbers as long as each other."""
    if not slot.number or len(slot.a) != len(slot.b):
        return []
    return [
        one + other if one < other else other + one
        for one, other in zip(slot.a, slot.b, strict=True)
        if one != other and one.isdecimal() and other.isdecimal() and one.isascii() and other.isascii()
    ]
