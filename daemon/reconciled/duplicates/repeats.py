"""Differences that stand in several places: a scanner errs anew each time, another paper does not."""

from collections import Counter
from collections.abc import Sequence

from reconciled.duplicates.digits import is_other_sum, later
from reconciled.duplicates.slots import Slot, tells


def each_once(slots: Sequence[Slot]) -> list[Slot]:
    """The slots, each misreading of a word once: what a scanner takes for `ss` it does on the whole page."""
    known, found = set[tuple[str, str]](), []
    for slot in slots:
        if slot.number or slot.apart or (slot.a, slot.b) not in known:
            found.append(slot)
        known.add((slot.a, slot.b))
    return found


def repeated(slots: Sequence[Slot]) -> int:
    """How many differences stand in several places: a scanner errs anew each time.

    Tokens that read otherwise in the same way, sums that are more, or less, by the same, and dates that are
    as much later.
    """
    if len(slots) < 2:
        return 0
    times = Counter(
        (slot.a, slot.b)
        for slot in slots
        if slot.number or (slot.apart and tells(max(slot.a, slot.b, key=len)))
    )
    less = Counter(int(b) - int(a) for a, b in {(slot.a, slot.b) for slot in slots if is_other_sum(slot)})
    dates = Counter(
        filter(None, (later(slot) for slot in {(slot.a, slot.b): slot for slot in slots}.values()))
    )
    return sum(count > 1 for counts in (times, less, dates) for count in counts.values())


def twice(a: Sequence[str], b: Sequence[str], slots: Sequence[Slot]) -> int:
    """How many words stand in several places of one paper, and something else in all these of the other."""
    read = [slot for slot in slots if slot.apart and not slot.number and not slot.cut]
    if len(read) < 2:
        return 0
    found = 0
    for tokens, readings in ((a, [slot.a for slot in read]), (b, [slot.b for slot in read])):
        for word, times in Counter(readings).items():
            found += times > 1 and tells(word) and tokens.count(word) == times
    return found
