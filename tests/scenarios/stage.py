"""A stage for scenario files: fake apps over real sockets, our own parts, and a clock that stands still.

The config is loaded, the sources are built and a reload is done as the daemon does it. Only the
loops are missing: `turn` does once, in order, what they would do, so a scenario always goes the
same way and hours of it pass in no time.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from pydantic import SecretStr
from tests.drills.quiet_ledger import QuietLedger
from tests.scenarios.naming import Names
from tests.scenarios.script import BadScript, Given, Step

from reconciled.config import Settings, load
from reconciled.engine.engine import Engine
from reconciled.engine.outbox.gate import print_of
from reconciled.engine.outbox.outbox import Outbox
from reconciled.ledger import decisions, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Key
from reconciled.notify.postman import Postman
from reconciled.plugins import Registry
from reconciled.runtime.reload import ConfigState, Reloader
from reconciled.runtime.stepping import Steps, StillSources
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.servarr import ServarrFake
from reconciled.testing.fakes.titles import Work, films

KINDS = {"radarr": "movie", "radarr_4k": "movie", "sonarr": "series", "requests": "request"}
STEP = 120.0
"""Seconds between two looks of everybody; no more than what one good answer counts as watched."""
DEAF = 1.0
"""Real seconds for which the listener sleeps that an app waits for."""


class Stage:
    """The apps, the daemon's parts, and what came of it all."""

    def __init__(self, given: Given, folder: Path, registry: Registry) -> None:
        self.given = given
        self.clock = ManualClock()
        self.home = Household(films=given.films, series=given.series, now=self.clock.now)
        self.apps: dict[str, Fake] = {
            "jellyfin": self.home.jellyfin,
            "radarr": self.home.radarr,
            "radarr_4k": FakeRadarr(api_key="e5" * 16, now=self.clock.now),
            "sonarr": self.home.sonarr,
            "requests": self.home.requests,
        }
        self.names = Names(self.home)
        self.sent: list[str] = []
        self.shown: list[int] = []
        self.scanned: list[str] = []
        self.places: dict[tuple[str, str], str] = {}
        self.text = ""
        self.in_config = list(given.sources)
        self.ledger: Ledger
        self.engine: Engine
        self.outbox: Outbox
        self.steps: Steps
        self.postman: Postman
        self._folder = folder
        self._registry = registry
        self._sources: StillSources
        self._reloader: Reloader
        self._hooks = ""
        self._chance = random.Random(1)
        self._log = logging.getLogger("stage")

    # --- opening ----------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Stage"]:
        """The apps answer, and our doors are open; nothing of ours has looked at them yet."""
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.home)
            await stack.enter_async_context(self.apps["radarr_4k"])
            runner = web.ServerRunner(web.Server(self._receive), shutdown_timeout=0.03)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self._hooks = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            self.ledger = await QuietLedger.open(self._folder / "ledger.db")  # it has no threads to wait for
            stack.push_async_callback(self.ledger.close)
            self.learn()
            yield self

    @contextlib.asynccontextmanager
    async def started(self, config: str) -> AsyncIterator[None]:
        """Our parts run; every source was read once."""
        await self._start(self._loaded(config))
        try:
            await self._trust(self.given.trusted)
            for app in self.given.webhooks:
                self.apps[app].add_webhook(f"{self._hooks}{app}")
            yield
        finally:
            await self._stop()

    async def _start(self, settings: Settings) -> None:
        """Our parts, as `app` puts them together."""
        self.engine = Engine(self.ledger, self.clock, chance=self._chance, log=self._log)
        await self.engine.start()
        self._sources = StillSources(
            self.engine, clock=self.clock, zone=UTC, chance=self._chance, log=self._log
        )
        self._reloader = Reloader(
            ConfigState(settings, self._path, self.clock.now()), self._sources, self._registry,
            environ={}, clock=self.clock, log=self._log, changed=self._took_over,
        )  # fmt: skip
        self.outbox = Outbox(self.engine, log=self._log)
        self.steps = Steps(self.engine, self.outbox, scanned=self.scanned.append)
        self.postman = Postman(self.ledger, self.clock, zone=UTC, log=self._log, send=self._send)
        await self._took_over(settings)
        for one in settings.sources.values():
            await self._sources.start(self._sources.build(one))
        await self.outbox.start()
        await self.turn()

    async def _stop(self) -> None:
        await self.outbox.stop()
        await self.engine.stop()
        await self._sources.stop_all()

    async def restart(self, *, after: float) -> None:
        """The daemon stops and starts again so much later, over the same ledger."""
        await self._stop()
        self.clock.advance(after)
        await self._start(self._loaded(self.text))

    @property
    def _path(self) -> Path:
        return self._folder / "config.yaml"

    def _loaded(self, config: str) -> Settings:
        self.write_config(config)
        loaded = load(self._path, self._registry.types, environ={}, broken=self._registry.errors)
        if loaded.settings is None:
            raise BadScript("the config: " + "; ".join(map(str, loaded.problems)))
        return loaded.settings

    def write_config(self, text: str) -> None:
        """What the scenario says, with the sources as they are reached here."""
        self.text = text
        block = {
            name: {
                "app": "radarr" if name == "radarr_4k" else name,
                "url": self.apps[name].url,
                "api_key": self.apps[name].api_key,
                "timeout": "10s",
                **self.given.settings.get(name, {}),
            }
            for name in self.in_config
        }
        self._path.write_text(f"{text}\n{yaml.safe_dump({'sources': block})}", "utf-8")

    async def reload(self, text: str) -> None:
        """The file is edited, and taken over at once."""
        self.write_config(text)
        if problems := await self._reloader.reload():
            raise BadScript("the config: " + "; ".join(problems))
        await self.turn()

    async def _took_over(self, settings: Settings) -> None:
        self.postman.configure(settings.channels, settings.daemon.url)
        await self.outbox.configure(settings.policies, settings.mode)

    async def _trust(self, names: Sequence[str]) -> None:
        """The first batch of these policies, as they stand now, was approved before."""

        def write(tx: Tx) -> None:
            known = sources.every(tx)
            for name in names:
                if name not in self.outbox.rules.policies:
                    raise BadScript(f"given, trusted: there is no policy {name!r}")
                policy = self.outbox.rules.policies[name]
                mode = self.outbox.rules.mode_of(policy)
                decisions.trust(tx, name, print_of(policy, mode, known))

        await self.ledger.write(write)

    # --- time -------------------------------------------------------------------------------------

    async def pass_time(self, seconds: float, *, every: float = STEP) -> None:
        """Time passes, and everybody looks as often as that."""
        left = seconds
        while left > 0:
            self.clock.advance(min(every, left))
            left -= every
            await self.turn()

    async def turn(self) -> None:
        """Everything that is due, once."""
        await self.steps.turn()
        await self.postman.deliver_once()

    async def scan(self, app: str) -> None:
        """Read a source to its end; a listing that fails is no error here."""
        await self.steps.scan(app)

    # --- doors ------------------------------------------------------------------------------------

    async def _receive(self, request: web.BaseRequest) -> web.Response:
        """A webhook is kept and read before its sender has its answer; /deaf lets the sender wait."""
        app = request.path.strip("/")
        if app == "deaf":
            await asyncio.sleep(DEAF)
        else:
            await self.engine.receive(app, await request.read(), dict(request.headers))
            await self.engine.read_letters()
        return web.Response(status=202)

    @property
    def deaf(self) -> str:
        """The address of a listener that takes long to answer."""
        return f"{self._hooks}deaf"

    async def _send(self, _url: SecretStr, title: str, body: str, _urgent: bool) -> None:
        self.sent.append(self.names.text(f"{title}\n{body}"))

    # --- what there is ----------------------------------------------------------------------------

    def servarr(self, app: str) -> ServarrFake[Any]:
        """A Radarr or Sonarr."""
        fake = self.apps[app]
        assert isinstance(fake, ServarrFake)
        return fake

    def entry(self, app: str, name: str) -> Any:
        """The entry of a Radarr or Sonarr that is called so."""
        entry = self.servarr(app).state.entries.get(int(self.names.key(app, name).id))
        if entry is None:
            raise BadScript(f"{app} has no {name!r} now")
        return entry

    def learn(self) -> None:
        """Give a name to every key that is new in any app."""
        for app in ("radarr", "radarr_4k", "sonarr"):
            for entry in self.servarr(app).state.entries.values():
                self.names.learn(app, Key(KINDS[app], str(entry.id)), self.names.of_work(entry.work))
                self.places.setdefault((app, str(entry.id)), entry.path)
        for item in self.home.jellyfin.state.items.values():
            space = "tmdb:movie" if item.kind == "Movie" else "tmdb:tv"
            name = self.names.of_ref(f"{space}/{dict(item.provider_ids).get('Tmdb')}")
            if item.kind in ("Movie", "Series") and name is not None:
                self.names.learn("jellyfin", Key(item.kind.lower(), item.id), name)
        for request in self.home.requests.entries.values():
            name = next(filter(None, map(self.names.of_ref, request.refs)), request.title)
            self.names.learn("requests", Key("request", str(request.id)), name)

    def another_work(self) -> Work:
        """A film that nobody has."""
        return films(1, seed=4711)[0]

    def said(self, action: Mapping[str, Any]) -> str:
        """A row of the outbox in the words of scenarios: `delete requests film 1`."""
        target, key = action["target"], action["key"]
        name = self.names.of_key(target, key) if key else self.names.text(action["title"])
        return f"{action['verb']} {target} {name} {action['label']}".strip()

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """What the ledger holds."""

        def query(tx: Tx) -> list[dict[str, Any]]:
            found = tx.execute(sql, values)
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

        return await self.ledger.read(query)


async def play(stage: Stage, step: Step, *, deeds: Any, app_deeds: Any, claims: Any) -> None:
    """One step. BadScript when it cannot be done, AssertionError when a claim is false."""
    try:
        if step.name == "then":
            for name, value in step.value.items():
                await claims[name](stage, value)
        elif step.app is not None:
            await app_deeds[step.app, step.name](stage, step.app, step.value)
            stage.learn()
        else:
            await deeds[step.name](stage, step.value)
    except BadScript as error:
        raise BadScript(f"{step.where}: {error}") from None
    except AssertionError as error:
        raise AssertionError(f"{step.where}: {error}") from None
