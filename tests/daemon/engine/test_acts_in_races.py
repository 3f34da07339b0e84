"""Calls that hang, are cut off or overlap: who is delayed, what is said of them, what is left behind."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, a_root, movie, policy, request
from tests.daemon.engine.test_outbox import GRACE, a_house, lose
from tests.patience import PATIENCE

from reconciled.config import Agree, Mode, Step, Verb
from reconciled.engine.outbox import deriving
from reconciled.engine.outbox import outbox as module
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.said import forget
from reconciled.errors import Refused, Unreachable
from reconciled.ledger import actions
from reconciled.ledger.connection import Tx
from reconciled.model import Key


async def until(holds: Callable[[], object]) -> None:
    """Let the other tasks run until this is so."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


async def test_a_slow_capture_makes_the_look_stale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    source: Any = world.place("requests").live.source
    asked: list[Key] = []
    usual = source.capture

    async def slow(key: Key) -> Any:
        asked.append(key)
        world.clock.advance(800)
        apps["jellyfin"].put(movie(1, attrs={"tags": []}))
        return await usual(key)

    monkeypatch.setattr(source, "capture", slow)
    await lose(world)
    await world.pass_time(GRACE + 120)
    assert asked
    assert apps["requests"].acts == []


async def test_a_slow_look_is_stale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jellyfin comes first; asking the request app then takes ten minutes, in which the film comes back."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    source: Any = world.place("requests").live.source
    asked: list[Key] = []
    usual = source.lookup

    async def slow(key: Key) -> Any:
        if key == Key("request", "17"):
            asked.append(key)
            world.clock.advance(600)
            apps["jellyfin"].put(movie(1, attrs={"tags": []}))
        return await usual(key)

    monkeypatch.setattr(source, "lookup", slow)
    await world.pass_time(GRACE + 120)
    assert asked
    assert apps["requests"].acts == []


async def test_edit_while_the_call_is_under_way(world: World) -> None:
    """`exclude` is edited while the DELETE is in flight: the row is still that call's."""
    apps = await a_house(world)
    forget = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(forget, follow)
    stuck, inside = asyncio.Event(), asyncio.Event()

    async def hang(what: tuple[str, ...]) -> None:
        inside.set()
        await stuck.wait()

    apps["radarr"].during_act = hang
    await lose(world)
    passing = asyncio.create_task(world.pass_time(14 * 60))
    await until(inside.is_set)
    edited = policy("forget", Step(Verb.DELETE, "radarr", exclude=True), agree=Agree.NONE)
    await world.decide(edited, follow)
    await world.outbox.step()
    stuck.set()
    apps["radarr"].during_act = None
    await passing
    await world.scan_and_settle("radarr")
    await world.pass_time(2 * GRACE)
    assert apps["requests"].acts == []  # our own removal fires nothing
    assert (await world.actions())[0] == "done delete radarr movie 801"


async def test_nothing_begins_after_the_stop(world: World) -> None:
    """A call that is cut off wakes the loop, which must not send the rest."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    stuck = asyncio.Event()

    async def hang(_what: tuple[str, ...]) -> None:
        await stuck.wait()

    apps["radarr"].during_act = hang
    for n in ("802", "803"):
        await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", n)), by="owner")
    loop = asyncio.create_task(world.outbox.run())
    await until(lambda: apps["radarr"].acts)
    await world.outbox.stop()
    began = len(apps["radarr"].acts)
    for _ in range(50):
        await asyncio.sleep(0.002)
    after, jobs = len(apps["radarr"].acts), dict(world.outbox._jobs)
    loop.cancel()
    stuck.set()
    await asyncio.gather(loop, *jobs.values(), return_exceptions=True)
    assert (after, jobs) == (began, {})


async def test_one_hanging_target_and_many_rows_starve_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    stuck = asyncio.Event()

    async def hang(what: tuple[str, ...]) -> None:
        await stuck.wait()

    apps["radarr"].during_act = hang
    for n in range(802, 809):
        await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", str(n))), by="owner")
    await world.outbox.step()
    world.clock.advance(1)
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    for _ in range(20):
        await world.outbox.step()
        await asyncio.sleep(0.005)
    sent = list(apps["requests"].acts)
    stuck.set()
    await world.outbox.work_once()
    assert sent


async def test_sending_ends_when_the_app_does_not_tell(world: World) -> None:
    """No `monitored` in the app's answers: a call that was cut off is asked for for ever."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    apps["radarr"].put(movie(2, key="802"))
    await world.scan("radarr")
    await order(world.outbox, Order(Verb.UNMONITOR, "radarr", Key("movie", "802")), by="owner")
    apps["radarr"].act_trouble = Unreachable("radarr: cut off")
    await world.turn()
    apps["radarr"].act_trouble = None
    await world.engine.probe("radarr")
    await world.pass_time(3 * 86400, step=3600)
    assert await world.actions("sending") == []


async def test_sending_ends_when_it_was_the_only_item(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    apps["requests"].remove(Key("request", "18"), Key("request", "19"))
    await world.scan_and_settle("requests")
    await lose(world)
    apps["requests"].act_trouble, apps["requests"].act_effect = Unreachable("requests: cut off"), True
    await world.pass_time(GRACE + 120)
    apps["requests"].act_trouble = None
    await world.engine.probe("requests")
    await world.pass_time(3 * 86400, step=3600)
    assert await world.actions("sending") == []


async def test_sending_ends_when_its_source_is_forgotten(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    apps["requests"].act_trouble = Unreachable("requests: cut off")
    await world.turn()
    await world.engine.remove("requests", freeze=True)
    await forget(world.engine, "requests")
    await world.pass_time(3 * 86400, step=3600)
    assert await world.actions("sending") == []


async def test_a_hanging_recovery_delays_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    apps["radarr"].act_trouble = Unreachable("radarr: cut off")
    await world.turn()
    apps["radarr"].act_trouble = None
    await world.engine.probe("radarr")
    world.clock.advance(300)

    async def hang(_key: Key) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(world.place("radarr").live.source, "lookup", hang)
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    step = asyncio.create_task(world.outbox.work_once())
    await until(lambda: apps["requests"].acts)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)


async def test_a_hanging_probe_before_files_delays_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = await a_house(world)
    apps["radarr"].roots = {"/films": a_root()}
    await world.scan("radarr")
    await world.decide(mode=Mode.ASK)

    async def hang() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(world.place("radarr").live.source, "probe", hang)
    world.clock.advance(120)
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802"), files=True), by="owner")
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    step = asyncio.create_task(world.outbox.work_once())
    await until(lambda: apps["requests"].acts)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)


async def test_a_delete_without_effect_is_not_our_removal_later(world: World) -> None:
    """The app said 200 and kept it; weeks later somebody else deletes it: that is no act of ours."""
    apps = await a_house(world)
    forget_ = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(forget_, follow)
    keep = apps["radarr"].items[Key("movie", "801")]

    async def undo(what: tuple[str, ...]) -> None:
        apps["radarr"].items[keep.key] = keep

    apps["radarr"].during_act = undo
    await lose(world)
    await world.pass_time(GRACE + 300)
    apps["radarr"].during_act = None
    await world.settle()
    await world.scan_and_settle("radarr")
    assert (await world.presence("radarr"))["movie 801"] == "present"
    world.clock.advance(20 * 86400)
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    assert (await world.presence("radarr"))["movie 801"] == "gone"
    await world.pass_time(GRACE + 1200)
    assert len(apps["requests"].acts) == 1


async def test_failed_derivation_of_everything_is_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is locked once, right after a reload brought a new policy."""
    apps = await a_house(world)
    await lose(world)
    await world.turn()
    usual = deriving.derive
    calls: list[Sequence[int]] = []

    def locked(scene: Scene, chunk: Sequence[int]) -> Any:
        calls.append(chunk)
        if len(calls) == 1:
            raise sqlite3.OperationalError("database is locked")
        return usual(scene, chunk)

    monkeypatch.setattr(module, "derive", locked)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    with pytest.raises(sqlite3.OperationalError):
        await world.outbox.work_once()
    await world.pass_time(GRACE + 1200)  # keep_going runs it again
    assert len(apps["requests"].acts) == 1


async def test_a_storm_of_losses_is_one_piece_of_news(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred losses do not rewrite all that waits three hundred times."""
    jellyfin = await world.follow("jellyfin", many=True, max_gone=1.0)
    requests = await world.follow("requests")
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 401)))
    requests.put(*(request(n) for n in range(1, 401)))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    await world.outbox.work_once()
    calls: list[float] = []
    usual = actions.hurry_waiting

    def counted(tx: Tx, *, now: float) -> None:
        calls.append(now)
        usual(tx, now=now)

    monkeypatch.setattr(actions, "hurry_waiting", counted)
    jellyfin.remove(*(Key("movie", str(n)) for n in range(1, 301)))
    await world.scan_and_settle("jellyfin")
    assert list((await world.presence("jellyfin")).values()).count("gone") == 300
    await world.outbox.work_once()
    assert 1 <= len(calls) <= 5


async def test_a_refused_second_act_keeps_the_first_one_s_evidence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand and by a policy: what is taken back for one is not taken from the other."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    place = world.place("radarr")
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await order(world.outbox, Order(Verb.TAG, "radarr", Key("movie", "802"), label="x"), by="owner")

    async def refuse(_key: Key, _label: str) -> None:
        raise Refused("no")

    monkeypatch.setattr(place.live.source, "tag", refuse)
    apps["radarr"].act_trouble = Unreachable("cut off")
    apps["radarr"].act_effect = True
    await world.outbox.step()
    while world.outbox._jobs:
        await asyncio.wait(world.outbox._jobs.values())
    apps["radarr"].act_trouble = None
    await world.engine.probe("radarr")
    await world.pass_time(900)
    await world.settle()
    rows = await world.rows(
        "SELECT how, cause, actor FROM evidence WHERE source = 'radarr' AND tombstone_id IS NOT NULL"
    )
    assert ("action", "dashboard", "owner") in [(r["how"], r["cause"], r["actor"]) for r in rows]


async def test_a_tag_refused_takes_back_no_delete(world: World) -> None:
    """A delete whose end is not known, then a tag on the same item that the app refuses."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    apps["radarr"].act_trouble = Unreachable("cut off")
    await world.outbox.work_once()
    apps["radarr"].act_trouble = Refused("no")
    await world.engine.probe("radarr")
    await order(world.outbox, Order(Verb.TAG, "radarr", Key("movie", "802"), label="x"), by="owner")
    await world.outbox.work_once()
    apps["radarr"].act_trouble = None
    apps["radarr"].remove(Key("movie", "802"))  # the delete took effect late
    await world.pass_time(900)
    await world.settle()
    rows = await world.rows(
        "SELECT how, cause, actor FROM evidence WHERE source = 'radarr' AND tombstone_id IS NOT NULL"
    )
    assert "done delete radarr movie 802" in await world.actions()
    assert ("action", "dashboard", "owner") in [(r["how"], r["cause"], r["actor"]) for r in rows]


async def test_capture_hanging_in_a_step_of_stop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stopped while it captures leaves its row planned, and is sent after the next start."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    inside = asyncio.Event()

    async def hang(_key: Key) -> None:
        inside.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(world.place("requests").live.source, "capture", hang)
    await lose(world)
    world.clock.advance(1)
    task = asyncio.create_task(world.pass_time(GRACE + 300))
    await until(inside.is_set)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    monkeypatch.undo()
    await world.restart()
    await world.pass_time(GRACE + 1200)
    assert len(apps["requests"].acts) == 1


async def test_what_comes_due_out_of_order_goes_out_together(world: World) -> None:
    """The older action waited longer for something: the one look asks for both all the same."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    for number in ("17", "18"):
        await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", number)), by="owner")
    now = world.clock.reckoned()
    await world.ledger.write(lambda tx: tx.execute("UPDATE action SET next_try = ? - id", (now,)))
    await world.outbox.work_once()
    assert [what for _, what, *_ in apps["requests"].acts] == ["request 18", "request 17"]
