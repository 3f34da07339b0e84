"""Every fault, over a real socket, as a client meets it."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from tests.plugins.http_json.bookshelf import FakeBookshelf

from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.titles import films
from reconciled.testing.faults import Fault

LIST = "/api/v3/movie"


@pytest.fixture
async def radarr() -> AsyncIterator[FakeRadarr]:
    fake = FakeRadarr()
    for work in films(5):
        fake.put(work)
    async with fake:
        yield fake


@pytest.fixture
async def client(radarr: FakeRadarr) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"X-Api-Key": radarr.api_key}
    async with aiohttp.ClientSession(radarr.url, headers=headers) as session:
        yield session


async def ask(client: aiohttp.ClientSession, path: str = LIST) -> tuple[int, str, str]:
    """Status, content type and body, redirects not followed."""
    async with client.get(path, allow_redirects=False) as answer:
        return answer.status, answer.content_type, await answer.text()


async def listed(client: aiohttp.ClientSession) -> int:
    async with client.get(LIST) as answer:
        return len(await answer.json())


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (Fault.UNAUTHORIZED, 401, "application/octet-stream"),
        (Fault.FORBIDDEN, 403, "text/html"),
        (Fault.NOT_FOUND, 404, "text/html"),
        (Fault.NOT_FOUND_APP, 404, "application/json"),
        (Fault.RATE_LIMITED, 429, "text/plain"),
        (Fault.ERROR, 500, "application/json"),
        (Fault.STARTING, 503, "application/json"),
        (Fault.HTML, 200, "text/html"),
        (Fault.REDIRECT, 302, "application/octet-stream"),
        (Fault.REDIRECT_AWAY, 302, "application/octet-stream"),
        (Fault.OTHER_APP, 200, "application/json"),
        (Fault.WRONG_SHAPE, 200, "application/json"),
        (Fault.EMPTY, 200, "application/json"),
    ],
)
async def test_the_answer_of_each_fault(
    radarr: FakeRadarr, client: aiohttp.ClientSession, fault: Fault, status: int, content_type: str
) -> None:
    radarr.faults.set(fault)
    assert (await ask(client))[:2] == (status, content_type)
    radarr.faults.clear()
    assert await listed(client) == 5


async def test_only_the_app_itself_shows_its_version(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    seen = {}
    for fault in Fault:
        if fault in (Fault.HANG, Fault.RESET, Fault.CUT_JSON):
            continue
        active = radarr.faults.set(fault, delay=0.01)
        async with client.get(f"{LIST}/1", allow_redirects=False) as answer:
            seen[fault] = "X-Application-Version" in answer.headers
        radarr.faults.clear(active)
    shown = {fault for fault, marked in seen.items() if marked}
    assert shown == {
        Fault.SLOW,
        Fault.TRUNCATED_JSON,
        Fault.UNAUTHORIZED,
        Fault.NOT_FOUND_APP,
        Fault.ERROR,
        Fault.EMPTY,
        Fault.WRONG_SHAPE,
    }


async def test_reset_drops_the_connection(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    radarr.faults.set(Fault.RESET)
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask(client)


async def test_cut_json_breaks_the_transfer(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    radarr.faults.set(Fault.CUT_JSON)
    async with client.get(LIST) as answer:
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 10_000
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_truncated_json_arrives_whole_and_does_not_parse(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    radarr.faults.set(Fault.TRUNCATED_JSON)
    async with client.get(LIST) as answer:
        assert answer.status == 200
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            await answer.json()


async def test_hang_holds_until_cleared(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    radarr.faults.set(Fault.HANG)
    asking = asyncio.create_task(listed(client))
    await asyncio.sleep(0.1)
    assert not asking.done()
    radarr.faults.clear()
    assert await asking == 5


async def test_a_hanging_request_does_not_delay_the_end(radarr: FakeRadarr) -> None:
    radarr.faults.set(Fault.HANG)
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"{radarr.url}/ping"))
        while radarr.count("/ping") < 1:
            await asyncio.sleep(0.005)
        await asyncio.wait_for(radarr.stop(), 50)  # the server itself would wait for a minute
        with pytest.raises(aiohttp.ClientConnectionError):
            await asking


async def test_a_client_that_leaves_a_hang_leaves_nothing_behind(radarr: FakeRadarr) -> None:
    radarr.faults.set(Fault.HANG)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05)) as session:
        with pytest.raises(TimeoutError):
            await session.get(f"{radarr.url}/ping")


async def test_slow_delays_and_lets_a_second_fault_decide(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    radarr.faults.set(Fault.SLOW, delay=0.1)
    radarr.faults.set(Fault.ERROR, f"{LIST}/2")
    began = time.monotonic()
    assert (await ask(client))[0] == 200
    assert time.monotonic() - began >= 0.1
    assert (await ask(client, f"{LIST}/2"))[0] == 500


async def test_a_fault_may_begin_and_end_in_the_middle(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    active = radarr.faults.set(Fault.NOT_FOUND, f"{LIST}/*", after=2, times=2)
    got = [(await ask(client, f"{LIST}/{number}"))[0] for number in (1, 2, 3, 4, 5)]
    assert got == [200, 200, 404, 404, 200]
    assert (await ask(client))[0] == 200
    assert active.seen == 5


async def test_paths_are_globs_with_or_without_the_query_or_predicates(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    radarr.faults.set(Fault.ERROR, f"{LIST}[?]tmdbId=*")
    radarr.faults.set(Fault.FORBIDDEN, lambda request: request.path.endswith("/health"))
    radarr.faults.set(Fault.HTML, method="DELETE")
    assert (await ask(client))[0] == 200
    assert (await ask(client, f"{LIST}?tmdbId=1"))[0] == 500
    assert (await ask(client, "/api/v3/health"))[0] == 403
    async with client.delete(f"{LIST}/1") as answer:
        assert answer.content_type == "text/html"
    assert 1 in radarr.state.entries


async def test_rate_limits_say_when_or_not(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    radarr.faults.set(Fault.RATE_LIMITED, retry_after=7, times=1)
    radarr.faults.set(Fault.RATE_LIMITED, retry_after=None)
    async with client.get(LIST) as answer:
        assert answer.headers["Retry-After"] == "7"
    async with client.get(LIST) as answer:
        assert (answer.status, "Retry-After" in answer.headers) == (429, False)


async def test_a_redirect_leads_to_a_login_page(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    active = radarr.faults.set(Fault.REDIRECT)
    async with client.get(LIST) as answer:
        assert (answer.status, answer.content_type, answer.url.path) == (200, "text/html", "/login")
    radarr.faults.clear(active)
    radarr.faults.set(Fault.REDIRECT_AWAY, location="https://sso.example.invalid/")
    async with client.get(LIST, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "https://sso.example.invalid/"


async def test_behind_a_fault_the_app_goes_on(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    radarr.faults.set(Fault.CUT_JSON)
    with pytest.raises(aiohttp.ClientPayloadError):
        async with client.delete(f"{LIST}/3") as answer:
            await answer.read()
    assert 3 not in radarr.state.entries


async def test_down_refuses_and_up_listens_on_the_same_port(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    assert await listed(client) == 5
    url = radarr.url
    await radarr.down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask(client)
    radarr.remove(1)
    await radarr.up()
    assert radarr.url == url
    assert await listed(client) == 4


async def test_empty_and_wrong_shape_know_jellyfins_pages() -> None:
    async with FakeJellyfin() as jellyfin, aiohttp.ClientSession() as session:
        for work in films(3):
            jellyfin.put_movie(work)
        headers = {"Authorization": f'MediaBrowser Token="{jellyfin.api_key}"'}
        url = f"{jellyfin.url}/Items?recursive=true&includeItemTypes=Movie"
        active = jellyfin.faults.set(Fault.EMPTY)
        async with session.get(url, headers=headers) as answer:
            assert await answer.json() == {"Items": [], "TotalRecordCount": 0, "StartIndex": 0}
        jellyfin.faults.clear(active)
        jellyfin.faults.set(Fault.WRONG_SHAPE)
        async with session.get(url, headers=headers) as answer:
            assert await answer.json() == ["unexpected"]


async def test_a_tamper_changes_what_matches_from_the_one_it_begins_with(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    def shout(_request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        return web.Response(status=answer.status, text="HALF OF IT")

    tampering = radarr.faults.tamper(shout, LIST, after=1)
    assert await listed(client) == 5
    assert (await ask(client))[2] == "HALF OF IT"
    assert (await ask(client, f"{LIST}/1"))[1] == "application/json"
    radarr.faults.set(Fault.ERROR)
    assert (await ask(client))[::2] == (500, "HALF OF IT")
    radarr.faults.clear(tampering)
    assert "malformed" in (await ask(client))[2]
    radarr.faults.clear()
    assert await listed(client) == 5


async def test_a_deed_is_done_once_in_the_middle(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    async def add() -> None:
        radarr.put(films(6)[5])

    radarr.faults.in_the_middle(add, after=2)
    assert [await listed(client) for _ in range(4)] == [5, 5, 6, 6]
    radarr.faults.in_the_middle(add, after=0)
    radarr.faults.clear()
    assert await listed(client) == 6


async def test_an_emptied_page_names_no_next_one() -> None:
    shelf = FakeBookshelf()
    for number in range(50):
        shelf.put(f"Book {number}")
    async with shelf, aiohttp.ClientSession(headers={"X-Api-Key": shelf.api_key}) as client:
        shelf.faults.set(Fault.EMPTY)
        async with client.get(f"{shelf.url}/api/books") as answer:
            page = await answer.json()
        async with client.get(f"{shelf.url}/api/books/1") as answer:
            book = await answer.json()
    assert page == {"data": {"items": [], "total": 0}, "meta": {"next": None, "link": None}}
    assert book["data"]["name"] == "Book 0"
