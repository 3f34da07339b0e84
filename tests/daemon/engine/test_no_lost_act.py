"""What is wanted is done in the end: nothing is stuck, forgotten or waiting for ever."""

import contextlib
from dataclasses import replace
from datetime import timedelta

from tests.daemon.engine.conftest import World, movie, policy, request
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Agree, KeepSettings, Mode, Step, Unless, Verb, When
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.engine.said import pause, resume, snooze
from reconciled.errors import RateLimited, SourceError, Unreachable
from reconciled.ledger import sources
from reconciled.ledger.connection import Tx
from reconciled.model import Key, What
from reconciled.runtime.housekeeping import tidy
from reconciled.testing.clock import ManualClock


async def test_a_paused_target_for_two_months(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await pause(world.engine, "requests", by="owner")
    await world.pass_time(GRACE + 300)
    await world.pass_time(60 * 86400, step=43200)
    await resume(world.engine, "requests")
    await world.pass_time(1200)
    assert len(apps["requests"].acts) == 1


async def test_a_long_grace_is_over_some_day(world: World) -> None:
    """`grace: 31d`: what waits for its grace does not wait for an agreement."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests"), grace=31 * 86400.0))
    await lose(world)
    await world.turn()
    for _ in range(32):  # 32 watched days
        world.clock.advance(86400)
        await world.ledger.write(lambda tx: sources.add_watched(tx, world.place("jellyfin").live.id, 86400.0))
        await world.turn()
    await world.scan("jellyfin")
    await world.pass_time(3600)
    assert len(apps["requests"].acts) == 1


async def test_a_target_in_doubt_at_the_moment_of_the_loss_is_not_forgotten(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    apps["requests"].unlisted = {Key("request", "17")}
    await world.engine.perform("scan", "requests", asked_by="x")  # unlisted: a suspect, settling
    await lose_now(world)
    await world.outbox.work_once()
    apps["requests"].unlisted = set()
    await world.scan_and_settle("requests")
    assert (await world.presence("requests"))["request 17"] == "present"
    await world.pass_time(GRACE + 1200)
    assert len(apps["requests"].acts) == 1


async def lose_now(world: World) -> None:
    """Jellyfin's loss is proved while the requests' worker did not look yet."""
    world.apps["jellyfin"].remove(Key("movie", "1"))
    await world.scan("jellyfin")
    world.clock.advance(20)
    await world.place("jellyfin").worker.work_once()
    assert "gone movie 1" in await world.findings()


async def test_a_tag_that_was_unreadable_once_stops_nothing_for_ever(world: World) -> None:
    apps = await a_house(world)
    await world.decide(
        policy("forget", Step(Verb.DELETE, "requests"), unless=Unless(tags=frozenset({"keep"})))
    )
    good = apps["requests"].items[Key("request", "17")]
    await lose(world)
    await world.pass_time(300)
    apps["requests"].put(replace(good, attrs={"tags": None}))
    await world.scan("requests")
    await world.pass_time(GRACE)
    apps["requests"].put(good)
    await world.scan("requests")
    await world.pass_time(3600 + GRACE)
    assert len(apps["requests"].acts) == 1


async def test_too_young_today_is_not_too_young_tomorrow(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"), unless=Unless(younger_than=86400.0))
    await world.decide(one)
    await lose(world)
    await world.pass_time(GRACE)
    assert apps["requests"].acts == []
    await world.pass_time(3 * 86400, step=600)
    before = list(apps["requests"].acts)
    await world.decide(one)  # a reload changes nothing of the policy
    await world.pass_time(GRACE)
    assert before == apps["requests"].acts, "what a reload does must not differ from what happens without it"


async def test_gone_that_turned_out_replaced_is_heard_by_a_policy_for_replaced(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("again", Step(Verb.TAG, "requests", label="again"), when=When.REPLACED))
    await lose(world)
    await world.turn()
    apps["jellyfin"].put(movie(1, key="1new", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    assert (await world.rows("SELECT code FROM finding ORDER BY id"))[0]["code"] == "replaced"
    await world.pass_time(3600 + GRACE)
    assert apps["requests"].acts == [("tag", "request 17", "again")]


async def test_a_policy_acts_on_the_losing_source_too(world: World) -> None:
    """The file went in Radarr: Radarr is to stop looking for it."""
    apps = await a_house(world, has_file=True)
    await world.decide(
        policy("rest", Step(Verb.UNMONITOR, "radarr"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    )
    apps["radarr"].put(replace(apps["radarr"].items[Key("movie", "801")], has_file=False))
    await world.scan_and_settle("radarr")
    await world.settle()
    assert "gone movie 801" in await world.findings()
    await world.pass_time(GRACE + 1200)
    assert apps["radarr"].acts == [("unmonitor", "movie 801")]


async def test_a_policy_can_restore_what_was_lost(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("back", Step(Verb.RESTORE, "jellyfin")))
    apps["jellyfin"].trash = {Key("movie", "1"): apps["jellyfin"].items[Key("movie", "1")]}
    await lose(world)
    await world.pass_time(GRACE)
    assert apps["jellyfin"].acts == [("restore", "movie 1")]


async def test_told_by_hand_is_about_this_loss(world: World) -> None:
    """An old request was deleted by hand; a new one for the same film is no part of that order."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    await world.turn()
    await world.settle()
    world.clock.advance(40 * 86400)
    apps["requests"].put(request(77, of=1))
    await world.scan("requests")
    await lose(world)
    await world.pass_time(GRACE + 1200)
    assert [a[1] for a in apps["requests"].acts] == ["request 17", "request 77"]


async def test_grace_is_not_watched_while_a_stranger_answers(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(60)
    (before,) = await world.rows("SELECT watched FROM source WHERE name = 'jellyfin'")
    apps["jellyfin"].instance = "two"
    apps["jellyfin"].listing_trouble = None
    await world.engine.probe("jellyfin")
    assert world.place("jellyfin").live.not_believable()
    await world.pass_time(1200)
    (after,) = await world.rows("SELECT watched FROM source WHERE name = 'jellyfin'")
    assert after["watched"] - before["watched"] <= 60


async def test_the_grace_of_an_orphan_counts_from_its_finding(world: World) -> None:
    """Seconds watched before it, and not yet written down, are none of its grace."""
    apps = await a_house(world)
    await world.decide(
        policy("o", Step(Verb.DELETE, "requests"), when=When.ORPHAN, sources=frozenset({"requests"}))
    )
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    await lose(world)
    live = world.place("jellyfin").live
    await world.pass_time(60)

    def unfind(tx: Tx) -> None:
        tx.execute("DELETE FROM action")
        tx.execute("DELETE FROM finding WHERE code = 'orphan'")

    await world.ledger.write(unfind)
    live.watched.good_answer()
    world.clock.advance(110)
    live.watched.good_answer()
    total = live.watched.unwritten
    assert total >= 110
    await world.engine.perform("orphans", "requests", asked_by="x")
    (found,) = await world.rows("SELECT watched, losing FROM finding WHERE code = 'orphan'")
    (source,) = await world.rows("SELECT watched FROM source WHERE name = ?", found["losing"])
    other = world.place(found["losing"]).live.watched.unwritten
    assert found["watched"] == source["watched"] + other


async def test_a_snooze_of_two_months_is_over_some_day(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.turn()
    (found,) = await world.rows("SELECT id FROM finding WHERE code = 'gone'")
    await snooze(world.engine, found["id"], 60 * 86400.0)
    await world.pass_time(61 * 86400, step=43200)
    await world.scan("jellyfin")
    await world.pass_time(GRACE + 900)
    assert len(apps["requests"].acts) == 1


async def test_a_cascade_is_not_lost_by_a_want_that_was_dropped(world: World) -> None:
    """The policy's first want in the story came to nothing (nobody acted): the cascade still acts once."""
    apps = await a_house(world)
    forget = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy(
        "follow",
        Step(Verb.DELETE, "requests"),
        sources=frozenset({"radarr", "jellyfin"}),
        agree=frozenset({"radarr"}),
        what=What.ENTRY,
        cascade=True,
    )
    await world.decide(forget, follow)
    await lose(world)
    await world.pass_time(3 * GRACE)
    assert [a[1] for a in apps["requests"].acts] == ["request 17"]


async def test_what_lost_its_key_to_another_thing_is_acted_on_like_any_loss(world: World) -> None:
    """Its key is not denied any more: a complete scan proved it by its refs, and another one has the key."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    apps["jellyfin"].put(movie(555, key="1", attrs={"tags": []}))
    for _ in range(2):
        await world.scan_and_settle("jellyfin")
    assert [grave["title"] for grave in await world.tombstones()] == ["Film 1"]
    await world.pass_time(2 * GRACE)
    assert [act[1] for act in apps["requests"].acts] == ["request 17"]


async def test_what_has_its_key_again_at_the_last_look_is_not_acted_on(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    film = apps["jellyfin"].items[Key("movie", "1")]
    apps["jellyfin"].put(movie(555, key="1", attrs={"tags": []}))
    for _ in range(2):
        await world.scan_and_settle("jellyfin")
    await world.pass_time(120)
    apps["jellyfin"].put(film)
    await world.pass_time(2 * GRACE)
    assert apps["requests"].acts == []


async def test_what_was_added_anew_while_we_deleted_it_is_not_lost_by_us_when_a_person_deletes_it(
    world: World,
) -> None:
    """Radarr has it under another number before our deletion is proved: so it was replaced, and lives on."""
    apps = await a_house(world)
    radarr = apps["radarr"]
    forget = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(forget, follow)

    async def add_anew(_what: tuple[str, ...]) -> None:
        radarr.put(movie(1, key="950", attrs={"monitored": True, "tags": []}))
        await world.tell("radarr", op="changed", kind="movie", id="950")
        await world.place("radarr").worker.work_once()

    radarr.during_act = add_anew
    await lose(world)
    await world.pass_time(2 * GRACE)
    radarr.during_act = None
    await world.scan_and_settle("radarr")
    assert "replaced movie 950" in await world.findings(is_open=False)
    assert apps["requests"].acts == []  # nothing is gone from radarr
    radarr.remove(Key("movie", "950"))
    await world.scan_and_settle("radarr")
    await world.pass_time(2 * GRACE)
    assert [act[1] for act in apps["requests"].acts] == ["request 17"]


async def test_a_try_again_of_a_clock_that_was_ahead_comes_when_the_clock_is_right(world: World) -> None:
    """The box woke up in the next year; its owner set the clock right and started it anew."""
    apps = await a_house(world)
    right = world.clock.now()
    world.clock = ManualClock(right + timedelta(days=365))
    await world.restart()
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    apps["requests"].act_trouble = RateLimited("requests: 429", 120.0)
    await world.pass_time(GRACE + 120)
    assert await world.actions("planned") == ["planned delete requests request 17"]
    apps["requests"].act_trouble = None
    world.clock = ManualClock(right + timedelta(hours=1))
    await world.restart()
    await world.pass_time(2 * 3600)
    assert await world.actions() == ["done delete requests request 17"]


async def test_what_waited_for_an_agreement_is_looked_at_once_more_after_weeks_off(world: World) -> None:
    """Radarr had a file of it; that went while the daemon was off, so everybody agrees when it is back."""
    apps = await a_house(world, has_file=True)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert "radarr has a file" in (await world.reasons())[0]
    world.clock.advance(40 * 86400)
    apps["radarr"].put(replace(apps["radarr"].items[Key("movie", "801")], has_file=False))
    await world.restart()
    await world.pass_time(1800)
    assert await world.actions() == ["done delete requests request 17"]


async def test_what_still_waits_for_an_agreement_after_weeks_off_ends(world: World) -> None:
    await a_house(world, has_file=True)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE + 300)
    world.clock.advance(40 * 86400)
    await world.restart()
    await world.pass_time(2 * 3600)
    assert await world.actions() == ["expired delete requests request 17"]


async def test_an_old_order_by_hand_is_not_carried_out_after_weeks_off(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    apps["radarr"].trouble = Unreachable("radarr: refused")
    with contextlib.suppress(SourceError):
        await world.engine.probe("radarr")
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await world.turn()
    world.clock.advance(40 * 86400)
    apps["radarr"].trouble = None
    await world.restart()
    await world.pass_time(2 * 3600)
    assert await world.actions() == ["expired delete radarr movie 802"]
    assert apps["radarr"].acts == []


async def test_a_question_of_a_hundred_days_can_still_be_answered(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), mode=Mode.ASK)
    await lose(world)
    await world.pass_time(GRACE + 300)
    world.clock.advance(100 * 86400)
    await tidy(world.ledger, KeepSettings(), clock=world.clock)
    await world.scan("jellyfin")
    await world.approve_all()
    await world.pass_time(1800)
    assert await world.actions() == ["done delete requests request 17"]
    assert len(apps["requests"].acts) == 1
    world.clock.advance(100 * 86400)
    await tidy(world.ledger, KeepSettings(), clock=world.clock)
    assert "movie 1" not in await world.presence("jellyfin")
