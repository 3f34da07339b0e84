"""What becomes of each answer: good ones come back whole, all others are one of the errors."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest
from aiohttp import web

from reconciled.clock import SystemClock
from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unreachable
from reconciled.http import Client, Http, new_session


def answering(status: int = 200, **more: Any) -> Callable[[web.Request], Any]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, **more)

    return answer


async def test_good_answer_is_whole(client: Client, server: Any) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"a": [1, 2]}, headers={"X-Mark": "6.1"})

    server.answer = answer
    response = await client.request(
        "GET", "/api/v3/movie", params={"a": True, "b": None, "c": [1, 2], "d": "x y"}
    )
    assert (response.status, response.headers["x-mark"], response.body) == (200, "6.1", b'{"a": [1, 2]}')
    assert server.asked[0].path_qs == "/api/v3/movie?a=true&c=1&c=2&d=x+y"
    assert server.asked[0].headers["Accept"] == "application/json"
    assert server.asked[0].headers["User-Agent"].startswith("reconciled/")


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, Refused, "refused"),
        (401, Unauthorized, "check the key"),
        (403, Unauthorized, "check the key"),
        (404, BadResponse, "base path"),
        (405, BadResponse, "right app"),
        (409, Refused, "refused"),
        (418, BadResponse, "418"),
        (422, Refused, "refused"),
        (429, RateLimited, "too many"),
        (500, BadResponse, "failed"),
        (501, BadResponse, "failed"),
        (502, Unreachable, "proxy"),
        (503, Unreachable, "starting"),
        (504, Unreachable, "proxy"),
        (521, Unreachable, "proxy"),
        (304, BadResponse, "redirect"),
    ],
)
async def test_unwanted_status(
    client: Client, server: Any, status: int, error: type[SourceError], words: str
) -> None:
    server.answer = answering(status)
    with pytest.raises(SourceError) as caught:
        await client.request("GET", "/api/v3/movie/5")
    assert type(caught.value) is error
    assert words in str(caught.value)
    assert f"GET {server.url}/api/v3/movie/5: {status}" in str(caught.value)


async def test_allowed_status_comes_back_whatever_its_type(client: Client, server: Any) -> None:
    server.answer = answering(404, text="<html>", content_type="text/html", headers={"X-Mark": "1"})
    response = await client.request("GET", "/a", allow=(404,))
    assert response.status == 404
    assert response.headers["x-mark"] == "1"
    assert response.is_html


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        (None, None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("-5", None),
    ],
)
async def test_retry_after(client: Client, server: Any, header: str | None, seconds: float | None) -> None:
    server.answer = answering(429, headers={"Retry-After": header} if header else {})
    with pytest.raises(RateLimited) as caught:
        await client.request("GET", "/a")
    assert caught.value.retry_after == seconds


async def test_retry_after_as_a_date_ahead(client: Client, server: Any) -> None:
    at = SystemClock().now() + timedelta(seconds=120)
    server.answer = answering(429, headers={"Retry-After": format_datetime(at, usegmt=True)})
    with pytest.raises(RateLimited) as caught:
        await client.request("GET", "/a")
    assert caught.value.retry_after is not None
    assert 110 < caught.value.retry_after <= 120


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"errorMessage":"Sonarr is starting up, please try again later"}', "Sonarr is starting up"),
        (b'[{"errorMessage":"Path is bad"},{"errorMessage":"so is the tag"}]', "Path is bad; so is the tag"),
        (b'{"message":"database is locked","description":"at Db()"}', "database is locked"),
        (b"not json", "503"),
        (b"[[[[", "503"),
        (b'{"message":"' + b"x" * 900 + b'"}', "…"),
    ],
)
async def test_what_the_app_itself_says_is_told(client: Client, server: Any, body: bytes, said: str) -> None:
    server.answer = answering(503, body=body)
    with pytest.raises(Unreachable) as caught:
        await client.request("GET", "/a")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("text/html", "an HTML page"),
        ("text/plain", "text/plain instead"),
        ("application/xml", "instead of JSON"),
    ],
)
async def test_a_success_that_is_no_json(client: Client, server: Any, type_: str, words: str) -> None:
    server.answer = answering(body=b"[]", content_type=type_)
    with pytest.raises(BadResponse, match=words):
        await client.request("GET", "/a")
    assert (await client.request("GET", "/a", expect="any")).body == b"[]"


@pytest.mark.parametrize("type_", ["application/json", "text/json", "application/problem+json"])
async def test_json_by_any_of_its_names(client: Client, server: Any, type_: str) -> None:
    server.answer = answering(body=b"[]", content_type=type_)
    assert (await client.request("GET", "/a")).body == b"[]"


async def test_no_body_needs_no_type(client: Client, server: Any) -> None:
    server.answer = answering(204)
    response = await client.request("POST", "/a", json={"Path": "/x"})
    assert response.status == 204
    with pytest.raises(BadResponse, match="an empty answer"):
        await client.decode(dict[str, int], response)


async def test_too_large_an_answer(client: Client, server: Any) -> None:
    server.answer = answering(body=b'"' + b"x" * 2**20 + b'"', content_type="application/json")
    with pytest.raises(BadResponse, match="more than 1 MiB"):
        await client.request("GET", "/a")


async def test_gzip_is_understood(client: Client, server: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        response = web.json_response(["a" * 1000])
        response.enable_compression()
        assert "gzip" in request.headers["Accept-Encoding"]
        return response

    server.answer = answer
    response = await client.request("GET", "/a")
    assert await client.decode(list[str], response) == ["a" * 1000]


class Film(msgspec.Struct):
    id: int
    title: str | None = None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"null", "Expected `object`, got `null`"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"title":"x"}', "missing required field `id`"),
        (b'{"id":"five"}', "Expected `int`, got `str` - at `$.id`"),
        (b'{"id":5,"tit', "no whole JSON"),
        (b'{"id":5,"title":"\xff"}', "no whole JSON"),
        (b"[" * 5000, "array"),
    ],
)
async def test_wrong_shapes(client: Client, server: Any, body: bytes, words: str) -> None:
    server.answer = answering(body=body, content_type="application/json")
    response = await client.request("GET", "/api/v3/movie/5", params={"apikey": "hidden"})
    with pytest.raises(BadResponse) as caught:
        await client.decode(Film, response)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"GET {server.url}/api/v3/movie/5: ")
    assert "hidden" not in str(caught.value)


async def test_base_path_and_odd_paths(http: Http, server: Any) -> None:
    client = http.at(f"{server.url}/radarr/", timeout=1)
    await client.request("GET", "/api/a b?c")
    assert server.asked[0].raw_path == "/radarr/api/a%20b%3Fc"


@pytest.mark.parametrize("url", ["box:7878", "ftp://box", "/radarr", ""])
def test_no_url(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Http(new_session, SystemClock()).at(url)
