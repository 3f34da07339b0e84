"""When the search for duplicates runs by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import SearchStand, Shelf, letter, standing

from reconciled.config import Schedule
from reconciled.engine.duplicates.search import workers
from reconciled.ledger import sources

NIGHT = Schedule.parse("0 3 * * *")


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path) as made:
        source = await made.follow("books", Shelf)
        source.put(1, letter(1))
        await made.scan("books")
        yield made


@pytest.fixture
async def loop(stand: SearchStand) -> AsyncIterator[Callable[[], None]]:
    """Begins the loop that runs the pass."""
    tasks: list[asyncio.Task[None]] = []
    yield lambda: tasks.append(asyncio.create_task(stand.duplicates.run()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def runs(stand: SearchStand, *, hours: float = 0.0, wanted: int = 0) -> list[str]:
    """Let time pass; who asked for the runs that there were, once none is under way and so many began."""
    for _ in range(int(hours * 12)):
        stand.clock.advance(300.0)
        for _ in range(8):  # whoever woke asks the ledger, more than once
            for _ in range(4):
                await asyncio.sleep(0)
            await stand.ledger.write(lambda _: None)
            await stand.ledger.read(lambda _: None)
    while (run := stand.engine.running("duplicates", "books")) is not None:
        await stand.engine.wait(run)
    await asyncio.sleep(0.05)
    for _ in range(40_000):
        while (run := stand.engine.running("duplicates", "books")) is not None:
            await stand.engine.wait(run)
        found = await stand.rows("SELECT asked_by FROM run WHERE pass = 'duplicates'")
        if len(found) >= wanted:
            break
        await asyncio.sleep(0.005)
    return [who for (who,) in found]


async def test_it_runs_when_it_is_due(stand: SearchStand, loop: Callable[[], None]) -> None:
    loop()
    assert await runs(stand, hours=2.9) == []
    assert await runs(stand, hours=0.2, wanted=1) == ["schedule"]
    assert await runs(stand, hours=1.0) == ["schedule"]


async def test_a_clock_that_went_ahead_and_is_set_right_delays_it_by_a_day_at_most(
    stand: SearchStand, loop: Callable[[], None]
) -> None:
    loop()
    assert await runs(stand, hours=0.1) == []
    stand.clock.step(timedelta(days=30))
    assert await runs(stand, hours=0.2, wanted=1) == ["schedule"]
    stand.clock.step(timedelta(days=-30))
    assert await runs(stand, hours=24.2, wanted=2) == ["schedule"] * 2


async def test_while_its_source_is_in_trouble_it_waits(stand: SearchStand, loop: Callable[[], None]) -> None:
    source = stand.engine.places["books"].live.source
    assert isinstance(source, Shelf)
    source.down = True
    await stand.engine.wait(await stand.engine.begin("scan", "books", asked_by="test"))
    loop()
    assert await runs(stand, hours=4.0) == []
    source.down = False
    await stand.engine.probe("books")
    assert await runs(stand, hours=0.2, wanted=1) == ["schedule"]


async def test_what_was_cut_off_is_gone_on_with_at_the_start(
    stand: SearchStand, loop: Callable[[], None]
) -> None:
    await stand.ledger.write(sources.set_setting, "duplicates.search", '{"plan": "", "began": "", "done": 0}')
    loop()
    assert await runs(stand, hours=0.1, wanted=1) == ["schedule"]


@pytest.mark.parametrize("why", ["nowhere", "no libraries"])
async def test_nothing_runs_in_vain(
    stand: SearchStand, loop: Callable[[], None], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "nowhere":
        stand.settings = type(stand.settings)(sources=())
        await stand.duplicates.configure(stand.settings)
    else:
        monkeypatch.setattr(workers, "_LIBRARIES", ("no_such_library",))
    loop()
    assert await runs(stand, hours=26.0) == []


async def test_where_nothing_is_looked_for_any_more_no_words_stay(
    stand: SearchStand, loop: Callable[[], None]
) -> None:
    """What was said of the papers stays for whoever looks for them again."""
    source = stand.engine.places["books"].live.source
    assert isinstance(source, Shelf)
    source.put(2, letter(1))
    await stand.scan("books")
    await stand.search()
    assert await stand.groups() == {frozenset({"1", "2"})}
    stand.settings = type(stand.settings)(sources=())
    await stand.duplicates.configure(stand.settings)
    loop()
    assert await runs(stand, hours=26.0) == ["schedule"], "the one of before"
    assert await stand.rows("SELECT count(*) FROM paper") == [(0,)]
    assert await stand.groups() == set()
    stand.settings = type(stand.settings)(images=None)
    await stand.duplicates.configure(stand.settings)
    assert await runs(stand, hours=24.0, wanted=2) == ["schedule"] * 2
    assert await stand.groups() == {frozenset({"1", "2"})}
