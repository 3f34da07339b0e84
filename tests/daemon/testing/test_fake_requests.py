"""The fake Requests behaves as its routes say, also seen without the plugin; and it is in the household."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.requests_app import FakeRequests
from reconciled.testing.receiver import Receiver

KEY = "k" * 32


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def fake(clock: ManualClock) -> AsyncIterator[FakeRequests]:
    async with FakeRequests(api_key=KEY, url_base="/requests", now=clock.now) as app:
        yield app


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"X-Api-Key": KEY}) as made:
        yield made


async def ask(session: aiohttp.ClientSession, method: str, url: str, **more: Any) -> tuple[int, Any]:
    async with session.request(method, url, **more) as answer:
        return answer.status, await answer.json(content_type=None) if await answer.read() else None


async def test_pages_are_by_number(fake: FakeRequests, session: aiohttp.ClientSession) -> None:
    for number in range(5):
        fake.put(f"Film {number}", [f"tmdb:movie/{number % 2}"])
    url = f"{fake.url}/api/v1/request"
    status, page = await ask(session, "GET", url, params={"page": 2, "size": 2})
    assert (status, page["page"], page["totalRecords"]) == (200, 2, 5)
    assert [record["id"] for record in page["records"]] == [3, 4]
    _, page = await ask(session, "GET", url, params={"ref": "tmdb:movie/1"})
    assert ([record["id"] for record in page["records"]], page["totalRecords"]) == ([2, 4], 2)


@pytest.mark.parametrize("query", ["page=0", "size=0", "size=201", "page=x"])
async def test_a_query_that_is_none(fake: FakeRequests, session: aiohttp.ClientSession, query: str) -> None:
    assert (await ask(session, "GET", f"{fake.url}/api/v1/request?{query}"))[0] == 400


async def test_the_key_and_the_mark(fake: FakeRequests, session: aiohttp.ClientSession) -> None:
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{fake.url}/api/v1/about") as answer:
        assert (answer.status, answer.headers["X-Requests-Version"]) == (401, fake.version)
    async with session.get(f"{fake.url}/api/v1/other") as answer:
        assert (answer.status, answer.content_type) == (404, "text/plain")
    async with session.get(f"{fake.url}/") as answer:
        assert (answer.content_type, "X-Requests-Version" in answer.headers) == ("text/html", False)


async def test_the_webhook_comes_inside_the_delete(
    fake: FakeRequests, session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    fake.put("A film", ["tmdb:movie/603"])
    async with Receiver() as receiver:
        fake.add_webhook(receiver.url, headers={"X-Reconciled-Secret": "s"})
        assert (await ask(session, "DELETE", f"{fake.url}/api/v1/request/1"))[0] == 204
        (got,) = receiver.received
    assert got.headers["X-Reconciled-Secret"] == "s"
    assert got.body == {
        "event": "request.deleted",
        "id": 1,
        "title": "A film",
        "refs": ["tmdb:movie/603"],
        "by": "api",
        "at": clock.now().isoformat().replace("+00:00", "Z"),
    }
    assert (fake.deletes, fake.sent) == ({1: 1}, [("request.deleted", 202)])


async def test_the_trash_lasts_thirty_days(
    fake: FakeRequests, session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    fake.put("A film")
    one = f"{fake.url}/api/v1/request/1"
    await fake.delete(1, by="ben", notify=False)
    until = (clock.now() + timedelta(days=30)).isoformat()
    _, record = await ask(session, "GET", one)
    assert record["trash"] == {"at": clock.now().isoformat(), "by": "ben", "until": until}
    clock.advance(30 * 86400 - 1)
    assert (await ask(session, "GET", one))[0] == 200
    clock.advance(1)
    assert (await ask(session, "GET", one))[0] == 404
    assert (await ask(session, "POST", f"{one}/restore"))[0] == 404
    with pytest.raises(KeyError):
        await fake.restore(1)


async def test_nothing_in_silence_is_told_and_nothing_deleted_by_a_person_is_counted(
    fake: FakeRequests,
) -> None:
    async with Receiver() as receiver:
        fake.add_webhook(receiver.url)
        fake.put("One")
        fake.replace(1, "Two")
        fake.label(1, "keep")
        await fake.delete(1, notify=False)
        await fake.restore(1, notify=False)
        fake.remove(1)
        assert receiver.received == []
    assert (fake.deletes.total(), fake.entries, fake.trash) == (0, {}, {})


def test_numbers_are_not_used_twice() -> None:
    fake = FakeRequests()
    assert [fake.put("A film").id for _ in range(3)] == [1, 2, 3]
    fake.remove(3)
    assert fake.put("A film").id == 4
    before = fake.empty_database()
    assert fake.put("Another").id == 1
    fake.entries = before
    assert fake.put("One more").id == 3  # a restored database does that
    assert fake.put("And one").id == 5


def test_a_number_used_again_forgets_the_trash() -> None:
    async def story() -> FakeRequests:
        fake = FakeRequests()
        fake.put("A film")
        await fake.delete(1)
        fake.replace(1, "Another", ["tmdb:movie/2"], by="cleo")
        return fake

    fake = asyncio.run(story())
    assert (fake.trash, fake.entries[1].title, fake.entries[1].by) == ({}, "Another", "cleo")


async def test_the_household_asked_for_some_of_it() -> None:
    home, again = Household(films=20, series=10), Household(films=20, series=10)
    asked = [(e.id, e.title, e.refs, e.by) for e in home.requests.entries.values()]
    assert asked == [(e.id, e.title, e.refs, e.by) for e in again.requests.entries.values()]
    assert [e.title for e in home.requests.entries.values()] == [
        work.title for work in (*home.films[::4], *home.series[::5])
    ]
    first, second = home.request(home.films[0]), home.request(home.films[1])
    assert (first and first.refs, second) == ((f"tmdb:movie/{home.films[0].tmdb}",), None)
    series = home.request(home.series[0])
    assert series is not None
    assert series.refs == (f"tvdb:series/{home.series[0].tvdb}",)
    async with home:
        assert len({fake.port for fake in home.fakes}) == 4
