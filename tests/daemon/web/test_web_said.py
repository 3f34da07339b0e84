"""What people say over the API: of findings, of two items, of sources, of channels, and a reload foretold."""

from typing import Any

import pytest
from tests.daemon.web.conftest import BEARER, Client, World, film
from tests.daemon.web.test_web_api import get, post

from reconciled.ledger import links
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp

A, B = ({"source": name, "kind": "movie", "id": "3"} for name in ("radarr", "jellyfin"))


async def finding(world: World) -> int:
    """A film is lost; returns its finding."""
    await world.lose("radarr", Key("movie", "3"))
    return int((await world.rows("SELECT id FROM finding"))[0][0])


async def test_a_finding_is_ignored_and_counts_again(world: World, client: Client, radarr: ModelApp) -> None:
    number = await finding(world)
    assert (await get(client, "findings"))["items"][0]["ignored_by"] is None
    for _ in range(2):  # said twice is said once
        told = await post(client, f"findings/{number}/ignore")
        assert told["ignored_by"] == "owner"
    assert [one["id"] for one in (await get(client, "findings?ignored=true"))["items"]] == [number]
    assert (await get(client, "findings?ignored=false"))["items"] == []
    assert (await post(client, f"findings/{number}/ignore", {"ignored": False}))["ignored_by"] is None
    assert [one["id"] for one in (await get(client, "findings?ignored=false"))["items"]] == [number]
    assert (await get(client, "audit"))["items"][0]["what"].endswith("/ignore counts again")


async def test_a_finding_is_snoozed(world: World, client: Client, radarr: ModelApp) -> None:
    number = await finding(world)
    told = await post(client, f"findings/{number}/snooze", {"for": "3d"})
    assert told["snoozed_until"] == "2026-01-04T00:00:20.000Z"
    told = await post(client, f"findings/{number}/snooze", {"for": "0s"})
    assert told["snoozed_until"] == "2026-01-01T00:00:20.000Z"


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("findings/1/ignore", {"ignored": "no"}, 400, "ignored"),
        ("findings/1/ignore", {"ignore": True}, 400, "ignore"),
        ("findings/99/ignore", {}, 404, "no finding 99"),
        ("findings/x/ignore", {}, 404, "its id is a number"),
        ("findings/1/snooze", {}, 400, "for"),
        ("findings/1/snooze", {"for": "3"}, 400, "write it like"),
        ("findings/1/snooze", {"for": "soon"}, 400, "write it like"),
        ("findings/1/snooze", {"for": 3}, 400, "for"),
        ("findings/1/snooze", {"for": "99999d"}, 400, "ten years"),
        ("findings/99/snooze", {"for": "3d"}, 404, "no finding 99"),
        ("links", {"a": A}, 400, "b"),
        ("links", {"a": A, "b": A}, 409, "a link takes two"),
        ("links", {"a": A, "b": {**A, "id": "404"}}, 409, "knows no movie 404 of radarr"),
        ("links", {"a": A, "b": {**A, "source": "x"}}, 409, "knows no movie 3 of x"),
        ("links", {"a": A, "b": {**A, "id": ""}}, 400, "id"),
        ("pause", {"source": "sonarr"}, 404, "there are: radarr"),
        ("pause", {"sorce": "radarr"}, 400, "sorce"),
        ("resume", {"source": "sonarr"}, 404, "there are: radarr"),
        ("sources/sonarr/forget", {}, 404, "sonarr"),
        ("sources/radarr/forget", {}, 409, "take it out first"),
        ("notify/test", {"channel": "fax"}, 404, "configured are: none"),
        ("notify/test", {"channel": 1}, 400, "channel"),
        ("reload", {"preview": "yes"}, 400, "preview"),
    ],
)
async def test_what_cannot_be_said(
    world: World, client: Client, radarr: ModelApp, path: str, body: Any, status: int, said: str
) -> None:
    await world.lose("radarr", Key("movie", "5"))
    problem = await post(client, path, body, status=status)
    assert said in problem["detail"]


async def test_what_is_over_is_not_snoozed_or_ignored(world: World, client: Client, radarr: ModelApp) -> None:
    number = await finding(world)
    await world.ledger.write(lambda tx: tx.execute("UPDATE finding SET resolved_at = opened_at"))
    await post(client, f"findings/{number}/ignore", status=404)
    await post(client, f"findings/{number}/snooze", {"for": "1h"}, status=404)


async def test_two_items_are_one_thing_or_are_not(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    world.apps["jellyfin"].put(film(3))
    await world.scan("jellyfin")
    (one,) = await world.rows("SELECT item.id FROM item WHERE key = '3' AND source_id = 1")
    assert await post(client, "links", {"a": A, "b": B}) == {"said": "same"}
    assert list((await world.ledger.read(links.of, one[0])).values()) == ["same"]
    answer = await client.delete("/api/v1/links", json={"a": B, "b": A}, headers=BEARER)
    assert (answer.status, await answer.json()) == (200, {"said": "apart"})
    assert list((await world.ledger.read(links.of, one[0])).values()) == ["apart"]
    assert (await client.delete("/api/v1/links", json={"a": B}, headers=BEARER)).status == 400
    audited = (await get(client, "audit"))["items"]
    assert audited[1]["what"] == "DELETE /api/v1/links movie 3 of jellyfin and movie 3 of radarr"


async def test_a_source_is_left_alone_and_everything_is(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.follow("jellyfin")
    assert await post(client, "pause", {"source": "radarr"}) == {"source": "radarr", "paused": "owner"}
    told = await get(client, "status")
    assert told["paused"] is None
    assert {one["name"]: one["paused"] for one in told["sources"]} == {"jellyfin": None, "radarr": "owner"}
    assert await post(client, "pause") == {"source": None, "paused": "owner"}
    told = await get(client, "status")
    assert told["paused"] == "owner"
    assert {one["paused"] for one in told["sources"]} == {"owner"}
    assert "reconciled_paused 1.0" in await (await client.get("/metrics")).text()
    assert await post(client, "resume", {"source": "radarr"}) == {"source": "radarr", "paused": "owner"}
    assert await post(client, "resume") == {"source": None, "paused": None}
    assert {one["paused"] for one in (await get(client, "sources"))["items"]} == {None}


async def test_a_source_that_left_the_config_is_forgotten(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.lose("radarr", Key("movie", "3"))
    await world.engine.remove("radarr", freeze=True)
    assert await post(client, "sources/radarr/forget") == {"forgotten": "radarr"}
    assert (await get(client, "sources"))["items"] == []
    assert [one["key"] for one in (await get(client, "tombstones"))["items"]] == ["3"]
    await post(client, "sources/radarr/forget", status=404)


async def test_a_test_message(world: World, client: Client) -> None:
    assert await post(client, "notify/test") == {"channels": {}}
    world.serve(phone="tgram://x", mail="mailto://broken")
    told = await post(client, "notify/test")
    assert told == {"channels": {"phone": "sent", "mail": "the server refused it"}}
    assert await post(client, "notify/test", {"channel": "phone"}) == {"channels": {"phone": "sent"}}
    assert len(world.sent) == 2
    problem = await post(client, "notify/test", {"channel": "fax"}, status=404)
    assert "mail, phone" in problem["detail"]


async def test_a_reload_is_foretold(world: World, client: Client) -> None:
    world.changes = ("~ mode: counts at once",)
    told = await post(client, "reload", {"preview": True})
    assert told == {"ok": True, "changes": ["~ mode: counts at once"]}
    world.problems = ("config.yaml:3:1: bad",)
    problem = await post(client, "reload", {"preview": True}, status=422)
    assert problem["problems"] == ["config.yaml:3:1: bad"]
    assert world.reloads == 0


async def test_the_pass_over_orphans_is_one(world: World, client: Client, radarr: ModelApp) -> None:
    told = await post(client, "runs", {"pass": "orphans", "source": "radarr"}, status=202)
    assert (await get(client, f"runs/{told['id']}?wait=5"))["state"] == "complete"
