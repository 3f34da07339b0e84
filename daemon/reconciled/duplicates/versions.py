"""What the sections of two long papers show together and none of them alone: that the two are versions.

A scanner errs anew in each section, another paper does not: a name or a number that stands once on each page
is read in the same way on several of them, and dates are as much later on one page as on the next. And a scan
may lack a page of the other, but not each of two a page of the other.
"""

from collections import Counter
from collections.abc import Sequence

from reconciled.duplicates.digits import is_other_sum, later
from reconciled.duplicates.evidence import Evidence
from reconciled.duplicates.slots import Slot, tells

_OFTEN = 10
"""What stands more than so many times as often as it reads otherwise, as what is on top of each page,
may be misread in the same way now and then."""
_SHORT, _FEW = 2, 2
"""Numbers of no more digits are misread alike by chance, and no more sums or dates by as much."""
_PASSAGE = 25
"""So many tokens in a row that only one has are no stamp, and no line that was read badly."""


def versions(sections: Sequence[Evidence], a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether the sections show that two papers are no one sheet; `a` and `b` are the papers' tokens."""
    if len(sections) < 2:
        return False
    slots = [slot for one in sections for slot in _slots(one)]
    return _each_own(sections) or _same(slots, a, b) or _as_much(slots)


def _each_own(sections: Sequence[Evidence]) -> bool:
    """Whether each paper has a passage of its own, as the one a letter above and the other an annex."""
    return all(
        any(end - start >= _PASSAGE for runs in own for start, end in runs)
        for own in ([one.only_a for one in sections], [one.only_b for one in sections])
    )


def _slots(one: Evidence) -> Sequence[Slot]:
    """Where a section differs, each place once."""
    found = {slot.at_a: slot for _, slot in (*one.hard, *one.doubted)}
    return [*found.values(), *(slot for slot in one.misread if slot.at_a not in found)]


def _same(slots: Sequence[Slot], a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether something reads otherwise in the same way in several places."""
    times = Counter((slot.a, slot.b) for slot in slots if _tells(slot))
    several = {read: count for read, count in times.items() if count > 1}
    if not several:
        return False
    in_a, in_b = Counter(a), Counter(b)
    return any(_OFTEN * count >= max(in_a[one], in_b[other]) for (one, other), count in several.items())


def _tells(slot: Slot) -> bool:
    """Whether hardly two places are misread like this: another number of some digits, or another word."""
    if slot.number:
        return slot.a.isdecimal() and slot.b.isdecimal() and slot.length > _SHORT
    return slot.apart and tells(max(slot.a, slot.b, key=len))


def _as_much(slots: Sequence[Slot]) -> bool:
    """Whether several sums are more, or less, by the same, or dates as much later: most that differ."""
    read = {(slot.a, slot.b): slot for slot in slots if slot.number}.values()
    sums = Counter(int(slot.b) - int(slot.a) for slot in read if is_other_sum(slot))
    dates = Counter(filter(None, map(later, read)))
    return any(max(some.values(), default=0) > max(_FEW, some.total() // 2) for some in (sums, dates))
