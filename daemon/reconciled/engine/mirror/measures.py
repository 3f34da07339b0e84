"""What a run of a mirror comes to in figures, and which of them pass the thresholds that the user set. Pure.

A figure that cannot be made of what was counted is None, not zero: a run without filesets took no time for
each. What is at a threshold has passed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciled.config import Measure, Mirror
from reconciled.units import say_duration


@dataclass(frozen=True, slots=True)
class Counters:
    """What was counted in one run.

    `files` are all that it looked at, whatever came of them, and `failed` those of them that failed; `bytes`
    were fetched. `filesets` are those that it finished. `failures` is how many runs have failed one after
    the other, this one included; 0 when it did not.
    """

    files: int = 0
    failed: int = 0
    bytes: int = 0
    filesets: int = 0
    seconds: float = 0.0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One run for people. `growth` is a fraction of the files of the run before; negative if it had more."""

    files_a_minute: float | None
    bytes_a_second: float | None
    seconds_a_fileset: float | None
    errors_a_hundred: float | None
    growth: float | None


class Grade(StrEnum):
    """How bad it is that a threshold was passed."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Level:
    """Where a measure stands. `grade` None: below its thresholds. `said` is a sentence for people."""

    grade: Grade | None
    value: float
    said: str


def figures(now: Counters, before: Counters | None = None) -> Figures:
    """The figures of a run; `before` is the last complete one before it, if there was any."""
    return Figures(
        files_a_minute=_part(now.files * 60, now.seconds),
        bytes_a_second=_part(now.bytes, now.seconds),
        seconds_a_fileset=_part(now.seconds, now.filesets),
        errors_a_hundred=_part(now.failed * 100, now.files),
        growth=None if before is None else _part(now.files - before.files, before.files),
    )


def levels(mirror: Mirror, counters: Counters) -> Mapping[Measure, Level]:
    """Where each measure stands for which the mirror has a threshold, in their usual order."""
    return {measure: _level(mirror, measure, counters) for measure in Measure if measure in mirror.thresholds}


def _level(mirror: Mirror, measure: Measure, counters: Counters) -> Level:
    threshold, value = mirror.thresholds[measure], _value(measure, counters)
    grade, passed = None, threshold.warning
    if value >= threshold.critical:
        grade, passed = Grade.CRITICAL, threshold.critical
    elif value >= threshold.warning:
        grade = Grade.WARNING
    return Level(grade, value, _said(measure, counters, passed, grade))


def _value(measure: Measure, counters: Counters) -> float:
    match measure:
        case Measure.SYNC_DURATION:
            return counters.seconds
        case Measure.ERROR_RATE:
            return _part(counters.failed, counters.files) or 0.0
        case Measure.CONSECUTIVE_FAILURES:
            return counters.failures


def _said(measure: Measure, counters: Counters, passed: float, grade: Grade | None) -> str:
    """`passed` is the highest threshold that was passed, or the one that was not."""
    match measure:
        case Measure.SYNC_DURATION:
            what, limit = f"the last run took {say_duration(counters.seconds)}", say_duration(passed)
        case Measure.ERROR_RATE:
            share = _part(counters.failed * 100, counters.files) or 0.0
            what = f"{counters.failed} of {counters.files} files failed in the last run ({_short(share)} %)"
            limit = f"{_short(passed * 100)} %"
        case Measure.CONSECUTIVE_FAILURES:
            what, limit = _runs(counters.failures), _short(passed)
    if grade is None:
        return f"{what}; a warning is given from {limit} on"
    return f"{what}; from {limit} on that is {'critical' if grade is Grade.CRITICAL else 'worth a warning'}"


def _runs(failures: int) -> str:
    match failures:
        case 0:
            return "the last run did not fail"
        case 1:
            return "the last run failed"
        case _:
            return f"the last {failures} runs failed, one after the other"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _part(of: float, by: float) -> float | None:
    return of / by if by > 0 else None
