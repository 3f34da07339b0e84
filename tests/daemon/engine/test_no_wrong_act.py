"""Nothing is sent that nobody wants any more, that came back, or that is another thing by now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.daemon.engine.conftest import World, a_root, movie, policy, request
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Agree, Copies, Mode, Step, Verb, When
from reconciled.engine.outbox.answers import reject
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.engine.outbox.undo import undo
from reconciled.engine.said import Named, link, pause, resume
from reconciled.ledger import acted
from reconciled.model import Item, Key, Ref


async def test_readded_under_a_new_key_is_not_acted_on(world: World) -> None:
    """The film was added anew in Radarr after the loss (wanted again): `replaced` makes it an old copy."""
    apps = await a_house(world)
    one = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    await world.decide(one)
    await lose(world)
    await world.pass_time(120)
    apps["radarr"].remove(Key("movie", "801"))
    apps["radarr"].put(movie(1, key="950", attrs={"monitored": True, "tags": []}, has_file=True))
    await world.scan_and_settle("radarr")
    await world.pass_time(GRACE)
    assert apps["radarr"].acts == []
    await world.decide(one)  # a reload
    await world.pass_time(GRACE)
    assert apps["radarr"].acts == []


async def test_a_gone_key_does_not_speak_for_the_app(world: World) -> None:
    """Radarr's only known key went long ago; it holds the film with a file under a key not yet read."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    assert (await world.presence("radarr"))["movie 801"] == "gone"
    world.clock.advance(3600)
    apps["radarr"].put(movie(1, key="950", attrs={"monitored": True, "tags": []}, has_file=True))
    await lose(world)
    await world.pass_time(GRACE + 600)
    assert apps["requests"].acts == []


async def test_another_instance_noticed_before_the_call(world: World) -> None:
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(8 * 60)
    assert apps["requests"].acts == []
    apps["requests"].instance = "two"
    await world.pass_time(GRACE)
    assert apps["requests"].acts == []


async def test_our_own_removal_is_still_ours_after_the_retention(world: World) -> None:
    apps = await a_house(world)
    forget = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy("follow", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), agree=Agree.NONE)
    await world.decide(forget, follow)
    await lose(world)
    await world.pass_time(2 * GRACE)
    assert len(apps["radarr"].acts) == 1
    await world.ledger.write(acted.forget_before, "9999")
    await world.decide(forget, follow)
    await world.pass_time(2 * GRACE)
    assert apps["requests"].acts == []


async def test_what_was_requested_anew_is_no_orphan(world: World) -> None:
    """The film is gone everywhere; then somebody requests it again: that request is not to be deleted."""
    apps = await a_house(world)
    await world.decide(
        policy("o", Step(Verb.DELETE, "requests"), when=When.ORPHAN, sources=frozenset({"requests"}))
    )
    apps["requests"].remove(Key("request", "17"))
    await world.scan_and_settle("requests")
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    await lose(world)
    await world.pass_time(3 * 3600)
    assert apps["requests"].acts == []
    apps["requests"].put(request(77, of=1))
    await world.scan_and_settle("requests")
    await world.pass_time(GRACE + 1800)
    assert apps["requests"].acts == []


async def test_a_lost_file_below_an_odd_root_is_no_agreement(world: World) -> None:
    """Radarr's disk is away at the last look: its "no file" is unknown."""
    apps = await a_house(world)
    apps["radarr"].roots = {"/films": a_root()}
    await world.scan("radarr")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(300)
    apps["radarr"].roots = {"/films": a_root(accessible=False)}
    await world.pass_time(GRACE + 600)
    assert apps["requests"].acts == []


async def test_a_file_never_seen_below_an_odd_root_is_no_agreement(world: World) -> None:
    """The same when even the ledger knows of the odd root (a scan told it)."""
    apps = await a_house(world)
    apps["radarr"].roots = {"/films": a_root()}
    await world.scan("radarr")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    apps["radarr"].roots = {"/films": a_root(empty=True)}
    await world.scan_and_settle("radarr")
    await lose(world)
    await world.scan_and_settle("radarr")
    await world.pass_time(GRACE + 600)
    assert apps["requests"].acts == []


async def test_what_was_undone_by_hand_is_not_done_again_at_a_reload(world: World) -> None:
    apps = await a_house(world)
    one = policy("rest", Step(Verb.UNMONITOR, "radarr"))
    await world.decide(one)
    await lose(world)
    await world.outbox.work_once()  # derived before the ledger gives out another number
    await world.pass_time(GRACE + 600)
    assert len(apps["radarr"].acts) == 1
    (row,) = await world.rows("SELECT id FROM action")
    await undo(world.outbox, row["id"], by="owner")
    await world.turn()
    assert apps["radarr"].acts[-1] == ("monitor", "movie 801")
    await world.decide(one, trusted=False)
    await world.pass_time(GRACE + 600)
    assert apps["radarr"].acts[-1] == ("monitor", "movie 801")


async def test_a_clock_that_jumps_does_not_renew_max_actions(world: World) -> None:
    jellyfin = await world.follow("jellyfin", many=True, max_gone=1.0)
    requests = await world.follow("requests")
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 101)))
    requests.put(*(request(n) for n in range(1, 101)))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests"), max_actions=5))
    for start in (1, 6):
        jellyfin.remove(*(Key("movie", str(n)) for n in range(start, start + 5)))
        await world.scan_and_settle("jellyfin")
        await world.pass_time(GRACE + 900)
        world.clock.step(timedelta(days=2))
    assert len(requests.acts) == 5


async def test_unmonitor_of_what_was_added_anew(world: World) -> None:
    """As with delete, with `agree: all` and the defaults: added again without a file yet."""
    apps = await a_house(world)
    one = policy("rest", Step(Verb.UNMONITOR, "radarr"))
    await world.decide(one)
    await lose(world)
    await world.pass_time(120)
    apps["radarr"].remove(Key("movie", "801"))
    apps["radarr"].put(movie(1, key="950", attrs={"monitored": True, "tags": []}, has_file=False))
    await world.scan_and_settle("radarr")
    await world.pass_time(GRACE)
    assert apps["radarr"].acts == []
    await world.restart()
    await world.trust(one)
    await world.pass_time(GRACE + 1200)
    assert apps["radarr"].acts == []


async def test_an_order_by_hand_knows_what_it_was_for(world: World) -> None:
    """The key's refs drift to another film in two steps while the order waits."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    await pause(world.engine, "radarr", by="owner")
    await order(world.outbox, Order(Verb.DELETE, "radarr", Key("movie", "802")), by="owner")
    await resume(world.engine, "radarr")
    apps["radarr"].busy = True
    await world.engine.probe("radarr")
    await world.turn()
    assert apps["radarr"].acts == []
    base = apps["radarr"].items[Key("movie", "802")]
    apps["radarr"].put(replace(base, refs=frozenset()))
    await world.scan("radarr")
    other = frozenset({Ref("tmdb:movie", "555")})
    apps["radarr"].put(replace(base, title="Film 555", refs=other, path="/films/555.mkv"))
    await world.scan("radarr")
    apps["radarr"].busy = False
    await world.engine.probe("radarr")
    await world.pass_time(900)
    assert apps["radarr"].acts == []


async def test_a_cascade_acts_once_a_story_though_its_story_grew(world: World) -> None:
    """Our own removal a while later belongs to the same story: the request is deleted once."""
    apps = await a_house(world)
    forget = policy("forget", Step(Verb.DELETE, "radarr"), agree=Agree.NONE)
    follow = policy(
        "follow",
        Step(Verb.DELETE, "requests"),
        sources=frozenset({"radarr", "jellyfin"}),
        agree=Agree.NONE,
        cascade=True,
    )
    await world.decide(forget, follow)
    await lose(world)
    await world.pass_time(3 * GRACE)
    assert [a[1] for a in apps["requests"].acts] == ["request 17"]


async def test_a_yes_about_series_does_not_watch_films(world: World) -> None:
    apps = await a_house(world)
    apps["jellyfin"].put(Item(Key("series", "1"), "S", frozenset({Ref("tvdb:series", "1")}), has_file=True))
    await world.scan("jellyfin")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(60)
    (before,) = await world.rows("SELECT watched FROM source WHERE name = 'jellyfin'")
    apps["jellyfin"].deny = lambda key: key.kind == "movie"
    await world.pass_time(1200)
    (after,) = await world.rows("SELECT watched FROM source WHERE name = 'jellyfin'")
    assert after["watched"] - before["watched"] <= 60


async def test_apart_by_hand_is_no_loophole(world: World) -> None:
    """Said to be another thing by a person: Radarr's entry neither agrees nor is acted on."""
    apps = await a_house(world, has_file=True)
    await world.decide(policy())
    one, other = Named("jellyfin", Key("movie", "1")), Named("radarr", Key("movie", "801"))
    await link(world.engine, one, other, same=False, by="owner")
    await lose(world)
    await world.pass_time(GRACE + 1200)
    assert apps["radarr"].acts == []


async def test_apart_reaches_what_hangs_on_it(world: World) -> None:
    """A second Radarr still has the film with its file: all apps have to agree."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    four = await world.follow("radarr_4k")
    four.put(movie(1, key="5", attrs={"monitored": True, "tags": []}))
    await world.scan("radarr_4k")
    one = policy("forget", Step(Verb.DELETE, "requests"))
    await world.trust(one)
    await lose(world)
    await world.pass_time(GRACE + 1200)
    assert apps["requests"].acts == []


async def test_copies_each_leaves_the_other_copy_s_targets(world: World) -> None:
    apps = await a_house(world)
    apps["jellyfin"].put(movie(1, key="1b", path="/4k/1.mkv", root="/4k", attrs={"tags": []}))
    await world.scan("jellyfin")
    await world.decide(policy("each", Step(Verb.DELETE, "radarr"), copies=Copies.EACH))
    await lose(world)
    await world.scan("radarr")
    await world.pass_time(GRACE + 1200)
    # radarr's entry lies at /films/1.mkv, the place that was lost
    assert [a[1] for a in apps["radarr"].acts] in ([], ["movie 801"])


async def test_a_record_that_also_refers_to_what_is_there_stays(world: World) -> None:
    apps = await a_house(world)
    both = frozenset({Ref("tmdb:movie", "1"), Ref("tmdb:movie", "2")})
    apps["requests"].put(request(30, of=1, refs=both))
    await world.scan("requests")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(GRACE + 900)
    assert "request 30" not in [a[1] for a in apps["requests"].acts]


async def test_a_policy_twice_on_the_same_item_never_overlaps(world: World) -> None:
    """A gone row in radarr and another one present: both asked."""
    apps = await a_house(world)
    apps["radarr"].put(movie(1, key="900", has_file=True, attrs={"monitored": True, "tags": []}))
    await world.scan("radarr")
    await world.decide(policy())
    await lose(world)
    await world.pass_time(GRACE + 1800)
    assert apps["requests"].acts == []


async def test_a_reused_key_s_record_is_about_the_new_thing(world: World) -> None:
    """A record names jellyfin's movie 1; the key names another film now, registered as such."""
    apps = await a_house(world)
    named = frozenset({Ref("jellyfin:movie", "1")})
    apps["requests"].put(Item(Key("request", "40"), "record", named, attrs={"tags": []}, refers=True))
    await world.scan("requests")
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    apps["jellyfin"].put(movie(555, key="1", attrs={"tags": []}))
    for _ in range(3):
        await world.scan_and_settle("jellyfin")
    await world.pass_time(GRACE + 1800)
    assert "request 40" not in [a[1] for a in apps["requests"].acts]


async def test_a_target_that_contradicts_the_lost_thing_only_at_the_last_look(world: World) -> None:
    """Jellyfin knew the film by one number; since the last scan it says another film's number, too."""
    apps = await a_house(world)
    film = replace(apps["jellyfin"].items[Key("movie", "1")], refs=frozenset({Ref("imdb", "tt1")}))
    apps["jellyfin"].put(film)
    await world.scan_and_settle("jellyfin")
    await world.decide(policy("forget", Step(Verb.DELETE, "jellyfin"), sources=frozenset({"radarr"})))
    apps["radarr"].remove(Key("movie", "801"))
    await world.scan_and_settle("radarr")
    await world.pass_time(120)
    assert await world.actions() == ["planned delete jellyfin movie 1"]
    apps["jellyfin"].put(replace(film, refs=film.refs | {Ref("tmdb:movie", "777")}))
    await world.pass_time(2 * GRACE)
    assert apps["jellyfin"].acts == []
    assert await world.actions() == ["dropped delete jellyfin movie 1"]


async def test_another_thing_without_a_file_under_a_known_key_is_no_agreement(world: World) -> None:
    """Radarr's library was read in anew: the number of the film is another one's, and its own has a file."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await lose(world)
    await world.pass_time(120)
    apps["radarr"].put(
        movie(555, key="801", attrs={"monitored": True, "tags": []}, has_file=False),
        movie(1, key="950", attrs={"monitored": True, "tags": []}),
    )
    await world.pass_time(2 * GRACE)
    assert apps["requests"].acts == []
    assert (await world.presence("radarr")).get("movie 950") == "present"  # it was read again for that


@pytest.mark.parametrize("decided", ["done", "rejected"])
async def test_two_apps_lose_it_one_after_the_other_and_it_is_decided_once(
    world: World, decided: str
) -> None:
    """What was planned for the first loss is pointed at the second, and is that one's answer as well."""
    apps = await a_house(world)
    plex = await world.follow("plex", many=True)
    plex.put(*(movie(n, attrs={"tags": []}) for n in range(1, 11)))
    await world.scan("plex")
    one = policy("rest", Step(Verb.UNMONITOR, "radarr"), sources=frozenset({"jellyfin", "plex"}))
    await world.decide(one, mode=Mode.ACT if decided == "done" else Mode.ASK)
    await lose(world)
    await world.turn()
    plex.remove(Key("movie", "1"))
    await world.scan_and_settle("plex")
    await world.pass_time(GRACE + 900)
    if decided == "rejected":
        (decision,) = await world.open_decisions()
        await reject(world.outbox, decision["id"], None, by="owner")
    assert await world.actions() == [f"{decided} unmonitor radarr movie 801"]
    mine = apps["radarr"].items[Key("movie", "801")]
    apps["radarr"].put(replace(mine, attrs={**mine.attrs, "monitored": True}))  # the owner wants it after all
    await world.scan("radarr")
    await world.decide(one, mode=Mode.ACT if decided == "done" else Mode.ASK)  # a reload
    await world.pass_time(3 * 3600)
    assert await world.actions() == [f"{decided} unmonitor radarr movie 801"]
    assert apps["radarr"].items[Key("movie", "801")].attrs["monitored"] is True


@pytest.mark.parametrize(("hours", "acted"), [(-1.0, True), (30.0, False)])
async def test_what_was_asked_for_again_while_nobody_looked_is_wanted(
    world: World, hours: float, acted: bool
) -> None:
    """The requests are read before the library that lost the film: their app says when each was made."""
    apps = await a_house(world)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    added = world.clock.now() + timedelta(hours=hours)
    world.clock.advance(2 * 86400.0)
    apps["requests"].remove(Key("request", "17"))
    apps["requests"].put(replace(request(27, of=1), attrs={"tags": [], "added": added.isoformat()}))
    await world.scan_and_settle("requests")
    await lose(world)
    await world.pass_time(2 * GRACE)
    assert [act[1] for act in apps["requests"].acts] == (["request 27"] if acted else [])
