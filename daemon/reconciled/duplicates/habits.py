"""How the scanners of a library err with digits, learned from what it has twice for sure.

Every engine that reads papers errs in its own way: one takes 1 for 7, another 3 for 8, one reads numbers
worse than words; and other numbers of a template differ in any digits. So a search first compares with what
is usual, counts what was misread in the pairs that are likely one sheet anyway, and then looks once more at
those of which its habits may decide.
"""

import math
from collections.abc import Iterable, Mapping
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
_RATIO, _RATIO_BEFORE, _HIGHEST = 1.5, 5000, 8.0
"""Usually a digit is misread so many times as often as a letter, which counts as so many digits that were
read, and at most so many times.
"""
_BLOTCHES, _CUTS, _GARBLES, _WORDS_BEFORE, _MOST = 0.002, 0.001, 0.001, 20_000, 0.02
"""Such shares of words are usually blotched, cut off or made another, which counts as so many words that were
read; and at most this.
"""
_FEW = 2
"""In a number with more differing digits than that nobody knows what was read for what."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How much likelier than by chance digits are taken for each other: logarithms, by both digits. How many
    times as often as a letter a digit is misread, and the shares of words that are spoilt.
    """

    said: Mapping[str, float]
    ratio: float = _RATIO
    blotches: float = _BLOTCHES
    cuts: float = _CUTS
    garbles: float = _GARBLES

    def taken(self, one: str, other: str) -> float:
        """What it says that the one stands for the other."""
        return self.said.get(one + other if one < other else other + one, _NO_DIGIT)


_NO_DIGIT = 1.5
"""A letter in a number is likelier read than written there."""
USUAL = Habits(MappingProxyType({pair: math.log(share * len(_PAIRS)) for pair, share in _USUAL.items()}))
"""What is usual: three of four misread digits are taken for one that looks like it."""


@dataclass(slots=True)
class Reading:
    """What two papers have in common if they are one: letters and how many of them were misread in words,
    words and how many of these were blotched, cut off or made another (two that nobody knows count less);
    digits of numbers, and those that stand for each other in a number.
    """

    letters: int = 0
    edits: int = 0
    words: int = 0
    blotched: float = 0
    cut: float = 0
    garbled: float = 0
    digits: int = 0
    swapped: list[list[str]] = field(default_factory=list)

    def count_digits(self, shared: Iterable[str], slots: Iterable[Slot]) -> None:
        """Count the digits of the numbers that both have, which passed for letters, and those that differ."""
        self.digits = sum(map(len, shared))
        self.letters -= self.digits
        self.swapped = [found for slot in slots if (found := misread_digits(slot))]

    def add(self, other: "Reading") -> None:
        """Add what other parts of the two have."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.swapped += other.swapped


_COUNTED = ("letters", "edits", "words", "blotched", "cut", "garbled", "digits")


@dataclass(slots=True)
class Lessons:
    """What comparing teaches: the sums of all `Reading`s, by name, and misread digits, by both, the smaller
    first; which pairs are to be asked again when all is counted; and who `taught` already: what was misread
    in one scan of forty is one error.
    """

    counts: dict[str, float] = field(default_factory=dict)
    again: list[Pair] = field(default_factory=list)
    taught: set[int] = field(default_factory=set)

    def hear(self, pair: Pair, read: Reading, odds: float, *, against: float, duplicate: bool) -> None:
        """A pair was compared: its log-odds, what its differences say (nats, they speak against it), and
        whether it is taken for a duplicate.
        """
        if duplicate and odds > _SURE and self.taught.isdisjoint(pair):
            self.taught.update(pair)
            self.learn(read)
        if _HOPELESS < odds < _CERTAIN and against < _SMALL:
            self.again.append(pair)

    def learn(self, read: Reading) -> None:
        """Two papers are one sheet: what differs was misread."""
        for name in _COUNTED:
            self._add(name, getattr(read, name))
        for found in read.swapped:
            if len(found) <= _FEW:
                for one in found:
                    self._add(one, 1)

    def add(self, counts: Mapping[str, float]) -> None:
        """What others learned."""
        for name, count in counts.items():
            self._add(name, count)

    def _add(self, name: str, count: float) -> None:
        self.counts[name] = self.counts.get(name, 0) + count


_SURE, _CERTAIN, _HOPELESS, _SMALL = 3.0, 4.5, -5.0, -1.0
"""From these log-odds on a pair teaches; beyond the others nothing is learned that would change an answer,
nor where the differences say less than this. Without the upper bound and the last one 2,300 pairs were asked
in two made-up libraries of 100,000: none of those beyond them came to another band.
"""


def learned(counts: Mapping[str, float]) -> Habits:
    """The habits of a library in which so much was misread, see `Lessons`.

    Of the shares less than what is usual is not believed: where much was misread a pair is less likely among
    those that teach.
    """
    known = {pair: counts.get(pair, 0) for pair in _PAIRS}
    misread = sum(known.values())
    said = {
        pair: math.log(
            (1 - _ANY) * (_BEFORE * usual + known[pair]) / (_BEFORE + misread) * len(_PAIRS) + _ANY
        )
        for pair, usual in _USUAL.items()
    }
    letters = (counts.get("edits", 0) + 1) / (counts.get("letters", 0) + 1000)
    digits = (misread + _RATIO * letters * _RATIO_BEFORE) / (counts.get("digits", 0) + _RATIO_BEFORE)
    blotches, cuts, garbles = (
        min(_MOST, max(usual, (counts.get(name, 0) + usual * _WORDS_BEFORE) / words))
        for words in (counts.get("words", 0) + _WORDS_BEFORE,)
        for name, usual in (("blotched", _BLOTCHES), ("cut", _CUTS), ("garbled", _GARBLES))
    )
    ratio = min(_HIGHEST, max(_RATIO, digits / letters))
    return Habits(MappingProxyType(said), ratio, blotches, cuts, garbles)


def misread_digits(slot: Slot) -> list[str]:
    """Which digits stand for each other in two numbers as long as each other."""
    if not slot.number or len(slot.a) != len(slot.b):
        return []
    return [
        one + other if one < other else other + one
        for one, other in zip(slot.a, slot.b, strict=True)
        if one != other and one.isdecimal() and other.isdecimal() and one.isascii() and other.isascii()
    ]
