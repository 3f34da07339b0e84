"""Signing in by the token: the session, its end, form tokens, and the brake on guessing."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tests.daemon.web.conftest import BEARER, TOKEN, Client, World

from reconciled.testing.model_app import ModelApp
from reconciled.web.auth import LASTS, local_path, new_session
from reconciled.web.server import make_app

SignIn = Callable[[Client], Any]


async def login(client: Client, token: str = TOKEN, **form: str) -> Any:
    return await client.post("/login", data={"token": token, **form}, allow_redirects=False)


async def test_signing_in_and_out(stranger: Client) -> None:
    assert (await stranger.get("/api/v1/status")).status == 401
    answer = await login(stranger, next="/deletions?q=x")
    assert (answer.status, answer.headers["Location"]) == (303, "/deletions?q=x")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert f"Max-Age={LASTS}" in cookie
    assert TOKEN not in cookie
    kept = {"Cookie": cookie.partition(";")[0]}
    assert (await stranger.get("/api/v1/status", headers=kept)).status == 200
    page = await (await stranger.get("/", headers=kept)).text()
    assert "Sign out" in page
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    answer = await stranger.post("/logout", data={"csrf": csrf}, headers=kept, allow_redirects=False)
    assert answer.status == 303
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


async def test_the_cookie_is_secure_when_the_url_is_https(world: World, client: Client) -> None:
    world.call_it("https://box.lan")
    assert "Secure" in (await login(client)).headers["Set-Cookie"]


async def test_a_session_survives_a_restart_and_dies_with_the_token(world: World, stranger: Client) -> None:
    kept = {"Cookie": (await login(stranger)).headers["Set-Cookie"].partition(";")[0], "Host": "box.lan:8787"}
    async with TestClient(TestServer(make_app(world.house))) as again:
        assert (await again.get("/api/v1/status", headers=kept)).status == 200
        world.house.token = "another-token-0123456789"
        assert (await again.get("/api/v1/status", headers=kept)).status == 401


async def test_a_session_ends_after_thirty_days(world: World, stranger: Client) -> None:
    kept = {"Cookie": (await login(stranger)).headers["Set-Cookie"].partition(";")[0]}
    stranger.session.cookie_jar.clear()
    world.clock.advance(LASTS - 1)
    assert (await stranger.get("/api/v1/status", headers=kept)).status == 200
    world.clock.advance(2)
    assert (await stranger.get("/api/v1/status", headers=kept)).status == 401


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value[:-1] + ("0" if value[-1] != "0" else "1"),
        lambda value: value.replace(value.partition(".")[0], "99999999999"),
        lambda value: value.rpartition(".")[0],
        lambda value: "",
        lambda value: "..",
        lambda value: "9" * 50,
        lambda value: "é.é.é",
    ],
)
async def test_a_changed_cookie_is_none(stranger: Client, change: Callable[[str], str]) -> None:
    value = (await login(stranger)).headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    stranger.session.cookie_jar.clear()
    kept = {"Cookie": f"reconciled_session={change(value)}"}
    assert (await stranger.get("/api/v1/status", headers=kept)).status == 401


async def test_a_wrong_token_says_where_the_right_one_is(stranger: Client) -> None:
    answer = await login(stranger, "wrong")
    text = await answer.text()
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers
    assert "reconciled token show" in text
    assert TOKEN not in text


async def test_guessing_is_braked(world: World, stranger: Client) -> None:
    kept = {"Cookie": (await login(stranger)).headers["Set-Cookie"].partition(";")[0]}
    stranger.session.cookie_jar.clear()
    wrong = {"Authorization": "Bearer wrong"}
    assert [(await stranger.get("/api/v1/status", headers=wrong)).status for _ in range(12)] == [401] * 10 + [
        429
    ] * 2
    answer = await stranger.get("/api/v1/status", headers=wrong)
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert (await login(stranger, "wrong")).status == 429
    assert (await stranger.get("/api/v1/status", headers=kept)).status == 200, "who signed in before goes on"
    assert (await stranger.get("/api/v1/status", headers=BEARER)).status == 200, "a guesser locks nobody out"
    assert (await login(stranger)).status == 303
    stranger.session.cookie_jar.clear()
    assert (await stranger.get("/api/v1/status", headers=wrong)).status == 429
    world.clock.advance(61)
    assert (await stranger.get("/api/v1/status", headers=wrong)).status == 401


@pytest.mark.parametrize("token", ["", "  "])
async def test_an_empty_token_opens_nothing(world: World, stranger: Client, token: str) -> None:
    world.house.token = token
    for shown in ("Bearer", "Bearer ", f"Bearer {token}"):
        answer = await stranger.get("/api/v1/status", headers={"Authorization": shown})
        assert answer.status == 401, shown
    answer = await login(stranger, token)
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers
    forged = {"Cookie": f"reconciled_session={new_session(world.house)}"}
    assert (await stranger.get("/api/v1/status", headers=forged)).status == 401


async def test_spaces_around_a_token_do_not_count(world: World, stranger: Client) -> None:
    for right, shown in ((f" {TOKEN} ", TOKEN), (TOKEN, f"  {TOKEN} "), (f"{TOKEN}\n", f" {TOKEN}")):
        world.house.token = right
        answer = await stranger.get("/api/v1/status", headers={"Authorization": f"Bearer {shown}"})
        assert answer.status == 200
        assert (await login(stranger, shown)).status == 303
        stranger.session.cookie_jar.clear()


async def test_who_signed_in_goes_on_behind_a_proxy_that_asks_for_a_password(stranger: Client) -> None:
    proxied = {"Authorization": "Basic dXNlcjpwYXNz", "X-Forwarded-For": "203.0.113.9"}
    page = {**proxied, "Accept": "text/html"}
    answer = await stranger.get("/", headers=page, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login?next=/")
    answer = await stranger.post("/login", data={"token": TOKEN}, headers=page, allow_redirects=False)
    kept = {**page, "Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    assert "Sign out" in await (await stranger.get("/", headers=kept)).text()
    run = {"Authorization": "Bearer of-the-proxy", "Cookie": kept["Cookie"]}
    assert (await stranger.get("/api/v1/status", headers=run)).status == 200


@pytest.mark.parametrize("charset", ["nope", "utf-16", "idna", "ascii"])
async def test_a_form_in_an_odd_charset_is_told(
    client: Client, sign_in: SignIn, caplog: pytest.LogCaptureFixture, charset: str
) -> None:
    odd = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    answer = await client.post("/login", data=b"token=\xffx", headers=odd)
    assert answer.status in (400, 401)
    await sign_in(client)
    answer = await client.post("/logout", data=b"csrf=\xffx", headers=odd)
    assert answer.status in (400, 403)
    assert "crashed" not in caplog.text


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7"])
async def test_a_token_that_is_no_text_is_a_wrong_one(client: Client, charset: str) -> None:
    odd = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    for token in (b"\\ud800", b"+2AA-"):
        assert (await client.post("/login", data=b"token=" + token, headers=odd)).status == 401
    for claim in (b"\xff.\xfe", b"9999999999.\xff"):
        head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Real-IP: 1\r\nCookie: reconciled_session="
        answer = await ask_raw(client, head + claim + b".00\r\n")
        assert answer.startswith(b"HTTP/1.1 401"), answer


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "é"])
async def test_a_form_without_its_token_does_nothing(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn, csrf: str | None
) -> None:
    hold = await world.hold("radarr")
    await sign_in(client)
    before = await world.state()
    form = {"shown": "99999"} if csrf is None else {"shown": "99999", "csrf": csrf}
    for path in (f"/holds/{hold}/release", "/sources/radarr/scan", "/logout"):
        answer = await client.post(path, data=form, allow_redirects=False)
        assert answer.status == 403, path
    assert await world.state() == before


async def test_the_form_token_of_one_session_is_not_that_of_another(client: Client) -> None:
    tokens = set()
    for _ in range(2):
        await login(client)
        tokens |= set(re.findall(r'name="csrf" value="(\w+)"', await (await client.get("/")).text()))
    assert len(tokens) == 2


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/items?q=a", "/items?q=a"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\tevil", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/login?next=/login", "/"),
    ],
)
def test_signing_in_leads_nowhere_else(asked: str, given: str) -> None:
    assert local_path(asked) == given


async def test_what_was_changed_is_kept_with_who_did_it(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await sign_in(client)
    run = {"pass": "scan", "source": "radarr"}
    headers = {**BEARER, "User-Agent": "a test/1"}
    assert (await client.post("/api/v1/runs", json=run, headers=headers)).status == 202
    assert (
        await client.post("/api/v1/runs", json={"pass": "x", "source": "radarr"}, headers=BEARER)
    ).status == 404
    assert (await client.post("/api/v1/runs", json=run)).status in (202, 409), "by the session"
    client.session.cookie_jar.clear()
    assert (
        await client.post("/api/v1/runs", json=run, headers={"Authorization": "Bearer wrong"})
    ).status == 401
    entries = (await (await client.get("/api/v1/audit")).json())["items"]
    assert [(one["what"], one["status"]) for one in entries[1:]] == [
        ("POST /api/v1/runs x of radarr", 404),
        ("POST /api/v1/runs scan of radarr", 202),
        ("POST /login", 303),
    ]
    assert entries[2]["agent"] == "a test/1"
    assert {one["token"] for one in entries} == {"owner"}
    assert {one["address"] for one in entries} == {"127.0.0.1"}


async def ask_raw(client: Client, head: bytes, body: bytes = b"") -> bytes:
    """The answer to a request whose headers are just these bytes, which no client of ours would send."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    answer = await reader.read()
    writer.close()
    return answer


async def test_who_changed_what_is_kept_whatever_they_call_themselves(
    world: World, client: Client, radarr: ModelApp
) -> None:
    head = (
        b"POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"User-Agent: Caf\xe9/1\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n"
    )
    assert (await ask_raw(client, head, b"{}")).startswith(b"HTTP/1.1 200")
    assert await world.rows("SELECT what, agent FROM audit") == [("POST /api/v1/pause everything", "Caf?/1")]
