"""The seasons of Sonarr: told by their series' record, without requests of their own; version 4 and 5."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Deletion
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import series
from reconciled.testing.faults import Fault
from reconciled_sonarr import Season, Series, Sonarr, Statistics
from reconciled_sonarr.records import season_items
from reconciled_sonarr.together import Together

KEY = "k" * 32


@pytest.fixture(params=["4.0.19.2979", "5.0.0.1234"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeSonarr]:
    async with FakeSonarr(api_key=KEY, version=request.param) as app:
        yield app


@pytest.fixture
def sonarr(fake: FakeSonarr, make: Any) -> Sonarr:
    made: Sonarr = make(Sonarr, fake.url, KEY)
    return made


def season(show: int, number: int) -> Key:
    return Key("season", f"{show}/{number}")


async def test_they_stand_in_the_list_and_are_looked_up_alike(
    fake: FakeSonarr, sonarr: Sonarr, walked: Any
) -> None:
    for work in series(5):
        fake.put(work, seasons=3, episodes=2, specials=True)
    items = await walked(sonarr)
    assert fake.count("/api/v3/series") == 1
    assert [item.key.kind for item in items].count("season") == 20
    assert [item async for item in _of_kind(items, "season")] == await walked(sonarr, "season")
    for item in items:
        assert await sonarr.lookup(item.key) == item
    show = next(iter(fake.state.entries.values()))
    first = next(item for item in items if item.key == season(show.id, 2))
    assert (first.title, first.has_file, first.parent, first.path) == (
        f"{show.work.title}, season 2",
        True,
        Key("series", str(show.id)),
        None,
    )
    assert (first.attrs["season"], first.attrs["files"], first.number) == (2, 2, 2)
    assert Ref.parse(f"tvdb:series/{show.work.tvdb}/s02") in first.refs
    assert Ref.parse(f"tmdb:tv/{show.work.tmdb}/s02") in first.refs
    assert Ref.parse(f"imdb:{show.work.imdb}/s02") in first.refs
    specials = next(item for item in items if item.key == season(show.id, 0))
    assert (specials.refs, specials.title) == (frozenset(), f"{show.work.title}, specials")


async def _of_kind(items: list[Item], kind: str) -> AsyncIterator[Item]:
    for item in items:
        if item.key.kind == kind:
            yield item


async def test_a_season_that_loses_its_files(fake: FakeSonarr, sonarr: Sonarr) -> None:
    show = fake.put(series(1)[0], seasons=2, episodes=2)
    found = []
    for _ in range(2):
        file = next(e.file for e in show.episodes if e.season == 2 and e.file is not None)
        await fake.delete_file(show.id, file_id=file.id)
        item = await sonarr.lookup(season(show.id, 2))
        assert isinstance(item, Item)
        found.append((item.has_file, item.attrs["files"]))
    assert found == [(True, 1), (False, 0)]
    whole = await sonarr.lookup(Key("series", str(show.id)))
    assert isinstance(whole, Item)
    assert whole.has_file is True


async def test_a_season_is_absent_with_its_series_or_by_its_record(fake: FakeSonarr, sonarr: Sonarr) -> None:
    show = fake.put(series(1)[0], seasons=2)
    fake.drop_season(show.id, 2)
    gone = await sonarr.lookup(season(show.id, 2))
    assert gone == Absent(f"{show.work.title} of Sonarr has no season 2 (any more)")
    fake.remove(show.id)
    assert await sonarr.lookup(season(show.id, 1)) == Absent(f"404 of Sonarr {fake.version}")


@pytest.mark.parametrize(
    "fault", [Fault.UNAUTHORIZED, Fault.HTML, Fault.ERROR, Fault.CUT_JSON, Fault.NOT_FOUND, Fault.OTHER_APP]
)
async def test_trouble_is_no_absence_of_a_season(fake: FakeSonarr, sonarr: Sonarr, fault: Fault) -> None:
    show = fake.put(series(1)[0], seasons=2)
    await sonarr.lookup(season(show.id, 1))
    fake.faults.set(fault)
    with pytest.raises(SourceError):
        await sonarr.lookup(season(show.id, 2))


async def test_a_record_that_says_nothing_of_seasons_denies_none(sonarr: Sonarr, monkeypatch: Any) -> None:
    async def read(_: int) -> Series:
        return Series(id=5, tvdb_id=1)

    monkeypatch.setattr(sonarr, "_series", Together(read))
    with pytest.raises(BadResponse, match="does not say which seasons"):
        await sonarr.lookup(season(5, 1))


@pytest.mark.parametrize(("files", "absent"), [(10, False), (4, True), (0, True)])
async def test_files_in_no_season_deny_none(
    sonarr: Sonarr, monkeypatch: Any, files: int, absent: bool
) -> None:
    """A record whose list of seasons lost some of them, but not their files, is no word about them."""

    async def read(_: int) -> Series:
        listed = (Season(season_number=1, statistics=Statistics(episode_file_count=min(files, 4))),)
        return Series(id=5, tvdb_id=1, seasons=listed, statistics=Statistics(episode_file_count=files))

    monkeypatch.setattr(sonarr, "_series", Together(read))
    if absent:
        assert isinstance(await sonarr.lookup(season(5, 2)), Absent)
    else:
        with pytest.raises(BadResponse, match="has files in none of the seasons"):
            await sonarr.lookup(season(5, 2))


async def test_many_seasons_of_a_series_cost_one_request(fake: FakeSonarr, sonarr: Sonarr) -> None:
    one, two = (fake.put(work, seasons=10) for work in series(2))
    await sonarr.probe()
    before = fake.count()
    keys = [season(show.id, number) for show in (one, two) for number in range(1, 11)]
    answers = await asyncio.gather(*(sonarr.lookup(key) for key in keys))
    assert [answer.key for answer in answers if isinstance(answer, Item)] == keys
    assert fake.count() == before + 2
    await sonarr.lookup(keys[0])
    assert fake.count() == before + 3


async def test_an_answer_is_never_older_than_its_question() -> None:
    begun: list[int] = []
    gate = asyncio.Event()

    async def ask(number: int) -> int:
        begun.append(number)
        await gate.wait()
        return len(begun)

    together = Together(ask)
    first = [asyncio.ensure_future(together(5)) for _ in range(3)]
    while not begun:
        await asyncio.sleep(0)
    second = asyncio.ensure_future(together(5))
    while len(begun) < 2:
        await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*first, second) == [2, 2, 2, 2]
    assert begun == [5, 5]


@pytest.mark.parametrize("sent", [False, True])
async def test_who_gives_up_leaves_nothing_behind_and_harms_nobody(sent: bool) -> None:
    begun = asyncio.Event()
    before = asyncio.all_tasks()

    async def ask(_: int) -> int:
        begun.set()
        await asyncio.sleep(0.01)
        return 7

    together = Together(ask)
    asked = [asyncio.ensure_future(together(5)) for _ in range(2)]
    await (begun.wait() if sent else asyncio.sleep(0))
    asked[0].cancel()
    assert await asked[1] == 7
    last = asyncio.ensure_future(together(5))
    await asyncio.sleep(0)
    last.cancel()
    again = await together(5)
    assert again == 7
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_trouble_is_told_to_all_who_asked() -> None:
    async def ask(_: int) -> int:
        raise BadResponse("no")

    together = Together(ask)
    told = await asyncio.gather(*(together(5) for _ in range(3)), return_exceptions=True)
    assert [str(error) for error in told] == ["no"] * 3


async def test_find_by_number(fake: FakeSonarr, sonarr: Sonarr) -> None:
    show = fake.put(series(1)[0], seasons=2)
    ref = Ref("tvdb:series", f"{show.work.tvdb}/s02")
    assert [item.key for item in await sonarr.find(ref)] == [season(show.id, 2)]
    assert await sonarr.find(Ref("tvdb:series", f"{show.work.tvdb}/s09")) == []
    assert await sonarr.find(Ref("tvdb:series", "999999999/s02")) == []
    for odd in (Ref("tvdb:series", "5/sx"), Ref("imdb", "tt1/s02"), Ref("tmdb:tv", "5/s02")):
        with pytest.raises(Unsupported):
            await sonarr.find(odd)


async def test_nothing_is_done_to_a_season(fake: FakeSonarr, sonarr: Sonarr) -> None:
    show = fake.put(series(1)[0], seasons=2)
    key = season(show.id, 2)
    assert sonarr.inert == {"season"}
    for act in (
        sonarr.delete(key, Deletion()),
        sonarr.monitor(key, wanted=False),
        sonarr.tag(key, "x"),
        sonarr.untag(key, "x"),
        sonarr.capture(key),
    ):
        with pytest.raises(Unsupported, match="only shows its seasons"):
            await act
    assert show.id in fake.state.entries
    assert fake.count() == 0


@pytest.mark.parametrize("odd", ["5", "5/", "/2", "5/2/1", "05/2", "5/02", "x/2", "5/-1", "٥/2"])
async def test_what_is_no_key_of_a_season(sonarr: Sonarr, odd: str) -> None:
    with pytest.raises(Unsupported):
        await sonarr.lookup(Key("season", odd))


@pytest.mark.parametrize(
    ("statistics", "has_file", "attrs"),
    [
        (None, None, {"season": 1}),
        (Statistics(), None, {"season": 1}),
        (Statistics(episode_file_count=0), False, {"season": 1, "files": 0}),
        (Statistics(episode_file_count=3, size_on_disk=9), True, {"season": 1, "files": 3, "size": 9}),
    ],
)
def test_a_count_that_is_not_there_is_no_zero(
    statistics: Statistics | None, has_file: bool | None, attrs: dict[str, Any]
) -> None:
    record = Series(id=5, tvdb_id=1, seasons=(Season(season_number=1, statistics=statistics),))
    [item] = season_items(record, None)
    assert (item.has_file, item.attrs) == (has_file, attrs)


def test_a_season_that_is_listed_twice_is_one() -> None:
    record = Series(id=5, tvdb_id=1, seasons=(Season(season_number=1), Season(season_number=1)))
    assert [item.key for item in season_items(record, [])] == [season(5, 1)]
