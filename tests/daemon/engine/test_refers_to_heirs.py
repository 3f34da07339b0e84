"""What refers to items by their keys refers to them still when their app gave them others."""

import pytest
from tests.daemon.engine.conftest import World, movie, policy
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Policy, Step, Verb, When
from reconciled.model import Item, Key, Ref

RECORD = Item(
    Key("request", "40"),
    "a record of two films",
    frozenset({Ref("jellyfin:movie", "1"), Ref("jellyfin:movie", "2")}),
    attrs={"tags": []},
    refers=True,
)
GONE = policy("forget", Step(Verb.DELETE, "requests"))
ORPHAN = policy("o", Step(Verb.DELETE, "requests"), when=When.ORPHAN, sources=frozenset({"requests"}))


@pytest.mark.parametrize("one", [GONE, ORPHAN], ids=["gone", "orphan"])
@pytest.mark.parametrize("stands", [True, False], ids=["stands", "gone too"])
async def test_what_came_back_under_another_key_keeps_what_refers_to_it(
    world: World, one: Policy, stands: bool
) -> None:
    """Jellyfin tells that film 1 is gone, and later shows it under another key; then film 2 is deleted."""
    apps = await a_house(world)
    apps["radarr"].remove(Key("movie", "801"), Key("movie", "802"))
    await world.scan_and_settle("radarr")
    apps["requests"].put(RECORD)
    await world.scan("requests")
    await lose(world, 1)
    assert "jellyfin movie 1 entry" in await world.graves()
    apps["jellyfin"].put(movie(1, key="n1", path="/films/1 better.mkv", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    assert "jellyfin movie 1 entry" not in await world.graves()
    await world.decide(one)
    if not stands:
        apps["jellyfin"].remove(Key("movie", "n1"))
        await world.scan_and_settle("jellyfin")
    await lose(world, 2)
    await world.engine.perform("orphans", "requests", asked_by="a test")
    await world.pass_time(3 * GRACE)
    assert ("request 40" in [act[1] for act in apps["requests"].acts]) is not stands
