"""Which pairs are plainly two papers: told from two heaps of words, before they are laid over each other.

What a scanner makes of a word is mostly no word: for each known word that only the one has, the other has
one that nobody knows. So where each has more known words that the other lacks than that explains, and more
numbers than are misread at this rate, other words and numbers stand there. In which order they stand, and
whether one of the two has more than the other, makes no difference.

A scanner has habits, though, and what it often makes of a word is known, too. So which pairs seem to be two
is told in bulk, and of those that do each is looked at once more: are the words readings of each other? But
for those that are it for sure, with many other words and other numbers besides: no habit makes both.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from reconciled.duplicates.features import KIND, NUMBER, PAPER_BITS, PAPER_MASK, SHORT, WORD_BIT, Hashes
from reconciled.duplicates.normalising import has_digit, look_each
from reconciled.duplicates.vocabulary import KNOWN

_OTHERS = 10.0
"""More other words than these on either side are no scanner's, unless the papers are long."""
_NUMBER = 0.5
"""Another number is so much of another word: days and years differ, and are the same, by chance."""
_WORSE = 3.0
"""Numbers are misread so many times as often as words, at the most."""
_KNOWN, _UNKNOWN, _NUMBERS = range(3)
"""Kinds of words, the lowest bits of a word in a heap."""
_KINDS = 4
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_WORD = np.uint64(34)
"""By so many bits is a feature shifted to the hash of its word in a heap."""
_AT_ONCE = 2000
"""So many pairs are looked at together."""
_SURELY, _NUMBERS_TOO = 1.5, 4.0
"""Who has so many times as many other words on either side, and other numbers, is another one for sure. Of
31,000 such pairs in three made-up libraries of 10,000 the second look was of another mind about 6; none of
them was one sheet."""

_MOST = 250_000
"""Words of long papers are not held against each other here: those are laid over each other at once."""
_LONG, _READING, _SHARE = 4, 0.6, 0.05
"""Words of so many letters are readings of each other if they are so much alike; in a long paper this share
of its words may be others without making it another paper."""

_TEMPLATE = 0.5
"""Papers that share more of their words than this are much alike."""

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NOBODY: Flags = np.zeros(0, dtype=np.bool_)


def words_of(features: Hashes, starts: Numbers, sizes: Numbers) -> Hashes:
    """The words among some sorted features, whose runs begin at `starts` and have `sizes`, paper by paper.

    The upper half of each is the paper, the lower one the word with its kind. Short words that many have say
    nothing.
    """
    word = (features[starts] & WORD_BIT) != 0
    starts, sizes = starts[word], sizes[word]
    told = features[starts] >> np.uint64(PAPER_BITS + 1) & np.uint64(KIND)
    known = sizes >= KNOWN
    kind = np.where(told == NUMBER, _NUMBERS, np.where(known, _KNOWN, _UNKNOWN)).astype(np.uint64)
    telling = ~(known & (told == SHORT))
    starts, sizes, kind = starts[telling], sizes[telling], kind[telling]
    at = np.repeat(starts - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes) + np.arange(sizes.sum())
    some = features[at]
    found: Hashes = ((some & PAPER_MASK) << _HALF) | (some >> _WORD << np.uint64(2)) | np.repeat(kind, sizes)
    found.sort()
    return found


@dataclass(frozen=True, slots=True)
class Heaps:
    """The words of papers: those of paper n from `starts[n]` to `starts[n + 1]`, sorted, with their kinds."""

    starts: Numbers
    words: npt.NDArray[np.uint32]

    def unlike(self, a: Numbers, b: Numbers) -> tuple[Flags, Flags]:
        """Which of some pairs of papers, (n,) and (n,) by number, are plainly two; which are it for sure."""
        found = [
            self._unlike(a[at : at + _AT_ONCE], b[at : at + _AT_ONCE]) for at in range(0, len(a), _AT_ONCE)
        ]
        two, sure = zip(*found, strict=True) if found else ([NOBODY], [NOBODY])
        return np.concatenate(two), np.concatenate(sure)

    def _unlike(self, a: Numbers, b: Numbers) -> tuple[Flags, Flags]:
        of_a, of_b = self._of(a), self._of(b)
        both = np.concatenate((of_a, of_b))
        both.sort()
        shared = _counts(both[1:][both[1:] == both[:-1]], len(a))
        all_a, all_b = _counts(of_a, len(a)), _counts(of_b, len(a))
        only_a, only_b = all_a - shared, all_b - shared
        known = np.minimum(only_a[_KNOWN] - only_b[_UNKNOWN], only_b[_KNOWN] - only_a[_UNKNOWN])
        misread = np.minimum(only_a[_KNOWN], only_b[_UNKNOWN]) + np.minimum(only_b[_KNOWN], only_a[_UNKNOWN])
        rate = misread / np.maximum(1, 2 * (shared[_KNOWN] + shared[_UNKNOWN]) + misread)
        least = np.minimum(all_a[_NUMBERS], all_b[_NUMBERS])
        numbers = least - shared[_NUMBERS] - _WORSE * rate * least
        enough = np.maximum(_OTHERS, _SHARE * np.minimum(all_a.sum(axis=0), all_b.sum(axis=0)))
        two: Flags = np.maximum(0, known) + _NUMBER * numbers > enough
        return two, two & (known > _SURELY * enough) & (numbers > _NUMBERS_TOO)

    def _of(self, papers: Numbers) -> Hashes:
        """The words of some papers, the place of each in the upper half."""
        sizes = self.starts[papers + 1] - self.starts[papers]
        ends = np.cumsum(sizes)
        at = np.repeat(self.starts[papers] - ends + sizes, sizes) + np.arange(sizes.sum())
        place = np.repeat(np.arange(len(papers), dtype=np.uint64), sizes)
        found: Hashes = (place << _HALF) | self.words[at]
        return found


def _counts(words: Hashes, places: int) -> Numbers:
    """How many words of each kind are at each place, (kinds, places)."""
    at = (words >> _HALF << np.uint64(2)) | (words & np.uint64(KIND))
    return np.bincount(at.astype(np.int64), minlength=_KINDS * places).reshape(places, _KINDS).T


def heaps(parts: Callable[[], Iterable[Hashes]], papers: int) -> Heaps:
    """The heaps of so many papers, of the words in each part of the hashes; asked for twice."""
    sizes = np.zeros(papers, dtype=np.int64)
    for part in parts():
        sizes += _sizes(part, papers)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    free, words = starts[:-1].copy(), np.empty(starts[-1], dtype=np.uint32)
    for part in parts():
        here = _sizes(part, papers)
        before = np.cumsum(here) - here
        words[np.repeat(free - before, here) + np.arange(len(part))] = part & _LOW
        free += here
    return Heaps(starts, words)


def _sizes(part: Hashes, papers: int) -> Numbers:
    return np.bincount((part >> _HALF).astype(np.int64), minlength=papers)


def plainly_two(a: Set[str], b: Set[str]) -> bool:
    """Whether two papers that seem to be two are, by the tokens of each.

    They are if too many are no readings of each other.
    """
    enough = max(_OTHERS, _SHARE * min(len(a), len(b)))
    only_a, only_b = a - b, b - a
    numbers_a, numbers_b = list(filter(has_digit, only_a)), list(filter(has_digit, only_b))
    least = _NUMBER * min(len(numbers_a), len(numbers_b))
    words = _unread(
        list(filter(None, map(_look_of_word, only_a))), list(filter(None, map(_look_of_word, only_b)))
    )
    if words > enough or words + least <= enough:
        return words > enough
    return words + _NUMBER * _unread(numbers_a, numbers_b) > enough


def much_alike(a: Set[str], b: Set[str]) -> bool:
    """Whether two papers share most of their words, as two of one template do: such must not be chained."""
    return len(a & b) > _TEMPLATE * max(len(a), len(b))


@lru_cache(maxsize=1 << 17)
def _look_of_word(token: str) -> str:
    """What a word of a length that tells looks like; empty for others."""
    return look_each(token) if len(token) >= _LONG and not has_digit(token) else ""


def _unread(only_a: Sequence[str], only_b: Sequence[str]) -> int:
    """How many of some tokens are no readings of any of the others, on the side where they are fewer."""
    if not only_a or not only_b or len(only_a) * len(only_b) > _MOST:
        return 0
    alike = cdist(only_a, only_b, scorer=Levenshtein.normalized_similarity, score_cutoff=_READING)
    return min(int((~alike.any(axis=1)).sum()), int((~alike.any(axis=0)).sum()))
