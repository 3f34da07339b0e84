"""When what goes out: the rules of a channel as tables."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from reconciled.config import ChannelSettings
from reconciled.notify.pace import HOUR, Round, Waiting, due, keep_together, quiet_left

NOW = 1_000_000.0
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NIGHT = (time(22), time(7))
MIDNIGHT = datetime(2026, 1, 2, 0, 0, tzinfo=UTC)
BREAKFAST = datetime(2026, 1, 2, 7, 0, tzinfo=UTC)


def rules(*, digest: float = 0.0, rate: int = 20, quiet: tuple[time, time] | None = None) -> ChannelSettings:
    return ChannelSettings("phone", SecretStr("json://x"), digest, rate, quiet)


def waits(
    number: int, *, age: float = 0.0, left: float = 0.0, urgent: bool = False, tries: int = 0
) -> Waiting:
    return Waiting(number, NOW - age, NOW + left, urgent, tries)


ONE, TWO, THREE = waits(1), waits(2), waits(3)
LOUD = waits(9, urgent=True)


@pytest.mark.parametrize(
    ("waiting", "sent", "channel", "local", "expected"),
    [
        # nothing waits, or all is well
        ([], [], rules(), NOON, Round()),
        ([ONE, TWO], [], rules(), NOON, Round(((1,), (2,)))),
        # a message that failed waits for its time, and nothing waits for it
        ([waits(1, left=60, tries=1)], [], rules(), NOON, Round((), NOW + 60)),
        ([waits(1, left=60, tries=1), TWO], [], rules(), NOON, Round(((2,),), NOW + 60)),
        ([waits(1, tries=3), TWO], [], rules(), NOON, Round(((2,), (1,)))),
        # written down by a clock that was a year ahead
        ([waits(1, age=-3e7, left=3e7)], [], rules(digest=60), NOON, Round(((1,),))),
        # quiet hours hold back, but not what is urgent
        ([ONE], [], rules(quiet=NIGHT), MIDNIGHT, Round((), NOW + 7 * HOUR)),
        ([ONE, LOUD], [], rules(quiet=NIGHT), MIDNIGHT, Round(((9,),), NOW + 7 * HOUR)),
        ([ONE], [], rules(quiet=NIGHT), NOON, Round(((1,),))),
        # what the night held back goes out as one, what came since by itself
        (
            [waits(1, age=HOUR), waits(2, age=121), THREE],
            [],
            rules(quiet=NIGHT),
            BREAKFAST,
            Round(((1, 2), (3,))),
        ),
        # so does what waited for room; what failed goes by itself, lest it is its own fault
        ([waits(1, age=HOUR), waits(2, age=HOUR), THREE], [], rules(), NOON, Round(((1, 2), (3,)))),
        (
            [waits(1, age=HOUR, tries=2), waits(2, age=HOUR, tries=2)],
            [],
            rules(),
            NOON,
            Round(((1,), (2,))),
        ),
        # a digest gathers until the oldest has waited
        ([waits(1, age=100), TWO], [], rules(digest=300), NOON, Round((), NOW + 200)),
        ([waits(1, age=300), TWO], [], rules(digest=300), NOON, Round(((1, 2),))),
        ([waits(1, age=100), LOUD], [], rules(digest=300), NOON, Round(((9,),), NOW + 200)),
        ([waits(1, age=300)], [], rules(digest=300, quiet=NIGHT), MIDNIGHT, Round((), NOW + 7 * HOUR)),
        # the rate: what is too many goes together, in the last place there is
        ([ONE, TWO, THREE], [], rules(rate=2), NOON, Round(((1,), (2, 3)))),
        ([ONE, TWO, THREE], [NOW - 60], rules(rate=2), NOON, Round(((1, 2, 3),))),
        ([ONE, TWO], [NOW - 60, NOW - 120], rules(rate=2), NOON, Round((), NOW - 120 + HOUR)),
        ([ONE, TWO], [NOW - 60, NOW - HOUR], rules(rate=2), NOON, Round(((1, 2),))),
        ([ONE], [NOW - 60, NOW - 90, NOW - 120], rules(rate=2), NOON, Round((), NOW - 90 + HOUR)),
        # what is urgent goes beyond the rate, and takes a place
        ([LOUD], [NOW - 60, NOW - 120], rules(rate=2), NOON, Round(((9,),))),
        ([ONE, LOUD], [NOW - 60], rules(rate=2), NOON, Round(((9,),), NOW - 60 + HOUR)),
        # what was sent by a clock that was ahead takes no place
        ([ONE], [NOW + 2 * HOUR], rules(rate=1), NOON, Round(((1,),))),
    ],
)
def test_what_goes_out_now(
    waiting: list[Waiting], sent: list[float], channel: ChannelSettings, local: datetime, expected: Round
) -> None:
    assert due(waiting, sent, channel, now=NOW, local=local) == expected


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("quiet", "local", "left"),
    [
        (None, NOON, 0),
        (NIGHT, datetime(2026, 1, 1, 21, 59, 59, tzinfo=UTC), 0),
        (NIGHT, datetime(2026, 1, 1, 22, 0, tzinfo=UTC), 9 * HOUR),
        (NIGHT, datetime(2026, 1, 1, 23, 30, tzinfo=UTC), 7.5 * HOUR),
        (NIGHT, datetime(2026, 1, 1, 6, 30, tzinfo=UTC), HOUR / 2),
        (NIGHT, datetime(2026, 1, 1, 7, 0, tzinfo=UTC), 0),
        ((time(13), time(15)), datetime(2026, 1, 1, 14, 0, tzinfo=UTC), HOUR),
        ((time(13), time(15)), datetime(2026, 1, 1, 16, 0, tzinfo=UTC), 0),
        ((time(13), time(13)), datetime(2026, 1, 1, 13, 0, tzinfo=UTC), 0),
        # the night when clocks go forward is an hour shorter, the one when they go back an hour longer
        (NIGHT, datetime(2026, 3, 28, 23, 0, tzinfo=BERLIN), 7 * HOUR),
        (NIGHT, datetime(2026, 10, 24, 23, 0, tzinfo=BERLIN), 9 * HOUR),
    ],
)
def test_how_long_the_quiet_hours_last(quiet: tuple[time, time] | None, local: datetime, left: float) -> None:
    assert quiet_left(quiet, local) == left


MESSAGES = st.lists(
    st.builds(
        Waiting,
        st.integers(1, 10_000),
        st.floats(NOW - 1e5, NOW + 1e5),
        st.floats(NOW - 1e5, NOW + 1e5),
        st.booleans(),
        st.integers(0, 30),
    ),
    unique_by=lambda one: one.id,
    max_size=30,
)


@given(
    MESSAGES,
    st.lists(st.floats(NOW - 2 * HOUR, NOW), max_size=30),
    st.sampled_from([0.0, 60.0, HOUR]),
    st.integers(1, 25),
    st.sampled_from([None, NIGHT]),
    st.integers(0, 86399),
)
def test_nothing_is_dropped_or_said_twice_and_the_rate_is_kept(
    waiting: list[Waiting],
    sent: list[float],
    digest: float,
    rate: int,
    quiet: tuple[time, time] | None,
    second: int,
) -> None:
    local = NOON + timedelta(seconds=second)
    found = due(waiting, sent, rules(digest=digest, rate=rate, quiet=quiet), now=NOW, local=local)
    out = [number for group in found.groups for number in group]
    assert len(out) == len(set(out))
    assert set(out) <= {one.id for one in waiting}
    if len(out) < len(waiting):
        assert found.again is not None
        assert found.again > NOW
    urgent = {one.id for one in waiting if one.urgent}
    calm = [group for group in found.groups if not urgent & set(group)]
    recent = sum(NOW - at < HOUR for at in sent)
    assert not calm or len(found.groups) + recent <= max(rate, recent)


@pytest.mark.parametrize(
    ("groups", "late", "kept"),
    [
        ([], [], []),
        ([(1, 2), (3,)], [], [(1, 2), (3,)]),
        ([(1, 2, 3)], [(1, 2)], [(3,), (1, 2)]),
        ([(2,), (3,)], [(1, 2)], [(3,), (1, 2)]),  # 1 is not due yet, but they are one
        ([(3,)], [(1, 2)], [(3,)]),
        ([(1,), (2,), (4,)], [(1,), (4,)], [(2,), (1,), (4,)]),
    ],
)
def test_what_may_still_arrive_stays_as_it_was_sent(
    groups: list[tuple[int, ...]], late: list[tuple[int, ...]], kept: list[tuple[int, ...]]
) -> None:
    assert list(keep_together(groups, late)) == kept
