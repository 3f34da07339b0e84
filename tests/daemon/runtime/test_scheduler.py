"""When scans run: by schedule, when ordered, after trouble; never two at once."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from typing import Any

import pytest

from reconciled.config import Schedule
from reconciled.errors import BadResponse, Unreachable
from reconciled.model import Health
from reconciled.runtime.scheduler import Scheduler
from reconciled.runtime.supervisor import keep_going
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp


class Rig:
    """A scheduler over the engine's test world, its loops running."""

    def __init__(self, world: Any, app: Any) -> None:
        self.world = world
        self.app = app
        place = world.place("radarr")
        scheduler = Scheduler(
            world.engine, place, Schedule.parse("6h"), clock=world.clock, zone=UTC, chance=random.Random(1)
        )
        self.tasks = [asyncio.create_task(loop()) for loop in (scheduler.tend, scheduler.scan_when_due)]

    async def settle_down(self) -> None:
        """Let everything run that can, without time passing; what the ledger was given is written."""
        for _ in range(60):
            await asyncio.sleep(0.001)
            await self.world.ledger.write(lambda _: None)

    async def pass_time(self, seconds: float, step: float = 30.0) -> None:
        """Time passes in steps, so that what wakes can go to sleep again."""
        while seconds > 0:
            self.world.clock.advance(min(step, seconds))
            seconds -= step
            await asyncio.sleep(0.001)
        await self.settle_down()

    async def scans(self) -> list[str]:
        return [
            row["state"]
            for row in await self.world.rows("SELECT state FROM run WHERE pass = 'scan' ORDER BY id")
        ]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def rig(world: Any, film: Any) -> AsyncIterator[Rig]:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 11)))
    made = Rig(world, app)
    await made.settle_down()
    yield made
    await made.stop()


async def test_one_scan_at_the_start_and_then_by_schedule(rig: Rig) -> None:
    assert await rig.scans() == ["complete"]
    await rig.pass_time(5.9 * 3600)
    assert await rig.scans() == ["complete"]
    await rig.pass_time(0.2 * 3600)
    assert await rig.scans() == ["complete"] * 2


async def test_after_a_long_sleep_there_is_one_catch_up(rig: Rig) -> None:
    await rig.pass_time(60)
    await rig.pass_time(3 * 24 * 3600, step=3 * 24 * 3600)
    assert await rig.scans() == ["complete"] * 2


async def test_a_clock_that_is_set_back_delays_no_scan(rig: Rig) -> None:
    """The box began with a date far ahead, until a time server told it better."""
    await rig.pass_time(3600)
    rig.world.clock.step(timedelta(days=-400))
    await rig.pass_time(6.2 * 3600, step=300.0)
    assert await rig.scans() == ["complete"] * 2
    await rig.pass_time(6.2 * 3600, step=300.0)
    assert await rig.scans() == ["complete"] * 3


async def test_an_ordered_scan_runs_at_once_and_a_burst_of_orders_is_one(rig: Rig) -> None:
    await rig.pass_time(60)
    for _ in range(5):
        rig.world.engine.order_scan(rig.world.place("radarr").live, "an event")
    await rig.settle_down()
    assert await rig.scans() == ["complete"] * 2
    asked = await rig.world.rows("SELECT asked_by FROM run WHERE pass = 'scan' ORDER BY id DESC LIMIT 1")
    assert asked == [{"asked_by": "an event"}]


@pytest.mark.parametrize("trouble", [Unreachable("refused"), BadResponse("HTML")], ids=["refused", "html"])
async def test_a_scan_that_failed_is_tried_again_on_recovery(rig: Rig, trouble: Exception) -> None:
    await rig.pass_time(60)
    rig.app.listing_trouble = trouble
    rig.world.engine.order_scan(rig.world.place("radarr").live, "an event")
    await rig.settle_down()
    assert await rig.scans() == ["complete", "failed"]
    await rig.pass_time(600, step=1)
    failed = await rig.scans()
    assert 3 <= failed.count("failed") <= 12, "it backs off"
    rig.app.listing_trouble = None
    await rig.pass_time(700, step=5)
    assert (await rig.scans())[-1] == "complete"


@pytest.mark.parametrize("trouble", [Unreachable("refused"), ZeroDivisionError()], ids=["refused", "crash"])
async def test_a_scan_that_did_not_even_begin_is_tried_again_on_recovery(
    rig: Rig, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`snapshot` is a plain function: a plugin may ask for something in it before it hands out its pages."""

    def refused(_: Any) -> Any:
        raise trouble

    await rig.pass_time(60)
    source = rig.world.place("radarr").live.source
    with monkeypatch.context() as patch:
        patch.setattr(source, "snapshot", refused)
        rig.world.engine.order_scan(rig.world.place("radarr").live, "an event")
        await rig.settle_down()
        assert await rig.scans() == ["complete", "failed"]
    await rig.pass_time(600, step=5)
    assert (await rig.scans())[-1] == "complete"


async def test_recovery_from_other_trouble_orders_a_verify_and_no_scan(rig: Rig) -> None:
    await rig.pass_time(60)
    live = rig.world.place("radarr").live
    live.health.failed(Unreachable("refused"), "ask")
    await rig.pass_time(5, step=1)
    assert await rig.scans() == ["complete"]
    assert await rig.world.rows("SELECT state FROM run WHERE pass = 'verify'") == [{"state": "complete"}]


@pytest.mark.parametrize("error", [ZeroDivisionError(), asyncio.CancelledError()], ids=["crash", "cancelled"])
async def test_a_loop_that_crashes_begins_anew_later_each_time(
    caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    """Also one whose plugin waits for a task of its own that somebody cancelled."""
    clock, began = ManualClock(), []

    async def crash() -> None:
        began.append(clock.monotonic())
        raise error

    task = asyncio.create_task(keep_going("a loop", crash, clock=clock, log=logging.getLogger("test")))
    for _ in range(20):
        await asyncio.sleep(0.001)
        clock.advance(1.0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert [round(at - began[0]) for at in began] == [0, 1, 3, 7, 15]
    assert "a loop crashed" in caplog.text


async def test_a_loop_whose_app_or_disk_is_in_trouble_is_no_crash(caplog: pytest.LogCaptureFixture) -> None:
    clock, tries = ManualClock(), 0

    async def sweep() -> None:
        nonlocal tries
        tries += 1
        raise Unreachable("/srv/archive: the disk failed" if tries < 5 else "/srv/archive: the disk is full")

    task = asyncio.create_task(keep_going("a loop", sweep, clock=clock, log=logging.getLogger("test")))
    for _ in range(6):
        await asyncio.sleep(0.001)
        clock.advance(300.0)
    task.cancel()
    assert tries >= 6
    assert [record.message for record in caplog.records] == [
        "a loop waits: /srv/archive: the disk failed",
        "a loop waits: /srv/archive: the disk is full",
    ]
    assert not any(record.exc_info for record in caplog.records)


async def test_who_tended_an_object_that_was_replaced_leaves_the_new_one_alone(rig: Rig) -> None:
    """A plugin that ignores its cancellation may hold a loop up until its source is followed anew."""
    old = rig.world.place("radarr").live
    asked = 0

    async def answer() -> Any:
        nonlocal asked
        asked += 1
        return await plain()

    await rig.world.follow("radarr", ModelApp(dict(rig.app.items)))
    source = rig.world.place("radarr").live.source
    plain, source.probe = source.probe, answer
    old.health.failed(Unreachable("no"), "ask")
    for _ in range(5):
        await rig.pass_time(600.0)
    assert (asked, old.health.state) == (0, Health.TROUBLE)
