"""Scans that read all ids and only what changed: as right as a walk, and never trusted too far."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, movie

from reconciled.engine.passes.reading import IN_FULL_AFTER
from reconciled.errors import BadResponse, Unreachable, Unsupported
from reconciled.model import Key
from reconciled.source import Changes
from reconciled.testing.model_app import ModelApp

WEEK = IN_FULL_AFTER


async def paperless(world: World, count: int = 40, **more: Any) -> ModelApp:
    """An app that says what changed, followed and read once."""
    app = await world.follow("paperless", incremental=True, **more)
    app.put(*(movie(n) for n in range(1, count + 1)))
    await world.scan("paperless")
    return app


def marks(app: ModelApp) -> list[str]:
    """From where each scan read."""
    return [what[1] for what in app.asked if what[0] == "changes"]


async def stats(world: World) -> dict[str, int]:
    found: dict[str, int] = json.loads((await world.scan("paperless"))["stats"])
    return found


async def test_only_the_first_scan_reads_everything(world: World) -> None:
    app = await paperless(world)
    app.put(replace(movie(7), title="Film VII"), movie(41))
    app.remove(Key("movie", "3"))
    found = await stats(world)
    assert marks(app) == ["None", "40"]
    assert (found["seen"], found["new"], found["changed"], found["unlisted"]) == (40, 1, 1, 1)
    await world.settle()
    assert await world.graves() == ["paperless movie 3 entry"]
    titles = await world.rows("SELECT title FROM item WHERE key = '7'")
    assert titles == [{"title": "Film VII"}]
    quiet = await stats(world)
    assert (quiet["seen"], quiet["new"], quiet["changed"], quiet["unlisted"]) == (40, 0, 0, 0)
    assert marks(app)[2] == "42"


async def test_a_restart_goes_on_from_the_mark(world: World) -> None:
    app = await paperless(world)
    await world.restart()
    await world.scan("paperless")
    assert marks(app) == ["None", "40", "40"]


async def test_after_a_week_everything_is_read_again(world: World) -> None:
    app = await paperless(world)
    app.silent.add(Key("movie", "5"))
    app.put(replace(movie(5), title="Film V"))
    await world.scan("paperless")
    assert (await world.rows("SELECT title FROM item WHERE key = '5'"))[0]["title"] == "Film 5"
    world.clock.advance(WEEK)
    await world.scan("paperless")
    assert (await world.rows("SELECT title FROM item WHERE key = '5'"))[0]["title"] == "Film V"
    await world.scan("paperless")
    assert marks(app) == ["None", "40", "None", "40"]


async def test_what_is_listed_and_not_shown_is_looked_at(world: World) -> None:
    app = await paperless(world)
    app.untold.add(Key("movie", "41"))
    app.put(movie(41))
    good = (await world.rows("SELECT good FROM source"))[0]["good"]
    await world.scan("paperless")
    assert (await world.presence("paperless"))["movie 41"] == "present"
    assert (await world.rows("SELECT good FROM source"))[0]["good"] == good  # somebody had not been read
    await world.scan("paperless")
    assert marks(app)[-1] == "None"


async def test_what_is_not_shown_when_everything_is_read_is_not_believed_there(world: World) -> None:
    app = await world.follow("paperless", incremental=True)
    app.untold |= {Key("movie", "4"), Key("movie", "5")}
    app.put(*(movie(n) for n in range(1, 11)))
    app.deny = lambda key: key == Key("movie", "5")
    await world.scan("paperless")
    held = await world.presence("paperless")
    assert held["movie 4"] == "present"  # it was asked for by itself
    assert "movie 5" not in held


async def test_a_suspect_that_is_listed_again_stands(world: World) -> None:
    app = await paperless(world)
    app.unlisted.add(Key("movie", "3"))
    await world.scan("paperless")
    assert await world.suspects() == 1
    app.unlisted.clear()
    app.trouble = None
    await world.scan("paperless")
    assert await world.suspects() == 0
    assert await world.graves() == []


async def test_a_lost_file_is_not_forgotten_for_a_listed_id(world: World) -> None:
    app = await paperless(world)
    app.put(movie(3, has_file=False))
    await world.scan("paperless")
    await world.scan("paperless")  # its id is listed, and nobody says that it changed
    assert await world.suspects() == 1
    await world.settle()
    assert await world.graves() == ["paperless movie 3 file"]


async def test_what_was_gone_and_is_listed_again_is_looked_at(world: World) -> None:
    app = await paperless(world)
    back = app.items[Key("movie", "3")]
    app.remove(Key("movie", "3"))
    await world.scan_and_settle("paperless")
    assert await world.graves() == ["paperless movie 3 entry"]
    app.put(back)  # as it was: restored from a trash, nothing about it changed
    await world.scan("paperless")
    assert marks(app)[-1] != "None"
    assert await world.graves() == []
    assert await world.findings() == []


async def test_a_key_that_was_reused_is_shown_as_another_thing(world: World) -> None:
    app = await paperless(world)
    app.put(movie(99, key="3"))
    await world.scan("paperless")
    await world.scan_and_settle("paperless")
    assert await world.graves() == ["paperless movie 3 entry"]
    titles = await world.rows("SELECT title, current FROM item WHERE key = '3' ORDER BY id")
    assert titles == [{"title": "Film 3", "current": 0}, {"title": "Film 99", "current": 1}]


@pytest.mark.parametrize(
    ("trouble", "then"), [(BadResponse("?"), "None"), (Unreachable("?"), "40"), (None, "40")]
)
async def test_trouble_with_a_mark(world: World, trouble: Exception | None, then: str) -> None:
    app = await paperless(world)
    app.listing_trouble = trouble  # type: ignore[assignment]
    run = await world.scan("paperless")
    assert run["state"] == ("failed" if trouble else "complete")
    app.listing_trouble = None
    assert set((await world.presence("paperless")).values()) == {"present"}
    await world.scan("paperless")
    assert marks(app)[-1] == then


async def test_while_anything_is_held_and_after_its_release_everything_is_read(world: World) -> None:
    app = await paperless(world)
    app.remove(*(Key("movie", str(n)) for n in range(1, 11)))
    await world.scan_and_settle("paperless")
    assert await world.held() == 10
    await world.scan("paperless")
    await world.release_all("paperless")
    await world.settle(0.0)
    await world.scan("paperless")
    await world.scan("paperless")
    assert marks(app) == ["None", "40", "None", "None", "40"]
    assert len(await world.graves()) == 10


async def test_another_installation_is_read_in_full_and_not_believed(world: World) -> None:
    app = await paperless(world)
    app.instance = "two"
    app.items = {item.key: item for item in (movie(1000 + n, key=str(n)) for n in range(1, 41))}
    await world.scan_and_settle("paperless")
    assert marks(app)[-1] == "None"
    assert await world.graves() == []
    assert (await world.holds())[0]["reason"] == "instance"


async def test_an_empty_list_of_ids_is_a_hold(world: World) -> None:
    app = await paperless(world)
    app.unlisted |= set(app.items)
    await world.scan_and_settle("paperless")
    assert await world.held() == 40
    assert await world.graves() == []


async def test_kinds_out_of_scope_are_left_alone(world: World) -> None:
    app = await world.follow("paperless", incremental=True, kinds=frozenset({"movie"}))
    app.put(movie(1), replace(movie(2), key=Key("series", "2")))
    await world.scan("paperless")
    assert await world.presence("paperless") == {"movie 1": "present"}
    app.put(movie(3))
    await world.scan("paperless")
    assert set(await world.presence("paperless")) == {"movie 1", "movie 3"}


@pytest.mark.parametrize("odd", ["not changes", "an item that is not listed"])
async def test_odd_changes_change_nothing(world: World, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await paperless(world)

    async def changes(_: Any) -> Any:
        return [] if odd == "not changes" else Changes(frozenset(), (movie(1),), 5)

    monkeypatch.setattr(world.place("paperless").live.source, "changes", changes, raising=False)
    assert (await world.scan("paperless"))["state"] == "failed"
    assert set((await world.presence("paperless")).values()) == {"present"}


async def test_an_app_that_cannot_after_all_is_walked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = await world.follow("paperless", incremental=True)
    app.put(movie(1), movie(2))

    async def changes(_: Any) -> Any:
        raise Unsupported("this version has no list of ids")

    monkeypatch.setattr(world.place("paperless").live.source, "changes", changes, raising=False)
    assert (await world.scan("paperless"))["state"] == "complete"
    assert set((await world.presence("paperless")).values()) == {"present"}


async def title(world: World, key: str) -> str:
    (row,) = await world.rows("SELECT title FROM item WHERE key = ? AND current = 1", key)
    return str(row["title"])


async def test_what_changed_after_a_lookup_and_before_the_list_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lookup in mid-scan shows less than the list that comes after it, and the mark moves past both."""
    app = await paperless(world)
    source: Any = world.place("paperless").live.source
    changes = source.changes

    async def after_a_lookup(mark: Any) -> Any:
        await world.engine.lookup("paperless", Key("movie", "7"))
        app.put(replace(movie(7), title="Film VII"))
        return await changes(mark)

    monkeypatch.setattr(source, "changes", after_a_lookup, raising=False)
    await world.scan("paperless")
    await world.settle(0.0)
    assert await title(world, "7") == "Film VII"


async def test_a_lookup_that_is_older_than_the_list_takes_nothing_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await paperless(world)
    source: Any = world.place("paperless").live.source
    lookup = source.lookup
    scans: list[asyncio.Task[Any]] = []

    async def slow(key: Key) -> Any:
        answer = await lookup(key)
        if key == Key("movie", "7") and not scans:
            app.put(replace(movie(7), title="Film VII"))
            before = await world.rows("SELECT scanned FROM source")
            scans.append(asyncio.create_task(world.scan("paperless")))
            while await world.rows("SELECT scanned FROM source") == before:
                await asyncio.sleep(0.001)
        return answer

    monkeypatch.setattr(source, "lookup", slow, raising=False)
    await world.engine.lookup("paperless", Key("movie", "7"))
    await asyncio.gather(*scans)
    assert await title(world, "7") == "Film VII"
    assert await world.rows("SELECT * FROM work") == []


async def test_what_changed_between_two_readings_is_read_next_time(world: World) -> None:
    """Many are missing, so the list is read twice; the first reading is what is staged."""
    app = await paperless(world, count=400, max_gone=0.9)
    app.remove(*(Key("movie", str(n)) for n in range(1, 251)))
    readings = []

    def change(_: int) -> None:
        readings.append(1)
        if len(readings) == 2:
            app.put(replace(movie(300), title="Film CCC"))

    app.on_page = change
    await world.scan_and_settle("paperless")
    assert len(readings) == 2
    await world.scan("paperless")
    assert await title(world, "300") == "Film CCC"


async def test_a_hold_that_events_made_is_read_in_full_too(world: World) -> None:
    app = await paperless(world)
    app.remove(*(Key("movie", str(n)) for n in range(1, 11)))
    for n in range(1, 11):
        await world.tell("paperless", op="deleted", kind="movie", id=str(n), title=f"Film {n}")
    await world.settle()
    assert await world.held() == 10
    await world.scan("paperless")
    assert marks(app) == ["None", "None"]


async def test_a_release_in_mid_scan_is_not_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held and released while a scan runs: that one read only what changed, so the next reads everything."""
    app = await paperless(world)
    source: Any = world.place("paperless").live.source
    changes = source.changes

    async def with_a_hold(mark: Any) -> Any:
        found = await changes(mark)
        if len(marks(app)) == 2:
            for n in range(1, 11):
                await world.tell("paperless", op="deleted", kind="movie", id=str(n), title=f"Film {n}")
            await world.settle()
            await world.release_all("paperless")
        return found

    monkeypatch.setattr(source, "changes", with_a_hold, raising=False)
    await world.scan("paperless")
    await world.scan("paperless")
    assert marks(app) == ["None", "40", "None"]
