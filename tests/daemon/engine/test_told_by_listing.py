"""A listing that says itself what its app deleted (a trash, a flag): a hint with a cause, and no proof."""

from typing import Any

import pytest

from reconciled.model import Absent, Key

IN_THE_TRASH = Absent("in the trash", actor="anna")


@pytest.fixture
async def app(world: Any, film: Any) -> Any:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    return app


def keys(count: int) -> list[Key]:
    return [Key("movie", str(n)) for n in range(1, count + 1)]


async def test_what_the_app_says_it_deleted_is_not_counted(world: Any, app: Any) -> None:
    app.remove(*keys(40))
    app.told_deleted = dict.fromkeys(keys(40), IN_THE_TRASH)
    run = await world.scan("radarr")
    await world.settle()
    assert run["state"] == "complete"
    assert await world.rows("SELECT * FROM hold") == []
    assert len(await world.graves()) == 40
    causes = await world.rows("SELECT DISTINCT cause, actor FROM evidence WHERE cause IS NOT NULL")
    assert [(row["cause"], row["actor"]) for row in causes] == [("radarr", "anna")]


async def test_without_its_word_as_many_are_held(world: Any, app: Any) -> None:
    app.remove(*keys(40))
    app.told_deleted = dict.fromkeys(keys(5), IN_THE_TRASH)
    await world.scan("radarr")
    await world.settle()
    assert len(await world.rows("SELECT * FROM hold")) == 1
    assert len(await world.graves()) == 5


async def test_its_word_alone_is_no_loss(world: Any, app: Any) -> None:
    """Listed, or present when asked: then nothing was lost, whatever the trash says."""
    app.told_deleted = dict.fromkeys(keys(40), IN_THE_TRASH)
    await world.scan("radarr")
    app.unlisted = set(keys(3))
    await world.scan("radarr")
    await world.settle()
    assert await world.graves() == []
    await world.settle(600)
    assert len(await world.presence("radarr")) == 100


async def test_another_world_may_say_what_it_likes(world: Any, app: Any) -> None:
    app.instance = "another"
    app.remove(*keys(99))
    app.told_deleted = dict.fromkeys(keys(99), IN_THE_TRASH)
    await world.scan("radarr")
    await world.settle()
    assert await world.graves() == []
    assert len(await world.rows("SELECT * FROM hold")) == 1
