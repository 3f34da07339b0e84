"""What a person said of two items stays said when an app gives one of them another key."""

import pytest
from tests.daemon.engine.conftest import World, movie, policy
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Agree, Step, Verb
from reconciled.engine.said import Named, link
from reconciled.model import Key

OLD, NEW = Named("jellyfin", Key("movie", "1")), Named("jellyfin", Key("movie", "n1"))
ENTRY = Named("radarr", Key("movie", "801"))


async def upgraded(world: World, *, webhook_first: bool) -> None:
    """Jellyfin gives a film that got a better file another key, and may be late with the new one."""
    jellyfin = world.apps["jellyfin"]
    jellyfin.remove(OLD.key)
    if webhook_first:
        await world.tell("jellyfin", op="deleted", kind="movie", id="1")
        await world.settle()
        assert await world.graves() == ["jellyfin movie 1 entry"]
    jellyfin.put(movie(1, key="n1", path="/films/1 better.mkv", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    assert await world.graves() == []


@pytest.mark.parametrize("webhook_first", [False, True])
async def test_apart_stays_apart_after_an_upgrade(world: World, webhook_first: bool) -> None:
    apps = await a_house(world)
    await world.decide(policy("rest", Step(Verb.UNMONITOR, "radarr"), agree=Agree.NONE))
    await link(world.engine, OLD, ENTRY, same=False, by="owner")
    await upgraded(world, webhook_first=webhook_first)
    apps["jellyfin"].remove(NEW.key)
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * GRACE)
    assert await world.graves() == ["jellyfin movie n1 entry"]
    assert apps["radarr"].acts == []


async def test_what_was_said_of_the_new_key_holds_when_the_old_one_is_found_replaced(world: World) -> None:
    """The new key is known before the old one is judged, and somebody says something of it meanwhile."""
    apps = await a_house(world)
    await world.decide(policy("rest", Step(Verb.UNMONITOR, "radarr"), agree=Agree.NONE))
    apps["jellyfin"].put(movie(1, key="n1", path="/films/1 better.mkv", attrs={"tags": []}))
    await world.tell("jellyfin", op="changed", kind="movie", id="n1")
    await world.settle(0)
    await link(world.engine, NEW, ENTRY, same=False, by="owner")
    await lose(world)
    assert (await world.presence("jellyfin")).get("movie n1") == "present"
    assert "movie 1" not in await world.presence("jellyfin")
    apps["jellyfin"].remove(NEW.key)
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * GRACE)
    assert await world.graves() == ["jellyfin movie n1 entry"]
    assert apps["radarr"].acts == []
