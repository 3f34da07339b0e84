"""A release is a word on what was shown: these items, this reason, this world, and nothing else."""

from typing import Any

import pytest
from tests.daemon.engine.conftest import World, a_root, movie

from reconciled.errors import Unreachable
from reconciled.ledger import items
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp


async def a_hold(world: World) -> tuple[ModelApp, int, int]:
    """40 of 100 films are missed. Returns the app, the hold, and what a page that shows it says of now."""
    app = await world.follow("radarr")
    app.roots["/films"] = a_root()
    app.put(*(movie(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.remove(*(Key("movie", str(n)) for n in range(1, 41)))
    await world.scan_and_settle("radarr")
    (hold,) = await world.holds()
    assert hold["reason"] == "many"
    return app, hold["id"], await world.ledger.read(items.current_seq)


async def test_a_page_that_spoke_of_too_many_believes_no_other_installation(world: World) -> None:
    """While the page is open an older copy answers; its button says nothing of that."""
    app, hold, shown = await a_hold(world)
    app.instance = "two"
    app.remove(*(Key("movie", str(n)) for n in range(41, 61)))
    await world.scan("radarr")
    assert await world.engine.release("radarr", hold, shown=shown) == 0
    await world.scan_and_settle("radarr")
    assert await world.graves() == []
    (now,) = await world.holds()
    assert (now["reason"], await world.held()) == ("instance", 60)
    shown = await world.ledger.read(items.current_seq)
    assert await world.engine.release("radarr", hold, shown=shown) == 60
    await world.scan_and_settle("radarr")
    assert len(await world.graves()) == 60


async def test_a_page_of_which_all_came_back_believes_no_other_disk(world: World) -> None:
    """What was shown is seen again; others joined since, whose disk nobody was asked about."""
    app, hold, _ = await a_hold(world)
    app.roots["/films"] = a_root(device="/dev/b")
    app.remove(Key("movie", "50"))
    await world.scan_and_settle("radarr")
    (now,) = await world.holds()
    assert now["reason"] == "root"
    shown = await world.ledger.read(items.current_seq)
    app.remove(*(Key("movie", str(n)) for n in range(61, 71)))
    await world.scan_and_settle("radarr")
    app.put(*(movie(n) for n in range(1, 61)))
    await world.scan_and_settle("radarr")
    assert await world.engine.release("radarr", hold, shown=shown) == 0
    app.put(*(movie(n) for n in range(61, 71)))
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    app.remove(Key("movie", "80"))
    await world.scan_and_settle("radarr")
    assert await world.graves() == []
    assert await world.held() == 1


@pytest.mark.parametrize(
    "away", [{"empty": True, "device": "/"}, {"accessible": False, "device": None, "size": None}]
)
async def test_a_release_while_the_disk_is_away_does_not_forget_which_disk_it_was(
    world: World, away: dict[str, Any]
) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = a_root()
    app.put(*(movie(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = a_root(**away)
    app.remove(Key("movie", "1"))
    await world.scan_and_settle("radarr")
    await world.release_all("radarr")
    await world.settle()
    assert await world.graves() == ["radarr movie 1 entry"]
    app.roots["/films"] = a_root(device="/dev/other")
    app.remove(Key("movie", "2"))
    await world.scan_and_settle("radarr")
    (hold,) = await world.holds()
    assert hold["sentence"].endswith("the root /films lies on /dev/other instead of /dev/a: not mounted?")
    app.put(movie(2))
    app.roots["/films"] = a_root()
    app.remove(Key("movie", "3"))
    await world.scan_and_settle("radarr")
    assert "radarr movie 3 entry" in await world.graves(), "the disk is back, as it was"


async def test_a_release_believes_the_disk_that_it_spoke_of(world: World) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = a_root()
    app.put(*(movie(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = a_root(device="/dev/b")
    app.remove(Key("movie", "1"))
    await world.scan_and_settle("radarr")
    await world.release_all("radarr")
    app.remove(Key("movie", "2"))
    await world.scan_and_settle("radarr")
    assert await world.graves() == ["radarr movie 1 entry", "radarr movie 2 entry"]


async def test_who_released_lost_files_said_nothing_of_the_entries(world: World) -> None:
    """Released while the app is away: what it denies when it is back is more than anybody was shown."""
    app = await world.follow("radarr")
    app.put(*(movie(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.put(*(movie(n, has_file=False) for n in range(1, 41)))
    await world.scan_and_settle("radarr")
    (hold,) = await world.holds()
    assert "would lose their files" in hold["sentence"]
    app.trouble = Unreachable("it restarts")
    await world.release_all("radarr")
    await world.settle()
    app.trouble = None
    app.remove(*(Key("movie", str(n)) for n in range(1, 41)))  # an older copy of its database
    await world.engine.probe("radarr")
    await world.settle(3600.0)
    assert [grave for grave in await world.graves() if grave.endswith("entry")] == []
    await world.scan_and_settle("radarr")
    assert [grave for grave in await world.graves() if grave.endswith("entry")] == []
    (hold,) = await world.holds()
    assert "would be gone, more than max_gone" in hold["sentence"]
    assert await world.held() == 40
    await world.release_all("radarr")
    await world.settle(3600.0)
    assert len(await world.graves()) == 40


async def test_what_is_worse_than_it_was_shown_is_shown_again(world: World) -> None:
    """A page shows that files would be lost; meanwhile an event says that one of the entries is gone."""
    app = await world.follow("radarr")
    app.put(*(movie(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.put(*(movie(n, has_file=False) for n in range(1, 41)))
    await world.scan_and_settle("radarr")
    (hold,) = await world.holds()
    shown = await world.ledger.read(items.current_seq)
    app.remove(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7")
    assert await world.engine.release("radarr", hold["id"], shown=shown) == 39
    await world.settle()
    assert "radarr movie 7 entry" not in await world.graves()
    assert await world.engine.release("radarr", hold["id"], shown=None) == 1
    await world.settle()
    assert "radarr movie 7 entry" in await world.graves()
