"""Ways in which a suspect, an event or a hold could have been stuck or lost, found by attacking it."""

import asyncio
import random
import sqlite3
import threading
from datetime import UTC, timedelta
from typing import Any

import pytest
from tests.patience import PATIENCE

from reconciled.config import Schedule
from reconciled.errors import Unreachable
from reconciled.ledger import items
from reconciled.ledger.rows import stamp
from reconciled.model import Key, Page
from reconciled.runtime.scheduler import Scheduler


async def films(world: Any, film: Any, name: str = "radarr", count: int = 100, **how: Any) -> Any:
    app = await world.follow(name, **how)
    app.put(*(film(n) for n in range(1, count + 1)))
    await world.scan(name)
    return app


async def test_a_changed_event_about_a_held_file_suspect_does_not_spin(
    world: Any, film: Any, root: Any
) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.put(*(film(n, has_file=False) for n in range(1, 41)))
    await world.scan("radarr")
    assert await world.held() == 40
    await world.tell("radarr", op="changed", kind="movie", id="7")
    before = len(app.asked)
    try:
        await asyncio.wait_for(world.settle(1.0), PATIENCE)
    except TimeoutError:
        pytest.fail(f"the worker spins: {len(app.asked) - before} requests in 30 s, the source's lock held")


async def test_the_only_film_deleted_by_the_app_itself_ends_somehow(world: Any, film: Any) -> None:
    app = await films(world, film, count=1)
    app.remove(Key("movie", "1"))
    await world.tell("radarr", op="deleted", kind="movie", id="1", title="Film 1", own_act=True)
    for _ in range(40):
        await world.settle(6 * 3600.0)
        await world.scan("radarr")
    assert await world.graves() or await world.holds(), "ten days: no tombstone, and no hold to release"


async def test_a_released_emptied_library_ends_somehow(world: Any, film: Any) -> None:
    app = await films(world, film, count=10)
    app.items.clear()
    await world.scan("radarr")
    assert await world.held() == 10
    await world.release_all("radarr")
    for _ in range(40):
        await world.settle(6 * 3600.0)
        await world.scan("radarr")
    assert await world.graves() or await world.holds(), (
        "released, ten days: no tombstone, and nothing to release again"
    )


async def test_the_only_films_file_that_fell_ends_somehow(world: Any, film: Any) -> None:
    app = await films(world, film, count=1)
    app.put(film(1, has_file=False))
    for _ in range(40):
        await world.scan("radarr")
        await world.settle(6 * 3600.0)
    assert await world.graves() or await world.holds()


async def test_busy_that_ended_is_noticed(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    app.busy = True
    await world.scan("radarr")
    app.busy = False
    for _ in range(20):
        await world.settle(60.0)
    assert await world.graves() == ["radarr movie 7 entry"], "20 min after it stopped being busy"


async def test_a_deletion_never_listed_survives_a_later_word(world: Any, film: Any) -> None:
    await films(world, film)
    await world.tell("radarr", op="deleted", kind="movie", id="900", title="Film 900", own_act=True)
    await world.tell("radarr", op="file_deleted", kind="movie", id="900", title="Film 900")
    await world.settle()
    assert await world.graves() == ["radarr movie 900 entry"]


async def test_a_row_id_is_never_used_twice(world: Any, film: Any) -> None:
    app = await films(world, film)
    last = (await world.rows("SELECT key FROM item ORDER BY id DESC LIMIT 1"))[0]["key"]
    app.remove(Key("movie", last))
    await world.scan_and_settle("radarr")
    assert len(await world.graves()) == 1
    world.clock.advance(91 * 86400.0)
    before = stamp(world.clock.now() - timedelta(days=90))
    await world.ledger.write(lambda tx: items.forget_gone(tx, before=before, limit=500))
    app.put(film(901))
    await world.scan_and_settle("radarr")
    gone = app.items.pop(Key("movie", "901"))
    await world.scan_and_settle("radarr")
    app.put(gone)
    await world.scan_and_settle("radarr")
    assert await world.graves() == [f"radarr movie {last} entry"], "another film's return revived it"


async def test_a_deletion_told_while_a_lookup_is_under_way_keeps_its_evidence(world: Any, film: Any) -> None:
    app = await films(world, film)
    source = world.place("radarr").live.source
    real, fired = source.lookup, list[int]()

    async def lookup(key: Key) -> Any:
        answer = await real(key)
        if key.id == "7" and not fired:
            fired.append(1)
            app.remove(Key("movie", "7"))
            await world.tell(
                "radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True, actor="anna"
            )
        return answer

    source.lookup = lookup
    await world.tell("radarr", op="changed", kind="movie", id="7")
    await world.settle(0.0)
    for _ in range(5):
        await world.settle()
    assert await world.graves() == ["radarr movie 7 entry"]
    assert await world.cause(1) == "radarr"


async def test_a_deletion_told_while_a_lookup_by_hand_is_under_way_is_not_lost(world: Any, film: Any) -> None:
    app = await films(world, film)
    source = world.place("radarr").live.source
    real, fired = source.lookup, list[int]()

    async def lookup(key: Key) -> Any:
        answer = await real(key)
        if key.id == "7" and not fired:
            fired.append(1)
            app.remove(Key("movie", "7"))
            await world.tell(
                "radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True, actor="anna"
            )
        return answer

    source.lookup = lookup
    await world.engine.lookup("radarr", Key("movie", "7"))
    for _ in range(5):
        await world.settle()
    assert await world.graves() == ["radarr movie 7 entry"], "the acknowledged event is lost"


async def test_two_graceful_restarts_do_not_leave_a_suspect_for_ever(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    source = world.place("radarr").live.source
    real = source.lookup

    async def hang(key: Key) -> Any:
        await asyncio.sleep(3600)

    for _ in range(2):
        source.lookup = hang
        world.clock.advance(60.0)
        task = asyncio.create_task(world.place("radarr").worker.work_once())
        await asyncio.sleep(0.2)
        task.cancel()  # an orderly stop
        await asyncio.gather(task, return_exceptions=True)
        await world.engine.start()  # and the start after it
    source.lookup = real
    for _ in range(10):
        await world.settle(3600.0)
        await world.scan("radarr")
    assert await world.graves() == ["radarr movie 7 entry"]


async def test_a_displaced_items_replacement_keeps_the_work_of_the_key(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"))
    await world.scan("radarr")  # 7 names another thing; the old one is displaced
    app.put(film(7, key="700"))
    # during the next scan's listing, the new thing under 7 is deleted and the app says so
    told: list[int] = []
    source = world.place("radarr").live.source
    real = source.snapshot

    async def snapshot(kinds: Any) -> Any:
        async for page in real(kinds):
            yield page
        if not told:
            told.append(1)
            app.remove(Key("movie", "7"))
            await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 500", own_act=True)

    source.snapshot = snapshot
    await world.scan("radarr")
    for _ in range(10):
        await world.settle(3600.0)
        await world.scan("radarr")
    assert await world.graves() == ["radarr movie 7 entry"]
    assert await world.suspects() == 0


async def test_a_displaced_item_survives_freeze_and_return(world: Any, film: Any) -> None:
    app = await films(world, film, "jelly", many=True)
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"))
    await world.scan("jelly")
    await world.engine.remove("jelly", freeze=True)
    await world.follow("jelly", app, many=True)
    for _ in range(4):
        await world.scan("jelly")
        await world.settle(3600.0)
    assert await world.graves() == ["jelly movie 7 entry"]


async def test_busy_that_ended_is_noticed_before_an_hour(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    app.busy = True
    await world.settle()
    app.busy = False
    for _ in range(30):
        await world.settle(60.0)
    assert await world.graves() == ["radarr movie 7 entry"], "30 min after it stopped being busy"


async def test_a_failed_scan_is_retried_though_a_lookup_ended_the_trouble(world: Any, film: Any) -> None:
    app = await films(world, film)
    place = world.place("radarr")
    scheduler = Scheduler(
        world.engine, place, Schedule.parse("6h"), clock=world.clock, zone=UTC, chance=random.Random(1)
    )
    tend = asyncio.create_task(scheduler.tend())
    await asyncio.sleep(0.05)
    app.listing_trouble = Unreachable("500")
    await world.scan("radarr")
    assert place.scan_failed
    await world.engine.lookup("radarr", Key("movie", "7"))  # by hand, or one of a batch of lookups under way
    app.listing_trouble = None
    for _ in range(30):
        world.clock.advance(60.0)
        await asyncio.sleep(0.02)
    await asyncio.wait_for(place.wants_scan.wait(), PATIENCE)  # half an hour after the fault was lifted
    tend.cancel()
    await asyncio.gather(tend, return_exceptions=True)


async def test_a_listing_short_of_its_total_is_tried_again(world: Any, film: Any) -> None:
    await films(world, film)
    place = world.place("radarr")
    scheduler = Scheduler(
        world.engine, place, Schedule.parse("6h"), clock=world.clock, zone=UTC, chance=random.Random(1)
    )
    tend = asyncio.create_task(scheduler.tend())
    await asyncio.sleep(0.05)
    real = place.live.source.snapshot

    async def short(kinds: Any) -> Any:
        async for page in real(kinds):
            yield Page(page.items[:-1], page.complete, len(page.items))

    place.live.source.snapshot = short
    await world.scan("radarr")
    assert place.scan_failed
    place.live.source.snapshot = real
    for _ in range(30):
        world.clock.advance(60.0)
        await asyncio.sleep(0.02)
    await asyncio.wait_for(place.wants_scan.wait(), PATIENCE)
    tend.cancel()
    await asyncio.gather(tend, return_exceptions=True)


async def test_the_loss_of_a_copy_is_no_replacement_by_a_copy_known_long_since(world: Any, film: Any) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)), film(7, key="4k7", path="/films/4k/7.mkv"))
    await world.scan("radarr")
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"))
    for _ in range(3):
        await world.scan("radarr")
        await world.settle(3600.0)
    assert await world.graves() == ["radarr movie 7 entry"]


async def test_the_same_where_the_app_cannot_find(world: Any, film: Any) -> None:
    app = await world.follow("jelly", many=True)
    app.put(*(film(n) for n in range(1, 101)), film(7, key="4k7", path="/films/4k/7.mkv"))
    await world.scan("jelly")
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"))
    for _ in range(6):
        await world.scan("jelly")
        await world.settle(3600.0)
    assert await world.graves() == ["jelly movie 7 entry"]
    assert await world.suspects() == 0


async def test_a_no_yes_hold_is_not_lifted_by_what_came_after(world: Any, film: Any) -> None:
    app = await films(world, film, count=2)
    app.items.clear()
    await world.scan("radarr")
    for _ in range(30):
        await world.settle(3600.0)
    assert [h["reason"] for h in await world.holds()] == ["no_yes"]
    hold = (await world.holds())[0]["id"]
    app.put(film(900))
    await world.scan("radarr")
    for _ in range(30):
        await world.settle(3600.0)
    assert [h["id"] for h in await world.holds()] == [hold], "a new hold, a new notice, each day"


async def test_a_replacement_of_a_held_file_suspect_closes_its_hold(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("jelly", many=True)
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("jelly")
    app.put(film(7, key="j7", path="/films/b/7.mkv"))
    await world.tell("jelly", op="changed", kind="movie", id="j7")
    await world.settle(0.0)
    app.roots["/films"] = root(empty=True)
    app.put(film(7, key="j7", path="/films/b/7.mkv", has_file=False))
    await world.tell("jelly", op="changed", kind="movie", id="j7")
    await world.engine.probe("jelly")
    await world.settle(0.0)
    await world.settle()
    assert await world.held() == 1
    app.roots["/films"] = root()
    app.remove(Key("movie", "7"))
    await world.scan("jelly")
    await world.settle()
    assert await world.held() == 0
    assert await world.holds() == [], "an open hold in which nobody waits: every later suspect joins it"


async def test_begin_does_not_hang_when_the_source_is_removed_meanwhile(world: Any, film: Any) -> None:
    await films(world, film)
    gate = threading.Event()
    blocker = asyncio.create_task(world.ledger.write(lambda tx: gate.wait(5)))
    await asyncio.sleep(0.05)
    begun = asyncio.create_task(world.engine.begin("scan", "radarr", asked_by="api"))
    await asyncio.sleep(0.05)
    removing = asyncio.create_task(world.engine.remove("radarr", freeze=False))
    await asyncio.sleep(0.05)
    gate.set()
    await blocker
    await removing
    done, _ = await asyncio.wait([begun], timeout=2)
    for t in [begun]:
        t.cancel()
    assert done, "begin() waits for ever"
    assert not await world.rows("SELECT 1 FROM run WHERE state = 'running'")


async def test_a_bracket_grows_again(world: Any, film: Any) -> None:
    app = await films(world, film)
    source = world.place("radarr").live.source
    real = source.lookup

    async def slow(key: Any) -> Any:
        world.clock.advance(35.0)
        return await real(key)

    source.lookup = slow
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    await world.settle()
    source.lookup = real
    for _ in range(10):
        app.unlisted = {Key("movie", "9")}
        await world.scan("radarr")
        await world.settle(3600.0)
        app.unlisted = set()
        await world.scan("radarr")
    assert world.place("radarr").live.bracket == 50


async def test_the_known_instance_that_returned_is_noticed_before_the_schedule(world: Any, film: Any) -> None:
    app = await films(world, film)
    ours = dict(app.items)
    app.instance, app.items = "two", {}
    app.put(*(film(n) for n in range(500, 520)))
    await world.scan("radarr")  # refused, held
    place = world.place("radarr")
    place.wants_scan.clear()
    await world.settle()
    place.wants_scan.clear()
    app.instance, app.items = "one", ours
    app.put(film(900))
    await world.tell("radarr", op="changed", kind="movie", id="900")
    for _ in range(60):
        await world.settle(60.0)
        if place.wants_scan.is_set():
            await world.scan("radarr")
            place.wants_scan.clear()
    assert (await world.presence("radarr")).get("movie 900") == "present", (
        "an hour after our own instance returned"
    )
    assert await world.holds() == []


async def test_an_event_that_could_not_be_kept_is_made_up_for_though_a_scan_under_way_ends_well(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That scan had read the item's page already, and its end says nothing of what came meanwhile."""
    await films(world, film)
    place, ledger = world.place("radarr"), world.engine.ledger

    async def full(*_more: Any) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "write_durably", full)
        with pytest.raises(sqlite3.OperationalError):
            await world.engine.receive("radarr", b"{}", {})
    await world.scan("radarr")
    assert not place.scan_failed
    place.wants_scan.clear()
    await world.engine.disk_is_back()
    assert place.wants_scan.is_set()
    place.wants_scan.clear()
    await world.engine.disk_is_back()
    assert not place.wants_scan.is_set(), "once"
