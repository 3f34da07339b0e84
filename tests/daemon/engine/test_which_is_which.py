"""Replaced, re-identified, reused, copied, frozen: the same thing keeps its history, others do not get it."""

from dataclasses import replace
from typing import Any

import pytest

from reconciled.model import Item, Key, Ref


async def films(
    world: Any, film: Any, *, count: int = 100, name: str = "jellyfin", many: bool = True, **how: Any
) -> Any:
    app = await world.follow(name, many=many, **how)
    app.put(*(film(n, key=f"k{n}") for n in range(1, count + 1)))
    await world.scan(name)
    return app


async def test_a_replaced_file_is_replaced_in_one_scan(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "k7"))
    app.put(film(7, key="n7", path="/films/7 better.mkv"))
    run = await world.scan_and_settle("jellyfin")
    assert '"replaced":1' in run["stats"]
    assert await world.tombstones() == []
    assert await world.findings() == []
    assert await world.findings(is_open=False) == ["replaced movie n7"]
    line = await world.rows(
        "SELECT what, detail FROM timeline JOIN item ON item.id = item_id WHERE key = 'n7'"
    )
    assert {"what": "replaced", "detail": "movie k7 → movie n7"} in line


async def test_a_replacement_told_by_webhook_first_is_revived(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "k7"))
    await world.tell("jellyfin", op="deleted", kind="movie", id="k7")
    await world.settle()
    assert await world.findings() == ["gone movie k7"]
    app.put(film(7, key="n7"))
    await world.tell("jellyfin", op="changed", kind="movie", id="n7")
    await world.settle(0)
    assert await world.graves() == []
    assert await world.findings() == []
    assert "replaced movie k7" in await world.findings(is_open=False)


async def test_a_replacement_whose_new_key_came_before_the_proof(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "k7"))
    app.put(film(7, key="n7"))
    await world.tell("jellyfin", op="deleted", kind="movie", id="k7")
    await world.tell("jellyfin", op="changed", kind="movie", id="n7")
    await world.settle()
    assert await world.tombstones() == []
    presence = await world.presence("jellyfin")
    assert presence["movie n7"] == "present"
    assert "movie k7" not in presence


async def test_a_moved_library_loses_nothing(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.items = {}
    app.put(*(film(n, key=f"moved{n}", root="/other") for n in range(1, 101)))
    run = await world.scan_and_settle("jellyfin")
    assert '"replaced":100' in run["stats"]
    assert await world.tombstones() == []
    assert await world.holds() == []
    assert len(await world.presence("jellyfin")) == 100


async def test_of_two_copies_the_lost_one_is_remembered(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(7, key="uhd7", root="/uhd"))
    await world.scan("jellyfin")
    app.remove(Key("movie", "k7"))
    await world.scan_and_settle("jellyfin")
    assert await world.graves() == ["jellyfin movie k7 entry"]
    assert (await world.presence("jellyfin"))["movie uhd7"] == "present"


async def test_each_new_key_replaces_one_old_key_by_name_then_by_root(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(7, key="uhd7", root="/uhd", path="/uhd/7 uhd.mkv"))
    await world.scan("jellyfin")
    app.remove(Key("movie", "k7"), Key("movie", "uhd7"))
    app.put(film(7, key="new", root="/uhd", path="/uhd/7 remux.mkv"))
    await world.scan_and_settle("jellyfin")
    assert await world.graves() == ["jellyfin movie k7 entry"]
    line = await world.rows("SELECT detail FROM timeline WHERE what = 'replaced'")
    assert line == [{"detail": "movie uhd7 → movie new"}]


async def test_identify_changes_the_refs_and_finds_nothing(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(7, key="k7", refs=frozenset({Ref("tmdb:movie", "777"), Ref("imdb", "tt777")})))
    await world.scan_and_settle("jellyfin")
    assert await world.tombstones() == []
    assert await world.findings(is_open=False) == []
    line = await world.rows("SELECT what, detail FROM timeline WHERE what = 're-identified'")
    assert line == [
        {"what": "re-identified", "detail": "imdb:tt7, tmdb:movie/7 → imdb:tt777, tmdb:movie/777"}
    ]


async def test_a_reused_key_is_proved_by_finding_none_of_its_refs(world: Any, film: Any) -> None:
    app = await films(world, film, name="radarr", many=False)
    app.put(film(900, key="k7"))
    await world.tell("radarr", op="changed", kind="movie", id="k7")
    await world.settle(0)
    assert world.place("radarr").wants_scan.is_set()
    assert (await world.rows("SELECT title FROM item WHERE key = 'k7'")) == [{"title": "Film 7"}]
    await world.scan("radarr")
    assert await world.graves() == []
    await world.settle()
    assert await world.graves() == ["radarr movie k7 entry"]
    assert (await world.tombstones())[0]["title"] == "Film 7"
    titles = await world.rows("SELECT title FROM item WHERE key = 'k7' AND current = 1")
    assert titles == [{"title": "Film 900"}]


async def test_a_reused_key_whose_thing_stands_elsewhere_is_replaced(world: Any, film: Any) -> None:
    app = await films(world, film, name="radarr", many=False)
    app.put(film(900, key="k7"), film(7, key="k700"))
    await world.tell("radarr", op="changed", kind="movie", id="k7")
    await world.settle()
    await world.scan_and_settle("radarr")
    await world.settle(60)
    assert await world.tombstones() == []
    assert (await world.presence("radarr"))["movie k700"] == "present"


async def test_a_reused_key_is_proved_by_a_good_scan_begun_later(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(900, key="k7", path="/films/other.mkv"))
    await world.scan_and_settle("jellyfin")
    assert await world.tombstones() == []
    await world.scan_and_settle("jellyfin")
    assert [grave["title"] for grave in await world.tombstones()] == ["Film 7"]


async def test_items_that_only_refer_never_replace_each_other(world: Any, film: Any) -> None:
    app = await world.follow("seerr")
    app.put(*(film(n, refers=True) for n in range(1, 51)))
    await world.scan("seerr")
    app.remove(Key("movie", "7"))
    app.put(film(7, key="r7", refers=True))
    await world.scan_and_settle("seerr")
    assert await world.graves() == ["seerr movie 7 entry"]


async def test_a_removed_source_is_frozen_and_thaws_when_it_is_back(world: Any, film: Any) -> None:
    app = await films(world, film)
    await world.engine.remove("jellyfin", freeze=True)
    assert set((await world.presence("jellyfin")).values()) == {"frozen"}
    app.remove(Key("movie", "k7"))
    await world.follow("jellyfin", app, many=True)
    await world.scan_and_settle("jellyfin")
    presence = await world.presence("jellyfin")
    assert presence.pop("movie k7") == "gone"
    assert set(presence.values()) == {"present"}


async def test_a_source_that_comes_back_empty_is_a_hold(world: Any, film: Any) -> None:
    app = await films(world, film)
    await world.engine.remove("jellyfin", freeze=True)
    app.items = {}
    await world.follow("jellyfin", app, many=True)
    await world.scan_and_settle("jellyfin")
    assert [hold["reason"] for hold in await world.holds()] == ["instance"]
    assert await world.tombstones() == []


async def test_what_a_narrower_scope_leaves_out_is_frozen(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(Item(Key("series", "s1"), "Show", frozenset({Ref("tvdb:series", "1")})))
    await world.scan("jellyfin")
    await world.engine.remove("jellyfin", freeze=False)
    await world.follow("jellyfin", app, many=True, kinds=frozenset({"movie"}), scope={"kinds": ["movie"]})
    await world.scan_and_settle("jellyfin")
    assert (await world.presence("jellyfin"))["series s1"] == "frozen"
    assert await world.tombstones() == []


async def test_a_migrated_instance_with_the_same_library_goes_on(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.instance = "two"
    app.remove(Key("movie", "k7"))
    await world.scan_and_settle("jellyfin")
    await world.settle(60)
    assert await world.holds() == []
    assert await world.graves() == ["jellyfin movie k7 entry"]


@pytest.mark.parametrize("many", [False, True])
async def test_a_second_reading_spares_hundreds_of_lookups(world: Any, film: Any, many: bool) -> None:
    app = await world.follow("radarr", many=many, max_gone=0.9)
    app.put(*(film(n) for n in range(1, 401)))
    await world.scan("radarr")
    first = {"done": False}

    def hide_once(_: int) -> None:
        app.unlisted = set() if first["done"] else {Key("movie", str(n)) for n in range(1, 251)}
        first["done"] = True

    app.on_page = hide_once
    app.asked.clear()
    await world.scan_and_settle("radarr")
    lookups = [what for what in app.asked if what[0].startswith("lookup")]
    assert (len(lookups) == 0) == (not many)
    assert set((await world.presence("radarr")).values()) == {"present"}


async def test_a_disputed_pair_is_not_a_replacement(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "k7"))
    odd = replace(film(7, key="n7"), refs=frozenset({Ref("tmdb:movie", "7"), Ref("imdb", "tt999")}))
    app.put(odd)
    await world.scan_and_settle("jellyfin")
    assert await world.graves() == ["jellyfin movie k7 entry"]


async def test_who_deleted_the_new_thing_under_a_key_is_not_said_of_the_old_one(
    world: Any, film: Any
) -> None:
    app = await films(world, film, name="radarr", many=False)
    app.put(film(900, key="k7"))
    await world.scan("radarr")
    app.remove(Key("movie", "k7"))
    await world.tell(
        "radarr", op="deleted", kind="movie", id="k7", title="Film 900", own_act=True, actor="anna"
    )
    await world.settle()
    await world.settle(60)
    await world.scan_and_settle("radarr")
    causes = {grave["title"]: await world.cause(grave["story_id"]) for grave in await world.tombstones()}
    assert causes == {"Film 7": "external", "Film 900": "radarr"}
