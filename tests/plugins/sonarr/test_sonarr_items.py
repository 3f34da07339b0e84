"""What Sonarr holds: its series as items, by listing, lookup and find; version 4 and 5."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.errors import Unsupported
from reconciled.model import Absent, Key, Ref
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import series
from reconciled_sonarr import Series, Sonarr, Statistics, source_types

KEY = "k" * 32


@pytest.fixture(params=["4.0.19.2979", "5.0.0.1234"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeSonarr]:
    async with FakeSonarr(api_key=KEY, version=request.param) as app:
        yield app


@pytest.fixture
def sonarr(fake: FakeSonarr, make: Any) -> Sonarr:
    made: Sonarr = make(Sonarr, fake.url, KEY)
    return made


async def test_listing_lookup_and_find_say_the_same(fake: FakeSonarr, sonarr: Sonarr, walked: Any) -> None:
    assert list(source_types()) == [Sonarr]
    for work in series(20):
        fake.put(work, seasons=2, episodes=3)
    items = await walked(sonarr, "series")
    assert len(items) == 20
    for item in items[:3]:
        assert await sonarr.lookup(item.key) == item
        [ref] = [ref for ref in item.refs if ref.space == "tvdb:series"]
        assert await sonarr.find(ref) == [item]
    for other in ("tmdb:tv/5", "tvdb:movie/5", "imdb:tt1"):
        with pytest.raises(Unsupported):
            await sonarr.find(Ref.parse(other))


async def test_a_series(fake: FakeSonarr, sonarr: Sonarr) -> None:
    show = fake.put(series(1)[0], seasons=2, episodes=3)
    item = await sonarr.lookup(Key("series", str(show.id)))
    assert not isinstance(item, Absent)
    assert {Ref("tvdb:series", str(show.work.tvdb)), Ref("path", show.path)} <= item.refs
    assert (item.has_file, item.attrs["files"], item.root) == (True, 6, "/data/media/tv")
    for number in range(6):
        await fake.delete_file(show.id)
        item = await sonarr.lookup(item.key)
        assert not isinstance(item, Absent)
        assert (item.has_file, item.attrs["files"]) == (number < 5, 5 - number)
    fake.remove(show.id)
    gone = await sonarr.lookup(item.key)
    assert gone == Absent(f"404 of Sonarr {fake.version}")


@pytest.mark.parametrize(
    ("statistics", "has_file"),
    [
        (None, None),
        (Statistics(), None),
        (Statistics(episode_file_count=0), False),
        (Statistics(episode_file_count=1), True),
    ],
)
def test_a_count_that_is_not_there_is_no_zero(
    sonarr: Sonarr, statistics: Statistics | None, has_file: bool | None
) -> None:
    item = sonarr.item(Series(id=5, tvdb_id=1, statistics=statistics), [])
    assert item.has_file is has_file
    assert ("files" in item.attrs) is (has_file is not None)


async def test_a_series_without_episodes(fake: FakeSonarr, sonarr: Sonarr, walked: Any) -> None:
    fake.put(series(1)[0], episodes=0)
    [item] = await walked(sonarr, "series")
    assert not item.has_file


@pytest.mark.parametrize(
    ("record", "refs"),
    [
        (
            Series(id=5, tvdb_id=81189, tmdb_id=1396, imdb_id="tt0903747", path="/tv/A"),
            {"tvdb:series/81189", "tmdb:tv/1396", "imdb:tt0903747", "path:/tv/A"},
        ),
        (Series(id=5, tvdb_id=81189, tmdb_id=0, imdb_id=None), {"tvdb:series/81189"}),
        (Series(id=5, tvdb_id=0), set()),
    ],
)
def test_refs(sonarr: Sonarr, record: Series, refs: set[str]) -> None:
    assert {str(ref) for ref in sonarr.item(record, []).refs} == refs
