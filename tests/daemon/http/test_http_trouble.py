"""Connections that fail, are tried once more, lead elsewhere or hang."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from reconciled.clock import SystemClock
from reconciled.errors import BadResponse, SourceError, Unreachable, Unsupported
from reconciled.http import Client, Http, new_session


@asynccontextmanager
async def raw(*answers: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers each request on any connection with the next bytes; None drops the connection."""
    left, asked = list(answers), []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked.append(head)
                answer = left.pop(0) if left else None
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(answer)
                await writer.drain()
                if b"Connection: close" in answer:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\n[]"
CUT = HEAD + b"Content-Length: 50\r\nConnection: close\r\n\r\n[]"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n[]\r\n"
NO_HTTP = b"SSH-2.0-OpenSSH_9.6\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (CUT, BadResponse, "broke off"),
        (CHUNKED, BadResponse, "broke off"),
        (NO_HTTP, BadResponse, "does not speak HTTP"),
        (None, Unreachable, "connection"),
    ],
)
async def test_broken_answers(http: Http, answer: bytes | None, error: type[SourceError], words: str) -> None:
    async with raw(answer, answer, answer) as (url, _):
        with pytest.raises(error, match=words):
            await http.at(url, timeout=1).request("GET", "/a")


async def test_a_dropped_question_is_asked_once_more(http: Http) -> None:
    async with raw(None, OK) as (url, asked):
        assert (await http.at(url, timeout=1).request("GET", "/a")).body == b"[]"
        assert len(asked) == http.requests == 2


async def test_and_not_twice(http: Http) -> None:
    async with raw(None, None, OK) as (url, asked):
        with pytest.raises(Unreachable):
            await http.at(url, timeout=1).request("GET", "/a")
        assert len(asked) == http.requests == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("kept", [False, True])
async def test_what_changes_something_is_sent_once(http: Http, method: str, kept: bool) -> None:
    """Also over a kept connection that turns out dead, where aiohttp itself would send a DELETE again."""
    async with raw(*([OK] if kept else []), None, OK) as (url, asked):
        client = http.at(url, timeout=1)
        if kept:
            await client.request("GET", "/a")
        with pytest.raises(Unreachable):
            await client.request(method, "/a")
        assert sum(head.startswith(method.encode()) for head in asked) == 1


@pytest.mark.parametrize(("status", "tries"), [(502, 2), (504, 2), (503, 1), (500, 1), (429, 1), (404, 1)])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_which_statuses_are_tried_again(
    client: Client, server: Any, status: int, tries: int, method: str
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    server.answer = answer
    with pytest.raises(SourceError):
        await client.request(method, "/a")
    assert len(server.asked) == (tries if method == "GET" else 1)


async def test_a_second_try_can_be_good(client: Client, server: Any) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response([], status=502 if len(server.asked) == 1 else 200)

    server.answer = answer
    assert (await client.request("GET", "/a")).status == 200


async def test_nobody_listens(http: Http) -> None:
    async with raw() as (url, _):
        pass
    with pytest.raises(Unreachable, match="is the app running"):
        await http.at(url, timeout=1).request("GET", "/a")


async def test_unknown_host(http: Http) -> None:
    with pytest.raises(Unreachable, match="nobody knows the host"):
        await http.at("http://no-such-box.invalid", timeout=5).request("GET", "/a")


async def test_https_where_there_is_none(http: Http, server: Any) -> None:
    with pytest.raises(Unreachable, match="no TLS"):
        await http.at(server.url.replace("http:", "https:"), timeout=1).request("GET", "/a")


@pytest.mark.parametrize("begun", [False, True])
async def test_a_hang_is_over_in_time(http: Http, server: Any, begun: bool) -> None:
    over = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        if begun:
            response = web.StreamResponse(headers={"Content-Type": "application/json"})
            await response.prepare(request)
            await response.write(b"[")
        await over.wait()
        raise AssertionError

    server.answer = answer
    with pytest.raises(Unreachable, match="within 150 ms"):
        await http.at(server.url, timeout=0.15).request("GET", "/a")
    assert len(server.asked) == 1
    over.set()


Location = Callable[[Any], str]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://login.example.invalid/api/a?x=1", "another host"),
        ("/login?returnUrl=/api/a", "a login page"),
        ("/auth/oauth2/start", "a login page"),
        ("/web/", "a redirect to /web/"),
        ("/base/api/a", "drops the question"),
        ("http://127.0.0.1:1/api/a?x=1", "another app"),
        (None, "does not say where to"),
        ("http://[", "address"),
    ],
)
async def test_redirects_that_are_not_followed(
    client: Client, server: Any, location: str | None, words: str
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location} if location else {})

    server.answer = answer
    with pytest.raises(BadResponse, match=words):
        await client.request("GET", "/api/a", params={"x": 1})
    assert len(server.asked) == 1


async def test_the_same_question_below_the_url_base_is_followed(client: Client, server: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.startswith("/sonarr"):
            return web.json_response({"at": request.path_qs})
        return web.Response(status=307, headers={"Location": f"/sonarr{request.path_qs}"})

    server.answer = answer
    response = await client.request("GET", "/api/a", params={"x": "1 2"})
    assert response.body == b'{"at": "/sonarr/api/a?x=1+2"}'
    with pytest.raises(BadResponse, match="a redirect"):
        await client.request("DELETE", "/api/a")


async def test_redirects_in_a_circle(client: Client, server: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"/x{request.path}"})

    server.answer = answer
    with pytest.raises(BadResponse, match="more than 3 redirects"):
        await client.request("GET", "/api/a")
    assert len(server.asked) == 4


async def test_at_most_so_many_at_a_time(server: Any) -> None:
    now = most = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.02)
        now -= 1
        return web.json_response([])

    server.answer = answer
    http = Http(new_session, SystemClock(), concurrency=2)
    client = http.at(server.url)
    await asyncio.gather(*(client.request("GET", "/a") for _ in range(8)))
    await http.close()
    assert (most, http.requests) == (2, 8)


async def test_a_session_passed_in_stays_open(server: Any) -> None:
    async with aiohttp.ClientSession() as session:
        http = Http(session, SystemClock())
        await http.at(server.url).request("GET", "/a")
        await http.close()
        assert not session.closed
        with pytest.raises(Unreachable, match="being stopped"):
            await http.at(server.url).request("GET", "/a")


async def test_closing_without_a_request() -> None:
    await Http(new_session, SystemClock()).close()


@pytest.mark.parametrize("path", ["/api/v3/movie/..", "/request/17/label/..", "/./x", "/a/../b"])
async def test_no_path_climbs_out_of_itself(client: Client, server: Any, path: str) -> None:
    """An id or a label in a path would name something else: `DELETE /request/17/label/..`."""
    with pytest.raises(Unsupported, match="climbs"):
        await client.request("DELETE", path)
    assert server.asked == []
