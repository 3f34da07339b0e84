"""Websockets of an app: texts come and go, and whatever ends them is an error that says so."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from tests.patience import PATIENCE

from reconciled.clock import SystemClock
from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable
from reconciled.http import Client, Http, new_session, wire

KEY = "s3cr+et/key"
SECRET = 's3cr+et/k"ey'  # which the client of the fixture knows


class Talk:
    """The app's end of one websocket; `then` is what it does after the greeting."""

    def __init__(self, then: Any) -> None:
        self.heard: list[str] = []
        self.then = then

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self.then(self, socket)
        return socket


@pytest.fixture
def says(server: Any) -> Any:
    def set_talk(then: Any) -> Talk:
        talk = Talk(then)
        server.answer = talk
        return talk

    return set_talk


async def test_texts_come_and_go_below_the_base_path(http: Http, server: Any, says: Any) -> None:
    async def echo(talk: Talk, socket: web.WebSocketResponse) -> None:
        async for said in socket:
            talk.heard.append(said.data)
            await socket.send_str(f"you said {said.data}")

    talk = says(echo)
    client = http.at(f"{server.url}/radarr", headers={"X-Api-Key": KEY}, timeout=2)
    async with client.stream("/signalr/messages", params={"id": "7"}, headers={"X-More": "yes"}) as stream:
        await stream.send("one")
        assert await stream.receive() == "you said one"
    (asked,) = server.asked
    assert asked.path_qs == "/radarr/signalr/messages?id=7"
    assert (asked.headers["X-Api-Key"], asked.headers["X-More"]) == (KEY, "yes")
    assert talk.heard == ["one"]


async def _bytes(_talk: Talk, socket: web.WebSocketResponse) -> None:
    await socket.send_bytes(b"\x00")
    await socket.receive()


async def _close(_talk: Talk, socket: web.WebSocketResponse) -> None:
    await socket.close()


async def _close_with_a_word(_talk: Talk, socket: web.WebSocketResponse) -> None:
    await socket.close(code=1011, message=f"no luck with {SECRET}".encode())


async def _cut(_talk: Talk, socket: web.WebSocketResponse) -> None:
    assert socket._req is not None
    assert socket._req.transport is not None
    socket._req.transport.abort()


async def _huge(_talk: Talk, socket: web.WebSocketResponse) -> None:
    await socket.send_str("x" * (16 * 2**20 + 1))
    await socket.receive()


async def _silent(_talk: Talk, socket: web.WebSocketResponse) -> None:
    await socket.receive()


@pytest.mark.parametrize(
    ("then", "kind", "said"),
    [
        (_bytes, BadResponse, "bytes where text belongs"),
        (_close, Unreachable, "the app closed the stream"),
        (_close_with_a_word, Unreachable, r"closed the stream \(1011, no luck with \*\*\*\)"),
        (_cut, Unreachable, "the app closed the stream"),
        (_huge, BadResponse, "of at most 16 MiB"),
        (_silent, Unreachable, "silent for"),
    ],
    ids=["bytes", "close", "close code", "cut", "huge", "silent"],
)
async def test_every_end_is_an_error(
    client: Client, says: Any, then: Any, kind: type[SourceError], said: str
) -> None:
    says(then)
    silence = 0.05 if then is _silent else 5.0
    with pytest.raises(kind, match=said) as caught:
        async with client.stream("/socket", silence=silence) as stream:
            await stream.receive()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, BadResponse),
        (302, BadResponse),
        (400, BadResponse),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, BadResponse),
        (429, RateLimited),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_what_is_no_stream(client: Client, server: Any, status: int, kind: type[SourceError]) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "/login"} if status == 302 else {})

    server.answer = answer
    with pytest.raises(kind, match=str(status)):
        async with client.stream("/socket"):
            raise AssertionError("it is not open")
    assert len(server.asked) == 1


@pytest.mark.parametrize(("said", "wait"), [("7", 7.0), (None, None), ("soon", None)])
async def test_how_long_it_is_to_be_left_alone(
    client: Client, server: Any, said: str | None, wait: float | None
) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=429, headers={} if said is None else {"Retry-After": said})

    server.answer = answer
    with pytest.raises(RateLimited) as caught:
        async with client.stream("/socket"):
            raise AssertionError("it is not open")
    assert caught.value.retry_after == wait


async def test_a_box_that_went_without_a_goodbye(
    client: Client, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing comes any more, not even the answer to a ping, and no end of the connection either."""

    async def gone(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        while (await socket.receive()).type is WSMsgType.PING:
            continue
        return socket

    server.answer = gone
    monkeypatch.setattr(wire, "_BEAT", 0.02)
    with pytest.raises(Unreachable, match="nobody answers there any more"):
        async with asyncio.timeout(PATIENCE), client.stream("/socket", silence=3600) as stream:
            await stream.receive()


async def test_a_redirect_is_not_followed_and_nobody_else_sees_the_key(server: Any, client: Client) -> None:
    seen: list[str | None] = []

    async def other(request: web.Request) -> web.Response:
        seen.append(request.headers.get("X-Api-Key"))
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", other)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    where = f"http://127.0.0.1:{runner.addresses[0][1]}/socket"

    async def away(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": where})

    server.answer = away
    try:
        with pytest.raises(BadResponse, match="a redirect, not followed"):
            async with client.stream("/socket"):
                raise AssertionError("it is not open")
    finally:
        await runner.cleanup()
    assert seen == []


async def test_a_session_of_somebody_else_follows_no_redirect_either(server: Any) -> None:
    async def away(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    server.answer = away
    async with aiohttp.ClientSession() as session:
        client = Http(session, SystemClock()).at(server.url)
        with pytest.raises(BadResponse, match="not followed"):
            async with client.stream("/socket"):
                raise AssertionError("it is not open")
    assert [asked.path for asked in server.asked] == ["/socket"]


async def test_nobody_there(http: Http) -> None:
    client = http.at("http://127.0.0.1:9", timeout=2)
    with pytest.raises(Unreachable, match="is the app running"):
        async with client.stream("/socket"):
            raise AssertionError("it is not open")


async def test_an_opening_that_hangs(client: Client, server: Any) -> None:
    async def hang(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(10)
        raise AssertionError("nobody waits so long")

    server.answer = hang
    with pytest.raises(Unreachable, match="within 500"):
        async with client.stream("/socket"):
            raise AssertionError("it is not open")


async def test_it_can_be_used_only_while_it_is_open(client: Client, says: Any) -> None:
    says(_silent)
    stream = client.stream("/socket")
    with pytest.raises(Unreachable, match="not open"):
        await stream.receive()
    async with stream:
        pass
    with pytest.raises(Unreachable, match="not open"):
        await stream.send("late")


async def test_streams_take_no_place_among_the_requests(server: Any, says: Any) -> None:
    says(_silent)
    http = Http(new_session, SystemClock(), concurrency=1)
    client = http.at(server.url, timeout=2)
    async with client.stream("/one"), client.stream("/two"):
        server.answer = server.ok
        assert (await client.request("GET", "/items")).status == 200
    assert http.requests == 3
    await http.close()


async def test_an_app_that_never_says_goodbye_does_not_keep_us(client: Client, server: Any) -> None:
    """The close is not answered; the stream is left within half a second or so all the same."""
    released = asyncio.Event()

    async def deaf(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        while (await socket.receive()).type is not WSMsgType.CLOSE:
            continue
        await released.wait()
        return socket

    server.answer = deaf
    async with asyncio.timeout(9):
        async with client.stream("/socket"):
            pass
    released.set()
