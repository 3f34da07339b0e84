"""Groups are made anew as soon as their members are told to be gone or back, and at the start."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import SearchStand, Shelf, letter, standing
from tests.patience import PATIENCE

from reconciled.engine.duplicates.grouping import regroup

BYTES = "ab" * 32


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    """Two papers of the same bytes, in a group."""
    async with standing(tmp_path) as made:
        source = await made.follow("books", Shelf)
        for number in (1, 2):
            source.put(number, letter(number), sha256=BYTES)
        await made.scan("books")
        await made.ledger.write(
            lambda tx: tx.execute(
                "INSERT INTO paper (item_id, source_id, print, checksum, read_seq, read_at, compared) "
                "SELECT id, source_id, x'01', 'same', 1, '', 1 FROM item"
            )
        )
        await regroup(made.ledger, now=made.clock.now)
        assert await made.groups() == {frozenset({"1", "2"})}
        yield made


@pytest.fixture
async def loop(stand: SearchStand) -> AsyncIterator[Callable[[], None]]:
    """Begins the loop that judges."""
    tasks: list[asyncio.Task[None]] = []
    yield lambda: tasks.append(asyncio.create_task(stand.duplicates.weigh()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until(stand: SearchStand, *groups: set[str]) -> None:
    """Wait until these are the groups."""
    async with asyncio.timeout(PATIENCE):
        while await stand.groups() != {frozenset(one) for one in groups}:
            await asyncio.sleep(0.002)


async def test_what_went_and_what_came_back_is_told_and_followed(
    stand: SearchStand, loop: Callable[[], None]
) -> None:
    loop()
    told: list[str] = []
    stand.engine.listeners.append(lambda what, _: told.append(what))
    await stand.becomes("2", "gone")
    stand.engine.tell("tombstone", source="books")
    await until(stand)
    await stand.becomes("2", "present")
    stand.engine.tell("changed", source="books")
    await until(stand, {"1", "2"})
    await stand.becomes("1", "gone")
    stand.engine.tell("action", id=1, state="done")
    await until(stand)
    assert told.count("finding") >= 2, "whoever looks at the page sees it"


async def test_what_nobody_could_hear_is_followed_at_the_start(
    stand: SearchStand, loop: Callable[[], None]
) -> None:
    await stand.becomes("2", "gone")
    loop()
    await until(stand)
