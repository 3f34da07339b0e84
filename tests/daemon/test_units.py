"""Durations, sizes and shares as people write them."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from reconciled.units import (
    Duration,
    Share,
    Size,
    parse_duration,
    parse_share,
    parse_size,
    say_duration,
    say_size,
)

DURATIONS = {
    "20s": 20, "250ms": 0.25, "5m": 300, "5min": 300, "1h30m": 5400, "1h 30m": 5400, "2d": 172800,
    "1w": 604800, "1.5h": 5400, " 12h ": 43200, "0s": 0, timedelta(minutes=2): 120,
}  # fmt: skip
SIZES = {
    "1024B": 1024,
    "500KiB": 512000,
    "200MiB": 209715200,
    "2gib": 2**31,
    "5GB": 5 * 10**9,
    "1.5 KB": 1500,
}
SHARES = {"10%": 0.1, "2.5 %": 0.025, "0%": 0, "100%": 1}


@pytest.mark.parametrize("text", DURATIONS)
def test_durations(text: object) -> None:
    assert parse_duration(text) == DURATIONS[text]


@pytest.mark.parametrize("text", ["", "20", 20, 1.5, True, None, "h", "-5m", "5 years", "1h, 30m", "12h?"])
def test_no_durations(text: object) -> None:
    with pytest.raises(ValueError, match="no duration; write it like 20s"):
        parse_duration(text)


@pytest.mark.parametrize("text", SIZES)
def test_sizes(text: str) -> None:
    assert parse_size(text) == SIZES[text]


@pytest.mark.parametrize("text", ["", "200", 200, "MiB", "5 apples", "-1B", None])
def test_no_sizes(text: object) -> None:
    with pytest.raises(ValueError, match="no size; write it like"):
        parse_size(text)


@pytest.mark.parametrize("text", SHARES)
def test_shares(text: str) -> None:
    assert parse_share(text) == SHARES[text]


@pytest.mark.parametrize("text", ["", "10", 0.1, 10, "101%", "-1%", "ten %", None])
def test_no_shares(text: object) -> None:
    with pytest.raises(ValueError, match="no percentage between 0% and 100%"):
        parse_share(text)


def test_they_are_pydantic_types() -> None:
    assert TypeAdapter(Duration).validate_python("1m") == 60
    assert TypeAdapter(Size).validate_python("1KiB") == 1024
    assert TypeAdapter(Share).validate_python("50%") == 0.5
    with pytest.raises(ValidationError, match="no duration"):
        TypeAdapter(Duration).validate_python(60)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.25, "250 ms"), (20, "20 s"), (60, "1 min"), (3661, "1 h 1 min"), (93600, "1 d 2 h")],
)
def test_say_duration(seconds: float, said: str) -> None:
    assert say_duration(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"), (17, "17 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (2**20 - 1, "1 MiB"),
        (200 * 2**20, "200 MiB"), (2**31, "2 GiB"), (2**50, "1024 TiB"),
    ],
)  # fmt: skip
def test_say_size(size: int, said: str) -> None:
    assert say_size(size) == said
