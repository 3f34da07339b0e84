"""No secret in an error, a repr or a log line, whatever the app or the transport says."""

import logging
from typing import Any

import pytest
from aiohttp import web
from pydantic import BaseModel, ValidationError

from reconciled.errors import SourceError
from reconciled.http import ApiKey, BaseUrl, Http, Redaction

KEY = "0a1b2c3d4e5f/+ 6"
PASSWORD = "pa:ss wörd"
USERINFO = "me:pa%3Ass%20w%C3%B6rd"


def leaks(text: str) -> list[str]:
    forms = (KEY, PASSWORD, "0a1b2c3d4e5f", "pa%3Ass", "pa:ss", "w%C3%B6rd", "bWU6cGE6c3Mgd8O2cmQ", "bWU6")
    return [form for form in forms if form in text]


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500, 503])
async def test_in_no_error(http: Http, server: Any, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def answer(request: web.Request) -> web.Response:
        said = f"key {KEY} of http://{USERINFO}@box/?apikey=abcdef; {request.headers['Authorization']}"
        return web.json_response(
            {"message": said}, status=status, headers={"Location": f"http://other.invalid/{KEY}"}
        )

    server.answer = answer
    url = server.url.replace("//", f"//{USERINFO}@")
    client = http.at(url, headers={"X-Api-Key": KEY}, secrets=(KEY,))

    async def ask() -> None:
        await client.decode(int, await client.request("GET", f"/api/{KEY}", params={"token": KEY}))

    with pytest.raises(SourceError) as caught:
        await ask()
    assert leaks(str(caught.value)) == []
    assert "abcdef" not in str(caught.value)
    assert leaks(repr(caught.value)) == []
    assert leaks(repr(client)) == []
    assert leaks(caplog.text) == []


async def test_not_when_nobody_is_there(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = http.at(f"http://{USERINFO}@127.0.0.1:1", headers={"X-Api-Key": f"{KEY}\r\n"}, secrets=(KEY,))
    for path in ("/a", f"/{KEY}"):
        with pytest.raises(SourceError) as caught:
            await client.request("GET", path)
        assert leaks(f"{caught.value}{caught.value!r}{client!r}{caplog.text}") == []


async def test_user_and_password_go_as_basic_auth(http: Http, server: Any) -> None:
    await http.at(server.url.replace("//", "//me:pw@")).request("GET", "/a")
    assert server.asked[0].headers["Authorization"] == "Basic bWU6cHc="
    with pytest.raises(ValueError, match="take the user out"):
        http.at("http://me:pw@box", headers={"authorization": "Bearer x"})


async def test_repr_of_an_answer_has_no_body(http: Http, server: Any) -> None:
    response = await http.at(server.url).request("GET", "/a")
    assert "ok" not in repr(response).replace("Token", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nothing", "nothing"),
        ("http://me:pw@box/a", "http://***@box/a"),
        ("/a?apikey=12&b=3&access_token=4", "/a?apikey=***&b=3&access_token=***"),
        ('{"k":"say \\"hi\\""}', '{"k":"***"}'),
        ("a%2Fb", "***"),
        ("a/b", "***"),
    ],
)
def test_redaction(text: str, shown: str) -> None:
    redact = Redaction(("a/b", 'say "hi"', ""))
    assert redact(text) == shown
    assert "say" not in repr(redact)


class Settings(BaseModel):
    url: BaseUrl = "http://box"
    key: ApiKey | None = None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://box:7878/", "http://box:7878"),
        (" https://box/radarr ", "https://box/radarr"),
        ("box:7878", None),
        ("http://", None),
        ("ftp://box", None),
        ("http://box?apikey=1", None),
        ("http://box/#/a", None),
    ],
)
def test_base_urls(given: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(ValidationError):
            Settings(url=given)
    else:
        assert Settings(url=given).url == kept


@pytest.mark.parametrize(
    ("given", "good"), [("abc\n", True), ("", False), (" ", False), ("a\nb", False), ("ä", False)]
)
def test_keys(given: str, good: bool) -> None:
    if good:
        key = Settings.model_validate({"key": given}).key
        assert key is not None
        assert key.get_secret_value() == "abc"
    else:
        with pytest.raises(ValidationError) as caught:
            Settings.model_validate({"key": given})
        said = str(caught.value.errors(include_input=False))
        assert not given.strip() or given not in said


@pytest.mark.parametrize("room", range(150, 500, 7))
async def test_not_even_half_of_one_where_a_long_text_is_cut(http: Http, server: Any, room: int) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"message": "x" * room + KEY + "y" * 900}, status=400)

    server.answer = answer
    with pytest.raises(SourceError) as caught:
        await http.at(server.url, secrets=(KEY,)).request("GET", "/a")
    assert KEY[:4] not in str(caught.value)


@pytest.mark.parametrize("text", ["http://me:p@ss@box/a", "see http://me:pa@ss:w@box:80/x and y@z"])
def test_a_password_with_an_at_sign(text: str) -> None:
    assert "ss" not in Redaction()(text)
    assert "box" in Redaction()(text)
