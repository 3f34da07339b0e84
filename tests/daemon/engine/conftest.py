"""A small world for tests of the engine: model apps, a real ledger, a clock that stands still."""

import json
import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from reconciled.engine.attribution import attribute
from reconciled.engine.ends import End
from reconciled.engine.engine import Engine, Place
from reconciled.engine.live import Rules
from reconciled.http import Http
from reconciled.ledger import suspects, tombstones
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Item, Json, Key, Ref, Root
from reconciled.source import Context, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelManySource, ModelSource

SETTLE = 20.0


class Notes:
    """A source's store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


class World:
    """Apps by name, the engine that follows them, and what came of it."""

    def __init__(self, ledger: Ledger) -> None:
        self.clock = ManualClock()
        self.ledger = ledger
        self.apps: dict[str, ModelApp] = {}
        self.engine = Engine(ledger, self.clock, chance=random.Random(1), log=logging.getLogger("world"))

    async def follow(
        self,
        name: str,
        app: ModelApp | None = None,
        *,
        many: bool = False,
        max_gone: float = 0.10,
        settle: float = SETTLE,
        kinds: frozenset[str] = frozenset({"movie", "series"}),
        scope: dict[str, Json] | None = None,
    ) -> ModelApp:
        model = self.apps[name] = app or self.apps.get(name) or ModelApp()
        context = Context(name, Http.__new__(Http), self.clock, logging.getLogger(name), Notes())
        maker = ModelManySource if many else ModelSource
        await self.engine.add(
            name,
            maker(model, SourceConfig(), context),
            rules=Rules(settle, max_gone),
            kinds=kinds,
            scope=scope or {},
        )
        return model

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


def a_root(path: str = "/films", **more: Any) -> Root:
    usual: dict[str, Any] = {"accessible": True, "empty": False, "device": "/dev/a", "size": 10**12}
    return Root(path, **(usual | more))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    made = World(ledger)
    yield made
    await made.engine.stop()
    await ledger.close()


@pytest.fixture
def film() -> Any:
    return movie


@pytest.fixture
def root() -> Any:
    return a_root
