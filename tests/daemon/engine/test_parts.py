"""Parents first: a part of what is a suspect is neither asked about nor counted, and shares its end."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, movie, policy, season, series, whole

from reconciled.config import Step, Verb, When
from reconciled.engine.said import forget
from reconciled.ledger import items
from reconciled.model import Item, Key, Ref
from reconciled.testing.model_app import ModelApp


async def sonarr(world: World, count: int = 20, seasons: int = 10, **more: Any) -> ModelApp:
    """An app of series, each with seasons and specials, followed and read once."""
    app = await world.follow("sonarr", **more)
    for n in range(1, count + 1):
        app.put(*whole(series(n), seasons))
    await world.scan("sonarr")
    return app


def drop(app: ModelApp, *numbers: int) -> None:
    """Series with everything that is theirs."""
    for n in numbers:
        app.remove(*[key for key in app.items if key.id.partition("/")[0] == str(n)])


def asked_about(app: ModelApp, number: int, kind: str = "season") -> list[str]:
    """Which keys of a series were looked up."""
    words = [word for what in app.asked for word in what[1:] if what[0].startswith("lookup")]
    return [word for word in words if f"{word}/".startswith(f"{kind} {number}/")]


async def states(world: World, number: int) -> set[str]:
    """The presences of a series' parts."""
    held = await world.presence("sonarr")
    return {presence for key, presence in held.items() if key.startswith(f"season {number}/")}


@pytest.mark.parametrize("many", [False, True])
async def test_a_series_goes_with_its_seasons_as_one_loss(world: World, many: bool) -> None:
    app = await sonarr(world, many=many)
    drop(app, 7)
    run = await world.scan_and_settle("sonarr")
    assert json.loads(run["stats"])["held"] == 0
    assert await world.graves() == ["sonarr series 7 entry"]
    assert await world.findings() == ["gone series 7"]
    assert await states(world, 7) == {"gone"}
    assert await world.suspects() == 0
    assert await world.rows("SELECT * FROM work") == []
    assert asked_about(app, 7) == []
    (grave,) = await world.tombstones()
    image = json.loads(grave["image"])
    assert [part["key"] for part in image["parts"]] == [f"season 7/{n}" for n in range(11)]
    assert image["parts"][2]["refs"] == ["tvdb:series/7/s02"]
    assert len(await world.rows("SELECT * FROM part WHERE back_seq IS NULL")) == 11
    times = await world.rows(
        "SELECT what FROM timeline JOIN item ON item.id = item_id WHERE key = '7/3' ORDER BY timeline.id"
    )
    assert times == [{"what": "entry gone"}]


async def test_a_deletion_that_the_app_told_takes_the_seasons_along(world: World) -> None:
    app = await sonarr(world)
    drop(app, 7)
    await world.tell("sonarr", op="deleted", kind="series", id="7", title="Series 7", own_act=True)
    await world.settle()
    assert await world.graves() == ["sonarr series 7 entry"]
    assert await states(world, 7) == {"gone"}
    assert asked_about(app, 7) == []


@pytest.mark.parametrize("told_as", ["deleted", "changed"])
async def test_seasons_told_one_by_one_before_their_series(world: World, told_as: str) -> None:
    """Jellyfin 12 announces every descendant first; that is one loss, and no hold."""
    app = await sonarr(world, count=5)
    drop(app, 3)
    for n in range(11):
        await world.tell("sonarr", op=told_as, kind="season", id=f"3/{n}", title="Told")
    await world.settle(0.0)
    await world.tell("sonarr", op="deleted", kind="series", id="3", title="Series 3")
    assert await world.holds() == []
    await world.settle()
    assert await world.graves() == ["sonarr series 3 entry"]
    assert await states(world, 3) == {"gone"}
    said = await world.rows("SELECT how, count(*) AS n FROM evidence GROUP BY how ORDER BY how")
    told = {row["how"]: row["n"] for row in said}
    assert told["event"] == (12 if told_as == "deleted" else 1)
    assert told["lookup"] == 1
    assert await world.rows("SELECT * FROM evidence WHERE tombstone_id IS NULL") == []


async def test_seasons_that_went_while_their_series_stands(world: World) -> None:
    app = await sonarr(world)
    app.remove(Key("season", "7/2"), Key("season", "7/3"))
    await world.tell("sonarr", op="deleted", kind="season", id="7/2", title="Told")
    assert asked_about(app, 7) == []
    await world.settle()
    assert asked_about(app, 7, "series") == ["series 7"]
    lookups = [what[1] for what in app.asked if what[0] == "lookup"]
    assert lookups.index("series 7") < lookups.index("season 7/2")
    await world.settle(0.0)
    assert await world.graves() == ["sonarr season 7/2 entry"]
    await world.scan_and_settle("sonarr")
    assert await world.graves() == ["sonarr season 7/2 entry", "sonarr season 7/3 entry"]
    assert await world.findings() == ["gone season 7/2", "gone season 7/3"]


@pytest.mark.parametrize(("gone", "holds"), [(5, 0), (6, 1)])
async def test_a_hold_counts_series_and_not_their_seasons(world: World, gone: int, holds: int) -> None:
    app = await sonarr(world, count=30)
    drop(app, *range(3, 3 + gone))
    run = await world.scan_and_settle("sonarr")
    assert json.loads(run["stats"])["held"] == (gone if holds else 0)
    assert [hold["kind"] for hold in await world.holds()] == ["series"] * holds
    assert len(await world.graves()) == (0 if holds else gone)


async def test_what_is_held_holds_its_parts_until_it_is_released(world: World) -> None:
    app = await sonarr(world, count=10)
    drop(app, *range(1, 7))
    for _ in range(2):
        await world.scan_and_settle("sonarr")
        await world.settle(7 * 3600.0)
    assert await world.graves() == []
    assert await world.held() == 6
    assert len(await world.rows("SELECT * FROM hold_item")) == 6
    assert await states(world, 3) == {"unlisted"}
    assert asked_about(app, 3) == []
    await world.release_all("sonarr")
    await world.settle(0.0)
    assert len(await world.graves()) == 6
    assert await states(world, 3) == {"gone"}
    assert await world.suspects() == 0


async def test_what_is_held_and_back_frees_its_parts(world: World) -> None:
    app = await sonarr(world, count=10)
    before = dict(app.items)
    drop(app, *range(1, 7))
    await world.scan_and_settle("sonarr")
    app.items = before
    app.remove(Key("season", "2/4"))
    await world.scan_and_settle("sonarr")
    assert await world.holds() == []
    assert await world.graves() == ["sonarr season 2/4 entry"]
    assert set((await world.presence("sonarr")).values()) == {"present", "gone"}


async def test_a_series_that_is_only_hidden_keeps_its_seasons(world: World) -> None:
    app = await sonarr(world)
    app.unlisted |= {key for key in app.items if key.id.startswith("7")}
    app.remove(Key("season", "7/4"))
    await world.scan_and_settle("sonarr")
    await world.settle(0.0)
    assert await world.graves() == ["sonarr season 7/4 entry"]
    app.unlisted.clear()
    await world.scan_and_settle("sonarr")
    await world.settle(0.0)
    assert await world.graves() == ["sonarr season 7/4 entry"]
    assert await states(world, 7) == {"present", "gone"}


async def test_denied_with_everything_else_nothing_ends(world: World) -> None:
    app = await sonarr(world)
    app.deny = lambda _: True
    app.unlisted |= {key for key in app.items if key.id.startswith("7")}
    await world.scan_and_settle("sonarr")
    await world.settle(3600.0)
    assert await world.graves() == []
    assert await states(world, 7) == {"unlisted"}


async def test_a_season_seen_since_its_series_is_asked_about_by_itself(world: World) -> None:
    app = await sonarr(world)
    await world.engine.lookup("sonarr", Key("season", "7/5"))
    series_7 = [key for key in app.items if key.id == "7"]
    app.remove(*series_7)  # and its seasons stand: this app contradicts itself
    await world.tell("sonarr", op="deleted", kind="series", id="7", title="Series 7")
    await world.settle()
    held = await world.presence("sonarr")
    assert (held["series 7"], held["season 7/5"]) == ("gone", "present")
    drop(app, 7)
    await world.tell("sonarr", op="changed", kind="season", id="7/5")
    await world.settle(0.0)
    await world.settle()
    assert await world.graves() == ["sonarr series 7 entry"]  # it was never seen since
    assert await states(world, 7) == {"gone"}


@pytest.mark.parametrize("scanned", [True, False])
async def test_a_series_that_comes_back_brings_its_seasons(world: World, scanned: bool) -> None:
    app = await sonarr(world)
    before = dict(app.items)
    drop(app, 7)
    await world.scan_and_settle("sonarr")
    app.items = before
    if scanned:
        await world.scan("sonarr")
    else:
        await world.tell("sonarr", op="changed", kind="series", id="7")
        await world.settle(0.0)
        await world.settle(0.0)
    assert await world.graves() == []
    assert await world.findings() == []
    assert await states(world, 7) == {"present"}
    assert await world.rows("SELECT * FROM part WHERE back_seq IS NULL") == []


async def test_a_season_that_is_shown_alone_makes_its_series_be_asked(world: World) -> None:
    app = await sonarr(world)
    before = dict(app.items)
    drop(app, 7)
    await world.scan_and_settle("sonarr")
    alone = Key("season", "7/2")
    app.put(before[alone])
    app.asked.clear()
    await world.scan_and_settle("sonarr")
    assert asked_about(app, 7, "series") == ["series 7"]
    assert await world.graves() == ["sonarr series 7 entry"]
    assert (await world.presence("sonarr"))["season 7/2"] == "present"
    app.remove(alone)
    await world.scan_and_settle("sonarr")
    assert await world.graves() == ["sonarr series 7 entry", "sonarr season 7/2 entry"]


async def test_seasons_that_are_held_by_themselves_stay_so_when_their_series_goes(world: World) -> None:
    app = await sonarr(world, count=5)
    app.remove(*(Key("season", f"3/{n}") for n in range(2, 11)))
    await world.scan_and_settle("sonarr")
    assert await world.held() == 9
    drop(app, 3)
    await world.scan_and_settle("sonarr")
    assert await world.graves() == ["sonarr series 3 entry"]
    assert await world.held() == 9
    await world.release_all("sonarr")
    await world.settle(0.0)
    assert await world.graves() == ["sonarr series 3 entry"]
    assert await states(world, 3) == {"gone"}
    assert await world.findings() == ["gone series 3"]


async def test_no_season_of_a_suspect_stands_up_for_another(world: World) -> None:
    await sonarr(world, count=3)
    await world.tell("sonarr", op="deleted", kind="series", id="3", title="Series 3")
    for _ in range(20):
        found = await world.ledger.read(lambda tx: items.controls(tx, 1, "season", besides=[], before=None))
        assert {row.item.parent for row in found} <= {Key("series", "1"), Key("series", "2")}


# --- files ----------------------------------------------------------------------------------------


def without_files(app: ModelApp, number: int) -> None:
    for key in [key for key in app.items if key.id.partition("/")[0] == str(number)]:
        app.put(replace(app.items[key], has_file=False))


async def files_of(world: World, number: int) -> set[int]:
    found = await world.rows("SELECT has_file FROM item WHERE key LIKE ?", f"{number}/%")
    return {row["has_file"] for row in found}


@pytest.mark.parametrize("way", ["scan", "series told", "seasons told"])
async def test_a_series_that_lost_its_files_lost_those_of_its_seasons(world: World, way: str) -> None:
    app = await sonarr(world)
    without_files(app, 7)
    if way == "series told":
        await world.tell("sonarr", op="changed", kind="series", id="7")
        await world.settle(0.0)
    elif way == "seasons told":
        for n in range(11):
            await world.tell("sonarr", op="changed", kind="season", id=f"7/{n}")
        await world.settle(0.0)
    for _ in range(3):
        await world.scan_and_settle("sonarr")
    assert await world.holds() == []
    assert await world.graves() == ["sonarr series 7 file"]
    assert await world.findings() == ["gone series 7"]
    assert await files_of(world, 7) == {0}
    assert await world.suspects() == 0


async def test_a_season_that_lost_its_files_alone(world: World) -> None:
    app = await sonarr(world)
    lost = Key("season", "7/2")
    app.put(replace(app.items[lost], has_file=False))
    await world.scan_and_settle("sonarr")
    await world.settle(0.0)
    assert await world.graves() == ["sonarr season 7/2 file"]
    without_files(app, 7)
    await world.scan_and_settle("sonarr")
    assert await world.graves() == ["sonarr season 7/2 file", "sonarr series 7 file"]
    drop(app, 7)
    await world.scan_and_settle("sonarr")
    assert (await world.graves())[-1] == "sonarr series 7 entry"
    assert await world.findings() == ["gone series 7"]  # all that was said of its files is over


async def test_files_that_come_back_to_a_season_make_its_series_be_asked(world: World) -> None:
    app = await sonarr(world)
    before = dict(app.items)
    without_files(app, 7)
    await world.scan_and_settle("sonarr")
    app.items = before
    await world.tell("sonarr", op="changed", kind="season", id="7/2")
    await world.settle(0.0)
    await world.settle(0.0)
    assert await world.graves() == []
    assert await world.findings() == []


# --- other keys, other things -----------------------------------------------------------------------


async def rows_by_title(world: World) -> dict[str, list[tuple[int, str, str]]]:
    found: dict[str, list[tuple[int, str, str]]] = {}
    for row in await world.rows("SELECT id, title, key, presence FROM item WHERE current = 1"):
        found.setdefault(row["title"], []).append((row["id"], row["key"], row["presence"]))
    return found


async def test_a_series_under_a_new_key_hands_its_seasons_over_by_number(world: World) -> None:
    app = await sonarr(world)
    before = await rows_by_title(world)
    drop(app, 7)
    app.put(*whole(series(7, key="70"), 10))
    run = await world.scan_and_settle("sonarr")
    after = await rows_by_title(world)
    assert json.loads(run["stats"])["replaced"] == 12
    assert await world.graves() == []
    assert await world.suspects() == 0
    for n in range(11):
        title = f"Series 7: Season {n}"
        assert after[title] == [(before[title][0][0], f"70/{n}", "present")]
    assert await world.findings(is_open=False) == ["replaced series 70"]


async def test_what_a_replaced_series_no_longer_has_is_judged_for_itself(world: World) -> None:
    app = await sonarr(world)
    drop(app, 7)
    app.put(*whole(series(7, key="70"), 9))
    await world.scan_and_settle("sonarr")
    await world.settle(0.0)
    assert await world.graves() == ["sonarr season 7/10 entry"]


async def test_a_series_told_under_a_new_key_is_followed_by_its_seasons(world: World) -> None:
    app = await sonarr(world)
    drop(app, 7)
    app.put(*whole(series(7, key="70"), 10))
    await world.tell("sonarr", op="changed", kind="series", id="70")
    await world.settle(0.0)
    await world.tell("sonarr", op="deleted", kind="series", id="7", title="Series 7")
    await world.settle()
    await world.scan_and_settle("sonarr")
    await world.settle(0.0)
    assert await world.graves() == []
    held = await world.presence("sonarr")
    assert {held[f"season 70/{n}"] for n in range(11)} == {"present"}
    assert not any(key.startswith("season 7/") for key in held)


async def test_a_key_that_names_another_series_displaces_the_seasons_too(world: World) -> None:
    app = await sonarr(world)
    drop(app, 7)
    app.put(*whole(series(99, key="7"), 2))
    await world.scan("sonarr")
    for _ in range(2):
        await world.scan_and_settle("sonarr")
    assert await world.graves() == ["sonarr series 7 entry"]
    titles = await rows_by_title(world)
    assert titles["Series 99: Season 0"][0][2] == "present"
    assert "Series 7: Season 0" not in titles
    gone = await world.rows("SELECT title FROM item WHERE presence = 'gone' ORDER BY id")
    assert len(gone) == 12
    assert {row["title"].partition(":")[0] for row in gone} == {"Series 7"}
    assert await world.suspects() == 0


async def test_a_displaced_series_that_stands_elsewhere_keeps_its_seasons(world: World) -> None:
    app = await sonarr(world)
    before = await rows_by_title(world)
    drop(app, 7)
    app.put(*whole(series(99, key="7"), 2), *whole(series(7, key="70"), 10))
    for _ in range(3):
        await world.scan_and_settle("sonarr")
    assert await world.graves() == []
    after = await rows_by_title(world)
    for n in range(11):
        title = f"Series 7: Season {n}"
        assert after[title] == [(before[title][0][0], f"70/{n}", "present")]


async def test_a_key_that_flips_back_loses_nothing(world: World) -> None:
    app = await sonarr(world, many=True)  # it cannot be asked by ref
    before, rows = dict(app.items), await rows_by_title(world)
    drop(app, 7)
    app.put(*whole(series(99, key="7"), 2))
    await world.scan("sonarr")
    app.items = dict(before)
    for _ in range(4):
        await world.scan_and_settle("sonarr")
    after = await rows_by_title(world)
    assert {title: rows[title] for title in rows} == {title: after[title] for title in rows}
    assert await world.graves() == ["sonarr series 99 entry"] or await world.graves() == [
        "sonarr series 7 entry"
    ]
    assert await world.suspects() == 0


async def test_a_key_that_changes_hands_three_times_loses_no_specials(world: World) -> None:
    """Specials have no refs: which series they are of is told by when they were seen."""
    app = await world.follow("sonarr")
    for n in range(1, 13):
        app.put(*whole(series(n), 1))
    await world.scan("sonarr")
    for holder in (31, 32, 31):
        drop(app, 5)
        app.put(*whole(series(holder, key="5"), 0 if holder == 31 else -1))
        await world.scan("sonarr")
    for _ in range(3):
        await world.scan_and_settle("sonarr")
    present = await world.rows("SELECT title FROM item WHERE presence = 'present' AND key = '5/0'")
    assert present == [{"title": "Series 31: Season 0"}]
    gone = {row["title"] for row in await world.rows("SELECT title FROM item WHERE presence = 'gone'")}
    assert gone == {"Series 5", "Series 5: Season 0", "Series 5: Season 1", "Series 32"}
    assert await world.suspects() == 0


async def test_a_series_that_was_identified_anew_keeps_its_seasons(world: World) -> None:
    """Jellyfin's "Identify": same id, same path, other refs; its seasons without a folder follow."""
    app = await sonarr(world, count=3, seasons=20)
    before = await rows_by_title(world)
    other = series(3, path="/tv/3", refs=frozenset({Ref("tvdb:series", "300")}))
    app.put(*whole(other, 20))
    await world.scan_and_settle("sonarr")
    assert await world.graves() == []
    assert await world.holds() == []
    assert await world.suspects() == 0
    assert await rows_by_title(world) == before
    refs = await world.rows("SELECT value FROM ref JOIN item ON item.id = item_id WHERE key = '3/4'")
    assert refs == [{"value": "300/s04"}]
    assert len(await world.rows("SELECT * FROM timeline WHERE what = 're-identified'")) == 21


# --- another world ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "hold"),
    [
        (lambda app: drop(app, 1), None),
        (lambda app: drop(app, *range(1, 10)), "many"),
        (lambda app: reuse(app, *range(1, 7)), "instance"),
        (lambda app: reuse(app, 1), None),
    ],
)
async def test_seasons_hide_no_other_world(
    world: World, change: Callable[[ModelApp], None], hold: str | None
) -> None:
    app = await sonarr(world, count=40, seasons=2)
    change(app)
    await world.scan_and_settle("sonarr")
    assert [found["reason"] for found in await world.holds()] == ([hold] if hold else [])


def reuse(app: ModelApp, *numbers: int) -> None:
    for n in numbers:
        drop(app, n)
        app.put(*whole(series(1000 + n, key=str(n)), 2))


async def test_many_films_that_are_others_do_not_hide_behind_seasons(world: World) -> None:
    app = await sonarr(world, count=40, seasons=10)
    app.put(*(movie(n) for n in range(1, 41)))
    await world.scan("sonarr")
    app.instance = "two"
    for n in range(1, 41):
        app.remove(Key("movie", str(n)))
    await world.scan_and_settle("sonarr")
    assert [found["reason"] for found in await world.holds()] == ["instance"]
    assert await world.graves() == []


async def test_what_is_frozen_stays_so_when_its_series_goes(world: World) -> None:
    app = await sonarr(world)
    await world.engine.remove("sonarr", freeze=False)
    await world.follow("sonarr", app, kinds=frozenset({"series"}), scope={"kinds": ["series"]})
    await world.scan("sonarr")
    drop(app, 7)
    await world.scan_and_settle("sonarr")
    assert await world.graves() == ["sonarr series 7 entry"]
    assert await states(world, 7) == {"frozen"}
    await world.engine.remove("sonarr", freeze=False)
    await world.follow("sonarr", app, scope={})
    await world.scan("sonarr")
    await world.scan_and_settle("sonarr")
    await world.settle(0.0)
    assert set(await states(world, 7)) <= {"gone", "unlisted"}
    assert await states(world, 8) == {"present"}


async def test_a_source_that_is_forgotten_takes_its_parts_along(world: World) -> None:
    app = await sonarr(world)
    drop(app, 7)
    await world.scan_and_settle("sonarr")
    await world.engine.remove("sonarr", freeze=True)
    await forget(world.engine, "sonarr")
    assert await world.rows("SELECT * FROM part") == []
    assert await world.rows("SELECT * FROM item") == []
    assert await world.graves() == ["sonarr series 7 entry"]


async def test_what_is_gone_for_long_leaves_with_its_parts(world: World) -> None:
    app = await sonarr(world)
    drop(app, 7)
    await world.scan_and_settle("sonarr")
    await world.ledger.write(lambda tx: items.forget_gone(tx, before="9999", limit=100))
    assert await states(world, 7) == set()
    assert await world.rows("SELECT * FROM part") == []
    (grave,) = await world.tombstones()
    assert len(json.loads(grave["image"])["parts"]) == 11


@pytest.mark.parametrize("length", [1, 2, 3])
async def test_a_plugin_that_makes_circles_is_not_followed_for_ever(world: World, length: int) -> None:
    app = await world.follow("odd")
    ring = [Key("series", str(n)) for n in range(length)]
    app.put(*(replace(series(n), parent=ring[(n + 1) % length]) for n in range(length)), *whole(series(9), 2))
    await world.scan("odd")
    app.remove(*ring)
    for _ in range(3):
        await world.scan_and_settle("odd")
    assert (await world.presence("odd"))["series 9"] == "present"


# --- policies ---------------------------------------------------------------------------------------


def asked_for(number: int, of: Item) -> Item:
    return Item(Key("request", str(number)), of.title, of.strong_refs, attrs={"tags": []}, refers=True)


async def household(world: World) -> ModelApp:
    """A series app, and an app in which series 7 and its second season were asked for."""
    app = await sonarr(world)
    requests = await world.follow("requests")
    requests.put(asked_for(1, series(7)), asked_for(2, season(series(7), 2)), asked_for(3, series(8)))
    await world.scan("requests")
    return app


FORGET = Step(Verb.DELETE, "requests")


async def test_a_policy_for_seasons_does_not_fire_when_the_series_went(world: World) -> None:
    app = await household(world)
    for_seasons = policy("seasons", FORGET, sources=frozenset({"sonarr"}), kinds=frozenset({"season"}))
    for_series = policy("series", FORGET, sources=frozenset({"sonarr"}), kinds=frozenset({"series"}))
    await world.decide(for_seasons, for_series)
    drop(app, 7)
    await world.scan("sonarr")
    await world.pass_time(3600)
    assert await world.actions() == ["done delete requests request 1"]


async def test_a_policy_for_seasons_fires_for_a_season(world: World) -> None:
    app = await household(world)
    await world.decide(policy("seasons", FORGET, sources=frozenset({"sonarr"}), kinds=frozenset({"season"})))
    app.remove(Key("season", "7/2"))
    await world.scan("sonarr")
    await world.pass_time(3600)
    assert await world.actions() == ["done delete requests request 2"]


async def test_what_was_asked_for_below_a_lost_series_is_an_orphan(world: World) -> None:
    app = await household(world)
    orphans = policy("orphans", FORGET, when=When.ORPHAN, sources=frozenset({"requests"}))
    await world.decide(orphans)
    drop(app, 7)
    await world.scan("sonarr")
    await world.pass_time(3600)
    assert await world.actions() == ["done delete requests request 1", "done delete requests request 2"]


async def test_nothing_is_done_for_a_series_while_a_season_of_it_stands(world: World) -> None:
    app = await household(world)
    await world.decide(policy("series", FORGET, sources=frozenset({"sonarr"}), kinds=frozenset({"series"})))
    alone = app.items[Key("season", "7/2")]
    drop(app, 7)
    await world.scan("sonarr")
    await world.settle()
    app.put(alone)
    await world.scan("sonarr")
    await world.pass_time(3600)
    assert await world.actions() == ["planned delete requests request 1"]
    assert await world.reasons() == ["season 7/2 of sonarr, a part of it, is still there"]
    drop(app, 7)
    await world.scan("sonarr")
    await world.pass_time(7200)
    assert await world.actions() == ["done delete requests request 1"]


@pytest.mark.parametrize(
    ("doubt", "said"), [("held", "is held"), ("told", "is a suspect that is not proved"), ("gone", "suspect")]
)
async def test_a_season_below_a_doubted_series_agrees_to_nothing(world: World, doubt: str, said: str) -> None:
    """Jellyfin lost a season; Sonarr's series is in doubt, and its season with it."""
    app = await sonarr(world, count=10)
    other = await world.follow("jellyfin")
    other.put(*whole(series(7), 3), *whole(series(8), 3))
    await world.scan("jellyfin")
    requests = await world.follow("requests")
    requests.put(asked_for(2, season(series(7), 2)))
    await world.scan("requests")
    await world.decide(policy("seasons", FORGET, kinds=frozenset({"season"})))
    match doubt:
        case "held":
            drop(app, *range(3, 9))
            await world.scan_and_settle("sonarr")
        case "told":
            app.deny = lambda key: key.id.partition("/")[0] == "7" or key.kind == "series"
            await world.tell("sonarr", op="deleted", kind="series", id="7", title="Series 7")
        case _:
            await world.engine.lookup("sonarr", Key("season", "7/2"))
            app.remove(Key("series", "7"))
            await world.tell("sonarr", op="deleted", kind="series", id="7", title="Series 7")
            await world.settle()
    other.remove(Key("season", "7/2"))
    await world.scan("jellyfin")
    await world.pass_time(3600)
    assert await world.actions("done") == []
    assert any(said in reason for reason in await world.reasons()), await world.reasons()
