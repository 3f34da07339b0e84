"""One health a source: when it is tried again, and what ends the waiting."""

import asyncio
import logging
import random

import pytest
from tests.patience import PATIENCE

from reconciled.engine.health import HealthKeeper
from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable
from reconciled.model import Health
from reconciled.testing.clock import ManualClock


class Even(random.Random):
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        del b
        return a


def keeper() -> tuple[HealthKeeper, ManualClock]:
    clock = ManualClock()
    return HealthKeeper("radarr", clock, Even(), logging.getLogger("test")), clock


def waits(error: SourceError, times: int, doing: str = "probe") -> list[float]:
    health, clock = keeper()
    found = []
    for _ in range(times):
        health.failed(error, doing)
        found.append((health.next_try or 0) - clock.monotonic())
    return found


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unreachable("x"), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
        (BadResponse("x"), [1, 2, 4]),
        (Unauthorized("x"), [60, 120, 300, 900, 900]),
        (RateLimited("x", 45.0), [45, 45, 45, 45, 45, 45, 64]),
        (RateLimited("x"), [1, 2, 4]),
        (RateLimited("x", 1e9), [3600]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_waits_between_tries(error: SourceError, expected: list[float]) -> None:
    assert waits(error, len(expected)) == expected


def test_a_scan_that_keeps_failing_backs_off_although_probes_succeed() -> None:
    health, clock = keeper()
    found = []
    for _ in range(4):
        health.failed(BadResponse("HTML"), "scan")
        found.append((health.next_try or 0) - clock.monotonic())
        health.fine("probe")
    assert found == [1, 2, 4, 8]
    health.fine("scan")
    health.failed(BadResponse("HTML"), "scan")
    assert (health.next_try or 0) - clock.monotonic() == 1


def test_the_first_failure_and_the_recovery_are_logged_and_nothing_between(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    health, _ = keeper()
    for _ in range(5):
        health.failed(Unreachable("refused"), "probe")
    health.fine("probe")
    health.fine("probe")
    assert [record.message for record in caplog.records] == ["radarr: refused", "radarr is well again"]


def test_a_listing_that_keeps_failing_is_told_once_and_is_over_when_one_is_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    health, _ = keeper()
    health.fine("probe")
    assert not health.troubled
    for _ in range(5):
        health.failed(Unreachable("not mounted"), "scan")
        health.fine("probe")  # between two tries: it answers, and still cannot be read
        health.fine("ask")
        assert health.state is Health.OK
        assert health.troubled, "nobody would ever be told of it"
    assert [record.message for record in caplog.records] == ["radarr: not mounted"]
    health.fine("scan")
    assert not health.troubled
    assert [record.message for record in caplog.records][1:] == ["radarr is well again"]


async def test_waiters_wake_on_recovery_and_on_a_poke() -> None:
    health, clock = keeper()
    await health.until_next_try()  # never asked yet
    health.failed(Unreachable("refused"), "probe")
    ok = asyncio.ensure_future(health.until_ok())
    again = asyncio.ensure_future(health.until_next_try())
    await asyncio.sleep(0.01)
    assert not ok.done()
    assert not again.done()
    health.try_now()
    await asyncio.wait_for(again, PATIENCE)
    health.fine("probe")
    await asyncio.wait_for(ok, PATIENCE)
    assert health.state is Health.OK
    trouble = asyncio.ensure_future(health.until_next_try())
    await asyncio.sleep(0.01)
    health.failed(Unreachable("refused"), "ask")
    await asyncio.sleep(0.01)
    assert not trouble.done()
    clock.advance(1.0)
    await asyncio.wait_for(trouble, PATIENCE)
