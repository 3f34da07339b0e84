"""kill -9: nothing that was acknowledged is lost, and what was cut off is done again."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.patience import PATIENCE
from tests.scenarios.process import Process

from reconciled.testing.fakes.household import Household
from reconciled.testing.faults import Fault


@pytest.fixture
async def apps() -> AsyncIterator[Household]:
    async with Household(films=540, series=1) as home:
        yield home


@pytest.fixture
async def daemon(tmp_path: Path, apps: Household) -> AsyncIterator[Process]:
    process = Process(tmp_path, apps, settings="timeout: 10m")
    await process.start()
    yield process
    await process.end(signal.SIGKILL)


@pytest.mark.parametrize("after", [120, pytest.param(330, marks=pytest.mark.full)])
async def test_a_kill_during_500_webhooks_loses_none_that_was_acknowledged(
    daemon: Process, apps: Household, after: int
) -> None:
    await daemon.scanned()
    ids = [apps.film(work).id for work in apps.films[:500]]

    async def delete_all() -> None:
        for start in range(0, 500, 10):
            await asyncio.gather(*(apps.radarr.delete(number) for number in ids[start : start + 10]))

    async def enough() -> bool:
        return len(apps.radarr.sent) >= after

    deleting = asyncio.create_task(delete_all())
    await daemon.until(enough)
    await daemon.end(signal.SIGKILL)
    await deleting
    acknowledged = sum(1 for _, status in apps.radarr.sent if status == 202)
    assert acknowledged >= after - 10
    assert daemon.is_whole()
    assert daemon.count("inbox") >= acknowledged
    await daemon.start()

    async def all_gone() -> bool:
        unread = daemon.count("inbox", "state = 'new'")
        return daemon.count("tombstone") == 500 and daemon.count("suspect") == 0 and unread == 0

    await daemon.until(all_gone)
    assert daemon.count("item", "presence = 'present'") == 40
    told = daemon.count("evidence", "how = 'event' AND tombstone_id IS NOT NULL")
    assert told >= acknowledged


@pytest.mark.full
async def test_a_kill_during_a_scan_changes_nothing_and_the_scan_starts_again(
    daemon: Process, apps: Household
) -> None:
    await daemon.scanned()
    await daemon.end(signal.SIGTERM)
    for work in apps.films[:4]:
        await apps.radarr.delete(apps.film(work).id, notify=False)
    for round_ in range(3):
        before = daemon.count("run")
        await daemon.start()

        async def scanning(before: int = before) -> bool:
            return daemon.count("run") > before

        status, _ = await daemon.post("/api/v1/runs", {"pass": "scan", "source": "radarr"})
        assert status in (202, 409)
        await daemon.until(scanning)
        await asyncio.sleep(0.02 * round_)
        await daemon.end(signal.SIGKILL)
        assert daemon.is_whole()
    await daemon.start()

    async def all_gone() -> bool:
        return daemon.count("tombstone") == 4 and daemon.count("run", "state = 'running'") == 0

    await daemon.until(all_gone)
    assert daemon.count("suspect") == 0
    assert daemon.count("item", "presence = 'present'") == 536


async def test_a_hangup_reads_the_config_again(daemon: Process, apps: Household) -> None:
    await daemon.scanned()
    daemon.config.write_text(daemon.config.read_text() + "nonsense: 1\n")
    await daemon.signal(signal.SIGHUP)

    async def said() -> bool:
        return "nonsense" in daemon.log()

    await daemon.until(said)
    assert "the last good one stays in force" in daemon.log()
    assert await daemon.end(signal.SIGTERM) == 0


async def test_a_stop_is_graceful_and_waits_for_no_answer(daemon: Process, apps: Household) -> None:
    """Of an app that it would wait for longer than anybody here."""
    await daemon.scanned()
    apps.radarr.faults.set(Fault.HANG)
    await apps.radarr.delete(apps.film(apps.films[0]).id)
    assert await asyncio.wait_for(daemon.end(signal.SIGTERM), PATIENCE) == 0
    assert daemon.count("inbox", "headers NOT LIKE '%stream%'") == 1
