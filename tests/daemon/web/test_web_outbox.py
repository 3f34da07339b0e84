"""The acting half over the API: policies, decisions answered as shown, actions by hand, undoing."""

from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.web.conftest import Client, World, film, forget
from tests.daemon.web.test_web_api import get, post

from reconciled.config import Mode, Step, Verb
from reconciled.engine.outbox.gate import print_of
from reconciled.ledger import decisions, sources
from reconciled.ledger.messages import queue
from reconciled.model import Key
from reconciled.source import Deletion
from reconciled.testing.model_app import ModelApp


async def stands(client: Client, *ids: int) -> list[str]:
    return [(await get(client, f"actions/{one}"))["state"] for one in ids]


async def test_policies_and_what_became_of_them(world: World, client: Client, radarr: ModelApp) -> None:
    tag = forget("label", Step(Verb.TAG, "radarr", label="lost"), mode=Mode.DRY_RUN)
    await world.decide(forget(), tag, mode=Mode.ACT)
    await world.ask(await world.plan(1))
    await world.put(await world.plan(2), "done")
    first, second = (await get(client, "policies"))["items"]
    assert first["name"] == "forget"
    assert first["mode"] == "act"
    assert first["summary"].startswith("when anything is gone from jellyfin, delete it in radarr")
    assert (first["destructive"], first["trusted"], first["open_decision"]) == (True, False, 1)
    assert first["counts"] == {"waiting": 1, "done": 1}
    assert first["since"] == "2026-01-01T00:00:00.000Z"
    assert first["score"]["would"] == 0
    assert (second["mode"], second["counts"], second["open_decision"]) == ("dry-run", {}, None)
    page = await get(client, "policies?limit=1")
    assert [one["name"] for one in page["items"]] == ["forget"]
    rest = await get(client, "policies", params={"limit": 1, "cursor": page["next"]})
    assert ([one["name"] for one in rest["items"]], rest["next"]) == (["label"], None)

    def trust(tx: Any) -> None:
        decisions.trust(tx, "forget", print_of(forget(), Mode.ACT, sources.every(tx)))

    await world.ledger.write(trust)
    assert (await get(client, "policies"))["items"][0]["trusted"] is True
    await world.decide(forget(), tag, mode=Mode.ASK)
    assert (await get(client, "policies"))["items"][0]["trusted"] is False


async def test_a_decision_is_approved_as_shown(world: World, client: Client, radarr: ModelApp) -> None:
    await world.decide(forget())
    ids = [await world.plan(number) for number in range(1, 13)]
    number = await world.ask(*ids)
    (listed,) = (await get(client, "decisions"))["items"]
    assert (listed["id"], listed["policy"], listed["why"]) == (number, "forget", "first")
    assert (listed["count"], listed["shown"]) == (12, ids)
    assert listed["titles"] == [f"Film {one}" for one in range(1, 11)]
    assert (listed["closed"], listed["answer"], listed["answered_by"]) == (None, None, None)
    detail = await get(client, f"decisions/{number}?limit=10")
    assert [one["id"] for one in detail["actions"]] == ids[:1:-1]
    assert "waits for your answer" in detail["actions"][0]["sentence"]
    rest = await get(client, f"decisions/{number}", params={"cursor": detail["next"]})
    assert ([one["id"] for one in rest["actions"]], rest["next"]) == (ids[1::-1], None)
    joined = await world.plan(15)
    await world.ask(joined)
    told = await post(client, f"decisions/{number}/approve", {"actions": detail["shown"]})
    assert told == {"approved": 12, "left": 1}
    assert await stands(client, *ids[:2], joined) == ["planned", "planned", "waiting"]
    assert (await get(client, f"actions/{ids[0]}"))["approved_by"] == "owner"
    assert (await get(client, f"decisions/{number}"))["shown"] == [joined]
    assert await post(client, f"decisions/{number}/approve", {"actions": [joined]}) == {
        "approved": 1,
        "left": 0,
    }
    assert (await get(client, "decisions"))["items"] == []
    over = await get(client, f"decisions/{number}")
    assert (over["answer"], over["answered_by"], over["count"], over["shown"]) == (
        "approved",
        "owner",
        13,
        [],
    )
    assert len(over["actions"]) == 13, "what it was about is still told"
    assert [one["id"] for one in (await get(client, "decisions?open=false&policy=forget"))["items"]] == [
        number
    ]
    audited = (await get(client, "audit"))["items"][0]
    assert (audited["token"], audited["what"]) == (
        "owner",
        f"POST /api/v1/decisions/{number}/approve 1 actions: {joined}",
    )


async def test_what_is_no_longer_as_shown_is_not_answered(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.decide(forget())
    first, second = await world.plan(1), await world.plan(2)
    number = await world.ask(first, second)
    await world.put(second, "dropped")
    for answer in ("approve", "reject"):
        problem = await post(
            client, f"decisions/{number}/{answer}", {"actions": [first, second, 999]}, status=409
        )
        assert (problem["gone"], problem["shown"]) == ([second, 999], [first])
        assert "look at it again" in problem["detail"]
    assert await stands(client, first) == ["waiting"]


@pytest.mark.parametrize(
    ("answer", "body", "status", "said"),
    [
        ("approve", {}, 400, "gives them as `shown`"),
        ("approve", {"actions": []}, 400, "gives them as `shown`"),
        ("approve", {"actions": ["1"]}, 400, "actions"),
        ("approve", {"actions": 1}, 400, "actions"),
        ("approve", {"ids": [1]}, 400, "ids"),
        ("reject", {"actions": []}, 400, "leave it out"),
        ("reject", {"action": [1]}, 400, "action"),
    ],
)
async def test_answers_that_say_nothing(
    world: World, client: Client, radarr: ModelApp, answer: str, body: Any, status: int, said: str
) -> None:
    await world.decide(forget())
    action = await world.plan(1)
    number = await world.ask(action)
    problem = await post(client, f"decisions/{number}/{answer}", body, status=status)
    assert said in problem["detail"]
    assert await stands(client, action) == ["waiting"]


async def test_a_decision_is_rejected(world: World, client: Client, radarr: ModelApp) -> None:
    await world.decide(forget())
    ids = [await world.plan(number) for number in (1, 2, 3)]
    number = await world.ask(*ids)
    assert await post(client, f"decisions/{number}/reject", {"actions": ids[:1]}) == {
        "rejected": 1,
        "left": 2,
    }
    assert await stands(client, *ids) == ["rejected", "waiting", "waiting"]
    assert await post(client, f"decisions/{number}/reject") == {"rejected": 2, "left": 0}
    assert await stands(client, *ids) == ["rejected"] * 3
    for answer, body in (("approve", {"actions": ids}), ("reject", {})):
        assert (
            "no open decision"
            in (await post(client, f"decisions/{number}/{answer}", body, status=404))["detail"]
        )
    await post(client, "decisions/99/approve", {"actions": [1]}, status=404)
    assert (await client.get("/api/v1/decisions/99")).status == 404


async def test_actions_are_found(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    world.apps["jellyfin"].put(film(1), film(2))
    await world.scan("jellyfin")
    await world.decide(forget(), mode=Mode.DRY_RUN)
    ids = [await world.plan(1), await world.plan(2), await world.plan(1, target="jellyfin", policy="other")]
    ids.append(await world.plan(3, verb="tag", label="lost", grace=0.0))
    await world.put(ids[1], "done", sent_at=world.stamp)
    await world.put(ids[2], "dropped", reason="it is back")
    await world.put(ids[0], "planned", due=world.clock.reckoned() + 600)
    for query, found in (
        ("", [3, 2, 1, 0]),
        ("?state=planned", [3, 0]),
        ("?state=done,dropped", [2, 1]),
        ("?state=planned,%20done", [3, 1, 0]),
        ("?policy=other", [2]),
        ("?target=jellyfin&state=waiting", []),
        ("?verb=tag", [3]),
    ):
        told = (await get(client, f"actions{query}"))["items"]
        assert [one["id"] for one in told] == [ids[at] for at in found], query
    page = await get(client, "actions?limit=3&state=planned,done,dropped")
    rest = await get(client, "actions", params={"limit": 3, "cursor": page["next"]})
    assert [one["id"] for one in page["items"] + rest["items"]] == ids[::-1]
    for wrong in ("sent", "planned,", "planned,odd"):
        assert (await client.get(f"/api/v1/actions?state={wrong}")).status == 400
    told = await get(client, f"actions/{ids[0]}")
    assert told["due"] == "2026-01-01T00:10:00.000Z"
    assert told["sentence"] == (
        "would delete movie 1 (Film 1) in radarr at 02:10, since Film 1 is gone from jellyfin"
    )
    assert (told["undoable"], told["story"], told["finding"], told["asked_by"]) == (False,) + (None,) * 3
    assert (await client.get("/api/v1/actions/99")).status == 404


async def test_an_order_by_hand(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("jellyfin")
    world.apps["jellyfin"].put(film(3))
    await world.scan("jellyfin")
    body = {"verb": "delete", "source": "radarr", "kind": "movie", "id": "3", "also": ["jellyfin"]}
    problem = await post(client, "actions", body, status=409)
    assert "dry-run" in problem["detail"]
    assert "mode: ask" in problem["detail"]
    await world.decide(mode=Mode.ASK)
    told = (await post(client, "actions", body, status=202))["actions"]
    assert [(one["target"], one["state"], one["asked_by"]) for one in told] == [
        ("radarr", "planned", "owner"),
        ("jellyfin", "planned", "owner"),
    ]
    assert told[0]["sentence"] == "will delete movie 3 (Film 3) in radarr, since owner asked for it by hand"
    problem = await post(client, "actions", body, status=409)
    assert "under way already" in problem["detail"]
    await world.outbox.work_once()
    assert [act[:2] for act in radarr.acts] == [("delete", "movie 3")]
    assert (await get(client, f"actions/{told[0]['id']}"))["state"] == "done"
    assert (await get(client, "actions"))["items"][-1]["sentence"].startswith("delete movie 3")


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"id": "404"}, 404, "knows no movie 404"),
        ({"source": "sonarr"}, 404, "knows no movie 3"),
        ({"also": ["jellyfin"]}, 409, "jellyfin holds nothing"),
        ({"files": True}, 409, "cannot delete files"),
        ({"exclude": True}, 409, "leave `exclude` out"),
        ({"verb": "tag"}, 409, "needs a label"),
        ({"verb": "tag", "label": "  "}, 409, "needs a label"),
        ({"verb": "notify"}, 400, "verb"),
        ({"verb": "explode"}, 400, "verb"),
        ({"id": ""}, 400, "id"),
        ({"id": None}, 400, "id"),
        ({"also": [""]}, 400, "also"),
        ({"fils": True}, 400, "fils"),
    ],
)
async def test_orders_that_cannot_be(
    world: World,
    client: Client,
    radarr: ModelApp,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    status: int,
    said: str,
) -> None:
    await world.decide(mode=Mode.ACT)
    source: Any = world.engine.place("radarr").live.source
    monkeypatch.setattr(source, "options", frozenset({Deletion(files=False, exclude=False)}), raising=False)
    body = {"verb": "delete", "source": "radarr", "kind": "movie", "id": "3"} | change
    problem = await post(client, "actions", body, status=status)
    assert said in problem["detail"]
    assert await world.rows("SELECT 1 FROM action") == []


async def test_what_was_done_is_undone(world: World, client: Client, radarr: ModelApp) -> None:
    radarr.put(replace(radarr.items[Key("movie", "3")], attrs={"tags": []}))
    await world.scan("radarr")
    await world.decide(mode=Mode.ACT)
    body = {"verb": "tag", "source": "radarr", "kind": "movie", "id": "3", "label": "lost"}
    (action,) = (await post(client, "actions", body, status=202))["actions"]
    path = f"actions/{action['id']}/undo"
    early = await post(client, path, {"preview": True})
    assert (early["possible"], "nothing to undo" in early["sentence"]) == (False, True)
    await world.outbox.work_once()
    assert radarr.items[Key("movie", "3")].attrs["tags"] == ["lost"]
    assert (await get(client, f"actions/{action['id']}"))["undoable"] is True
    preview = await post(client, path, {"preview": True})
    assert preview == {
        "possible": True,
        "sentence": "take the tag lost off movie 3 (Film 3) in radarr",
        "actions": [],
        "lacks": [],
        "until": None,
    }
    assert len(await world.rows("SELECT 1 FROM action")) == 1
    (opposite,) = (await post(client, path, status=202))["actions"]
    assert (opposite["verb"], opposite["undo_of"]) == ("untag", action["id"])
    await world.outbox.work_once()
    assert radarr.items[Key("movie", "3")].attrs["tags"] == []
    assert (await get(client, f"actions/{action['id']}"))["state"] == "undone"
    await post(client, path, status=409)
    await post(client, "actions/99/undo", {"preview": True}, status=404)
    await post(client, "actions/99/undo", status=404)
    await post(client, path, {"previw": True}, status=400)


async def test_a_decision_is_undone_but_for_what_is_not(
    world: World, client: Client, radarr: ModelApp
) -> None:
    radarr.put(replace(radarr.items[Key("movie", "3")], attrs={"tags": []}))
    await world.scan("radarr")
    await world.decide(forget())
    done = [await world.plan(number, verb=verb, label=label) for number, verb, label in (
        (3, "tag", "lost"), (4, "restore", ""))]  # fmt: skip
    decision = await world.ask(*done)
    for action in done:
        await world.put(action, "done")
    radarr.put(replace(radarr.items[Key("movie", "3")], attrs={"tags": ["lost"]}))
    await world.scan("radarr")
    path = f"decisions/{decision}/undo"
    before = await post(client, path, {"preview": True})
    assert (before["possible"], before["actions"]) == (True, [])
    told = {one["action"]: (one["title"], one["possible"]) for one in before["plans"]}
    assert told == {done[0]: ("Film 3", True), done[1]: ("Film 4", False)}
    (made,) = (await post(client, path, status=202))["actions"]
    assert (made["verb"], made["undo_of"], made["undo"]) == ("untag", done[0], "can be undone")
    await world.outbox.work_once()
    assert radarr.items[Key("movie", "3")].attrs["tags"] == []
    await post(client, path, status=409)
    await post(client, "decisions/99/undo", {"preview": True}, status=404)


async def test_an_item_says_what_is_to_be_done_to_it(world: World, client: Client, radarr: ModelApp) -> None:
    await world.decide(forget())
    await world.ask(await world.plan(3))
    label = await world.plan(3, verb="tag", label="lost", grace=0.0)
    await world.put(label, "planned", code="agreement", reason="radarr has a file of it")
    await world.put(await world.plan(4), "done")
    told = await get(client, "items/radarr/movie/3")
    assert [one["state"] for one in told["actions"]] == ["planned", "waiting"]
    assert "To delete movie 3 (Film 3) in radarr waits for your answer in decision 1." in told["next"]
    assert "Planned: will ask you whether to tag movie 3" in told["next"]
    assert "it waits: radarr has a file of it." in told["next"]
    other = await get(client, "items/radarr/movie/4")
    assert (len(other["actions"]), other["next"]) == (
        1,
        "Nothing is suspected. The next scan or event looks at it.",
    )


async def test_the_status_and_the_metrics_count_what_waits(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.decide(forget())
    await world.ask(await world.plan(1))
    await world.plan(2)
    await world.put(await world.plan(3), "done")
    world.engine.counts["action", "delete", "done"] += 2
    await world.ledger.write(
        lambda tx: queue(
            tx, "phone", about="x", title="x", body="x", link=None, urgent=False, at=world.stamp,
            now=world.clock.reckoned(), repeat=60.0, action_id=None,
        )
    )  # fmt: skip
    told = await get(client, "status")
    assert (told["queue"]["outbox"], told["decisions"], told["paused"]) == (2, 1, None)
    text = await (await client.get("/metrics")).text()
    for line in (
        'reconciled_actions_total{state="done",verb="delete"} 2.0',
        "reconciled_decisions 1.0",
        "reconciled_paused 0.0",
        'reconciled_queue{queue="outbox"} 2.0',
        'reconciled_messages{state="waiting"} 1.0',
        'reconciled_messages{state="failed"} 0.0',
    ):
        assert line in text.splitlines(), line
