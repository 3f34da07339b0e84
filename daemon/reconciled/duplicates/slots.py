"""Where two papers differ, token by token: what the one has, what the other has, and the edits between."""

from copy import copy
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from reconciled.duplicates.dates import MONTHS, is_day
from reconciled.duplicates.normalising import DIGITS, fold, look, look_each
from reconciled.duplicates.unspaced import is_han
from reconciled.duplicates.vocabulary import Vocabulary

_LONG_NUMBER, _DAY = 4, 8
_LONGER = 3
"""Another number in the same place of a template has fewer digits more or less."""
_CUT = 2
"""What is left of a token that was cut off has at least so many characters."""
_NEAR, _OFTEN = 2, 0.02
"""Of a word that many papers have, this share of them may be misread in the same way by so many edits."""
TELLING = 3
"""A word of fewer characters is known by chance."""
_MONTHS = {fold(name): number for name, number in MONTHS.items() if len(name) > TELLING}
"""Known in every collection."""
_LONG_MONTHS = tuple(name for name in _MONTHS if len(name) > TELLING + 1)


@dataclass(init=False, slots=True)
class Slot:
    """A token that reads otherwise in the other paper: both readings, and the edits between them.

    `known` is how many of the two are words that other papers of the collection have. `others` are the whole
    tokens of the other paper that lie there, where the reading is only a part of them. `at_a` and `at_b` are
    the places of the two tokens, the first where there are several.
    """

    a: str
    b: str
    edits: int
    known: int
    others: tuple[str, ...]
    at_a: int
    at_b: int
    number: bool
    """Whether both have digits, which are most of one of them, and they are not the same as in `e1150`."""
    length: int
    """Of the longer reading, in characters."""

    def __init__(
        self,
        a: str,
        b: str,
        edits: int,
        known: int = 0,
        others: tuple[str, ...] = (),
        at_a: int = -1,
        at_b: int = -1,
    ) -> None:
        """Written out: there are very many of them, and fields that are made afterwards take longer."""
        self.a, self.b, self.edits, self.known = a, b, edits, known
        self.others, self.at_a, self.at_b = others, at_a, at_b
        one, other = _digits(a), _digits(b)
        mostly = 2 * len(one) >= len(a) or 2 * len(other) >= len(b)
        self.number = mostly and one != other and one != "" != other
        self.length = max(len(a), len(b))

    def moved(self, by_a: int, by_b: int) -> "Slot":
        """The same so many tokens further on in either paper."""
        found = copy(self)
        found.at_a, found.at_b = self.at_a + by_a, self.at_b + by_b
        return found

    @property
    def apart(self) -> bool:
        """Whether the two have less than half of their letters in common, or half of several ideographs."""
        if self.edits > 1 and 2 * self.edits == self.length:
            return is_han(self.a)
        return 2 * self.edits > self.length

    @property
    def strange(self) -> bool:
        """Whether neither is in the place of the other: a number and a word, or a much longer number."""
        if self.a.isdecimal() and self.b.isdecimal():
            return self.apart and abs(len(self.a) - len(self.b)) >= _LONGER and not self.cut
        if 5 * self.edits < 4 * self.length or self.a.isdecimal() == self.b.isdecimal():
            return False
        number, word = (self.a, self.b) if self.a.isdecimal() else (self.b, self.a)
        return len(number) > 1 and not DIGITS.search(word)

    @property
    def swapped(self) -> bool:
        """Whether another known word, or another whole number, stands there: no scanner makes one."""
        if self.number:
            plain = self.a.isdecimal() and self.b.isdecimal() and len(self.a) == len(self.b) >= _LONG_NUMBER
            is_other = plain and self.edits >= max(2, 0.4 * self.length)
            return is_other and (self.edits > _DAY // 2 or self._days != 1)
        return self.other_month or (self.known == 2 and 2 * self.edits >= self.length)

    @property
    def whole(self) -> bool:
        """Whether another short number stands there, of which next to no digit is the same."""
        plain = self.number and self.a.isdecimal() and self.b.isdecimal() and not self.cut
        least = self.length if len(self.a) == len(self.b) else 0.6 * self.length
        return plain and min(len(self.a), len(self.b)) > 1 and self.edits >= least

    @property
    def other_month(self) -> bool:
        """Whether the two are the names of two months, as far as they can be read."""
        one = month(self.a)
        return one > 0 and month(self.b) not in (0, one)

    @property
    def _days(self) -> int:
        """How many of the two are days, if both could be."""
        return is_day(self.a) + is_day(self.b) if len(self.a) == len(self.b) == _DAY else 0

    @property
    def cut(self) -> bool:
        """Whether the one is the beginning or the end of the other, as at the edge of a picture."""
        return _cut(self.a, self.b)


_REMEMBERED = 1 << 16


@lru_cache(maxsize=_REMEMBERED)
def _cut(a: str, b: str) -> bool:
    one, other = sorted((look(a), look(b)), key=len)
    return len(one) >= _CUT and (other.startswith(one) or other.endswith(one))


@lru_cache(maxsize=_REMEMBERED)
def edits(a: str, b: str) -> int:
    """The edits between two tokens; two letters that look like one are one where that makes fewer."""
    each = Levenshtein.distance(look_each(a), look_each(b))
    return min(each, Levenshtein.distance(look(a), look(b))) if each > 1 else each


@lru_cache(maxsize=_REMEMBERED)
def _digits(token: str) -> str:
    return token if token.isdecimal() else "".join(DIGITS.findall(token))


@lru_cache(maxsize=1 << 14)
def month(token: str) -> int:
    """The number of the month that a token names, or ends with; 0: of none.

    One letter of a long name may be misread.
    """
    if token in _MONTHS:
        return _MONTHS[token]
    if len(token) <= TELLING + 1 or not token.isalpha():
        return 0
    near = extract(
        token, _LONG_MONTHS, scorer=Levenshtein.distance, processor=None, score_cutoff=1, limit=None
    )
    found = {_MONTHS[name] for name, _, _ in near} | {
        _MONTHS[name] for name in _LONG_MONTHS if token.endswith(name)
    }
    return found.pop() if len(found) == 1 else 0


def tells(token: str) -> bool:
    """Whether a word is too long to be there by chance: of more than three letters, or two ideographs."""
    return len(token) > TELLING or (len(token) > 1 and is_han(token))


def with_knowledge(slots: list[Slot], words: Vocabulary) -> list[Slot]:
    """The slots, those of words each told how many of its readings the collection knows.

    Short words are known by chance.
    """
    readings = [() if slot.number else (slot.a, *(slot.others or (slot.b,))) for slot in slots]
    counts = iter(words.counts([token for tokens in readings for token in tokens]))
    for slot, tokens in zip(slots, readings, strict=True):
        if not tokens:
            continue
        here, *there = (next(counts) for _ in tokens)
        one = _is_word(tokens[0], here, slot, max(there))
        other = any(
            _is_word(token, count, slot, here) for token, count in zip(tokens[1:], there, strict=True)
        )
        slot.known = one + other
    return slots


def _is_word(token: str, papers: int, slot: Slot, beside: int) -> bool:
    """Whether a reading that so many papers have is a word, and not what scanners often make of the other."""
    if token in _MONTHS:
        return True
    misread = slot.edits <= _NEAR and papers < _OFTEN * beside
    return papers > 0 and len(token) >= TELLING and not misread
