"""Files on their way out of an app: whole, or plainly not."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from tests.daemon.http.conftest import SECRET

from reconciled.clock import SystemClock
from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unreachable
from reconciled.http import Client, Download, Http, new_session

FILE = bytes(range(256)) * 4096 * 3  # 3 MiB
PART = "HTTP/1.1 206 Partial Content\r\n"
OK = "HTTP/1.1 200 OK\r\n"


async def read(download: Download) -> bytes:
    chunks = [chunk async for chunk in download.chunks]
    assert all(0 < len(chunk) <= 2**20 for chunk in chunks)
    return b"".join(chunks)


@asynccontextmanager
async def liar(
    head: str, body: bytes = b"", *, pause: float = 0, endless: bool = False
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Says `head` and `body` to whoever asks and closes, after a `pause`; or says the body for ever."""
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(head.encode() + b"\r\n" + body)
            await writer.drain()
            while endless:
                writer.write(body)
                await writer.drain()
            await asyncio.sleep(pause)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_bytes_come_as_they_are(client: Client, server: Any) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=FILE, content_type="image/jpeg", headers={"ETag": '"7"'})

    server.answer = answer
    async with client.download("/f/1", params={"v": 2}, headers={"Range": "bytes=0-"}) as got:
        assert (got.status, got.headers["etag"], got.media_type) == (200, '"7"', "image/jpeg")
        assert got.placed() == (0, len(FILE))
        assert await read(got) == FILE
    asked = server.asked[0]
    assert asked.headers["Accept-Encoding"] == "identity"
    assert (asked.headers["Range"], asked.path_qs) == ("bytes=0-", "/f/1?v=2")


async def test_more_than_the_most_of_an_answer_is_no_trouble(http: Http, server: Any) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=FILE)

    server.answer = answer
    client = http.at(server.url)
    with pytest.raises(BadResponse, match="gave up reading"):
        await client.request("GET", "/f", expect="any")
    async with client.download("/f") as got:
        assert len(await read(got)) == len(FILE)


LENGTH = f"Content-Length: {len(FILE)}\r\n"


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        (OK + LENGTH, FILE[:-1], "after 3,145,727 of 3,145,728 bytes"),
        (OK + LENGTH, b"", "after 0 of 3,145,728 bytes"),
        (OK + "Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n5\r\nde", "broke off after"),
        (PART + "Content-Range: bytes 5-9/10\r\nContent-Length: 5\r\n", b"abc", "after 3 of 5 bytes"),
    ],
)
async def test_a_short_body_is_no_file(http: Http, head: str, body: bytes, words: str) -> None:
    async with liar(head, body) as (url, _):
        with pytest.raises(Unreachable, match=words):
            async with http.at(url).download("/f") as got:
                await read(got)


@pytest.mark.parametrize(("head", "body"), [("", b""), (OK + LENGTH, FILE[:100])])
async def test_silence_ends_it(http: Http, head: str, body: bytes) -> None:
    async with liar(head, body, pause=5) as (url, _):
        with pytest.raises(Unreachable, match="150 ms"):
            async with http.at(url, timeout=0.15).download("/f") as got:
                await read(got)


async def test_a_slow_app_is_only_slow(http: Http, server: Any) -> None:
    """Longer in all than the silence that it may keep."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(12):
            await response.write(b"x" * 10)
            await asyncio.sleep(0.03)
        return response

    server.answer = answer
    async with http.at(server.url, timeout=0.25).download("/f") as got:
        assert got.placed() == (0, None)
        assert await read(got) == b"x" * 120


async def test_an_endless_one_ends_with_its_reader(http: Http) -> None:
    async with liar(OK, FILE, endless=True) as (url, _):
        async with http.at(url).download("/f") as got:
            came = 0
            async for chunk in got.chunks:
                came += len(chunk)
                if came > 10 * 2**20:
                    break
        with pytest.raises(Unreachable):  # what was here already may still come; more does not
            await read(got)


async def test_more_than_its_length_never_comes(http: Http) -> None:
    """It is trouble, or cut there; which of them is a matter of packets."""
    async with liar(OK + "Content-Length: 5\r\n", b"abcdefgh") as (url, _):
        with suppress(BadResponse):
            async with http.at(url).download("/f") as got:
                assert await read(got) == b"abcde"


HTML = "Content-Type: text/html; charset=utf-8\r\n"
PAGE = b"<!doctype html><title>Sign in</title>"


async def test_a_login_page_is_no_file(http: Http) -> None:
    async with liar(OK + HTML, PAGE) as (url, _):
        with pytest.raises(BadResponse, match="login page"):
            async with http.at(url).download("/f"):
                raise AssertionError
        async with http.at(url).download("/f", html_allowed=True) as got:
            assert await read(got) == PAGE


async def test_packed_bytes_are_not_the_file(http: Http) -> None:
    body = gzip.compress(FILE)
    head = f"{OK}Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n"
    async with liar(head, body) as (url, _):
        with pytest.raises(BadResponse, match="packed bytes"):
            async with http.at(url).download("/f"):
                raise AssertionError


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [
        (401, Unauthorized, 1),
        (404, BadResponse, 1),
        (409, Refused, 1),
        (416, BadResponse, 1),
        (429, RateLimited, 1),
        (500, BadResponse, 1),
        (502, Unreachable, 2),
        (503, Unreachable, 1),
        (304, BadResponse, 1),
        (303, BadResponse, 1),
    ],
)
async def test_a_status_that_is_no_file(
    client: Client, server: Any, status: int, kind: type[SourceError], tries: int
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"message": f"no {SECRET}"}, status=status)

    server.answer = answer
    with pytest.raises(kind, match=str(status)) as raised:
        async with client.download("/f"):
            raise AssertionError
    assert len(server.asked) == tries
    assert status < 400 or "no ***" in str(raised.value)
    assert SECRET not in str(raised.value)


async def test_a_status_that_the_caller_knows(client: Client, server: Any) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=404, body=PAGE, content_type="text/html")

    server.answer = answer
    async with client.download("/f", allow=(404,)) as got:
        assert (got.status, await got.body()) == (404, PAGE)


async def test_a_short_body_is_short(http: Http) -> None:
    async with liar("HTTP/1.1 404 Not Found\r\n", FILE) as (url, _):
        async with http.at(url).download("/f", allow=(404,)) as got:
            with pytest.raises(BadResponse, match="64 KiB"):
                await got.body()


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("http://elsewhere.invalid/f", "another host"),
        ("/login?next=/f", "login page"),
        ("ftp://127.0.0.1/f", "another app"),
    ],
)
async def test_where_it_does_not_follow(client: Client, server: Any, to: str, words: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": to})

    server.answer = answer
    with pytest.raises(BadResponse, match=words):
        async with client.download("/f"):
            raise AssertionError


async def test_the_same_file_elsewhere_is_followed(client: Client, server: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/f":
            return web.Response(status=307, headers={"Location": "/base/f?v=1"})
        return web.Response(body=b"bytes")

    server.answer = answer
    async with client.download("/f", params={"v": 1}, headers={"Range": "bytes=2-"}) as got:
        assert await read(got) == b"bytes"
    assert server.asked[1].headers["Range"] == "bytes=2-"


async def test_in_circles(client: Client, server: Any, http: Http) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/f"})

    server.answer = answer
    with pytest.raises(BadResponse, match="more than 3 redirects"):
        async with client.download("/f"):
            raise AssertionError
    assert http.requests == 4


async def test_a_dropped_question_is_asked_once_more(http: Http) -> None:
    drops = 1

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal drops
        await reader.readuntil(b"\r\n\r\n")
        drops -= 1
        if drops < 0:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
            writer.close()
        else:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with http.at(url).download("/f") as got:
            assert await read(got) == b"ok"
        drops = 5
        with pytest.raises(Unreachable):
            async with http.at(url).download("/f"):
                raise AssertionError
    assert http.requests == 4


async def test_files_keep_no_question_waiting(server: Any) -> None:
    """Nor is there ever one file more at a time than there may be."""
    open_now, most, go = 0, 0, asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal open_now, most
        if request.path == "/question":
            return web.json_response([])
        open_now += 1
        most = max(most, open_now)
        await go.wait()
        open_now -= 1
        return web.Response(body=b"ok")

    server.answer = answer
    http = Http(new_session, SystemClock(), concurrency=1, transfers=3)
    client = http.at(server.url)

    async def fetch() -> bytes:
        async with client.download("/f") as got:
            return await read(got)

    fetching = [asyncio.create_task(fetch()) for _ in range(9)]
    while open_now < 3:
        await asyncio.sleep(0.001)
    assert (await client.request("GET", "/question")).status == 200
    go.set()
    assert await asyncio.gather(*fetching) == [b"ok"] * 9
    assert most == 3
    await http.close()


async def test_a_stop_ends_it(server: Any) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await asyncio.sleep(5)
        raise AssertionError

    server.answer = answer
    http = Http(new_session, SystemClock())
    async with http.at(server.url).download("/f") as got:
        assert await anext(got.chunks) == b"x"
        await http.close()
        with pytest.raises(Unreachable):
            await anext(got.chunks)
    with pytest.raises(Unreachable, match="being stopped"):
        async with http.at(server.url).download("/f"):
            raise AssertionError


@pytest.mark.parametrize(
    ("status", "headers", "placed"),
    [
        (200, {"content-length": "7"}, (0, 7)),
        (200, {}, (0, None)),
        (206, {"content-range": "bytes 5-9/10", "content-length": "5"}, (5, 10)),
        (206, {"content-range": "bytes 5-9/*"}, (5, None)),
        (206, {}, "does not say which"),
        (206, {"content-range": "bytes */10"}, "does not say which"),
        (206, {"content-range": "items 5-9/10"}, "does not say which"),
        (206, {"content-type": "multipart/byteranges; boundary=x"}, "does not say which"),
        (206, {"content-range": "bytes 9-5/10"}, "outside its file"),
        (206, {"content-range": "bytes 5-10/10"}, "outside its file"),
        (206, {"content-range": "bytes 5-9/10", "content-length": "6"}, "another one"),
    ],
)
def test_which_part_it_is(status: int, headers: dict[str, str], placed: Sequence[Any] | str) -> None:
    async def none() -> AsyncIterator[bytes]:
        yield b""

    got = Download(status, headers, none(), "GET http://box/f")
    if isinstance(placed, str):
        with pytest.raises(BadResponse, match=placed):
            got.placed()
    else:
        assert got.placed() == placed
