"""What mirrors do by themselves: run on news or when what waits is due, and follow what was handed over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.daemon.engine.mirror.mirror_stand import Stand
from tests.patience import PATIENCE

from reconciled.engine.mirror.following import AT_ONCE
from reconciled.engine.mirror.handing import FIRST_QUESTION
from reconciled.errors import SourceError, Unreachable
from reconciled.ledger.journeys import LONGEST_WAIT
from reconciled.runtime.mirrors import NAP, UNWELL


@pytest.fixture
async def running(stand: Stand) -> AsyncIterator[Stand]:
    """The stand, with its mirrors' loop running."""
    task = asyncio.create_task(stand.mirrors.run())
    yield stand
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def pass_time(stand: Stand, seconds: float, until: Callable[[], Awaitable[bool]]) -> int:
    """Let time pass, second by second, until something is true; how many seconds that took."""
    for passed in range(int(seconds) + 1):
        if await until():
            return passed
        stand.clock.advance(1)
        await stand.breathe()
    raise AssertionError(f"not true after {seconds} s")


async def runs(stand: Stand) -> int:
    return len(await stand.rows("SELECT 1 FROM run WHERE pass = 'mirror' AND state <> 'running'"))


async def held(stand: Stand) -> bool:
    return bool(stand.blobs.held)


async def down(stand: Stand) -> None:
    """The practice does not answer any more, and that is known."""
    stand.practice.down = True
    with pytest.raises(SourceError):
        await stand.engine.place("practice").live.ask("probe", stand.practice.probe)


async def test_a_mirror_that_is_wanted_waits_for_its_source_and_holds_nobody_up(stand: Stand) -> None:
    """The daemon starts while the source is down: everything else goes on."""
    stand.file(1)
    await stand.scan("practice")
    await down(stand)
    task = asyncio.create_task(stand.mirrors.run())
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(50):
                await asyncio.sleep(0)  # whoever else wants a turn gets it
                stand.clock.advance(1)
        assert await runs(stand) == 0
        stand.practice.down = False
        await stand.engine.probe("practice")
        await pass_time(stand, UNWELL + 60, lambda: held(stand))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_put_off_travels_when_it_is_due_and_not_much_later(running: Stand) -> None:
    running.blobs.fails = [Unreachable("blobs: connection reset")]
    running.file(1)
    await running.scan("practice")

    async def failed() -> bool:
        rows = await running.rows("SELECT next_try FROM copy WHERE target = 'blobs' AND tries = 1")
        return bool(rows) and await runs(running) > 0

    await pass_time(running, 60, failed)
    await running.engine.probe("blobs")
    running.mirrors._wanted["m"].clear()
    (row,) = await running.rows("SELECT next_try FROM copy WHERE target = 'blobs'")
    wait = row["next_try"] - running.clock.reckoned()
    assert wait < NAP / 2
    await pass_time(running, wait + 60, lambda: held(running))


async def test_what_was_put_off_by_a_clock_that_was_ahead_travels_when_the_clock_is_right(
    stand: Stand,
) -> None:
    stand.blobs.fails = [Unreachable("blobs: connection reset")]
    stand.file(1)
    await stand.scan("practice")
    await stand.run()
    await stand.engine.probe("blobs")
    a_year = 365 * 86400.0
    await stand.ledger.write(lambda tx: tx.execute("UPDATE copy SET next_try = next_try + ?", (a_year,)))
    await stand.mirrors.start()
    stand.clock.advance(2 * LONGEST_WAIT)
    await stand.run()
    assert await held(stand)


async def test_what_waits_for_a_target_that_is_not_there_makes_no_run_after_another(running: Stand) -> None:
    await running.engine.remove("blobs", freeze=False)
    running.file(1)
    await running.scan("practice")

    async def once() -> bool:
        return await runs(running) > 0

    await pass_time(running, 60, once)
    before = await runs(running)
    for _ in range(120):
        running.clock.advance(NAP / 60)
        await asyncio.sleep(0.003)
    assert await runs(running) - before <= 3


async def test_many_uploads_that_are_finished_are_found_out_about_at_once(stand: Stand) -> None:
    """However many there are: between two handfuls there is nothing to wait for."""
    for number in range(2 * AT_ONCE + 7):
        stand.file(number)
    await stand.scan("practice")
    await stand.run()
    stand.cabinet.consume()
    stand.clock.advance(FIRST_QUESTION)
    task = asyncio.create_task(stand.mirrors.following.run())
    try:
        async with asyncio.timeout(PATIENCE):
            while await stand.rows("SELECT 1 FROM copy WHERE status = 'processing'"):
                await asyncio.sleep(0.003)  # the clock stands still
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert set((await stand.copies()).values()) == {("synced", "made")}
