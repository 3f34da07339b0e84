"""kill -9 around a call that deletes, with the real process and a real app: it is made once, and known."""

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

TOKEN = "a-token-for-the-killed-one"
HOOK = "a-secret-for-webhooks"


class Killed:
    """The daemon as a process that dies at a named moment."""

    def __init__(self, folder: Path, apps: Household) -> None:
        port = unused_port()
        self.url = f"http://127.0.0.1:{port}"
        self.ledger = folder / "state" / "ledger.db"
        self.config = folder / "config.yaml"
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:{port}, token: {TOKEN}, state: {folder / 'state'}}}\n"
            "mode: ask\ndefaults: {settle: 100ms}\nsources:\n"
            f"  radarr: {{url: {apps.radarr.url}, api_key: {apps.radarr.api_key}, webhook: {HOOK}, "
            "act_timeout: 500ms}\n"
        )
        apps.radarr.add_webhook(f"{self.url}/webhooks/radarr", headers={"X-Reconciled-Secret": HOOK})
        self._log = folder / "log"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *, crash_at: str = "") -> None:
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "reconciled", "run", "-c", str(self.config), stdout=log, stderr=log,
                env={**os.environ, "RECONCILED_CRASH_AT": crash_at},
            )  # fmt: skip
        await self.until(self._scanned)

    async def _scanned(self) -> bool:
        return self.ledger.exists() and bool(
            self.ask("SELECT 1 FROM run WHERE pass = 'scan' AND state = 'complete'")
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(self.ledger, timeout=5)
        try:
            return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            db.close()

    async def order(self, film: int) -> None:
        body = {"verb": "delete", "source": "radarr", "kind": "movie", "id": str(film)}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(f"{self.url}/api/v1/actions", json=body) as answer:
                assert answer.status == 202, await answer.text()

    async def until(self, what: Any) -> None:
        for _ in range(600):
            if await what():
                return
            await asyncio.sleep(0.05)
        actions = self.ask("SELECT state, reason FROM action")
        raise AssertionError(f"it did not come true: {actions} {self._log.read_text()[-2000:]}")


@pytest.fixture
async def apps() -> AsyncIterator[Household]:
    async with Household(films=12, series=1) as home:
        yield home


@pytest.mark.parametrize("moment", ["before sending", "sending committed", "called", "done committed"])
async def test_a_kill_around_the_call(tmp_path: Path, apps: Household, moment: str) -> None:
    daemon = Killed(tmp_path, apps)
    film = apps.film(apps.films[2]).id
    await daemon.start(crash_at=moment)
    await daemon.order(film)
    assert daemon.process is not None
    assert await asyncio.wait_for(daemon.process.wait(), 20) == -signal.SIGKILL
    assert apps.radarr.deletes[film] == (1 if moment in ("called", "done committed") else 0)
    await daemon.start()

    async def over() -> bool:
        return daemon.ask("SELECT state FROM action") == [("done",)] and bool(
            daemon.ask("SELECT 1 FROM tombstone WHERE source = 'radarr'")
        )

    try:
        if moment == "sending committed":  # asked again a minute after it was found without effect

            async def known() -> bool:
                return "no effect" in str(daemon.ask("SELECT reason FROM action")) or await over()

            await daemon.until(known)
            assert apps.radarr.deletes[film] == (1 if await over() else 0)
        else:
            await daemon.until(over)
            assert apps.radarr.deletes[film] == 1
            causes = daemon.ask("SELECT cause FROM evidence WHERE cause IS NOT NULL")
            assert ("dashboard",) in causes
        assert daemon.ask("PRAGMA integrity_check") == [("ok",)]
    finally:
        daemon.process.send_signal(signal.SIGTERM)
        await daemon.process.wait()
