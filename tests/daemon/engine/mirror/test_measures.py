"""Figures of a run, and the thresholds that they pass."""

import pytest

from reconciled.config import Measure, Mirror, Threshold
from reconciled.engine.mirror.measures import Counters, Figures, Grade, figures, levels

MIRROR = Mirror("mirror_vsrx", "vsrx", ("paperless",))


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (
            Counters(files=600, failed=6, bytes=1200, filesets=30, seconds=120),
            Counters(files=500),
            Figures(300, 10, 4, 1, 0.2),
        ),
        (Counters(), None, Figures(None, None, None, None, None)),
        (Counters(files=5, seconds=0), Counters(), Figures(None, None, None, 0, None)),
        (Counters(files=90, seconds=60, filesets=1), Counters(files=100), Figures(90, 0, 60, 0, -0.1)),
    ],
)
def test_figures(now: Counters, before: Counters | None, expected: Figures) -> None:
    assert figures(now, before) == expected


@pytest.mark.parametrize(
    ("counters", "measure", "grade"),
    [
        (Counters(), Measure.SYNC_DURATION, None),
        (Counters(seconds=299.9), Measure.SYNC_DURATION, None),
        (Counters(seconds=300), Measure.SYNC_DURATION, Grade.WARNING),
        (Counters(seconds=599), Measure.SYNC_DURATION, Grade.WARNING),
        (Counters(seconds=600), Measure.SYNC_DURATION, Grade.CRITICAL),
        (Counters(), Measure.ERROR_RATE, None),
        (Counters(files=100, failed=4), Measure.ERROR_RATE, None),
        (Counters(files=100, failed=5), Measure.ERROR_RATE, Grade.WARNING),
        (Counters(files=100, failed=10), Measure.ERROR_RATE, Grade.CRITICAL),
        (Counters(files=1, failed=1), Measure.ERROR_RATE, Grade.CRITICAL),
        (Counters(failures=2), Measure.CONSECUTIVE_FAILURES, None),
        (Counters(failures=3), Measure.CONSECUTIVE_FAILURES, Grade.WARNING),
        (Counters(failures=7), Measure.CONSECUTIVE_FAILURES, Grade.CRITICAL),
    ],
)
def test_levels(counters: Counters, measure: Measure, grade: Grade | None) -> None:
    found = levels(MIRROR, counters)
    assert list(found) == list(Measure)
    assert found[measure].grade is grade
    assert [level.grade for other, level in found.items() if other is not measure] == [None, None]


def test_only_what_has_a_threshold() -> None:
    own = Mirror("m", "a", ("b",), thresholds={Measure.ERROR_RATE: Threshold(0.5, 0.9)})
    assert list(levels(own, Counters(seconds=1e9))) == [Measure.ERROR_RATE]


def test_sentences() -> None:
    said = [
        level.said
        for level in levels(MIRROR, Counters(files=300, failed=22, seconds=310, failures=1)).values()
    ]
    assert said == [
        "the last run took 5 min 10 s; from 5 min on that is worth a warning",
        "22 of 300 files failed in the last run (7.3 %); from 5 % on that is worth a warning",
        "the last run failed; a warning is given from 3 on",
    ]
    critical = levels(MIRROR, Counters(failures=6))[Measure.CONSECUTIVE_FAILURES]
    assert critical.said == "the last 6 runs failed, one after the other; from 5 on that is critical"
