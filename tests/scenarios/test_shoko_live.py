"""A whole daemon beside a Shoko of each version: what is told over its hub, and a disk that is away."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.conftest import ALL_READ, TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.titles import series
from reconciled_shoko import Shoko

pytestmark = pytest.mark.full

HURRY = 20.0


class Anime(Home):
    """A home with one app: Shoko, with twelve series of two episodes, and who follows it."""

    def __init__(self, shoko: FakeShoko, folder: Path) -> None:
        self.shoko = shoko
        self.config = folder / "config.yaml"
        self.folder = folder
        self.hurry = HURRY
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\n"
            f"sources:\n  shoko: {{url: {self.shoko.url}, api_key: {self.shoko.api_key}}}\n"
        )
        registry = Registry.with_types(Shoko)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        await self.shoko.hub.until_connected()
        await self.until_count(ALL_READ, 1)

    async def graves(self) -> list[str]:
        """What is remembered as gone."""
        found = await self.rows("SELECT kind, key, what FROM tombstone ORDER BY kind, key")
        return [f"{one['what']} of {one['kind']} {one['key']}" for one in found]

    async def scans(self) -> int:
        return await self.count("run", "pass = 'scan'")


@pytest.fixture(params=[pytest.param("5.3.3", marks=pytest.mark.full), "6.0.0"])
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Anime]:
    async with FakeShoko(version=request.param) as shoko:
        for work in series(12):
            shoko.put_series(work)
        made = Anime(shoko, tmp_path)
        await made.start()
        yield made
        await made.stop()


async def test_a_deleted_file_is_noticed_as_it_happens(home: Anime) -> None:
    gone = home.shoko.files_of(57)[0]
    before = await home.scans()
    await home.shoko.delete_file(gone.id)
    await home.until_count("tombstone", 1)
    await home.until_well()
    assert await home.graves() == [f"entry of file {gone.id}"]
    assert await home.scans() == before  # nothing but the event told it
    (told,) = await home.stories()
    assert (told["source"], told["cause"]) == ("shoko", "shoko")
    assert told["title"] == gone.locations[0].path.rpartition("/")[2]
    (row,) = await home.rows("SELECT attrs FROM item WHERE kind = 'season' AND key = '57/1'")
    assert '"files":1' in row["attrs"]


async def test_a_file_that_lives_on_elsewhere_is_not_lost(home: Anime) -> None:
    file = home.shoko.files_of(57)[0]
    other = home.shoko.put_place(file.id, folder=1)
    await home.shoko.delete_place(file.id, file.locations[0].id)
    await home.until_count("item", 1, f"path = '/anime/{other.path}'")
    await home.settled()
    await home.until_well()
    assert await home.graves() == []


async def test_the_last_file_of_a_series_leaves_its_entry(home: Anime) -> None:
    for file in home.shoko.files_of(57):
        await home.shoko.delete_file(file.id)
    await home.until_count("tombstone", 1, "kind = 'series'")
    await home.until_well()
    assert "file of series 57" in await home.graves()
    assert await home.count("item", "kind = 'series' AND presence = 'present'") == 12


async def test_a_deleted_series(home: Anime) -> None:
    await home.shoko.delete_series(58, files=False)
    await home.until_count("tombstone", 1, "kind = 'series'")
    await home.until_well()
    assert "entry of series 58" in await home.graves()
    assert await home.count("tombstone", "kind = 'file'") == 0  # its files were left


@pytest.mark.parametrize("how", ["empty", "missing"])
async def test_the_missing_files_removed_while_the_disk_is_away(home: Anime, how: Any) -> None:
    """Shoko itself drops every file of the folder, and says so of each. It is a hold, and no loss."""
    home.shoko.unmount(how=how)
    await home.shoko.remove_missing_files()
    assert home.shoko.state.files == {}
    await home.until_count(
        "suspect", 24, "hold_id IS NOT NULL AND item_id IN (SELECT id FROM item WHERE kind = 'file')"
    )
    await home.scan()
    await home.settled(60)
    assert await home.graves() == []
    assert await home.count("hold", "closed_at IS NULL") >= 2
    at_large = "hold_id IS NULL AND item_id IN (SELECT id FROM item WHERE kind <> 'season')"
    assert await home.count("suspect", at_large) == 0  # the seasons wait for their series


async def test_few_files_on_a_disk_that_is_away(home: Anime) -> None:
    """Too few to be noticed by their number: the folder tells."""
    home.shoko.put_folder("Films", "/films")
    film = home.shoko.put_series(series(1, seed=2)[0], episodes=1, folder=2)
    await home.scan()
    home.shoko.unmount(2)
    await home.shoko.remove_missing_files()
    await home.until_count("suspect", 1, "hold_id IS NOT NULL")
    await home.settled(60)
    await home.scan()
    await home.settled(60)
    assert await home.graves() == []
    reasons = {one["reason"] for one in await home.rows("SELECT reason FROM hold WHERE closed_at IS NULL")}
    assert reasons == {"root"}
    assert film.id in home.shoko.state.series


async def test_episodes_that_somebody_hides(home: Anime) -> None:
    """Shoko counts them no more, neither here nor at all, and their files lie where they lay."""
    home.shoko.state.series[57].veiled = frozenset({"Episodes"})
    await home.shoko.refresh_series(57, source="Shoko")
    await home.scan()
    await home.settled(60)
    assert await home.graves() == []
    (row,) = await home.rows("SELECT presence, has_file FROM item WHERE kind = 'season' AND key = '57/1'")
    assert (row["presence"], row["has_file"]) == ("unlisted", 1)
    home.shoko.state.series[57].veiled = frozenset()
    await home.scan()
    await home.settled()
    assert await home.count("item", "kind = 'season' AND presence = 'unlisted'") == 0
    assert await home.graves() == []
