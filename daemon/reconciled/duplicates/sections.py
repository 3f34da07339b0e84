"""A long paper is held against another section by section, as if each were a sheet of its own.

The more pages two scans have, the more of their errors look like something else that stands there; and the
more pages two versions of a contract have, the less weighs the one that was exchanged. So neither is told by
what all pages say together, but by the worst of them: both are one paper if none of their sections is of
another. What the model knows of sheets holds for a section, and to lay sections over each other takes the
square of them, not of a book.
"""

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from reconciled.duplicates.alignment import anchors
from reconciled.duplicates.evidence import TOO_LITTLE, Evidence, Rates
from reconciled.duplicates.words import Factor

LONG, SIZE = 1500, 300
"""Papers of which the shorter has more tokens than the first are cut into sections of about the second."""
ANOTHER = -6.0
"""What a section says (log-odds) in which plainly something else stands; none says less."""
_OTHERS = 0.25
"""Papers of which a larger share of the sections is another's are two."""
_LIKELY = 1.0
"""So sure (log-odds) are some sections of two papers that the others are of one sheet, too."""
_WITHIN = 4
"""So many tokens on either side of a cut are the same in both papers."""


class Cut(NamedTuple):
    """A section: where it begins and ends in the one paper, and where in the other; in tokens."""

    begin_a: int
    end_a: int
    begin_b: int
    end_b: int


def cuts(a: str, b: str, *, long: int = LONG, size: int = SIZE) -> list[Cut]:
    """Where two papers, in letters, are cut: in the midst of what both have; short ones are one section.

    A section has at least `size` tokens of either paper, the last one half of that. None: the papers have too
    little in common.
    """
    if min(len(a), len(b)) <= long:
        return [Cut(0, len(a), 0, len(b))]
    found, at_a, at_b = list[Cut](), 0, 0
    blocks = anchors(a, b, least=TOO_LITTLE)
    for start_a, start_b, length in blocks:
        while (step := max(_WITHIN, at_a + size - start_a, at_b + size - start_b)) <= length - _WITHIN:
            found.append(Cut(at_a, start_a + step, at_b, start_b + step))
            at_a, at_b = start_a + step, start_b + step
    if found and min(len(a) - at_a, len(b) - at_b) < size // 2:
        at_a, _, at_b, _ = found.pop()
    return [*found, Cut(at_a, len(a), at_b, len(b))] if blocks else []


def another(others: int, sections: int) -> bool:
    """Whether, with so many sections that are others, two papers are two whatever the rest says."""
    return others > _OTHERS * sections


def whole(sections: Sequence[tuple[Cut, Evidence]]) -> Evidence:
    """The evidence of all sections as that of the papers; rates are the mean by tokens."""
    if len(sections) == 1:
        return sections[0][1]
    found = Evidence(looked=not another(sum(not one.looked for _, one in sections), len(sections)))
    for cut, one in sections:
        found.others |= one.others
        _add(found, one, cut)
    tokens = max(1, found.length_a)
    found.rates = Rates(errors=sum(one.errors * one.length_a for _, one in sections) / tokens)
    found.cover_a = sum(one.cover_a * one.length_a for _, one in sections) / tokens
    found.cover_b = sum(one.cover_b * one.length_b for _, one in sections) / max(1, found.length_b)
    found.hard.sort(key=itemgetter(0))
    return found


_SUMS = (
    "words", "numbers", "repeated", "twice", "same", "same_numbers", "other_numbers", "length_a", "length_b",
    "moves",
)  # fmt: skip


def _add(found: Evidence, one: Evidence, cut: Cut) -> None:
    """Add what a section has; places become those in the whole papers."""
    for name in _SUMS:
        setattr(found, name, getattr(found, name) + getattr(one, name))
    found.shared += [(cut.begin_a + a, cut.begin_b + b, size) for a, b, size in one.shared]
    found.only_a += [(cut.begin_a + start, cut.begin_a + end) for start, end in one.only_a]
    found.only_b += [(cut.begin_b + start, cut.begin_b + end) for start, end in one.only_b]
    found.hard += [(weight, slot.moved(cut.begin_a, cut.begin_b)) for weight, slot in one.hard]
    found.misread += [slot.moved(cut.begin_a, cut.begin_b) for slot in one.misread]
    found.read.add(one.read)


def all_in_all(said: Sequence[float]) -> float:
    """What the sections of two papers say together, in log-odds.

    Two versions of a paper differ in one section at least, and nobody knows in which: so that they are two is
    as likely as each section is another's, in the mean. That makes one sheet likely at most; surer than the
    worst of its sections is no paper.
    """
    if len(said) == 1:
        return said[0]
    worst = max(ANOTHER, min(said))
    mean = worst - math.log(sum(math.exp(worst - max(ANOTHER, one)) for one in said) / len(said))
    return min(mean, max(worst, _LIKELY))


def together(said: Sequence[Mapping[Factor, float]]) -> Mapping[Factor, float]:
    """The same by factor. The numbers say what they do where something speaks against one sheet most; all
    else is the text's."""
    if len(said) == 1:
        return said[0]
    odds = [max(ANOTHER, sum(one.values())) for one in said]
    against = [math.exp(-one) for one in odds]
    shares = zip(against, (max(ANOTHER, one[Factor.NUMBERS]) for one in said), strict=True)
    numbers = sum(share * one for share, one in shares) / sum(against)
    return {Factor.TEXT: all_in_all(odds) - numbers, Factor.NUMBERS: numbers}
