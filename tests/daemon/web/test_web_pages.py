"""The pages: what they say, in which words, and what they never say."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from tests.daemon.web.conftest import API_KEY, BEARER, HOOK, TOKEN, Client, World, film

from reconciled.config import Settings
from reconciled.errors import Unauthorized
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp
from reconciled.web.render import ago, full_stop

PAGES = ("/", "/items", "/items/radarr/movie/3", "/deletions", "/holds/1", "/login")
READS = (
    "status",
    "sources",
    "runs",
    "items",
    "items/radarr/movie/3",
    "tombstones",
    "findings",
    "holds",
    "holds/1",
    "inbox",
    "audit",
    "openapi.json",
)
EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>&amp;\'"'


async def text(client: Client, path: str, **more: Any) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"}, **more)
    assert answer.status == 200, (path, answer.status)
    assert answer.content_type == "text/html"
    return await answer.text()


async def test_an_empty_daemon_says_what_to_do(world: World, client: Client) -> None:
    page = await text(client, "/")
    assert "Nothing is watched yet" in page
    assert "sources:" in page
    assert "/etc/reconciled/config.yaml" in page
    assert "http://THIS-BOX:8787/webhooks/NAME" in page
    world.call_it("http://localhost:8787")
    assert "http://localhost:8787/webhooks/NAME" in await text(client, "/")
    assert "No scan has run yet" in page
    assert "first scan" in await text(client, "/items")
    assert "Nothing was lost so far" in await text(client, "/deletions")
    assert "Nothing fits" in await text(client, "/items?q=zzz&source=&presence=")


async def test_the_page_tells_what_is_going_on(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    world.apps["jellyfin"].put(*(film(number) for number in range(1, 21)))
    await world.scan("jellyfin")
    await world.lose("radarr", Key("movie", "3"))
    radarr.put(film(3))
    await world.scan("radarr")
    world.apps["jellyfin"].listing_trouble = Unauthorized(
        "jellyfin refused the key; check sources.jellyfin.api_key"
    )
    await world.scan("jellyfin")
    world.problems = ("config.yaml:12:5: sources.radarr.pol: unknown setting; did you mean 'poll'?",)
    page = await text(client, "/")
    for said in (
        "config.yaml:12:5: sources.radarr.pol",
        "The plugin “broken” is not there",
        "dry-run",
        "check sources.jellyfin.api_key",
        "Film 3: removed from Radarr",
        "revived",
        'href="/items/radarr/movie/3"',
        "scan of radarr",
        "<time datetime=",
    ):
        assert escape(said) in page or said in page, said


async def test_holds_wait_for_who_is_signed_in(
    world: World, client: Client, radarr: ModelApp, sign_in: Callable[[Client], Any]
) -> None:
    hold = await world.hold("radarr")
    page = await text(client, "/")
    assert "1 hold waits for you" in page
    assert "Sign in to release" in page
    assert "/release" not in page
    await sign_in(client)
    page = await text(client, "/")
    assert "Release 20" in page
    form = dict(re.findall(r'name="(csrf|shown)" value="(\w+)"', page))
    answer = await client.post(f"/holds/{hold}/release", data=form, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"/holds/{hold}")
    assert "A hold that is over" in await text(client, f"/holds/{hold}")
    assert "waits for you" not in await text(client, "/")
    assert await world.rows("SELECT count(*) FROM suspect WHERE released = 1") == [(20,)]
    again = await client.post(
        f"/holds/{hold}/release", data=form, allow_redirects=False, headers={"Accept": "text/html"}
    )
    assert (again.status, again.content_type) == (404, "text/html")


async def test_a_release_covers_only_what_was_shown(
    world: World, client: Client, radarr: ModelApp, sign_in: Callable[[Client], Any]
) -> None:
    gone = [radarr.items.pop(Key("movie", str(number))) for number in range(1, 11)]
    await world.scan("radarr")
    ((hold,),) = await world.rows("SELECT id FROM hold")
    await sign_in(client)
    form = dict(re.findall(r'name="(csrf|shown)" value="(\w+)"', await text(client, "/")))
    for number in (11, 12):
        radarr.items.pop(Key("movie", str(number)))
    await world.scan("radarr")
    await client.post(f"/holds/{hold}/release", data=form)
    assert await world.rows("SELECT count(*) FROM suspect WHERE released = 1") == [(len(gone),)]
    assert await world.rows("SELECT count(*) FROM suspect WHERE hold_id IS NOT NULL") == [(2,)]


async def test_a_page_that_showed_another_reason_releases_nothing_and_says_so(
    world: World, client: Client, radarr: ModelApp, sign_in: Callable[[Client], Any]
) -> None:
    for number in range(1, 11):
        radarr.items.pop(Key("movie", str(number)))
    await world.scan("radarr")
    ((hold,),) = await world.rows("SELECT id FROM hold")
    await sign_in(client)
    form = dict(re.findall(r'name="(csrf|shown)" value="(\w+)"', await text(client, "/")))
    radarr.instance = "two"
    radarr.items.pop(Key("movie", "11"))
    await world.scan("radarr")
    assert await world.rows("SELECT reason FROM hold") == [("instance",)]
    answer = await client.post(f"/holds/{hold}/release", data=form, headers={"Accept": "text/html"})
    assert answer.status == 409
    assert f'href="/holds/{hold}"' in await answer.text()
    assert await world.rows("SELECT count(*) FROM suspect WHERE released = 1") == [(0,)]


async def test_a_scan_from_the_page(
    world: World, client: Client, radarr: ModelApp, sign_in: Callable[[Client], Any]
) -> None:
    await sign_in(client)
    page = await text(client, "/")
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    answer = await client.post("/sources/radarr/scan", data={"csrf": csrf}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    await world.engine.wait(2)
    assert await world.rows("SELECT asked_by, state FROM run WHERE id = 2") == [("dashboard", "complete")]


async def test_markup_in_titles_stays_text(
    world: World, client: Client, radarr: ModelApp, sign_in: Callable[[Client], Any]
) -> None:
    radarr.put(*(film(number, title=f"{EVIL}{number}") for number in range(1, 21)))
    await world.scan("radarr")
    await world.lose("radarr", Key("movie", "3"))
    await world.engine.receive("radarr", f'{{"op": "{EVIL[:8]}"}}'.encode(), {"user-agent": EVIL})
    await world.engine.read_letters()
    await world.hold("radarr")
    world.problems = (f"config.yaml:1:1: {EVIL}",)
    await sign_in(client)
    for path in (
        *PAGES,
        f"/items?q={'%3Cscript%3E'}",
        "/login?next=/%22%3E%3Cscript%3E",
        "/deletions?q=%3Cimg",
    ):
        page = await text(client, path)
        assert "<script>" not in page, path
        assert "<img" not in page, path
        assert "onerror=alert" not in re.sub(r"&lt;img src=x onerror=alert", "", page), path
    assert "&lt;script&gt;" in await text(client, "/")


async def test_no_secret_stands_anywhere(
    world: World, client: Client, radarr: ModelApp, sign_in: Callable[[Client], Any]
) -> None:
    await world.lose("radarr", Key("movie", "3"))
    told = {"op": "changed", "kind": "movie", "id": "4", "title": f"{TOKEN} {HOOK} {API_KEY}"}
    await client.post(f"/webhooks/radarr?token={HOOK}", json=told)
    await client.post("/webhooks/radarr", data=f"{TOKEN} {HOOK}".encode(), headers={"X-Webhook-Secret": HOOK})
    await world.engine.read_letters()
    await world.hold("radarr")
    await sign_in(client)
    await client.post("/api/v1/reload", json={}, headers=BEARER)
    for path in (*PAGES, *(f"/api/v1/{read}" for read in READS), "/metrics", "/healthz", "/readyz"):
        answer = await client.get(path)
        said = await answer.text() + str(answer.headers)
        assert answer.status == 200, path
        assert not [secret for secret in (TOKEN, HOOK, API_KEY) if secret in said], path


async def test_errors_are_pages_where_a_person_asks(client: Client) -> None:
    for path, status in (("/nowhere", 404), ("/holds/abc", 404), ("/holds/7", 404), ("/items?limit=x", 400),
                         ("/items/a/b/c", 404), ("/items?cursor=!", 400)):  # fmt: skip
        answer = await client.get(path, headers={"Accept": "text/html,*/*"})
        assert (answer.status, answer.content_type) == (status, "text/html"), path
        assert "To the status page" in await answer.text()
    answer = await client.get("/api/v1/nowhere", headers={"Accept": "text/html"})
    assert answer.content_type == "application/problem+json"


async def test_pages_are_paged(world: World, client: Client, radarr: ModelApp) -> None:
    page = await text(client, "/items?limit=15&q=Film")
    (following,) = re.findall(r'href="(/items\?[^"]*cursor[^"]*)"', page)
    page = await text(client, following.replace("&amp;", "&"))
    assert page.count("<tr>") == 1 + 5
    assert "Next page" not in page


async def test_a_blocked_plugin_is_no_warning(world: World, client: Client) -> None:
    assert "broken" in await text(client, "/")
    world.settings = replace(world.settings, plugins=replace(Settings().plugins, block=("broken",)))
    assert "broken" not in await text(client, "/")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (1, "just now"),
        (2, "2 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86400 * 3, "3 d ago"),
        (-20, "in 20 s"),
        (-90, "in 1 min"),
    ],
)
def test_how_long_ago(seconds: float, said: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now=now) == said


def test_a_sentence_ends_once() -> None:
    assert [full_stop(one) for one in ("a", "a?", "a.", "")] == ["a.", "a?", "a.", "."]
