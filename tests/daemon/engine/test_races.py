"""What is learnt while a question or a listing is under way is newer than its answer."""

from dataclasses import replace
from typing import Any

from reconciled.model import Key


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
