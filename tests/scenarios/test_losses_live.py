"""The main job over real sockets: what is deleted is noticed, proved, and told with who did it."""

from typing import Any

import aiohttp
import pytest


@pytest.mark.parametrize("titles", [1000, pytest.param(5000, marks=pytest.mark.long)])
async def test_one_percent_deleted_silently_is_found_to_the_last_item(make_home: Any, titles: int) -> None:
    """So many films in Radarr and Jellyfin, and as many series in Sonarr and Jellyfin, with few requests."""
    home = await make_home(films=titles, series=titles, timeout="20s")
    few = titles // 100
    requests = sum(home.daemon.sources.requests().values())
    for work in home.apps.films[:few]:
        await home.apps.radarr.delete(home.apps.film(work).id, notify=False)
        home.apps.jellyfin.delete_item(home.apps.item(work).id, notify=False)
    for work in home.apps.series[:few]:
        await home.apps.sonarr.delete(home.apps.show(work).id, notify=False)
        home.apps.jellyfin.delete_item(home.apps.item(work).id, notify=False)
    runs = await home.scan()
    assert [run["state"] for run in runs] == ["complete"] * 3
    assert requests <= 56  # 27 for the scans (three are the pages of seasons), the rest to watch meanwhile
    await home.until_count("tombstone", 4 * few)
    await home.until_well()
    lost = {work.title for work in (*home.apps.films[:few], *home.apps.series[:few])}
    assert {story["title"] for story in await home.stories()} == lost
    assert await home.count("tombstone") == 4 * few


async def test_webhooks_name_the_app_and_one_loss_is_one_story(home: Any) -> None:
    radarr, jellyfin = home.apps.radarr, home.apps.jellyfin
    for work in home.apps.films[:3]:
        await radarr.delete(home.apps.film(work).id, files=True)
        jellyfin.delete_item(home.apps.item(work).id)
    await jellyfin.flush_webhooks()
    await home.until_count("tombstone", 6)
    told = await home.stories()
    assert {(one["source"], one["cause"]) for one in told} == {("radarr", "radarr"), ("jellyfin", "radarr")}
    for work in home.apps.films[:3]:
        assert len({one["story"] for one in told if one["title"] == work.title}) == 1
    assert all("404 of Radarr" in one["sentence"] or "not among" in one["sentence"] for one in told)
    assert [status for _, status in radarr.sent] == [202] * 3


async def test_a_series_deleted_in_sonarr(home: Any) -> None:
    work = home.apps.series[0]
    await home.apps.sonarr.delete(home.apps.show(work).id, files=True)
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["source"], told["kind"], told["title"], told["cause"]) == (
        "sonarr",
        "series",
        work.title,
        "sonarr",
    )


async def test_a_file_deleted_in_radarr_leaves_the_entry(home: Any) -> None:
    entry = home.apps.film(home.apps.films[0])
    await home.apps.radarr.delete_file(entry.id, reason="manual")
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["what"], told["cause"]) == ("file", "radarr")
    assert await home.count("item", "presence = 'gone'") == 0


async def test_a_file_missing_from_disk_is_external(home: Any) -> None:
    entry = home.apps.film(home.apps.films[0])
    await home.apps.radarr.delete_file(entry.id, reason="missingFromDisk")
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["what"], told["cause"]) == ("file", "external")
    assert told["sentence"].startswith("System (external detection)")


async def test_an_upgrade_in_both_apps_is_no_loss(home: Any) -> None:
    work = home.apps.films[0]
    await home.apps.radarr.upgrade(home.apps.film(work).id)
    home.apps.jellyfin.replace_file(home.apps.item(work).id, "better.mkv", notify=False)
    runs = await home.scan()
    await home.settled()
    assert await home.count("tombstone") == 0
    assert '"replaced":1' in "".join(run["stats"] for run in runs)
    assert await home.count("finding", "code = 'gone' AND resolved_at IS NULL") == 0


async def test_an_upgrade_that_jellyfin_tells_first_is_revived(home: Any) -> None:
    work = home.apps.films[0]
    old = home.apps.item(work).id
    home.apps.jellyfin.delete_item(old)
    await home.apps.jellyfin.flush_webhooks()
    await home.until_count("tombstone", 1)
    home.apps.jellyfin.add_movie(work, file_name="better.mkv")
    await home.apps.jellyfin.flush_webhooks()
    await home.until_count("revival", 1)
    assert await home.count("finding", "code = 'gone' AND resolved_at IS NULL") == 0


async def test_identify_makes_no_finding(home: Any) -> None:
    item = home.apps.item(home.apps.films[0])
    home.apps.jellyfin.identify(item.id, tmdb=999_999, imdb="tt9999999")
    await home.scan("jellyfin")
    await home.settled()
    assert await home.count("tombstone") == 0
    assert await home.count("finding") == 0
    assert await home.count("timeline", "what = 're-identified'") == 1


async def test_a_moved_library_loses_nothing(home: Any) -> None:
    home.apps.jellyfin.move_library("Movies", "/other/films", notify=False)
    (run,) = await home.scan("jellyfin")
    await home.settled()
    assert f'"replaced":{len(home.apps.films)}' in run["stats"]
    assert await home.count("tombstone") == 0
    assert await home.count("hold") == 0


async def test_of_an_hd_and_a_4k_copy_one_is_lost(home: Any) -> None:
    home.apps.jellyfin.add_library("Movies 4K", "/media/uhd", "movies")
    work = home.apps.films[0]
    hd = home.apps.item(work).id
    copy = home.apps.jellyfin.add_movie(work, library="Movies 4K")
    await home.scan("jellyfin")
    home.apps.jellyfin.delete_item(hd, notify=False)
    await home.scan("jellyfin")
    await home.until_count("tombstone", 1)
    assert await home.count("item", f"key = '{copy.id}' AND presence = 'present'") == 1


async def test_webhooks_that_are_odd_are_kept_and_harm_nobody(home: Any) -> None:
    headers = {"X-Reconciled-Secret": "a-secret-for-webhooks", "Content-Type": "application/json"}
    bodies = [b"not json", b"[]", b'{"eventType": "Surprise"}', b'{"eventType": "MovieDelete"}', b"\xff\xfe"]
    async with aiohttp.ClientSession(headers=headers) as session:
        for body in bodies:
            async with session.post(f"{home.daemon.url}/webhooks/radarr", data=body) as answer:
                assert answer.status == 202
    await home.until_count("inbox", 0, "state = 'new'")
    assert await home.count("inbox", "state = 'unparseable'") >= 4
    await home.apps.radarr.delete(home.apps.film(home.apps.films[0]).id)
    await home.until_count("tombstone", 1)
