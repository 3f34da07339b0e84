"""What is measured of a pair, as numbers that mean the same in every library: the traits.

None counts how much two papers have in common as such, and none how badly they were read: that is no
evidence, it is the measure by which their differences are taken. Those of `TEXT` speak of words and passages,
those of `NUMBERS` of tokens with a digit. A word that many papers of the collection know, read where another
known one stands, is another word; one that nobody else has may be what a scanner made of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciled.duplicates.around import ALONE, OTHERS, Standing, Template
from reconciled.duplicates.digits import is_date
from reconciled.duplicates.evidence import Evidence
from reconciled.duplicates.labels import LABELS
from reconciled.duplicates.normalising import has_digit
from reconciled.duplicates.places import DEEPEST, DEEPEST_SLOT, cleanness, places
from reconciled.duplicates.slots import Slot
from reconciled.duplicates.vocabulary import Vocabulary

TEXT = (
    "bias", "words_known", "words_half", "words_new", "swapped", "repeated", "worst_word",
    "own_words", "both_left", "short_left", "long_inner", "long_ends", "inner_runs", "quotes",
    "again", "head_own", "clean_words", "agree_words", "vary_words", "settled_words", "open_words",
    "worst_open_word", "clean_left",
    "twice", "longest_inner",
)  # fmt: skip
"""Traits of words and passages, in the order of the model's."""
NUMBERS = (
    "numbers", "worst_number", "number_swaps", "own_numbers", "other_numbers", "short_numbers",
    "inner_numbers", "clean_numbers", "agree_numbers", "vary_numbers", "settled_numbers", "open_numbers",
    "worst_open_number", "other_dates",
)  # fmt: skip
"""Traits of numbers."""
Traits = Mapping[str, float]
"""A value for each name in TEXT and NUMBERS."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A pair with the shorter paper first; runs of tokens that only one has."""

    short: Sequence[str]
    long: Sequence[str]
    only_short: Sequence[tuple[int, int]]
    only_long: Sequence[tuple[int, int]]


def sides(evidence: Evidence, a: Sequence[str], b: Sequence[str]) -> Sides:
    """Put the shorter paper first."""
    if len(a) > len(b):
        return Sides(b, a, evidence.only_b, evidence.only_a)
    return Sides(a, b, evidence.only_a, evidence.only_b)


def traits(
    evidence: Evidence, a: Sequence[str], b: Sequence[str], words: Vocabulary, template: Template = ALONE
) -> Traits:
    """The traits of a pair of which `evidence` was taken; `template` is what the papers around it have."""
    two = sides(evidence, a, b)
    known = _by_knowledge(evidence.hard)
    inner = [run for run in two.only_long if run[0] > 0 and run[1] < len(two.long)]
    again, labelled = begins_again(two)
    own = _own(evidence, a, words)
    left_short, left_long, left_inner = map(_size, (two.only_short, two.only_long, inner))
    return {
        "bias": 1.0,
        "words_known": max(DEEPEST, known[2]),
        "words_half": max(DEEPEST, known[1]),
        "words_new": max(DEEPEST, known[0]),
        "repeated": min(3.0, evidence.repeated),
        "twice": min(3.0, evidence.twice),
        "worst_word": _worst(evidence.hard, number=False),
        "own_words": math.log1p(min(own[0], _ENOUGH)),
        "both_left": math.log1p(min(left_short, left_long)),
        "clean_left": cleanness(evidence) * math.log1p(min(left_short, left_long)),
        "short_left": left_short / max(1, len(two.short)),
        "long_inner": math.log1p(left_inner),
        "longest_inner": math.log1p(max((end - start for start, end in inner), default=0)),
        "long_ends": math.log1p(left_long - left_inner),
        "inner_runs": math.log1p(len(inner)),
        "quotes": float(labelled),
        "again": min(1.0, again / 12),
        "head_own": float(bool(two.only_long) and _is_head(two.only_long[0])),
        "numbers": max(DEEPEST, evidence.numbers),
        "worst_number": _worst(evidence.hard, number=True),
        "own_numbers": math.log1p(min(own[1], _ENOUGH)),
        "other_numbers": math.log1p(evidence.other_numbers),
        "short_numbers": math.log1p(_numbers(two.short, two.only_short)),
        "inner_numbers": math.log1p(_numbers(two.long, inner)),
        "other_dates": min(4.0, _other_dates(evidence, two)),
        **by_template(evidence, a, template),
    }


def _other_dates(evidence: Evidence, two: Sides) -> int:
    """How many dates both papers have, each another one: in place of each other, or left on both sides."""
    slots = [slot for _, slot in evidence.hard] + evidence.misread
    placed = sum((is_date(slot.a) and is_date(slot.b)) or slot.other_month for slot in slots)
    return placed + min(_dates(two.short, two.only_short), _dates(two.long, two.only_long))


def _dates(tokens: Sequence[str], runs: Sequence[tuple[int, int]]) -> int:
    """How many dates stand in some runs; a year alone may be anything."""
    left = {token for start, end in runs for token in tokens[start:end]}
    return sum(is_date(token) and len(token) > _YEAR for token in left)


def by_template(evidence: Evidence, a: Sequence[str], template: Template) -> Traits:
    """Those traits that hang on what the papers around the two have; `a` are the first one's tokens."""
    alike = template.own(a, evidence.shared)
    others = sum(alike.values()) >= OTHERS
    stood = [(weight, slot, template.stands(a, slot, others=others)) for weight, slot in evidence.hard]
    swapped = [slot for _, slot, standing in stood if slot.swapped and standing is not Standing.SETTLED]
    return {
        "swapped": min(3.0, sum(not slot.number for slot in swapped)),
        "number_swaps": min(3.0, sum(slot.number for slot in swapped)),
        **places(evidence, alike, stood),
    }


def begins_again(two: Sides) -> tuple[int, bool]:
    """Whether the longer paper is one of its own above or below the other, as a mail that quotes one is.

    How many words of the shorter one's head stand also at the head of a passage that only the longer has, at
    its beginning or end; and whether that passage addresses somebody, or has a subject, while the shorter
    begins with a date or does so too. A paper whose first page is missing begins in the middle.
    """
    head = two.short[:_HEAD]
    words, begins = set(head), any(map(_year, head)) or not LABELS.isdisjoint(two.short[: 2 * _HEAD])
    found, labelled = 0, False
    for start, end in two.only_long:
        if end - start < _PASSAGE or (start > _HEAD and end < len(two.long) - _HEAD):
            continue
        found = max(found, len(words & set(two.long[start : start + _HEAD])))
        labelled |= begins and not LABELS.isdisjoint(two.long[start : min(end, start + 2 * _HEAD)])
    return found, labelled


_PASSAGE, _HEAD, _ENOUGH = 12, 30, 8
_YEAR = 4


def _year(token: str) -> bool:
    """Whether a token is a year, or ends or begins with one as a date does."""
    return (
        token.isdecimal() and len(token) in (4, 6, 8) and (len(token) == 6 or "19" in token or "20" in token)
    )


def _worst(hard: Sequence[tuple[float, Slot]], *, number: bool) -> float:
    """What the slot says that speaks against one sheet most."""
    return max(DEEPEST_SLOT, min((weight for weight, slot in hard if slot.number == number), default=0.0))


def _is_head(run: tuple[int, int]) -> bool:
    """Whether a run is what somebody wrote above another paper: more than a stamp, less than a page."""
    return run[0] <= 2 and _LETTER <= run[1] - run[0] <= _PAGE


_LETTER, _PAGE = 15, 140


def _own(evidence: Evidence, a: Sequence[str], words: Vocabulary) -> tuple[int, int]:
    """How many words, and how many numbers, both papers have and next to no other paper of the collection."""
    shared = {token for at, _, size in evidence.shared for token in a[at : at + size]}
    tokens = list(shared)
    own = [token for token, papers in zip(tokens, words.counts(tokens), strict=True) if papers <= _OWN]
    numbers = sum(map(has_digit, own))
    return len(own) - numbers, numbers


_OWN = 4
"""A token that is in no more papers than these is the papers' own."""


def _by_knowledge(hard: Sequence[tuple[float, Slot]]) -> list[float]:
    """What slots of words say, by how many of the two readings the collection knows: none, one, both."""
    said = [0.0, 0.0, 0.0]
    for weight, slot in hard:
        if not slot.number:
            said[slot.known] += max(DEEPEST_SLOT, weight)
    return said


def _size(runs: Sequence[tuple[int, int]]) -> int:
    return sum(end - start for start, end in runs)


def _numbers(tokens: Sequence[str], runs: Sequence[tuple[int, int]]) -> int:
    return sum(has_digit(token) for start, end in runs for token in tokens[start:end])
