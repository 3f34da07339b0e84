"""Ways in which something that stands could have been called gone, each found by attacking the engine."""

from typing import Any

from reconciled.model import Key, Ref
from reconciled.testing.model_app import ModelApp


async def films(world: Any, film: Any, name: str = "radarr", count: int = 100, **how: Any) -> Any:
    app = await world.follow(name, **how)
    app.put(*(film(n) for n in range(1, count + 1)))
    await world.scan(name)
    return app


async def test_a_root_that_went_away_after_the_probe_is_noticed(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    await world.tell("radarr", op="file_deleted", kind="movie", id="7", reason="upgrade", settle=1800)
    await world.scan("radarr")  # a probe after the suspicion: all is well, film 7 has its file
    await world.tell("radarr", op="file_deleted", kind="movie", id="8", reason="upgrade", settle=1800)
    await world.engine.probe("radarr")
    app.roots["/films"] = root(accessible=False)  # the disk goes
    app.put(film(8, has_file=False))
    await world.settle(1800.0)
    assert await world.graves() == []


async def _reused(world: Any, film: Any, moved: Any) -> Any:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"))
    app.put(moved)
    app.unlisted.add(moved.key)
    await world.scan("radarr")
    await world.settle()
    return app


async def test_a_displaced_film_that_find_shows_as_disputed_is_not_gone(world: Any, film: Any) -> None:
    await _reused(
        world, film, film(7, key="700", refs=frozenset({Ref("tmdb:movie", "7"), Ref("imdb", "tt99999")}))
    )
    assert await world.graves() == []


async def test_a_displaced_film_is_asked_for_by_all_its_refs(world: Any, film: Any) -> None:
    await _reused(world, film, film(7, key="700", refs=frozenset({Ref("tmdb:movie", "7")})))
    assert await world.graves() == []


async def test_control_displaced_same(world: Any, film: Any) -> None:
    await _reused(world, film, film(7, key="700"))
    assert await world.graves() == []


async def test_a_busy_listing_proves_no_displaced_item_gone(world: Any, film: Any) -> None:
    app = await films(world, film, "jelly", many=True)
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"))
    app.put(film(7, key="j700"))
    app.unlisted.add(Key("movie", "j700"))
    app.busy = True
    await world.scan("jelly")
    await world.scan("jelly")
    assert await world.graves() == []


async def test_an_account_that_lost_rights_is_not_believed_at_the_second_scan(world: Any, film: Any) -> None:
    app = await world.follow("jelly", many=True)
    app.put(*(film(n, root="/a") for n in range(1, 101)), *(film(n, root="/b") for n in range(101, 201)))
    await world.scan("jelly")
    app.sees_everything = False
    hidden = [app.items.pop(Key("movie", str(n))) for n in (1, 2)]
    await world.scan("jelly")
    assert await world.held() == 2
    await world.scan("jelly")
    hidden += [app.items.pop(Key("movie", str(n))) for n in (101, 102)]
    await world.scan("jelly")
    await world.settle()
    assert await world.graves() == [], "the account still does not see everything"


async def test_a_release_of_one_hold_does_not_make_a_stranger_trusted(world: Any, film: Any) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n, root="/a") for n in range(1, 101)), *(film(n, root="/b") for n in range(101, 201)))
    await world.scan("radarr")
    app.remove(*(Key("movie", str(n)) for n in range(1, 41)))
    await world.scan("radarr")
    assert await world.held() == 40
    await world.tell("radarr", op="deleted", kind="movie", id="150", title="Film 150")
    app.instance = "two"  # another instance, an older copy: 150 is not in it
    app.remove(Key("movie", "150"))
    await world.engine.probe("radarr")
    await world.settle()
    assert await world.graves() == []
    await world.release_all("radarr")
    await world.settle(120.0)
    assert "radarr movie 150 entry" not in await world.graves(), "proved by a stranger"


async def test_a_pending_suspect_waits_for_the_baseline(world: Any, film: Any) -> None:
    await films(world, film)
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7")  # a lie, unproved yet
    other = ModelApp()
    other.put(*(film(n) for n in range(51, 101)))
    await world.engine.remove("radarr", freeze=False)
    await world.follow("radarr", other, scope={"url": "http://elsewhere"})
    await world.settle()
    assert await world.graves() == [], "asked of another installation before its baseline"


async def test_a_changed_root_is_not_believed_because_nothing_is_missing_yet(
    world: Any, film: Any, root: Any
) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = root(
        device="/dev/root", size=10**10
    )  # the mount is gone, a folder of the system disk shows
    await world.scan("radarr")  # the app has not looked at its disk yet
    app.put(*(film(n, has_file=False) for n in range(1, 5)))
    await world.scan_and_settle("radarr")
    assert await world.graves() == []


async def test_a_changed_root_is_not_believed_because_the_daemon_was_off_for_days(
    world: Any, film: Any, root: Any
) -> None:
    """Nobody looked meanwhile, and the app, which was off too, has not read its disk yet."""
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = root(device="/dev/root", size=10**10)
    await world.scan("radarr")
    world.clock.advance(3 * 86400)
    await world.restart()
    app.put(*(film(n, has_file=False) for n in range(1, 5)))
    await world.scan_and_settle("radarr")
    assert await world.graves() == []


async def test_a_changed_root_is_believed_by_a_box_that_is_off_each_night(
    world: Any, film: Any, root: Any
) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.roots["/films"] = root(device="/dev/new")
    for _ in range(4):
        await world.scan("radarr")
        world.clock.advance(86400)
        await world.restart()
    app.put(film(4, has_file=False))
    await world.scan_and_settle("radarr")
    assert await world.graves() == ["radarr movie 4 file"]


async def test_busy_that_began_after_the_probe_is_noticed(world: Any, film: Any) -> None:
    app = await films(world, film)
    film7 = app.items.pop(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7", settle=1800)
    await world.engine.probe("radarr")
    world.clock.advance(1700.0)
    app.busy = True  # the library refresh takes it out and puts it back
    await world.settle(100.0)
    app.put(film7)
    assert await world.graves() == []


async def test_frozen_item_named_by_an_event_is_not_gone(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("jelly", many=True)
    app.roots |= {"/a": root("/a"), "/b": root("/b")}
    app.put(*(film(n, root="/a") for n in range(1, 101)), *(film(n, root="/b") for n in range(101, 121)))
    await world.scan("jelly")
    await world.engine.remove("jelly", freeze=False)
    del app.roots["/b"]  # the user took library /b out of the scope
    app.remove(
        *(Key("movie", str(n)) for n in range(101, 121))
    )  # not shown to a question about the libraries in scope
    await world.follow("jelly", app, many=True, scope={"libraries": ["a"]})
    await world.scan("jelly")
    assert (await world.presence("jelly"))["movie 110"] == "frozen"
    await world.tell("jelly", op="changed", kind="movie", id="110")
    await world.settle()
    await world.settle()
    assert await world.graves() == []
    assert (await world.presence("jelly"))["movie 110"] == "frozen"


async def test_suspect_frozen_by_scope_is_not_gone(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("jelly", many=True)
    app.roots |= {"/a": root("/a"), "/b": root("/b")}
    app.put(*(film(n, root="/a") for n in range(1, 101)), *(film(n, root="/b") for n in range(101, 121)))
    await world.scan("jelly")
    app.unlisted.add(Key("movie", "110"))
    app.trouble = None
    await world.scan("jelly")  # 110 is a suspect
    await world.engine.remove("jelly", freeze=False)
    del app.roots["/b"]
    app.remove(*(Key("movie", str(n)) for n in range(101, 121)))
    await world.follow("jelly", app, many=True, scope={"libraries": ["a"]})
    await world.scan("jelly")
    await world.settle()
    await world.settle()
    assert await world.graves() == []


async def test_find_between_yeses_at_most_60_s_apart(world: Any, film: Any) -> None:
    app = await films(world, film)
    source = world.place("radarr").live.source

    async def slow(ref: Any) -> Any:
        world.clock.advance(600.0)
        return []

    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"), film(7, key="700"))
    app.unlisted.add(Key("movie", "700"))
    source.find = slow
    await world.scan("radarr")
    await world.settle()
    assert await world.graves() == []


async def test_an_own_act_suspect_is_not_believed_of_an_account_without_rights(world: Any, film: Any) -> None:
    app = await films(world, film)
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True)  # untrue
    app.sees_everything = False
    app.items.pop(Key("movie", "7"))  # hidden
    await world.engine.probe("radarr")
    await world.settle()
    assert await world.graves() == []


async def test_an_own_act_suspect_waits_while_the_app_is_busy(world: Any, film: Any) -> None:
    app = await films(world, film)
    film7 = app.items.pop(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True)
    app.busy = True
    await world.engine.probe("radarr")
    await world.settle()
    app.put(film7)
    assert await world.graves() == []


async def test_a_displaced_suspect_is_judged_before_find_ends_it(world: Any, film: Any, root: Any) -> None:
    """Account lost its rights after the suspicion: what it does not show may still be there."""
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    app.put(film(500, key="7"), film(7, key="700"))
    app.unlisted.add(Key("movie", "700"))
    await world.scan("radarr")
    app.sees_everything = False
    app.items.pop(Key("movie", "700"))  # hidden from this account
    await world.engine.probe("radarr")
    await world.settle()
    assert await world.graves() == []
