"""A daemon's web over a real ledger and engine, with model apps behind them, on a loopback socket."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel, SecretStr

from reconciled.config import (
    ChannelSettings,
    DaemonSettings,
    Mode,
    Policy,
    Settings,
    SourceSettings,
    Step,
    Verb,
    When,
)
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.engine.outbox.outbox import Outbox
from reconciled.errors import Forged
from reconciled.http import Http
from reconciled.ledger import actions, decisions, items
from reconciled.ledger.actions import NewAction
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Event, Item, Json, Key, Ref
from reconciled.notify.apprise_channel import CannotSend
from reconciled.notify.postman import Postman
from reconciled.plugins import Plugin, Registry
from reconciled.runtime.duplicates import Duplicates
from reconciled.runtime.mirrors import Mirrors
from reconciled.runtime.reload import Preview
from reconciled.source import Context, Source, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelSource
from reconciled.web.house import ConfigState, House
from reconciled.web.server import make_app

TOKEN = "token-of-the-owner-0123456789"
HOOK = "hook-secret-0123456789"
API_KEY = "api-key-0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
JSON = {"Content-Type": "application/json"}
ZONE = timezone(timedelta(hours=2))


class AppConfig(SourceConfig):
    """What a real plugin asks for."""

    url: str = "http://model.invalid"
    api_key: SecretStr = SecretStr(API_KEY)


class WebSource(ModelSource):
    """The model app, whose plugin crashes on a body that says so."""

    app: ClassVar[str] = "model"
    Config: ClassVar[type[BaseModel]] = AppConfig

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        if b"crash" in body:
            raise RuntimeError("the plugin is broken")
        return super().parse_webhook(body, headers)


class SignedSource(ModelSource):
    """Checks its webhooks itself."""

    app: ClassVar[str] = "signed"
    Config: ClassVar[type[BaseModel]] = AppConfig

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        if headers.get("x-signature") == "crash":
            raise RuntimeError("broken")
        if headers.get("x-signature") != str(len(body)):
            raise Forged("the signature is wrong")


class DeafSource(ModelSource):
    """Takes no webhooks."""

    app: ClassVar[str] = "deaf"
    parse_webhook = None  # type: ignore[assignment]  # it cannot


class Notes:
    """A source's store, in memory."""

    async def get(self, name: str) -> Json:
        return None

    async def set(self, name: str, value: Json) -> None:
        return


@dataclass
class World:
    """The daemon under test, and what a test may change about it."""

    ledger: Ledger
    clock: ManualClock
    engine: Engine
    settings: Settings
    house: House = field(init=False)
    apps: dict[str, ModelApp] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reloads: int = 0
    changes: tuple[str, ...] = ("nothing changes",)
    outbox: Outbox = field(init=False)
    postman: Postman = field(init=False)
    sent: list[str] = field(default_factory=list)

    def call_it(self, url: str) -> None:
        """Set `daemon.url`."""
        self.settings = replace(self.settings, daemon=replace(self.settings.daemon, url=url))

    def __post_init__(self) -> None:
        plugins = (
            Plugin("model", "1.0", ("model",)),
            Plugin("broken", "0.1", error="failed to import: ImportError"),
        )
        log = logging.getLogger("world")
        self.outbox = Outbox(self.engine, log=log)
        self.postman = Postman(self.ledger, self.clock, zone=ZONE, log=log, send=self._send)
        self.house = House(
            engine=self.engine,
            outbox=self.outbox,
            mirrors=Mirrors(self.engine, self.ledger.path.parent / "transfers", log=log),
            duplicates=Duplicates(self.engine, self.ledger.path.parent, log=log),
            postman=self.postman,
            ledger=self.ledger,
            clock=self.clock,
            registry=Registry(plugins, {}),
            version="0.0-test",
            started=self.clock.now(),
            config=lambda: ConfigState(
                self.settings, Path("/etc/reconciled/config.yaml"), self.clock.now(), self.problems
            ),
            reload=self.reload,
            preview=self.preview,
            token=TOKEN,
            ready=lambda: self.reasons,
            zone=ZONE,
        )

    async def _send(self, url: SecretStr, title: str, body: str, urgent: bool) -> None:
        del body, urgent
        if "broken" in url.get_secret_value():
            raise CannotSend("the server refused it")
        self.sent.append(title)

    async def reload(self) -> Sequence[str]:
        self.reloads += 1
        return self.problems

    async def preview(self) -> Preview:
        return Preview(self.problems, () if self.problems else self.changes)

    async def decide(self, *policies: Policy, mode: Mode = Mode.ASK) -> None:
        """These policies and this mode are in force."""
        known = {policy.name: policy for policy in policies}
        self.settings = replace(self.settings, mode=mode, policies=known)
        await self.outbox.configure(known, mode)

    def serve(self, **channels: str) -> None:
        """These channels are in the config, by their addresses."""
        known = {name: ChannelSettings(name, SecretStr(url)) for name, url in channels.items()}
        self.settings = replace(self.settings, channels=known)
        self.postman.configure(known, None)

    async def plan(self, number: int, *, verb: str = "delete", target: str = "radarr", **more: Any) -> int:
        """An action of the policy `forget` on a film, planned; returns its id."""

        def write(tx: Tx) -> int:
            (source,) = tx.execute("SELECT id FROM source WHERE name = ?", (target,)).fetchone()
            row = next(iter(items.by_key(tx, source, Key("movie", str(number)))))
            usual = {"policy": "forget", "since": f"{row.item.title} is gone from jellyfin", "grace": 600.0}
            new = NewAction(
                verb, target, row.item.title, item_id=row.id, key=row.item.key, **{**usual, **more}
            )
            return actions.add(tx, new, seq=items.next_seq(tx), at=self.stamp, next_try=None)

        return await self.ledger.write(write)

    async def put(self, action: int, state: str, **columns: Any) -> None:
        """An action stands there now."""
        named = "".join(f", {name} = ?" for name in columns)
        sql = f"UPDATE action SET state = ?{named} WHERE id = ?"
        await self.ledger.write(lambda tx: tx.execute(sql, (state, *columns.values(), action)))

    async def ask(self, *ids: int, policy: str = "forget") -> int:
        """These actions wait for an answer; returns the decision, opened if there is none."""

        def write(tx: Tx) -> int:
            known = decisions.open_of(tx, policy)
            number = (
                known.id
                if known
                else decisions.ask(
                    tx, policy, "first", f"{policy} asks?", seq=items.next_seq(tx), at=self.stamp
                )
            )
            reason = "waits for your answer"
            decisions.join(tx, number, ids, seq=items.next_seq(tx), at=self.stamp, reason=reason)
            return number

        return await self.ledger.write(write)

    @property
    def stamp(self) -> str:
        return stamp(self.clock.now())

    async def close(self) -> None:
        """Everything that runs has come to its end."""
        await self.outbox.stop()
        await self.engine.stop()
        while others := [task for task in asyncio.all_tasks() if "_hurry_waiting" in repr(task)]:
            await asyncio.wait(others)
        await self.ledger.close()

    async def follow(
        self, name: str, kind: type[ModelSource] = WebSource, *, webhook: str | None = HOOK
    ) -> ModelApp:
        """Add a source to the config and the engine."""
        model = self.apps[name] = ModelApp()
        config = AppConfig()
        context = Context(name, Http.__new__(Http), self.clock, logging.getLogger(name), Notes())
        source: Source[Any] = kind(model, config, context)
        await self.engine.add(
            name, source, rules=Rules(), kinds=frozenset(kind.kinds), scope={}, requests=lambda: 7
        )
        secret = SecretStr(webhook) if webhook is not None else None
        settings = SourceSettings(name, kind.app, kind, config, webhook=secret)
        self.settings = replace(self.settings, sources={**self.settings.sources, name: settings})
        return model

    async def scan(self, name: str) -> int:
        return await self.engine.perform("scan", name, asked_by="a test")

    async def settle(self, seconds: float = 20.0) -> None:
        """Let time pass, read letters, and let all workers look once."""
        self.clock.advance(seconds)
        while await self.engine.read_letters():
            pass
        for place in self.engine.places.values():
            await place.worker.work_once()

    async def lose(self, name: str, key: Key) -> None:
        """The app deletes an item, says so, and it is proved."""
        self.apps[name].remove(key)
        body = json.dumps({"op": "deleted", "kind": key.kind, "id": key.id}).encode()
        await self.engine.receive(name, body, {})
        await self.settle(0)
        await self.settle()

    async def hold(self, name: str) -> int:
        """Empty the app: everything is held. Returns the hold's id."""
        self.apps[name].items.clear()
        await self.scan(name)
        return int((await self.rows("SELECT id FROM hold WHERE closed_at IS NULL"))[0][0])

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        def read(tx: Tx) -> list[tuple[Any, ...]]:
            return tx.execute(sql, values).fetchall()

        return await self.ledger.read(read)

    async def state(self) -> Any:
        """All that the ledger holds."""
        tables = await self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {table: await self.rows(f"SELECT * FROM {table}") for (table,) in tables}


def forget(name: str = "forget", *then: Step, **more: Any) -> Policy:
    """A policy: what is gone from jellyfin leaves radarr."""
    usual: dict[str, Any] = {"when": When.GONE, "sources": frozenset({"jellyfin"}), "grace": 600.0}
    return Policy(name, then=then or (Step(Verb.DELETE, "radarr"),), **(usual | more))


def film(number: int, *, title: str | None = None) -> Item:
    """A film by number."""
    refs = frozenset({Ref("tmdb:movie", str(number)), Ref("imdb", f"tt{number}")})
    return Item(
        Key("movie", str(number)),
        title or f"Film {number}",
        refs,
        {"year": 1999},
        has_file=True,
        path=f"/films/{number}.mkv",
        root="/films",
    )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    clock = ManualClock()
    engine = Engine(ledger, clock, chance=random.Random(1), log=logging.getLogger("world"))
    daemon = DaemonSettings(token=SecretStr(TOKEN), hosts=("box.lan:8787", "reconciled.home:8787", "box2"))
    made = World(ledger, clock, engine, Settings(daemon=daemon))
    yield made
    await made.close()


@pytest.fixture
async def radarr(world: World) -> ModelApp:
    """Twenty films in an app named radarr, scanned."""
    model = await world.follow("radarr")
    model.put(*(film(number) for number in range(1, 21)))
    await world.scan("radarr")
    return model


Client = TestClient[Any, Any]


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    """Somebody on this machine, without the token."""
    async with TestClient(TestServer(make_app(world.house))) as client:
        yield client


@pytest.fixture
async def stranger(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """Somebody on another machine, who names this one rightly."""
    monkeypatch.setattr("reconciled.web.auth._address", lambda request: "192.168.1.77")
    async with TestClient(TestServer(make_app(world.house)), headers={"Host": "box.lan:8787"}) as client:
        yield client


@pytest.fixture
def sign_in(world: World) -> Callable[[Client], Any]:
    """Signs a client in by the form, with the right token."""

    async def sign(client: Client) -> None:
        answer = await client.post("/login", data={"token": TOKEN, "next": "/"}, allow_redirects=False)
        assert answer.status == 303, await answer.text()

    return sign
