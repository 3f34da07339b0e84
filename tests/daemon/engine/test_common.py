"""What suspects have in common and why they likely went: the table, and over the engine itself."""

from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, movie, policy, request

from reconciled.engine.common import Common, in_common, of_decision, of_hold
from reconciled.engine.live import Rules
from reconciled.errors import Unreachable
from reconciled.ledger import views_common
from reconciled.ledger.rows import RootRow
from reconciled.ledger.views_common import Beside, CommonFacts, Elsewhere, Spot, Trouble
from reconciled.model import Key

NOON, SIX_LATER = "2026-01-02T12:00:00.000Z", "2026-01-02T12:06:00.000Z"
GOOD = RootRow("/films", True, False, "/dev/a", 1000, True, "/dev/a", 1000)
FACTS = CommonFacts(
    "jellyfin", "movie", 40, others=100, reason="many", first=NOON, last=NOON, root="/films", root_row=GOOD,
    roots_known=True, spots=(Spot("root", "/films", 40, 100),),
)  # fmt: skip
ANNA = views_common.Testimony(
    "event", "jellyfin said that it was deleted", "jellyfin", "anna", 40, NOON, SIX_LATER
)
MISSING = views_common.Testimony(
    "event", "radarr found that its file is gone (missingFromDisk)", None, None, 40, NOON, NOON
)
DROPPED = replace(ANNA, actor=None, last=NOON)
THERE = (Elsewhere("radarr", files=38),)


def facts(**changes: Any) -> CommonFacts:
    return replace(FACTS, **changes)


def row(**changes: Any) -> RootRow:
    return replace(GOOD, **changes)


@pytest.mark.parametrize(
    ("known", "likely", "advice"),
    [
        pytest.param(
            facts(reason="instance", named=(ANNA,)),
            "Another installation, or an older copy, likely answers as jellyfin: what it shows is "
            "another world.",
            "Check its address and its data, then scan jellyfin again; release them if it was meant.",
            id="another world counts before all that it says",
        ),
        pytest.param(
            facts(reason="account"),
            "The account that reads jellyfin likely sees less than before: its name or its rights changed.",
            "Give it its rights back, then scan jellyfin again; release them if it was meant.",
            id="rights",
        ),
        pytest.param(
            facts(named=(ANNA,), testimony=(ANNA,)),
            "anna likely deleted them in jellyfin: the events of all 40 name anna within 6 min.",
            "Release them if it was meant.",
            id="a person",
        ),
        pytest.param(
            facts(named=(replace(ANNA, count=36),)),
            "anna likely deleted them in jellyfin: the events of 36 of 40 name anna within 6 min.",
            "Release them if it was meant.",
            id="a person, for most",
        ),
        pytest.param(
            facts(named=(replace(ANNA, count=20), replace(ANNA, actor="ben", count=20))),
            None,
            None,
            id="two people, for half each",
        ),
        pytest.param(
            facts(root_row=row(empty=True), spots=(Spot("root", "/films", 33, 100),)),
            "The disk behind /films is likely not mounted (it is empty): 33 of 40 lie there.",
            "Check the mount, then scan jellyfin again; release them if it was meant.",
            id="a disk that is away, below which not all of them lie",
        ),
        pytest.param(
            facts(named=(ANNA,), root_row=row(empty=True)),
            "anna likely deleted them in jellyfin: the events of all 40 name anna within 6 min.",
            "Check the mount first, though: the disk behind /films is likely not mounted (it is empty).",
            id="a person, and a disk that is away",
        ),
        pytest.param(
            facts(root_row=row(empty=True), beside=(Beside(2, "radarr", 39, 39, True),)),
            "The disk behind /films is likely not mounted (it is empty): all 40 lie there, and "
            "radarr misses 39 of the "
            "same, too.",
            "Check the mount, then scan jellyfin again; release them if it was meant.",
            id="an empty root, in two apps",
        ),
        pytest.param(
            facts(root_row=row(accessible=False)),
            "The disk behind /films is likely not mounted (jellyfin cannot reach it): all 40 lie there.",
            None,
            id="a root out of reach",
        ),
        pytest.param(
            facts(root_row=row(device="/")),
            "The disk behind /films is likely not mounted (it lies on / instead of /dev/a): all 40 "
            "lie there.",
            None,
            id="another device",
        ),
        pytest.param(
            facts(root_row=row(listed=False)),
            "The root /films was likely taken out of jellyfin (it names it no more): all 40 lie there.",
            None,
            id="a root that is not named",
        ),
        pytest.param(
            facts(root_row=None, roots_known=False, elsewhere=(Elsewhere("radarr", doubted=40),)),
            "The disk behind /films is likely away: all 40 lie there, and radarr misses the same, too.",
            None,
            id="two apps, and nobody tells of disks",
        ),
        pytest.param(
            facts(elsewhere=(Elsewhere("radarr", doubted=39),)),
            "Their files likely went from the disk: /films itself looks well, and radarr misses 39 "
            "of the same, too.",
            None,
            id="two apps, and the disk is there",
        ),
        pytest.param(
            facts(root="", root_row=None, spots=(), elsewhere=(Elsewhere("radarr", doubted=40),)),
            "What jellyfin shares with radarr is likely away: radarr misses the same, too.",
            None,
            id="two apps, without places",
        ),
        pytest.param(
            facts(elsewhere=(Elsewhere("radarr", files=30, doubted=10),)),
            None,
            None,
            id="another app misses a few of them",
        ),
        pytest.param(
            facts(root_row=None, roots_known=False, beside=(Beside(2, "sonarr", 12, 0, True),)),
            "The disk behind /films is likely away: all 40 lie there, and 12 of sonarr on the same "
            "disk are held, too.",
            None,
            id="another kind on the same disk",
        ),
        pytest.param(
            facts(elsewhere=(Elsewhere("radarr", gone=40),)),
            "They likely went with what radarr lost: of the same things, 40 are proved gone there.",
            "Release them if it was meant.",
            id="gone elsewhere",
        ),
        pytest.param(
            facts(troubles=(Trouble("jellyfin", "source", "timed out", lasts=False),), elsewhere=THERE),
            "jellyfin had likely not recovered: it was in trouble shortly before.",
            "Wait until it is well, then scan jellyfin again; release them if it was meant.",
            id="trouble before",
        ),
        pytest.param(
            facts(troubles=(Trouble("sonarr", "host", "", lasts=True),)),
            "The host of jellyfin was likely in trouble: sonarr, which shares it, is in trouble.",
            None,
            id="trouble of the same host",
        ),
        pytest.param(
            facts(reason="newest", newest=True, elsewhere=THERE),
            "A restored backup of jellyfin is likely: all 40 are the newest that it had, and nobody "
            "is named for them; "
            "radarr still has files of 38 of 40.",
            "If it was restored, add them there again; release them if they are not wanted.",
            id="a backup",
        ),
        pytest.param(
            facts(newest=True, named=(DROPPED,)), None, None, id="the newest, and the app tells of each"
        ),
        pytest.param(
            facts(others=0, elsewhere=THERE),
            "The database or library of jellyfin was likely emptied: no other movie stands there; "
            "radarr still has "
            "files of 38 of 40.",
            None,
            id="everything at once",
        ),
        pytest.param(
            facts(elsewhere=THERE),
            "jellyfin likely lost sight of them only: radarr still has files of 38 of 40.",
            "Check its libraries, rights and mounts, then scan jellyfin again; release them if it was meant.",
            id="their files are there",
        ),
        pytest.param(
            facts(elsewhere=(Elsewhere("radarr", files=20),)), None, None, id="half of the files are there"
        ),
        pytest.param(
            facts(spots=(Spot("root", "/films", 40, 0),)),
            "What lies below /films was likely unmounted, moved or emptied: all 40 lay there, and "
            "nothing else of "
            "jellyfin does.",
            None,
            id="a root of their own",
        ),
        pytest.param(
            facts(spots=(Spot("root", "/films", 40, 100), Spot("folder", "/films/old", 40, 0))),
            "The folder /films/old was likely moved, renamed or emptied: all 40 lay there, and "
            "nothing else of "
            "jellyfin does.",
            None,
            id="a folder of their own",
        ),
        pytest.param(
            facts(spots=(Spot("library", "Kids", 40, 0),)),
            "The library “Kids” was likely removed, or its disk is away: all 40 are in it, and "
            "nothing else of "
            "jellyfin is.",
            None,
            id="a library of their own",
        ),
        pytest.param(
            facts(spots=(Spot("tag", "old", 40, 0),)),
            "Something that goes by the tag “old” likely removed them: all 40 have it, and nothing "
            "else of jellyfin "
            "has it.",
            None,
            id="a tag of their own",
        ),
        pytest.param(facts(spots=(Spot("tag", "old", 36, 0),)), None, None, id="a tag of most"),
        pytest.param(
            facts(spots=(Spot("tag", "old", 40, None),), others=None), None, None, id="nobody counted"
        ),
        pytest.param(
            facts(testimony=(MISSING,)),
            "Their files likely went from the disk: of all 40, radarr found that its file is gone "
            "(missingFromDisk).",
            None,
            id="the app found files missing",
        ),
        pytest.param(
            facts(testimony=(DROPPED,), named=(DROPPED,)),
            "jellyfin likely dropped them itself: it said so of all 40 and named nobody; a person "
            "does that, and so "
            "does a library that misses its disk.",
            None,
            id="the app tells and names nobody",
        ),
        pytest.param(
            facts(named=(replace(DROPPED, deed="deleted"),), elsewhere=THERE),
            "They were likely deleted through jellyfin: it says so of all 40 and names nobody.",
            "Release them if it was meant.",
            id="the app says that it did it",
        ),
        pytest.param(
            facts(named=(replace(DROPPED, deed="file deleted"),), files=True, root_row=row(empty=True)),
            "Their files were likely deleted through jellyfin: it says so of all 40 and names nobody.",
            "Check the mount first, though: the disk behind /films is likely not mounted (it is empty).",
            id="the app says that it did it, and a disk is away",
        ),
        pytest.param(facts(), None, None, id="nothing fits"),
        pytest.param(
            facts(of=1, others=100, spots=(Spot("root", "/films", 1, 0),)), None, None, id="one alone"
        ),
        pytest.param(
            facts(of=1, reason="no_yes", elsewhere=(Elsewhere("radarr", files=1),)),
            "jellyfin likely lost sight of it only: radarr still has a file of it.",
            None,
            id="one, and its file",
        ),
    ],
)
def test_why_they_likely_went(known: CommonFacts, likely: str | None, advice: str | None) -> None:
    found = in_common(known)
    assert found.likely == likely
    assert found.advice
    if advice is not None:
        assert found.advice == advice


def test_a_decision_is_told_to_answer_and_not_to_release() -> None:
    assert in_common(facts(reason=None, named=(ANNA,))).advice == "Approve them if it was meant."
    away = facts(reason=None, root_row=row(empty=True))
    assert in_common(away).advice == "Check the mount before you answer."
    assert "deleted through jellyfin" in str(
        in_common(replace(away, named=(replace(DROPPED, deed="deleted"),))).likely
    ), "what the disk is like now says nothing of losses that are proved"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (facts(), "the root /films and the time"),
        (facts(last="2026-01-02T18:00:00.000Z"), "the root /films"),
        (facts(spots=(), root="", first="", last=""), "jellyfin itself"),
    ],
)
def test_where_nothing_fits_that_is_said(known: CommonFacts, said: str) -> None:
    told = f"Nothing in common was found beyond {said}: look through them before you answer."
    assert in_common(known).advice == told


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (
            facts(spots=(Spot("root", "/usb", 40, 0),)),
            "all 40 lie below /usb, and nothing else of jellyfin does",
        ),
        (facts(), "all 40 lie below /films, and so does everything else of jellyfin"),
        (
            facts(others=0, spots=(Spot("root", "/films", 40, 0),)),
            "all 40 lie below /films, and no other movie stands in jellyfin",
        ),
        (
            facts(spots=(Spot("tag", "old", 36, 7),)),
            "36 of 40 have the tag “old”, and so do 7 of 100 others of jellyfin",
        ),
        (facts(spots=(Spot("folder", "/films/old", 40, None),)), "all 40 lie below /films/old"),
        (
            facts(of=2, spots=(Spot("by", "ann", 2, 0),)),
            "both have the requester “ann”, and nothing else of jellyfin does",
        ),
        (facts(named=(ANNA,)), "anna is named for all 40"),
        (facts(testimony=(MISSING,)), "of all 40: radarr found that its file is gone (missingFromDisk)"),
        (facts(), "nobody is named"),
        (facts(by_scan=True), "all 40 were noticed at once, by a scan"),
        (facts(last=SIX_LATER), "all 40 were noticed within 6 min"),
        (facts(newest=True), "all 40 came later than everything else of jellyfin"),
        (facts(elsewhere=THERE), "radarr still has a file of 38 of them"),
        (facts(elsewhere=(Elsewhere("radarr", entries=40, gone=3),)), "radarr lost 3 of them, too"),
        (facts(beside=(Beside(7, "radarr", 40, 39, True),)), "also held in radarr: 39 of the same things"),
        (
            facts(troubles=(Trouble("sonarr", "mount", "", lasts=False),)),
            "sonarr, on the same disk, was in trouble shortly before",
        ),
    ],
)
def test_what_they_share_says_how_exclusive_it_is(known: CommonFacts, said: str) -> None:
    assert said in [one.said for one in in_common(known).common]


def test_a_mount_that_is_the_root_is_told_once() -> None:
    spots = (Spot("mount", "/films", 40, 0), Spot("root", "/films", 40, 0))
    assert [one.what for one in in_common(facts(spots=spots)).common][:1] == ["root"]


# --- over the engine -------------------------------------------------------------------------------


async def hold_on(world: World, source: str) -> Common:
    """What the only hold of a source comes to."""
    (found,) = await world.rows(
        "SELECT hold.id FROM hold JOIN source ON source.id = source_id WHERE name = ? AND closed_at "
        "IS NULL", source
    )  # fmt: skip
    return await world.ledger.read(of_hold, found["id"])


async def household(world: World, *, count: int = 60, **more: Any) -> None:
    """The same films in two apps."""
    for name in ("jellyfin", "radarr"):
        app = await world.follow(name)
        app.put(*(movie(number, **more) for number in range(1, count + 1)))
        await world.scan(name)


async def test_a_spree_names_the_person(world: World) -> None:
    await household(world)
    for number in range(1, 21):
        world.apps["jellyfin"].remove(Key("movie", str(number)))
        await world.tell("jellyfin", op="deleted", kind="movie", id=str(number), actor="anna")
        world.clock.advance(0.5)
    await world.scan_and_settle("jellyfin")
    found = await hold_on(world, "jellyfin")
    assert found.likely == "anna likely deleted them in jellyfin: the events of all 20 name anna within 10 s."
    shared = {one.what: one for one in found.common}
    assert (shared["user"].value, shared["user"].count) == ("anna", 20)
    assert (shared["present"].value, shared["present"].count) == ("radarr", 20)
    assert (shared["root"].value, shared["root"].elsewhere) == ("/films", 40)


async def test_what_was_lost_in_silence_and_is_still_elsewhere(world: World) -> None:
    await household(world)
    world.apps["jellyfin"].remove(*(Key("movie", str(number)) for number in range(1, 21)))
    await world.scan("jellyfin")
    found = await hold_on(world, "jellyfin")
    assert found.likely == "jellyfin likely lost sight of them only: radarr still has files of all 20."


async def test_two_apps_that_lost_the_same(world: World) -> None:
    await household(world)
    for name in ("jellyfin", "radarr"):
        world.apps[name].remove(*(Key("movie", str(number)) for number in range(1, 21)))
        await world.scan(name)
    found = await hold_on(world, "jellyfin")
    assert (
        found.likely
        == "The disk behind /films is likely away: all 20 lie there, and radarr misses the same, too."
    )
    (beside,) = [one for one in found.common if one.what == "hold"]
    assert beside.said == "also held in radarr: 20 of the same things"


@pytest.mark.parametrize("again", [True, False])
async def test_what_another_app_lost_long_ago_explains_nothing(world: World, again: bool) -> None:
    """Nobody may be told to release a library because a set of other keys of it is gone elsewhere."""
    for name in ("jellyfin", "radarr"):
        app = await world.follow(name, max_gone=1.0 if name == "radarr" else 0.1)
        app.put(*(movie(number) for number in range(1, 61)))
        await world.scan(name)
    radarr = world.apps["radarr"]
    radarr.remove(*(Key("movie", str(number)) for number in range(1, 21)))
    await world.scan_and_settle("radarr")
    if again:
        radarr.put(*(movie(number, key=str(100 + number), path=f"/new/{number}") for number in range(1, 21)))
        await world.scan_and_settle("radarr")
    else:
        world.clock.advance(30 * 86400.0)
    world.apps["jellyfin"].remove(*(Key("movie", str(number)) for number in range(1, 21)))
    await world.scan("jellyfin")
    found = await hold_on(world, "jellyfin")
    there = "jellyfin likely lost sight of them only: radarr still has files of all 20."
    assert found.likely == (there if again else None)
    assert "gone" not in {one.what for one in found.common}


async def test_what_another_app_just_lost_explains_it(world: World) -> None:
    await household(world)
    world.engine.places["radarr"].live.rules = Rules(20.0, 1.0)
    for name in ("radarr", "jellyfin"):
        world.apps[name].remove(*(Key("movie", str(number)) for number in range(1, 21)))
        await world.scan_and_settle(name)
    assert (await hold_on(world, "jellyfin")).likely == (
        "They likely went with what radarr lost: of the same things, 20 are proved gone there."
    )


async def test_a_restored_backup(world: World) -> None:
    await household(world)
    world.apps["radarr"].put(*(movie(number) for number in range(100, 104)))
    await world.scan("radarr")
    world.apps["radarr"].remove(*(Key("movie", str(number)) for number in range(100, 104)))
    await world.scan("radarr")
    found = await hold_on(world, "radarr")
    assert found.likely is not None
    assert found.likely.startswith("A restored backup of radarr is likely: all 4 are the newest that it had")


async def test_a_folder_a_library_and_a_tag_of_their_own(world: World) -> None:
    app = await world.follow("jellyfin")
    for number in range(1, 61):
        old = number <= 20
        attrs = {"library": "Kids" if old else "All", "tags": ["old", "é"] if old else ["new"]}
        app.put(movie(number, path=f"/films/{'old' if old else 'new'}/{number}/film.mkv", attrs=attrs))
    await world.scan("jellyfin")
    app.remove(*(Key("movie", str(number)) for number in range(1, 21)))
    await world.scan("jellyfin")
    found = await hold_on(world, "jellyfin")
    shared = {(one.what, one.value): (one.count, one.elsewhere) for one in found.common}
    assert shared["folder", "/films/old"] == (20, 0)
    assert shared["library", "Kids"] == (20, 0)
    assert shared["tag", "old"] == shared["tag", "é"] == (20, 0)
    assert shared["root", "/films"] == (20, 40)
    assert found.likely is not None
    assert found.likely.startswith(
        "The folder /films/old was likely moved, renamed or emptied: all 20 lay there"
    )


async def test_most_of_them_in_one_folder(world: World) -> None:
    app = await world.follow("jellyfin")
    app.put(
        *(movie(n, path=f"/films/{'old' if n < 19 or n > 40 else 'new'}/{n}/film.mkv") for n in range(1, 61))
    )
    await world.scan("jellyfin")
    app.remove(*(Key("movie", str(number)) for number in range(1, 21)))
    await world.scan("jellyfin")
    (folder,) = [one for one in (await hold_on(world, "jellyfin")).common if one.what == "folder"]
    assert (folder.value, folder.count, folder.elsewhere) == ("/films/old", 18, 20)


async def test_trouble_shortly_before(world: World) -> None:
    app = await world.follow("jellyfin")
    app.put(*(movie(number) for number in range(1, 61)))
    await world.scan("jellyfin")
    app.trouble = Unreachable("refused")
    await world.scan("jellyfin")
    app.trouble = None
    app.remove(*(Key("movie", str(number)) for number in range(1, 21)))
    world.clock.advance(600)
    await world.scan("jellyfin")
    assert (await hold_on(world, "jellyfin")).likely == (
        "jellyfin had likely not recovered: it was in trouble shortly before."
    )


async def test_a_hold_that_is_over_tells_nothing(world: World) -> None:
    await household(world)
    gone = [world.apps["jellyfin"].items[Key("movie", str(number))] for number in range(1, 21)]
    world.apps["jellyfin"].remove(*(item.key for item in gone))
    await world.scan("jellyfin")
    (hold,) = await world.holds()
    world.apps["jellyfin"].put(*gone)
    await world.scan("jellyfin")
    assert await world.holds() == []
    assert await world.ledger.read(of_hold, hold["id"]) == Common()
    assert await world.ledger.read(of_hold, 99) == Common()


async def test_a_decision_says_why_its_actions_became_one_batch(world: World) -> None:
    for name in ("jellyfin", "radarr", "requests"):
        await world.follow(name)
    world.apps["jellyfin"].put(*(movie(number) for number in range(1, 61)))
    world.apps["requests"].put(*(request(number) for number in range(1, 61)))
    for name in world.apps:
        await world.scan(name)
    await world.decide(policy(), trusted=False)
    for number in range(1, 5):
        world.apps["jellyfin"].remove(Key("movie", str(number)))
        await world.tell("jellyfin", op="deleted", kind="movie", id=str(number), actor="anna", own_act=True)
    await world.pass_time(1800)
    (decision,) = await world.open_decisions()
    found = await world.ledger.read(of_decision, decision["id"])
    assert found.likely == "anna likely deleted them in jellyfin: the events of all 4 name anna."
    assert found.advice == "Approve them if it was meant."
    assert {one.what for one in found.common} >= {"root", "user", "noticed"}
    assert all(one.of == 4 for one in found.common)
    await world.approve_all()
    assert await world.ledger.read(of_decision, decision["id"]) == Common()


async def test_two_roots_on_one_disk(world: World, root: Any) -> None:
    app = await world.follow("jellyfin")
    app.roots = {path: root(path, device="/mnt/usb") for path in ("/films", "/old")}
    app.roots["/new"] = root("/new", device="/mnt/nas")
    for number in range(1, 91):
        app.put(movie(number, root=("/films", "/old", "/new")[number % 3]))
    await world.scan("jellyfin")
    for path in ("/films", "/old"):
        app.roots[path] = root(path, device="/", empty=True)
    app.remove(*(key for key, item in app.items.items() if item.root == "/films"))
    await world.scan("jellyfin")
    found = await hold_on(world, "jellyfin")
    assert found.likely == ("The disk behind /films is likely not mounted (it is empty): all 30 lie there.")
    shared = {one.what: one for one in found.common}
    assert (shared["mount"].value, shared["mount"].count, shared["mount"].elsewhere) == ("/mnt/usb", 30, 30)
    assert (shared["root"].value, shared["root"].count, shared["root"].elsewhere) == ("/films", 30, 0)
