"""What is left of two papers once they lie over each other: less what both have left, only elsewhere."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist, extractOne

from reconciled.duplicates.alignment import Alignment
from reconciled.duplicates.slots import Slot

Runs = list[tuple[int, int]]
"""Runs of tokens, from and to."""
Times = dict[str, int]
"""How often some tokens are there. No `Counter`: there are few tokens, and its sums take longer."""


def unmoved(slots: Sequence[Slot], a: Sequence[str], b: Sequence[str], laid: Alignment) -> list[Slot]:
    """The slots without those of which a reading stands elsewhere in the other paper, unmatched.

    Of two numbers both have to: what was the new reading of a meter is the old one on the next bill.
    """
    if len(slots) < 2 and not (laid.only_a or laid.only_b):
        return list(slots)
    left_a = {token for gap in laid.gaps for token in a[gap.a0 : gap.a1]}
    left_b = {token for gap in laid.gaps for token in b[gap.b0 : gap.b1]}
    left_a.update(token for start, end in laid.only_a for token in a[start:end])
    left_b.update(token for start, end in laid.only_b for token in b[start:end])
    return [slot for slot in slots if not _moved(slot, left_a, left_b)]


def _moved(slot: Slot, left_a: set[str], left_b: set[str]) -> bool:
    """Whether what was read here stands elsewhere; where the two are apart it may be misread there."""
    read = _misread_in if slot.apart and not slot.number else set[str].__contains__
    here = read(left_b, slot.a)
    there = all(read(left_a, token) for token in slot.others or (slot.b,))
    return (here and there) if slot.a.isdecimal() and slot.b.isdecimal() else (here or there)


def _misread_in(left: set[str], token: str) -> bool:
    """Whether a token, or what may be a reading of it, is among some."""
    return token in left or (
        len(token) >= _WHOLE
        and len(left) <= _MANY
        and extractOne(token, left, scorer=Levenshtein.normalized_similarity, score_cutoff=_SURELY_ALIKE)
        is not None
    )


def unshared(a: Sequence[str], only_a: Runs, b: Sequence[str], only_b: Runs) -> tuple[Runs, Runs]:
    """The runs without the tokens that both have left, as where a table was read by columns."""
    left_a, left_b = _left(a, only_a), _left(b, only_b)
    both = {token: min(times, left_b[token]) for token, times in left_a.items() if token in left_b}
    gone_a, gone_b = both.copy(), both.copy()
    for one, other in _misread(_beyond(left_a, both), _beyond(left_b, both)):
        gone_a[one] = gone_a.get(one, 0) + 1
        gone_b[other] = gone_b.get(other, 0) + 1
    return _without(a, only_a, gone_a), _without(b, only_b, gone_b)


def _left(tokens: Sequence[str], runs: Runs) -> Times:
    found: Times = {}
    for start, end in runs:
        for token in tokens[start:end]:
            found[token] = found.get(token, 0) + 1
    return found


def _beyond(left: Times, both: Times) -> list[str]:
    """The tokens of which more are left than both have."""
    return [token for token, times in left.items() if times > both.get(token, 0)]


def _misread(left_a: Sequence[str], left_b: Sequence[str]) -> list[tuple[str, str]]:
    """Which of some tokens may be readings of which others, each once."""
    left_a = [token for token in left_a if len(token) >= _WHOLE][:_FEW]
    left_b = [token for token in left_b if len(token) >= _WHOLE][:_FEW]
    if not left_a or not left_b:
        return []
    alike = cdist(left_a, left_b, scorer=Levenshtein.normalized_similarity, score_cutoff=_SURELY_ALIKE)
    found, taken = [], set[int]()
    for at, row in enumerate(alike):
        best = int(row.argmax())
        if row[best] > 0 and best not in taken and not left_a[at].isdecimal():
            taken.add(best)
            found.append((left_a[at], left_b[best]))
    return found


_WHOLE, _FEW, _SURELY_ALIKE = 4, 60, 0.7
_MANY = 300
"""Among more tokens than these nobody looks for readings: that would take the square of a book."""


def _without(tokens: Sequence[str], runs: Runs, gone: Times) -> Runs:
    """The runs less what is gone; of a long one nothing is, unless it is a good part of it."""
    left, kept = gone.copy(), Runs()
    for start, end in sorted(runs):
        going = _going(tokens[start:end], left) if left else []
        if end - start >= _LONG and len(going) < _PART * (end - start):
            going = []
        if not going:
            _leave_all(kept, start, end)
            continue
        for at in going:
            left[tokens[start + at]] -= 1
        stays = set(range(start, end)) - {start + at for at in going}
        for at in sorted(stays):
            leave(kept, at)
    return kept


_LONG, _PART = 12, 0.25
"""Of a run of so many tokens less than this share is never taken out: any page has some of the words left."""


def _going(tokens: Sequence[str], gone: Times) -> list[int]:
    """The places of the tokens that are gone, each as often as it is."""
    left, found = gone.copy(), list[int]()
    for at, token in enumerate(tokens):
        if (times := left.get(token, 0)) > 0:
            left[token] = times - 1
            found.append(at)
    return found


def _leave_all(runs: Runs, start: int, end: int) -> None:
    if runs and runs[-1][1] == start:
        runs[-1] = (runs[-1][0], end)
    else:
        runs.append((start, end))


def leave(runs: list[tuple[int, int]], at: int) -> None:
    """Add a token to the last of the runs, or as a new one."""
    if runs and runs[-1][1] == at:
        runs[-1] = (runs[-1][0], at + 1)
    else:
        runs.append((at, at + 1))
