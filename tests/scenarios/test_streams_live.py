"""Event streams over real sockets: what they alone tell is noticed at once, and what they miss is found."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import aiohttp
import pytest
from tests.patience import PATIENCE

from reconciled.testing.fakes.titles import Work

pytestmark = pytest.mark.full

PASSWORD = "a password of a user"  # the fake's own
USER = f"user: reconciled, password: '{PASSWORD}'"


async def streams(home: Any) -> dict[str, str | None]:
    """How the streams fare, as the page says it."""
    headers = {"Authorization": "Bearer a-token-for-the-scenarios"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{home.daemon.url}/api/v1/status") as answer:
            return {one["name"]: one["stream"] for one in (await answer.json())["sources"]}


async def until_connected(home: Any) -> None:
    async def all_are() -> bool:
        return set((await streams(home)).values()) == {"connected"}

    await home.until(all_are)


async def scans(home: Any, source: str) -> int:
    return int(await home.count("run", f"pass = 'scan' AND source = '{source}'"))


@pytest.fixture
async def wired(make_home: Any) -> Any:
    """Everything was read once, all streams are up, and no app sends a webhook."""

    async def make(**how: Any) -> Any:
        home = await make_home(**how)
        for fake in home.apps.fakes:
            fake.webhooks.clear()
        return home

    return make


async def test_the_first_scan_waits_for_the_stream_and_is_the_only_one(wired: Any) -> None:
    home = await wired()
    await until_connected(home)
    async with aiohttp.ClientSession() as session, session.get(f"{home.daemon.url}/") as page:
        assert "stream connected" in await page.text()
    await home.settled(10)
    assert [await scans(home, name) for name in ("radarr", "sonarr", "jellyfin")] == [1, 1, 1]
    assert (home.apps.radarr.hub.connections, home.apps.jellyfin.socket.connections) == (1, 1)


async def test_a_film_deleted_in_radarr_told_by_signalr_only(wired: Any) -> None:
    home = await wired()
    await until_connected(home)
    work = home.apps.films[0]
    await home.apps.radarr.delete(home.apps.film(work).id)
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["source"], told["title"], told["cause"]) == ("radarr", work.title, "radarr")
    assert await scans(home, "radarr") == 1, "no scan was needed"
    assert await home.count("inbox", "headers LIKE '%stream%' AND state = 'done'") == 1


@pytest.mark.parametrize("version", ["4.0.19.2979", "5.0.0.1"])
async def test_a_series_deleted_in_sonarr_told_by_signalr_only(wired: Any, version: str) -> None:
    home = await wired()
    sonarr = home.apps.sonarr
    sonarr.version, sonarr.modern = version, version.startswith("5.")
    await until_connected(home)
    work = home.apps.series[0]
    await sonarr.delete(home.apps.show(work).id)
    await home.until_count("tombstone", 1, "kind = 'series'")
    told = next(one for one in await home.stories() if one["kind"] == "series")
    assert (told["source"], told["title"], told["cause"]) == ("sonarr", work.title, "sonarr")


async def test_a_lost_file_told_by_signalr_only(wired: Any) -> None:
    home = await wired()
    await until_connected(home)
    await home.apps.radarr.delete_file(home.apps.film(home.apps.films[0]).id)
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["what"], told["source"]) == ("file", "radarr")
    assert await home.count("item", "presence = 'gone'") == 0


@pytest.mark.full
async def test_a_hub_that_restarts_twenty_times_loses_nothing_and_costs_few_scans(wired: Any) -> None:
    """Films are deleted all along: heard, or found when the stream stands again."""
    home = await wired()
    await until_connected(home)
    radarr, lost = home.apps.radarr, home.apps.films[:4]
    for restart in range(20):
        await radarr.hub.drop_all()
        if restart % 5 == 2:
            await radarr.delete(home.apps.film(lost[restart // 5]).id)
        await asyncio.sleep(0.05)
    await home.until_count("tombstone", 4)
    await until_connected(home)
    await home.until_well()
    assert {story["title"] for story in await home.stories()} == {work.title for work in lost}
    assert 1 <= await scans(home, "radarr") <= 4
    assert radarr.hub.connections <= 12, "it is ever more patient"
    assert home.daemon.engine.place("radarr").live.answers


async def test_an_app_that_was_down_is_read_again_when_its_stream_is_back(wired: Any) -> None:
    home = await wired()
    await until_connected(home)
    await home.settled(70)  # the connection has stood for more than a minute
    radarr, work = home.apps.radarr, home.apps.films[0]
    await radarr.down()
    await radarr.delete(home.apps.film(work).id)
    await radarr.up()
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["title"], told["cause"]) == (work.title, "external"), "only a scan noticed"


async def test_a_removal_told_by_jellyfins_websocket(wired: Any) -> None:
    home = await wired(jellyfin=USER)
    await until_connected(home)
    jellyfin, work = home.apps.jellyfin, home.apps.films[0]
    jellyfin.delete_item(home.apps.item(work).id)
    await jellyfin.flush_socket()
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["source"], told["title"], told["cause"]) == ("jellyfin", work.title, "jellyfin")
    assert await scans(home, "jellyfin") == 1


async def test_with_the_api_key_alone_the_end_of_a_library_scan_is_heard(wired: Any) -> None:
    home = await wired()
    await until_connected(home)
    jellyfin, work = home.apps.jellyfin, home.apps.films[0]
    jellyfin.delete_item(home.apps.item(work).id)
    await jellyfin.flush_socket()
    await jellyfin.socket.scan_runs()
    await jellyfin.socket.scan_ends()
    await home.until_count("tombstone", 1)
    assert await scans(home, "jellyfin") == 2


async def test_nothing_secret_is_kept_of_what_a_stream_tells(wired: Any) -> None:
    home = await wired(jellyfin=USER)
    await until_connected(home)
    key = home.apps.sonarr.api_key
    show = home.apps.sonarr.put(Work(f"The {key}", 2001, 7_000_001, tvdb=7_000_001))
    await home.apps.sonarr.announce(show)
    await home.until_count("inbox", 1, "headers LIKE '%stream%' AND state = 'done'")
    (letter,) = await home.rows("SELECT body FROM inbox")
    assert key.encode() not in letter["body"]
    await home.stop()
    with closing(sqlite3.connect(home.folder / "state" / "ledger.db")) as ledger:
        kept = "\n".join(ledger.iterdump())
    assert PASSWORD not in kept
    assert not [token for token in home.apps.jellyfin.socket.tokens if token in kept]


async def test_a_stop_leaves_no_task_and_no_connection(wired: Any, caplog: pytest.LogCaptureFixture) -> None:
    home = await wired(jellyfin=USER)
    await until_connected(home)
    await home.stop()
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert [name for name in names if "stream" in name or "ping" in name or "KeepAlive" in name] == []
    for part in (home.apps.radarr.hub, home.apps.sonarr.hub, home.apps.jellyfin.socket):
        async with asyncio.timeout(PATIENCE):
            while part.clients:
                await asyncio.sleep(0.005)
    assert "left behind" not in caplog.text
