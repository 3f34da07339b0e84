"""No changing request does anything without the token, from another site, or as something else than JSON.

The table is made from the router, so that a route which is added is tested without anybody's help.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from tests.daemon.web.conftest import BEARER, HOOK, JSON, TOKEN, Client, World

from reconciled.model import Key
from reconciled.testing.model_app import ModelApp
from reconciled.web import forms, pages_duplicates, pages_mirrors
from reconciled.web.guard import FORMS, READING
from reconciled.web.server import make_app

BODIES = {
    "/api/v1/runs": b'{"pass": "scan", "source": "radarr"}',
    "/api/v1/lookups": b'{"source": "radarr", "kind": "movie", "id": "3"}',
    "/api/v1/links": b'{"a": {"source": "radarr", "kind": "movie", "id": "3"}, '
    b'"b": {"source": "radarr", "kind": "movie", "id": "4"}}',
    "/api/v1/actions": b'{"verb": "delete", "source": "radarr", "kind": "movie", "id": "3"}',
    "/webhooks/{source}": b'{"op": "deleted", "kind": "movie", "id": "3"}',
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def changing(world: World) -> Iterator[tuple[str, str]]:
    """All routes that change anything, as method and template."""
    for route in make_app(world.house).router.routes():
        if route.method not in READING:
            assert route.resource is not None
            yield route.method, route.resource.canonical


def address(template: str, hold: int) -> str:
    path = template.replace("{source}", "radarr").replace("{kind}", "movie").replace("{name}", "radarr")
    return re.sub(r"\{id[^}]*\}", str(hold), path)


class Door:
    """One route with what a rightful request to it looks like."""

    def __init__(self, method: str, template: str, hold: int, csrf: str) -> None:
        self.method, self.template, self.path = method, template, address(template, hold)
        self.hook = template.startswith("/webhooks/")
        self.form = template in FORMS
        self.headers: dict[str, str] = {}
        self.body = BODIES.get(template, b"{}")
        if self.hook:
            self.headers = {**JSON, "X-Reconciled-Secret": HOOK}
        elif self.form:
            self.headers = dict(FORM)
            self.body = f"csrf={csrf}&token={TOKEN}&shown=99999".encode()
        else:
            self.headers = {**JSON, **BEARER}

    async def knock(self, client: Client, **headers: str | None) -> tuple[int, Any]:
        """Send it with other headers (None: without)."""
        sent: dict[str, str] = {**self.headers}
        for name, value in headers.items():
            name = name.replace("_", "-")
            sent.pop(name, None)
            if value is not None:
                sent[name] = value
        skip = ["Content-Type"] if "Content-Type" not in sent else []
        answer = await client.request(
            self.method,
            self.path,
            data=self.body,
            headers=sent,
            skip_auto_headers=skip,
            allow_redirects=False,
        )
        async with answer:
            return answer.status, answer.headers


REFUSALS: dict[str, tuple[dict[str, str | None], set[int]]] = {
    "a foreign origin": ({"Origin": "http://evil.example"}, {403}),
    "an opaque origin": ({"Origin": "null"}, {403}),
    "another port of this machine": ({"Origin": "http://127.0.0.1:7878"}, {403}),
    "another site by its own word": ({"Sec_Fetch_Site": "cross-site"}, {403}),
    "a foreign host": ({"Host": "evil.example"}, {421}),
    "a foreign host that looks like ours": ({"Host": "box.lan.evil.example:8787"}, {421}),
    "no host to speak of": ({"Host": "@"}, {421}),
    "text/plain": ({"Content_Type": "text/plain"}, {415}),
    "a form of any kind": ({"Content_Type": "multipart/form-data; boundary=x"}, {415}),
    "no type at all": ({"Content_Type": None}, {415}),
}
HOOKS_MAY = {"a foreign host", "a foreign host that looks like ours", "no host to speak of"} | {
    "text/plain",
    "a form of any kind",
    "no type at all",
}
"""What webhooks are exempt from: they come by any address, as any type, and carry a secret of their own."""
FILES_MAY = {"text/plain", "a form of any kind"}
"""What a file is exempt from: it may be of any type, and no page can PUT one without asking us first."""


@pytest.fixture
async def hold(world: World, radarr: ModelApp) -> int:
    return await world.hold("radarr")


@pytest.mark.full
async def test_what_comes_from_elsewhere_does_nothing(
    world: World, client: Client, hold: int, sign_in: Callable[[Client], Any]
) -> None:
    csrf = await session_token(client, sign_in)
    before = await world.state()
    for method, template in changing(world):
        door = Door(method, template, hold, csrf)
        for name, (headers, statuses) in REFUSALS.items():
            if (door.hook and name in HOOKS_MAY) or (template.endswith("/content") and name in FILES_MAY):
                continue
            status, answered = await door.knock(client, **headers)
            assert status in statuses, (method, template, name, status)
            assert "Set-Cookie" not in answered, (method, template, name)
            assert await world.state() == before, (method, template, name)
    assert world.reloads == 0


@pytest.mark.parametrize("shown", [None, "Bearer wrong", "Bearer ", "Basic eDp5", f"bearer {TOKEN}x", TOKEN])
async def test_a_change_needs_the_token_also_on_this_machine(
    world: World, client: Client, hold: int, shown: str | None
) -> None:
    before = await world.state()
    for method, template in changing(world):
        world.clock.advance(60)  # lets the brake go
        door = Door(method, template, hold, csrf="")
        if template == "/login":
            door.body = b"token=wrong"
        status, answered = await door.knock(client, Authorization=shown, X_Reconciled_Secret=None)
        assert status in (401, 403), (method, template, status)
        assert "Set-Cookie" not in answered
        after = await world.state()
        assert after == before, (method, template)
    assert world.reloads == 0


async def test_the_token_in_any_other_place_is_none(world: World, client: Client, hold: int) -> None:
    before = await world.state()
    for method, template in changing(world):
        if template in FORMS or template.startswith("/webhooks/"):
            continue
        door = Door(method, template, hold, csrf="")
        door.path += f"?token={TOKEN}"
        status, _ = await door.knock(
            client, Authorization=None, Cookie=f"token={TOKEN}; reconciled_session={TOKEN}"
        )
        assert status == 401
    assert await world.state() == before


async def test_every_door_opens_to_the_right_request(
    world: World, client: Client, hold: int, sign_in: Callable[[Client], Any]
) -> None:
    """Without this the tests above could pass for the wrong reason."""
    csrf = await session_token(client, sign_in)
    for method, template in changing(world):
        status, _ = await Door(method, template, hold, csrf).knock(client)
        assert status not in (401, 403, 405, 415, 421, 500), (method, template, status)
        if template in ("/login", "/logout"):
            csrf = await session_token(client, sign_in)
    assert world.reloads == 1


async def test_our_own_origins_may_change(world: World, client: Client, radarr: ModelApp) -> None:
    world.call_it("http://box.lan:8787")
    body = {"source": "radarr", "kind": "movie", "id": "3"}
    own = f"http://127.0.0.1:{client.port}"
    for headers in (
        {"Origin": own},
        {"Origin": "http://box.lan:8787"},
        {"Origin": "https://reconciled.home", "Host": "reconciled.home"},
        {"Origin": "http://localhost:5", "Host": "localhost:5", "Sec-Fetch-Site": "same-origin"},
        {"Host": "[::1]:8787"},
        {"Host": "BOX2"},
    ):
        answer = await client.post("/api/v1/lookups", json=body, headers={**BEARER, **headers})
        assert answer.status == 200, headers


async def test_a_foreign_host_reads_nothing_either(world: World, client: Client, radarr: ModelApp) -> None:
    for route in make_app(world.house).router.routes():
        if route.method != "GET" or route.resource is None:
            continue
        path = address(route.resource.canonical.replace("{kind}", "movie"), 3)
        for headers in ({}, BEARER):
            answer = await client.get(path, headers={"Host": "evil.example", **headers})
            known = path in ("/healthz", "/readyz") or (path == "/metrics" and headers)
            assert answer.status == (200 if known else 421), path
    answer = await client.get("/metrics", headers={"Host": "10.0.0.9:8787", "Authorization": "Bearer wrong"})
    assert answer.status == 401


async def test_reading_from_another_machine_needs_the_token(
    world: World, stranger: Client, radarr: ModelApp
) -> None:
    open_to_all = {"/healthz", "/readyz", "/login", "/static"}
    for route in make_app(world.house).router.routes():
        if route.method != "GET" or route.resource is None or route.resource.canonical in open_to_all:
            continue
        path = address(route.resource.canonical.replace("{kind}", "movie"), 3)
        answer = await stranger.get(path, allow_redirects=False)
        assert answer.status == 401, path
        assert "Film" not in await answer.text()
        answer = await stranger.get(path, headers={"Accept": "text/html"}, allow_redirects=False)
        if path.startswith("/api/") or path == "/metrics":
            assert answer.status == 401
        else:
            assert (answer.status, answer.headers["Location"]) == (303, f"/login?next={path}")
        assert (await stranger.get(path, headers=BEARER)).status in (200, 400, 404), path
    for path in ("/healthz", "/readyz", "/login", "/static/style.css"):
        assert (await stranger.get(path)).status == 200, path


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "x-forwarded-server",
        "Forwarded",
        "X-Real-IP",
        "Via",
        "CF-Connecting-IP",
        "CF-Ray",
        "True-Client-IP",
        "Authorization",
    ],
)
async def test_a_proxy_on_this_machine_is_not_this_machine(client: Client, header: str) -> None:
    assert (await client.get("/api/v1/status")).status == 200
    assert (await client.get("/api/v1/status", headers={header: "203.0.113.9"})).status == 401


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://box.lan", 401),
        ("http://192.168.1.5:8787", 200),
        ("http://127.0.0.1:8787", 200),
        ("http://[::1]:8787", 200),
        ("http://localhost:8787/", 200),
    ],
)
async def test_a_daemon_that_others_reach_asks_for_the_token_here_too(
    world: World, client: Client, url: str, status: int
) -> None:
    world.call_it(url)
    assert (await client.get("/api/v1/status")).status == status
    assert (await client.get("/api/v1/status", headers=BEARER)).status == 200
    assert (await client.get("/healthz")).status == 200


async def test_headers_that_keep_others_out(client: Client) -> None:
    for path in ("/", "/api/v1/status", "/nowhere", "/static/style.css", "/login"):
        answer = await client.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "aiohttp" not in answer.headers["Server"]


async def test_pages_need_nothing_that_the_policy_forbids(world: World, client: Client, hold: int) -> None:
    await world.lose("radarr", Key("movie", "3")) if Key("movie", "3") in world.apps["radarr"].items else None
    for path in ("/", "/items", "/items/radarr/movie/3", "/deletions", f"/holds/{hold}", "/login"):
        text = await (await client.get(path)).text()
        assert not re.search(
            r"\son\w+=|style=|<style|<script>|javascript:|https?://(?!box|THIS-BOX)", text
        ), path


async def session_token(client: Client, sign_in: Callable[[Client], Any]) -> str:
    await sign_in(client)
    text = await (await client.get("/")).text()
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', text)
    assert found is not None
    return found[1]


def test_the_forms_are_the_routes_of_the_forms() -> None:
    routes = [*forms.routes(), *pages_mirrors.routes(), *pages_duplicates.routes()]
    posts = {route.path for route in routes if route.method == "POST"}
    assert posts == FORMS


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/webhooks/radarr", {}, 401),
        ("/webhooks/radarr", {"X-Reconciled-Secret": HOOK}, 413),
        ("/webhooks/nobody", {}, 404),
        ("/api/v1/pause", JSON, 401),
        ("/api/v1/pause", {**JSON, **BEARER}, 413),
        ("/login", FORM, 413),
        ("/nothing", {}, 401),
    ],
)
async def test_a_packed_body_that_is_not_wanted_is_not_unpacked(
    world: World, radarr: ModelApp, path: str, headers: dict[str, str], status: int
) -> None:
    bodies = []

    async def watch(request: web.Request, _: web.StreamResponse) -> None:
        bodies.append(request.content)

    app = make_app(world.house)
    app.on_response_prepare.append(watch)
    packed = gzip.compress(bytes(64 * 2**20))
    async with TestClient(TestServer(app)) as client:
        answer = await client.post(path, data=packed, headers={**headers, "Content-Encoding": "gzip"})
        assert answer.status == status
        await answer.read()
        assert (await client.get("/healthz")).status == 200
    assert bodies[0].total_bytes < 16 * 2**20, "no more than what was read ahead"


async def test_a_content_type_without_end_is_not_read(client: Client) -> None:
    for long in (
        ";" * 8000,
        "application/json" + "; a=b" * 1500,
        "application/x-www-form-urlencoded" + ";" * 500,
    ):
        for path in ("/login", "/pause", "/api/v1/pause"):
            answer = await client.post(path, data=b"", headers={**BEARER, "Content-Type": long})
            assert (answer.status, "longer than" in await answer.text()) == (415, True)
