"""A small world for tests of the engine: model apps, a real ledger, a clock that stands still."""

import json
import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.drills.quiet_ledger import QuietLedger

from reconciled.config import Mode, Policy, Step, Verb, When
from reconciled.engine.attribution import attribute
from reconciled.engine.ends import End
from reconciled.engine.engine import Engine, Place
from reconciled.engine.live import Rules
from reconciled.engine.outbox.answers import approve
from reconciled.engine.outbox.gate import print_of
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.watch import Watch
from reconciled.http import Http
from reconciled.ledger import decisions, sources, suspects, tombstones
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Item, Json, Key, Ref, Root
from reconciled.source import Context, Incremental, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelIncrementalSource, ModelManySource, ModelSource

SETTLE = 20.0


class Notes:
    """A source's store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


class Crash(BaseException):
    """The process dies here."""


def policy(name: str = "forget", *then: Step, **more: Any) -> Policy:
    """A policy: by default, what is gone from jellyfin leaves the request app and is no longer monitored."""
    usual: dict[str, Any] = {"when": When.GONE, "sources": frozenset({"jellyfin"}), "grace": 600.0}
    steps = then or (Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "radarr"))
    return Policy(name, then=steps, **(usual | more))


def request(number: int, *, of: int | None = None, **more: Any) -> Item:
    """A request for a film, by number."""
    film = of if of is not None else number
    more.setdefault("refs", frozenset({Ref("tmdb:movie", str(film))}))
    return Item(Key("request", str(number)), f"Film {film}", attrs={"tags": []}, refers=True, **more)


class World:
    """Apps by name, the engine that follows them, and what came of it."""

    def __init__(self, ledger: Ledger) -> None:
        self.clock = ManualClock()
        self.ledger = ledger
        self.apps: dict[str, ModelApp] = {}
        log = logging.getLogger("world")
        self.engine = Engine(ledger, self.clock, chance=random.Random(1), log=log)
        self.moments: list[str] = []
        self.outbox = Outbox(self.engine, log=log, at=self.reach)
        self.crash_at: str | None = None
        self.orders: list[str] = []

    async def follow(
        self,
        name: str,
        app: ModelApp | None = None,
        *,
        many: bool = False,
        incremental: bool = False,
        max_gone: float = 0.10,
        settle: float = SETTLE,
        kinds: frozenset[str] = frozenset({"movie", "series", "season", "request"}),
        scope: dict[str, Json] | None = None,
    ) -> ModelApp:
        model = self.apps[name] = app or self.apps.get(name) or ModelApp()
        context = Context(name, Http.__new__(Http), self.clock, logging.getLogger(name), Notes())
        maker = ModelManySource if many else ModelIncrementalSource if incremental else ModelSource
        await self.engine.add(
            name,
            maker(model, SourceConfig(), context),
            rules=Rules(settle, max_gone),
            kinds=kinds,
            scope=scope or {},
        )
        return model

    def reach(self, moment: str) -> None:
        """Told where a crash would matter; crashes there if it is to."""
        self.moments.append(moment)
        if moment == self.crash_at:
            raise Crash(moment)

    async def decide(self, *policies: Policy, mode: Mode = Mode.ACT, trusted: bool = True) -> None:
        """These policies are in force; `trusted` ones have had their first batch approved."""
        await self.outbox.configure({policy.name: policy for policy in policies}, mode)
        if trusted:
            for policy in policies:
                await self.trust(policy)

    async def trust(self, policy: Policy) -> None:
        def write(tx: Tx) -> None:
            known = sources.every(tx)
            decisions.trust(tx, policy.name, print_of(policy, self.outbox.rules.mode_of(policy), known))

        await self.ledger.write(write)

    async def pass_time(self, seconds: float, *, step: float = 60.0) -> None:
        """Let time pass while everything is watched: workers look, controls are asked, ordered scans run."""
        left = seconds
        while left > 0:
            self.clock.advance(min(step, left))
            left -= step
            await self.turn()

    async def turn(self) -> None:
        """Everything that is due, once."""
        for name, place in list(self.engine.places.items()):
            if place.live.answers or place.live.health.state == "starting":
                await Watch(place.live, self.ledger).look_once()
                await place.worker.work_once()
                await self._ordered(name, place)
        await self.outbox.work_once()
        for name, place in list(self.engine.places.items()):
            await self._ordered(name, place)
            await place.worker.work_once()
        await self.outbox.work_once()

    async def _ordered(self, name: str, place: Place) -> None:
        if place.wants_scan.is_set():
            place.wants_scan.clear()
            self.orders.append(name)
            await self.scan(name)
        if place.wants_orphans.is_set():
            place.wants_orphans.clear()
            await self.engine.perform("orphans", name, asked_by="a test")

    async def actions(self, *states: str) -> list[str]:
        """The outbox, as "state verb target kind key", in order."""
        found = await self.rows("SELECT * FROM action ORDER BY id")
        return [
            f"{a['state']} {a['verb']} {a['target']} {a['kind']} {a['key']}".strip()
            for a in found
            if not states or a["state"] in states
        ]

    async def reasons(self) -> list[str]:
        return [a["reason"] for a in await self.rows("SELECT reason FROM action ORDER BY id")]

    async def open_decisions(self) -> list[dict[str, Any]]:
        return await self.rows(
            "SELECT d.*, (SELECT count(*) FROM action WHERE decision_id = d.id AND state = 'waiting') AS n "
            "FROM decision AS d WHERE closed_at IS NULL"
        )

    async def approve_all(self) -> None:
        for decision in await self.open_decisions():
            shown = await self.ledger.read(decisions.waiting_in, decision["id"])
            await approve(self.outbox, decision["id"], shown, by="owner")

    async def restart(self) -> None:
        """The process died: everything in memory is lost, the ledger and the apps are not."""
        await self.outbox.stop()
        await self.engine.stop()
        followed = {name: place.live for name, place in self.engine.places.items()}
        rules, log = self.outbox.rules, logging.getLogger("world")
        self.crash_at = None
        self.engine = Engine(self.ledger, self.clock, chance=random.Random(1), log=log)
        await self.engine.start()
        self.outbox = Outbox(self.engine, log=log, at=self.reach)
        await self.outbox.configure(rules.policies, rules.mode)
        for name, live in followed.items():
            await self.follow(
                name,
                many=live.looks_up_many is not None,
                incremental=isinstance(live.source, Incremental),
                kinds=live.kinds,
            )
            await self.scan(name)
        await self.outbox.start()

    def place(self, name: str) -> Place:
        return self.engine.place(name)

    async def scan(self, name: str) -> dict[str, Any]:
        run = await self.engine.perform("scan", name, asked_by="a test")
        return (await self.rows("SELECT * FROM run WHERE id = ?", run))[0]

    async def settle(self, seconds: float = SETTLE) -> dict[str, list[End]]:
        """Let the time pass and all workers look once."""
        self.clock.advance(seconds)
        return {name: await place.worker.work_once() for name, place in list(self.engine.places.items())}

    async def scan_and_settle(self, name: str) -> dict[str, Any]:
        run = await self.scan(name)
        await self.settle()
        return run

    async def tell(self, name: str, **event: Any) -> None:
        """A webhook arrives and is read."""
        await self.engine.receive(name, json.dumps(event).encode(), {})
        await self.engine.read_letters()

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        def read(tx: Tx) -> list[dict[str, Any]]:
            found = tx.execute(sql, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return await self.ledger.read(read)

    async def presence(self, name: str) -> dict[str, str]:
        """What the ledger holds, by "kind id"."""
        found = await self.rows(
            "SELECT kind || ' ' || key AS k, presence FROM item JOIN source ON source.id = source_id "
            "WHERE name = ? AND current = 1",
            name,
        )
        return {row["k"]: row["presence"] for row in found}

    async def tombstones(self) -> list[dict[str, Any]]:
        return await self.rows(
            "SELECT t.*, r.at AS revived FROM tombstone AS t "
            "LEFT JOIN revival AS r ON r.tombstone_id = t.id ORDER BY t.id"
        )

    async def graves(self) -> list[str]:
        """Tombstones that have not come back, as "source kind key what"."""
        return [
            f"{t['source']} {t['kind']} {t['key']} {t['what']}"
            for t in await self.tombstones()
            if not t["revived"]
        ]

    async def findings(self, *, is_open: bool = True) -> list[str]:
        found = await self.rows("SELECT * FROM finding ORDER BY id")
        return [
            f"{f['code']} {f['kind']} {f['key']}" for f in found if not is_open or f["resolved_at"] is None
        ]

    async def holds(self) -> list[dict[str, Any]]:
        return await self.rows("SELECT * FROM hold WHERE closed_at IS NULL ORDER BY id")

    async def held(self) -> int:
        return len(await self.rows("SELECT 1 FROM suspect WHERE hold_id IS NOT NULL"))

    async def cause(self, story: int) -> str:
        evidence = await self.ledger.read(lambda tx: tombstones.of_story(tx, story))
        return attribute(evidence, title="it").cause

    async def suspects(self) -> int:
        return len(await self.rows("SELECT 1 FROM suspect"))

    async def release_all(self, name: str) -> None:
        for hold in await self.ledger.read(lambda tx: suspects.open_holds(tx, self.place(name).live.id)):
            await self.engine.release(name, hold.id)


def movie(
    number: int, *, key: str | None = None, root: str | None = "/films", path: str | None = None, **more: Any
) -> Item:
    """A film with its refs, by number."""
    refs = more.pop("refs", frozenset({Ref("tmdb:movie", str(number)), Ref("imdb", f"tt{number}")}))
    more.setdefault("has_file", True)
    place = path if path is not None else f"{root}/{number}.mkv"
    return Item(Key("movie", key or str(number)), f"Film {number}", refs, root=root, path=place, **more)


def series(number: int, *, key: str | None = None, path: str | None = None, **more: Any) -> Item:
    """A series with its refs, by number."""
    refs = more.pop("refs", frozenset({Ref("tvdb:series", str(number))}))
    more.setdefault("has_file", True)
    place = path if path is not None else f"/tv/{number}"
    return Item(Key("series", key or str(number)), f"Series {number}", refs, root="/tv", path=place, **more)


def season(of: Item, number: int, *, key: str | None = None, **more: Any) -> Item:
    """A season of a series; the one of specials, 0, has no refs."""
    claimed = {Ref(ref.space, f"{ref.value}/s{number:02}") for ref in of.strong_refs}
    more.setdefault("has_file", True)
    more.setdefault("refs", frozenset(claimed if number else ()))
    more.setdefault("attrs", {"season": number, "tags": []})
    name = Key("season", key or f"{of.key.id}/{number}")
    return Item(name, f"{of.title}: Season {number}", root="/tv", parent=of.key, **more)


def whole(of: Item, count: int) -> list[Item]:
    """A series with so many seasons, and its specials."""
    return [of, *(season(of, number) for number in range(count + 1))]


def a_root(path: str = "/films", **more: Any) -> Root:
    usual: dict[str, Any] = {"accessible": True, "empty": False, "device": "/dev/a", "size": 10**12}
    return Root(path, **(usual | more))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Its ledger takes no threads: these tests are about the order of things, and hops take half the time."""
    ledger = await QuietLedger.open(tmp_path / "ledger.db")
    ledger.any_chance()
    made = World(ledger)
    yield made
    await made.outbox.stop()
    await made.engine.stop()
    await ledger.close()


@pytest.fixture
def film() -> Any:
    return movie


@pytest.fixture
def root() -> Any:
    return a_root
