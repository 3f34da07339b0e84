"""What differing digits say: which ones scanners take for each other, and which other numbers have.

A scanner errs anywhere and takes what looks alike; another paper of the template has the next number, another
day, another sum.
"""

import math
from collections.abc import Sequence

from reconciled.duplicates.dates import is_day
from reconciled.duplicates.habits import USUAL, Habits
from reconciled.duplicates.slots import Slot


def digits_taken(slot: Slot, habits: Habits = USUAL) -> float:
    """How much likelier, as a logarithm, a scanner takes these digits for each other than chance would.

    And a day that is none in any calendar was misread (in eight digits: 2980 is no year, but beside 1980 it
    may be another sum); two days that are both some are rarely. Numbers that are given soon after each other
    differ at their end, misread ones anywhere.
    """
    if len(slot.a) != len(slot.b):
        return 0.0
    differing = [at for at, (one, other) in enumerate(zip(slot.a, slot.b, strict=True)) if one != other]
    said = 0.0
    for at in differing:
        said += habits.taken(slot.a[at], slot.b[at])
    days = is_date(slot.a) + is_date(slot.b)
    if days == 2 or len(slot.a) == _DAY:
        said += _DAYS[days] * (slot.edits if days == 2 else 1)
    if differing and days < 2 and len(slot.a) >= _COUNTED and len(differing) <= _COUNTERS:
        ways = math.comb(len(slot.a), len(differing))
        said += math.log(2 / ways) if _is_near(slot, differing) else math.log(2 - 2 / ways)
    return said


def _is_near(slot: Slot, differing: Sequence[int]) -> bool:
    """Whether the two are given soon after each other, as 199 and 209 are; their `differing` places."""
    if slot.a.isdecimal() and slot.b.isdecimal() and len(slot.a) <= _LONGEST:
        return abs(int(slot.a) - int(slot.b)) < int(10 ** len(differing))
    return differing[0] == len(slot.a) - len(differing)


def is_date(token: str) -> bool:
    """Whether a token is a day of a calendar, of eight digits or of six, or a year of our time."""
    if not token.isdecimal():
        return False
    if len(token) == _DAY:
        return is_day(token)
    if len(token) == _SHORT_DAY:
        return is_day(f"{token[:4]}20{token[4:]}")
    return len(token) == _YEAR and _FIRST <= int(token) <= _LAST


def later(slot: Slot) -> tuple[int, int, int] | None:
    """How much later the one of two dates is, by the parts of a date, each by itself; None: no two dates."""
    if not (len(slot.a) == len(slot.b) == _DAY and is_date(slot.a) and is_date(slot.b)):
        return None
    first, second = (
        (int(date[:4]), int(date[4:6]), int(date[6:]))
        if date.startswith(("19", "20")) and not date[4:].startswith(("19", "20"))
        else (int(date[4:]), int(date[:2]), int(date[2:4]))
        for date in (slot.a, slot.b)
    )
    return second[0] - first[0], second[1] - first[1], second[2] - first[2]


_COUNTED, _COUNTERS, _LONGEST = 5, 3, 40
"""A number of so many characters may be one of a sequence; so many of its last differ then at most."""
_DAY, _SHORT_DAY, _YEAR = 8, 6, 4
_FIRST, _LAST = 1950, 2039
"""The years that papers are dated with."""


_DAYS = (0.0, 1.5, -0.7)
"""By how many of two differing tokens are days of a calendar; of two, for each edit."""


def is_other_sum(slot: Slot) -> bool:
    """Whether the two are numbers as long as each other, of which not only digits that look alike differ."""
    a, b = slot.a, slot.b
    if not (a.isdecimal() and b.isdecimal() and 1 < len(a) == len(b) < _CODE):
        return False
    return any(one != other and USUAL.taken(one, other) < 0 for one, other in zip(a, b, strict=True))


_CODE = 10
"""A number of so many digits is no sum."""
