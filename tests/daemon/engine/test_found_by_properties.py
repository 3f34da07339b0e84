"""What the properties and the quiet year found wrong once, each by itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, a_root, movie, policy, request, series
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Step, Verb
from reconciled.engine.watch import BUSY, Watch
from reconciled.ledger import sources
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp


async def shelf(world: World, **more: Any) -> ModelApp:
    """Twelve films on one disk, known."""
    app = await world.follow("jellyfin", **more)
    app.roots = {"/films": a_root()}
    app.put(*(movie(n) for n in range(1, 13)))
    await world.scan("jellyfin")
    return app


async def test_a_disk_that_went_away_after_the_last_probe_takes_nothing_with_it(world: World) -> None:
    """A probe half a minute ago saw the disk; now the app truthfully holds nothing of it."""
    app = await shelf(world)
    app.put(movie(20, root="/other"))
    await world.scan("jellyfin")
    await world.tell("jellyfin", op="deleted", kind="movie", id="7", title="Film 7")
    world.clock.advance(30)
    app.roots = {"/films": a_root(empty=True)}
    app.items = {key: item for key, item in app.items.items() if item.root == "/other"}
    await world.settle(0)
    await world.settle(3600)
    assert await world.tombstones() == []
    assert [hold["reason"] for hold in await world.holds()] == ["root"]


def take_the_disk(app: ModelApp) -> None:
    app.roots = {"/films": a_root(empty=True)}


def restore_the_disk(app: ModelApp) -> None:
    app.roots = {"/films": a_root()}


def be_another(app: ModelApp) -> None:
    app.instance = "two"


def be_itself(app: ModelApp) -> None:
    app.instance = "one"


@pytest.mark.parametrize(
    ("what", "harm", "mend"),
    [("file", take_the_disk, restore_the_disk), ("entry", be_another, be_itself)],
    ids=["a disk goes away", "another app answers"],
)
async def test_a_loss_that_needs_no_yes_is_not_believed_on_an_older_view(
    world: World, what: str, harm: Callable[[ModelApp], None], mend: Callable[[ModelApp], None]
) -> None:
    """A person believes it after a day without a yes; since the last probe the world is another one."""
    app = await world.follow("radarr")
    app.roots = {"/films": a_root()}
    app.put(movie(1))
    await world.scan("radarr")
    app.put(movie(1, has_file=False))
    if what == "entry":
        app.items.clear()
    await world.scan("radarr")
    for _ in range(12):
        await world.settle(3 * 3600)
    assert [hold["reason"] for hold in await world.holds()] == ["no_yes"]
    await world.engine.probe("radarr")
    world.clock.advance(30)
    harm(app)
    await world.release_all("radarr")
    await world.settle(0)
    assert await world.graves() == []
    mend(app)
    await world.settle(3600)
    assert await world.graves() == [f"radarr movie 1 {what}"]


async def test_a_file_below_a_disk_that_just_went_away_is_no_agreement(world: World) -> None:
    """Radarr's disk goes away between its last probe and the last look before an act."""
    apps = await a_house(world)
    apps["radarr"].roots = {"/films": a_root()}
    await world.scan("radarr")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE - 120)
    film = apps["radarr"].items[Key("movie", "801")]
    assert film.has_file is False
    apps["radarr"].roots = {"/films": a_root(accessible=False)}
    await world.pass_time(1200)
    assert apps["requests"].acts == []


async def test_busy_is_counted_anew_when_nobody_asked_for_an_hour(world: World) -> None:
    """A library is read at noon and again in the evening; in between nobody looked."""
    app = await shelf(world)
    app.busy = True
    await world.scan("jellyfin")
    app.busy = False
    world.clock.advance(6 * 3600)
    app.busy = True
    film = app.items.pop(Key("movie", "7"))
    await world.scan("jellyfin")
    await world.settle(60)
    assert await world.tombstones() == []
    app.put(film)
    app.busy = False
    await world.settle(60)
    assert await world.tombstones() == []
    assert await world.suspects() == 0


async def test_what_no_scan_has_listed_vouches_for_nothing(world: World) -> None:
    """Another database behind the same address; people go on adding films there, and it tells of them."""
    app = await shelf(world)
    app.items = {Key("movie", "900"): movie(900, key="900")}
    await world.tell("jellyfin", op="changed", kind="movie", id="900")
    await world.settle(20)
    assert (await world.presence("jellyfin"))["movie 900"] == "present"
    await world.tell("jellyfin", op="deleted", kind="movie", id="7", title="Film 7")
    await world.settle(20)
    await world.settle(3600)
    assert await world.tombstones() == []


async def test_a_grace_is_never_shorter_than_it_says(world: World) -> None:
    """The first good answer after a loss also counts time before it; that is none of the grace."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await world.pass_time(60)
    world.clock.advance(300)
    await lose(world)
    (found,) = await world.rows("SELECT opened_at FROM finding WHERE losing = 'jellyfin' AND code = 'gone'")
    began = world.clock.monotonic()
    while not apps["requests"].acts:
        assert world.clock.monotonic() - began < GRACE + 1800, await world.reasons()
        await world.pass_time(30, step=30)
    assert world.clock.monotonic() - began >= GRACE, found


async def test_what_was_asked_for_while_the_loss_was_held_is_left_alone(world: World) -> None:
    """The proof comes days after the loss was noticed; who asked again meanwhile wants the film."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    films = [key for key in apps["jellyfin"].items if key.kind == "movie"]
    apps["jellyfin"].remove(*films)
    await world.scan("jellyfin")
    (hold,) = await world.holds()
    apps["requests"].put(request(99, of=1))
    await world.scan("requests")
    for key in films[1:]:
        apps["jellyfin"].put(movie(int(key.id), attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    assert hold["reason"] == "many"
    await world.release_all("jellyfin")
    await world.settle()
    for key, item in list(apps["radarr"].items.items()):
        apps["radarr"].put(replace(item, key=key, has_file=False))
    await world.scan_and_settle("radarr")
    await world.release_all("radarr")
    await world.pass_time(GRACE + 1800)
    assert [act[1] for act in apps["requests"].acts] == ["request 17"]


async def test_a_watched_app_is_asked_for_all_kinds_in_one_request(world: World) -> None:
    """A grace of twelve hours costs 480 requests, however many kinds wait for it."""
    app = await shelf(world, many=True)
    app.roots |= {"/tv": a_root("/tv")}
    app.put(*(series(n) for n in range(1, 4)))
    await world.scan("jellyfin")
    for kind in ("movie", "series"):
        await world.tell("jellyfin", op="deleted", kind=kind, id="1", title="It", settle=7200.0)
    live = world.place("jellyfin").live
    world.clock.advance(BUSY)
    before = len(app.asked)
    await Watch(live, world.ledger).look_once()
    assert [asked[0] for asked in app.asked[before:]] == ["lookup_many"]
    assert len(app.asked[before]) == 3
    assert live.watched.silence == 0


async def test_what_waits_for_agreement_alone_needs_no_watch(world: World) -> None:
    """Its grace is over; Radarr may keep its file for a month."""
    await a_house(world, has_file=True)
    await world.decide(policy())
    await lose(world)
    await world.turn()
    live = world.place("jellyfin").live
    assert await world.ledger.read(sources.awaited_kinds, live.id, "jellyfin")
    await world.pass_time(GRACE + 600)
    assert await world.actions() == [
        "planned delete requests request 17",
        "planned unmonitor radarr movie 801",
    ]
    assert not await world.ledger.read(sources.awaited_kinds, live.id, "jellyfin")
