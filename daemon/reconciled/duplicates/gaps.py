"""What stands where in a gap between two papers: which token of the one is read for which of the other.

A gap with as many tokens on both sides is read in pairs; else tokens that are much alike are readings of each
other, so that a stamp beside a misread word is no part of it; and what lies between those is laid over each
other letter by letter, so that a word that was read as two, or two as one, stands against what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from reconciled.duplicates.alignment import Gap
from reconciled.duplicates.normalising import has_digit, look, look_each
from reconciled.duplicates.slots import TELLING, Slot, edits
from reconciled.duplicates.vocabulary import Vocabulary


@dataclass(slots=True)
class Read:
    """What stands in a gap: its slots, and the places of tokens that stand for nothing on the other side."""

    slots: list[Slot] = field(default_factory=list)
    only_a: list[int] = field(default_factory=list)
    only_b: list[int] = field(default_factory=list)


def read_gap(a: Sequence[str], b: Sequence[str], gap: Gap) -> Read:
    """Read what stands where in a gap."""
    text_a, text_b = "".join(a[gap.a0 : gap.a1]), "".join(b[gap.b0 : gap.b1])
    apart = Levenshtein.distance(look(text_a), look(text_b))
    if gap.a1 - gap.a0 == gap.b1 - gap.b0:
        slots = [_slot(a, b, gap.a0 + at, gap.b0 + at) for at in range(gap.a1 - gap.a0)]
        in_pairs = sum(slot.edits for slot in slots)
        if len(slots) == 1 or in_pairs <= _IN_PAIRS * apart + 2:
            return Read(slots)
    if apart > _BADLY * max(len(text_a), len(text_b)) and (held := _held(a, b, gap)):
        return _read_between(a, b, gap, held)
    return _read_letters(a, b, gap)


def others_stand(a: Sequence[str], b: Sequence[str], gaps: Sequence[Gap], words: Vocabulary) -> bool:
    """Whether so many other tokens stand in the gaps that nobody needs to read those: they are two papers.

    That are four more than are misread: numbers of which most is another, and known words in place of other
    known ones. Only gaps with as many tokens on both sides are looked at, and what stands elsewhere in the
    other paper is no other one.
    """
    numbers, texts, misread = list[tuple[str, str]](), list[tuple[str, str]](), 0
    for gap in gaps:
        if gap.a1 - gap.a0 != gap.b1 - gap.b0:
            continue
        for one, other in zip(a[gap.a0 : gap.a1], b[gap.b0 : gap.b1], strict=True):
            number = has_digit(one) and has_digit(other)
            if one == other or not (number or min(len(one), len(other)) > TELLING):
                continue
            if 2 * Levenshtein.distance(one, other) > max(len(one), len(other)):
                (numbers if number else texts).append((one, other))
            else:
                misread += not number
    if len(numbers) + len(texts) - misread < _OTHERS:
        return False
    papers = words.counts([token for pair in texts for token in pair])
    known = [pair for pair, one, other in zip(texts, papers[::2], papers[1::2], strict=True) if one and other]
    in_a, in_b = set(a), set(b)
    return sum(one not in in_b and other not in in_a for one, other in numbers + known) - misread >= _OTHERS


def _held(a: Sequence[str], b: Sequence[str], gap: Gap) -> list[tuple[int, int]]:
    """The tokens of a gap that are readings of each other, in order: the most letters alike."""
    alike = cdist(
        list(map(look_each, a[gap.a0 : gap.a1])), list(map(look_each, b[gap.b0 : gap.b1])),
        scorer=Levenshtein.normalized_similarity, score_cutoff=_READING,
    )  # fmt: skip
    if not alike.any():
        return []
    letters = [len(token) for token in a[gap.a0 : gap.a1]]
    rows, columns = alike.shape
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            both = best[row + 1][column + 1] + letters[row] * float(alike[row, column])
            best[row][column] = max(best[row + 1][column], best[row][column + 1], both)
    found, row, column = [], 0, 0
    while row < rows and column < columns:
        if best[row][column] == best[row + 1][column]:
            row += 1
        elif best[row][column] == best[row][column + 1]:
            column += 1
        else:
            found.append((gap.a0 + row, gap.b0 + column))
            row, column = row + 1, column + 1
    return found


def _read_between(a: Sequence[str], b: Sequence[str], gap: Gap, held: Sequence[tuple[int, int]]) -> Read:
    """Read a gap in which some tokens are readings of each other, and what lies between those."""
    found, at_a, at_b = Read(), gap.a0, gap.b0
    for one, other in [*held, (gap.a1, gap.b1)]:
        if at_a < one and at_b < other:
            between = _read_letters(a, b, Gap(at_a, one, at_b, other))
            found.slots += between.slots
            found.only_a += between.only_a
            found.only_b += between.only_b
        else:
            found.only_a += range(at_a, one)
            found.only_b += range(at_b, other)
        if one < gap.a1:
            found.slots.append(_slot(a, b, one, other))
        at_a, at_b = one + 1, other + 1
    return found


def _read_letters(a: Sequence[str], b: Sequence[str], gap: Gap) -> Read:
    """Read a gap letter by letter, its tokens in one."""
    text_a, text_b = "".join(a[gap.a0 : gap.a1]), "".join(b[gap.b0 : gap.b1])
    steps = Levenshtein.opcodes(look_each(text_a), look_each(text_b))
    places = [
        (one.tag == "equal", one.src_start, one.src_end, one.dest_start)
        for one in steps
        if one.tag in ("equal", "replace")
    ]
    found = Read()
    _read_here(found, a, b, gap, places)
    _read_there(found, b, gap, places)
    return _paired(found, a, b)


_OTHERS = 4
"""So many tokens in place of others, more than are misread, are no scanner's."""
_IN_PAIRS = 1.3
"""Tokens stand in pairs as long as that costs no more edits than this, times those without their borders."""
_BADLY, _READING = 0.25, 0.6
"""If so much of a gap differs, tokens that are at least so much alike are readings of each other."""


def _slot(a: Sequence[str], b: Sequence[str], at_a: int, at_b: int) -> Slot:
    return Slot(a[at_a], b[at_b], edits(a[at_a], b[at_b]), at_a=at_a, at_b=at_b)


_Places = Sequence[tuple[bool, int, int, int]]
"""Runs of letters that stand for each other: whether they are equal, from, to, where over there."""


def _read_here(found: Read, a: Sequence[str], b: Sequence[str], gap: Gap, places: _Places) -> None:
    """The slots of the first paper's tokens."""
    text = "".join(b[gap.b0 : gap.b1])
    owners = [number for number in range(gap.b0, gap.b1) for _ in b[number]]
    used = start = 0
    for at in range(gap.a0, gap.a1):
        token, end = a[at], start + len(a[at])
        low, high, same = _there(places, start, end)
        start = end
        if low < 0:
            found.only_a.append(at)
            continue
        there = text[max(low, used) : high] if same else text[low:high]
        longer = max(len(token), len(there)) if len(there) <= 2 * len(token) + 3 else len(token)
        others = tuple(b[number] for number in dict.fromkeys(owners[low:high]))
        found.slots.append(Slot(token, there, longer - same, others=others, at_a=at, at_b=owners[low]))
        used = high


def _read_there(found: Read, b: Sequence[str], gap: Gap, places: _Places) -> None:
    """The second paper's tokens that stand for nothing."""
    back = [(equal, low, low + end - start, start) for equal, start, end, low in places]
    start = 0
    for at in range(gap.b0, gap.b1):
        end = start + len(b[at])
        if _there(back, start, end)[0] < 0:
            found.only_b.append(at)
        start = end


def _paired(found: Read, a: Sequence[str], b: Sequence[str]) -> Read:
    """What stands for nothing on either side of one gap stands for each other."""
    both = min(len(found.only_a), len(found.only_b))
    for one, other in zip(found.only_a[:both], found.only_b[:both], strict=True):
        found.slots.append(Slot(a[one], b[other], max(len(a[one]), len(b[other])), at_a=one, at_b=other))
    found.only_a, found.only_b = found.only_a[both:], found.only_b[both:]
    return found


def _there(places: _Places, start: int, end: int) -> tuple[int, int, int]:
    """Where the characters from `start` to `end` stand on the other side, and how many are the same there."""
    low, high, same = -1, -1, 0
    for equal, first, last, other in places:
        if last <= start or first >= end:
            continue
        begin, stop = max(first, start), min(last, end)
        low = other + begin - first if low < 0 else low
        high = other + stop - first
        same += stop - begin if equal else 0
    return low, high, same
