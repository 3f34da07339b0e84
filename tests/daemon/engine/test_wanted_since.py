"""Only what stood there as the lost thing when the loss was noticed is acted on: later things are wanted."""

from tests.daemon.engine.conftest import World, policy
from tests.daemon.engine.test_outbox import GRACE, a_house

from reconciled.config import Step, Verb
from reconciled.model import Key

FROM_RADARR = policy("forget", Step(Verb.DELETE, "jellyfin"), sources=frozenset({"radarr"}))


async def lose_first_in_both(world: World) -> None:
    """Film 1 goes from Jellyfin and then from Radarr; nothing of it is left to be deleted."""
    for name, key in (("jellyfin", "1"), ("radarr", "801")):
        world.apps[name].remove(Key("movie", key))
        await world.scan_and_settle(name)
    await world.pass_time(3 * GRACE)
    assert world.apps["jellyfin"].acts == []


async def test_what_was_put_back_after_the_loss_is_not_deleted(world: World) -> None:
    """Jellyfin names a film by its path: one that somebody puts back stands under the key that it had."""
    apps = await a_house(world)
    await world.decide(FROM_RADARR)
    film = apps["jellyfin"].items[Key("movie", "1")]
    await lose_first_in_both(world)
    apps["jellyfin"].put(film)
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * 3600)  # all is derived anew each hour
    assert apps["jellyfin"].acts == []
    assert (await world.presence("jellyfin"))["movie 1"] == "present"


async def test_a_return_before_the_loss_changes_nothing(world: World) -> None:
    apps = await a_house(world)
    await world.decide(FROM_RADARR)
    film = apps["jellyfin"].items[Key("movie", "1")]
    apps["jellyfin"].remove(film.key)
    await world.scan_and_settle("jellyfin")
    apps["jellyfin"].put(film)
    await world.scan_and_settle("jellyfin")
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    await world.pass_time(2 * GRACE)
    assert [act[:2] for act in apps["jellyfin"].acts] == [("delete", "movie 1")]
