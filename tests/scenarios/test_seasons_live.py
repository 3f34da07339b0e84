"""Seasons over real sockets: with their series they are one loss, alone they are their own."""

from typing import Any

import pytest

pytestmark = pytest.mark.full

SEASONS = 8


@pytest.fixture(params=[pytest.param("10.11.11", marks=pytest.mark.full), "12.0.0"])
async def home(make_home: Any, request: pytest.FixtureRequest) -> Any:
    """Ten series, each with eight seasons and specials; Jellyfin 12 tells of all that goes with them."""
    household = {"seasons": SEASONS, "specials": True, "jellyfin_version": request.param}
    return await make_home(films=4, series=10, household=household)


async def losses(home: Any) -> list[tuple[str, str, str]]:
    return sorted((told["source"], told["kind"], told["what"]) for told in await home.stories())


async def test_what_is_there(home: Any) -> None:
    assert await home.count("item", "kind = 'season' AND presence = 'present'") == 2 * 10 * (SEASONS + 1)
    shared = await home.rows(
        "SELECT value FROM ref JOIN item ON item.id = item_id WHERE kind = 'season' "
        "AND space = 'tvdb:series' GROUP BY value HAVING count(*) = 2"
    )
    assert len(shared) == 10 * SEASONS  # the same season, in Sonarr and in Jellyfin


async def test_a_series_deleted_in_both_apps_is_one_loss_in_each(home: Any) -> None:
    work = home.apps.series[0]
    home.apps.jellyfin.delete_item(home.apps.item(work).id)
    await home.apps.sonarr.delete(home.apps.show(work).id, files=True)
    await home.apps.jellyfin.flush_webhooks()
    await home.until_count("tombstone", 2)
    await home.until_well()
    assert await losses(home) == [("jellyfin", "series", "entry"), ("sonarr", "series", "entry")]
    assert {told["cause"] for told in await home.stories()} <= {"sonarr", "jellyfin"}
    assert await home.count("item", "kind = 'season' AND presence = 'gone'") == 2 * (SEASONS + 1)
    assert await home.count("part") == 2 * (SEASONS + 1)
    assert await home.count("hold") == 0


async def test_series_deleted_silently_cost_few_requests(home: Any) -> None:
    sonarr = home.apps.sonarr
    gone = [home.apps.show(work).id for work in home.apps.series[:3]]
    for number in gone:
        await sonarr.delete(number, notify=False)
    await home.scan("sonarr")
    await home.until_count("tombstone", 3)
    await home.until_well()
    asked = [path for _, path in sonarr.requests if path.rpartition("/")[2] in map(str, gone)]
    assert len(asked) == 3  # each series once, and none of its seasons
    assert await losses(home) == [("sonarr", "series", "entry")] * 3


async def test_a_season_that_lost_its_files_in_sonarr(home: Any) -> None:
    show = home.apps.show(home.apps.series[0])
    await home.apps.sonarr.lose_season(show.id, 3)
    await home.until_count("tombstone", 1)
    await home.until_well()
    assert await losses(home) == [("sonarr", "season", "file")]
    counts = await home.rows(
        "SELECT detail FROM timeline JOIN item ON item.id = item_id WHERE key = ? AND what = 'files'",
        f"{show.id}/3",
    )
    assert counts[-1]["detail"].endswith("→ 0 files")


async def test_all_files_of_a_series_missing_from_disk(home: Any) -> None:
    show = home.apps.show(home.apps.series[0])
    for number in range(SEASONS + 1):
        await home.apps.sonarr.lose_season(show.id, number, reason="missingFromDisk")
    await home.until_count("item", SEASONS + 1, "kind = 'season' AND has_file = 0")
    await home.until_well()
    found = await losses(home)
    assert found[-1] == ("sonarr", "series", "file")
    assert await home.count("finding", "resolved_at IS NULL AND kind = 'series'") == 1
    assert await home.count("hold") == 0


async def test_a_season_deleted_in_jellyfin_names_who_said_so(home: Any) -> None:
    jellyfin, work = home.apps.jellyfin, home.apps.series[0]
    show = home.apps.item(work)
    season = next(
        item for item in jellyfin.state.items.values() if item.parent == show.id and item.index == 2
    )
    jellyfin.delete_item(season.id)
    await jellyfin.flush_webhooks()
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["kind"], told["title"], told["cause"]) == ("season", f"{work.title}, Season 2", "jellyfin")


async def test_a_library_that_moved_keeps_its_seasons(home: Any) -> None:
    home.apps.jellyfin.move_library("Shows", "/other/tv", notify=False)
    (run,) = await home.scan("jellyfin")
    await home.settled()
    assert f'"replaced":{10 * (SEASONS + 2)}' in run["stats"]
    assert await home.count("tombstone") == 0
    assert await home.count("hold") == 0
    assert await home.count("finding", "code = 'replaced'") == 10  # one a series
