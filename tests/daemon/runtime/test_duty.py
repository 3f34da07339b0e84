"""When what the daemon does by itself is due, also on a box that is off at that time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import SearchStand, Shelf, letter, standing

from reconciled.config import Schedule
from reconciled.ledger import sources
from reconciled.model import Page
from reconciled.runtime.duty import Duty

NIGHT = Schedule.parse("0 3 * * *")
DAY = Schedule.parse("24h")
SINCE = "nightly.due_since"

Due = Callable[[float], Awaitable[bool]]


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    """It is midnight, and the source was read."""
    async with standing(tmp_path) as made:
        source = await made.follow("books", Shelf)
        source.put(1, letter(1))
        await made.scan("books")
        yield made


@pytest.fixture
async def started(stand: SearchStand) -> AsyncIterator[Callable[[Schedule], Due]]:
    """Begins a daemon's life: `due(hours)` lets time pass and says whether the duty was due in it."""
    tasks: list[asyncio.Task[None]] = []
    sleep, asleep = stand.clock.sleep, 0

    async def counted(seconds: float) -> None:
        nonlocal asleep
        asleep += 1
        try:
            await sleep(seconds)
        finally:
            asleep -= 1

    async def settled() -> None:
        """Whoever woke has asked the ledger, and is due or sleeps on."""
        await asyncio.sleep(0)
        while asleep < sum(not task.done() for task in tasks):
            await asyncio.sleep(0.001)

    def start(schedule: Schedule) -> Due:
        duty = Duty("nightly", stand.engine, lambda: schedule)
        tasks.append(asyncio.create_task(duty.until_due()))

        async def due(hours: float) -> bool:
            await settled()
            for _ in range(int(hours * 12)):
                stand.clock.advance(300.0)
                await settled()
            if not tasks[-1].done():
                return False
            await duty.begin()
            tasks.append(asyncio.create_task(duty.until_due()))
            return True

        return due

    stand.clock.sleep = counted  # type: ignore[method-assign]  # to know when nobody does anything
    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def off_for(stand: SearchStand, days: float) -> None:
    """The box was switched off so long ago, soon after the duty had begun; now it starts."""
    await stand.engine.start()
    then = stand.clock.now() - timedelta(days=days)
    await stand.ledger.write(sources.set_setting, SINCE, then.isoformat())


async def test_it_is_due_at_its_time_and_not_before(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    due = started(NIGHT)
    assert not await due(2.9)
    assert await due(0.2)
    assert not await due(23.5)
    assert await due(0.5)


async def test_what_is_due_each_day_comes_to_a_box_that_is_restarted_twice_a_day(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    assert not await started(DAY)(12.0)
    assert not await started(DAY)(11.8)
    assert await started(DAY)(0.5)


async def test_what_was_missed_is_made_up_for_once(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, 5)
    due = started(NIGHT)
    await stand.scan("books")
    assert await due(0.2)
    assert not await due(2.5)
    assert await due(0.5)


async def test_a_time_that_has_not_come_yet_is_not_missed(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, 0.5)
    due = started(DAY)
    assert not await due(11.9)
    assert await due(0.2)


async def test_what_was_missed_waits_until_its_sources_were_read(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, 5)
    stand.clock.advance(1.0)
    due = started(NIGHT)
    assert not await due(0.8)
    await stand.scan("books")
    assert await due(0.1)


async def test_what_was_missed_waits_for_the_end_of_a_scan_that_has_begun(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, 5)
    stand.clock.advance(1.0)
    source = stand.engine.places["books"].live.source
    snapshot, whole = source.snapshot, asyncio.Event()

    async def slow(kinds: frozenset[str]) -> AsyncIterator[Page]:
        await whole.wait()
        async for page in snapshot(kinds):
            yield page

    source.snapshot = slow  # type: ignore[method-assign]  # a listing that takes its time
    run = await stand.engine.begin("scan", "books", asked_by="schedule")
    due = started(NIGHT)
    assert not await due(0.8)
    whole.set()
    await stand.engine.wait(run)
    assert await due(0.1)


async def test_a_scan_that_ended_before_it_was_asked_counts(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, 5)
    await stand.scan("books")
    stand.clock.advance(1.0)
    assert await started(NIGHT)(0.1)


async def test_it_waits_an_hour_at_most(started: Callable[[Schedule], Due], stand: SearchStand) -> None:
    await off_for(stand, 5)
    stand.clock.advance(1.0)
    due = started(NIGHT)
    assert not await due(0.9)
    assert await due(0.4)


@pytest.mark.parametrize("why", ["in trouble", "paused"])
async def test_who_is_not_read_is_not_waited_for(
    started: Callable[[Schedule], Due], stand: SearchStand, why: str
) -> None:
    await off_for(stand, 5)
    live = stand.engine.places["books"].live
    source = live.source
    assert isinstance(source, Shelf)
    if why == "paused":
        live.paused = "me"
    else:
        source.down = True
        await stand.engine.wait(await stand.engine.begin("scan", "books", asked_by="test"))
    stand.clock.advance(1.0)
    assert await started(NIGHT)(0.1)


async def test_who_was_not_asked_yet_is_waited_for(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await stand.follow("more", Shelf)
    await off_for(stand, 5)
    due = started(NIGHT)
    await stand.scan("books")
    assert not await due(0.8)


async def test_a_clock_that_went_ahead_keeps_nothing_from_a_box_that_is_restarted_each_day(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, -30)
    assert not await started(DAY)(12.0)
    assert not await started(DAY)(11.8)
    assert await started(DAY)(0.5)


async def test_a_time_that_is_yet_to_come_was_kept_by_a_clock_that_went_ahead(
    started: Callable[[Schedule], Due], stand: SearchStand
) -> None:
    await off_for(stand, -30)
    due = started(NIGHT)
    assert not await due(2.9)
    assert await due(0.2)
