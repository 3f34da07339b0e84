"""What Jellyfin holds: films and series as items, by listing and by lookup; 10.11 and 12."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from reconciled.errors import Refused, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Deletion, Finds, LooksUpMany, ReceivesWebhooks
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films, series
from reconciled_jellyfin import Jellyfin, JellyfinConfig, source_types
from reconciled_jellyfin.items import item_of, plain_id
from reconciled_jellyfin.paths import holds, plain
from reconciled_jellyfin.payloads import Library, Record

KEY = "k/+ ey" * 5


@pytest.fixture(params=["10.11.11", "12.0.0"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeJellyfin]:
    async with FakeJellyfin(api_key=KEY, version=request.param) as app:
        yield app


@pytest.fixture
def jellyfin(fake: FakeJellyfin, make: Any) -> Jellyfin:
    made: Jellyfin = make(Jellyfin, fake.url, KEY)
    return made


def test_what_it_can_do(jellyfin: Jellyfin) -> None:
    assert list(source_types()) == [Jellyfin]
    assert (jellyfin.app, jellyfin.paged) == ("jellyfin", True)
    assert jellyfin.kinds == ("movie", "series", "season")
    assert isinstance(jellyfin, LooksUpMany)
    assert isinstance(jellyfin, ReceivesWebhooks)
    assert not isinstance(jellyfin, Finds)
    assert JellyfinConfig.scope == ("libraries",)


async def test_listing_and_lookup_say_the_same(fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any) -> None:
    for work in films(30):
        fake.put_movie(work)
    for work in series(20):
        fake.put_series(work)
    fake.put_box_set("Box", [key for key, item in fake.state.items.items() if item.kind == "Movie"][:10])
    items = await walked(jellyfin)
    assert {(item.key.kind, item.key.id) for item in items} == {
        (item.kind.lower(), key)
        for key, item in fake.state.items.items()
        if item.kind in ("Movie", "Series", "Season")
    }
    assert len(items) == 70
    answers = await jellyfin.lookup_many([item.key for item in items])
    assert [*answers.values()] == items
    assert all("userid" not in path.lower() for _, path in fake.requests)


async def test_virtual_films_are_not_listed(fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any) -> None:
    film = fake.put_movie(films(1)[0])
    fake.keep(replace(film, path=None))
    assert await walked(jellyfin, "movie") == []
    item = await jellyfin.lookup(Key("movie", film.id))
    assert isinstance(item, Item)
    assert item.has_file is False


async def test_only_the_kinds_asked_for(fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any) -> None:
    fake.put_movie(films(1)[0])
    fake.put_series(series(1)[0])
    assert {item.key.kind for item in await walked(jellyfin, "series")} == {"series"}
    with pytest.raises(Unsupported):
        await walked(jellyfin, "episode")


async def test_5000_films_take_three_requests(fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any) -> None:
    for work in films(5000):
        fake.put_movie(work)
    assert len(await walked(jellyfin, "movie")) == 5000
    assert fake.count("/Items") == 3


async def test_an_even_number_of_pages_ends_with_an_empty_one(
    fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any
) -> None:
    for work in films(2000):
        fake.put_movie(work)
    assert len(await walked(jellyfin, "movie")) == 2000
    assert fake.count("/Items") == 2


async def test_a_film_and_a_series(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    work, show = films(1)[0], series(1)[0]
    film = await jellyfin.lookup(Key("movie", fake.put_movie(work).id))
    assert isinstance(film, Item)
    assert {Ref("tmdb:movie", str(work.tmdb)), Ref("path", film.path or "")} <= film.refs
    assert (film.title, film.has_file, film.root) == (work.title, True, "/data/media/movies")
    assert film.attrs == {"year": work.year, "library": "Movies", "tags": []}
    other = await jellyfin.lookup(Key("series", fake.put_series(show).id))
    assert isinstance(other, Item)
    assert {Ref("tmdb:tv", str(show.tmdb)), Ref("tvdb:series", str(show.tvdb))} <= other.refs
    assert (other.has_file, other.root) == (True, "/data/media/tv")


async def test_gone_is_absent_and_the_rest_is_there(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    one, two = [Key("movie", fake.put_movie(work).id) for work in films(2)]
    fake.delete_item(one.id)
    await jellyfin.probe()
    answers = await jellyfin.lookup_many([one, two])
    assert answers[one] == Absent(f"not among the items of Jellyfin {fake.version}, asked for by id")
    assert isinstance(answers[two], Item)


async def test_a_film_that_became_a_version_of_another_is_not_gone(
    fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any
) -> None:
    """12 lists the first of several versions only; the others are there all the same."""
    await jellyfin.probe()
    one, other, lost = (fake.put_movie(work) for work in films(3))
    fake.remove(lost.id)
    keys = [Key("movie", item.id) for item in (one, other, lost)]
    fake.keep(replace(other, primary=one.id))
    shown = keys[:1] if fake.modern else keys[:2]
    assert {item.key for item in await walked(jellyfin)} >= {*shown}
    answers = await jellyfin.lookup_many(keys)
    assert {key for key, answer in answers.items() if isinstance(answer, Item)} == {*shown}
    assert isinstance(answers[keys[2]], Absent)
    if fake.modern:
        with pytest.raises(Refused, match="not denied"):
            await jellyfin.lookup(keys[1])
        with pytest.raises(Refused, match="not denied"):
            await jellyfin.delete(keys[1], Deletion(files=True))
    fake.remove(other.id)
    assert isinstance(await jellyfin.lookup(keys[1]), Absent)


async def test_lookups_of_nothing_or_too_much(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    assert await jellyfin.lookup_many([]) == {}
    keys = [Key("movie", f"{number:032x}") for number in range(201)]
    with pytest.raises(Unsupported, match="200"):
        await jellyfin.lookup_many(keys)
    for key in (Key("movie", ""), Key("movie", "5"), Key("movie", "A" * 32), Key("episode", "a" * 32)):
        with pytest.raises(Unsupported):
            await jellyfin.lookup(key)
    assert fake.count() == 0
    assert len(await jellyfin.lookup_many(keys[:200])) == 200
    assert fake.count("/Items") == 1
    assert max(len(path) for _, path in fake.requests) < 8000


async def test_a_library_that_counts(fake: FakeJellyfin, make: Any, walked: Any) -> None:
    fake.add_library("4K", "/data/media/4k", "movies")
    fake.add_library("Music", "/data/music", "music")
    for work in films(3):
        fake.put_movie(work)
        fake.put_movie(work, library="4K")
    only = make(Jellyfin, fake.url, KEY, libraries=["4K"])
    assert {item.root for item in await walked(only)} == {"/data/media/4k"}
    assert [root.path for root in (await only.probe()).roots] == ["/data/media/4k"]
    every = make(Jellyfin, fake.url, KEY)
    assert len(await walked(every)) == 6
    assert [root.path for root in (await every.probe()).roots] == [
        "/data/media/4k",
        "/data/media/movies",
        "/data/media/tv",
    ]
    wrong = make(Jellyfin, fake.url, KEY, libraries=["4k", "Movies"])
    for ask in (wrong.probe, lambda: walked(wrong), lambda: wrong.lookup(Key("movie", "0" * 32))):
        with pytest.raises(Unsupported, match="no library '4k'; it has '4K', 'Movies', 'Music', 'Shows'"):
            await ask()


async def test_a_mixed_library_has_both(fake: FakeJellyfin, make: Any, walked: Any) -> None:
    fake.add_library("All", "/data/all", "mixed")
    fake.put_movie(films(1)[0], library="All")
    fake.put_series(series(1)[0], library="All")
    items = await walked(make(Jellyfin, fake.url, KEY, libraries=["All"]))
    assert {item.key.kind for item in items} == {"movie", "series", "season"}


@pytest.mark.parametrize(
    ("ids", "refs"),
    [
        ({"Tmdb": "603", "Imdb": "tt0133093"}, {"tmdb:movie/603", "imdb:tt0133093"}),
        ({"TMDB": " 0603 ", "IMDB": "TT0133093"}, {"tmdb:movie/603", "imdb:tt0133093"}),
        ({"tvdb": "169", "AniDB": "17", "TmdbCollection": "2344"}, {"tvdb:movie/169", "anidb:17"}),
        ({"Tmdb": "0", "Imdb": "", "Tvdb": None, "TvdbSlug": "the-matrix"}, set()),
        ({"Tmdb": "the-matrix", "Imdb": "603", "Tvdb": "-5"}, set()),
        ({"Tmdb": "00", "Imdb": "tt0000000"}, set()),
        (None, set()),
    ],
)
def test_provider_ids(ids: dict[str, str | None] | None, refs: set[str]) -> None:
    record = Record(id="a" * 32, type="Movie", provider_ids=ids)
    assert {str(ref) for ref in item_of(record, []).refs} == refs


def test_provider_ids_of_a_series() -> None:
    record = Record(id="a" * 32, type="Series", provider_ids={"Tmdb": "1", "Tvdb": "2"})
    assert {str(ref) for ref in item_of(record, []).refs} == {"tmdb:tv/1", "tvdb:series/2"}


def test_what_jellyfin_does_not_say_stays_unsaid() -> None:
    item = item_of(Record(id="A" * 32, type="Movie", location_type="Virtual"), [])
    assert (item.key.id, item.title, item.path, item.root, item.has_file) == (
        *("a" * 32, f"movie {'a' * 32}", None, None),
        False,
    )
    assert item_of(Record(id="a" * 32, type="Series", location_type="Virtual"), []).has_file is True


@pytest.mark.parametrize(
    ("path", "root", "library"),
    [
        ("/media/films/A/a.mkv", "/media/films", "Films"),
        ("/media/films/4k/A/a.mkv", "/media/films/4k", "4K"),
        ("/media/films4k/a.mkv", None, None),
        ("D:\\films\\a.mkv", "d:\\Films", "Windows"),
    ],
)
def test_the_location_closest_above(path: str, root: str | None, library: str | None) -> None:
    libraries = [
        Library(name="Films", locations=("/media/films/",)),
        Library(name="4K", locations=("/media/films/4k",)),
        Library(name="Windows", locations=("d:\\Films\\",)),
    ]
    item = item_of(Record(id="a" * 32, type="Movie", path=path), libraries)
    assert (item.root, item.attrs.get("library")) == (root, library)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("f27caa37-e514-2225-cced-ed48f6553502", "f27caa37e5142225cceded48f6553502"),
        ("F27CAA37E5142225CCEDED48F6553502", "f27caa37e5142225cceded48f6553502"),
        ("f27caa37e5142225cceded48f655350", None),
        ("g" * 32, None),
        ("", None),
    ],
)
def test_ids(text: str, written: str | None) -> None:
    assert plain_id(text) == written


def test_paths() -> None:
    assert holds("/", "/a")
    assert not holds("/a", "/ab")
    assert plain("/") == "/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://me:pw@box:8096"},
        {"url": "box:8096"},
        {"libraries": []},
        {"api_key": ""},
        {"timeout": 120},
        {"user": "me"},
    ],
)
def test_bad_settings(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JellyfinConfig.model_validate({"url": "http://box:8096", "api_key": "k", **wrong})
