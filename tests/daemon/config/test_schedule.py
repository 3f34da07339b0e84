"""When things are due, and what happens on the days that clocks change."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.config import Schedule

BERLIN = ZoneInfo("Europe/Berlin")  # 2026: forward on 29 March at 2:00, back on 25 October at 3:00
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour; forward on 4 October 2026 at 2:00


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


DUE = [
    # schedule, zone, after, the next ones
    ("12h", BERLIN, "2026-03-28T20:00:00+00:00", ["2026-03-29T08:00:00+00:00", "2026-03-29T20:00:00+00:00"]),
    (
        "47 */12 * * *",
        UTC,
        "2026-01-01T00:47:00+00:00",
        ["2026-01-01T12:47:00+00:00", "2026-01-02T00:47:00+00:00"],
    ),
    ("47 */12 * * *", UTC, "2026-01-01T00:46:59.5+00:00", ["2026-01-01T00:47:00+00:00"]),
    ("47 */12 * * *", UTC, "2026-01-01T00:47:00.5+00:00", ["2026-01-01T12:47:00+00:00"]),
    ("0 3 * * mon", BERLIN, "2026-06-01T04:00:00+02:00", ["2026-06-08T03:00:00+02:00"]),
    # 2:30 does not exist: due at the change, once, and on the next day at 2:30 again
    (
        "30 2 * * *",
        BERLIN,
        "2026-03-28T03:00:00+01:00",
        ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
    ),
    (
        "*/20 2 * * *",
        BERLIN,
        "2026-03-29T00:00:00+01:00",
        ["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"],
    ),
    (
        "0,30 2,3 * * *",
        BERLIN,
        "2026-03-29T01:00:00+01:00",
        ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"],
    ),
    (
        "15 2 * * *",
        LORD_HOWE,
        "2026-10-04T01:00:00+10:30",
        ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"],
    ),
    # 2:30 exists twice: due the first time only
    (
        "30 2 * * *",
        BERLIN,
        "2026-10-25T00:00:00+02:00",
        ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
    ),
    ("30 2 * * *", BERLIN, "2026-10-25T02:10:00+01:00", ["2026-10-26T02:30:00+01:00"]),
    (
        "*/30 * * * *",
        BERLIN,
        "2026-10-25T02:00:00+02:00",
        ["2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00"],
    ),
]


@pytest.mark.parametrize(("text", "zone", "after", "due"), DUE)
def test_next(text: str, zone: tzinfo, after: str, due: list[str]) -> None:
    schedule, now = Schedule.parse(text), at(after)
    for one in due:
        now = schedule.next(now, zone)
        assert (now, now.tzinfo) == (at(one), UTC)


@given(
    text=st.sampled_from(["30 2 * * *", "*/7 * * * *", "0 0 1 * *", "59 1-3 * 3,10 sun", "0 12 l * *"]),
    after=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from([UTC, BERLIN, LORD_HOWE, ZoneInfo("America/St_Johns")]),
)
def test_next_is_later_and_nothing_lies_between(text: str, after: datetime, zone: tzinfo) -> None:
    schedule = Schedule.parse(text)
    due = schedule.next(after, zone)
    assert due > after
    assert schedule.next(due - timedelta(seconds=1), zone) == due
    assert schedule.next(after + (due - after) / 2, zone) == due


GOOD = ["12h", "1h 30m", "90s", "366d", "* * * * *", "0 3 * * mon-fri", "5  4 * * *", "0 0 l jan,dec *"]
BAD = [
    "", "12", "0s", "367d", "9" * 400 + "d", "soon", "@daily", "* * * *", "* * * * * *", "61 * * * *",
    "*/0 * * * *", "0 0 30 2 *", "R R * * *",
    "H * * * *", "0-9999999999 * * * *", "a b c d e", "\u0661 * * * *",
    "; * * * *",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_parse(text: str) -> None:
    assert str(Schedule.parse(text)) == " ".join(text.split())


@pytest.mark.parametrize("text", BAD)
def test_refuse(text: str) -> None:
    with pytest.raises(ValueError, match=r"no cron line|neither a duration|no time between"):
        Schedule.parse(text)


def test_equal_when_it_means_the_same() -> None:
    assert Schedule.parse("60m") == Schedule.parse("1h")
    assert Schedule.parse("0 * * * *") != Schedule.parse("1h")
