"""A household of fake apps over real sockets, and a whole daemon that watches it, in a hurry."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.patience import PATIENCE

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.engine.runs import AlreadyRunning
from reconciled.ledger.connection import Tx
from reconciled.plugins import Registry, discover
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.household import Household

TOKEN = "a-token-for-the-scenarios"
HOOK = "a-secret-for-webhooks"
ALL_READ = "(SELECT DISTINCT source FROM run WHERE pass = 'scan' AND state = 'complete')"
"""The sources of which a scan came to its end; one may have been read more than once."""


class Home:
    """The apps, the daemon, and what the ledger says."""

    def __init__(self, apps: Household, folder: Path, registry: Registry, *, hurry: float) -> None:
        self.apps = apps
        self.folder = folder
        self.registry = registry
        self.hurry = hurry
        self.config = folder / "config.yaml"
        self.daemon: Daemon
        self._stack = contextlib.AsyncExitStack()

    def write_config(
        self, *, without: str = "", extra: str = "", timeout: str = "10s", **changes: str
    ) -> None:
        """One block an app; `changes` add settings to one, such as `radarr="max_gone: 50%"`."""
        blocks = [
            f"  {name}: {{url: {fake.url}, api_key: {fake.api_key}, webhook: {HOOK}, timeout: {timeout}"
            f"{', ' + changes[name] if name in changes else ''}}}"
            for name, fake in (
                ("radarr", self.apps.radarr),
                ("sonarr", self.apps.sonarr),
                ("jellyfin", self.apps.jellyfin),
            )
            if name != without
        ]
        self.config.write_text(
            "daemon: {listen: 127.0.0.1:0, token: " + TOKEN + ", state: " + str(self.folder / "state") + "}\n"
            "defaults: {settle: 2s}\nsources:\n" + "\n".join(blocks) + "\n" + extra
        )

    async def start(self) -> None:
        """The daemon, on what is in the file."""
        loaded = load(self.config, self.registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        clock = HurriedClock(self.hurry)
        self.daemon = Daemon(
            loaded.settings, self.config, registry=self.registry, environ={}, files=loaded.files, clock=clock,
            zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        for fake in self.apps.fakes:
            fake.webhooks.clear()
        for name, fake in (
            ("radarr", self.apps.radarr),
            ("sonarr", self.apps.sonarr),
            ("jellyfin", self.apps.jellyfin),
        ):
            fake.add_webhook(f"{self.daemon.url}/webhooks/{name}", headers={"X-Reconciled-Secret": HOOK})

    async def stop(self) -> None:
        await self._stack.aclose()

    async def scan(self, *names: str) -> list[dict[str, Any]]:
        """Scan these sources (all) at the same time; gives their runs' rows."""
        found = []
        for run in await asyncio.gather(*map(self._scan, names or tuple(self.daemon.engine.places))):
            found += await self.rows("SELECT * FROM run WHERE id = ?", run)
        return found

    async def _scan(self, name: str) -> int:
        """One that begins now: what the daemon itself began before is waited for."""
        while True:
            try:
                return await self.daemon.engine.perform("scan", name, asked_by="a test")
            except AlreadyRunning as other:
                await self.daemon.engine.wait(other.run)

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        def read(tx: Tx) -> list[dict[str, Any]]:
            found = tx.execute(sql, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return await self.daemon.engine.ledger.read(read)

    async def count(self, table: str, where: str = "1 = 1") -> int:
        return int((await self.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}"))[0]["n"])

    async def until(self, what: Callable[[], Awaitable[bool]], *, seconds: float = PATIENCE) -> None:
        """Wait (real seconds, at most) until something is true of the world."""
        try:
            async with asyncio.timeout(seconds):
                while not await what():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            states = [
                f"{n}: {p.live.health.state} {p.live.health.detail}"
                for n, p in self.daemon.engine.places.items()
            ]
            work = await self.rows("SELECT * FROM work LIMIT 5")
            raise AssertionError(
                f"it did not come true; {states}; {work}; {await self.rows('SELECT * FROM hold')}"
            ) from None

    async def until_count(
        self, table: str, count: int, where: str = "1 = 1", *, seconds: float = PATIENCE
    ) -> None:
        async def reached() -> bool:
            return await self.count(table, where) == count

        await self.until(reached, seconds=seconds)

    async def until_well(self) -> None:
        """All sources answer, nothing is suspected, nothing waits."""

        async def well() -> bool:
            answers = all(place.live.answers for place in self.daemon.engine.places.values())
            return answers and await self.count("suspect") == 0 and await self.count("work") == 0

        await self.until(well)

    async def settled(self, seconds: float = 3.0) -> None:
        """Let that many hurried seconds pass: longer than the settle time."""
        await asyncio.sleep(seconds / self.hurry)

    async def stories(self) -> list[dict[str, Any]]:
        """Over the API: what a person reads."""
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            async with session.get(f"{self.daemon.url}/api/v1/tombstones?limit=1000") as answer:
                assert answer.status == 200
                found: list[dict[str, Any]] = (await answer.json())["items"]
                return found


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture
async def make_home(tmp_path: Path, registry: Registry) -> AsyncIterator[Callable[..., Awaitable[Home]]]:
    """`await make_home(films=30, series=10)`: everything started and scanned once."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(
            *,
            films: int = 40,
            series: int = 20,
            hurry: float = 20.0,
            scan: bool = True,
            household: Mapping[str, Any] | None = None,
            **changes: str,
        ) -> Home:
            apps = await stack.enter_async_context(Household(films=films, series=series, **(household or {})))
            home = Home(apps, tmp_path, registry, hurry=hurry)
            home.write_config(**changes)
            await home.start()
            stack.push_async_callback(home.stop)
            if scan:
                await home.until_count(ALL_READ, 3)
            return home

        yield make


@pytest.fixture
async def home(make_home: Callable[..., Awaitable[Home]]) -> Home:
    return await make_home()
