"""Groups are made anew as soon as their members are told to be gone or back, or weights are edited."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.engine.duplicates.search_stand import SearchStand, Shelf, letter, rescan, standing
from tests.patience import PATIENCE

from reconciled.duplicates.words import Factor
from reconciled.engine.duplicates import grouping
from reconciled.engine.duplicates.grouping import regroup
from reconciled.engine.duplicates.search import batches
from reconciled.runtime.duplicates import Duplicates
from reconciled.runtime.supervisor import DISK, keep_going

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


async def test_what_a_full_disk_kept_from_being_judged_is_made_up_for(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody need tell anything once more."""
    real, failed = grouping.regroup_stale, asyncio.Event()

    async def regroup_stale(*given: Any, **more: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise full_disk()
        return await real(*given, **more)

    await stand.duplicates.weigh_once()
    monkeypatch.setattr(grouping, "regroup_stale", regroup_stale)
    await stand.becomes("2", "gone")
    loop = keep_going("weighing", stand.duplicates.weigh, clock=stand.clock, log=stand.log)
    task = asyncio.create_task(loop)
    try:
        await failed.wait()
        await asyncio.sleep(0)
        stand.clock.advance(DISK)
        await until(stand)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def full_disk() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize("back", [False, True])
async def test_an_edit_of_weights_while_a_run_is_under_way_that_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    """What the run wrote after the edit, by the weights that it began with, is judged anew: also after a
    restart, and if the edit was taken back by then.
    """
    monkeypatch.setattr(batches, "BATCH", 1)
    real, calls = batches.compare_pairs, list[int]()
    async with standing(tmp_path) as made:
        plain, strict = made.settings, replace(made.settings, factors={Factor.IMAGE: 1.0})
        source = await made.follow("books", Shelf)
        for number in (1, 2, 3):
            source.put(number, letter(number))
            source.put(100 + number, rescan(letter(number)))
        await made.scan("books")
        await made.duplicates.configure(plain)
        await made.duplicates.weigh_once()

        async def compare_pairs(*given: Any) -> Any:
            calls.append(1)
            if len(calls) == 2:
                await made.duplicates.configure(strict)
                assert await made.duplicates.weigh_once()
                assert not await made.duplicates.weigh_once()
            return await real(*given)

        def at(name: str) -> None:
            if name == "batch compared" and len(calls) == 2:
                raise RuntimeError("it dies here")

        monkeypatch.setattr(batches, "compare_pairs", compare_pairs)
        made.duplicates._at = at
        await made.engine.wait(await made.duplicates.begin(asked_by="schedule"))
        made.duplicates._at = lambda _: None
        assert len(await made.pairs()) == 1
        duplicates = Duplicates(made.engine, tmp_path, log=made.log)
        await duplicates.configure(plain if back else strict)
        await duplicates.weigh_once()
        assert len(await made.pairs()) == (2 if back else 0)
