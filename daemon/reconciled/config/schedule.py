"""When something is due next: after a duration (`12h`), or at the times of a cron line.

A cron line means the local clock. On the day that clocks go forward, a time that does not exist
is due at the moment of the change: nothing is left out, and several such times are due once
together. On the day that clocks go back, a time that exists twice is due the first time only; a
line that names every ten minutes therefore pauses for the repeated hour. Durations count real
time and know no such days.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Any, Self

from croniter import croniter
from pydantic import PlainValidator, WithJsonSchema

from reconciled.units import parse_duration

LONGEST = 366 * 86400.0
"""The longest duration of a schedule, in seconds."""

_FIELDS = 5
_WORDS = frozenset(
    re.findall("[a-z]+", "sun mon tue wed thu fri sat jan feb mar apr may jun jul aug sep oct nov dec l")
)
_SHAPE = re.compile(r"[0-9A-Za-z*/,#?-]+")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Either `every` so many seconds, or a `cron` line of five fields. `str()` gives what was written."""

    text: str = field(compare=False)
    every: float | None = None
    cron: str | None = None

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `12h` or `47 */12 * * *`; ValueError with a good example when it is neither."""
        text = " ".join(str(value).split())
        if len(text.split()) == _FIELDS:
            return cls(text, cron=_checked_cron(text))
        try:
            seconds = parse_duration(value)
        except ValueError:
            raise ValueError(
                f'{value!r} is neither a duration like 12h nor a cron line like "47 */12 * * *"'
            ) from None
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"{value!r} is no time between two runs; it is more than 0 s and at most 366 d")
        return cls(text, every=seconds)

    def next(self, after: datetime, zone: tzinfo) -> datetime:
        """The first time due after `after` (aware), in UTC; a cron line means the clock of `zone`."""
        after = after.astimezone(UTC)
        if self.cron is None:
            return after + timedelta(seconds=self.every or LONGEST)
        # The clock on the wall, calculated with as if it were UTC, which has no gaps.
        wall = after.astimezone(zone).replace(tzinfo=UTC, fold=0)
        times = croniter(self.cron, wall)
        while True:
            due = _moment(times.get_next(datetime), zone)
            if due > after:  # else it is the second coming of a time that exists twice
                return due

    def __str__(self) -> str:
        return self.text


def _checked_cron(line: str) -> str:
    words = re.findall("[a-z]+", line.lower())
    if not all(_SHAPE.fullmatch(part) for part in line.split()) or not _WORDS.issuperset(words):
        raise ValueError(f'{line!r} is no cron line; write it like "47 */12 * * *"')
    try:
        croniter(line, datetime(2000, 1, 1, tzinfo=UTC)).get_next(datetime)
    except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
        raise ValueError(f"{line!r} is no cron line, or its time never comes") from None
    return line


def _moment(wall: datetime, zone: tzinfo) -> datetime:
    """When the clock on the wall first shows this, in UTC; if it never does, when it leaps over it."""
    due = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if due.astimezone(zone).replace(tzinfo=UTC, fold=0) == wall:
        return due
    # In a gap fold=0 reckons with the offset before the change and so lands after it, fold=1 lands
    # before it (PEP 495); the change itself lies between.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), due
    offset = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def _read(value: Any) -> Schedule:
    return value if isinstance(value, Schedule) else Schedule.parse(value)


ScheduleText = Annotated[
    Schedule,
    PlainValidator(_read),
    WithJsonSchema({"type": "string", "examples": ["12h", "47 */12 * * *"]}),
]
"""A schedule as a pydantic type."""
