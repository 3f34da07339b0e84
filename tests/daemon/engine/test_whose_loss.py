"""An act of ours, an answer and a person's word each speak for the loss they were about, and no other."""

from dataclasses import replace

from tests.daemon.engine.conftest import World, movie

from reconciled.config import Mode, Verb
from reconciled.engine.attribution import attribute
from reconciled.engine.outbox import by_hand
from reconciled.engine.outbox.by_hand import Order
from reconciled.ledger import tombstones
from reconciled.model import Key, Ref

THIRD = Key("movie", "3")


async def radarr_with_films(world: World) -> None:
    await world.follow("radarr")
    world.apps["radarr"].put(*(movie(n) for n in range(1, 10)))
    await world.scan("radarr")


async def test_what_came_back_since_our_delete_was_deleted_by_somebody_else(world: World) -> None:
    await radarr_with_films(world)
    await world.decide(mode=Mode.ACT)
    await by_hand.order(world.outbox, Order(Verb.DELETE, "radarr", THIRD), by="owner")
    await world.outbox.work_once()
    await world.settle()
    world.apps["radarr"].put(movie(3))
    await world.scan("radarr")
    world.clock.advance(86400 * 3)
    world.apps["radarr"].remove(THIRD)
    await world.tell("radarr", op="deleted", kind="movie", id="3", title="Film 3", actor="anna", own_act=True)
    await world.settle()
    stones = await world.rows("SELECT id, story_id FROM tombstone ORDER BY id")
    evidence = await world.ledger.read(tombstones.of_story, stones[-1]["story_id"])
    found = attribute([one for one in evidence if one.stone == stones[-1]["id"]], title="Film 3")
    assert (found.cause, found.actor) == ("radarr", "anna")


async def test_an_answer_about_another_thing_shows_nothing_of_this_one(world: World) -> None:
    await radarr_with_films(world)
    other = replace(movie(3), refs=frozenset({Ref("tmdb:movie", "999")}), path="/other", title="Other")
    world.apps["radarr"].put(other)
    await world.tell("radarr", op="changed", kind="movie", id="3")
    await world.settle(0)
    assert [row["verdict"] for row in await world.rows("SELECT verdict FROM answer")] == ["unknown"]


async def test_a_word_about_another_thing_under_the_key_names_nobody_for_this_one(world: World) -> None:
    """Film 3 went, nobody said how; its number was given to another film, which anna deleted at once."""
    await radarr_with_films(world)
    world.apps["radarr"].remove(THIRD)
    await world.scan("radarr")
    await world.settle()
    assert len(await world.rows("SELECT id FROM tombstone")) == 1
    await world.tell(
        "radarr", op="deleted", kind="movie", id="3", title="Other", actor="anna", refs=["tmdb:movie/999"],
        own_act=True,
    )  # fmt: skip
    await world.settle()
    (stone,) = await world.rows("SELECT story_id FROM tombstone")
    evidence = await world.ledger.read(tombstones.of_story, stone["story_id"])
    assert attribute(evidence, title="Film 3").cause == "external"
