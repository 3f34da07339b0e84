"""The calls of duplicates: lists, answers and their undo, orders that were shown, pictures, weights."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.daemon.engine.duplicates.gallery import PDF, png
from tests.daemon.web.conftest import Client, World
from tests.daemon.web.paper_shelf import NASTY, PaperSource, Shelf, invoices, make_shelf
from tests.daemon.web.test_web_api import get, post
from tests.patience import PATIENCE

from reconciled.config import Mode
from reconciled.errors import Unreachable
from reconciled.model import Health, Key
from reconciled.web import api_papers


@pytest.fixture
async def shelf(world: World) -> AsyncIterator[Shelf]:
    made = await make_shelf(world)
    yield made
    await world.house.duplicates.close()


@pytest.fixture
async def made(shelf: Shelf) -> dict[str, int]:
    await shelf.world.decide(mode=Mode.ASK)
    return await invoices(shelf)


async def refused(client: Client, path: str, status: int, **more: Any) -> str:
    answer = await client.get(f"/api/v1/{path}", **more)
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/problem+json"
    return str((await answer.json())["detail"])


async def numbers(client: Client, filters: str = "") -> list[int]:
    return [one["id"] for one in (await get(client, f"duplicates{filters}"))["items"]]


# --- lists --------------------------------------------------------------------------------------------


async def test_a_group_is_told_with_its_members(client: Client, made: dict[str, int]) -> None:
    review, group = (await get(client, "duplicates"))["items"]
    assert (group["id"], group["band"], group["count"], group["title"]) == (1, "duplicate", 3, "Invoice 12")
    first, second, _ = group["members"]
    assert (first["item"], first["primary"], first["asn"], first["tags"]) == (
        made["a"], True, 12, ["tax", "house"]
    )  # fmt: skip
    assert (second["title"], second["said"]) == (f"Invoice 12 {NASTY}", "the same words")
    assert second["preview"] == f"/api/v1/papers/{made['b']}/preview"
    assert [one["name"] for one in second["factors"] if one["part"]] == ["text", "numbers", "image"]
    assert (review["band"], review["members"][1]["differing"]) == (
        "review", ["1 amount differs: 120,00 → 210,00"]
    )  # fmt: skip
    assert await get(client, "duplicates/1") == group
    assert "no group 9" in await refused(client, "duplicates/9", 404)
    await refused(client, "duplicates/x", 404)


FILTERS = [
    ("", [2, 1]), ("?band=review", [2]), ("?state=ignored", []), ("?q=revised", [2]), ("?q=scan", [1]),
    ("?min_confidence=0.99", [1]), ("?source=nowhere", []), ("?source=paperless", [2, 1]),
    ("?tag=duplicate", []),
]  # fmt: skip
NO_FILTERS = ["?limit=501", "?limit=0", "?state=all", "?min_confidence=2", "?cursor=x", "?odd=1"]


async def test_filters(client: Client, made: dict[str, int]) -> None:
    del made
    assert [(one, await numbers(client, one)) for one, _ in FILTERS] == FILTERS
    for odd in NO_FILTERS:
        await refused(client, f"duplicates{odd}", 400)


async def test_pages_and_csv(client: Client, made: dict[str, int]) -> None:
    del made
    page = await get(client, "duplicates?limit=1")
    rest = await get(client, f"duplicates?limit=1&cursor={page['next']}")
    assert ([one["id"] for one in page["items"] + rest["items"]], rest["next"]) == ([2, 1], None)
    answer = await client.get("/api/v1/duplicates", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert [(row["id"], row["band"]) for row in rows] == [("2", "review"), ("1", "duplicate")]


# --- answers ------------------------------------------------------------------------------------------


async def test_an_answer_is_kept_and_taken_back(world: World, client: Client, made: dict[str, int]) -> None:
    told = await post(client, "duplicates/1", {"decision": "ignore"})
    assert (told["group"]["state"], told["undo"]) == ("ignored", {"decision": "reopen", "members": []})
    assert await numbers(client, "?state=open") == [2]
    back = await post(client, "duplicates/1", told["undo"])
    assert (back["group"]["state"], back["undo"]) == ("open", None)
    told = await post(client, "duplicates/1", {"decision": "not_duplicate", "members": [made["c"]]})
    assert [one["item"] for one in told["group"]["members"]] == [made["a"], made["b"]]
    back = await post(client, "duplicates/1", told["undo"])
    assert back["group"]["count"] == 3
    rows = await world.rows("SELECT what, status FROM audit ORDER BY id")
    assert ("POST /api/v1/duplicates/1 not_duplicate of 1 members", 200) in rows


async def test_the_primary_is_chosen_and_given_back(client: Client, made: dict[str, int]) -> None:
    told = await post(client, "duplicates/1", {"primary": made["c"]})
    assert (told["group"]["primary"], told["group"]["primary_by"]) == (made["c"], "owner")
    assert told["undo"] == {"primary": "policy"}
    again = await post(client, "duplicates/1", {"primary": made["b"]})
    assert again["undo"] == {"primary": made["c"]}
    back = await post(client, "duplicates/1", {"primary": "policy"})
    assert (back["group"]["primary"], back["group"]["primary_by"]) == (made["a"], None)
    await post(client, "duplicates/1", {"primary": made["f"]}, status=409)


async def test_nothing_is_answered_that_is_another_one_by_now(client: Client, made: dict[str, int]) -> None:
    shown = (await get(client, "duplicates/1"))["shown"]
    await post(client, "duplicates/1", {"decision": "not_duplicate", "members": [made["c"]]})
    told = await post(client, "duplicates/1", {"decision": "ignore", "shown": shown}, status=409)
    assert "no longer what was shown" in told["detail"]
    assert (await get(client, "duplicates/1"))["state"] == "open"


NO_ANSWERS: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "say what is to be done"),
    ({"decision": "ignore", "action": "tag"}, 400, "one of them at a time"),
    ({"decision": "ignore", "primary": 1}, 400, "one of them at a time"),
    ({"decision": "ignore", "preview": True}, 400, "are for an `action`"),
    ({"action": "delete"}, 400, "say what was shown"),
    ({"action": "delete", "shown": "x"}, 409, "no longer what was shown"),
    ({"decision": "burn"}, 400, "burn"),
    ({"primary": "none"}, 400, "none"),
    ({"decision": "ignore", "members": [999]}, 409, "is not in group 1"),
]


async def test_what_is_no_answer(client: Client, made: dict[str, int]) -> None:
    del made
    for body, status, said in NO_ANSWERS:
        told = await post(client, "duplicates/1", body, status=status)
        assert said in told["detail"], body
    assert (await get(client, "duplicates/1"))["state"] == "open"


async def test_an_unknown_group_is_404(client: Client, made: dict[str, int]) -> None:
    del made
    for body in ({"decision": "ignore"}, {"primary": 1}, {"action": "tag", "preview": True}):
        await post(client, "duplicates/77", body, status=404)


async def test_a_change_needs_the_token(client: Client, made: dict[str, int]) -> None:
    del made
    for path in ("duplicates/1", "duplicates/actions"):
        answer = await client.post(f"/api/v1/{path}", json={"decision": "ignore"})
        assert answer.status == 401
    assert (await get(client, "duplicates/1"))["state"] == "open"


# --- orders -------------------------------------------------------------------------------------------


async def test_a_tag_is_shown_and_then_ordered(world: World, client: Client, made: dict[str, int]) -> None:
    before = await world.state()
    seen = await post(client, "duplicates/1", {"action": "tag", "preview": True})
    assert seen["outlook"]["sentence"] == "tag 2 items in 1 group"
    assert "“duplicate”" in seen["outlook"]["groups"][0]["lines"][0]
    after = await world.state()
    assert {name for name in after if after[name] != before[name]} <= {"audit", "sqlite_sequence"}
    told = await post(
        client, "duplicates/1", {"action": "tag", "shown": seen["outlook"]["shown"]}, status=202
    )
    assert [(one["verb"], one["label"], one["title"]) for one in told["actions"]] == [
        ("tag", "duplicate", f"Invoice 12 {NASTY}"), ("tag", "duplicate", "Scan 0003"),
    ]  # fmt: skip
    member = next(one for one in told["group"]["members"] if one["item"] == made["b"])
    assert (member["label"], member["labelled_by"]) == ("duplicate", told["actions"][0]["id"])
    assert "on its way" in member["label_state"]
    assert await numbers(client, "?tag=duplicate") == [1]


async def test_a_delete_names_what_stays(client: Client, made: dict[str, int]) -> None:
    body = {"action": "delete", "members": [made["c"]], "primary": made["b"]}
    seen = await post(client, "duplicates/1", {**body, "preview": True})
    (line,) = seen["outlook"]["groups"][0]["lines"]
    assert "Scan 0003" in line
    assert f"“Invoice 12 {NASTY}” stays" in line
    told = await post(client, "duplicates/1", {**body, "shown": seen["outlook"]["shown"]}, status=202)
    assert [(one["verb"], one["title"]) for one in told["actions"]] == [("delete", "Scan 0003")]


async def test_in_dry_run_nothing_goes_out(world: World, client: Client, made: dict[str, int]) -> None:
    del made
    await world.decide(mode=Mode.DRY_RUN)
    seen = await post(client, "duplicates/1", {"action": "delete", "preview": True})
    body = {"action": "delete", "shown": seen["outlook"]["shown"]}
    assert "dry-run" in (await post(client, "duplicates/1", body, status=409))["detail"]
    assert await world.rows("SELECT * FROM action") == []


async def test_one_action_for_many_groups(client: Client, made: dict[str, int]) -> None:
    del made
    body = {"groups": [1, 2, 1, 99], "action": "tag", "label": "twin"}
    seen = (await post(client, "duplicates/actions", body))["outlook"]
    assert seen["sentence"] == "tag 3 items in 2 groups; 1 group stays as it is"
    assert [(one["group"], one["refused"] is None) for one in seen["groups"]] == [
        (1, True), (2, True), (99, False)
    ]  # fmt: skip
    assert "say what was shown" in (
        await post(client, "duplicates/actions", {**body, "preview": False}, status=400)
    )["detail"]  # fmt: skip
    order = {**body, "preview": False, "shown": seen["shown"]}
    told = await post(client, "duplicates/actions", order, status=202)
    assert [one["label"] for one in told["actions"]] == ["twin"] * 3


async def test_one_answer_for_many_groups(client: Client, made: dict[str, int]) -> None:
    del made
    body = {"groups": [1, 2], "action": "ignore"}
    seen = (await post(client, "duplicates/actions", body))["outlook"]
    assert seen["sentence"] == "ignored: 2 groups of 2"
    assert await numbers(client, "?state=open") == [2, 1]
    order = {**body, "preview": False, "shown": seen["shown"]}
    told = await post(client, "duplicates/actions", order)
    assert (told["answered"], told["left"]) == ([1, 2], [])
    assert await numbers(client, "?state=ignored") == [2, 1]
    again = await post(client, "duplicates/actions", order, status=409)
    assert "no longer what was shown" in again["detail"]


async def test_groups_have_their_bounds(client: Client, shelf: Shelf) -> None:
    del shelf
    for groups in ([], list(range(1, 502)), [0], ["1"]):
        await post(client, "duplicates/actions", {"groups": groups, "action": "ignore"}, status=400)


# --- two papers ---------------------------------------------------------------------------------------


async def test_texts_are_laid_over_each_other(client: Client, shelf: Shelf, made: dict[str, int]) -> None:
    told = await get(client, "duplicates/2/diff")
    assert (told["a"], told["b"], told["numbers"]) == (made["d"], made["e"], 1)
    (changed,) = [one for one in told["segments"] if one["kind"] == "changed"]
    assert (changed["a"], changed["b"], changed["number"]) == ("120,00", "210,00", True)
    turned = await get(client, f"duplicates/2/diff?a={made['e']}&b={made['d']}")
    assert [one["a"] for one in turned["segments"] if one["kind"] == "changed"] == ["210,00"]
    assert "is not in group 2" in await refused(client, f"duplicates/2/diff?a={made['a']}", 404)
    await refused(client, f"duplicates/2/diff?a={made['d']}&b={made['d']}", 409)
    await shelf.text(made["e"])
    PaperSource.words["5"] = "Invoice 13, as the app says it"
    try:
        told = await get(client, "duplicates/2/diff")
        assert any("as the app says it" in one["b"] for one in told["segments"])
    finally:
        PaperSource.words.clear()
    assert "did not give the words" in await refused(client, "duplicates/2/diff", 409)


async def test_of_a_text_without_end_it_is_said_that_only_its_beginning_was_compared(
    client: Client, shelf: Shelf
) -> None:
    words = "the same words on both " + "x" * 500_000
    made = [await shelf.paper(one, f"Log {one}", f"{words} {one}") for one in (1, 2)]
    await shelf.library.like(*made)
    await shelf.library.regroup()
    told = await get(client, "duplicates/1/diff")
    assert (told["changes"], told["cut"]) == (0, True)


async def test_a_pair_is_explained_by_number_and_by_name(client: Client, made: dict[str, int]) -> None:
    told = await get(client, f"duplicates/explain?a={made['d']}&b=paperless:document/5")
    assert (told["why"], told["groups"], told["differing"]) == (
        "an amount differs", [2], ["1 amount differs: 120,00 → 210,00"]
    )  # fmt: skip
    turned = await get(client, f"duplicates/explain?a={made['e']}&b={made['d']}")
    assert (turned["a"]["title"], turned["differing"]) == (
        "Invoice 13 revised", ["1 amount differs: 210,00 → 120,00"]
    )  # fmt: skip
    never = await get(client, f"duplicates/explain?a={made['a']}&b={made['f']}")
    assert (never["likeness"], never["factors"], never["groups"]) == (None, [], [])
    for odd in ("a=1&b=1", "a=1&b=999", "a=1&b=paperless:document/99", "a=1&b=x", "a=1&b=nowhere:a/b"):
        await refused(client, f"duplicates/explain?{odd}", 404)
    await refused(client, "duplicates/explain?a=1", 400)


async def test_other_weights_are_only_looked_at(world: World, client: Client, made: dict[str, int]) -> None:
    before = await world.state()
    told = await get(client, "duplicates/weigh?groups=1,2&image=5&counts=true")
    pairs = {(one["a"], one["b"]): one["band"] for one in told["pairs"]}
    assert pairs[made["a"], made["b"]] == "review"
    assert (told["before"]["duplicate"], told["counts"]["duplicate"]) == (3, 0)
    assert "image: 5" in told["config"]
    plain = await get(client, "duplicates/weigh?counts=false")
    assert (plain["pairs"], plain["before"], plain["counts"]) == ([], None, None)
    assert await world.state() == before
    for odd in ("text=-1", "text=nan", "duplicate=0.1&review=0.2", "groups=1,x", "review=1.5"):
        await refused(client, f"duplicates/weigh?{odd}", 400)


# --- pictures -----------------------------------------------------------------------------------------


async def test_a_picture_and_that_it_is_the_same(client: Client, made: dict[str, int]) -> None:
    path = f"/api/v1/papers/{made['a']}/preview"
    answer = await client.get(path)
    assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", png(1))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    etag = answer.headers["ETag"]
    again = await client.get(path, headers={"If-None-Match": etag})
    assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", etag)
    for known in (f"W/{etag}", f'"another", {etag}', "*"):  # a proxy that packs answers makes them weak
        assert (await client.get(path, headers={"If-None-Match": known})).status == 304, known
    assert (await client.get(path, headers={"If-None-Match": '"another"'})).status == 200


async def test_a_whole_document_may_be_framed_by_our_pages_only(client: Client, made: dict[str, int]) -> None:
    path = f"/api/v1/papers/{made['a']}/preview?whole=true"
    answer = await client.get(path)
    assert (answer.status, answer.content_type, await answer.read()) == (200, "application/pdf", PDF)
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Content-Disposition"] == 'inline; filename="document-1.pdf"'
    again = await client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    page = await client.get("/duplicates/1")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-src" not in page.headers["Content-Security-Policy"]
    whole = await client.get("/duplicates/1?view=whole")
    assert whole.headers["Content-Security-Policy"].endswith("frame-src 'self'")


async def test_who_takes_nothing_of_a_document_does_not_keep_its_app(
    client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = asyncio.Event()
    opened = PaperSource.preview

    @asynccontextmanager
    async def watched(*args: Any, **how: Any) -> AsyncIterator[Any]:
        async with opened(*args, **how) as content:
            try:
                yield content
            finally:
                let_go.set()

    monkeypatch.setattr(PaperSource, "preview", watched)
    monkeypatch.setattr(PaperSource, "whole_type", PDF + bytes(2**24))
    monkeypatch.setattr(api_papers, "STALLED", 0.02)
    _, writer = await asyncio.open_connection(client.host, client.port)
    path = f"/api/v1/papers/{made['a']}/preview?whole=true"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {client.host}:{client.port}\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        await let_go.wait()  # nothing is read meanwhile
    writer.close()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/events",
        "/api/v1/papers/{a}/preview?whole=true",
        "/duplicates/export.csv",
        "/duplicates/export.json",
    ],
)
async def test_who_asks_for_the_head_gets_the_head_alone(
    client: Client, made: dict[str, int], path: str
) -> None:
    host = f"Host: {client.host}:{client.port}\r\n"
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"HEAD {path.format(**made)} HTTP/1.1\r\n{host}\r\n".encode())
    writer.write(f"GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        said = await reader.read()
    writer.close()
    head, _, rest = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert rest.startswith(b"HTTP/1.1 200"), "what follows is the next answer"


RUN_BY_BROWSERS = [
    b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"GIF89a",
]  # fmt: skip


async def test_what_a_browser_would_run_never_goes_out(
    client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"papers/{made['a']}/preview?whole=true"
    for body in RUN_BY_BROWSERS:
        monkeypatch.setattr(PaperSource, "whole_type", body)
        assert "no PDF, WebP, PNG or JPEG" in await refused(client, path, 404)
    framed = await client.get(f"/api/v1/{path}", headers={"Sec-Fetch-Dest": "iframe"})
    assert (framed.status, framed.content_type) == (404, "text/plain")


async def test_no_picture_says_why(
    world: World, client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await refused(client, "papers/999/preview", 404)
    await refused(client, "papers/x/preview", 404)
    await refused(client, f"papers/{made['a']}/preview?whole=perhaps", 400)
    monkeypatch.setattr(PaperSource, "broken", Unreachable("paperless hung up"))
    assert "hung up" in await refused(client, f"papers/{made['b']}/preview", 503)
    await world.engine.remove("paperless", freeze=True)
    assert "not in the config" in await refused(client, f"papers/{made['a']}/preview", 404)


async def test_trouble_shows_the_picture_that_is_known(
    world: World, client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/v1/papers/{made['a']}/preview"
    await (await client.get(path)).read()
    monkeypatch.setattr(PaperSource, "broken", Unreachable("paperless hung up\x00\x07\r\nX-Odd: 1 \u202e"))
    world.clock.advance(7200)
    answer = await client.get(path)
    assert (answer.status, await answer.read()) == (200, png(1))
    assert "hung up" in answer.headers["X-Picture-Note"]
    assert answer.headers["X-Picture-Note"].isprintable()
    assert "X-Odd" not in answer.headers
    assert world.engine.places["paperless"].live.health.state is not Health.OK


# --- runs ---------------------------------------------------------------------------------------------


async def test_a_run_needs_no_source(world: World, client: Client, made: dict[str, int]) -> None:
    del made
    go_on = asyncio.Event()

    async def searching(_: Any, run: Any) -> dict[str, Any]:
        run.progress.done, run.progress.total, run.progress.stage = 3, 10, "comparing"
        run.progress.rate, run.progress.left = 500.0, 7.0
        await go_on.wait()
        return {}

    world.engine.passes["duplicates"] = searching
    run = (await post(client, "runs", {"pass": "duplicates"}, status=202))["id"]
    again = await post(client, "runs", {"pass": "duplicates"}, status=409)
    assert again["id"] == run
    async with asyncio.timeout(PATIENCE):
        while not (world.engine.progress(run) or {}).get("done"):
            await asyncio.sleep(0.005)
    told = (await get(client, f"runs/{run}"))["progress"]
    assert (told["done"], told["rate"], told["left"], told["stage"]) == (3, 500.0, 7.0, "comparing")
    page = await (await client.get("/duplicates")).text()
    assert "Comparing: 3 of 10 papers, 500 a second, 7 s left" in page
    go_on.set()
    assert (await get(client, f"runs/{run}?wait=5"))["state"] == "complete"


async def test_deleting_many_is_said_by_number(world: World, client: Client, shelf: Shelf) -> None:
    await world.decide(mode=Mode.ASK)
    await shelf.paper(1, "One sheet", "the same words on each of them all")
    for number in range(2, 28):
        await shelf.paper(number, f"Copy {number}", "the same words on each of them all")
    await shelf.library.regroup()
    seen = (await post(client, "duplicates/actions", {"groups": [1], "action": "delete"}))["outlook"]
    assert (seen["deletes"], seen["counted"]) == (26, True)
    order = {"groups": [1], "action": "delete", "preview": False, "shown": seen["shown"]}
    told = await post(client, "duplicates/actions", order, status=409)
    assert "say the number" in told["detail"]
    assert await world.rows("SELECT * FROM action") == []
    made = await post(client, "duplicates/actions", {**order, "count": 26}, status=202)
    assert len(made["actions"]) == 26
    assert "One sheet" not in [one["title"] for one in made["actions"]]
    assert Key("document", "1") in shelf.model.items
