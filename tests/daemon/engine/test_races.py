"""What is learnt while a question or a listing is under way is newer than its answer."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from reconciled.engine import ending
from reconciled.engine.said import pause, resume
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp


async def followed(world: Any, film: Any) -> Any:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    return app


def at_the_end_of_the_listing(world: Any, happens: Any) -> None:
    """Let something happen once, after the pages were read and before the scan compares them."""
    source = world.place("radarr").live.source
    real, happened = source.snapshot, list[int]()

    async def snapshot(kinds: Any) -> Any:
        async for page in real(kinds):
            if page.complete and not happened:
                happened.append(1)
                await happens()
            yield page

    source.snapshot = snapshot


async def test_a_no_that_is_older_than_the_news_of_a_return_ends_nothing(world: Any, film: Any) -> None:
    app = await followed(world, film)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    source = world.place("radarr").live.source
    real, told = source.lookup, list[int]()

    async def lookup(key: Key) -> Any:
        answer = await real(key)
        if key.id == "7" and not told:
            told.append(1)
            app.put(film(7))
            await world.tell("radarr", op="changed", kind="movie", id="7")
        return answer

    source.lookup = lookup
    await world.settle()
    assert told
    assert await world.tombstones() == []
    assert (await world.presence("radarr"))["movie 7"] == "present"


async def test_a_loss_proved_while_a_listing_is_read_is_not_undone_by_it(world: Any, film: Any) -> None:
    app = await followed(world, film)
    await world.tell("radarr", op="deleted", kind="movie", id="7", own_act=True)
    world.clock.advance(20.0)

    async def proved() -> None:
        app.remove(Key("movie", "7"))
        await world.place("radarr").worker.work_once()

    at_the_end_of_the_listing(world, proved)
    await world.scan("radarr")
    assert await world.graves() == ["radarr movie 7 entry"]
    assert (await world.presence("radarr"))["movie 7"] == "gone"


async def test_what_a_lookup_learnt_while_a_listing_is_read_stays(world: Any, film: Any) -> None:
    app = await followed(world, film)
    app.put(replace(film(7), title="An older name"))

    async def renamed() -> None:
        app.put(replace(film(7), title="The newest name"))
        await world.engine.lookup("radarr", Key("movie", "7"))

    at_the_end_of_the_listing(world, renamed)
    await world.scan("radarr")
    assert (await world.rows("SELECT title FROM item WHERE key = '7'")) == [{"title": "The newest name"}]


async def test_an_item_that_an_event_brought_while_a_listing_is_read_is_no_suspect(
    world: Any, film: Any
) -> None:
    app = await followed(world, film)

    async def added() -> None:
        app.put(film(500))
        await world.tell("radarr", op="changed", kind="movie", id="500")
        await world.place("radarr").worker.work_once()

    at_the_end_of_the_listing(world, added)
    await world.scan("radarr")
    assert (await world.presence("radarr"))["movie 500"] == "present"
    assert await world.suspects() == 0


@pytest.mark.parametrize("away", ["moved", "removed"])
async def test_a_source_that_was_replaced_has_no_say_any_more(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    """Its plugin ignores its cancellation, so its worker is left behind, over the app at the old address."""
    old = await world.follow("radarr", scope={"url": "old"})
    old.put(*(film(n) for n in range(1, 31)))
    await world.scan("radarr")
    place, asked, answer = world.place("radarr"), asyncio.Event(), asyncio.Event()
    plain = place.live.source.lookup

    async def stubborn(key: Key) -> Any:
        asked.set()
        while not answer.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await answer.wait()
        return await plain(key)

    monkeypatch.setattr(place.live.source, "lookup", stubborn)
    working = asyncio.create_task(place.worker.run())
    await world.tell("radarr", op="changed", kind="movie", id="5")
    await asked.wait()
    monkeypatch.setattr(ending, "PATIENCE", 0.01)
    await ending.end_tasks([working], log=place.live.log)
    assert not working.done()

    if away == "removed":
        await world.engine.remove("radarr", freeze=True)
    new = await world.follow("radarr", ModelApp(dict(old.items)), scope={"url": "new"})
    await world.scan("radarr")
    old.remove(Key("movie", "5"))  # nobody looks after the old one
    answer.set()
    await world.tell("radarr", op="changed", kind="movie", id="5")
    for _ in range(10):
        world.clock.advance(3600)
        for _ in range(50):
            await asyncio.sleep(0)
    assert await world.graves() == []
    assert await world.suspects() == 0
    new.remove(Key("movie", "6"))
    await world.scan_and_settle("radarr")
    assert await world.graves() == ["radarr movie 6 entry"]
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_reload_while_everything_is_resumed_leaves_nothing_paused(world: Any, film: Any) -> None:
    for name in ("radarr", "sonarr", "jellyfin"):
        (await world.follow(name)).put(film(1))
    await pause(world.engine, None, by="owner")
    left = world.engine.remove("radarr", freeze=True)
    await asyncio.gather(resume(world.engine, None), left, world.follow("plex"))
    paused = {name: place.live.paused for name, place in world.engine.places.items()}
    assert paused == {"sonarr": None, "jellyfin": None, "plex": None}


@pytest.mark.parametrize("first", ["pause", "reload"])
async def test_a_source_that_is_followed_anew_while_it_is_paused_is_paused(
    world: Any, film: Any, first: str
) -> None:
    (await world.follow("radarr")).put(film(1))
    both = [pause(world.engine, "radarr", by="owner"), world.follow("radarr")]
    await asyncio.gather(*(both if first == "pause" else reversed(both)))
    assert world.place("radarr").live.paused == "owner"
