"""Dry-run watched in a world that goes on: what it would have done turns out right, or wrong, and why."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.engine.conftest import World, movie, policy, request
from tests.daemon.engine.test_outbox import a_house, lose
from tests.patience import PATIENCE

from reconciled.config import Agree, Copies, KeepSettings, Mode, Policy, Step, Unless, Verb, When
from reconciled.engine import said
from reconciled.engine.said import Named
from reconciled.errors import Unreachable
from reconciled.ledger import shadow
from reconciled.ledger.shadow import Tally
from reconciled.model import Key
from reconciled.runtime.housekeeping import tidy

DAY = 86400.0
FORGET = policy("forget", Step(Verb.DELETE, "requests"))
BOTH = policy("forget")


async def would_be(world: World, *policies: Policy, number: int = 1) -> None:
    """A film is lost, and dry-run says what it would do."""
    await world.decide(*(policies or (FORGET,)), mode=Mode.DRY_RUN, trusted=False)
    await lose(world, number)
    await world.pass_time(14 * 60, step=110)


async def let_pass(world: World, days: float) -> None:
    """Days in which everything is watched, as the counters know them; then everybody looks."""

    def write(tx: Any) -> None:
        tx.execute("UPDATE source SET watched = watched + ?", (days * DAY,))

    await world.ledger.write(write)
    world.clock.advance(days * DAY)
    await world.turn()


async def scores(world: World) -> list[str]:
    found = await world.rows("SELECT * FROM shadow ORDER BY id")
    return [f"{row['verdict']} {row['does']}" for row in found]


async def whys(world: World) -> list[str]:
    return [row["why"] for row in await world.rows("SELECT why FROM shadow ORDER BY id")]


async def tally(world: World, name: str = "forget", *, before: bool = False) -> Tally:
    def read(tx: Any) -> Tally:
        since = shadow.current(tx, name)
        assert since is not None
        if before:
            since = shadow.before(tx, name, since)
            assert since is not None
        return shadow.tally(tx, name, since)

    return await world.ledger.read(read)


async def test_a_loss_that_stands_for_a_week_was_one(world: World) -> None:
    apps = await a_house(world)
    await would_be(world, BOTH)
    assert await scores(world) == [
        "open delete request 17 (Film 1) in requests",
        "open stop monitoring movie 801 (Film 1) in radarr",
    ]
    await let_pass(world, 6.9)
    assert {line.split()[0] for line in await scores(world)} == {"open"}
    await let_pass(world, 0.1)
    assert {line.split()[0] for line in await scores(world)} == {"right"}
    assert await whys(world) == ["it was still lost after 7 days in which jellyfin was watched"] * 2
    assert apps["requests"].acts == apps["radarr"].acts == []
    assert (await tally(world)).whole.right == 2


async def test_only_watched_time_counts(world: World) -> None:
    apps = await a_house(world)
    await would_be(world)
    apps["jellyfin"].trouble = Unreachable("jellyfin: refused")
    for _ in range(20):
        world.clock.advance(DAY)
        await world.turn()
    assert await scores(world) == ["open delete request 17 (Film 1) in requests"]


async def test_nothing_else_is_remembered(world: World) -> None:
    """What waits for its grace or for an agreement would not have been done."""
    await a_house(world, has_file=True)
    await would_be(world)
    assert await scores(world) == []
    assert (await world.actions()) == ["planned delete requests request 17"]


# --- what makes it wrong ----------------------------------------------------------------------------


async def comes_back(world: World) -> None:
    world.apps["jellyfin"].put(movie(1, attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")


async def comes_back_as_another(world: World) -> None:
    world.apps["jellyfin"].put(movie(1, key="77", path="/films/1b.mkv", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")


async def is_downloaded_again(world: World) -> None:
    radarr = world.apps["radarr"]
    radarr.put(replace(radarr.items[Key("movie", "801")], has_file=True))
    await world.scan_and_settle("radarr")


async def is_added_elsewhere(world: World) -> None:
    world.apps["radarr"].put(movie(1, key="950", root="/other", attrs={"monitored": True, "tags": []}))
    await world.scan_and_settle("radarr")


async def is_ignored(world: World) -> None:
    (row,) = await world.rows("SELECT id FROM finding WHERE code = 'gone'")
    await said.ignore(world.engine, row["id"], by="owner")


async def is_said_to_be_another(world: World) -> None:
    one, other = Named("jellyfin", Key("movie", "1")), Named("requests", Key("request", "17"))
    await said.link(world.engine, one, other, same=False, by="owner")


async def is_tagged(world: World) -> None:
    requests = world.apps["requests"]
    requests.put(replace(requests.items[Key("request", "17")], attrs={"tags": ["Keep"]}))
    await world.scan_and_settle("requests")


async def goes_and_comes_between_two_looks(world: World) -> None:
    """What came back and left again was there all the same."""
    await comes_back(world)
    world.apps["jellyfin"].remove(Key("movie", "1"))
    await world.scan_and_settle("jellyfin")


SPARES = replace(FORGET, unless=Unless(tags=frozenset({"keep"})))
WRONG: list[tuple[Callable[[World], Awaitable[None]], Policy, str]] = [
    (comes_back, FORGET, "jellyfin has a file of it again (movie 1)"),
    (comes_back_as_another, FORGET, "jellyfin has a file of it again (movie 77)"),
    (is_downloaded_again, FORGET, "radarr has a file of it again (movie 801)"),
    (is_added_elsewhere, FORGET, "radarr has a file of it (movie 950)"),
    (is_ignored, FORGET, "its finding was ignored by owner"),
    (is_said_to_be_another, FORGET, "somebody said that the two are not one thing"),
    (is_tagged, SPARES, "it got the tag keep in requests"),
    (goes_and_comes_between_two_looks, FORGET, "jellyfin has it again (movie 1)"),
]


@pytest.mark.parametrize(("happens", "rule", "why"), WRONG)
async def test_what_the_world_denies_is_wrong(
    world: World, happens: Callable[[World], Awaitable[None]], rule: Policy, why: str
) -> None:
    await a_house(world)
    await would_be(world, rule)
    await happens(world)
    await world.pass_time(600, step=300)
    assert (await scores(world))[0] == "wrong delete request 17 (Film 1) in requests"
    assert (await whys(world))[0] == why
    await let_pass(world, 8)
    assert (await whys(world))[0] == why, "what is wrong stays wrong, and says why it was"
    (mistake,) = (await tally(world)).mistakes
    assert (mistake.does, mistake.why) == ("delete request 17 (Film 1) in requests", why)


async def test_what_is_monitored_again_was_wanted(world: World) -> None:
    apps = await a_house(world)
    entry = apps["radarr"].items[Key("movie", "801")]
    apps["radarr"].put(replace(entry, attrs={"monitored": False, "tags": []}))
    await world.scan("radarr")
    await would_be(world, policy("forget", Step(Verb.UNMONITOR, "radarr")))
    apps["radarr"].put(entry)
    await world.scan_and_settle("radarr")
    await world.pass_time(600, step=300)
    assert await whys(world) == ["radarr monitors it again (movie 801)"]


async def test_right_turns_wrong_when_it_comes_back_within_a_month(world: World) -> None:
    await a_house(world)
    await would_be(world)
    await let_pass(world, 7)
    assert (await scores(world))[0].startswith("right")
    await let_pass(world, 20)
    await comes_back(world)
    await world.pass_time(600, step=300)
    assert await scores(world) == ["wrong delete request 17 (Film 1) in requests"]
    assert await whys(world) == ["jellyfin has a file of it again (movie 1), after it had counted as right"]


async def test_after_a_month_right_stays_right(world: World) -> None:
    await a_house(world)
    await would_be(world)
    await let_pass(world, 7)
    await let_pass(world, 31)
    await comes_back(world)
    await world.pass_time(600, step=300)
    assert await scores(world) == ["right delete request 17 (Film 1) in requests"]


# --- what makes it right at once --------------------------------------------------------------------


async def test_somebody_who_does_the_same_proves_it_right(world: World) -> None:
    apps = await a_house(world)
    await would_be(world, BOTH)
    apps["requests"].remove(Key("request", "17"))
    await world.tell("requests", op="deleted", kind="request", id="17", actor="anna")
    await world.settle()
    entry = apps["radarr"].items[Key("movie", "801")]
    apps["radarr"].put(replace(entry, attrs={"monitored": False, "tags": []}))
    await world.scan_and_settle("radarr")
    await world.pass_time(600, step=300)
    assert await scores(world) == [
        "right delete request 17 (Film 1) in requests",
        "right stop monitoring movie 801 (Film 1) in radarr",
    ]
    assert await whys(world) == [
        "request 17 left requests all the same, by anna",
        "somebody did the same to movie 801 in radarr",
    ]


async def test_what_was_so_already_proves_nothing(world: World) -> None:
    apps = await a_house(world)
    entry = apps["radarr"].items[Key("movie", "801")]
    apps["radarr"].put(replace(entry, attrs={"monitored": False, "tags": []}))
    await world.scan("radarr")
    await would_be(world, policy("forget", Step(Verb.UNMONITOR, "radarr")))
    await let_pass(world, 1)
    assert (await scores(world))[0].startswith("open")


async def test_another_policy_of_ours_is_nobody(world: World) -> None:
    await a_house(world)
    watched = replace(FORGET, mode=Mode.DRY_RUN)
    armed = policy("armed", Step(Verb.DELETE, "requests"))
    await world.decide(watched, armed)
    await lose(world)
    await world.pass_time(15 * 60, step=110)
    assert world.apps["requests"].acts == [("delete", "request 17", "files=False", "exclude=False")]
    assert {line.split()[0] for line in await scores(world)} <= {"open"}


async def test_what_is_to_come_back_and_does_was_right(world: World) -> None:
    apps = await a_house(world)
    await would_be(world, policy("back", Step(Verb.MONITOR, "radarr")))
    entry = apps["radarr"].items[Key("movie", "801")]
    apps["radarr"].put(replace(entry, has_file=True))
    await world.scan_and_settle("radarr")
    await world.pass_time(600, step=300)
    assert await scores(world) == ["right monitor movie 801 (Film 1) in radarr"]


# --- who is heard, and what nobody can tell ---------------------------------------------------------


async def test_who_was_not_asked_does_not_judge(world: World) -> None:
    await a_house(world)
    await would_be(world, replace(FORGET, agree=Agree.NONE))
    await is_added_elsewhere(world)
    await world.pass_time(600, step=300)
    assert (await scores(world))[0].startswith("open")


async def test_a_copy_that_stood_all_along_denies_nothing(world: World) -> None:
    await a_house(world, has_file=True)
    await would_be(world, replace(FORGET, agree=Agree.NONE))
    await let_pass(world, 7)
    assert (await scores(world))[0].startswith("right")


async def test_a_single_copy_is_judged_at_its_place(world: World) -> None:
    apps = await a_house(world)
    each = policy("single", Step(Verb.TAG, "radarr", label="lost"), copies=Copies.EACH)
    place = {"path": "/films/1.mkv"}
    apps["radarr"].put(movie(1, key="801", has_file=False, attrs={"monitored": True, "tags": []}, **place))
    await world.scan("radarr")
    await would_be(world, each)
    apps["jellyfin"].put(movie(1, key="71", path="/elsewhere/1.mkv", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    found = await scores(world)
    assert [line for line in found if line.startswith("wrong")] == []


async def test_a_contradiction_keeps_it_open(world: World) -> None:
    await a_house(world)
    await would_be(world)
    refs = frozenset({*movie(1).refs} - {r for r in movie(1).refs if r.space == "imdb"})
    other = movie(1, key="951", refs=frozenset({*refs, *(r for r in movie(2).refs if r.space == "imdb")}))
    world.apps["radarr"].put(replace(other, attrs={"monitored": True, "tags": []}))
    await world.scan_and_settle("radarr")
    await let_pass(world, 8)
    assert (await scores(world))[0].startswith("open")


async def test_a_source_that_left_cannot_tell(world: World) -> None:
    await a_house(world)
    await would_be(world)
    await world.engine.remove("jellyfin", freeze=True)
    await let_pass(world, 9)
    assert (await scores(world))[0].startswith("open")


async def test_another_installation_is_watched_anew(world: World) -> None:
    await a_house(world)
    await would_be(world)
    await world.ledger.write(
        lambda tx: tx.execute(
            "UPDATE source SET generation = generation + 1, watched = 5 WHERE name = 'jellyfin'"
        )
    )
    await world.pass_time(3600, step=1200)
    await let_pass(world, 6.9)
    assert (await scores(world))[0].startswith("open")
    await let_pass(world, 0.1)
    assert (await scores(world))[0].startswith("right")


# --- rows: none twice, none lost --------------------------------------------------------------------


async def test_nothing_is_remembered_twice(world: World) -> None:
    await a_house(world)
    await would_be(world)
    for _ in range(3):
        await world.restart()
        await world.pass_time(2 * 3600, step=1200)
    assert await scores(world) == ["open delete request 17 (Film 1) in requests"]


async def test_what_a_crash_left_out_is_remembered_at_the_next_start(world: World) -> None:
    """So is what an earlier version, which kept no score, said in dry-run."""
    await a_house(world)
    await would_be(world)
    await world.ledger.write(lambda tx: tx.execute("DELETE FROM shadow"))
    await world.restart()
    await world.pass_time(220, step=110)
    assert await scores(world) == ["open delete request 17 (Film 1) in requests"]


async def test_the_entry_after_the_file_is_the_same_loss(world: World) -> None:
    apps = await a_house(world)
    await world.decide(FORGET, mode=Mode.DRY_RUN, trusted=False)
    film = apps["jellyfin"].items[Key("movie", "1")]
    apps["jellyfin"].put(replace(film, has_file=False))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(15 * 60, step=110)
    assert len(await scores(world)) == 1
    apps["jellyfin"].remove(film.key)
    await world.scan_and_settle("jellyfin")
    await world.pass_time(15 * 60, step=110)
    assert await scores(world) == ["open delete request 17 (Film 1) in requests"]
    (row,) = await world.rows("SELECT f.what FROM shadow JOIN finding AS f ON f.id = finding_id")
    assert row["what"] == "entry", "it follows the newest finding of its loss"


async def test_a_loss_after_a_return_is_another_one(world: World) -> None:
    await a_house(world)
    await would_be(world)
    await comes_back(world)
    await world.pass_time(600, step=300)
    await lose(world)
    await world.pass_time(15 * 60, step=110)
    assert [line.split()[0] for line in await scores(world)] == ["wrong", "open"]


async def test_an_edit_begins_a_new_score(world: World) -> None:
    await a_house(world)
    await would_be(world)
    await let_pass(world, 7)
    edited = replace(FORGET, grace=1200.0)
    await world.decide(edited, mode=Mode.DRY_RUN, trusted=False)
    await world.pass_time(1800)
    assert [line.split()[0] for line in await scores(world)] == ["right", "open"]
    assert (await tally(world)).whole == shadow.Counts(open=1)
    assert (await tally(world, before=True)).whole == shadow.Counts(right=1)
    since, former = (await tally(world)).since, (await tally(world, before=True)).since
    assert since is not None
    assert former is not None
    assert since > former


async def test_it_outlives_its_items_and_leaves_with_the_actions(world: World) -> None:
    await a_house(world)
    await would_be(world)
    keep = KeepSettings()
    world.clock.advance(100 * DAY)
    await tidy(world.ledger, keep, clock=world.clock)
    assert await world.rows("SELECT 1 FROM item WHERE key = '1' AND presence = 'gone'") == []
    await let_pass(world, 7)
    assert await scores(world) == ["right delete request 17 (Film 1) in requests"]
    world.clock.advance(keep.actions)
    await tidy(world.ledger, keep, clock=world.clock)
    assert await scores(world) == []
    assert len(await world.rows("SELECT 1 FROM shadow_since")) == 1, "the policy still says what it said"


async def test_a_film_back_in_an_app_is_seen_after_its_row_left(world: World) -> None:
    await a_house(world)
    await would_be(world)
    world.clock.advance(100 * DAY)
    await tidy(world.ledger, KeepSettings(), clock=world.clock)
    await comes_back(world)
    await world.pass_time(600, step=300)
    assert await whys(world) == ["jellyfin has a file of it again (movie 1)"]


async def test_orphans_are_judged_by_what_they_refer_to(world: World) -> None:
    await a_house(world)
    rule = policy("clean", Step(Verb.DELETE, "requests"), when=When.ORPHAN, sources=frozenset({"requests"}))
    apps = world.apps
    apps["radarr"].remove(Key("movie", "801"))
    apps["radarr"].remove(Key("movie", "802"))
    await world.scan_and_settle("radarr")
    await world.decide(rule, mode=Mode.DRY_RUN, trusted=False)
    await lose(world, 1)
    await lose(world, 2)
    await world.pass_time(15 * 60, step=110)
    assert sorted(await scores(world)) == [
        "open delete request 17 (Film 1) in requests",
        "open delete request 18 (Film 2) in requests",
    ]
    await comes_back(world)
    await let_pass(world, 7)
    assert sorted(await scores(world)) == [
        "right delete request 18 (Film 2) in requests",
        "wrong delete request 17 (Film 1) in requests",
    ]


@pytest.mark.full
async def test_a_year_of_dry_run(world: World) -> None:
    """Every three weeks a film goes; some come back the same hour, one request is deleted by hand."""
    apps = await a_house(world)
    apps["jellyfin"].put(*(movie(n, attrs={"tags": []}) for n in range(101, 161)))
    apps["requests"].put(*(request(n) for n in range(101, 118)))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    await world.decide(FORGET, mode=Mode.DRY_RUN, trusted=False)
    for number in range(101, 118):
        await lose(world, number)
        await world.pass_time(900, step=110)
        if number % 4 == 0:
            apps["jellyfin"].put(movie(number, attrs={"tags": []}))
            await world.scan_and_settle("jellyfin")
        if number == 110:
            apps["requests"].remove(Key("request", "110"))
            await world.scan_and_settle("requests")
        await let_pass(world, 21)
    assert (await tally(world)).whole == shadow.Counts(right=13, wrong=4)
    assert apps["requests"].acts == []


# --- arming -----------------------------------------------------------------------------------------


async def armed(world: World, rule: Policy, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        await world.decide(rule, mode=Mode.ACT, trusted=False)
    return [record.getMessage() for record in caplog.records if "armed" in record.getMessage()]


async def test_arming_without_a_score_is_warned_of_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await a_house(world)
    (told,) = await armed(world, FORGET, caplog)
    assert told.startswith(
        "config.yaml:1:1: policies.forget: armed without a score: it has never been watched"
    )
    assert await armed(world, FORGET, caplog) == [], "it was armed already"
    assert len(await world.outbox.arming(world.outbox.rules)) == 1, "and still is"
    await world.trust(FORGET)
    assert await world.outbox.arming(world.outbox.rules) == [], "a person approved its first batch"
    (told,) = await armed(world, replace(FORGET, grace=900.0), caplog)
    assert "never been watched" in told


async def test_arming_with_a_score(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await a_house(world)
    await would_be(world)
    (told,) = await armed(world, FORGET, caplog)
    assert "what dry-run would have done (1 so far) is not judged yet" in told
    await would_be(world, number=2)
    await let_pass(world, 7)
    assert await armed(world, FORGET, caplog) == []
    await world.decide(FORGET, mode=Mode.DRY_RUN, trusted=False)
    await comes_back(world)
    await world.pass_time(600, step=300)
    (told,) = await armed(world, FORGET, caplog)
    assert "armed with 1 of " in told


async def test_a_score_that_takes_for_ever_delays_no_action(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = await a_house(world)
    await world.decide(FORGET, trusted=False)
    await lose(world)
    await world.pass_time(1800)
    await world.approve_all()
    judged = asyncio.Event()
    monkeypatch.setattr("reconciled.engine.outbox.witness.Witness.look", lambda _: judged.wait())
    step = asyncio.create_task(world.outbox.step())
    async with asyncio.timeout(PATIENCE):
        while not apps["requests"].acts:
            await asyncio.sleep(0.001)
    assert not step.done()
    judged.set()
    await step
