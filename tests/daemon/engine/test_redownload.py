"""Re-download loops: what is one, that it is told once, and when it is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, movie, policy, request, season, series

from reconciled.config import Mode, Verb
from reconciled.engine.outbox import by_hand
from reconciled.engine.outbox.by_hand import Order
from reconciled.engine.redownload import Facts, Removal, Sign, loop, sentence
from reconciled.engine.said import ignore
from reconciled.model import Item, Key

NOW = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
BY_ANNA = Removal(7, 3, "The Matrix", "jellyfin", "jellyfin", "anna", 10, NOW - timedelta(hours=2))
NOBODY = replace(BY_ANNA, actor=None)
GRAB = Facts(Sign.GRABBED, "radarr", monitored=True, now=NOW, removals=(BY_ANNA,))
BACK = replace(GRAB, sign=Sign.RETURNED)


@pytest.mark.parametrize(
    ("facts", "removal", "is_loop"),
    [
        (GRAB, {}, True),
        (BACK, {}, True),
        # who looks for it
        (replace(GRAB, monitored=False), {}, False),
        (replace(GRAB, monitored=None), {}, False),
        # who deleted it
        (GRAB, {"actor": None}, True),
        (BACK, {"actor": None}, False),
        (BACK, {"actor": None, "on_purpose": True}, True),
        (GRAB, {"actor": None, "held": True}, False),
        (GRAB, {"held": True}, True),
        (GRAB, {"actor": None, "cause": "external"}, False),
        (BACK, {"actor": None, "cause": "external"}, False),
        (BACK, {"actor": None, "cause": "external", "ours": True}, True),
        (BACK, {"actor": None, "cause": "reconciled"}, True),
        (BACK, {"actor": None, "cause": "dashboard"}, True),
        # what it was
        (GRAB, {"upgraded": True}, False),
        (GRAB, {"spared": True}, False),
        (GRAB, {"downloader": True, "source": "radarr_4k"}, False),
        (GRAB, {"downloader": True, "source": "radarr"}, True),
        # what came since
        (GRAB, {"at": NOW - timedelta(days=7)}, True),
        (GRAB, {"at": NOW - timedelta(days=7, seconds=1)}, False),
        (replace(GRAB, wanted=11), {}, False),
        (replace(GRAB, wanted=9), {}, True),
    ],
)
def test_what_is_a_loop(facts: Facts, removal: dict[str, Any], is_loop: bool) -> None:
    found = loop(replace(facts, removals=[replace(BY_ANNA, **removal)]))
    assert (found is not None) is is_loop


def test_of_several_losses_the_first_of_the_newest_story_is_told() -> None:
    old = replace(BY_ANNA, story=1, seq=1)
    later = replace(BY_ANNA, tombstone=8, source="radarr", seq=20)
    assert loop(replace(GRAB, removals=[later, old, BY_ANNA])) == BY_ANNA
    assert loop(replace(GRAB, removals=())) is None


@pytest.mark.parametrize(
    ("removal", "sign", "hours", "said"),
    [
        (BY_ANNA, Sign.GRABBED, 2.1, "jellyfin by anna on 3 May; … grabbed it again 2 h later"),
        (NOBODY, Sign.GRABBED, 0, "jellyfin on 3 May; … grabbed it again at once"),
        (
            replace(NOBODY, cause="reconciled", source="radarr"),
            Sign.RETURNED,
            73,
            "radarr by us on 30 April; … has a file of it again 3 d later",
        ),
        (
            replace(NOBODY, cause="dashboard", actor="ben"),
            Sign.RETURNED,
            0.5,
            "jellyfin by ben on 3 May; … has a file of it again 30 min later",
        ),
        (
            replace(NOBODY, cause="external", ours=True, source="seerr"),
            Sign.GRABBED,
            1,
            "seerr by us on 3 May; … grabbed it again 1 h later",
        ),
    ],
)
def test_it_is_one_sentence(removal: Removal, sign: Sign, hours: float, said: str) -> None:
    told = sentence(replace(removal, at=NOW - timedelta(hours=hours)), replace(GRAB, sign=sign))
    assert told == "The Matrix was deleted in " + said.replace("…", "radarr, which still monitors it,")


# --- in the whole engine ----------------------------------------------------------------------------

FILM = Key("movie", "3")
IN_RADARR = Key("movie", "803")


@pytest.fixture
async def house(world: World) -> World:
    """Jellyfin and Radarr with nine films, which Radarr monitors; a request for each."""
    for name in ("jellyfin", "radarr", "requests"):
        await world.follow(name)
    world.apps["jellyfin"].put(*(movie(n, attrs={"tags": []}) for n in range(1, 10)))
    world.apps["radarr"].put(*(monitored(n) for n in range(1, 10)))
    world.apps["requests"].put(*(request(n) for n in range(1, 10)))
    for name in world.apps:
        await world.scan(name)
    return world


def monitored(number: int, *, wanted: bool = True, **more: Any) -> Item:
    more.setdefault("key", str(800 + number))
    return movie(number, attrs={"monitored": wanted, "tags": []}, **more)


async def delete_in_jellyfin(world: World, *, actor: str | None = "anna") -> None:
    """Its file goes with it, which Radarr notices later."""
    world.apps["jellyfin"].remove(FILM)
    await world.tell("jellyfin", op="deleted", kind="movie", id="3", title="Film 3", actor=actor)
    await world.settle()
    world.apps["radarr"].put(monitored(3, has_file=False))
    await world.tell(
        "radarr", op="file_deleted", kind="movie", id="803", reason="missingFromDisk", external=True
    )
    await world.settle()
    assert await world.graves() == ["jellyfin movie 3 entry", "radarr movie 803 file"]


async def grab(world: World, key: str = "803") -> None:
    await world.tell("radarr", op="changed", kind="movie", id=key, reason="grabbed", grabbed=True)
    await world.settle(0)


async def import_(world: World) -> None:
    world.apps["radarr"].put(monitored(3))
    await world.tell("radarr", op="changed", kind="movie", id="803", reason="imported", grabbed=True)
    await world.settle(0)


async def loops(world: World, *, is_open: bool = True) -> list[str]:
    return [found for found in await world.findings(is_open=is_open) if found.startswith("redownload")]


async def test_a_grab_after_a_deletion_is_told_once(house: World) -> None:
    await delete_in_jellyfin(house)
    house.clock.advance(2 * 3600)
    await grab(house)
    assert await loops(house) == ["redownload movie 803"]
    (found,) = await house.rows("SELECT * FROM finding WHERE code = 'redownload'")
    assert "was deleted in jellyfin by anna" in found["detail"]
    assert found["detail"].endswith("radarr, which still monitors it, grabbed it again 2 h later")
    assert (found["source"], found["losing"]) == ("radarr", "jellyfin")
    await grab(house)
    await import_(house)
    house.apps["jellyfin"].put(movie(3, key="33"))
    await house.scan_and_settle("jellyfin")
    assert await loops(house, is_open=False) == ["redownload movie 803"]


@pytest.mark.parametrize("by_scan", [False, True])
async def test_a_file_that_is_back_is_enough_when_a_person_deleted_it(house: World, by_scan: bool) -> None:
    await delete_in_jellyfin(house)
    house.apps["radarr"].put(monitored(3))
    if by_scan:
        await house.scan_and_settle("radarr")
    else:
        await house.tell("radarr", op="changed", kind="movie", id="803")
        await house.settle(0)
    assert await loops(house) == ["redownload movie 803"]


async def test_a_new_key_elsewhere_is_enough_too(house: World) -> None:
    """Radarr was read before the loss and after the import, so only Jellyfin saw it go."""
    house.apps["jellyfin"].remove(FILM)
    await house.tell("jellyfin", op="deleted", kind="movie", id="3", actor="anna")
    await house.settle()
    house.apps["jellyfin"].put(movie(3, key="33"))
    await house.scan_and_settle("jellyfin")
    assert await loops(house) == ["redownload movie 803"]


async def restored_by_undo(world: World) -> None:
    await world.decide()
    world.apps["radarr"].put(monitored(3, wanted=False, has_file=False))
    await world.scan("radarr")
    await by_hand.order(world.outbox, Order(Verb.MONITOR, "radarr", IN_RADARR), by="owner")
    await world.outbox.work_once()
    await import_(world)


async def asked_for_anew(world: World) -> None:
    world.apps["requests"].put(request(99, of=3))
    await world.scan("requests")
    await grab(world)


async def fetched_by_hand(world: World) -> None:
    world.apps["radarr"].put(monitored(3, wanted=False, has_file=False))
    await grab(world)


async def upgraded(world: World) -> None:
    await world.tell("radarr", op="changed", kind="movie", id="804", reason="upgraded")
    await grab(world, "804")


async def too_late(world: World) -> None:
    world.clock.advance(7 * 86400)
    await grab(world)


@pytest.mark.parametrize("since", [restored_by_undo, asked_for_anew, fetched_by_hand, upgraded, too_late])
async def test_what_is_wanted_again_is_no_loop(house: World, since: Callable[[World], Any]) -> None:
    await delete_in_jellyfin(house)
    await since(house)
    assert await loops(house, is_open=False) == []


async def test_what_an_outage_took_and_brought_back_is_no_loop(house: World) -> None:
    house.apps["jellyfin"].remove(FILM)
    await house.tell(
        "jellyfin", op="deleted", kind="movie", id="3"
    )  # as Jellyfin says it of a lost file, too
    await house.settle()
    house.apps["radarr"].put(monitored(3, has_file=False))
    await house.scan_and_settle("radarr")
    house.apps["jellyfin"].put(movie(3))
    house.apps["radarr"].put(monitored(3))
    for name in ("jellyfin", "radarr"):
        await house.scan_and_settle(name)
    assert len(await house.tombstones()) == 2
    assert await loops(house, is_open=False) == []


async def test_a_lost_file_that_nobody_deleted_may_be_fetched_again(house: World) -> None:
    house.apps["radarr"].put(monitored(3, has_file=False))
    await house.scan_and_settle("radarr")
    await grab(house)
    await import_(house)
    assert await loops(house, is_open=False) == []


async def test_an_entry_that_a_list_adds_again_is_one(house: World) -> None:
    house.apps["radarr"].remove(IN_RADARR)
    await house.tell("radarr", op="deleted", kind="movie", id="803", own_act=True, reason="files deleted")
    await house.settle()
    house.apps["radarr"].put(monitored(3, key="900", has_file=False))
    await house.tell("radarr", op="changed", kind="movie", id="900")
    await house.settle(0)
    assert await loops(house) == []
    await grab(house, "900")
    assert await loops(house) == ["redownload movie 900"]


async def test_a_grab_of_an_entry_that_we_do_not_know_yet(house: World) -> None:
    await delete_in_jellyfin(house)
    house.apps["radarr"].put(monitored(3, key="900", has_file=False))
    house.apps["radarr"].remove(IN_RADARR)
    await grab(house, "900")
    assert await loops(house) == ["redownload movie 900"]


async def test_a_later_word_does_not_unsay_a_grab(house: World) -> None:
    await delete_in_jellyfin(house)
    await house.tell("radarr", op="changed", kind="movie", id="803", reason="grabbed", grabbed=True)
    await house.tell("radarr", op="changed", kind="movie", id="803")
    await house.settle(0)
    assert await loops(house) == ["redownload movie 803"]


async def test_another_instance_that_gets_its_own_copy_is_none(house: World) -> None:
    await house.follow("radarr_4k")
    house.apps["radarr_4k"].put(monitored(3, has_file=False), monitored(4))
    await house.scan("radarr_4k")
    house.apps["radarr"].put(monitored(3, has_file=False))
    await house.tell("radarr", op="file_deleted", kind="movie", id="803", reason="manual")
    await house.settle()
    await house.tell("radarr_4k", op="changed", kind="movie", id="803", grabbed=True)
    await house.settle(0)
    assert await loops(house) == []


async def test_who_had_a_file_all_the_while_did_not_fetch_the_lost_one(house: World) -> None:
    """Two look for films; one of them has its own file of it, in a library that Jellyfin does not show."""
    await house.follow("radarr_4k")
    house.apps["radarr_4k"].put(monitored(3), monitored(4))
    await house.scan("radarr_4k")
    await delete_in_jellyfin(house)
    house.apps["jellyfin"].put(movie(3, key="33"))
    await house.scan_and_settle("jellyfin")
    assert await loops(house) == [], "radarr has no file yet, and radarr_4k had one all the while"
    await import_(house)
    rows = await house.rows("SELECT source FROM finding WHERE code = 'redownload'")
    assert [row["source"] for row in rows] == ["radarr"]


async def test_one_copy_of_several_that_was_deleted_is_none(house: World) -> None:
    house.apps["jellyfin"].put(movie(3, key="3b", path="/films/3-uhd.mkv"))
    await house.scan_and_settle("jellyfin")
    house.apps["jellyfin"].remove(FILM)
    await house.tell("jellyfin", op="deleted", kind="movie", id="3", actor="anna")
    await house.settle()
    await grab(house)
    assert await loops(house) == []


@pytest.mark.parametrize("how", ["unmonitored", "deleted"])
async def test_it_is_over_when_nobody_looks_for_it_any_more(house: World, how: str) -> None:
    await delete_in_jellyfin(house)
    await grab(house)
    await house.decide(mode=Mode.ASK)
    verb = Verb.UNMONITOR if how == "unmonitored" else Verb.DELETE
    await by_hand.order(
        house.outbox, Order(verb, "radarr", IN_RADARR, exclude=verb is Verb.DELETE), by="owner"
    )
    await house.outbox.work_once()
    await house.scan_and_settle("radarr")
    assert await loops(house) == []
    (over,) = await house.rows("SELECT resolution FROM finding WHERE code = 'redownload'")
    expected = "radarr no longer monitors it" if how == "unmonitored" else "its entry is gone from radarr"
    assert over["resolution"] == expected


async def test_who_said_no_is_not_asked_again_within_the_window(house: World) -> None:
    await delete_in_jellyfin(house)
    await grab(house)
    (told,) = await house.rows("SELECT id FROM finding WHERE code = 'redownload'")
    await ignore(house.engine, told["id"], by="owner")
    await import_(house)
    assert len(await loops(house, is_open=False)) == 1
    house.clock.advance(7 * 86400 + 1)
    house.apps["jellyfin"].put(movie(3, key="33"))
    await house.scan_and_settle("jellyfin")
    house.apps["jellyfin"].remove(Key("movie", "33"))
    await house.tell("jellyfin", op="deleted", kind="movie", id="33", actor="anna")
    await house.settle()
    house.apps["radarr"].put(monitored(3, has_file=False))
    await house.scan_and_settle("radarr")
    await grab(house)
    assert len(await loops(house)) == 1
    assert len(await loops(house, is_open=False)) == 2


async def test_what_is_not_answered_stands_and_is_not_told_again(house: World) -> None:
    await delete_in_jellyfin(house)
    await grab(house)
    house.clock.advance(8 * 86400)
    house.apps["jellyfin"].put(movie(3, key="33"))
    await house.scan_and_settle("jellyfin")
    house.apps["jellyfin"].remove(Key("movie", "33"))
    await house.tell("jellyfin", op="deleted", kind="movie", id="33", actor="anna")
    await house.settle()
    await grab(house)
    assert len(await loops(house, is_open=False)) == 1


async def test_a_season(world: World) -> None:
    for name in ("jellyfin", "sonarr"):
        await world.follow(name)
    world.apps["jellyfin"].put(series(1), *(season(series(1), n) for n in (1, 2)))
    watched = {"monitored": True, "tags": []}
    ours = series(1, key="5", attrs=watched)
    seasons = [season(ours, n, attrs={"season": n, **watched}) for n in (1, 2)]
    world.apps["sonarr"].put(ours, *seasons)
    for name in world.apps:
        await world.scan(name)
    world.apps["jellyfin"].remove(Key("season", "1/2"))
    await world.tell("jellyfin", op="deleted", kind="season", id="1/2", actor="anna")
    await world.settle()
    for kind, key in (("series", "5"), ("season", "5/1")):
        await world.tell("sonarr", op="changed", kind=kind, id=key, grabbed=True)
        await world.settle(0)
    assert await loops(world) == []
    await world.tell("sonarr", op="changed", kind="season", id="5/2", grabbed=True)
    await world.settle(0)
    assert await loops(world) == ["redownload season 5/2"]


async def test_it_survives_a_restart_between_the_word_and_the_look(house: World) -> None:
    await delete_in_jellyfin(house)
    await house.tell("radarr", op="changed", kind="movie", id="803", grabbed=True)
    await house.restart()
    await house.settle(0)
    assert await loops(house) == ["redownload movie 803"]


async def test_no_policy_follows_from_it(house: World) -> None:
    await house.decide(policy())
    await delete_in_jellyfin(house)
    await import_(house)
    await house.pass_time(3600)
    assert "redownload movie 803" in await house.findings()
    assert house.apps["radarr"].acts == []
