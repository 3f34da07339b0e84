"""No trouble of an app, and no other world behind its address, makes anything gone."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from reconciled.engine.verdict import DENIES_EVERYTHING
from reconciled.errors import BadResponse, RateLimited, Unauthorized, Unreachable
from reconciled.model import Key

TROUBLES = [Unreachable("refused"), Unauthorized("401"), BadResponse("HTML"), RateLimited("429", 30.0)]


async def films(world: Any, film: Any, *, count: int = 100, name: str = "radarr", **how: Any) -> Any:
    app = await world.follow(name, **how)
    app.put(*(film(n) for n in range(1, count + 1)))
    await world.scan(name)
    return app


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("many", [False, True])
async def test_trouble_while_suspects_are_proved(
    world: Any, film: Any, trouble: Exception, many: bool
) -> None:
    app = await films(world, film, many=many)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    app.trouble = trouble
    await world.settle()
    assert await world.tombstones() == []
    app.trouble = None
    await world.engine.probe("radarr")
    await world.settle(60)
    assert await world.graves() == ["radarr movie 7 entry"]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
async def test_trouble_in_the_listing_fails_the_run_and_changes_nothing(
    world: Any, film: Any, trouble: Exception
) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    app.listing_trouble = trouble
    run = await world.scan("radarr")
    assert run["state"] == "failed"
    assert set((await world.presence("radarr")).values()) == {"present"}


async def test_a_listing_that_ends_without_saying_so_is_not_believed(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.page_size, app.break_after_pages = 10, 3
    run = await world.scan("radarr")
    assert run["state"] == "failed"
    assert "before a page said" in run["error"]
    assert await world.suspects() == 0


@pytest.mark.parametrize("many", [False, True])
async def test_a_proxy_that_denies_everything(world: Any, film: Any, many: bool) -> None:
    app = await films(world, film, many=many)
    app.deny = lambda _: True
    for n in (3, 5):
        await world.tell("radarr", op="deleted", kind="movie", id=str(n), own_act=True)
    await world.settle()
    await world.settle(7200)
    assert await world.tombstones() == []
    assert DENIES_EVERYTHING in (await world.rows("SELECT why FROM work"))[0]["why"]
    app.deny = lambda _: False
    await world.settle(7 * 3600)
    assert set((await world.presence("radarr")).values()) == {"present"}


async def test_a_proxy_that_begins_to_deny_in_the_middle_of_the_lookups(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.unlisted = {Key("movie", str(n)) for n in range(1, 6)}
    await world.scan("radarr")
    asked = len(app.asked)
    app.deny = lambda _: len(app.asked) > asked + 3
    await world.settle()
    assert await world.tombstones() == []
    app.deny = lambda _: False
    await world.settle(120)
    assert set((await world.presence("radarr")).values()) == {"present"}


async def test_without_anything_else_known_a_denial_is_no_proof_and_is_held_after_a_day(
    world: Any, film: Any
) -> None:
    app = await films(world, film, count=1)
    app.remove(Key("movie", "1"))
    await world.scan_and_settle("radarr")
    for _ in range(12):
        await world.settle(3 * 3600)
    assert await world.tombstones() == []
    assert [hold["reason"] for hold in await world.holds()] == ["no_yes"]
    await world.release_all("radarr")
    await world.settle()
    assert await world.graves() == ["radarr movie 1 entry"]


async def test_a_hold_for_want_of_a_yes_ends_with_the_first_yes(world: Any, film: Any) -> None:
    app = await films(world, film, count=2)
    app.deny = lambda _: True
    await world.tell("radarr", op="deleted", kind="movie", id="1", own_act=False)
    for _ in range(12):
        await world.settle(3 * 3600)
    assert [hold["reason"] for hold in await world.holds()] == ["no_yes"]
    app.deny = lambda _: False
    app.unlisted = {Key("movie", "1")}
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    assert set((await world.presence("radarr")).values()) == {"present"}


async def test_an_empty_list_is_a_hold(world: Any, film: Any) -> None:
    app = await films(world, film)
    kept, app.items = app.items, {}
    run = await world.scan_and_settle("radarr")
    assert '"held":100' in run["stats"]
    assert await world.tombstones() == []
    app.items = kept
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    assert set((await world.presence("radarr")).values()) == {"present"}


async def test_many_losses_are_held_until_released_and_then_proved(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(*(Key("movie", str(n)) for n in range(1, 21)))
    await world.scan_and_settle("radarr")
    await world.settle(7 * 24 * 3600)
    await world.scan_and_settle("radarr")
    assert await world.tombstones() == []
    assert "20 of 100 movies of radarr below /films" in (await world.holds())[0]["sentence"]
    await world.release_all("radarr")
    await world.settle()
    assert len(await world.graves()) == 20
    assert await world.holds() == []


async def test_losses_trickle_into_the_same_count(world: Any, film: Any) -> None:
    app = await films(world, film)
    for n in range(1, 21):
        app.remove(Key("movie", str(n)))
        await world.tell("radarr", op="deleted", kind="movie", id=str(n))
        await world.settle(600)
    assert len(await world.graves()) == 10
    assert await world.held() == 10


async def test_what_the_app_says_it_deleted_is_not_counted(world: Any, film: Any) -> None:
    app = await films(world, film)
    for n in range(1, 31):
        app.remove(Key("movie", str(n)))
        await world.tell("radarr", op="deleted", kind="movie", id=str(n), own_act=True)
    await world.settle()
    assert len(await world.graves()) == 30
    assert await world.holds() == []


async def test_a_release_covers_only_what_was_shown(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(*(Key("movie", str(n)) for n in range(1, 21)))
    await world.scan("radarr")
    shown = (await world.rows("SELECT max(joined_seq) AS n FROM hold_item"))[0]["n"]
    app.remove(Key("movie", "50"))
    await world.scan("radarr")
    assert await world.held() == 21
    await world.engine.release("radarr", (await world.holds())[0]["id"], shown=shown)
    await world.settle()
    assert len(await world.graves()) == 20
    assert await world.held() == 1


async def test_the_newest_gone_at_once_look_like_a_restored_backup(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(201), film(202), film(203))
    await world.scan("radarr")
    app.remove(*(Key("movie", str(n)) for n in (201, 202, 203)))
    app.put(film(301))
    await world.scan_and_settle("radarr")
    assert [hold["reason"] for hold in await world.holds()] == ["newest"]
    assert await world.tombstones() == []


async def test_ids_reused_after_a_restore(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(201), film(202), film(203))
    await world.scan("radarr")
    app.put(film(301, key="201"), film(302, key="202"), film(303, key="203"))
    await world.scan_and_settle("radarr")
    await world.scan_and_settle("radarr")
    assert await world.tombstones() == []
    assert [hold["reason"] for hold in await world.holds()] == ["newest"]
    app.put(film(201), film(202), film(203))
    app.put(film(301), film(302), film(303))
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    assert await world.tombstones() == []


@pytest.mark.parametrize(
    "change",
    [
        {"accessible": False},
        {"empty": True},
        {"device": "/"},
        {"size": 5 * 10**10},
        {"device": None, "size": None},  # Radarr's list of disks lacks what is not mounted
    ],
    ids=lambda c: next(iter(c)),
)
async def test_files_below_a_changed_root_are_not_lost(
    world: Any, film: Any, root: Any, change: dict[str, Any]
) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    whole = dict(app.items)
    app.roots["/films"] = root(**change)
    for n in (1, 2):
        app.put(film(n, has_file=False))
        await world.tell("radarr", op="file_deleted", kind="movie", id=str(n), external=True)
    await world.settle()
    await world.scan_and_settle("radarr")
    assert await world.tombstones() == []
    assert [hold["reason"] for hold in await world.holds()] == ["root"]
    app.roots["/films"], app.items = root(), whole
    await world.scan_and_settle("radarr")
    assert await world.holds() == []


async def test_another_instance_behind_the_address(world: Any, film: Any) -> None:
    app = await films(world, film)
    ours, app.items, app.instance = app.items, {}, "two"
    app.put(*(film(1000 + n, key=f"x{n}") for n in range(50)))
    await world.scan_and_settle("radarr")
    assert await world.held() == 100
    assert len(await world.presence("radarr")) == 100
    app.items, app.instance = ours, "one"
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    assert set((await world.presence("radarr")).values()) == {"present"}
    assert await world.tombstones() == []


async def test_another_instance_with_the_same_ids_and_no_instance_id(world: Any, film: Any) -> None:
    app = await films(world, film)
    ours, app.items = app.items, {}
    app.put(*(film(1000 + n, key=str(n)) for n in range(1, 81)))
    await world.scan_and_settle("radarr")
    await world.tell("radarr", op="deleted", kind="movie", id="3", own_act=True)
    await world.settle()
    assert await world.held() == 100
    assert await world.tombstones() == []
    app.items = ours
    await world.scan_and_settle("radarr")
    assert await world.held() == 0
    assert set((await world.presence("radarr")).values()) == {"present"}
    assert await world.tombstones() == []


async def test_another_instance_that_is_released_becomes_the_one_we_know(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.items, app.instance = {}, "two"
    app.put(*(film(1000 + n, key=f"x{n}") for n in range(50)))
    await world.scan_and_settle("radarr")
    await world.release_all("radarr")
    await world.scan_and_settle("radarr")
    await world.settle(3600)
    assert len(await world.graves()) == 100
    assert len([p for p in (await world.presence("radarr")).values() if p == "present"]) == 50


async def test_an_account_that_sees_less_is_a_hold(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.sees_everything = False
    app.remove(Key("movie", "7"))
    await world.scan_and_settle("radarr")
    assert [hold["reason"] for hold in await world.holds()] == ["account"]
    assert await world.tombstones() == []


async def test_a_busy_app_is_waited_for_at_most_an_hour(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.busy = True
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    await world.settle(600)
    assert await world.tombstones() == []
    await world.settle(3600)
    await world.settle(60)
    assert await world.graves() == ["radarr movie 7 entry"]


async def test_lookups_that_take_longer_than_a_yes_is_good_for(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.unlisted.add(Key("movie", "7"))
    await world.scan("radarr")
    app.deny = lambda key: bool(key.id == "7" and world.clock.advance(61) is None)
    await world.settle()
    assert await world.tombstones() == []
    app.deny = lambda _: False
    app.remove(Key("movie", "7"))
    await world.settle(120)
    assert await world.graves() == ["radarr movie 7 entry"]


async def test_a_plugin_that_crashes_harms_only_its_own_answer(world: Any, film: Any, caplog: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")

    def crash(_: object) -> bool:
        raise ZeroDivisionError

    app.deny = crash
    await world.settle()
    assert await world.tombstones() == []
    assert "its plugin crashed" in caplog.text
    app.deny = lambda _: False
    await world.settle(120)
    assert await world.graves() == ["radarr movie 7 entry"]


async def cancelled(*_: Any) -> Any:
    raise asyncio.CancelledError


async def cancelled_in_a_page(*_: Any) -> Any:
    yield await cancelled()


async def turns(world: Any, seconds: float) -> None:
    """Time passes, and what runs beside the test runs."""
    for _ in range(int(seconds / 30)):
        world.clock.advance(30)
        for _ in range(50):
            await asyncio.sleep(0)


@pytest.mark.parametrize("where", ["lookup", "probe", "snapshot"])
async def test_a_plugin_that_is_cancelled_by_itself_ends_nothing_of_ours(
    world: Any, film: Any, where: str
) -> None:
    """It waits for a task of its own that somebody cancelled: nobody asked us to stop."""
    app = await films(world, film)
    source = world.place("radarr").live.source
    plain = getattr(source, where)
    working = asyncio.create_task(world.place("radarr").worker.run())
    setattr(source, where, cancelled_in_a_page if where == "snapshot" else cancelled)
    app.remove(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True)
    await turns(world, 120)
    run = await world.scan("radarr")
    assert run["state"] == ("complete" if where == "lookup" else "failed")
    setattr(source, where, plain)
    await world.engine.probe("radarr")
    await turns(world, 1200)
    assert not working.done()
    assert await world.graves() == ["radarr movie 7 entry"]
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_control_that_is_another_thing_is_no_yes(world: Any, film: Any) -> None:
    """Another instance answers the control's id with another film."""
    app = await films(world, film, count=20)
    app.put(*(replace(film(900 + n), key=Key("movie", str(n))) for n in range(1, 20)))
    app.remove(Key("movie", "20"))
    await world.tell("radarr", op="deleted", kind="movie", id="20", own_act=True)
    await world.settle()
    assert await world.tombstones() == []
