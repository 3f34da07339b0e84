"""An answer that is older than what was seen since takes nothing away."""

import asyncio
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, movie

from reconciled.model import Absent, Key


async def test_a_denial_that_is_older_than_a_scan_buries_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file is doubted; a lookup denies the entry, and before that is written a scan shows it."""
    app = await world.follow("radarr")
    app.put(*(movie(n) for n in range(1, 21)))
    await world.scan("radarr")
    app.put(movie(7, has_file=False))
    await world.scan("radarr")
    source: Any = world.place("radarr").live.source
    lookup = source.lookup
    scans: list[asyncio.Task[Any]] = []

    async def slow(key: Key) -> Any:
        if key != Key("movie", "7") or scans:
            return await lookup(key)
        before = await world.rows("SELECT scanned FROM source")
        scans.append(asyncio.create_task(world.scan("radarr")))
        while await world.rows("SELECT scanned FROM source") == before:
            await asyncio.sleep(0.001)
        return Absent("404 of the model")

    monkeypatch.setattr(source, "lookup", slow, raising=False)
    await world.settle()
    await asyncio.gather(*scans)
    assert scans
    assert await world.graves() in ([], ["radarr movie 7 file"])
    await world.settle()
    assert await world.graves() == ["radarr movie 7 file"]
    assert (await world.presence("radarr"))["movie 7"] == "present"


@pytest.mark.parametrize("incremental", [False, True])
async def test_what_is_denied_while_it_is_being_listed_is_asked_again(
    world: World, incremental: bool
) -> None:
    """It came back between its denial and the list: the list alone does not bring it back, a look does."""
    app = await world.follow("radarr", incremental=incremental)
    app.put(*(movie(n) for n in range(1, 21)))
    await world.scan("radarr")
    film = app.items[Key("movie", "7")]
    app.remove(film.key)
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7")
    world.clock.advance(20.0)
    source: Any = world.place("radarr").live.source

    async def bury_and_restore() -> None:
        await world.place("radarr").worker.work_once()
        app.put(film)

    probe = source.probe
    found: list[str] = []

    async def while_scanning() -> Any:
        about = await probe()
        if not found:
            found.append("x")
            await bury_and_restore()
            found.extend(await world.graves())
        return about

    source.probe = while_scanning
    await world.scan("radarr")
    assert found == ["x", "radarr movie 7 entry"]
    await world.settle(0.0)
    assert await world.graves() == []
    assert (await world.presence("radarr"))["movie 7"] == "present"
