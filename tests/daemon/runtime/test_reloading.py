"""The reloader by itself, on real files: what is edited at a bad moment, and what a preview finds."""

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from tests.daemon.engine.conftest import World
from tests.patience import PATIENCE
from watchfiles import awatch

from reconciled.config import Loaded, Settings, load
from reconciled.errors import Unreachable
from reconciled.plugins import Registry
from reconciled.runtime import reload
from reconciled.runtime.reload import ConfigState, Preview, Reloader
from reconciled.runtime.sources import Sources
from reconciled.source import Context, SourceConfig
from reconciled.testing.model_app import ModelApp, ModelSource

LOG = logging.getLogger("reloading")


class ModelConfig(SourceConfig):
    """Settings that the plugin takes, or refuses only when it is built."""

    word: str = "good"


@dataclass
class Desk:
    """A config file, a reloader over it, and the objects that plugins made of it, by name and state."""

    world: World
    config: Path
    made: list[tuple[str, ModelSource]] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = self.made

        class Made(ModelSource):
            Config: ClassVar[type[BaseModel]] = ModelConfig

            def __init__(self, config: ModelConfig, context: Context) -> None:
                super().__init__(ModelApp(), config, context)
                if config.word == "bad":
                    raise ValueError(config.word)
                made.append((context.name, self))

        self.registry = Registry.with_types(Made)
        self.sources = Sources(
            self.world.engine, clock=self.world.clock, zone=UTC, chance=random.Random(1), log=LOG
        )
        found = load(self.config, self.registry.types, environ={})
        assert found.settings is not None, found.problems
        self.reloader = Reloader(
            ConfigState(found.settings, self.config, self.world.clock.now(), files=found.files),
            self.sources, self.registry, environ={}, clock=self.world.clock, log=LOG,
        )  # fmt: skip

    def edit(self, text: str) -> None:
        self.config.write_text(text)

    @property
    def days(self) -> float:
        """How long runs are kept, the setting that these tests change."""
        return self.reloader.state.settings.keep.runs / 86400

    @property
    def left_open(self) -> list[str]:
        return [name for name, one in self.made if not one.closed]


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    config = tmp_path / "etc" / "config.yaml"
    config.parent.mkdir()
    config.write_text("keep: {runs: 10d}\n")
    desk = Desk(world, config)
    yield desk
    await desk.sources.stop_all()


async def watched(desk: Desk, until: Callable[[], bool]) -> None:
    """The reloader watches until it is so."""
    watching = asyncio.create_task(desk.reloader.watch())
    try:
        async with asyncio.timeout(PATIENCE):
            while not until():
                await asyncio.sleep(0.005)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_an_edit_right_before_the_watch_begins_is_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*folders: Path, **options: Any) -> AsyncIterator[Any]:
        desk.edit("keep: {runs: 20d}\n")
        async for changes in awatch(*folders, **options):
            yield changes

    monkeypatch.setattr(reload, "awatch", late)
    await watched(desk, lambda: desk.days == 20)


async def test_an_edit_in_a_folder_that_is_new_to_the_watch_is_seen(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("{runs: 20d}\n")

    async def late(*folders: Path, **options: Any) -> AsyncIterator[Any]:
        if tmp_path in folders:
            other.write_text("{runs: 30d}\n")
        async for changes in awatch(*folders, **options):
            yield changes

    monkeypatch.setattr(reload, "awatch", late)
    desk.edit(f"keep: !include {other}\n")
    await watched(desk, lambda: desk.days == 30)


async def test_an_edit_that_the_system_does_not_tell_is_found_after_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(*folders: Path, rust_timeout: int, **options: Any) -> AsyncIterator[set[Any]]:
        while True:
            await asyncio.sleep(rust_timeout / 1000)
            if not edited.is_set():
                desk.edit("keep: {runs: 20d}\n")
                edited.set()
            yield set()

    edited = asyncio.Event()
    monkeypatch.setattr(reload, "RETRY", 0.02)
    monkeypatch.setattr(reload, "awatch", deaf)
    await watched(desk, lambda: desk.days == 20)


async def test_an_include_that_is_edited_while_it_is_read_for_the_first_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = desk.config.with_name("other.yaml")

    def slow(*given: Any, **more: Any) -> Loaded:
        loaded = load(*given, **more)
        if other.read_text() == "{runs: 20d}\n":
            other.write_text("{runs: 30d}\n")
        return loaded

    other.write_text("{runs: 20d}\n")
    monkeypatch.setattr(reload, "load", slow)
    desk.edit("keep: !include other.yaml\n")
    await watched(desk, lambda: desk.days == 30)


async def test_a_config_over_links_is_followed_wherever_they_lead(desk: Desk, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one/config.yaml").write_text("keep: {runs: 10d}\n")
    (tmp_path / "current").symlink_to("one")
    desk.config.unlink()
    desk.config.symlink_to(tmp_path / "current/config.yaml")
    steps: list[Callable[[], object]] = [
        lambda: (tmp_path / "one/config.yaml").write_text("keep: {runs: 20d}\n"),
        lambda: (tmp_path / "two/config.yaml").write_text("keep: {runs: 30d}\n"),
        lambda: _switch(tmp_path / "current", "two"),
        lambda: (tmp_path / "two/config.yaml").write_text("keep: {runs: 40d}\n"),
    ]
    wanted = [20.0, 20.0, 30.0, 40.0]

    def next_step() -> bool:
        if done and desk.days != wanted[len(done) - 1]:
            return False
        if len(done) == len(steps):
            return True
        steps[len(done)]()
        done.append(True)
        return False

    done: list[bool] = []
    await watched(desk, next_step)


def _switch(link: Path, to: str) -> None:
    fresh = link.with_name("fresh")
    fresh.symlink_to(to)
    fresh.replace(link)


GOOD = "sources:\n  a: {app: model}\n  b: {app: model}\n"
BAD = GOOD + "  c: {app: model, word: bad}\n"


async def test_a_preview_builds_and_says_what_a_reload_would_say(desk: Desk) -> None:
    desk.edit("sources: {a: {app: model}}\n")
    assert await desk.reloader.reload() == ()
    desk.made.clear()
    desk.edit(BAD)
    preview = await desk.reloader.preview()
    assert preview.changes == ()
    assert preview.problems == await desk.reloader.reload()
    (problem,) = preview.problems
    assert "config.yaml:4:3: sources.c: the plugin model refuses its settings (ValueError)" in problem
    assert [name for name, _ in desk.made] == ["b", "b"]
    assert desk.left_open == []
    assert list(desk.sources.settings()) == ["a"]


async def test_a_preview_leaves_nothing_open_and_starts_nothing(desk: Desk) -> None:
    before = desk.reloader.state
    desk.edit(GOOD)
    preview = await desk.reloader.preview()
    assert preview == Preview(
        changes=(
            "+ sources.a: is added; its first scan is a baseline",
            "+ sources.b: is added; its first scan is a baseline",
            "~ keep.runs: counts at once",
        )
    )
    assert [name for name, _ in desk.made] == ["a", "b"]
    assert desk.left_open == []
    assert desk.reloader.state is before
    assert desk.sources.settings() == {}


async def test_a_preview_waits_for_a_reload_that_is_under_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, reached = asyncio.Event(), asyncio.Event()
    restart: Callable[[Any], Awaitable[None]] = desk.sources.restart

    async def slow(built: Any) -> None:
        reached.set()
        await gate.wait()
        await restart(built)

    monkeypatch.setattr(desk.sources, "restart", slow)
    desk.edit(GOOD)
    reloading = asyncio.create_task(desk.reloader.reload())
    await reached.wait()
    previewing = asyncio.create_task(desk.reloader.preview())
    await asyncio.sleep(0.005)
    assert not previewing.done()
    gate.set()
    assert await reloading == ()
    assert await previewing == Preview(changes=("nothing changes",))


async def test_what_could_not_be_taken_over_is_said_and_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full for a moment while a person disarms the daemon: the old rules must not stay."""
    in_force: list[str] = []
    full, later = False, asyncio.Event()

    async def changed(settings: Settings) -> None:
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        in_force.append(settings.mode)

    async def deaf(*folders: Path, **options: Any) -> AsyncIterator[set[Any]]:
        while True:
            await later.wait()
            yield set()

    monkeypatch.setattr(reload, "awatch", deaf)
    desk.reloader = Reloader(
        desk.reloader.state, desk.sources, desk.registry, environ={}, clock=desk.world.clock, log=LOG,
        changed=changed,
    )  # fmt: skip
    watching = asyncio.create_task(watched(desk, lambda: in_force[-1:] == ["ask"]))
    while not in_force:
        await asyncio.sleep(0)
    full = True
    desk.edit("mode: ask\n")
    (said,) = await desk.reloader.reload()
    assert "only in part" in said
    assert (desk.reloader.state.problems, desk.reloader.state.settings.mode) == ((said,), "dry-run")
    full = False
    later.set()
    await watching
    assert desk.reloader.state.problems == ()
    assert desk.reloader.state.settings.mode == "ask"


@pytest.mark.parametrize("text", ["sources: {a: {app: model, word: other}}\n", "mode: dry-run\n"])
async def test_a_reload_that_is_broken_off_leaves_no_connection_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    desk.edit("sources: {a: {app: model}}\n")
    assert await desk.reloader.reload() == ()
    ((_, old),) = desk.made
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(old, "close", hang)
    desk.edit(text)
    reloading = asyncio.create_task(desk.reloader.reload())
    await reached.wait()
    reloading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reloading
    with pytest.raises(Unreachable, match="being stopped"):
        await old.context.http.at("http://127.0.0.1:9").request("GET", "/")


async def test_the_log_says_when_a_mistake_is_taken_back(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk.edit("keep: {rums: 10d}\n")
    assert await desk.reloader.reload()
    desk.edit("keep: {runs: 10d}\n")
    assert not await desk.reloader.reload()
    assert not await desk.reloader.reload()
    said = [record.message for record in caplog.records]
    assert said[-2:] == [
        "the config has problems; the last good one stays in force",
        "the config is good again, and the one that is in force",
    ]


async def test_the_log_says_once_what_waits_for_a_restart(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    desk.edit("keep: {runs: 10d}\ndaemon: {listen: 127.0.0.1:9}\n")
    await desk.reloader.reload()
    await desk.reloader.reload()
    assert [record.message for record in caplog.records] == ["daemon.listen changed: restart to take it over"]
