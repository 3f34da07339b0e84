"""The daemon as a process of its own, to be killed, starved and started again, and a look into its ledger."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from tests.patience import PATIENCE

from reconciled.engine.children import gone
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household
from reconciled.testing.ports import unused_port

HOOK = "a-secret-for-webhooks"
TOKEN = "a-token-for-the-killed-one"


class Life:
    """A daemon with the config that somebody else writes to `config`, for `port` and `state`.

    `await life.start()`, then `await life.end(signal.SIGKILL)`, as often as wanted.
    """

    def __init__(self, folder: Path, *, state: Path | None = None) -> None:
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state or folder / "state"
        self.ledger = self.state / "ledger.db"
        self.config = folder / "config.yaml"
        self._log = folder / "log"
        self._log.touch()
        self._process: asyncio.subprocess.Process | None = None

    # --- life -------------------------------------------------------------------------------------

    async def begin(self, *, crash_at: str = "") -> None:
        """Start it and wait for nothing."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "reconciled", "run", "-c", str(self.config), stdout=log, stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "RECONCILED_CRASH_AT": crash_at},
            )  # fmt: skip

    async def start(self, *, crash_at: str = "") -> None:
        """Start it and wait until it is ready."""
        await self.begin(crash_at=crash_at)
        await self.until(self._ready_or_dead)
        assert self.lives, f"it ended: {self.log()[-3000:]}"

    async def is_ready(self) -> bool:
        return (await self.get("/readyz"))[0] == 200

    async def _ready_or_dead(self) -> bool:
        return not self.lives or await self.is_ready()

    async def ended(self) -> int:
        """Wait for its end, however it comes; its exit code, or minus the signal that ended it."""
        assert self._process is not None
        await asyncio.wait_for(self._process.wait(), PATIENCE)
        return await gone(self._process)

    async def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        await self.signal(number)
        return await gone(self._process)

    async def signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def peak(self) -> float:
        """MiB that it had in memory at most."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024

    # --- what it says -----------------------------------------------------------------------------

    def log(self) -> str:
        return self._log.read_text()

    async def get(self, path: str) -> tuple[int, str]:
        """A GET: status and body; 0 when nobody answers."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            async with aiohttp.ClientSession(headers=headers) as session:
                async with session.request(method, f"{self.url}{path}", json=body) as answer:
                    return answer.status, await answer.text()
        except aiohttp.ClientError:
            return 0, ""

    # --- what it keeps ----------------------------------------------------------------------------

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger; none while it is not there."""
        if not self.ledger.exists():
            return []
        db = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True, timeout=5)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def count(self, table: str, where: str = "1 = 1") -> int:
        found = self.ask(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(found[0][0]) if found else 0

    def is_whole(self) -> bool:
        return self.ask("PRAGMA integrity_check") == [("ok",)]

    # --- waiting ----------------------------------------------------------------------------------

    async def until(self, what: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not await what():
            assert time.monotonic() < end, f"it did not come true: {self.log()[-3000:]}"
            await asyncio.sleep(0.05)

    async def until_count(
        self, table: str, count: int, where: str = "1 = 1", *, seconds: float = PATIENCE
    ) -> None:
        async def reached() -> bool:
            return self.count(table, where) == count

        await self.until(reached, seconds)

    async def until_logged(self, said: str) -> None:
        async def reached() -> bool:
            return said in self.log()

        await self.until(reached)

    async def scanned(self, source: str = "radarr") -> None:
        """Wait until it has read the source to its end."""

        async def done() -> bool:
            where = f"state = 'complete' AND pass = 'scan' AND source = '{source}'"
            return self.count("run", where) > 0

        await self.until(done)


class Process(Life):
    """The same beside a household.

    It watches Radarr, or the sources named in `watched`; `settings` is added to Radarr's, `head` stands
    at the top of the config. Its state folder is `state`, or one of its own.
    """

    def __init__(
        self,
        folder: Path,
        apps: Household,
        *,
        head: str = "defaults: {settle: 300ms, max_gone: 100%}",
        settings: str = "",
        watched: tuple[str, ...] = ("radarr",),
        state: Path | None = None,
    ) -> None:
        super().__init__(folder, state=state)
        fakes: dict[str, Fake] = {name: getattr(apps, name) for name in watched}
        blocks = [
            f"  {name}: {{url: {fake.url}, api_key: {fake.api_key}, webhook: {HOOK}"
            f"{', ' + settings if settings and name == 'radarr' else ''}}}\n"
            for name, fake in fakes.items()
        ]
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:{self.port}, token: {TOKEN}, state: {self.state}}}\n"
            f"{head}\nsources:\n{''.join(blocks)}"
        )
        for name, fake in fakes.items():
            fake.add_webhook(f"{self.url}/webhooks/{name}", headers={"X-Reconciled-Secret": HOOK})
