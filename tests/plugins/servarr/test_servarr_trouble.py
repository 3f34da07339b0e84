"""Trouble is never absence: what Radarr and Sonarr, or what stands before them, may answer to a lookup."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr

KEY = "0123456789abcdef0123456789abcdef"
APPS: dict[str, tuple[Any, Any, Any]] = {
    "movie": (Radarr, FakeRadarr, films),
    "series": (Sonarr, FakeSonarr, series),
}


@pytest.fixture(params=APPS)
async def asked(request: pytest.FixtureRequest, make: Any) -> AsyncIterator[tuple[Any, Any, str]]:
    """A source, its fake with three entries, and the kind of both."""
    source, fake, works = APPS[request.param]
    async with fake(api_key=KEY) as app:
        for work in works(3):
            app.put(work)
        yield make(source, app.url, KEY, timeout="700ms"), app, request.param


TROUBLE: dict[Fault, type[SourceError]] = {
    Fault.RESET: Unreachable,
    Fault.HANG: Unreachable,
    Fault.CUT_JSON: BadResponse,
    Fault.TRUNCATED_JSON: BadResponse,
    Fault.UNAUTHORIZED: Unauthorized,
    Fault.FORBIDDEN: Unauthorized,
    Fault.NOT_FOUND: BadResponse,
    Fault.RATE_LIMITED: RateLimited,
    Fault.ERROR: BadResponse,
    Fault.STARTING: Unreachable,
    Fault.HTML: BadResponse,
    Fault.REDIRECT: BadResponse,
    Fault.REDIRECT_AWAY: BadResponse,
    Fault.WRONG_SHAPE: BadResponse,
    Fault.OTHER_APP: BadResponse,
}


@pytest.mark.parametrize("fault", TROUBLE)
@pytest.mark.parametrize("probed", [False, True])
async def test_faults(asked: Any, fault: Fault, probed: bool, caplog: pytest.LogCaptureFixture) -> None:
    source, app, kind = asked
    caplog.set_level(logging.DEBUG)
    if probed:
        await source.probe()
    app.faults.set(fault)
    there = next(iter(app.state.entries))
    ids = [there] if fault in (Fault.WRONG_SHAPE, Fault.CUT_JSON, Fault.TRUNCATED_JSON) else [there, 999]
    for number in ids:
        with pytest.raises(TROUBLE[fault]) as caught:
            await source.lookup(Key(kind, str(number)))
        assert KEY not in f"{caught.value}{caught.value!r}{caplog.text}"
    with pytest.raises(TROUBLE[fault]):
        [page async for page in source.snapshot(frozenset({kind}))]
    app.faults.clear()
    assert isinstance(await source.lookup(Key(kind, "999")), Absent)
    assert isinstance(await source.lookup(Key(kind, str(there))), Item)


async def test_nobody_there(asked: Any) -> None:
    source, app, kind = asked
    await app.down()
    with pytest.raises(Unreachable, match="is the app running"):
        await source.lookup(Key(kind, "999"))
    await app.up()
    assert isinstance(await source.lookup(Key(kind, "999")), Absent)


async def test_a_retry_after_is_kept(asked: Any) -> None:
    source, app, kind = asked
    app.faults.set(Fault.RATE_LIMITED, retry_after=17)
    with pytest.raises(RateLimited) as caught:
        await source.lookup(Key(kind, "1"))
    assert caught.value.retry_after == 17


async def test_starting_up_is_said_so(asked: Any) -> None:
    source, app, kind = asked
    app.faults.set(Fault.STARTING)
    with pytest.raises(Unreachable, match="is starting up, please try again later"):
        await source.lookup(Key(kind, "1"))


@pytest.mark.parametrize("key", ["0", "-1", "abc", "1/../2", "", "²", "99999999999", "1 "])
async def test_ids_that_match_no_route_are_not_asked(asked: Any, key: str) -> None:
    source, app, kind = asked
    with pytest.raises(Unsupported):
        await source.lookup(Key(kind, key))
    with pytest.raises(Unsupported):
        await source.lookup(Key("episode", "1"))
    assert app.count() == 0


async def test_a_listing_that_dies_on_the_way_is_not_complete(asked: Any) -> None:
    source, app, kind = asked
    app.faults.set(Fault.EMPTY)
    pages = [page async for page in source.snapshot(frozenset({kind}))]
    assert [(page.items, page.complete, page.total) for page in pages] == [((), True, 0)]
    with pytest.raises(Unsupported):
        [page async for page in source.snapshot(frozenset({kind, "book"}))]


Answer = Callable[[web.Request], web.Response]


@pytest.fixture
async def stub(make: Any) -> AsyncIterator[Any]:
    """A Radarr source whose server answers what the test says; `/system/status` as Radarr 6.1."""

    class Stub:
        radarr: Any = None
        status = web.json_response
        answer: Any = None
        version = "6.1.0.1"
        name = "Radarr"

    made = Stub()

    async def handle(request: web.Request) -> web.Response:
        mark = {"X-Application-Version": made.version}
        if request.path.endswith("/system/status"):
            return web.json_response({"appName": made.name, "version": made.version}, headers=mark)
        answer: web.Response = made.answer(mark)
        return answer

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.radarr = make(Radarr, f"http://127.0.0.1:{runner.addresses[0][1]}", KEY)
    yield made
    await runner.cleanup()


JSON_404 = b'{"type":"x","title":"Not Found","status":404,"traceId":"y"}'


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda mark: web.Response(status=404, headers=mark), None),
        (lambda mark: web.Response(status=404, headers=mark, body=JSON_404), None),
        (lambda mark: web.Response(status=404), BadResponse),
        (lambda mark: web.Response(status=404, body=JSON_404), BadResponse),
        (lambda mark: web.Response(status=404, headers={"X-Application-Version": ""}), BadResponse),
        (lambda mark: web.Response(status=404, headers={"X-Application-Version": "4.0.19.1"}), BadResponse),
        (
            lambda mark: web.Response(status=404, headers=mark, text="<html>", content_type="text/html"),
            BadResponse,
        ),
        (lambda mark: web.Response(status=410, headers=mark), BadResponse),
        (lambda mark: web.Response(status=400, headers=mark), SourceError),
        (lambda mark: web.Response(status=204, headers=mark), BadResponse),
        (lambda mark: web.json_response(None, headers=mark), BadResponse),
        (lambda mark: web.json_response([], headers=mark), BadResponse),
        (lambda mark: web.json_response({}, headers=mark), BadResponse),
        (lambda mark: web.json_response({"id": 6, "tmdbId": 1}, headers=mark), BadResponse),
        (lambda mark: web.json_response({"id": 5}, headers=mark), BadResponse),
        (lambda mark: web.json_response({"id": 5, "tmdbId": 1}), BadResponse),
        (lambda mark: web.json_response({"message": "NotFound"}, headers=mark), BadResponse),
    ],
)
async def test_only_the_apps_own_404_is_absence(
    stub: Any, answer: Answer, error: type[SourceError] | None
) -> None:
    stub.answer = answer
    if error is None:
        assert await stub.radarr.lookup(Key("movie", "5")) == Absent("404 of Radarr 6.1.0.1")
    else:
        with pytest.raises(error):
            await stub.radarr.lookup(Key("movie", "5"))


async def test_a_404_is_believed_only_of_the_app_that_was_named(stub: Any) -> None:
    """A Sonarr behind a Radarr's address knows no movie either, and says so with the same mark."""
    stub.answer = lambda mark: web.Response(status=404, headers=mark)
    assert isinstance(await stub.radarr.lookup(Key("movie", "5")), Absent)
    stub.name, stub.version = "Sonarr", "4.0.19.2979"
    with pytest.raises(BadResponse, match="this is Sonarr, configured as Radarr"):
        await stub.radarr.lookup(Key("movie", "5"))
    stub.name, stub.version = "Radarr", "6.2.0.1"
    assert await stub.radarr.lookup(Key("movie", "5")) == Absent("404 of Radarr 6.2.0.1")


async def test_wrong_app_and_wrong_base_path(make: Any) -> None:
    async with FakeSonarr(api_key=KEY) as sonarr:
        radarr = make(Radarr, sonarr.url, KEY)
        with pytest.raises(BadResponse, match="this is Sonarr, configured as Radarr"):
            await radarr.probe()
        with pytest.raises(BadResponse, match="404"):
            [page async for page in radarr.snapshot(frozenset({"movie"}))]
        with pytest.raises(BadResponse, match="this is Sonarr"):
            await radarr.lookup(Key("movie", "1"))
        with pytest.raises(BadResponse, match="an HTML page"):
            await make(Sonarr, f"{sonarr.url}/wrong", KEY).probe()
        with pytest.raises(Unauthorized, match="check the key"):
            await make(Sonarr, sonarr.url, "f" * 32).probe()


async def test_url_base_is_found_by_its_redirect(make: Any) -> None:
    async with FakeSonarr(api_key=KEY, url_base="/sonarr") as sonarr:
        root = sonarr.url.removesuffix("/sonarr")
        assert (await make(Sonarr, root, KEY).probe()).app == "Sonarr"
        assert isinstance(await make(Sonarr, root, KEY).lookup(Key("series", "9")), Absent)
        assert (await make(Sonarr, sonarr.url, KEY).probe()).version == "4.0.19.2979"
