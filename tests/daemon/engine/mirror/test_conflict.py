"""Which way newer bytes go: the table."""

from datetime import UTC, datetime
from itertools import product

import pytest

from reconciled.config import Conflict
from reconciled.engine.mirror.conflict import Side, Way, way

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
NEWEST, SOURCE, ASK = Conflict.NEWEST, Conflict.SOURCE, Conflict.ASK


@pytest.mark.parametrize(
    ("original", "copy", "setting", "expected"),
    [
        # Nobody changed, or both to the same.
        (Side("a", "a"), Side("a", "a"), None, Way.NOTHING),
        (Side("a", "b"), Side("a", "b"), ASK, Way.NOTHING),
        (Side("a", "a"), Side("x", "x"), SOURCE, Way.NOTHING),  # the app keeps it in another form
        # One changed: no conflict, whatever the setting.
        (Side("a", "b"), Side("a", "a"), None, Way.FORWARD),
        (Side("a", "b", EARLY), Side("a", "a", LATE), NEWEST, Way.FORWARD),
        (Side("a", "a"), Side("a", "c"), None, Way.BACKWARD),
        (Side("a", "a"), Side("a", "c"), SOURCE, Way.BACKWARD),
        # Both changed.
        (Side("a", "b"), Side("a", "c"), None, Way.ASK),
        (Side("a", "b", EARLY), Side("a", "c", LATE), ASK, Way.ASK),
        (Side("a", "b", EARLY), Side("a", "c", LATE), SOURCE, Way.FORWARD),
        (Side("a", "b", EARLY), Side("a", "c", LATE), NEWEST, Way.BACKWARD),
        (Side("a", "b", LATE), Side("a", "c", EARLY), NEWEST, Way.FORWARD),
        (Side("a", "b", LATE), Side("a", "c", LATE), NEWEST, Way.ASK),
        (Side("a", "b", LATE), Side("a", "c"), NEWEST, Way.ASK),
        (Side("a", "b"), Side("a", "c", LATE), NEWEST, Way.ASK),
        # What nobody knows is no permission to write over it.
        (Side("a", "b"), Side("a", None), None, Way.ASK),
        (Side("a", "b"), Side(None, "c"), None, Way.ASK),
        (Side("a", "b"), Side(None, None), SOURCE, Way.FORWARD),
        (Side(None, None), Side("a", "c"), SOURCE, Way.ASK),
        (Side(None, "b"), Side("a", "c"), None, Way.ASK),
        # ... and no reason to do anything.
        (Side("a", "a"), Side("a", None), SOURCE, Way.NOTHING),
        (Side(None, "b"), Side("a", "a"), SOURCE, Way.NOTHING),
        (Side(None, None), Side(None, None), NEWEST, Way.NOTHING),
    ],
)
def test_both_ways(original: Side, copy: Side, setting: Conflict | None, expected: Way) -> None:
    assert way(original, copy, setting) is expected


@pytest.mark.parametrize(
    ("original", "copy", "setting", "expected"),
    [
        (Side("a", "b"), Side("a", "a"), None, Way.FORWARD),
        (Side("a", "a"), Side("a", "c"), None, Way.NOTHING),
        (Side("a", "b", EARLY), Side("a", "c", LATE), NEWEST, Way.NOTHING),
        (Side("a", "b", LATE), Side("a", "c", EARLY), NEWEST, Way.FORWARD),
        (Side("a", "b"), Side("a", "c"), None, Way.ASK),
    ],
)
def test_one_way(original: Side, copy: Side, setting: Conflict | None, expected: Way) -> None:
    assert way(original, copy, setting, both_ways=False) is expected


def test_nothing_unseen_is_ever_written_over_unless_the_user_said_so() -> None:
    marks, times = (None, "a", "b", "c"), (None, EARLY, LATE)
    for then, now, there, here, mine, theirs in product(marks, marks, marks, marks, times, times):
        original, copy = Side(then, now, mine), Side(there, here, theirs)
        for setting in (None, ASK):
            found = way(original, copy, setting)
            if found is Way.FORWARD:
                assert there is not None
                assert there == here
            if found is Way.BACKWARD:
                assert then is not None
                assert then == now
        assert way(original, copy, SOURCE, both_ways=False) is not Way.BACKWARD
