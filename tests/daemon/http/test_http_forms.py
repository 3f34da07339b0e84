"""Files on their way into an app: sent once, whole, and said so only when the app did."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from reconciled.clock import SystemClock
from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unreachable
from reconciled.http import Client, FormFile, Http, new_session

BYTES = bytes(range(256)) * 4096 * 3  # 3 MiB


def form_file(path: Path, *, name: str = "a.pdf", mime_type: str = "application/pdf") -> FormFile:
    return FormFile("document", path, name, mime_type)


async def parts_of(request: web.Request) -> Any:
    return await request.multipart()


@pytest.fixture
def file(tmp_path: Path) -> FormFile:
    path = tmp_path / "a.part"
    path.write_bytes(BYTES)
    return form_file(path)


@asynccontextmanager
async def cutting(after: int, answer: bytes = b"") -> AsyncIterator[tuple[str, list[int]]]:
    """Reads so many bytes of each connection, says `answer` and drops it; counts the connections."""
    came: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(0)
        while came[-1] < after and (data := await reader.read(min(65536, after - came[-1]))):
            came[-1] += len(data)
        if answer:
            writer.write(answer)
            await writer.drain()
            writer.close()
        else:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", came


async def test_a_form_with_a_file(client: Client, server: Any, file: FormFile) -> None:
    got: list[tuple[str, Any, str | None, str | None]] = []

    async def answer(request: web.Request) -> web.Response:
        async for part in await parts_of(request):
            body = await part.read() if part.filename else await part.text()
            got.append((part.name, body, part.filename, part.headers.get("Content-Type")))
        return web.json_response("the-task")

    server.answer = answer
    fields = [("title", "Röntgen\nlinks"), ("tags", "1"), ("tags", "2"), ('odd"name', "")]
    reply = await client.send_form("/api/post", fields=fields, file=file)
    assert await client.decode(str, reply) == "the-task"
    assert got[:4] == [
        ("title", "Röntgen\nlinks", None, None),
        ("tags", "1", None, None),
        ("tags", "2", None, None),
        ("odd%22name", "", None, None),
    ]
    assert got[4] == ("document", BYTES, "a.pdf", "application/pdf")
    asked = server.asked[0]
    assert asked.method == "POST"
    assert int(asked.headers["Content-Length"]) > len(BYTES)
    assert "Transfer-Encoding" not in asked.headers


@pytest.mark.parametrize(
    ("name", "mime_type", "sent_as"),
    [
        ('a"b\r\nX-Evil: 1\r\n\r\n.pdf', "text/plain\r\nX-Evil: 1", "application/octet-stream"),
        ("Röntgen 1.jpg", "image/jpeg", "image/jpeg"),
        ("half\udce4.jpg", "", "application/octet-stream"),
    ],
)
async def test_no_name_becomes_a_header(
    client: Client, server: Any, tmp_path: Path, name: str, mime_type: str, sent_as: str
) -> None:
    parts: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        parts.extend([dict(part.headers) async for part in await parts_of(request)])
        return web.json_response("ok")

    server.answer = answer
    (tmp_path / "f").write_bytes(b"--reconciled\r\n\r\n--")
    await client.send_form("/p", fields=[], file=form_file(tmp_path / "f", name=name, mime_type=mime_type))
    (headers,) = parts
    assert set(headers) == {"Content-Disposition", "Content-Type"}
    assert headers["Content-Type"] == sent_as
    assert "filename=" in headers["Content-Disposition"]


async def test_an_empty_file(client: Client, server: Any, tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response([len(await part.read()) async for part in await parts_of(request)])

    server.answer = answer
    (tmp_path / "f").touch()
    reply = await client.send_form("/p", fields=[], file=form_file(tmp_path / "f"))
    assert reply.body == b"[0]"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (413, BadResponse),
        (429, RateLimited),
        (500, BadResponse),
        (502, Unreachable),
        (503, Unreachable),
        (302, BadResponse),
        (307, BadResponse),
    ],
)
async def test_a_no_is_heard_once(
    client: Client, server: Any, file: FormFile, status: int, kind: type[SourceError]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"detail": "no"}, status=status, headers={"Location": "/p"})

    server.asked, server.answer = [], answer
    with pytest.raises(kind, match=str(status)):
        await client.send_form("/p", fields=[], file=file)
    assert len(server.asked) == 1


async def test_a_status_that_the_caller_knows(client: Client, server: Any, tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=409, text="have it")

    server.answer = answer
    (tmp_path / "f").touch()
    reply = await client.send_form("/p", fields=[], file=form_file(tmp_path / "f"), allow=(409,))
    assert (reply.status, reply.body) == (409, b"have it")


async def test_a_login_page_took_nothing(client: Client, server: Any, tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="<!doctype html>", content_type="text/html")

    server.answer = answer
    (tmp_path / "f").touch()
    with pytest.raises(BadResponse, match="login page"):
        await client.send_form("/p", fields=[], file=form_file(tmp_path / "f"))


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"


@pytest.mark.parametrize("after", [1, 2**20, len(BYTES)])
@pytest.mark.parametrize("answer", [b"", ANSWER, ANSWER + b'"tas'], ids=["dropped", "no body", "half a body"])
async def test_a_cut_leaves_it_open_and_is_not_sent_again(
    http: Http, file: FormFile, after: int, answer: bytes
) -> None:
    async with cutting(after, answer) as (url, came):
        with pytest.raises(Unreachable):
            await http.at(url, timeout=5).send_form("/p", fields=[], file=file)
        assert len(came) == http.requests == 1


@pytest.mark.parametrize("after", [1, 2**20])
async def test_a_yes_before_the_file_is_there_is_none(http: Http, file: FormFile, after: int) -> None:
    async with cutting(after, ANSWER + b'"task-7!"') as (url, came):
        with pytest.raises(Unreachable, match="nobody knows whether the app took the file"):
            await http.at(url, timeout=5).send_form("/p", fields=[], file=file)
        assert len(came) == http.requests == 1


async def test_silence_after_the_last_byte(http: Http, server: Any, file: FormFile) -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(5)
        raise AssertionError

    server.answer = answer
    with pytest.raises(Unreachable, match=r"silent for 150 ms; nobody knows"):
        await http.at(server.url).send_form("/p", fields=[], file=file, timeout=0.15)
    assert len(server.asked) == 1


async def test_an_app_that_stops_taking_it(http: Http, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as made:
        made.truncate(64 * 2**20)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await gone.wait()
        writer.transport.abort()

    gone = asyncio.Event()
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(Unreachable, match="silent for 200 ms"):
            await http.at(url).send_form("/p", fields=[], file=form_file(path), timeout=0.2)
        gone.set()


async def test_a_slow_app_is_only_slow(http: Http, server: Any, tmp_path: Path) -> None:
    """Longer in all than the silence that it may keep."""
    path = tmp_path / "large"
    with path.open("wb") as made:
        made.truncate(32 * 2**20)

    async def answer(request: web.Request) -> web.Response:
        came = 0
        async for chunk in request.content.iter_chunked(2**18):
            came += len(chunk)
            await asyncio.sleep(0.004)
        return web.json_response(came)

    server.answer = answer
    reply = await http.at(server.url).send_form("/p", fields=[], file=form_file(path), timeout=0.4)
    assert int(reply.body) == int(server.asked[0].headers["Content-Length"])


async def test_nobody_listens(http: Http, file: FormFile) -> None:
    async with cutting(1) as (url, _):
        pass
    with pytest.raises(Unreachable, match="is the app running"):
        await http.at(url).send_form("/p", fields=[], file=file)


async def test_a_file_that_is_not_there_is_not_sent(client: Client, server: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await client.send_form("/p", fields=[], file=form_file(tmp_path / "none"))
    assert server.asked == []


async def test_a_file_that_shrinks_is_no_whole_request(http: Http, server: Any, tmp_path: Path) -> None:
    path, broken = tmp_path / "large", []
    with path.open("wb") as made:
        made.truncate(64 * 2**20)

    async def answer(request: web.Request) -> web.Response:
        try:
            async for _ in request.content.iter_chunked(2**16):
                with path.open("r+b") as made:
                    made.truncate(2**20)
        except Exception as error:
            broken.append(error)
            raise
        return web.json_response("took it")

    server.answer = answer
    with pytest.raises(OSError, match="became shorter"):
        await http.at(server.url).send_form("/p", fields=[], file=form_file(path))
    while not broken:
        await asyncio.sleep(0.001)


async def test_uploads_keep_no_question_waiting(server: Any, file: FormFile) -> None:
    here, go = 0, asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        nonlocal here
        if request.method == "POST":
            here += 1
            await go.wait()
            await request.read()
        return web.json_response([])

    server.answer = answer
    http = Http(new_session, SystemClock(), concurrency=1, transfers=1)
    client = http.at(server.url)
    sending = [asyncio.create_task(client.send_form("/p", fields=[], file=file)) for _ in range(2)]
    while not here:
        await asyncio.sleep(0.001)
    await client.request("GET", "/question")
    assert here == 1
    go.set()
    await asyncio.gather(*sending)
    assert here == 2
    await http.close()
