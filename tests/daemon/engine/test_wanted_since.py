"""Only what stood there as the lost thing when the loss was noticed is acted on: later things are wanted."""

from dataclasses import replace

import pytest
from tests.daemon.engine.conftest import World, movie, policy
from tests.daemon.engine.test_outbox import GRACE, a_house

from reconciled.config import Step, Verb
from reconciled.model import Key, Ref

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


@pytest.mark.parametrize(
    "before",
    [movie(5).refs, frozenset({Ref("tmdb:movie", "5"), Ref("imdb", "tt1")}), frozenset()],
    ids=["another film", "half another film", "nothing"],
)
async def test_what_is_named_as_the_lost_thing_after_the_loss_is_not_deleted(
    world: World, before: frozenset[Ref]
) -> None:
    """A refresh of metadata takes film 5 for film 1, which is long gone: its file is not film 1's."""
    apps = await a_house(world)
    five = apps["jellyfin"].items[Key("movie", "5")]
    apps["jellyfin"].put(replace(five, refs=before))
    await world.scan_and_settle("jellyfin")
    await world.decide(FROM_RADARR)
    await lose_first_in_both(world)
    apps["jellyfin"].put(replace(five, refs=movie(1).refs))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * 3600)
    assert apps["jellyfin"].acts == []


async def test_what_an_app_says_beside_an_identity_makes_it_no_newcomer(world: World) -> None:
    apps = await a_house(world)
    film = apps["jellyfin"].items[Key("movie", "1")]
    apps["jellyfin"].put(replace(film, refs=frozenset({Ref("tmdb:movie", "1")})))
    await world.scan_and_settle("jellyfin")
    await world.decide(FROM_RADARR)
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    apps["jellyfin"].put(film)
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * GRACE)
    assert [act[:2] for act in apps["jellyfin"].acts] == [("delete", "movie 1")]


async def test_a_lost_file_is_not_that_of_what_its_entry_is_named_since(world: World) -> None:
    """Film 6 lost its file; then its entry is corrected to film 99, of which nobody lost anything."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"})))
    apps["jellyfin"].remove(Key("movie", "6"))
    await world.scan_and_settle("jellyfin")
    six = replace(apps["radarr"].items[Key("movie", "806")], has_file=False)
    apps["radarr"].put(six)
    await world.scan_and_settle("radarr")
    await world.pass_time(120)
    assert await world.graves() == ["jellyfin movie 6 entry", "radarr movie 806 file"]
    apps["radarr"].put(replace(six, refs=movie(99).refs))  # request 19 is for film 99
    await world.scan_and_settle("radarr")
    await world.pass_time(2 * 3600)
    assert apps["requests"].acts == []
