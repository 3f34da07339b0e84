"""Killed, cut off, answered oddly: nothing destructive happens twice, and nothing wanted is forgotten."""

import asyncio
import contextlib
import json

import pytest
from tests.daemon.engine.conftest import Crash, World, a_root, movie, policy
from tests.daemon.engine.test_outbox import GRACE, a_house, lose
from tests.patience import PATIENCE

from reconciled.config import Agree, Mode, Step, Verb
from reconciled.engine.outbox.by_hand import CannotAct, DryRun, Order, order
from reconciled.engine.outbox.undo import plan, undo
from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unreachable
from reconciled.model import Key, Root

MOMENTS = ["before sending", "sending committed", "called", "done committed"]


async def until_crash(world: World, seconds: float) -> None:
    """Let time pass until the process dies."""
    for _ in range(int(seconds / 60)):
        await world.pass_time(60)
        if world.moments and world.moments[-1] == world.crash_at:
            return
    raise AssertionError(f"it did not get to {world.crash_at!r}: {world.moments}, {await world.reasons()}")


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_kill_at_each_moment_repeats_nothing(world: World, moment: str) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    world.crash_at = moment
    with contextlib.suppress(Crash):
        await until_crash(world, GRACE + 300)
    await world.restart()
    await world.pass_time(900)
    assert apps["requests"].acts == [("delete", "request 17", "files=False", "exclude=False")]
    assert await world.actions() == ["done delete requests request 17"]
    assert (await world.presence("requests"))["request 17"] == "gone"


async def test_after_a_kill_the_call_s_timeout_is_waited_for(world: World) -> None:
    """The app may still be at it: Radarr answers a DELETE only when its webhooks were answered."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    world.crash_at = "sending committed"
    with contextlib.suppress(Crash):
        await until_crash(world, GRACE + 300)
    await world.restart()
    before = len([asked for asked in apps["requests"].asked if asked == ("lookup", "request 17")])
    await world.pass_time(60)
    after = len([asked for asked in apps["requests"].asked if asked == ("lookup", "request 17")])
    assert after == before
    assert await world.actions() == ["sending delete requests request 17"]
    await world.pass_time(240)
    assert await world.actions() == ["done delete requests request 17"]


TROUBLE: dict[str, tuple[SourceError, bool, str, int]] = {
    "cut off, and it took effect": (Unreachable("requests: no answer within 120 s"), True, "done", 1),
    "cut off, without effect": (Unreachable("requests: no answer within 120 s"), False, "done", 1),
    "500, and it took effect": (BadResponse("requests: 500"), True, "done", 1),
    "429": (RateLimited("requests: 429", 30.0), False, "done", 1),
    "refused": (Refused("requests: 409: it is locked"), False, "refused", 0),
    "our key was refused": (Unauthorized("requests: 401"), False, "done", 1),
}


@pytest.mark.parametrize("case", TROUBLE)
async def test_a_call_without_a_plain_answer(world: World, case: str) -> None:
    error, effect, end, times = TROUBLE[case]
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    apps["requests"].act_trouble, apps["requests"].act_effect = error, effect
    await world.pass_time(GRACE + 60)
    apps["requests"].act_trouble = None
    await world.engine.probe("requests")
    await world.pass_time(1800)
    assert await world.actions() == [f"{end} delete requests request 17"]
    assert len(apps["requests"].acts) == times


async def test_a_call_of_long_ago_is_not_given_up_at_the_first_odd_answer(world: World) -> None:
    """Killed in the call, and the box was off for days: the app has just started, too."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    world.crash_at = "called"
    with contextlib.suppress(Crash):
        await until_crash(world, GRACE + 300)
    world.clock.advance(5 * 86400)
    await world.restart()
    apps["requests"].trouble = BadResponse("requests: 500, it is starting")
    await world.turn()
    apps["requests"].trouble = None
    await world.pass_time(900)
    assert await world.actions() == ["done delete requests request 17"]
    assert len(apps["requests"].acts) == 1


async def test_a_loss_after_a_call_that_nobody_knows_of_is_our_own(world: World) -> None:
    """Cut off, and no plain answer for days: then the film turns out to be gone from Radarr."""
    apps = await a_house(world)
    radarr = apps["radarr"]
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE), follow)

    async def deny(_: tuple[str, ...]) -> None:
        radarr.deny = lambda _: True

    radarr.during_act, radarr.act_trouble, radarr.act_effect = deny, BadResponse("radarr: 500"), True
    await lose(world)
    await world.pass_time(GRACE + 120)
    await world.pass_time(3 * 86400, step=3600)
    assert await world.actions() == ["failed delete radarr movie 801"]
    radarr.deny = lambda _: False
    await world.scan_and_settle("radarr")
    await world.pass_time(2 * GRACE)
    assert (await world.presence("radarr"))["movie 801"] == "gone"
    assert apps["requests"].acts == []


async def test_a_call_that_never_has_an_effect_fails_in_the_end(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    apps["requests"].act_trouble = BadResponse("requests: 500: database is locked")
    await world.pass_time(GRACE + 4 * 3600)
    assert await world.actions() == ["failed delete requests request 17"]
    assert "database is locked" in (await world.reasons())[0]
    calls = [asked for asked in apps["requests"].asked if asked[0] == "delete"]
    assert len(calls) == 5


async def test_the_echo_of_our_own_delete_comes_inside_the_call(world: World) -> None:
    apps = await a_house(world)
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE), follow)

    async def echo(what: tuple[str, ...]) -> None:
        await world.tell("radarr", op="deleted", kind="movie", id="801", title="Film 1", own_act=True)

    apps["radarr"].during_act = echo
    await lose(world)
    await world.pass_time(2 * GRACE)
    assert len(apps["radarr"].acts) == 1
    assert apps["requests"].acts == []
    (grave,) = await world.rows("SELECT * FROM tombstone WHERE source = 'radarr'")
    told = await world.rows("SELECT cause FROM evidence WHERE tombstone_id = ? ORDER BY seq", grave["id"])
    assert told[0]["cause"] == "reconciled"


async def test_files_go_only_where_the_root_is_as_it_was(world: World) -> None:
    apps = await a_house(world)
    apps["radarr"].roots = {"/films": a_root()}
    await world.scan("radarr")
    await world.decide(policy("forget", Step(Verb.DELETE, "radarr", files=True), agree=Agree.NONE))
    await lose(world)
    for odd in (
        a_root(accessible=False), a_root(empty=True), a_root(device="/dev/other"), a_root(size=10**9),
    ):  # fmt: skip
        apps["radarr"].roots = {"/films": odd}
        await world.pass_time(GRACE)
        assert apps["radarr"].acts == [], odd
    apps["radarr"].roots = {}
    await world.pass_time(GRACE)
    assert apps["radarr"].acts == []
    apps["radarr"].roots = {"/films": Root("/films", True, False, "/dev/a", 10**12)}
    await world.pass_time(2 * 3600)
    assert apps["radarr"].acts == [("delete", "movie 801", "files=True", "exclude=False")]


async def test_by_hand_in_several_apps_and_policies_leave_them_alone(world: World) -> None:
    apps = await a_house(world, has_file=True)
    watch = policy("follow", Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "radarr"), agree=Agree.NONE)
    await world.decide(watch)
    wanted = Order(Verb.DELETE, "jellyfin", Key("movie", "1"), also=("radarr",), files=True)
    apps["jellyfin"].roots = apps["radarr"].roots = {"/films": a_root()}
    for name in ("jellyfin", "radarr"):
        await world.scan(name)
    rows = await order(world.outbox, wanted, by="owner")
    assert [row.target for row in rows] == ["jellyfin", "radarr"]
    await world.turn()
    assert len(apps["jellyfin"].acts) == len(apps["radarr"].acts) == 1
    await world.settle()
    await world.pass_time(GRACE + 600)
    assert [act[0] for act in apps["radarr"].acts] == ["delete"]
    assert [act[1] for act in apps["requests"].acts] == ["request 17"]
    (story,) = await world.rows("SELECT DISTINCT story_id FROM tombstone WHERE source = 'jellyfin'")
    assert await world.cause(story["story_id"]) == "dashboard"
    told = await world.rows("SELECT actor FROM evidence WHERE cause = 'dashboard'")
    assert {row["actor"] for row in told} == {"owner"}


async def test_by_hand_nothing_goes_out_in_dry_run(world: World) -> None:
    await a_house(world)
    await world.decide(mode=Mode.DRY_RUN)
    with pytest.raises(DryRun):
        await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "801")), by="owner")
    assert await world.actions() == []


IMPOSSIBLE = {
    "no such item": Order(Verb.DELETE, "radarr", Key("movie", "4711")),
    "no such source": Order(Verb.DELETE, "nowhere", Key("movie", "1")),
    "nothing of it there": Order(Verb.DELETE, "radarr", Key("movie", "805"), also=("requests",)),
    "a tag without a label": Order(Verb.TAG, "radarr", Key("movie", "801")),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
async def test_by_hand_what_cannot_be_done_is_said(world: World, case: str) -> None:
    await a_house(world)
    await world.decide(mode=Mode.ASK)
    with pytest.raises(CannotAct):
        await order(world.outbox, IMPOSSIBLE[case], by="owner")
    assert await world.actions() == []


async def test_by_hand_another_thing_under_the_id_is_left_alone(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    apps["radarr"].put(movie(555, key="801", attrs={"monitored": True, "tags": []}))
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "801")), by="owner")
    await world.turn()
    assert apps["radarr"].acts == []
    assert await world.actions() == ["dropped delete radarr movie 801"]
    assert "another thing" in (await world.reasons())[0]


async def test_a_tag_is_put_on_and_taken_off_again(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    (row,) = await order(
        world.outbox, Order(Verb.TAG, "radarr", Key("movie", "801"), label="keep"), by="owner"
    )
    await world.turn()
    assert apps["radarr"].items[Key("movie", "801")].attrs["tags"] == ["keep"]
    planned = await plan(world.outbox, row.id)
    assert planned.possible
    assert "take the tag keep off" in planned.sentence
    await undo(world.outbox, row.id, by="owner")
    await world.turn()
    assert apps["radarr"].items[Key("movie", "801")].attrs["tags"] == []
    assert await world.actions() == ["undone tag radarr movie 801", "done untag radarr movie 801"]


async def test_a_delete_keeps_its_image(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await world.turn()
    assert len(apps["radarr"].acts) == 1
    (found,) = await world.rows("SELECT before FROM action")
    assert json.loads(found["before"])["record"] == {"captured": "Film 2"}


async def test_restored_by_hand(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    await world.turn()
    await world.settle()
    assert (await world.presence("requests"))["request 17"] == "gone"
    await order(world.outbox, Order(Verb.RESTORE, "requests", Key("request", "17")), by="owner")
    await world.turn()
    await world.settle()
    assert Key("request", "17") in apps["requests"].items
    assert (await world.presence("requests"))["request 17"] == "present"


async def test_a_hanging_target_delays_no_other(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    stuck = asyncio.Event()

    async def hang(what: tuple[str, ...]) -> None:
        await stuck.wait()

    apps["radarr"].during_act = hang
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await world.outbox.step()
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    async with asyncio.timeout(PATIENCE):
        while not apps["requests"].acts:
            await world.outbox.step()
            await asyncio.sleep(0.002)
    stuck.set()
    await world.outbox.work_once()
    assert await world.actions("done") == ["done delete radarr movie 802", "done delete requests request 17"]
