"""An answer is about what was shown: of that loss, that policy, that instance, while it holds."""

import asyncio
import time
from dataclasses import replace

import pytest
from tests.daemon.engine.conftest import World, movie, policy
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Agree, Mode, Step, Unless, Verb
from reconciled.engine.outbox.answers import NotAsShown, approve, reject
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.engine.said import forget, pause, resume
from reconciled.errors import SourceError, Unreachable
from reconciled.ledger import acted, actions, decisions
from reconciled.model import Key


async def test_by_hand_is_not_sent_in_dry_run(world: World) -> None:
    """Ordered in ask, the target was paused, the mode is dry-run now."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await pause(world.engine, "radarr", by="owner")
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await world.turn()
    assert apps["radarr"].acts == []
    await world.decide(mode=Mode.DRY_RUN)
    await world.turn()
    await resume(world.engine, "radarr")
    await world.pass_time(600)
    assert apps["radarr"].acts == []


async def test_an_old_approval_does_not_hold_for_another_instance(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert len(await world.open_decisions()) == 1
    apps["requests"].trouble = Unreachable("requests: refused")
    with pytest.raises(SourceError):
        await world.engine.probe("requests")
    await world.approve_all()
    await world.pass_time(600)
    apps["requests"].trouble = None
    apps["requests"].instance = "two"  # set up anew, the requests imported again
    await world.engine.probe("requests")
    await world.scan("requests")
    await world.pass_time(1800)
    assert (await world.rows("SELECT generation FROM source WHERE name = 'requests'"))[0]["generation"] == 1
    assert apps["requests"].acts == []


async def test_approval_of_one_loss_is_none_of_a_later_one(world: World) -> None:
    """Approved, held up; the film came back and was lost again within one step of the outbox."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), mode=Mode.ASK)
    await lose(world)
    await world.pass_time(GRACE + 300)
    apps["radarr"].put(movie(1, key="801", attrs={"monitored": True, "tags": []}))  # has a file: no agreement
    await world.scan("radarr")
    await world.approve_all()
    await world.turn()
    assert apps["requests"].acts == []
    jellyfin = apps["jellyfin"]
    # no step of the outbox in between
    jellyfin.put(movie(1, attrs={"tags": []}))
    await world.scan("jellyfin")
    jellyfin.remove(Key("movie", "1"))
    await world.scan_and_settle("jellyfin")
    apps["radarr"].put(replace(apps["radarr"].items[Key("movie", "801")], has_file=False))
    await world.scan_and_settle("radarr")
    await world.settle()
    await world.pass_time(2 * GRACE)
    assert apps["requests"].acts == []
    assert len(await world.open_decisions()) == 1


async def test_a_lapsed_approval_stays_lapsed(world: World) -> None:
    """Edited, and edited back: what was approved before the edit is asked again."""
    apps = await a_house(world, has_file=True)
    one = policy("forget", Step(Verb.DELETE, "requests"), agree=frozenset({"jellyfin"}))
    await world.decide(one, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert len(await world.open_decisions()) == 1
    await pause(world.engine, "requests", by="owner")
    await world.approve_all()
    await world.decide(replace(one, max_actions=3), trusted=False)
    await world.turn()
    await world.decide(one, trusted=False)
    await resume(world.engine, "requests")
    await world.pass_time(1200)
    assert apps["requests"].acts == []
    assert len(await world.open_decisions()) == 1


async def test_approval_races_with_a_reload(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"), grace=600.0)
    await world.decide(one, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    (decision,) = await world.open_decisions()
    shown = await world.ledger.read(decisions.waiting_in, decision["id"])
    busy = asyncio.create_task(world.ledger.write(lambda tx: time.sleep(0.05)))
    await asyncio.sleep(0.005)
    said = asyncio.create_task(approve(world.outbox, decision["id"], shown, by="owner"))
    await asyncio.sleep(0.005)
    edited = policy("forget", Step(Verb.DELETE, "requests"), agree=Agree.NONE, max_actions=1000)
    await world.outbox.configure({"forget": edited}, Mode.ACT)
    await asyncio.gather(busy, said)
    await world.pass_time(600)
    assert apps["requests"].acts == []


async def test_after_a_restore_nothing_in_hand_is_sent_unasked(world: World) -> None:
    """The backup was made while a call was under way."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    apps["requests"].act_trouble = Unreachable("requests: no answer")
    await world.approve_all()
    await world.outbox.work_once()
    assert await world.actions() == ["sending delete requests request 17"]
    await world.ledger.write(decisions.distrust_all)  # what a backup does to its copy
    apps["requests"].act_trouble = None
    await world.restart()
    await world.pass_time(3600)
    assert apps["requests"].acts == []


async def test_after_a_restore_an_order_by_hand_is_not_sent(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await pause(world.engine, "radarr", by="owner")
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await world.turn()
    await world.ledger.write(decisions.distrust_all)  # what a backup does to its copy
    await world.restart()
    await resume(world.engine, "radarr")
    await world.pass_time(600)
    assert apps["radarr"].acts == []


@pytest.mark.parametrize("reached", [False, True], ids=["without effect", "with effect"])
async def test_after_a_restore_an_order_by_hand_in_hand_is_not_sent_again(
    world: World, reached: bool
) -> None:
    """The backup was made while the app kept us waiting; what became of the call is long known to people."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    apps["radarr"].act_trouble, apps["radarr"].act_effect = Unreachable("radarr: no answer"), reached
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await world.outbox.work_once()
    assert await world.actions() == ["sending delete radarr movie 802"]
    before = list(apps["radarr"].acts)
    await world.ledger.write(decisions.distrust_all)  # what a backup does to its copy
    apps["radarr"].act_trouble = None
    await world.restart()
    await world.pass_time(3600)
    assert apps["radarr"].acts == before
    assert await world.actions() == [f"{'done' if reached else 'dropped'} delete radarr movie 802"]


async def test_trust_is_not_given_for_nothing(world: World) -> None:
    """All that waited was dropped (its key names another thing): an empty decision cannot be approved."""
    await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    (decision,) = await world.open_decisions()
    (row,) = await world.rows("SELECT item_id FROM action")
    await world.ledger.write(lambda tx: actions.drop_for_item(tx, row["item_id"], "another", at="x"))
    with pytest.raises(NotAsShown):
        await approve(world.outbox, decision["id"], [], by="owner")
    (known,) = await world.rows("SELECT trusted FROM policy")
    assert known["trusted"] is None


async def test_one_rejected_of_two_leaves_no_trust_in_whatever_order(world: World) -> None:
    await a_house(world)
    await world.decide(policy(), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    (decision,) = await world.open_decisions()
    one, two = await world.ledger.read(decisions.waiting_in, decision["id"])
    await reject(world.outbox, decision["id"], [one], by="owner")
    await approve(world.outbox, decision["id"], [two], by="owner")
    (known,) = await world.rows("SELECT trusted FROM policy")
    assert known["trusted"] is None


async def test_rejected_stays_rejected_when_derived_at_once(world: World) -> None:
    """The outbox derives before the ledger gives out another number."""
    await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one, trusted=False)
    await lose(world)
    await world.outbox.work_once()
    await world.pass_time(GRACE + 300)
    (decision,) = await world.open_decisions()
    await reject(world.outbox, decision["id"], None, by="owner")
    await world.decide(one, trusted=False)
    await world.pass_time(GRACE)
    assert await world.open_decisions() == []
    assert await world.actions() == ["rejected delete requests request 17"]


async def test_what_was_rejected_is_still_rejected_after_the_retention(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.UNMONITOR, "radarr"))
    await world.decide(one, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    (decision,) = await world.open_decisions()
    await reject(world.outbox, decision["id"], None, by="owner")
    await world.trust(one)  # a later batch was approved
    await world.ledger.write(acted.forget_before, "9999")
    await world.decide(one, trusted=False)
    await world.pass_time(GRACE)
    assert apps["radarr"].acts == []


async def test_an_approved_row_waits_for_its_holds_and_is_dropped_when_reject_of_policy(world: World) -> None:
    """Approved, then the mode of the policy itself becomes dry-run: nothing."""
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    await pause(world.engine, "requests", by="owner")
    await world.approve_all()
    await world.decide(replace(one, mode=Mode.DRY_RUN), trusted=False)
    await resume(world.engine, "requests")
    await world.pass_time(900)
    assert apps["requests"].acts == []


async def test_an_answer_after_a_month_is_still_an_answer(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    await world.pass_time(31 * 86400, step=43200)
    assert len(await world.open_decisions()) == 1
    await world.approve_all()
    await world.pass_time(1200)
    assert len(apps["requests"].acts) == 1


async def test_a_month_of_dry_run_then_act_then_approved(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one, mode=Mode.DRY_RUN, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    await world.pass_time(31 * 86400, step=43200)
    await world.decide(one, mode=Mode.ACT, trusted=False)
    await world.turn()
    assert len(await world.open_decisions()) == 1
    await world.approve_all()
    await world.pass_time(1200)
    assert len(apps["requests"].acts) == 1


async def test_armed_anew_is_a_first_batch(world: World) -> None:
    """Trusted in act, then dry-run for a while, then act again: "since it was written, edited or armed"."""
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one)
    await world.decide(one, mode=Mode.DRY_RUN, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    await world.decide(one, mode=Mode.ACT, trusted=False)
    await world.pass_time(1200)
    assert apps["requests"].acts == []
    assert [d["why"] for d in await world.open_decisions()] == ["first"]


async def test_an_approval_does_not_outlive_a_dry_run(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one, mode=Mode.ASK, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    await pause(world.engine, "requests", by="owner")
    await world.approve_all()
    await world.decide(one, mode=Mode.DRY_RUN, trusted=False)
    await resume(world.engine, "requests")
    await world.pass_time(86400, step=600)
    assert apps["requests"].acts == []
    await world.decide(one, mode=Mode.ACT, trusted=False)
    await world.pass_time(1200)
    assert apps["requests"].acts == []


async def test_a_decision_does_not_keep_what_came_back(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert len(await world.open_decisions()) == 1
    apps["jellyfin"].put(movie(1, key="1new", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(GRACE)
    assert await world.open_decisions() == []


async def test_what_waits_follows_the_later_loss(world: World) -> None:
    """It came back and went again between two steps while its action waited for an answer."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert len(await world.open_decisions()) == 1
    apps["jellyfin"].put(movie(1, attrs={"tags": []}))
    await world.scan("jellyfin")
    apps["jellyfin"].remove(Key("movie", "1"))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * GRACE)
    assert [d["n"] for d in await world.open_decisions()] == [1]


async def test_dry_run_says_what_is_true(world: World) -> None:
    """Radarr has a file again: nothing would be sent."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), mode=Mode.DRY_RUN)
    await lose(world)
    await world.pass_time(GRACE + 300)
    apps["radarr"].put(movie(1, key="801", attrs={"monitored": True, "tags": []}))
    await world.scan("radarr")
    await world.pass_time(GRACE + 7200)
    (row,) = await world.rows("SELECT code, reason FROM action")
    assert row["code"] != "would", row


async def test_a_decision_shows_what_would_still_be_done(world: World) -> None:
    """Radarr has a file again, or the owner tagged it keep: what is no longer wanted is not asked."""
    apps = await a_house(world)
    await world.decide(
        policy("forget", Step(Verb.DELETE, "requests"), unless=Unless(tags=frozenset({"keep"}))),
        trusted=False,
    )
    await lose(world)
    await world.pass_time(GRACE + 300)
    good = apps["requests"].items[Key("request", "17")]
    apps["requests"].put(replace(good, attrs={"tags": ["keep"]}))
    await world.scan("requests")
    await world.pass_time(GRACE + 7200)
    assert await world.open_decisions() == []


async def test_a_source_that_was_forgotten_and_is_added_again_is_a_new_one(world: World) -> None:
    """Approved while it was there: what stands behind its name now may be anything."""
    apps = await a_house(world)
    await world.follow("plex", many=True)
    await world.scan("plex")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await world.engine.remove("plex", freeze=True)
    await forget(world.engine, "plex")
    await world.follow("plex", many=True)
    await world.scan("plex")
    await lose(world)
    await world.pass_time(GRACE + 900)
    assert apps["requests"].acts == []
    (decision,) = await world.open_decisions()
    assert decision["why"] == "first"
