"""A plugin's own loops: its work goes on, and it hears of its orphans whatever crashed before."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.http import Http
from reconciled.ledger.connection import Ledger
from reconciled.model import Item, Key, Loss, Ref
from reconciled.runtime.own_loops import OrphanNews, own_loops
from reconciled.source import Context, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelSource


class Hearing(ModelSource):
    """Notes what it hears; `broken` makes it crash instead."""

    app: ClassVar[str] = "hearing"

    def __init__(self, model: ModelApp, config: SourceConfig, context: Context) -> None:
        super().__init__(model, config, context)
        self.heard: list[Mapping[Key, Loss]] = []
        self.told = asyncio.Event()
        self.broken = False

    async def orphans(self, found: Mapping[Key, Loss]) -> None:
        self.told.set()
        if self.broken:
            raise RuntimeError("a defect")
        self.heard.append(found)

    async def next(self) -> Mapping[Key, Loss]:
        await self.told.wait()
        self.told.clear()
        return self.heard[-1]


class World:
    """Films, and requests for them that refer."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine = engine
        self.clock = clock
        self.films, self.wishes = ModelApp(), ModelApp()
        self.hearing: Hearing

    async def start(self) -> None:
        self.films.put(*(film(number) for number in range(1, 5)))
        self.wishes.put(*(wish(number) for number in range(1, 5)))
        for name, kind, model in (
            ("films", ModelSource, self.films),
            ("wishes", Hearing, self.wishes),
        ):
            context = Context(
                name,
                Http.__new__(Http),
                self.clock,
                logging.getLogger(name),
                None,  # type: ignore[arg-type]
            )
            source = kind(model, SourceConfig(), context)
            await self.engine.add(name, source, rules=Rules(), kinds=frozenset(kind.kinds), scope={})
            await self.engine.perform("scan", name, asked_by="a test")
            if isinstance(source, Hearing):
                self.hearing = source

    async def lose(self, number: int) -> None:
        self.films.remove(Key("movie", str(number)))
        await self.engine.perform("scan", "films", asked_by="a test")
        self.clock.advance(30)
        await self.engine.place("films").worker.work_once()
        await self.judge()

    async def judge(self) -> None:
        await self.engine.perform("orphans", "wishes", asked_by="a test")


def film(number: int) -> Item:
    return Item(Key("movie", str(number)), f"Film {number}", frozenset({Ref("tmdb:movie", str(number))}))


def wish(number: int) -> Item:
    about = frozenset({Ref("tmdb:movie", str(number))})
    return Item(Key("request", str(number)), f"Wish {number}", about, refers=True)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    ledger, clock = await Ledger.open(tmp_path / "ledger.db"), ManualClock()
    engine = Engine(ledger, clock, chance=random.Random(1), log=logging.getLogger("world"))
    made = World(engine, clock)
    await made.start()
    yield made
    await engine.stop()
    await ledger.close()


@pytest.fixture
async def news(world: World) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(OrphanNews(world.engine, "wishes", world.hearing).run())
    assert await world.hearing.next() == {}
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert world.engine.listeners == []


async def test_it_is_told_of_all_that_are_orphans(world: World, news: Any) -> None:
    await world.lose(1)
    told = await world.hearing.next()
    assert told == {
        Key("request", "1"): Loss(
            "films",
            Key("movie", "1"),
            "Film 1",
            "external",
            None,
            told[Key("request", "1")].sentence,
            datetime(2026, 1, 1, tzinfo=UTC),
        )
    }
    assert told[Key("request", "1")].sentence.startswith("System (external detection): Film 1")
    world.clock.advance(3600)
    await world.lose(2)
    assert set(await world.hearing.next()) == {Key("request", "1"), Key("request", "2")}


async def test_it_is_told_when_one_is_none_any_more(world: World, news: Any) -> None:
    await world.lose(1)
    assert len(await world.hearing.next()) == 1
    world.films.put(film(1))
    await world.engine.perform("scan", "films", asked_by="a test")
    await world.judge()
    assert await world.hearing.next() == {}


async def test_nothing_new_is_not_told(world: World, news: Any) -> None:
    await world.lose(1)
    await world.hearing.next()
    before = len(world.hearing.heard)
    for _ in range(3):
        await world.judge()
    await world.lose(2)
    await world.hearing.next()
    assert len(world.hearing.heard) == before + 1


async def test_what_happened_while_nobody_listened_is_told_at_the_start(world: World) -> None:
    await world.lose(1)
    for _ in range(2):  # the second is a restart
        task = asyncio.create_task(OrphanNews(world.engine, "wishes", world.hearing).run())
        assert set(await world.hearing.next()) == {Key("request", "1")}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_crash_is_told_again(world: World) -> None:
    news = OrphanNews(world.engine, "wishes", world.hearing)
    await world.lose(1)
    world.hearing.broken = True
    with pytest.raises(RuntimeError):
        await news.run()
    assert world.engine.listeners == []
    world.hearing.broken = False
    world.hearing.told.clear()
    task = asyncio.create_task(news.run())
    assert set(await world.hearing.next()) == {Key("request", "1")}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_loops_are_for_those_who_ask_for_them(world: World) -> None:
    assert own_loops(world.engine, "films") == {}
    assert set(own_loops(world.engine, "wishes")) == {"news of orphans"}
