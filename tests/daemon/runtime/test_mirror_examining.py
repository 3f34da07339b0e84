"""The doctor's look at mirrors: copies that wait for a person, runs that are late, room for files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciled.config import Mirror
from reconciled.config.schedule import Schedule
from reconciled.runtime.mirror_examining import Course, examine, room
from reconciled.source import Weight

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BACKUP = Mirror("backup", "paperless", ("archive",))
ELSEWHERE = Path("/proc/self/ledger.db")
"""On another file system than any folder of a test."""


def course(*, scan: str = "6h", hours: float | None = 1.0, **more: Any) -> Course:
    """A mirror whose last complete run ended so many hours ago."""
    ended = None if hours is None else NOW - timedelta(hours=hours)
    return Course(BACKUP, Schedule.parse(scan), ended=ended, **more)


def told(one: Course) -> list[tuple[Weight, str]]:
    return [(matter.weight, matter.said) for matter in examine([one], now=NOW)]


@pytest.mark.parametrize(
    ("one", "weight", "words"),
    [
        (course(), Weight.GOOD, "backup: no copy of it failed, and its last run ended 1 h ago"),
        (course(hours=11.9), Weight.GOOD, "ended 11 h 54 min ago"),
        (course(hours=12.1), Weight.WRONG, "it runs after each scan of paperless, every 6h"),
        (course(hours=30, scan="0 3 * * *"), Weight.GOOD, "1 d 6 h"),
        (course(hours=60, scan="0 3 * * *"), Weight.WRONG, 'at "0 3 * * *"'),
        (course(hours=0.9, scan="1m"), Weight.GOOD, "54 min"),
        (course(hours=1.1, scan="1m"), Weight.WRONG, "1 h 6 min"),
        (course(hours=None), Weight.ADVICE, "no run of it came to its end so far"),
        (course(hours=None, running=True), Weight.GOOD, "a run is under way"),
        (course(hours=90, running=True), Weight.GOOD, "a run is under way"),
        (course(hours=90, rests=True), Weight.ADVICE, "it rests, since paperless is paused"),
        (course(error="no room"), Weight.ADVICE, "its last run failed: no room"),
        (course(failed=1), Weight.WRONG, "1 copy failed and waits for you"),
        (course(failed=7), Weight.WRONG, "7 copies failed and wait for you"),
        (course(missing=2), Weight.ADVICE, "2 copies were deleted where the mirror had put them, by others"),
    ],
)
def test_one_thing_is_said_of_a_mirror(one: Course, weight: Weight, words: str) -> None:
    ((said_weight, said),) = told(one)
    assert said_weight is weight
    assert words in said


def test_all_that_is_odd_is_said_with_what_helps() -> None:
    found = examine([course(hours=90, failed=3, missing=1, error="paperless is not well")], now=NOW)
    assert [one.weight for one in found] == [Weight.WRONG, Weight.ADVICE, Weight.ADVICE, Weight.WRONG]
    assert all(one.remedy for one in found)
    assert "`reconciled mirrors retry backup --status failed`" in (found[0].remedy or "")
    assert "`reconciled passes run mirror --mirror backup`" in (found[3].remedy or "")


def test_without_mirrors_nothing_is_said(tmp_path: Path) -> None:
    assert examine([], now=NOW) == ()
    assert room(tmp_path, ledger=ELSEWHERE, mirrors=[], wanted=10**18) == []


@pytest.mark.parametrize(
    ("ledger", "most", "wanted", "weight", "words"),
    [
        (ELSEWHERE, 2**20, 10**18, Weight.WRONG, "are wanted"),
        (ELSEWHERE, 2**60, 1, Weight.ADVICE, "backup takes files of up to 1048576 TiB, which do not fit"),
        (ELSEWHERE, 1, 1, Weight.GOOD, "are free where files travel"),
        (None, 2**60, 10**18, Weight.ADVICE, "which do not fit"),
        (None, 1, 10**18, None, "that the ledger's disk is nearly full is told with the ledger"),
    ],
)
def test_the_room_for_files_that_travel(
    tmp_path: Path, ledger: Path | None, most: int, wanted: int, weight: Weight | None, words: str
) -> None:
    mirror = Mirror("backup", "paperless", ("archive",), max_size=most)
    found = room(tmp_path, ledger=ledger or tmp_path / "ledger.db", mirrors=[mirror], wanted=wanted)
    assert [(one.weight, words in one.said) for one in found] == ([] if weight is None else [(weight, True)])


def test_a_folder_that_is_not_there_yet_lies_beside_the_ledger(tmp_path: Path) -> None:
    mirror = Mirror("backup", "paperless", ("archive",), max_size=2**60)
    (found,) = room(tmp_path / "transfers", ledger=tmp_path / "ledger.db", mirrors=[mirror], wanted=1)
    assert str(tmp_path / "transfers") in found.said


def test_a_disk_that_does_not_answer_is_no_crash() -> None:
    nowhere = Path("/nowhere/at/all")
    (found,) = room(nowhere / "transfers", ledger=nowhere / "ledger.db", mirrors=[BACKUP], wanted=1)
    assert found.weight is Weight.ADVICE
    assert "cannot be told" in found.said
