"""Webhooks: who is listened to, what is kept, and that nothing acknowledged is lost."""

import asyncio
import base64
import gzip
import io
import json
import logging
import random
import sqlite3
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.daemon.web.conftest import API_KEY, BEARER, HOOK, TOKEN, Client, DeafSource, SignedSource, World

from reconciled.ledger.migrate import LedgerTrouble
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp
from reconciled.web.server import make_app, make_runner

SECRET = {"X-Reconciled-Secret": HOOK}
GONE = {"op": "deleted", "kind": "movie", "id": "3"}


def basic(password: str, user: str = "any") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


async def letters(world: World) -> list[tuple[Any, ...]]:
    return await world.rows("SELECT id, state, body, headers FROM inbox ORDER BY id")


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", SECRET),
        ("", {"X-Webhook-Secret": HOOK}),
        ("", basic(HOOK)),
        ("", basic(HOOK, user="")),
        ("", {"Authorization": f"Bearer {HOOK}"}),
        ("", {"Authorization": HOOK}),
        (f"?token={HOOK}", {}),
        (f"?token={HOOK}", {"Content-Type": "text/plain; charset=utf-8"}),
        ("", {**SECRET, "Host": "10.1.2.3:8787"}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_the_secret_comes_in_four_ways(
    world: World, client: Client, radarr: ModelApp, method: str, query: str, headers: dict[str, str]
) -> None:
    answer = await client.request(method, f"/webhooks/radarr{query}", data=json.dumps(GONE), headers=headers)
    assert answer.status == 202, await answer.text()
    ((letter, state, body, _),) = await letters(world)
    assert await answer.json() == {"id": letter}
    assert state == "new"
    assert json.loads(body) == GONE
    assert world.engine.counts["webhook", "radarr", "accepted"] == 1


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("", {"X-Reconciled-Secret": "wrong"}),
        ("", {"X-Reconciled-Secret": ""}),
        ("", {"X-Reconciled-Secret": HOOK + " x"}),
        ("", {"X-Reconciled-Secret": "é"}),
        ("", basic("wrong")),
        ("", basic("wrong", user=HOOK)),
        ("", {"Authorization": "Basic !!!"}),
        ("", {"Authorization": "Bearer wrong"}),
        ("", {"Authorization": f"Basic {HOOK}"}),
        ("", BEARER),
        ("?token=wrong", {}),
        ("?token=", {}),
    ],
)
async def test_a_wrong_secret_is_refused(
    world: World, client: Client, radarr: ModelApp, query: str, headers: dict[str, str]
) -> None:
    before = await world.state()
    answer = await client.post(f"/webhooks/radarr{query}", json=GONE, headers=headers)
    told = await answer.json()
    assert answer.status == 401
    assert answer.content_type == "application/problem+json"
    assert "sources.radarr.webhook" in told["detail"]
    assert await world.state() == before


async def test_what_a_plugin_makes_of_it_changes_no_answer(
    world: World, client: Client, radarr: ModelApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept, so it is acknowledged: an app that hears 500 tells us nothing for an hour."""
    source: Any = world.engine.place("radarr").live.source
    monkeypatch.setattr(source, "parse_webhook", lambda _body, _headers: [None])
    answer = await client.post("/webhooks/radarr", json=GONE, headers=SECRET)
    assert answer.status == 202, await answer.text()
    assert len(await letters(world)) == 1


async def test_who_is_not_there(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("deaf", DeafSource)
    await world.follow("open", webhook=None)
    before = await world.state()
    for name, status, said in (
        ("nobody", 404, "'nobody'"),
        ("deaf", 404, "takes no webhooks"),
        ("open", 401, "set sources.open.webhook"),
    ):
        answer = await client.post(f"/webhooks/{name}?token=", json=GONE, headers=SECRET)
        assert (answer.status, said in (await answer.json())["detail"]) == (status, True), name
    assert await world.state() == before
    assert world.engine.counts["webhook", "", "unknown"] == 1, "a stranger chooses no label"


async def test_a_source_that_has_not_started_is_told_to_wait(
    world: World, client: Client, radarr: ModelApp
) -> None:
    del world.engine.places["radarr"]
    answer = await client.post("/webhooks/radarr", json=GONE, headers=SECRET)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"not json", b"<html>", b"[]", b'{"op": "sneezed"}', b"\xff\xfe\x00", b'{"op":', b"crash"),
        '{"op": "deleted", "kind": "movie", "id": "3", "title": "Amélie"}'.encode("latin-1"),
        b'{"op": "deleted", "kind": "movie", "id": "3", "title": "\xed\xa0\xbd"}',
    ],
)
async def test_what_nobody_understands_is_taken_and_shown(
    world: World, client: Client, radarr: ModelApp, body: bytes
) -> None:
    answer = await client.post("/webhooks/radarr", data=body, headers=SECRET)
    assert answer.status == 202
    assert await world.engine.read_letters() == 1
    told = await (await client.get("/api/v1/inbox?source=radarr&state=unparseable")).json()
    (letter,) = told["items"]
    assert letter["error"]
    assert letter["body"] == body.decode("utf-8", "replace")
    assert "Events that were not understood" in await (await client.get("/")).text()


async def test_what_cannot_be_unpacked_is_taken_and_shown(
    world: World, client: Client, radarr: ModelApp, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {**SECRET, "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(GONE).encode())
    for body in (
        b"abcd",
        gzip.compress(random.Random(1).randbytes(9000))[:5000] + b"garbage" * 9,
        b"\x1f\x8b",
    ):
        answer = await client.post("/webhooks/radarr", data=body, headers=headers)
        assert answer.status == 202
    answer = await client.post("/webhooks/radarr", data=packed, headers=headers)
    assert answer.status == 202
    await world.engine.read_letters()
    told = await (await client.get("/api/v1/inbox?state=unparseable")).json()
    assert len(told["items"]) == 3
    assert json.loads((await letters(world))[0][3])["content-encoding"] == "gzip"
    assert json.loads((await letters(world))[3][2]) == GONE
    for encoding in ("deflate", "br", "zstd", "compress"):
        answer = await client.post(
            "/webhooks/radarr", data=b"abcd", headers={**SECRET, "Content-Encoding": encoding}
        )
        assert answer.status in (202, 400), "the transport may refuse it before we see it"
    assert not [
        record for record in caplog.records if record.name.startswith("reconciled") and record.exc_info
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
async def test_basic_credentials_come_in_either_encoding(world: World, client: Client, encoding: str) -> None:
    secret = "gehört-mir-123"
    await world.follow("radarr", webhook=secret)
    for shown, status in ((secret, 202), ("gehort-mir-123", 401), ("", 401)):
        told = base64.b64encode(f"ü:{shown}".encode(encoding)).decode()
        answer = await client.post("/webhooks/radarr", json=GONE, headers={"Authorization": f"Basic {told}"})
        assert answer.status == status


async def test_ten_of_them_stand_in_the_inbox(world: World, client: Client, radarr: ModelApp) -> None:
    for number in range(10):
        await client.post("/webhooks/radarr", data=f"<odd {number}>", headers=SECRET)
    await world.engine.read_letters()
    told = await (await client.get("/api/v1/inbox")).json()
    assert [one["body"] for one in told["items"]] == [f"<odd {number}>" for number in reversed(range(10))]
    assert {one["state"] for one in told["items"]} == {"unparseable"}
    page = await (await client.get("/")).text()
    assert "no event of the model" in page
    assert "<odd" not in page


async def test_the_apps_own_test_is_answered_with_200(world: World, client: Client, radarr: ModelApp) -> None:
    answer = await client.post("/webhooks/radarr", json={"op": "test"}, headers=SECRET)
    assert answer.status == 200
    assert len(await letters(world)) == 1
    assert world.engine.counts["webhook", "radarr", "test"] == 1


async def test_ten_megabytes_are_refused(world: World, client: Client, radarr: ModelApp) -> None:
    body = b" " * (10 * 2**20)

    async def in_pieces() -> Any:
        for at in range(0, len(body), 2**16):
            yield body[at : at + 2**16]

    for data in (io.BytesIO(body), in_pieces()):
        answer = await client.post("/webhooks/radarr", data=data, headers=SECRET)
        assert answer.status == 413
        assert "1 MiB" in (await answer.json())["detail"]
    assert await letters(world) == []
    answer = await client.post("/webhooks/radarr", data=io.BytesIO(b"x" * 2**20), headers=SECRET)
    assert answer.status == 202


async def test_the_secret_comes_before_the_body(world: World, client: Client, radarr: ModelApp) -> None:
    answer = await client.post(
        "/webhooks/radarr", data=io.BytesIO(b" " * (10 * 2**20)), headers={"X-Reconciled-Secret": "no"}
    )
    assert answer.status == 401


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("database or disk is full"), LedgerTrouble("ledger.db is closed")]
)
async def test_nothing_is_acknowledged_that_was_not_committed(
    world: World, client: Client, radarr: ModelApp, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "write_durably", fail)
        answer = await client.post("/webhooks/radarr", json=GONE, headers=SECRET)
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert answer.content_type == "application/problem+json"
    assert await letters(world) == []
    assert (await client.post("/webhooks/radarr", json=GONE, headers=SECRET)).status == 202


async def test_the_commit_comes_before_the_answer(
    world: World, client: Client, radarr: ModelApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, write = asyncio.Event(), world.ledger.write_durably
    asked: list[Any] = []

    async def slowly(work: Any) -> Any:
        asked.append(work)
        await gate.wait()
        return await write(work)

    monkeypatch.setattr(world.ledger, "write_durably", slowly)
    sending = asyncio.create_task(client.post("/webhooks/radarr", json=GONE, headers=SECRET))
    done, _ = await asyncio.wait([sending], timeout=0.2)
    assert not done
    gate.set()
    assert (await sending).status == 202
    assert len(asked) == 1


async def test_an_id_that_the_ledger_does_not_know(world: World, client: Client, radarr: ModelApp) -> None:
    event = {"op": "deleted", "kind": "movie", "id": "999", "title": "Never seen", "refs": ["tmdb:movie/999"]}
    assert (await client.post("/webhooks/radarr", json=event, headers=SECRET)).status == 202
    await world.settle(0)
    await world.settle()
    (grave,) = (await (await client.get("/api/v1/tombstones")).json())["items"]
    assert (grave["title"], grave["key"], grave["cause"], grave["seen_first"]) == (
        "Never seen",
        "999",
        "radarr",
        None,
    )
    page = await client.get("/items/radarr/movie/999")
    assert (page.status, "Never seen" in await page.text()) == (200, True)


async def test_a_source_that_checks_signatures(world: World, client: Client) -> None:
    await world.follow("signed", SignedSource, webhook=None)
    body = json.dumps(GONE).encode()
    for signature, status in (("wrong", 401), (None, 401), ("crash", 500), (str(len(body)), 202)):
        headers = {"X-Signature": signature} if signature is not None else {}
        answer = await client.post("/webhooks/signed", data=body, headers=headers)
        assert answer.status == status, signature
    assert len(await letters(world)) == 1


async def test_no_secret_is_kept(world: World, client: Client, radarr: ModelApp) -> None:
    body = {
        **GONE,
        "title": f'He said "{HOOK}", then left',
        "url": f"http://x/?apikey={API_KEY}&t=%74",
        "nested": [{TOKEN: [TOKEN]}],
    }
    headers = {
        **basic(HOOK),
        "Cookie": "a=b",
        "X-Api-Key": API_KEY,
        "X-Custom-Secret": "other",
        "X-Event": "Download",
        "X-Echo": HOOK,
        "User-Agent": "Radarr/6.1",
    }
    answer = await client.post(f"/webhooks/radarr?token={HOOK}", json=body, headers=headers)
    assert answer.status == 202
    ((_, _, kept, said),) = await letters(world)
    assert not [secret for secret in (HOOK, API_KEY, TOKEN) if secret in kept.decode() + said]
    assert json.loads(kept)["title"] == 'He said "***", then left'
    assert json.loads(said) == {
        "content-type": "application/json",
        "user-agent": "Radarr/6.1",
        "x-event": "Download",
        "x-echo": "***",
    }


async def test_a_body_without_secrets_is_kept_to_the_byte(
    world: World, client: Client, radarr: ModelApp
) -> None:
    body = b'{ "op":"changed" ,\n "kind":"movie","id":"3", "x": 1.50, "url":"http://a","m":"b@c" }'
    await client.post("/webhooks/radarr", data=body, headers=SECRET)
    assert (await letters(world))[0][2] == body


async def test_no_secret_is_logged(world: World, radarr: ModelApp, caplog: pytest.LogCaptureFixture) -> None:
    runner = make_runner(make_app(world.house))
    with caplog.at_level(logging.DEBUG):
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        at = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/radarr"
        async with aiohttp.ClientSession() as session:
            assert (await session.post(f"{at}?token={HOOK}", data=b"crash")).status == 202
            assert (await session.post(f"{at}?token=nearly-the-secret", data=b"crash")).status == 401
        await world.engine.read_letters()
        await runner.cleanup()
    assert HOOK not in caplog.text
    assert "nearly" not in caplog.text


async def test_what_an_app_says_shows_up_on_the_page(world: World, client: Client, radarr: ModelApp) -> None:
    radarr.remove(Key("movie", "3"))
    assert (await client.post("/webhooks/radarr", json=GONE, headers=SECRET)).status == 202
    await world.settle(0)
    await world.settle()
    page = await (await client.get("/")).text()
    assert "Film 3: removed from Radarr at " in page


async def test_a_sample_is_explained_and_nothing_comes_of_it(
    world: World, client: Client, radarr: ModelApp
) -> None:
    sample = {**GONE, "title": "Film", "refs": ["imdb:tt3"], "reason": "manual"}
    path = "/api/v1/sources/radarr/webhook-test"
    told = await (await client.post(path, json=sample, headers=BEARER)).json()
    (event,) = told["events"]
    assert (event["op"], event["id"], event["refs"], event["reason"]) == (
        "deleted",
        "3",
        ["imdb:tt3"],
        "manual",
    )
    told = await (await client.post(path, json={"op": "odd"}, headers=BEARER)).json()
    assert told["events"] == []
    assert "no event" in told["error"]
    assert (await client.post("/api/v1/sources/x/webhook-test", json={}, headers=BEARER)).status == 404
    assert await letters(world) == []
