"""What is Plex's own, and in no contract: ids, what is unavailable, other servers, the stream."""

from dataclasses import replace
from typing import Any

import pytest
from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.model import Absent, Event, Item, Key, Op, Ref
from reconciled.source import Connected, Examines, Listens, LooksUpMany, Source, Weight
from reconciled.testing.faults import Fault
from reconciled.testing.pytest_plugin import OpenSource

from stands import OldStand, PlexStand, installed


async def test_a_film(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    entry = stand.fake.state.entries[101]
    assert await source.lookup(Key("movie", "101")) == Item(
        key=Key("movie", "101"),
        title="Film 0",
        refs=frozenset(
            {Ref("imdb", "tt0133090"), Ref("tmdb:movie", "603"), Ref("path", "/films/Film 0/Film 0.mkv")}
        ),
        attrs={"year": 2011, "added": entry.added.replace(microsecond=0).isoformat(), "library": "Films"},
        has_file=True,
        path="/films/Film 0/Film 0.mkv",
        root="/films",
    )


@pytest.mark.parametrize(
    ("section", "guids", "legacy", "refs"),
    [
        (1, ("imdb://tt0133093", "tmdb://603", "tvdb://169"), None,
         {"imdb:tt0133093", "tmdb:movie/603", "tvdb:movie/169"}),
        (2, ("tmdb://1399", "tvdb://121361"), None, {"tmdb:tv/1399", "tvdb:series/121361"}),
        (1, (), "com.plexapp.agents.imdb://tt0133093?lang=en", {"imdb:tt0133093"}),
        (2, (), "com.plexapp.agents.thetvdb://81189?lang=de", {"tvdb:series/81189"}),
        (2, (), "com.plexapp.agents.themoviedb://1399?lang=en", {"tmdb:tv/1399"}),
        (1, (), "local://17", set()),
        (1, (), "com.plexapp.agents.none://0a1b?lang=xn", set()),
        (1, ("tmdb://0", "tmdb://", "tmdb://x", "imdb://603", "tmdb://603/1"), None, set()),
    ],
)  # fmt: skip
async def test_refs(
    open_source: OpenSource, section: int, guids: tuple[str, ...], legacy: str | None, refs: set[str]
) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    entry = stand.fake.put("It", *guids, section=section, legacy=legacy)
    found = await source.lookup(Key("movie" if section == 1 else "series", str(entry.id)))
    assert isinstance(found, Item)
    assert {str(ref) for ref in found.strong_refs} == refs


async def test_what_is_unavailable_is_there_and_of_its_file_nothing_is_known(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    await stand.fake.miss(101)
    found = await source.lookup(Key("movie", "101"))
    assert isinstance(found, Item)
    assert found.has_file is None
    assert "unavailable_since" in found.attrs
    stand.fake.empties_trash = True
    await stand.fake.miss(101)
    assert isinstance(await source.lookup(Key("movie", "101")), Absent)


async def test_one_is_gone_among_others(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    assert isinstance(source, LooksUpMany)
    await stand.fake.delete(101)
    answers = await source.lookup_many([Key("movie", "101"), Key("series", "102")])
    assert isinstance(answers[Key("movie", "101")], Absent)
    assert isinstance(answers[Key("series", "102")], Item)


async def test_another_server_says_nothing(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    stand.fake.machine = "another"
    stand.fake.state.entries.clear()
    for _ in range(2):
        with pytest.raises(BadResponse, match="another Plex"):
            await source.lookup(Key("movie", "101"))


async def test_a_404_of_a_proxy_says_nothing(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    await stand.fake.delete(101)
    stand.fake.faults.set(Fault.NOT_FOUND, "/library/metadata/*")
    with pytest.raises(BadResponse, match="without X-Plex-Protocol"):
        await source.lookup(Key("movie", "101"))


async def test_an_id_of_another_kind(open_source: OpenSource) -> None:
    source = await open_source(PlexStand())
    with pytest.raises(BadResponse, match="about movie 101"):
        await source.lookup(Key("series", "101"))


async def test_only_some_libraries(open_source: OpenSource) -> None:
    class Films(PlexStand):
        def options(self) -> dict[str, Any]:
            return {**super().options(), "libraries": ["Films"]}

    source = await open_source(Films())
    pages = [page async for page in source.snapshot(frozenset(source.kinds))]
    assert {item.key.kind for page in pages for item in page.items} == {"movie"}


async def test_the_stream_of_only_some_libraries(open_source: OpenSource) -> None:
    """What was heard of another library would be known, and its end be one of the libraries in scope."""

    class Films(PlexStand):
        def options(self) -> dict[str, Any]:
            return {**super().options(), "libraries": ["Films"]}

    stand = Films()
    source = await open_source(stand)
    assert isinstance(source, Listens)
    assert [page async for page in source.snapshot(frozenset(source.kinds))]
    listening = source.listen()
    assert isinstance(await anext(listening), Connected)
    await stand.fake.add("A series", "tvdb://5", section=2)
    film = await stand.fake.add("A film", "tmdb://5")
    event = await anext(listening)
    assert isinstance(event, Event)
    assert event.key == Key("movie", str(film.id))
    await listening.aclose()  # type: ignore[attr-defined]


async def test_a_library_that_there_is_not(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    for library in stand.fake.state.libraries.values():
        library.refreshing = True
    assert (await source.probe()).busy
    odd = type(source)(source.config.model_copy(update={"libraries": ("Filme",)}), source.context)
    with pytest.raises(Unsupported, match="'Films', 'Music', 'Series'"):
        await odd.probe()


async def told(source: Source[Any], stand: PlexStand, count: int) -> list[Event]:
    """So many events, of a film that comes and goes, an episode, a song, and all that is none of ours."""
    assert isinstance(source, Listens)
    listening = source.listen()
    assert isinstance(await anext(listening), Connected)
    fake = stand.fake
    await fake.tell("playing", PlaySessionStateNotification=[{"ratingKey": "101", "state": "playing"}])
    film = await fake.add("A film", "tmdb://5")
    await fake.delete(film.id)
    await fake.delete(102)
    events = [event for _ in range(count) if isinstance(event := await anext(listening), Event)]
    await listening.aclose()  # type: ignore[attr-defined]
    return events


async def test_the_stream_of_an_older_server(open_source: OpenSource) -> None:
    stand = OldStand()
    source = await open_source(stand)
    assert [(event.op, event.key) for event in await told(source, stand, 3)] == [
        (Op.CHANGED, Key("movie", "117")),
        (Op.DELETED, Key("movie", "117")),
        (Op.DELETED, Key("series", "102")),
    ]


async def test_the_stream_of_a_server_that_does_not_say_what_went(open_source: OpenSource) -> None:
    """What was never read makes us read all; once all was read, it is nothing of ours."""
    stand = PlexStand()
    source = await open_source(stand)
    assert [event.op for event in await told(source, stand, 3)] == [Op.CHANGED, Op.SCAN, Op.SCAN]
    stand = PlexStand()
    source = await open_source(stand)
    assert [page async for page in source.snapshot(frozenset(source.kinds))]
    assert [(event.op, event.key) for event in await told(source, stand, 2)] == [
        (Op.CHANGED, Key("movie", "117")),
        (Op.DELETED, Key("series", "102")),
    ]


async def test_the_stream_where_only_films_are_read(open_source: OpenSource) -> None:
    """What is of no kind in the config was never read, and is no reason to read it all again."""
    stand = PlexStand()
    whole = await open_source(stand)
    source = type(whole)(whole.config, replace(whole.context, kinds=frozenset({"movie"})))
    assert isinstance(source, Listens)
    assert [page async for page in source.snapshot(frozenset({"movie"}))]
    listening = source.listen()
    assert isinstance(await anext(listening), Connected)
    await stand.fake.delete(102)
    film = await stand.fake.add("A film", "tmdb://5")
    event = await anext(listening)
    assert isinstance(event, Event)
    assert (event.op, event.key) == (Op.CHANGED, Key("movie", str(film.id)))
    await listening.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "weight", "said"),
    [
        ({}, Weight.GOOD, "Plex keeps what it does not find"),
        ({"empties_trash": True}, Weight.ADVICE, "forgets what lies on a disk that is away"),
        ({"owner": False}, Weight.WRONG, "not of the owner"),
    ],
)
async def test_the_doctor(open_source: OpenSource, change: dict[str, Any], weight: Weight, said: str) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    for name, value in change.items():
        setattr(stand.fake, name, value)
    assert isinstance(source, Examines)
    assert any(one.weight is weight and said in one.said for one in await source.examine(None))
    assert (await source.probe()).sees_everything is stand.fake.owner


def test_what_it_cannot_do_it_does_not_say() -> None:
    kind = installed()
    assert not any(hasattr(kind, name) for name in ("delete", "tag", "parse_webhook", "restore"))


async def test_trouble_is_trouble(open_source: OpenSource) -> None:
    stand = PlexStand()
    source = await open_source(stand)
    stand.fake.faults.set(Fault.UNAUTHORIZED)
    with pytest.raises(SourceError):
        await source.lookup(Key("movie", "999"))
