"""SignalR of Radarr and Sonarr: what a message makes us look at, and the fakes' hub over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.errors import Unauthorized, Unreachable, Unsupported
from reconciled.model import Event, Key, Op, Ref
from reconciled.source import Connected, Listens
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.servarr import ServarrFake
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled_radarr import Radarr
from reconciled_servarr.stream import GAP
from reconciled_sonarr import Sonarr

MOVIE = {"id": 9, "title": "Example Film", "tmdbId": 500001, "imdbId": "tt7500001", "hasFile": True}
SERIES = {"id": 5, "title": "Example Show", "tvdbId": 390001, "tmdbId": 0}
FILM = Key("movie", "9")
SHOW = Key("series", "5")
FILM_REFS = frozenset({Ref("tmdb:movie", "500001"), Ref("imdb", "tt7500001")})
SHOW_REFS = frozenset({Ref("tvdb:series", "390001")})
ONLY_ID = {"id": 9, "monitored": True, "tmdbId": 0, "year": 0, "minimumAvailability": "released"}
EPISODE = {"id": 70, "seriesId": 5, "seasonNumber": 2, "episodeNumber": 3, "hasFile": True}


def message(name: str, action: str, resource: Any = None, **more: Any) -> dict[str, Any]:
    body = {"action": action} | ({} if resource is None else {"resource": resource})
    return {"name": name, "body": body, **more}


RADARR: list[tuple[Any, list[Event]]] = [
    (message("movie", "deleted", ONLY_ID), [Event(Op.DELETED, FILM, own_act=True)]),
    (message("movie", "updated", MOVIE), [Event(Op.CHANGED, FILM, "Example Film", FILM_REFS)]),
    (message("movie", "created", MOVIE), [Event(Op.CHANGED, FILM, "Example Film", FILM_REFS)]),
    (
        message("movie", "updated", {**MOVIE, "hasFile": False}),
        [Event(Op.CHANGED, FILM, "Example Film", FILM_REFS, settle=GAP)],
    ),
    (message("movie", "sync"), [Event(Op.SCAN, reason="the movie list of Radarr changed")]),
    (
        message("moviefile", "updated", {"id": 3, "movieId": 9}),
        [Event(Op.CHANGED, FILM, reason="a file came or changed")],
    ),
    (message("moviefile", "deleted", {"id": 3, "movieId": 0, "size": 0}), []),
    (message("moviefile", "deleted", {"id": 3, "movieId": 9}), []),
    (message("moviefile", "updated", {"id": 3, "movieId": 0}), []),
    (message("episode", "updated", EPISODE), []),
    (message("series", "deleted", SERIES), []),
    (message("calendar", "updated", MOVIE), []),
    (message("wanted/missing", "updated", MOVIE), []),
    (message("health", "sync"), []),
    (message("queue", "sync"), []),
    (message("tag", "sync"), []),
    ({"name": "version", "body": {"version": "6.1.0.10360"}}, []),
]

SONARR: list[tuple[Any, list[Event]]] = [
    (
        message("series", "deleted", SERIES),
        [Event(Op.DELETED, SHOW, "Example Show", SHOW_REFS, own_act=True)],
    ),
    (message("series", "updated", SERIES), [Event(Op.CHANGED, SHOW, "Example Show", SHOW_REFS)]),
    (message("series", "updated", SERIES, version=3), [Event(Op.CHANGED, SHOW, "Example Show", SHOW_REFS)]),
    (message("series", "updated", SERIES, version=5), []),
    (message("series", "deleted", SERIES, version=5), []),
    (message("episodefile", "deleted", {"id": 4, "seriesId": 0}), []),
    (
        message("episodefile", "updated", {"id": 4, "seriesId": 5}),
        [Event(Op.CHANGED, SHOW, reason="a file came or changed")],
    ),
    (
        message("episode", "updated", EPISODE),
        [Event(Op.CHANGED, Key("season", "5/2"), reason="an episode changed")],
    ),
    (
        message("episode", "updated", {**EPISODE, "hasFile": False}),
        [Event(Op.CHANGED, Key("season", "5/2"), reason="an episode changed", settle=GAP)],
    ),
    (message("episode", "updated", {**EPISODE, "seasonNumber": None}), []),
    (message("movie", "deleted", ONLY_ID), []),
]

ODD: list[Any] = [
    None, 7, "x", [], {}, {"name": 7}, {"name": "movie"}, {"name": "movie", "body": None},
    {"name": "movie", "body": {"action": 3}}, message("movie", "deleted"), message("movie", "deleted", 7),
    message("movie", "deleted", {"id": "9"}), message("movie", "deleted", {"id": 0}),
    message("movie", "deleted", {"id": True}), message("movie", "updated", {"id": -1}),
    message("movie", "updated", {"title": "no id"}), message("series", "updated", {"id": None}),
    message("episode", "updated", {"seriesId": 5}), message("", "", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "events"), RADARR, ids=[f"{s.get('name')} {n}" for n, (s, _) in enumerate(RADARR)]
)
async def test_radarr_says(make: Any, said: Any, events: list[Event]) -> None:
    assert make(Radarr, "http://radarr.invalid", "k" * 32).listener.events(said) == events


@pytest.mark.parametrize(
    ("said", "events"), SONARR, ids=[f"{s.get('name')} {n}" for n, (s, _) in enumerate(SONARR)]
)
async def test_sonarr_says(make: Any, said: Any, events: list[Event]) -> None:
    assert make(Sonarr, "http://sonarr.invalid", "k" * 32).listener.events(said) == events


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Half \ud83d an emoji", "Half  an emoji"),
        ("two\nlines\x00", "twolines"),
        (" \t", None),
        ("x" * 999, "x" * 200),
    ],
)
async def test_an_odd_title_costs_no_event(make: Any, title: str, shown: str | None) -> None:
    """JSON can say half a character, and no file can keep it."""
    listener = make(Radarr, "http://radarr.invalid", "k" * 32).listener
    for action, op in (("updated", Op.CHANGED), ("deleted", Op.DELETED)):
        (event,) = listener.events(message("movie", action, {**MOVIE, "title": title}))
        assert (event.op, event.key, event.title) == (op, FILM, shown)


async def test_half_a_character_in_a_path_costs_no_event(make: Any) -> None:
    listener = make(Radarr, "http://radarr.invalid", "k" * 32).listener
    (event,) = listener.events(message("movie", "updated", {**MOVIE, "path": "/films/\udcff"}))
    assert (event.op, event.key, event.title) == (Op.CHANGED, FILM, "Example Film")


@pytest.mark.parametrize("kind", [Radarr, Sonarr])
@pytest.mark.parametrize("said", ODD, ids=range(len(ODD)))
async def test_odd_messages_say_nothing(make: Any, kind: Any, said: Any) -> None:
    assert make(kind, "http://app.invalid", "k" * 32).listener.events(said) == []


# --- over real sockets ------------------------------------------------------------------------------


@pytest.fixture
async def radarr() -> AsyncIterator[FakeRadarr]:
    async with FakeRadarr() as fake:
        for work in films(5):
            fake.put(work)
        yield fake


@pytest.fixture(params=["4.0.19.2979", "5.0.0.1"])
async def sonarr(request: pytest.FixtureRequest) -> AsyncIterator[FakeSonarr]:
    async with FakeSonarr(version=request.param) as fake:
        for work in series(3):
            fake.put(work, seasons=2)
        yield fake


async def heard_from(source: Listens, fake: ServarrFake[Any], doing: Any) -> list[Event]:
    """What the source is told of what is done in the app."""
    stream = source.listen()
    assert await anext(stream) == Connected()
    await fake.hub.until_connected()
    await doing()
    await fake.hub.drop_all()
    heard: list[Event] = []
    try:
        async for one in stream:
            assert isinstance(one, Event)
            heard.append(one)
    except Unreachable:
        return heard
    raise AssertionError("a stream has no quiet end")


async def test_a_deleted_film_is_its_id_alone(make: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, radarr.api_key)
    heard = await heard_from(source, radarr, lambda: radarr.delete(2))
    assert heard == [Event(Op.DELETED, Key("movie", "2"), own_act=True)]


async def test_a_deleted_series_comes_once_with_all_it_is(make: Any, sonarr: FakeSonarr) -> None:
    source = make(Sonarr, sonarr.url, sonarr.api_key)
    work = sonarr.state.entries[2].work
    (event,) = await heard_from(source, sonarr, lambda: sonarr.delete(2))
    assert (event.op, event.key, event.title, event.own_act) == (
        Op.DELETED, Key("series", "2"), work.title, True,
    )  # fmt: skip
    assert Ref("tvdb:series", str(work.tvdb)) in event.refs


async def test_a_deleted_file_makes_the_film_be_looked_at_a_minute_later(
    make: Any, walked: Any, radarr: FakeRadarr
) -> None:
    source = make(Radarr, radarr.url, radarr.api_key)
    await walked(source)
    (event,) = await heard_from(source, radarr, lambda: radarr.delete_file(1))
    assert (event.op, event.key, event.settle, event.own_act) == (Op.CHANGED, Key("movie", "1"), GAP, False)


async def test_a_deleted_episode_makes_its_season_and_series_be_looked_at(
    make: Any, walked: Any, sonarr: FakeSonarr
) -> None:
    source = make(Sonarr, sonarr.url, sonarr.api_key)
    await walked(source)
    heard = await heard_from(source, sonarr, lambda: sonarr.delete_file(1))
    assert {(event.op, event.key) for event in heard} == {
        (Op.CHANGED, Key("season", "1/1")),
        (Op.CHANGED, Key("series", "1")),
    }


async def test_a_refresh_that_changes_nothing_costs_no_lookup(
    make: Any, walked: Any, radarr: FakeRadarr
) -> None:
    source = make(Radarr, radarr.url, radarr.api_key)
    await walked(source)
    assert await heard_from(source, radarr, radarr.refresh) == []


async def test_what_changed_is_news_until_it_was_read(make: Any, walked: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, radarr.api_key)
    await walked(source)
    radarr.unmonitor(3)
    assert [e.key for e in await heard_from(source, radarr, radarr.refresh)] == [Key("movie", "3")]
    assert [e.key for e in await heard_from(source, radarr, radarr.refresh)] == [Key("movie", "3")]
    await source.lookup(Key("movie", "3"))
    assert await heard_from(source, radarr, radarr.refresh) == []


async def test_what_was_deleted_is_news_again(make: Any, walked: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, radarr.api_key)
    await walked(source)
    before = radarr.snapshot_state()

    async def deleted_and_back() -> None:
        await radarr.delete(3)
        radarr.restore_state(before)
        await radarr.refresh()

    heard = await heard_from(source, radarr, deleted_and_back)
    assert [(e.op, e.key) for e in heard] == [(op, Key("movie", "3")) for op in (Op.DELETED, Op.CHANGED)]


async def test_a_wrong_key_is_unauthorized_and_never_shown(make: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, "f" * 32)
    with pytest.raises(Unauthorized) as caught:
        await anext(source.listen())
    assert "f" * 32 not in str(caught.value)
    assert radarr.hub.connections == 0


async def test_below_a_url_base(make: Any) -> None:
    async with FakeRadarr(url_base="/radarr") as radarr:
        source = make(Radarr, radarr.url, radarr.api_key)
        stream = source.listen()
        assert await anext(stream) == Connected()
        await stream.aclose()


async def test_it_can_be_switched_off(make: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, radarr.api_key, stream=False)
    with pytest.raises(Unsupported, match="switched off"):
        await anext(source.listen())
    assert radarr.count("/signalr/*") == 0


async def test_closing_leaves_no_task_and_no_connection(make: Any, radarr: FakeRadarr) -> None:
    before = asyncio.all_tasks()
    stream = make(Radarr, radarr.url, radarr.api_key).listen()
    await anext(stream)
    await radarr.hub.until_connected()
    await stream.aclose()
    while radarr.hub.clients:
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.01)
    assert {task.get_name() for task in asyncio.all_tasks() - before if "ping" in task.get_name()} == set()
