"""Runs of passes: whatever happens around its beginning, a run comes to an end and bars no other."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.patience import PATIENCE

from reconciled.engine.runs import NoSuchSource, Run, Runs
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import LedgerTrouble
from reconciled.model import Json
from reconciled.testing.clock import ManualClock


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(tmp_path / "ledger.db")
    yield opened
    await opened.close()


@pytest.fixture
def runs(ledger: Ledger) -> Runs:
    log = logging.getLogger("runs")
    return Runs(ledger, ManualClock(), log=log, tell=lambda what, **told: None, counts=Counter())


async def work(run: Run) -> Mapping[str, Json]:
    return {"run": run.id}


async def states(ledger: Ledger) -> list[str]:
    return await ledger.read(lambda tx: [state for (state,) in tx.execute("SELECT state FROM run")])


async def begun(runs: Runs) -> int:
    async with asyncio.timeout(PATIENCE):
        run = await runs.begin("scan", "radarr", work, asked_by="a test")
        await runs.wait(run)
        return run


async def test_a_run_that_is_stopped_before_its_first_step_bars_no_other(runs: Runs, ledger: Ledger) -> None:
    """A source is restarted in the very moment in which somebody begins a run there."""
    beginning = asyncio.create_task(runs.begin("scan", "radarr", work, asked_by="a test"))
    await asyncio.sleep(0)
    await runs.end_all("radarr")
    with pytest.raises(NoSuchSource, match="stopped meanwhile"):
        async with asyncio.timeout(PATIENCE):
            await beginning
    assert runs.under_way() == set()
    await begun(runs)
    assert "running" not in await states(ledger)


async def test_whoever_began_a_run_may_go_away(runs: Runs, ledger: Ledger) -> None:
    """A mirror's loop is ended, or a client hangs up, between the call and its answer."""
    beginning = asyncio.create_task(runs.begin("scan", "radarr", work, asked_by="a test"))
    for _ in range(2):
        await asyncio.sleep(0)
    beginning.cancel()
    await asyncio.gather(beginning, return_exceptions=True)
    async with asyncio.timeout(PATIENCE):
        while runs._under:
            await asyncio.sleep(0.002)
    assert await states(ledger) == ["complete"]
    await begun(runs)


async def test_a_run_that_the_ledger_does_not_take_is_an_error_at_once(
    runs: Runs, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> Any:
        raise LedgerTrouble("the ledger is closed")

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "write", refuse)
        with pytest.raises(LedgerTrouble, match="is closed"):
            await begun(runs)
    await begun(runs)


async def test_a_run_that_failed_keeps_what_it_had_counted(runs: Runs, ledger: Ledger) -> None:
    async def half(run: Run) -> Mapping[str, Json]:
        run.counted["files"] = 12
        raise LedgerTrouble("it went away")

    run = await runs.begin("mirror", "vsrx", half, asked_by="a test", policy="m")
    await runs.wait(run)
    (row,) = await ledger.read(lambda tx: tx.execute("SELECT state, stats FROM run").fetchall())
    assert row == ("failed", '{"files":12}')
