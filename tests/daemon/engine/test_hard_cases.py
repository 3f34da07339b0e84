"""More ways to a wrong or a dead end, found by attacking the engine a second time."""

import asyncio
import random
from datetime import UTC
from typing import Any

import pytest

from reconciled.config import Schedule
from reconciled.errors import BadResponse, Unreachable, Unsupported
from reconciled.ledger import work
from reconciled.model import Key, Ref
from reconciled.runtime.scheduler import Scheduler


async def films(world: Any, film: Any, name: str = "radarr", count: int = 100, **how: Any) -> Any:
    app = await world.follow(name, **how)
    app.put(*(film(n) for n in range(1, count + 1)))
    await world.scan(name)
    return app


async def run_for(world: Any, name: Any, minutes: Any, step: Any = 5.0) -> Any:
    """All loops of a source, for a while of the world's clock."""
    place = world.place(name)
    scheduler = Scheduler(
        world.engine,
        place,
        Schedule.parse("6h"),
        clock=world.clock,
        zone=UTC,
        chance=random.Random(1),
    )
    tasks = [
        asyncio.create_task(t) for t in (scheduler.tend(), scheduler.scan_when_due(), place.worker.run())
    ]
    try:
        for _ in range(int(minutes * 60 / step)):
            world.clock.advance(step)
            await asyncio.sleep(0.01)
    finally:
        for t in tasks:
            t.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _never(kinds: Any) -> Any:
    await asyncio.sleep(3600)
    yield


async def test_a_displaced_film_that_find_shows_under_a_suspect_key_is_not_gone(
    world: Any, film: Any
) -> None:
    app = await films(world, film)
    app.put(film(7, key="700"))
    await world.tell("radarr", op="changed", kind="movie", id="700")
    await world.settle(0.0)  # 700 is known
    await world.tell("radarr", op="deleted", kind="movie", id="700", settle=1800, reason="upgrade")  # untrue
    app.put(film(500, key="7"))
    app.unlisted.add(Key("movie", "700"))
    await world.scan("radarr")
    await world.settle()
    assert Key("movie", "700") in app.items
    assert await world.graves() == [], "find showed it, under 700"


async def test_an_own_act_is_not_believed_of_an_account_without_rights_beside_an_open_hold(
    world: Any, film: Any
) -> None:
    app = await films(world, film)
    app.remove(*(Key("movie", str(n)) for n in range(50, 91)))
    await world.scan("radarr")
    assert [h["reason"] for h in await world.holds()] == ["many"]
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True)  # untrue
    app.sees_everything = False
    app.items.pop(Key("movie", "7"))  # hidden
    await world.engine.probe("radarr")
    await world.settle()
    assert await world.graves() == []


async def test_a_root_that_goes_while_many_lookups_are_under_way(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    from reconciled.model import Item

    shows = [
        Item(
            Key("series", str(n)),
            f"Show {n}",
            frozenset({Ref("tvdb:series", str(n))}),
            root="/films",
            path=f"/films/s{n}",
            has_file=True,
        )
        for n in range(1, 51)
    ]
    app.put(*(film(n) for n in range(1, 51)), *shows)
    await world.scan("radarr")
    source = world.place("radarr").live.source
    real = source.lookup
    fired = list[Any]()

    async def lookup(key: Any) -> Any:
        if key == Key("movie", "7") and not fired:
            fired.append(1)
            world.clock.advance(600.0)  # the app is slow; meanwhile the disk goes
            app.roots["/films"] = root(accessible=False)
            from dataclasses import replace

            app.put(replace(shows[4], has_file=False))
        return await real(key)

    source.lookup = lookup
    await world.tell("radarr", op="file_deleted", kind="movie", id="7")
    await world.tell("radarr", op="file_deleted", kind="series", id="5")
    await world.settle()
    assert await world.graves() == [], "the last probe was ten minutes before the question"


async def test_a_stranger_noticed_while_a_lookup_is_under_way(world: Any, film: Any) -> None:
    app = await films(world, film)
    source = world.place("radarr").live.source
    real, fired = source.lookup, list[Any]()

    async def lookup(key: Any) -> Any:
        answer = await real(key)
        if key.id == "7" and not fired:
            fired.append(1)
            await world.engine.probe("radarr")  # as a scan does
        return answer

    source.lookup = lookup
    await world.tell("radarr", op="deleted", kind="movie", id="7")
    await world.engine.probe("radarr")
    app.instance = "two"
    app.remove(Key("movie", "7"))  # an older copy
    await world.settle()
    assert world.place("radarr").live.stranger
    assert await world.graves() == []


async def test_two_days_are_counted_for_one_change_of_a_root(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = root(device="/dev/b", size=2 * 10**12)  # a bigger disk
    await world.scan("radarr")
    world.clock.advance(49 * 3600.0)
    app.roots["/films"] = root(device="/dev/root", size=10**10)  # its mount fails just now
    await world.scan("radarr")
    app.put(*(film(n, has_file=False) for n in range(1, 5)))
    await world.scan_and_settle("radarr")
    assert await world.graves() == []


async def test_no_hold_is_opened_for_nobody(world: Any, film: Any, root: Any) -> None:
    app = await films(world, film)
    app.put(*(film(n, has_file=False) for n in range(1, 41)))
    await world.scan("radarr")
    assert await world.held() == 40
    app.put(*(film(n, root="/new", has_file=n > 40) for n in range(1, 101)))  # all root folders edited
    await world.scan("radarr")
    app.remove(Key("movie", "90"))
    await world.tell("radarr", op="deleted", kind="movie", id="90", own_act=True)
    await world.settle()
    for hold in await world.holds():
        n = len(await world.rows("SELECT 1 FROM suspect WHERE hold_id = ?", hold["id"]))
        assert n, hold["sentence"]


async def test_a_file_suspect_that_was_in_hand_at_two_crashes_gets_another_chance(
    world: Any, film: Any
) -> None:
    app = await films(world, film)
    app.put(film(7, has_file=False))
    await world.scan("radarr")
    world.clock.advance(60.0)
    live = world.place("radarr").live
    for _ in range(2):
        await world.ledger.write(work.due, live.id, now=live.clock.reckoned(), limit=400)
        await world.engine.start()
    for _ in range(10):
        await world.settle(3600.0)
        await world.scan("radarr")
    assert await world.graves() == ["radarr movie 7 file"]


async def crash(world: Any) -> int:
    """The daemon is killed while it looks at what is due, and starts anew. At how many keys it looked."""
    live = world.place("radarr").live
    found = await world.ledger.write(work.due, live.id, now=live.clock.reckoned(), limit=400)
    await world.engine.start()
    return len(found)


async def test_crashes_with_a_look_between_them_that_went_well_are_no_two_in_a_row(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7")
    world.clock.advance(60.0)
    assert await crash(world) == 1
    source = world.place("radarr").live.source
    real = source.lookup

    async def lookup(key: Any) -> Any:
        if key.id == "7":
            raise BadResponse("radarr: no JSON")
        return await real(key)

    with monkeypatch.context() as patch:
        patch.setattr(source, "lookup", lookup)
        await world.settle()
    assert await world.graves() == []
    world.clock.advance(600.0)
    assert await crash(world) == 1
    await world.settle(600.0)
    assert await world.graves() == ["radarr movie 7 entry"]


async def test_what_was_in_hand_with_a_key_that_crashes_us_is_looked_at_alone(world: Any, film: Any) -> None:
    app = await films(world, film)
    for number in ("7", "8", "9"):
        app.remove(Key("movie", number))
        await world.tell("radarr", op="deleted", kind="movie", id=number)
    world.clock.advance(60.0)
    assert await crash(world) == 3
    assert await crash(world) == 1
    await world.settle(60.0)
    assert len(await world.graves()) == 2  # the one that was in hand twice waits for the next scan
    await world.scan("radarr")
    assert len(await world.graves()) == 3


async def test_one_key_that_the_app_cannot_answer_is_no_storm(world: Any, film: Any) -> None:
    await films(world, film)
    await world.engine.probe("radarr")
    source = world.place("radarr").live.source
    real, hits = source.lookup, []

    async def lookup(key: Any) -> Any:
        if key.id == "7":
            hits.append(1)
            raise Unreachable("500 of the model")
        return await real(key)

    source.lookup = lookup
    await world.tell("radarr", op="deleted", kind="movie", id="7")
    await run_for(world, "radarr", 30, step=10.0)
    runs = len(await world.rows("SELECT 1 FROM run WHERE pass = 'verify'"))
    assert len(hits) <= 20, f"{len(hits)} lookups of one key and {runs} verifies in 30 min"


async def test_find_that_cannot_is_no_trouble(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(*(film(n, key=str(n), refs=frozenset({Ref("imdb", f"tt{n}")})) for n in (7,)))
    await world.scan("radarr")
    source = world.place("radarr").live.source

    async def find(ref: Any) -> Any:
        raise Unsupported("cannot be asked by that")

    source.find = find
    app.put(film(500, key="7", path="/films/500.mkv", refs=frozenset({Ref("imdb", "tt500")})))
    await world.scan("radarr")
    await world.settle()
    assert world.place("radarr").live.answers, "a source that cannot be asked by a ref is called in trouble"


async def test_a_refused_world_is_not_read_without_a_pause(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.instance, app.items = "two", {}
    app.put(*(film(n) for n in range(500, 520)))
    place = world.place("radarr")
    source = place.live.source
    real = source.snapshot

    async def snapshot(kinds: Any) -> Any:
        async for page in real(kinds):
            world.clock.advance(70.0)  # reading takes a minute
            await place.worker.work_once()  # the worker goes on meanwhile
            yield page

    source.snapshot = snapshot
    await world.scan("radarr")
    await world.tell("radarr", op="changed", kind="movie", id="501")
    scans = 0
    for _ in range(60):
        await world.settle(60.0)
        if place.wants_scan.is_set():
            place.wants_scan.clear()
            scans += 1
            await world.scan("radarr")
    assert scans <= 12, f"{scans} full scans in an hour or two"


async def test_a_lookup_that_contradicts_the_listing_is_no_endless_scan(world: Any, film: Any) -> None:
    await films(world, film)
    place = world.place("radarr")
    source = place.live.source
    real = source.lookup

    async def lookup(key: Any) -> Any:
        return film(999, key="7") if key.id == "7" else await real(key)

    source.lookup = lookup
    await world.tell("radarr", op="changed", kind="movie", id="7")
    scans = 0
    for _ in range(180):
        await world.settle(20.0)
        if place.wants_scan.is_set():
            place.wants_scan.clear()
            scans += 1
            await world.scan("radarr")
    assert scans <= 12, f"{scans} full scans in an hour for one key"


async def test_our_instance_that_returned_is_noticed_also_after_events_of_the_stranger(
    world: Any, film: Any
) -> None:
    app = await films(world, film)
    ours = dict(app.items)
    app.instance, app.items = "two", {}
    app.put(*(film(n) for n in range(500, 520)))
    await world.scan("radarr")
    place = world.place("radarr")
    await world.tell("radarr", op="changed", kind="movie", id="501")
    for _ in range(5):
        await world.settle(60.0)
        if place.wants_scan.is_set():
            place.wants_scan.clear()
            await world.scan("radarr")
    app.instance, app.items = "one", ours
    app.put(film(900))
    await world.tell("radarr", op="changed", kind="movie", id="900")
    for _ in range(60):
        await world.settle(60.0)
        if place.wants_scan.is_set():
            place.wants_scan.clear()
            await world.scan("radarr")
    assert (await world.presence("radarr")).get("movie 900") == "present", "an hour after"


async def test_what_a_person_released_is_not_held_again_after_a_yes(world: Any, film: Any) -> None:
    app = await films(world, film, count=10)
    ours = dict(app.items)
    app.items.clear()
    await world.scan("radarr")
    await world.release_all("radarr")
    for _ in range(30):
        await world.settle(3600.0)
    assert [h["reason"] for h in await world.holds()] == ["no_yes"]
    app.put(ours[Key("movie", "1")])  # a yes
    await world.scan("radarr")
    for _ in range(10):
        await world.settle(3600.0)
        await world.scan("radarr")
    assert await world.holds() == [], "released by a person, held again: " + str(
        [h["sentence"] for h in await world.holds()]
    )


async def test_a_strangers_yes_lets_nobody_out(world: Any, film: Any) -> None:
    app = await films(world, film, count=3)
    app.remove(Key("movie", "1"), Key("movie", "2"))
    app.deny = lambda key: True
    await world.scan("radarr")
    for _ in range(30):
        await world.settle(3600.0)
    assert [h["reason"] for h in await world.holds()] == ["no_yes"]
    before = await world.held()
    app.deny = lambda key: False
    app.instance = "two"  # an older copy, which has film 3
    await world.engine.probe("radarr")
    assert world.place("radarr").live.stranger
    await world.engine.perform("verify", "radarr", asked_by="recovery")
    assert await world.held() == before


async def test_another_worlds_suspects_do_not_leave_with_a_no_yes_hold(world: Any, film: Any) -> None:
    """They join it; its release would let them be believed without any yes."""
    app = await films(world, film, count=30)
    app.remove(Key("movie", "1"))
    app.deny = lambda key: True
    await world.scan("radarr")
    for _ in range(30):
        await world.settle(3600.0)
    assert [h["reason"] for h in await world.holds()] == ["no_yes"]
    app.instance, app.items = "two", {}
    app.put(*(film(n) for n in range(500, 520)))
    await world.scan("radarr")
    await world.release_all("radarr")
    rows = await world.rows("SELECT * FROM suspect WHERE released = 2")
    assert len(rows) <= 1, f"{len(rows)} need no yes any more"


async def test_a_held_item_frozen_and_back_stays_held(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(*(Key("movie", str(n)) for n in range(50, 91)))
    await world.scan("radarr")
    n = await world.held()
    await world.engine.remove("radarr", freeze=True)
    await world.follow("radarr", app)
    for _ in range(4):
        await world.scan("radarr")
        await world.settle(3600.0)
    assert await world.held() == n
    assert await world.graves() == []


async def test_an_event_only_deletion_is_remembered_when_the_yes_comes_after_two_days(
    world: Any, film: Any
) -> None:
    app = await films(world, film, count=1)
    app.deny = lambda key: True
    await world.tell("radarr", op="deleted", kind="movie", id="900", title="Film 900", own_act=True)
    for _ in range(8 * 2):
        world.clock.advance(300.0)
        await world.scan("radarr")  # by hand or by Connected, each hurries the queue
    app.deny = lambda key: False
    for _ in range(10):
        await world.settle(6 * 3600.0)
    assert await world.graves() == ["radarr movie 900 entry"], "80 minutes of trouble and it is forgotten"


async def test_an_unusable_root_is_no_good_scan_for_its_two_days(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = root(device="/dev/root", size=10**10)
    await world.scan("radarr")
    app.roots["/films"] = root(accessible=False)
    for _ in range(10):
        world.clock.advance(6 * 3600.0)
        await world.scan("radarr")
    app.roots["/films"] = root(device="/dev/root", size=10**10)
    await world.scan("radarr")
    app.put(*(film(n, has_file=False) for n in range(1, 5)))
    await world.scan_and_settle("radarr")
    assert await world.graves() == []


async def test_a_third_thing_under_a_key_is_not_taken_for_the_first(world: Any, film: Any) -> None:
    app = await films(world, film, "jelly", many=True)
    app.put(film(7, refs=frozenset({Ref("tmdb:movie", "7")})))
    await world.scan("jelly")
    app.put(film(500, key="7", refs=frozenset({Ref("tmdb:movie", "500"), Ref("imdb", "tt500")})))
    await world.scan("jelly")
    app.put(film(600, key="7", refs=frozenset({Ref("imdb", "tt600")})))
    for _ in range(4):
        await world.scan("jelly")
        await world.settle(3600.0)
    assert await world.graves() == ["jelly movie 7 entry", "jelly movie 7 entry"]


async def test_lookup_many_that_answers_nothing_is_that_plugins_failure(world: Any, film: Any) -> None:
    app = await films(world, film, "jelly", many=True)
    source = world.place("jelly").live.source

    async def lookup_many(keys: Any) -> Any:
        return None

    source.lookup_many = lookup_many
    app.remove(Key("movie", "7"))
    await world.scan("jelly")
    await world.settle()
    assert await world.suspects() == 1


async def test_find_that_answers_nothing_is_that_plugins_failure(world: Any, film: Any) -> None:
    app = await films(world, film)
    source = world.place("radarr").live.source

    async def find(ref: Any) -> Any:
        return None

    source.find = find
    app.put(film(500, key="7"))
    await world.scan("radarr")
    await world.settle()
    assert await world.graves() == []


async def test_an_own_act_without_a_yes_beside_an_open_hold_is_held_after_a_day(
    world: Any, film: Any
) -> None:
    app = await films(world, film, count=10)
    app.items = {Key("movie", "10"): app.items[Key("movie", "10")]}
    await world.scan("radarr")
    assert [h["reason"] for h in await world.holds()] in (["many"], ["newest"])
    app.items.clear()
    await world.tell("radarr", op="deleted", kind="movie", id="10", own_act=True)
    for _ in range(30):
        await world.settle(3600.0)
        await world.scan("radarr")
    free = await world.rows("SELECT * FROM suspect WHERE hold_id IS NULL")
    assert not free, "a day without a yes, in no hold and not gone"


async def test_an_own_act_below_a_dead_root_is_unknown(world: Any, film: Any, root: Any) -> None:
    """An upgrade takes the file away (the app's own act); before its settle is over the disk goes."""
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    await world.tell(
        "radarr", op="file_deleted", kind="movie", id="7", reason="upgrade", own_act=True, settle=1800
    )
    app.roots["/films"] = root(accessible=False)
    app.put(film(7, has_file=False))  # as it does of every film below it
    await world.settle(1800.0)
    assert await world.graves() == []


async def test_a_release_of_many_does_not_believe_a_root_that_went_since(
    world: Any, film: Any, root: Any
) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.roots["/b"] = root("/b")
    app.put(*(film(n) for n in range(1, 101)), *(film(n, root="/b") for n in range(101, 121)))
    await world.scan("radarr")
    app.put(*(film(n, has_file=False) for n in range(1, 41)))
    await world.scan("radarr")
    hold = (await world.holds())[0]
    assert hold["reason"] == "many"
    app.roots["/films"] = root(accessible=False)  # the disk goes
    app.put(*(film(n, has_file=False) for n in range(41, 101)))
    await world.scan("radarr")
    await world.release_all("radarr")  # its sentence still says: 40 of 100, more than max_gone
    await world.settle()
    assert len(await world.graves()) <= 40, (
        f"{len(await world.graves())}; the sentence said: {hold['sentence']}"
    )


async def test_find_that_cannot_is_no_storm(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(7, refs=frozenset({Ref("imdb", "tt7")})))
    await world.scan("radarr")
    source = world.place("radarr").live.source
    hits = []

    async def find(ref: Any) -> Any:
        hits.append(1)
        raise Unsupported("cannot be asked by that")

    source.find = find
    app.put(film(500, key="7", path="/films/500.mkv", refs=frozenset({Ref("imdb", "tt500")})))
    app.busy = False
    await world.scan("radarr")
    app.roots = {}
    source.snapshot = _never
    await run_for(world, "radarr", 120, step=60.0)
    assert len(hits) <= 10, f"{len(hits)} finds in 2 h; {world.place('radarr').live.health.state}"
