"""The command line against a real daemon, and against a stand-in that answers what it is told."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner, Result
from tests.patience import PATIENCE

from reconciled.app import Daemon
from reconciled.cli import commands
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.testing.fakes.household import Household

TOKEN = "a-token-for-tests-only"
Invoke = Callable[..., Coroutine[Any, Any, Result]]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own shows through."""
    for name in os.environ:
        if name.startswith(("RECONCILED_", "STATE_DIRECTORY", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def invoke() -> Invoke:
    """Run a command on another thread, so that the server in this one can answer."""

    async def run(*arguments: str, stdin: str | None = None, env: Mapping[str, str] | None = None) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, commands, list(arguments), input=stdin, env=env)

    return run


@dataclass
class House:
    """A running daemon with made-up apps, and how the command line finds it."""

    home: Household
    daemon: Daemon
    config: Path

    async def settled(self, name: str) -> None:
        """Wait until the source has been scanned."""
        async with asyncio.timeout(PATIENCE):
            while not (
                self.daemon.engine.places[name].live.health.state == "ok" and await self._scanned(name)
            ):
                await asyncio.sleep(0.05)

    async def decide(self, mode: str, policies: str = "{}", more: str = "") -> None:
        """This mode and these policies are in the config, and in force."""
        plain = self.config.read_text().split("mode: ")[0]
        self.config.write_text(f"{plain}mode: {mode}\npolicies: {policies}\n{more}")
        assert list(await self.daemon.reload()) == []

    async def lose(self, *films: int) -> None:
        """Films leave Jellyfin, and that is proved."""
        for number in films:
            self.home.jellyfin.remove(self.home.item(self.home.films[number]).id)
        await self.daemon.engine.perform("scan", "jellyfin", asked_by="test")
        await self.until(len(films), "SELECT count(*) FROM tombstone WHERE source = 'jellyfin'")

    async def acted(self, state: str, count: int) -> None:
        """Wait until so many actions stand there."""
        await self.until(count, f"SELECT count(*) FROM action WHERE state = '{state}'")

    async def until(self, count: int, sql: str) -> None:
        """Wait until the ledger counts so many."""
        async with asyncio.timeout(PATIENCE):
            while await self.daemon.engine.ledger.read(lambda tx: tx.execute(sql).fetchone()[0]) != count:
                await asyncio.sleep(0.05)

    async def _scanned(self, name: str) -> bool:
        def read(tx: Any) -> bool:
            found = tx.execute(
                "SELECT 1 FROM run WHERE source = ? AND pass = 'scan' AND state = 'complete'", (name,)
            ).fetchone()
            return found is not None

        return await self.daemon.engine.ledger.read(read)


@pytest.fixture
async def house(
    tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A daemon that has scanned 12 films and 3 series."""
    async with Household(films=12, series=3) as home:
        config = tmp_path / "config.yaml"
        apps = {
            "radarr": (home.radarr.url, home.radarr.api_key),
            "sonarr": (home.sonarr.url, home.sonarr.api_key),
            "jellyfin": (home.jellyfin.url, home.jellyfin.api_key),
        }
        blocks = "".join(
            f"  {name}: {{url: {url}, api_key: {key}, webhook: hook-of-{name}}}\n"
            for name, (url, key) in apps.items()
        )
        config.write_text(
            f"daemon: {{listen: 127.0.0.1:{unused_tcp_port}, token: {TOKEN}, state: state}}\n"
            f"defaults: {{settle: 0s}}\nsources:\n{blocks}"
        )
        registry = discover()
        loaded = load(config, registry.types, environ={})
        assert loaded.settings is not None
        monkeypatch.setenv("RECONCILED_CONFIG", str(config))
        async with Daemon(
            loaded.settings,
            config,
            registry=registry,
            environ={},
            files=loaded.files,
            chance=random.Random(1),
        ) as daemon:
            house = House(home, daemon, config)
            for name in apps:
                await house.settled(name)
            yield house


@dataclass
class StandIn:
    """An API that answers what a test puts there, after `delay`, and remembers what it was asked."""

    url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    queues: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str], Any]] = field(default_factory=list)
    delay: float = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        """By method and path."""
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path_qs, dict(request.headers), body))
        call = f"{request.method} {request.path}"
        await asyncio.sleep(self.delay)
        if self.queues.get(call):
            self.answers[call] = self.queues[call].pop(0)
        status, answer = self.answers.get(call, (404, {"detail": "there is nothing"}))
        if isinstance(answer, str):
            return web.Response(status=status, text=answer, headers={"Location": "http://elsewhere.invalid/"})
        return web.json_response(answer, status=status)


@pytest.fixture
async def stand_in(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandIn]:
    """A stand-in on loopback, which `RECONCILED_URL` names."""
    stand_in = StandIn()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stand_in.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setenv("RECONCILED_URL", stand_in.url)
    yield stand_in
    await runner.cleanup()
