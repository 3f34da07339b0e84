"""Trouble is never absence: what Jellyfin, or what stands before it, may answer to a lookup or a walk."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable
from reconciled.model import Absent, Item, Key, Page
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films
from reconciled.testing.faults import Fault
from reconciled_jellyfin import Jellyfin
from reconciled_jellyfin.listing import asked_about

KEY = "0123456789abcdef0123456789abcdef"
GONE = Key("movie", "e" * 32)
TROUBLE: dict[Fault, type[SourceError]] = {
    Fault.RESET: Unreachable,
    Fault.HANG: Unreachable,
    Fault.CUT_JSON: BadResponse,
    Fault.TRUNCATED_JSON: BadResponse,
    Fault.UNAUTHORIZED: Unauthorized,
    Fault.FORBIDDEN: Unauthorized,
    Fault.NOT_FOUND: BadResponse,
    Fault.NOT_FOUND_APP: BadResponse,
    Fault.RATE_LIMITED: RateLimited,
    Fault.ERROR: BadResponse,
    Fault.STARTING: Unreachable,
    Fault.HTML: BadResponse,
    Fault.REDIRECT: BadResponse,
    Fault.REDIRECT_AWAY: BadResponse,
    Fault.WRONG_SHAPE: BadResponse,
    Fault.OTHER_APP: BadResponse,
}


async def into(pages: list[Page], source: Jellyfin) -> None:
    """Walk all films; the pages stay when the walk fails."""
    async for page in source.snapshot(frozenset({"movie"})):
        pages.append(page)  # noqa: PERF401


@pytest.mark.parametrize("fault", TROUBLE)
@pytest.mark.parametrize("probed", [False, True])
async def test_faults(make: Any, fault: Fault, probed: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeJellyfin(api_key=KEY) as app:
        there = Key("movie", app.put_movie(films(1)[0]).id)
        jellyfin = make(Jellyfin, app.url, KEY, timeout="300ms")
        if probed:
            await jellyfin.probe()
        app.faults.set(fault, "/Items")
        for keys in ([GONE], [there], [there, GONE]):
            with pytest.raises(TROUBLE[fault]) as caught:
                await jellyfin.lookup_many(keys)
            assert KEY not in f"{caught.value}{caught.value!r}{caplog.text}"
        with pytest.raises(TROUBLE[fault]):
            [page async for page in jellyfin.snapshot(frozenset({"movie"}))]
        app.faults.clear()
        answers = await jellyfin.lookup_many([there, GONE])
        assert isinstance(answers[there], Item)
        assert isinstance(answers[GONE], Absent)


async def test_nobody_there(make: Any) -> None:
    async with FakeJellyfin(api_key=KEY) as app:
        jellyfin = make(Jellyfin, app.url, KEY)
        await app.down()
        with pytest.raises(Unreachable):
            await jellyfin.lookup(GONE)


async def test_a_walk_that_dies_on_the_way_is_not_complete(make: Any) -> None:
    async with FakeJellyfin(api_key=KEY) as app:
        for work in films(2100):
            app.put_movie(work)
        app.faults.set(Fault.CUT_JSON, "/Items", after=1)
        pages: list[Page] = []
        with pytest.raises(BadResponse):
            await into(pages, make(Jellyfin, app.url, KEY))
        assert not any(page.complete for page in pages)


async def test_another_server_behind_the_address(make: Any) -> None:
    async with FakeJellyfin(api_key=KEY) as app:
        key = Key("movie", app.put_movie(films(1)[0]).id)
        jellyfin = make(Jellyfin, app.url, KEY)
        await jellyfin.probe()
        app.replace_with_other_instance(films=3)
        app.put_movie(films(1)[0])
        for ask in (jellyfin.lookup_many([key, GONE]), anext(jellyfin.snapshot(frozenset({"movie"})))):
            with pytest.raises(BadResponse, match="of server"):
                await ask


ONE = {"Id": "a" * 32, "Type": "Movie", "Name": "A"}
TWO = {"Id": "b" * 32, "Type": "Movie", "Name": "B"}


@pytest.fixture
async def stub(make: Any) -> AsyncIterator[Any]:
    """A Jellyfin with one library, whose `/Items` answers what the test says."""

    class Stub:
        jellyfin: Any = None
        answer: Any = None
        library: dict[str, Any] = {"Name": "Movies", "CollectionType": "movies", "ItemId": "c" * 32}  # noqa: RUF012

    made = Stub()

    async def handle(request: web.Request) -> web.Response:
        if request.path == "/Items":
            return web.json_response(made.answer(int(request.query.get("startIndex", "0"))))
        return web.json_response([made.library])

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.jellyfin = make(Jellyfin, f"http://127.0.0.1:{runner.addresses[0][1]}", KEY)
    yield made
    await runner.cleanup()


def page(*items: dict[str, Any], total: int | None = None, start: int = 0) -> dict[str, Any]:
    return {
        "Items": [*items],
        "TotalRecordCount": len(items) if total is None else total,
        "StartIndex": start,
    }


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"Items": []},
        {"Items": [], "TotalRecordCount": 0},
        {"Items": None, "TotalRecordCount": 0, "StartIndex": 0},
        {"items": [], "totalRecordCount": 0, "startIndex": 0},
        page(total=1),
        page(start=7),
        page(TWO),
        page(ONE, TWO),
        page({"Id": "a" * 32}),
        page({**ONE, "Id": "5"}),
        page({**ONE, "Type": "Series"}),
        page({**ONE, "Type": "BoxSet"}),
        page({**ONE, "Id": 5}),
    ],
)
async def test_lists_that_are_no_answer(stub: Any, answer: Any) -> None:
    stub.answer = lambda start: answer
    with pytest.raises(BadResponse):
        await stub.jellyfin.lookup(Key("movie", "a" * 32))


async def test_a_good_list_with_dashes_in_its_ids(stub: Any) -> None:
    stub.answer = lambda start: page({**ONE, "Id": "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"})
    assert (await stub.jellyfin.lookup(Key("movie", "a" * 32))).title == "A"


FULL = [{"Id": f"{number:032x}", "Type": "Movie"} for number in range(2000)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda start: page(*FULL, start=start), "is what came before once more"),
        (lambda start: page(*FULL[start % 7 :], *FULL[: start % 7], start=start), "once more"),
        (lambda start: page(*FULL, start=0), "came as 2000 from 0 on"),
        (lambda start: page(*FULL, ONE, start=start), "came as 2001"),
        (lambda start: page(*FULL[:1000], start=start, total=5000), "ends early: there should be 5000"),
        (lambda start: page({**ONE, "Type": "BoxSet"}), "got a BoxSet"),
        (lambda start: page({**ONE, "Type": "Series"}), "got a Series"),
    ],
)
async def test_walks_that_are_none(stub: Any, answer: Any, words: str) -> None:
    stub.answer = answer
    pages: list[Page] = []
    with pytest.raises(BadResponse, match=words):
        await into(pages, stub.jellyfin)
    assert not any(found.complete for found in pages)


async def test_pages_that_shift_hand_no_item_on_twice(stub: Any, walked: Any) -> None:
    stub.answer = lambda start: page(*FULL, start=0) if start == 0 else page(*FULL[1990:], ONE, start=start)
    items = await walked(stub.jellyfin, "movie")
    assert len(items) == len({item.key for item in items}) == 2001


async def test_a_library_without_an_id_is_not_walked(stub: Any) -> None:
    """Without a parent the question would be about all libraries."""
    stub.library = {"Name": "New", "CollectionType": "movies"}
    stub.answer = lambda start: page()
    with pytest.raises(BadResponse, match="'New' has no id"):
        [found async for found in stub.jellyfin.snapshot(frozenset({"movie"}))]


def test_no_ids_are_never_asked_for() -> None:
    with pytest.raises(ValueError, match="no ids"):
        asked_about([])
