"""The doctor's look at the mirrors: what waits for a person, what is late, the disk that files travel over.

A mirror is sure to run after each scan of its source, so that rhythm is its usual one, however much oftener
news of single files make it run. Everything is judged by what the ledger holds; only the disk is asked.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciled.config import Mirror
from reconciled.config.schedule import Schedule
from reconciled.engine.mirror.part import RESERVE
from reconciled.source import Matter, Weight
from reconciled.units import say_duration, say_size

_LATE = 2
"""So many times the usual wait without a run that came to its end is too long."""
_PATIENCE = timedelta(hours=1)
"""However often its source is scanned: a run that brings much takes long."""


@dataclass(frozen=True, slots=True)
class Course:
    """A mirror, as far as the doctor goes by it.

    `scan` is the schedule of its source, `ended` when its last complete run did (None: none is known),
    `error` why the newest run failed, if it did. `rests`: its source is paused, so it is not expected to run.
    """

    mirror: Mirror
    scan: Schedule
    failed: int = 0
    missing: int = 0
    ended: datetime | None = None
    error: str | None = None
    running: bool = False
    rests: bool = False


def examine(courses: Sequence[Course], *, now: datetime) -> tuple[Matter, ...]:
    """What is to be said of each mirror; nothing where there are none. Pure."""
    return tuple(matter for course in courses for matter in _of(course, now))


def _of(course: Course, now: datetime) -> Iterator[Matter]:
    odd = [*_left_behind(course), *_runs(course, now)]
    name = course.mirror.name
    if course.rests:
        yield Matter(Weight.ADVICE, f"{name}: it rests, since {course.mirror.source} is paused")
    elif not odd:
        run = "a run is under way" if course.running else f"its last run ended {_ago(course, now)} ago"
        yield Matter(Weight.GOOD, f"{name}: no copy of it failed, and {run}")
    yield from odd


def _left_behind(course: Course) -> Iterator[Matter]:
    """Copies that go nowhere unless a person says so."""
    name = course.mirror.name
    if course.failed:
        said = f"{name}: {_copies(course.failed)} failed and {_waits(course.failed)} for you"
        yield Matter(Weight.WRONG, said, _look_and_retry(name, "failed"))
    if course.missing:
        were, are = ("was", "is") if course.missing == 1 else ("were", "are")
        said = (
            f"{name}: {_copies(course.missing)} {were} deleted where the mirror had put them, by others, "
            f"and {are} not brought again by itself"
        )
        yield Matter(Weight.ADVICE, said, _look_and_retry(name, "missing"))


def _runs(course: Course, now: datetime) -> Iterator[Matter]:
    """A run that failed, and that none came to its end for too long."""
    name, source = course.mirror.name, course.mirror.source
    if course.error is not None:
        yield Matter(Weight.ADVICE, f"{name}: its last run failed: {course.error}", "it runs again by itself")
    if course.running or course.rests:
        return
    remedy = (
        f"`reconciled runs --pass mirror --source {source}` says how its runs ended; "
        f"`reconciled passes run mirror --mirror {name}` runs it now"
    )
    if course.ended is None:
        yield Matter(Weight.ADVICE, f"{name}: no run of it came to its end so far", remedy)
    elif now > _due(course.scan, course.ended):
        often = f"every {course.scan}" if course.scan.cron is None else f'at "{course.scan}"'
        said = f"{name}: its last run that came to its end did so {_ago(course, now)} ago"
        yield Matter(Weight.WRONG, f"{said}; it runs after each scan of {source}, {often}", remedy)


def _due(scan: Schedule, ended: datetime) -> datetime:
    """Until when the next run is in time."""
    due = ended
    for _ in range(_LATE):
        due = scan.next(due, UTC)
    return max(due, ended + _PATIENCE)


def room(folder: Path, *, ledger: Path, mirrors: Sequence[Mirror], wanted: int) -> list[Matter]:
    """The disk that files travel over: has it `wanted` bytes, and room for what the mirrors take? Blocks.

    Where it is the ledger's disk, that it is nearly full is told with the ledger. A folder that is not there
    yet lies where the folder above it does.
    """
    if not mirrors:
        return []
    try:
        there = folder if folder.exists() else ledger.parent
        free, apart = shutil.disk_usage(there).free, there.stat().st_dev != ledger.parent.stat().st_dev
    except OSError as error:
        return [Matter(Weight.ADVICE, f"how much room is left at {folder} cannot be told: {error.strerror}")]
    said = f"{say_size(free)} are free where files travel ({folder})"
    remedy = "make room there, or move the daemon's state folder to a larger disk"
    if apart and free < wanted:
        return [Matter(Weight.WRONG, f"{said}; {say_size(wanted)} are wanted", remedy)]
    largest = max(mirrors, key=lambda one: one.max_size)
    if free < largest.max_size + RESERVE:
        takes = f"{largest.name} takes files of up to {say_size(largest.max_size)}, which do not fit"
        return [Matter(Weight.ADVICE, f"{said}; {takes}", f"{remedy}, or lower its `max_size`")]
    return [Matter(Weight.GOOD, said)] if apart else []


def _copies(n: int) -> str:
    return "1 copy" if n == 1 else f"{n} copies"


def _waits(n: int) -> str:
    return "waits" if n == 1 else "wait"


def _look_and_retry(name: str, status: str) -> str:
    return (
        f"`reconciled mirrors show {name} --status {status}` says why; "
        f"`reconciled mirrors retry {name} --status {status}` tries again"
    )


def _ago(course: Course, now: datetime) -> str:
    age = (now - course.ended).total_seconds() if course.ended is not None else 0.0
    return say_duration(max(0.0, age)) or "0 s"
