"""kill -9: nothing that was acknowledged is lost, and what was cut off is done again."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from reconciled.testing.fakes.household import Household
from reconciled.testing.ports import unused_port

HOOK = "a-secret-for-webhooks"


class Process:
    """The daemon as a process of its own."""

    def __init__(self, folder: Path, apps: Household) -> None:
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ledger = folder / "state" / "ledger.db"
        self.config = folder / "config.yaml"
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:{self.port}, state: {folder / 'state'}}}\n"
            "defaults: {settle: 300ms, max_gone: 100%}\nsources:\n"
            f"  radarr: {{url: {apps.radarr.url}, api_key: {apps.radarr.api_key}, webhook: {HOOK}}}\n"
        )
        apps.radarr.add_webhook(f"{self.url}/webhooks/radarr", headers={"X-Reconciled-Secret": HOOK})
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / "log"

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "reconciled", "run", "-c", str(self.config), stdout=log, stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        await until(self._ready, 30, self._log)

    async def _ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()

    async def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def log(self) -> str:
        return self._log.read_text()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.ledger) as db:
            found = db.execute(sql).fetchall()
        db.close()
        return found

    def count(self, table: str, where: str = "1 = 1") -> int:
        return int(self.ask(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


async def until(what: Any, seconds: float, log: Path | None = None) -> None:
    for _ in range(int(seconds / 0.05)):
        if await what():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it did not come true: {log.read_text()[-3000:] if log else ''}")


@pytest.fixture
async def apps() -> AsyncIterator[Household]:
    async with Household(films=540, series=1) as home:
        yield home


@pytest.fixture
async def daemon(tmp_path: Path, apps: Household) -> AsyncIterator[Process]:
    process = Process(tmp_path, apps)
    await process.start()
    yield process
    await process.end(signal.SIGKILL)


async def scanned(daemon: Process, films: int) -> None:
    async def done() -> bool:
        return (
            daemon.count("run", "state = 'complete' AND pass = 'scan'") > 0 and daemon.count("item") >= films
        )

    await until(done, 30)


@pytest.mark.parametrize("after", [120, 330])
async def test_a_kill_during_500_webhooks_loses_none_that_was_acknowledged(
    daemon: Process, apps: Household, after: int
) -> None:
    await scanned(daemon, 540)
    ids = [apps.film(work).id for work in apps.films[:500]]

    async def delete_all() -> None:
        for start in range(0, 500, 10):
            await asyncio.gather(*(apps.radarr.delete(number) for number in ids[start : start + 10]))

    async def enough() -> bool:
        return len(apps.radarr.sent) >= after

    deleting = asyncio.create_task(delete_all())
    await until(enough, 30)
    await daemon.end(signal.SIGKILL)
    await deleting
    acknowledged = sum(1 for _, status in apps.radarr.sent if status == 202)
    assert acknowledged >= after - 10
    assert daemon.ask("PRAGMA integrity_check") == [("ok",)]
    assert daemon.count("inbox") >= acknowledged
    await daemon.start()

    async def all_gone() -> bool:
        unread = daemon.count("inbox", "state = 'new'")
        return daemon.count("tombstone") == 500 and daemon.count("suspect") == 0 and unread == 0

    await until(all_gone, 60)
    assert daemon.count("item", "presence = 'present'") == 40
    told = daemon.count("evidence", "how = 'event' AND tombstone_id IS NOT NULL")
    assert told >= acknowledged


async def test_a_kill_during_a_scan_changes_nothing_and_the_scan_starts_again(
    daemon: Process, apps: Household
) -> None:
    await scanned(daemon, 540)
    await daemon.end(signal.SIGTERM)
    for work in apps.films[:4]:
        await apps.radarr.delete(apps.film(work).id, notify=False)
    for round_ in range(3):
        before = daemon.count("run")
        await daemon.start()

        async def scanning(before: int = before) -> bool:
            return daemon.count("run") > before

        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {_token(daemon)}"}) as session:
            async with session.post(
                f"{daemon.url}/api/v1/runs", json={"pass": "scan", "source": "radarr"}
            ) as answer:
                assert answer.status in (202, 409)
        await until(scanning, 10)
        await asyncio.sleep(0.02 * round_)
        await daemon.end(signal.SIGKILL)
        assert daemon.ask("PRAGMA integrity_check") == [("ok",)]
    await daemon.start()

    async def all_gone() -> bool:
        return daemon.count("tombstone") == 4 and daemon.count("run", "state = 'running'") == 0

    await until(all_gone, 60)
    assert daemon.count("suspect") == 0
    assert daemon.count("item", "presence = 'present'") == 536


def _token(daemon: Process) -> str:
    return (daemon.ledger.parent / "token").read_text().strip()


async def test_a_hangup_reads_the_config_again(daemon: Process, apps: Household) -> None:
    await scanned(daemon, 540)
    daemon.config.write_text(daemon.config.read_text() + "nonsense: 1\n")
    await daemon.signal(signal.SIGHUP)

    async def said() -> bool:
        return "nonsense" in daemon.log()

    await until(said, 10)
    assert "the last good one stays in force" in daemon.log()
    assert await daemon.end(signal.SIGTERM) == 0


async def test_a_stop_is_graceful_and_quick(daemon: Process, apps: Household) -> None:
    await scanned(daemon, 540)
    apps.radarr.faults.set(_hang())
    await apps.radarr.delete(apps.film(apps.films[0]).id)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await daemon.end(signal.SIGTERM) == 0
    assert loop.time() - began < 5
    assert daemon.count("inbox", "headers NOT LIKE '%stream%'") == 1


def _hang() -> Any:
    from reconciled.testing.faults import Fault

    return Fault.HANG
