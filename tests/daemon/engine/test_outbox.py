"""From a loss to an effect: what reaches the apps, and what does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.daemon.engine.conftest import World, movie, policy, request

from reconciled.config import Agree, Copies, Mode, Step, Unless, Verb, When
from reconciled.engine.outbox.answers import NotAsShown, approve, reject
from reconciled.errors import Unreachable
from reconciled.ledger import acted, decisions
from reconciled.model import Json, Key, Ref, What
from reconciled.testing.model_app import ModelApp

GRACE = 11 * 60


async def a_house(world: World, *, has_file: bool = False) -> dict[str, ModelApp]:
    """Jellyfin with ten films; Radarr monitors them, the first without a file; requests for two."""
    jellyfin = await world.follow("jellyfin", many=True)
    radarr = await world.follow("radarr")
    requests = await world.follow("requests")
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 11)))
    radarr.put(*(movie(n, key=str(800 + n), attrs={"monitored": True, "tags": []}) for n in range(1, 11)))
    if not has_file:
        radarr.put(replace(radarr.items[Key("movie", "801")], has_file=False))
    requests.put(request(17, of=1), request(18, of=2), request(19, of=99))
    for name in ("jellyfin", "radarr", "requests"):
        await world.scan(name)
    return {"jellyfin": jellyfin, "radarr": radarr, "requests": requests}


async def lose(world: World, number: int = 1) -> None:
    world.apps["jellyfin"].remove(Key("movie", str(number)))
    await world.scan_and_settle("jellyfin")


async def test_the_request_goes_and_the_entry_is_unmonitored_once(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(9 * 60)
    assert apps["requests"].acts == apps["radarr"].acts == []
    await world.pass_time(5 * 60)
    assert apps["requests"].acts == [("delete", "request 17", "files=False", "exclude=False")]
    assert apps["radarr"].acts == [("unmonitor", "movie 801")]
    await world.pass_time(3600)
    assert len(apps["requests"].acts) + len(apps["radarr"].acts) == 2
    assert await world.actions() == ["done delete requests request 17", "done unmonitor radarr movie 801"]
    assert (await world.presence("requests"))["request 17"] == "gone"
    story = (await world.rows("SELECT story_id FROM tombstone WHERE source = 'requests'"))[0]["story_id"]
    assert await world.cause(story) in ("reconciled", "external")


async def test_with_the_file_still_in_radarr_nothing_is_sent(world: World) -> None:
    apps = await a_house(world, has_file=True)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == apps["radarr"].acts == []
    assert set(await world.actions()) == {
        "planned delete requests request 17",
        "planned unmonitor radarr movie 801",
    }
    assert all("radarr has a file of it" in reason for reason in await world.reasons())


async def test_what_is_wanted_waits_30_days_for_its_agreement(world: World) -> None:
    await a_house(world, has_file=True)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(GRACE + 120)
    world.clock.advance(30 * 86400 + 3600)
    await world.turn()
    assert {line.split()[0] for line in await world.actions()} == {"expired"}
    assert "gone movie 1" in await world.findings()
    await world.decide(policy())
    await world.pass_time(GRACE)
    assert {line.split()[0] for line in await world.actions()} == {"expired"}


DISAGREEMENTS: dict[str, tuple[Callable[[World], None], bool]] = {
    "never held it": (lambda world: None, True),
    "holds a contradicting id": (
        lambda world: world.apps["radarr"].put(
            movie(
                1, key="801", has_file=False, refs=frozenset({Ref("tmdb:movie", "1"), Ref("imdb", "tt777")})
            )
        ),
        False,
    ),
    "has a file": (lambda world: world.apps["radarr"].put(movie(1, key="801")), False),
    "does not say whether it has a file": (
        lambda world: world.apps["radarr"].put(movie(1, key="801", has_file=None)),
        False,
    ),
    "has an entry without a file": (
        lambda world: world.apps["radarr"].put(movie(1, key="801", has_file=False)),
        True,
    ),
}


@pytest.mark.parametrize("case", DISAGREEMENTS)
async def test_who_agrees(world: World, case: str) -> None:
    change, agrees = DISAGREEMENTS[case]
    apps = await a_house(world)
    apps["radarr"].remove(Key("movie", "801"))
    change(world)
    await world.scan_and_settle("radarr")
    await world.scan_and_settle("radarr")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE + 3600)
    assert bool(apps["requests"].acts) is agrees, await world.reasons()


async def test_a_source_that_is_down_does_not_agree_and_does_when_it_is_back(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    apps["radarr"].trouble = Unreachable("radarr: refused")
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == []
    apps["radarr"].trouble = None
    await world.engine.probe("radarr")
    await world.scan("radarr")
    await world.pass_time(1200)
    assert len(apps["requests"].acts) == 1


async def test_a_frozen_source_does_not_agree(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await world.engine.remove("radarr", freeze=True)
    await world.trust(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == []
    assert "left the config" in (await world.reasons())[0]


async def test_a_source_added_yesterday_makes_a_first_batch(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    radarr_4k = await world.follow("radarr_4k")
    radarr_4k.put(movie(5, key="5"))
    await world.scan("radarr_4k")
    await lose(world)
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == []
    assert [d["why"] for d in await world.open_decisions()] == ["first"]
    await world.approve_all()
    await world.turn()
    assert len(apps["requests"].acts) == 1


async def test_a_source_never_read_to_its_end_does_not_agree(world: World) -> None:
    apps = await a_house(world)
    await world.follow("radarr_4k")
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one)
    await lose(world)
    await world.pass_time(GRACE + 600)
    assert apps["requests"].acts == []
    assert "never read" in (await world.reasons())[0]


async def test_an_item_in_a_hold_is_no_agreement(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    apps["radarr"].remove(*list(apps["radarr"].items))
    await world.scan_and_settle("radarr")
    assert await world.held() == 10
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == []


async def test_the_last_copy_counts(world: World) -> None:
    apps = await a_house(world)
    apps["jellyfin"].put(movie(1, key="1b", path="/films/1-4k.mkv", attrs={"tags": []}))
    await world.scan("jellyfin")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE + 3600)
    assert await world.actions() == []
    apps["jellyfin"].remove(Key("movie", "1b"))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(9 * 60)
    assert apps["requests"].acts == []
    await world.pass_time(5 * 60)
    assert len(apps["requests"].acts) == 1
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await world.pass_time(3600)
    assert len(await world.actions()) == 1


async def test_it_comes_back_before_the_grace_is_over(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(300)
    apps["jellyfin"].put(movie(1, attrs={"tags": []}))
    await world.scan("jellyfin")
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == apps["radarr"].acts == []
    assert {line.split()[0] for line in await world.actions()} == {"dropped"}
    assert set(await world.reasons()) == {"came back"}


async def test_it_comes_back_unnoticed_right_before_the_call(world: World) -> None:
    """Nothing told us; the last look does."""
    apps = await a_house(world)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(8 * 60)
    apps["jellyfin"].put(movie(1, attrs={"tags": []}))
    for key in list(apps["jellyfin"].items):
        apps["jellyfin"].unlisted |= {key} if key.id == "1" else set()
    await world.pass_time(3600)
    assert apps["requests"].acts == apps["radarr"].acts == []


UNLESS: dict[str, tuple[str, Key, dict[str, Json], bool]] = {
    "a tag on the request": ("requests", Key("request", "17"), {"tags": ["Keep"]}, True),
    "a tag on the entry": ("radarr", Key("movie", "801"), {"tags": ["keep"], "monitored": True}, True),
    "another tag": ("radarr", Key("movie", "801"), {"tags": ["other"], "monitored": True}, False),
    "tags that cannot be read": ("radarr", Key("movie", "801"), {"monitored": True}, True),
    "tags that are numbers": ("radarr", Key("movie", "801"), {"tags": [3], "monitored": True}, True),
}


@pytest.mark.parametrize("case", UNLESS)
async def test_unless(world: World, case: str) -> None:
    source, key, attrs, keeps = UNLESS[case]
    apps = await a_house(world)
    apps[source].put(replace(apps[source].items[key], attrs=attrs))
    await world.scan(source)
    await world.decide(policy(unless=Unless(tags=frozenset({"keep"}))))
    await lose(world)
    await world.pass_time(GRACE + 600)
    assert (apps["requests"].acts == []) is keeps
    assert (apps["radarr"].acts == []) is keeps


async def test_grace_does_not_count_an_outage(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(300)
    apps["jellyfin"].trouble = Unreachable("jellyfin: refused")
    await world.pass_time(2 * 86400, step=600)
    apps["jellyfin"].trouble = None
    await world.engine.probe("jellyfin")
    await world.pass_time(120)
    assert apps["requests"].acts == []
    await world.pass_time(360)
    assert len(apps["requests"].acts) == 1


async def test_grace_does_not_count_suspend_or_a_clock_that_jumps(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy())
    await lose(world)
    world.clock.step(timedelta(days=3))
    world.clock.advance(86400)
    await world.turn()
    await world.pass_time(60)
    assert apps["requests"].acts == []


@pytest.mark.long
async def test_800_findings_and_a_switch_to_act_are_one_decision(world: World) -> None:
    """A scenario plays the same over real servers, in full."""
    jellyfin, requests = (
        await world.follow("jellyfin", many=True, max_gone=1.0),
        await world.follow("requests"),
    )
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 1001)))
    requests.put(*(request(n) for n in range(1, 1001)))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    one = policy("forget", Step(Verb.DELETE, "requests"), sources=frozenset({"jellyfin"}))
    await world.decide(one, mode=Mode.DRY_RUN, trusted=False)
    jellyfin.remove(*(Key("movie", str(n)) for n in range(1, 801)))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(GRACE + 300)
    assert requests.acts == []
    assert (
        len(await world.rows("SELECT 1 FROM action WHERE would_at IS NOT NULL AND state = 'planned'")) == 800
    )
    assert await world.open_decisions() == []
    await world.decide(one, mode=Mode.ACT, trusted=False)
    await world.pass_time(3600)
    assert requests.acts == []
    assert [(d["why"], d["n"]) for d in await world.open_decisions()] == [("first", 800)]
    await world.approve_all()
    await world.pass_time(120)
    assert len(requests.acts) == 800
    assert len(await world.rows("SELECT 1 FROM action WHERE state = 'done'")) == 800


async def test_40_actions_of_a_trusted_policy_are_one_batch(world: World) -> None:
    jellyfin, requests = (
        await world.follow("jellyfin", many=True, max_gone=1.0),
        await world.follow("requests"),
    )
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 101)))
    requests.put(*(request(n) for n in range(1, 101)))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    for start in range(1, 41, 5):  # not all at once: the graces end one after another
        jellyfin.remove(*(Key("movie", str(n)) for n in range(start, start + 5)))
        await world.scan_and_settle("jellyfin")
        await world.pass_time(60)
    await world.pass_time(GRACE + 1200)
    assert requests.acts == []
    assert [(d["why"], d["n"]) for d in await world.open_decisions()] == [("many", 40)]


async def test_a_policy_removed_while_its_actions_wait(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy())
    await lose(world)
    await world.pass_time(300)
    await world.decide()
    await world.pass_time(GRACE + 300)
    assert apps["requests"].acts == apps["radarr"].acts == []
    assert {line.split()[0] for line in await world.actions()} == {"dropped"}
    assert "no longer in the config" in (await world.reasons())[0]


async def test_an_edited_policy_asks_again_even_what_was_approved(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert len(await world.open_decisions()) == 1
    edited = policy("forget", Step(Verb.DELETE, "requests"), max_actions=5)
    await world.decide(edited, trusted=False)
    await world.turn()
    (decision,) = await world.open_decisions()
    assert decision["n"] == 1
    await world.approve_all()
    await world.turn()
    assert len(apps["requests"].acts) == 1


async def test_what_comes_due_while_a_decision_is_open_joins_it_and_is_shown_again(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")), trusted=False)
    await lose(world, 1)
    await world.pass_time(GRACE + 120)
    (decision,) = await world.open_decisions()
    shown = await world.ledger.read(decisions.waiting_in, decision["id"])
    apps["radarr"].put(replace(apps["radarr"].items[Key("movie", "802")], has_file=False))
    await world.scan_and_settle("radarr")
    await world.settle()
    await lose(world, 2)
    await world.pass_time(GRACE + 900)
    assert [d["n"] for d in await world.open_decisions()] == [2]
    with pytest.raises(NotAsShown):
        await approve(world.outbox, decision["id"], [*shown, 999], by="owner")
    assert await approve(world.outbox, decision["id"], shown, by="owner") == (1, 1)
    await world.pass_time(300)
    assert [act[1] for act in apps["requests"].acts] == ["request 17"]
    assert [d["n"] for d in await world.open_decisions()] == [1]


async def test_rejected_is_not_asked_again_and_the_next_is_a_first_batch(world: World) -> None:
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.decide(one, trusted=False)
    await lose(world)
    await world.pass_time(GRACE + 120)
    (decision,) = await world.open_decisions()
    await reject(world.outbox, decision["id"], None, by="owner")
    await world.decide(one, trusted=False)
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == []
    assert await world.actions() == ["rejected delete requests request 17"]
    assert await world.open_decisions() == []


async def test_the_target_names_another_film_after_a_restore(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE))
    await lose(world)
    await world.pass_time(300)
    apps["radarr"].put(movie(555, key="801", attrs={"monitored": True, "tags": []}))
    await world.pass_time(GRACE + 3600)
    assert apps["radarr"].acts == []
    (line,) = await world.actions()
    assert line == "dropped delete radarr movie 801"
    assert "another thing" in (await world.reasons())[0]


async def test_dry_run_only_says(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy(), mode=Mode.DRY_RUN)
    await lose(world)
    await world.pass_time(GRACE + 3600)
    assert apps["requests"].acts == apps["radarr"].acts == []
    found = await world.rows("SELECT state, would_at, since FROM action")
    assert all(row["state"] == "planned" and row["would_at"] for row in found)
    assert "no other app has a file of it" in found[0]["since"]


async def test_mode_ask_asks_and_does_what_was_approved(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy(), mode=Mode.ASK)
    await lose(world)
    await world.pass_time(GRACE + 300)
    assert apps["requests"].acts == []
    assert [(d["why"], d["n"]) for d in await world.open_decisions()] == [("ask", 2)]
    await world.approve_all()
    await world.turn()
    assert len(apps["requests"].acts) == len(apps["radarr"].acts) == 1


async def test_back_to_dry_run_holds_even_what_was_approved(world: World) -> None:
    apps = await a_house(world)
    one = policy()
    await world.decide(one, mode=Mode.ASK)
    await lose(world)
    await world.pass_time(GRACE + 300)
    await world.approve_all()
    await world.decide(one, mode=Mode.DRY_RUN)
    await world.pass_time(3600)
    assert apps["requests"].acts == apps["radarr"].acts == []


async def test_our_own_removals_fire_nothing_unless_they_cascade(world: World) -> None:
    apps = await a_house(world)
    forget = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(forget, follow)
    await lose(world)
    await world.pass_time(2 * GRACE + 3600)
    assert len(apps["radarr"].acts) == 1
    assert (await world.presence("radarr"))["movie 801"] == "gone"
    assert apps["requests"].acts == []
    cascading = replace(follow, cascade=True)
    await world.decide(forget, cascading)
    await world.pass_time(GRACE + 600)
    assert len(apps["requests"].acts) == 1


async def test_what_was_requested_after_the_loss_stays(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    apps["requests"].put(request(77, of=1))
    await world.scan("requests")
    await world.pass_time(GRACE + 600)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await world.pass_time(GRACE + 600)
    assert [act[1] for act in apps["requests"].acts] == ["request 17"]


async def test_what_entry_needs_the_entry_gone(world: World) -> None:
    """`what: entry`: an entry without a file is no agreement."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests"), what=What.ENTRY))
    await lose(world)
    await world.pass_time(GRACE + 600)
    assert apps["requests"].acts == []
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    await world.pass_time(GRACE + 600)
    assert len(apps["requests"].acts) == 1


async def test_a_lost_file_stops_the_search_of_its_own_app(world: World) -> None:
    """`from: radarr`, only the file went: the entry that stays is what the policy acts on."""
    apps = await a_house(world, has_file=True)
    one = policy("stop", Step(Verb.UNMONITOR, "radarr"), sources=frozenset({"radarr"}))
    await world.decide(one)
    apps["radarr"].put(replace(apps["radarr"].items[Key("movie", "801")], has_file=False))
    await world.scan_and_settle("radarr")
    await world.pass_time(GRACE + 600)
    assert apps["radarr"].acts == []  # jellyfin still has it
    apps["jellyfin"].remove(Key("movie", "1"))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(2 * 3600)
    assert apps["radarr"].acts == [("unmonitor", "movie 801")]


async def test_a_copy_that_moved_is_gone_from_its_place_and_the_new_one_stays(world: World) -> None:
    apps = await a_house(world)
    each = policy(
        "each", Step(Verb.DELETE, "radarr"), copies=Copies.EACH, agree=Agree.NONE, sources=frozenset()
    )
    await world.decide(each)
    old = apps["jellyfin"].items[Key("movie", "1")]
    apps["radarr"].put(replace(apps["radarr"].items[Key("movie", "801")], path=old.path, has_file=True))
    await world.scan("radarr")
    apps["jellyfin"].remove(old.key)
    apps["jellyfin"].put(replace(old, key=Key("movie", "1n"), path="/other/1.mkv", root="/other"))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(GRACE + 600)
    assert apps["jellyfin"].acts == []
    assert apps["radarr"].acts == [("delete", "movie 801", "files=False", "exclude=False")]
    assert Key("movie", "1n") in apps["jellyfin"].items


async def test_a_replacement_is_told_once_whatever_the_retention_takes(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("say", Step(Verb.NOTIFY, "phone"), when=When.REPLACED, sources=frozenset()))
    apps["jellyfin"].remove(Key("movie", "1"))
    apps["jellyfin"].put(movie(1, key="new", attrs={"tags": []}))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(300)
    world.clock.advance(400 * 86400.0)
    await world.ledger.write(acted.forget_before, "9999")
    await world.pass_time(7200)
    assert [row["title"] for row in await world.rows("SELECT title FROM message")] == [
        "Film 1 was replaced in jellyfin"
    ]
