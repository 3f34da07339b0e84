"""What a Radarr or Sonarr remembers of lost files, over a real socket; and what it does not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse, Unauthorized
from reconciled.model import Item, Key, Op
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_servarr.history import Row, losses
from reconciled_sonarr import Sonarr

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 3, 21, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=6)


class Clock:
    """The app's own clock."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def hands() -> Clock:
    return Clock()


@pytest.fixture
async def radarr(hands: Clock) -> AsyncIterator[FakeRadarr]:
    async with FakeRadarr(api_key=KEY, now=hands) as app:
        for work in films(4):
            app.put(work)
        yield app


@pytest.fixture(params=["4.0.19.2979", "5.0.0.1234"])
async def sonarr(request: pytest.FixtureRequest, hands: Clock) -> AsyncIterator[FakeSonarr]:
    async with FakeSonarr(api_key=KEY, now=hands, version=request.param) as app:
        for work in series(2):
            app.put(work, seasons=2)
        yield app


def said(events: Any) -> list[tuple[str, str | None, bool]]:
    """What events say, without whose they are."""
    assert all(event.op is Op.FILE_DELETED and event.occurred for event in events)
    return [(f"{event.occurred:%H:%M}", event.reason, event.external) for event in events]


async def item(source: Any, kind: str, number: str) -> Item:
    found = await source.lookup(Key(kind, number))
    assert isinstance(found, Item)
    return found


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("missingFromDisk", [("21:00", "MissingFromDisk", True)]),
        ("manual", [("21:00", "Manual", False)]),
        ("upgrade", [("21:00", "Upgrade", False)]),
        ("manualOverride", [("21:00", "ManualOverride", False)]),
        ("noLinkedEpisodes", []),
    ],
)
async def test_why_a_file_of_radarr_went(
    make: Any, radarr: FakeRadarr, reason: str, told: list[tuple[str, str, bool]]
) -> None:
    source = make(Radarr, radarr.url, KEY)
    film = await item(source, "movie", "2")
    await radarr.delete_file(2, reason=reason, notify=False)
    await radarr.delete_file(3, reason="manual", notify=False)
    assert said(await source.recall(film, EARLIER)) == told
    assert all(event.key == film.key for event in await source.recall(film, EARLIER))


async def test_the_history_goes_with_the_movie(make: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, KEY)
    film = await item(source, "movie", "2")
    await radarr.delete_file(2, notify=False)
    await radarr.delete(2, notify=False)
    assert await source.recall(film, EARLIER) == []


async def test_an_earlier_file_is_another_one(make: Any, radarr: FakeRadarr, hands: Clock) -> None:
    """The path tells which file it was: there is no file id in history."""
    source = make(Radarr, radarr.url, KEY)
    hands.at = NOW - timedelta(hours=2)
    await radarr.upgrade(2, notify=False)
    film = await item(source, "movie", "2")
    hands.at = NOW
    await radarr.delete_file(2, notify=False)
    assert said(await source.recall(film, EARLIER)) == [("21:00", "Manual", False)]


def row(number: int, reason: str, hour: int, *, path: str | None = None, **of: Any) -> Row:
    """A row of history about one file."""
    date = NOW.replace(hour=hour)
    return Row(number, date, "fileDeleted", path or f"/tv/{number}.mkv", {"reason": reason}, **of)


FILM: dict[str, Any] = {"movie_id": 2}
SHOW: dict[str, Any] = {"series_id": 1}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        # a film: deleted by hand, fetched again to the same place, then missing
        ([row(1, "Manual", 8, path="/f.mkv", **FILM), row(2, "MissingFromDisk", 20, path="/f.mkv", **FILM)],
         [("20:00", "MissingFromDisk", True)]),
        # the same where its path tells nothing
        ([row(1, "Manual", 8, **FILM), row(2, "Upgrade", 20, **FILM)], [("20:00", "Upgrade", False)]),
        # a season: one by hand in the morning, then the disk lost the rest
        ([row(1, "Manual", 8, **SHOW), *(row(n, "MissingFromDisk", 20, **SHOW) for n in range(2, 5))],
         [("20:00", "MissingFromDisk, 3 files", True)]),
        ([row(1, "MissingFromDisk", 20, **SHOW), *(row(n, "Manual", 8, **SHOW) for n in range(2, 5))],
         [("08:00", "Manual, 3 files", False)]),
        # what was replaced was not lost
        ([*(row(n, "Upgrade", 20, **SHOW) for n in range(2, 9)), row(1, "Manual", 21, **SHOW)],
         [("21:00", "Manual", False)]),
        ([row(1, "Upgrade", 20, **SHOW)], [("20:00", "Upgrade", False)]),
        ([row(1, "Manual", 8, **SHOW), row(2, "MissingFromDisk", 20, **SHOW)],
         [("20:00", "MissingFromDisk", True)]),
        ([], []),
    ],
)  # fmt: skip
def test_several_rows_tell_of_one_loss(rows: list[Row], told: list[tuple[str, str, bool]]) -> None:
    lost = Item(Key("movie", "2"), "Film", path="/f.mkv")
    assert said(losses(lost, sorted(rows, key=lambda one: one.date))) == told


async def test_what_is_older_is_not_told(make: Any, radarr: FakeRadarr, hands: Clock) -> None:
    source = make(Radarr, radarr.url, KEY)
    film = await item(source, "movie", "2")
    hands.at = EARLIER - timedelta(minutes=1)
    await radarr.delete_file(2, notify=False)
    assert await source.recall(film, EARLIER) == []
    assert said(await source.recall(film, EARLIER - timedelta(hours=1))) == [("14:59", "Manual", False)]


async def test_many_losses_cost_one_request(make: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, KEY)
    lost = [await item(source, "movie", str(number)) for number in range(1, 5)]
    for number in range(1, 5):
        await radarr.delete_file(number, notify=False)
    told = [await source.recall(one, EARLIER + timedelta(minutes=n)) for n, one in enumerate(lost)]
    assert [len(one) for one in told] == [1, 1, 1, 1]
    assert radarr.count("*/history/since") == 1


async def test_a_season_and_its_series(make: Any, sonarr: FakeSonarr) -> None:
    """One row an episode; all of a reason is told once, with its number of files."""
    source = make(Sonarr, sonarr.url, KEY)
    show, first = await item(source, "series", "1"), await item(source, "season", "1/1")
    other = await item(source, "season", "1/2")
    episodes = [one for one in sonarr.state.entries[1].episodes if one.season == 1 and one.file is not None]
    for episode in episodes:
        assert episode.file is not None
        await sonarr.delete_file(1, file_id=episode.file.id, notify=False)
    told = [("21:00", f"Manual, {len(episodes)} files", False)]
    assert len(episodes) > 1
    assert said(await source.recall(first, EARLIER)) == told
    assert said(await source.recall(show, EARLIER)) == told
    assert await source.recall(other, EARLIER) == []


async def test_trouble_is_raised(make: Any, radarr: FakeRadarr) -> None:
    source = make(Radarr, radarr.url, KEY)
    film = await item(source, "movie", "2")
    radarr.faults.set(Fault.HTML)
    with pytest.raises(BadResponse):
        await source.recall(film, EARLIER)
    radarr.faults.clear()
    with pytest.raises(Unauthorized):
        await make(Radarr, radarr.url, "f" * 32).recall(film, EARLIER)


async def test_another_app_at_the_address_is_not_believed(make: Any, sonarr: FakeSonarr) -> None:
    film = Item(Key("movie", "1"), "Film")
    with pytest.raises(BadResponse, match="Sonarr"):
        await make(Radarr, sonarr.url, KEY).recall(film, EARLIER)
