"""The API's reads and changes: shapes to the letter, pages by cursor, CSV, and errors as RFC 9457."""

import asyncio
import csv
import io
import sqlite3
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from tests.daemon.web.conftest import BEARER, HOOK, Client, World, film, forget
from tests.patience import PATIENCE

from reconciled.engine.attribution import attribute
from reconciled.errors import Unauthorized
from reconciled.ledger import views_losses
from reconciled.ledger.rows import stamp
from reconciled.model import Item, Key, Ref
from reconciled.testing.model_app import ModelApp
from reconciled.web.server import make_app, make_runner

LISTS = [
    "sources",
    "runs",
    "items",
    "tombstones",
    "findings",
    "holds",
    "inbox",
    "audit",
    "policies",
    "decisions",
    "actions",
]


async def get(client: Client, path: str, **more: Any) -> Any:
    answer = await client.get(f"/api/v1/{path}", **more)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "application/json"
    return await answer.json()


async def post(client: Client, path: str, body: Any = None, *, status: int = 200) -> Any:
    answer = await client.post(f"/api/v1/{path}", json=body if body is not None else {}, headers=BEARER)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_the_status_is_what_the_page_of_interfaces_says(
    world: World, client: Client, radarr: ModelApp
) -> None:
    radarr.listing_trouble = Unauthorized("radarr refused the key")
    await world.scan("radarr")
    world.problems = ("config.yaml:3:1: sources.radarr: bad",)
    told = await get(client, "status")
    assert {
        "version",
        "started",
        "mode",
        "config",
        "sources",
        "queue",
        "holds",
        "decisions",
        "plugins",
    } <= set(told)
    assert (told["mode"], told["decisions"], told["holds"]) == ("dry-run", 0, 0)
    assert {"path", "loaded_at", "ok", "problems"} <= set(told["config"])
    assert (told["config"]["ok"], told["config"]["problems"]) == (False, list(world.problems))
    (source,) = told["sources"]
    assert source["items"] == {"movie": 20}
    assert (source["health"], source["detail"]) == ("unauthorized", "radarr refused the key")
    assert (source["unlisted"], source["gone"], source["held"], source["stream"]) == (0, 0, 0, None)
    assert source["last_scan"]["state"] == "failed"
    assert {"inbox", "work", "work_due", "outbox"} <= set(told["queue"])
    assert told["plugins"][1] == {
        "name": "broken",
        "version": "0.1",
        "apps": [],
        "error": "failed to import: ImportError",
    }
    assert told["started"] == "2026-01-01T00:00:00.000Z"


async def test_a_frozen_source_is_shown_with_what_it_waits_for(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.engine.remove("radarr", freeze=True)
    (source,) = (await get(client, "sources"))["items"]
    assert source["health"] == "frozen"
    assert source["items"] == {"movie": 20}
    assert "not in the config" in source["detail"]


async def test_a_run_from_its_start_to_its_end(world: World, client: Client, radarr: ModelApp) -> None:
    told = await post(client, "runs", {"pass": "scan", "source": "radarr"}, status=202)
    run = await get(client, f"runs/{told['id']}?wait=5")
    assert run["state"] == "complete"
    assert (run["pass"], run["source"], run["progress"]["done"], run["error"]) == ("scan", "radarr", 20, None)
    assert {"seen", "new", "changed", "unlisted", "returned", "replaced", "held", "requests"} <= set(
        run["stats"]
    )
    assert run["finished"].endswith("Z")
    for path in ("cancel", "resume"):
        problem = await post(client, f"runs/{told['id']}/{path}", status=409)
        assert problem["detail"]
    assert "starts again" in problem["detail"]
    (newest, _) = (await get(client, "runs?pass=scan&source=radarr&state=complete"))["items"]
    assert newest == run


async def test_the_same_pass_does_not_run_twice(world: World, client: Client, radarr: ModelApp) -> None:
    gate = asyncio.Event()
    probe = world.engine.place("radarr").live.source.probe

    async def slow() -> Any:
        await gate.wait()
        return await probe()

    world.engine.place("radarr").live.source.probe = slow  # type: ignore[method-assign]  # an app that hangs
    first = await post(client, "runs", {"pass": "scan", "source": "radarr"}, status=202)
    again = await post(client, "runs", {"pass": "scan", "source": "radarr"}, status=409)
    assert again["id"] == first["id"]
    assert (await get(client, f"runs/{first['id']}?wait=0.05"))["state"] == "running"
    run = await post(client, f"runs/{first['id']}/cancel")
    assert run["state"] == "cancelled"
    assert (await get(client, "status"))["sources"][0]["items"] == {"movie": 20}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"pass": "scan", "source": "nobody"}, 404, "there are: radarr"),
        ({"pass": "dance", "source": "radarr"}, 404, "scan, verify"),
        ({"pass": "scan"}, 400, "source"),
        ({"pass": "scan", "source": "radarr", "fast": True}, 400, "fast"),
        ({"pass": 1, "source": "radarr"}, 400, "pass"),
        ([], 400, "object"),
    ],
)
async def test_a_run_that_cannot_be(
    client: Client, radarr: ModelApp, body: Any, status: int, said: str
) -> None:
    assert said in (await post(client, "runs", body, status=status))["detail"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"no json", b'{"pass": ' + b"[" * 5000, b'{"pass": "\xe9"}'])
async def test_a_body_that_is_no_json(client: Client, radarr: ModelApp, body: bytes) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    answer = await client.post("/api/v1/runs", data=body, headers=headers)
    assert (answer.status, answer.content_type) == (400, "application/problem+json")
    answer = await client.post("/api/v1/runs", data=io.BytesIO(b" " * (2**20 + 1)), headers=headers)
    assert (answer.status, "1 MiB" in (await answer.json())["detail"]) == (413, True)


async def test_items_are_found_and_paged(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    world.apps["jellyfin"].put(film(3), film(900, title="100% _odd_ Film"))
    await world.scan("jellyfin")
    seen, told, pages = [], await get(client, "items?limit=7"), 1
    seen += [(one["source"], one["id"]) for one in told["items"]]
    while told["next"]:
        told = await get(client, "items", params={"limit": 7, "cursor": told["next"]})
        seen += [(one["source"], one["id"]) for one in told["items"]]
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (22, 22, 4)
    for query, count in (
        ("source=radarr", 20),
        ("source=radarr&kind=series", 0),
        ("source=nobody", 0),
        ("q=film 1", 11),
        ("q=900", 1),
        ("q=100%25 _o", 1),
        ("q=%25", 1),
        ("presence=gone", 0),
        ("presence=present&source=jellyfin", 2),
    ):
        assert len((await get(client, f"items?{query}"))["items"]) == count, query


async def test_a_page_does_not_shift_when_items_come(world: World, client: Client, radarr: ModelApp) -> None:
    first = await get(client, "tombstones?limit=1")
    assert first == {"items": [], "next": None}
    for number in (1, 2, 3):
        await world.lose("radarr", Key("movie", str(number)))
    first = await get(client, "tombstones?limit=2")
    await world.lose("radarr", Key("movie", "4"))
    second = await get(client, "tombstones", params={"limit": 2, "cursor": first["next"]})
    assert [one["key"] for one in first["items"] + second["items"]] == ["3", "2", "1"]


async def test_one_item_with_all_that_is_known(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    odd = Item(Key("movie", "b/c d"), "Film 3 too", frozenset({Ref("imdb", "tt3"), Ref("tmdb:movie", "999")}))
    world.apps["jellyfin"].put(film(3), film(4), odd)
    await world.scan("jellyfin")
    told = await get(client, "items/radarr/movie/3")
    assert told["refs"] == ["imdb:tt3", "tmdb:movie/3"]
    assert told["attrs"] == {"year": 1999}
    assert [(one["source"], one["id"]) for one in told["same"]] == [("jellyfin", "3")]
    assert [(one["source"], one["id"]) for one in told["disputed"]] == [("jellyfin", "b/c d")]
    assert "Nothing is suspected" in told["next"]
    for path in ("items/jellyfin/movie/b/c%20d", "items/jellyfin/movie/b%2Fc%20d"):
        assert (await get(client, path))["title"] == "Film 3 too"
    radarr.unlisted.add(Key("movie", "3"))
    radarr.deny = lambda _: True
    await world.scan("radarr")
    told = await get(client, "items/radarr/movie/3")
    assert told["presence"] == "unlisted"
    assert "asked in 20 s" in told["next"]
    await world.settle()
    told = await get(client, "items/radarr/movie/3")
    assert "1 tries" in told["next"]
    assert "denies everything" in told["next"]
    problem = await (await client.get("/api/v1/items/radarr/movie/404")).json()
    assert "POST /api/v1/lookups" in problem["detail"]


async def test_a_loss_is_told_with_who_did_it(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    world.apps["jellyfin"].put(*(film(number) for number in range(1, 21)))
    await world.scan("jellyfin")
    await world.lose("radarr", Key("movie", "3"))
    world.apps["jellyfin"].remove(Key("movie", "3"))
    await world.scan("jellyfin")
    await world.settle()
    world.apps["jellyfin"].remove(Key("movie", "9"))
    await world.scan("jellyfin")
    await world.settle()
    told = (await get(client, "tombstones"))["items"]
    assert " ".join(told[0]) == (
        "id story source app kind key title what cause actor sentence steps seen_first noticed confirmed "
        "refs links evidence revived"
    )
    assert [(one["source"], one["key"], one["cause"]) for one in told] == [
        ("jellyfin", "9", "external"),
        ("jellyfin", "3", "radarr"),
        ("radarr", "3", "radarr"),
    ]
    assert told[1]["story"] == told[2]["story"]
    story = await get(client, f"stories/{told[1]['story']}")
    assert (story["cause"], len(story["tombstones"])) == ("radarr", 2)
    for query, keys in (
        ("cause=radarr", ["3", "3"]),
        ("cause=external", ["9"]),
        ("cause=jellyfin", []),
        ("source=radarr", ["3"]),
        ("kind=series", []),
        ("q=film 9", ["9"]),
        (f"since={stamp(world.clock.now() + timedelta(seconds=1))}", []),
        ("since=2026-01-01T00:00:00Z", ["9", "3", "3"]),
    ):
        assert [one["key"] for one in (await get(client, f"tombstones?{query}"))["items"]] == keys, query
    findings = (await get(client, "findings?code=gone&open=true"))["items"]
    assert {one["key"] for one in findings} == {"3", "9"}
    assert (await get(client, "findings?open=false"))["items"] == []


async def test_the_filter_by_cause_agrees_with_the_engine(world: World, radarr: ModelApp) -> None:
    for number in (1, 2, 3):
        await world.lose("radarr", Key("movie", str(number)))
    radarr.remove(Key("movie", "4"))
    await world.scan("radarr")
    await world.settle()
    everything = (await world.ledger.read(lambda tx: views_losses.tombstones(tx, limit=100))).items
    for cause in ("radarr", "external", "jellyfin"):
        found = (await world.ledger.read(partial(views_losses.tombstones, cause=cause, limit=100))).items
        right = [one for one in everything if attribute(one.story_told, title="x").cause == cause]
        assert found == right
    assert len(everything) == 4


async def test_a_lookup_says_what_the_app_says_now(world: World, client: Client, radarr: ModelApp) -> None:
    body = {"source": "radarr", "kind": "movie", "id": "3"}
    told = await post(client, "lookups", body)
    assert (told["verdict"], told["item"]["title"]) == ("present", "Film 3")
    radarr.remove(Key("movie", "3"))
    told = await post(client, "lookups", body)
    assert (told["verdict"], told["item"]) == ("absent", None)
    radarr.deny = lambda _: True
    told = await post(client, "lookups", {**body, "id": "4"})
    assert told["verdict"] == "unknown"
    assert told["reason"]
    assert "no kind" in (await post(client, "lookups", {**body, "kind": "song"}, status=404))["detail"]
    await post(client, "lookups", {**body, "source": "x"}, status=404)
    await post(client, "lookups", {**body, "id": ""}, status=400)


async def test_a_hold_is_released_as_it_was_shown(world: World, client: Client, radarr: ModelApp) -> None:
    hold = await world.hold("radarr")
    (listed,) = (await get(client, "holds"))["items"]
    assert (listed["id"], listed["count"], len(listed["titles"])) == (hold, 20, 5)
    assert listed["sentence"]
    told = await get(client, f"holds/{hold}?limit=15")
    assert (len(told["items"]), told["closed"]) == (15, None)
    rest = await get(client, f"holds/{hold}", params={"cursor": told["next"]})
    assert (len(rest["items"]), rest["next"]) == (5, None)
    item = await get(client, "items/radarr/movie/3")
    assert (item["hold"], "held" in item["next"]) == (hold, True)
    assert await post(client, f"holds/{hold}/release", {"shown": 0}) == {"released": 0}
    assert await post(client, f"holds/{hold}/release", {"shown": told["shown"]}) == {"released": 20}
    assert (await get(client, "holds"))["items"] == []
    over = (await get(client, "holds?open=false"))["items"]
    assert over[0]["closed"]
    assert len((await get(client, f"holds/{hold}"))["items"]) == 20, "what waited there is still told"
    await post(client, f"holds/{hold}/release", status=404)
    await post(client, "holds/99/release", status=404)
    await post(client, f"holds/{hold}/release", {"shown": -1}, status=400)
    await post(client, f"holds/{hold}/release", {"show": 1}, status=400)


async def test_a_reload_tells_its_problems(world: World, client: Client) -> None:
    assert await post(client, "reload") == {"ok": True}
    world.problems = ("config.yaml:1:1: bad", "config.yaml:2:1: worse")
    problem = await post(client, "reload", status=422)
    assert problem["problems"] == list(world.problems)


@pytest.mark.parametrize("path", LISTS)
async def test_lists_as_csv(world: World, client: Client, radarr: ModelApp, path: str) -> None:
    radarr.put(film(77, title="=cmd|' /C calc'!A0"), film(78, title='Comma, "quote"\nnew line'))
    await world.scan("radarr")
    await world.lose("radarr", Key("movie", "3"))
    await post(client, "runs", {"pass": "x", "source": "radarr"}, status=404)
    await world.hold("radarr")
    await world.decide(forget())
    await world.ask(await world.plan(4))
    plain = await get(client, path)
    answer = await client.get(f"/api/v1/{path}", headers={"Accept": "text/csv"})
    assert (answer.status, answer.content_type) == (200, "text/csv")
    rows = list(csv.DictReader(io.StringIO(await answer.text(), newline="")))
    assert len(rows) == len(plain["items"]) > 0
    assert set(rows[0]) == set(plain["items"][0])
    if path == "items":
        titles = {row["title"] for row in rows}
        assert "'=cmd|' /C calc'!A0" in titles
        assert 'Comma, "quote"\nnew line' in titles
        answer = await client.get("/api/v1/items?limit=5&kind=movie", headers={"Accept": "text/csv"})
        link = answer.headers["Link"]
        assert link.endswith('>; rel="next"')
        after = await client.get(link[1:].partition(">")[0], headers={"Accept": "text/csv"})
        assert len((await after.text()).splitlines()) >= 6


async def test_runs_that_are_begun_at_once_are_one(client: Client, radarr: ModelApp) -> None:
    wanted = {"pass": "scan", "source": "radarr"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/runs", json=wanted, headers=BEARER) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [202, 409, 409, 409]
    (run,) = {(await answer.json())["id"] for answer in answers}
    assert run > 0


async def test_sources_come_in_pages(world: World, client: Client) -> None:
    names = ["a", "b", "c2", "ü", "z"]
    for name in names:
        await world.follow(name)
    told = await get(client, "sources?limit=2")
    found = [one["name"] for one in told["items"]]
    while told["next"] is not None:
        told = await get(client, f"sources?limit=2&cursor={told['next']}")
        found += [one["name"] for one in told["items"]]
    assert found == [one["name"] for one in (await get(client, "sources"))["items"]]
    assert sorted(found) == sorted(names)


@pytest.mark.parametrize("path", ["/api/v1/tombstones", "/deletions"])
@pytest.mark.parametrize(
    "since", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z"]
)
async def test_times_out_of_every_calendar_are_told(
    client: Client, radarr: ModelApp, path: str, since: str
) -> None:
    answer = await client.get(f"{path}?since={since}")
    assert answer.status == (200 if since.endswith("Z") else 400)


@pytest.mark.parametrize(
    "path", ["/api/v1/lookups", "/api/v1/sources/radarr/webhook-test", "/login", "/webhooks/radarr"]
)
async def test_who_hangs_up_is_no_crash(
    world: World, radarr: ModelApp, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    kind = "application/x-www-form-urlencoded" if path == "/login" else "application/json"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BEARER['Authorization']}\r\n"
        f"X-Reconciled-Secret: {HOOK}\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n{{"
    )
    runner = make_runner(make_app(world.house))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with caplog.at_level("DEBUG", logger="reconciled"):
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(head.encode())
        await asyncio.sleep(0.1)
        writer.transport.abort()
        async with asyncio.timeout(PATIENCE):
            while "hung up" not in caplog.text:
                await asyncio.sleep(0.01)
    await runner.cleanup()
    assert not [record for record in caplog.records if record.levelname not in ("DEBUG", "INFO")]
    assert await world.rows("SELECT 1 FROM inbox") == []


async def test_a_body_that_cannot_be_unpacked_is_told(client: Client) -> None:
    headers = {**BEARER, "Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await client.post("/api/v1/lookups", data=b"abcd", headers=headers)
    assert (answer.status, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "cursor=!!", "cursor=YWJj", "sorce=radarr", "limit=1&limit=2"],
)
async def test_wrong_parameters_are_told(client: Client, radarr: ModelApp, path: str, query: str) -> None:
    answer = await client.get(f"/api/v1/{path}?{query}")
    told = await answer.json()
    assert (answer.status, told["status"]) == (400, 400)
    assert told["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/runs/99", 404),
        ("GET", "/api/v1/runs/abc", 404),
        ("GET", f"/api/v1/runs/{'9' * 40}", 404),
        ("GET", "/api/v1/stories/99", 404),
        ("GET", "/api/v1/holds/²", 404),
        ("GET", "/api/v1/items?presence=odd", 400),
        ("GET", "/api/v1/tombstones?since=yesterday", 400),
        ("GET", "/api/v1/tombstones?since=2026-01-01T00:00:00", 400),
        ("GET", "/api/v1/runs/1?wait=61", 400),
        ("DELETE", "/api/v1/runs", 405),
        ("POST", "/api/v1/status", 405),
        ("POST", "/nowhere", 404),
    ],
)
async def test_errors_are_problem_documents(
    client: Client, radarr: ModelApp, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers=BEARER)
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/problem+json"
    told = await answer.json()
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"]
    assert ("Allow" in answer.headers) == (status == 405)


async def test_a_crash_tells_no_more_than_that(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("with something private")

    monkeypatch.setattr(world.ledger, "read", fail)
    answer = await client.get("/api/v1/status?x=secret-in-the-query")
    assert answer.status == 400
    answer = await client.get("/api/v1/items?q=secret-in-the-query")
    told = await answer.json()
    assert (answer.status, "private" in str(told)) == (500, False)
    assert "with something private" in caplog.text
    assert "GET /api/v1/items crashed" in caplog.messages


async def test_a_ledger_that_fails_is_said_to(
    world: World, client: Client, radarr: ModelApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(world.ledger, "read", fail)
    answer = await client.get("/api/v1/items")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert (await client.get("/", headers={"Accept": "text/html"})).status == 503
    monkeypatch.setattr(world.ledger, "write", fail)
    assert (await client.post("/api/v1/reload", json={}, headers=BEARER)).status == 200, (
        "it was done, if not noted"
    )


async def test_health_and_readiness(world: World, stranger: Client) -> None:
    assert await (await stranger.get("/healthz")).json() == {"status": "ok"}
    assert (await stranger.get("/readyz")).status == 200
    world.reasons = ("the ledger is not open",)
    answer = await stranger.get("/readyz")
    assert (answer.status, (await answer.json())["reasons"]) == (503, ["the ledger is not open"])
    assert (await stranger.get("/healthz")).status == 200


async def test_metrics(world: World, client: Client, radarr: ModelApp) -> None:
    await world.lose("radarr", Key("movie", "3"))
    await client.post("/webhooks/radarr", data=b"x", headers={"X-Reconciled-Secret": "wrong"})
    await client.post("/webhooks/no-such-source")
    text = await (await client.get("/metrics")).text()
    for line in (
        'reconciled_runs_total{pass="scan",state="complete"} 1.0',
        'reconciled_requests_total{source="radarr"} 7.0',
        'reconciled_webhooks_total{outcome="unauthorized",source="radarr"} 1.0',
        'reconciled_webhooks_total{outcome="unknown",source=""} 1.0',
        'reconciled_items{kind="movie",source="radarr"} 19.0',
        'reconciled_unlisted{source="radarr"} 0.0',
        'reconciled_held{source="radarr"} 0.0',
        'reconciled_tombstones_total{source="radarr"} 1.0',
        'reconciled_source_health{source="radarr",state="ok"} 1.0',
        'reconciled_queue{queue="work"} 0.0',
        "reconciled_config_ok 1.0",
    ):
        assert line in text.splitlines(), line
    assert "no-such-source" not in text
