"""A disk that is full is waited out and said once; a damaged ledger is an end. In-process, without a disk."""

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from reconciled.engine.engine import Engine
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.migrate import BadLedger
from reconciled.runtime.minding import mind_ledger
from reconciled.runtime.supervisor import DISK, LONGEST, keep_going
from reconciled.testing.clock import ManualClock

LOG = logging.getLogger("reconciled.test")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    yield Engine(ledger, ManualClock(), chance=random.Random(1), log=LOG)
    await ledger.close()


def fill(tx: Tx) -> None:
    tx.execute("INSERT INTO setting (name, value) VALUES ('big', zeroblob(400000) || 'x')")


def make_small(tx: Tx, room: int) -> None:
    (pages,) = tx.execute("PRAGMA page_count").fetchone()
    tx.execute(f"PRAGMA max_page_count = {pages + room}")


async def turns() -> None:
    for _ in range(200):
        await asyncio.sleep(0.001)


async def test_a_full_disk_is_said_once_and_ends_by_itself(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    woken: list[bool] = []
    minding = asyncio.create_task(mind_ledger(engine, log=LOG, wake=lambda: woken.append(True)))
    clock = engine.clock
    assert isinstance(clock, ManualClock)
    run = "INSERT INTO run (pass, state, asked_by, seq, started) VALUES ('scan', 'running', 'x', 1, '')"
    await engine.ledger.write(lambda tx: tx.execute(run))
    await engine.ledger.write(make_small, 0)
    for _ in range(3):
        with pytest.raises(sqlite3.OperationalError):
            await engine.ledger.write(fill)
    await turns()
    said = engine.ledger.trouble or ""
    assert str(engine.ledger.path) in said
    assert "the disk is full: make room on it" in said
    assert caplog.text.count("make room on it") == 1
    assert not woken
    await engine.ledger.write(make_small, 1000)
    assert not engine.ledger.trouble
    clock.advance(DISK)
    await turns()
    assert woken
    assert "the ledger can be written again" in caplog.text
    ended = await engine.ledger.read(lambda tx: tx.execute("SELECT state, error FROM run").fetchone())
    assert ended == ("failed", "the ledger could not be written")
    minding.cancel()


async def test_damage_is_an_end(engine: Engine) -> None:
    minding = asyncio.create_task(mind_ledger(engine, log=LOG, wake=lambda: None))

    def broken(_tx: Tx) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(sqlite3.DatabaseError):
        await engine.ledger.read(broken)
    with pytest.raises(BadLedger, match="reconciled restore"):
        await engine.ledger.write(fill)
    with pytest.raises(BadLedger, match="is damaged"):
        await minding


async def test_a_loop_that_meets_a_full_disk_begins_anew_without_a_word(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    clock, tries = engine.clock, list[float]()
    assert isinstance(clock, ManualClock)

    async def loop() -> None:
        tries.append(clock.monotonic())
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    going = asyncio.create_task(keep_going("the loop", loop, clock=clock, log=LOG))
    for _ in range(4):
        await asyncio.sleep(0)
        clock.advance(DISK)
        await asyncio.sleep(0.001)
    assert len(tries) >= 4
    assert not caplog.records
    going.cancel()


async def test_a_disk_that_is_nearly_full_makes_no_flood(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A small write succeeds, what is made up for does not: it is tried ever more rarely, also for a day."""
    caplog.set_level(logging.INFO)
    clock, woken = engine.clock, list[float]()
    assert isinstance(clock, ManualClock)
    minding = asyncio.create_task(mind_ledger(engine, log=LOG, wake=lambda: woken.append(clock.monotonic())))
    await asyncio.sleep(0)
    trouble = sqlite3.OperationalError("database or disk is full")
    trouble.sqlite_errorcode = sqlite3.SQLITE_FULL

    def refused(_tx: Tx) -> None:
        raise trouble

    for _ in range(240):
        with pytest.raises(sqlite3.OperationalError):
            await engine.ledger.write(refused)  # a scan
        clock.advance(30.0)
        for _ in range(3):
            await asyncio.sleep(0.0005)
    between = [later - earlier for earlier, later in pairwise(woken)]
    assert 20 < len(woken) < 40
    assert between == sorted(between)
    assert between[-1] >= LONGEST
    assert caplog.text.count("make room on it") <= len(woken) + 1
    clock.advance(LONGEST)
    await turns()
    clock.advance(LONGEST * 2)
    before = len(woken)
    with pytest.raises(sqlite3.OperationalError):
        await engine.ledger.write(refused)
    await turns()
    clock.advance(DISK)
    await turns()
    assert len(woken) == before + 1, "after a good while it is quick again"
    minding.cancel()


async def test_trouble_that_ended_before_it_was_said_is_still_named(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    minding = asyncio.create_task(mind_ledger(engine, log=LOG, wake=lambda: None))
    await asyncio.sleep(0)
    engine.ledger._ail("cannot write to the ledger x: it is full", damaged=False)
    engine.ledger.trouble = None
    engine.ledger.ailing.clear()
    await turns()
    assert "cannot write to the ledger x" in caplog.text
    assert "None;" not in caplog.text
    minding.cancel()
