"""What Radarr holds: its movies as items, by listing, lookup and find."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.errors import BadResponse, Unsupported
from reconciled.hookspecs import hookimpl
from reconciled.model import Absent, Key, Ref
from reconciled.source import (
    Captures,
    Deletes,
    Deletion,
    Finds,
    Foresees,
    LooksUpMany,
    Monitors,
    ReceivesWebhooks,
    Restores,
    Tags,
)
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.titles import films
from reconciled_radarr import Movie, Radarr, source_types
from reconciled_servarr import FileRecord

KEY = "k" * 32


@pytest.fixture
async def fake() -> AsyncIterator[FakeRadarr]:
    async with FakeRadarr(api_key=KEY, compress=True) as app:
        yield app


@pytest.fixture
def radarr(fake: FakeRadarr, make: Any) -> Radarr:
    made: Radarr = make(Radarr, fake.url, KEY)
    return made


def test_what_it_can_do(radarr: Radarr) -> None:
    assert (list(source_types()), radarr.app, radarr.kinds, radarr.paged) == (
        [Radarr],
        "radarr",
        ("movie",),
        False,
    )
    assert isinstance(radarr, Finds)
    assert isinstance(radarr, ReceivesWebhooks)
    assert not isinstance(radarr, LooksUpMany)
    for ability in (Deletes, Tags, Monitors, Captures, Restores, Foresees):
        assert isinstance(radarr, ability)
    assert radarr.tagged
    assert Deletion() in radarr.options
    assert len(radarr.options) == 4
    assert hookimpl.project_name == "reconciled"


async def test_listing_and_lookup_say_the_same(
    fake: FakeRadarr, radarr: Radarr, walked: Any, http: Any
) -> None:
    for work in films(1201):
        fake.put(work)
    items = await walked(radarr)
    assert [int(item.key.id) for item in items] == [*fake.state.entries]
    assert http.requests == 2
    assert fake.count("/api/v3/movie?excludeLocalCovers=true") == 1
    for item in items[:3]:
        assert await radarr.lookup(item.key) == item


async def test_pages_of_a_long_list(fake: FakeRadarr, radarr: Radarr) -> None:
    for work in films(500):
        fake.put(work)
    pages = [page async for page in radarr.snapshot(frozenset({"movie"}))]
    assert [(len(page.items), page.complete, page.total) for page in pages] == [
        (250, False, 500),
        (250, True, 500),
    ]


async def test_a_movie(fake: FakeRadarr, radarr: Radarr) -> None:
    film = fake.put(films(1)[0])
    fake.tag(film.id, "keep")
    item = await radarr.lookup(Key("movie", str(film.id)))
    assert not isinstance(item, Absent)
    assert film.file is not None
    path = film.full_path(film.file)
    assert item.key == Key("movie", str(film.id))
    assert {Ref("tmdb:movie", str(film.work.tmdb)), Ref("path", path)} <= item.refs
    assert (item.has_file, item.path, item.root) == (True, path, "/data/media/movies")
    assert item.attrs["tags"] == ["keep"]
    assert item.attrs["year"] == film.work.year
    assert item.attrs["monitored"] is True
    assert item.attrs["size"] == film.file.size


async def test_a_movie_that_lost_its_file(fake: FakeRadarr, radarr: Radarr) -> None:
    film = fake.put(films(1)[0])
    await fake.delete_file(film.id)
    item = await radarr.lookup(Key("movie", str(film.id)))
    assert not isinstance(item, Absent)
    assert (item.has_file, item.path) == (False, film.path)
    fake.remove(film.id)
    assert isinstance(await radarr.lookup(Key("movie", str(film.id))), Absent)


@pytest.mark.parametrize(
    ("record", "refs"),
    [
        (Movie(id=5, tmdb_id=603, imdb_id="tt0133093"), {"tmdb:movie/603", "imdb:tt0133093"}),
        (Movie(id=5, tmdb_id=0, imdb_id="TT0133093 "), {"imdb:tt0133093"}),
        (Movie(id=5, tmdb_id=0, imdb_id=""), set()),
        (Movie(id=5, tmdb_id=0, imdb_id="5678"), set()),
        (Movie(id=5, tmdb_id=1, path="/f/A"), {"tmdb:movie/1", "path:/f/A"}),
        (
            Movie(id=5, tmdb_id=1, path="/f/A", movie_file=FileRecord("/f/A/a.mkv")),
            {"tmdb:movie/1", "path:/f/A/a.mkv"},
        ),
        (Movie(id=5, tmdb_id=1, path="/f/A", movie_file=FileRecord()), {"tmdb:movie/1", "path:/f/A"}),
    ],
)
def test_refs(radarr: Radarr, record: Movie, refs: set[str]) -> None:
    assert {str(ref) for ref in radarr.item(record, []).refs} == refs


def test_what_radarr_does_not_say_stays_unsaid(radarr: Radarr) -> None:
    item = radarr.item(Movie(id=5, tmdb_id=1), None)
    assert (item.has_file, item.path, item.root, item.title) == (None, None, None, "movie 5")
    assert item.attrs == {}
    shown = radarr.item(Movie(id=5, tmdb_id=1, title="Der Film", original_title="The Film"), [])
    assert (shown.title, shown.attrs["original_title"]) == ("Der Film", "The Film")
    assert radarr.item(Movie(id=5, tmdb_id=1, root_folder_path="/films/"), []).root == "/films"


async def test_find(fake: FakeRadarr, radarr: Radarr) -> None:
    one, _ = [fake.put(work) for work in films(2)]
    ref = Ref("tmdb:movie", str(one.work.tmdb))
    assert [item.key.id for item in await radarr.find(ref)] == [str(one.id)]
    assert fake.count("/api/v3/movie?excludeLocalCovers=true&tmdbId=*") == 1
    assert await radarr.find(Ref("tmdb:movie", "999999999")) == []
    for other in ("tmdb:tv/5", "imdb:tt1", "path:/x", "tmdb:movie/abc"):
        with pytest.raises(Unsupported):
            await radarr.find(Ref.parse(other))


async def test_a_find_that_answers_with_others(fake: FakeRadarr, radarr: Radarr, monkeypatch: Any) -> None:
    for work in films(3):
        fake.put(work)
    monkeypatch.setattr(fake, "id_param", "somethingElse")  # as an app that does not know the parameter
    with pytest.raises(BadResponse, match="about others too"):
        await radarr.find(Ref("tmdb:movie", "5"))
