"""Records over the API: what programs register is known at once, and nothing that is wrong harms the rest."""

import asyncio
import contextlib
import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tests.daemon.web.conftest import BEARER, Client, Notes, World, film
from tests.daemon.web.test_web_api import get, post
from tests.patience import PATIENCE

from reconciled.engine.live import Rules
from reconciled.http import Http
from reconciled.ledger import items
from reconciled.ledger.rows import stamp
from reconciled.model import Key, SyncStatus
from reconciled.runtime.own_loops import own_loops
from reconciled.runtime.shelf import LedgerShelf
from reconciled.source import Context
from reconciled.testing.model_app import ModelApp
from reconciled.web.registrations import lines_of
from reconciled_records import Records, RecordsConfig

ONE = {"title": "Invoice 12", "refs": ["paperless:document/12", "tmdb:movie/603"], "attrs": {"page": 3}}
LINES = {**BEARER, "Content-Type": "application/x-ndjson"}


async def follow_records(world: World, name: str = "library") -> Records:
    """A source of records, scanned once."""
    context = Context(
        name,
        Http.__new__(Http),
        world.clock,
        logging.getLogger(name),
        Notes(),
        shelf=LedgerShelf(world.engine, name),
    )
    source = Records(RecordsConfig(), context)
    await world.engine.add(name, source, rules=Rules(), kinds=frozenset(source.kinds), scope={})
    await world.scan(name)
    return source


@pytest.fixture
async def library(world: World) -> Records:
    return await follow_records(world)


async def put(client: Client, key: str, body: Any = None, *, status: int = 201) -> Any:
    answer = await client.put(
        f"/api/v1/records/library/{key}", json=ONE if body is None else body, headers=BEARER
    )
    assert answer.status == status, await answer.text()
    return await answer.json()


async def put_lines(client: Client, *lines: Any, query: str = "", raw: bytes | None = None) -> Any:
    body = raw if raw is not None else b"\n".join(json.dumps(line).encode() for line in lines)
    answer = await client.put(f"/api/v1/records/library{query}", data=body, headers=LINES)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def delete(client: Client, key: str, *, status: int = 200) -> Any:
    headers = {**BEARER, "Content-Type": "application/json"}
    answer = await client.delete(f"/api/v1/records/library/{key}", headers=headers)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_a_record_is_known_at_once(world: World, client: Client, library: Records) -> None:
    told = await put(client, "inv/12")
    assert told == {
        "source": "library",
        "id": "inv/12",
        **ONE,
        "sync_status": "synced",
        "last_sync_at": world.stamp,
        "registered": world.stamp,
        "changed": world.stamp,
        "missing_since": None,
        "callback": None,
        "content": None,
    }
    assert await get(client, "records/library/inv/12") == told
    item = await get(client, "items/library/record/inv/12")
    assert (item["presence"], item["refers"], item["title"]) == ("present", True, "Invoice 12")
    assert set(item["refs"]) == {*ONE["refs"], "record:library/inv/12"}
    assert item["attrs"] == {"page": 3, "has_bytes": False, "sync_status": "synced"}


async def test_what_is_said_anew_changes_it_and_what_is_left_out_stays(
    world: World, client: Client, library: Records
) -> None:
    await put(client, "12", {**ONE, "sync_status": "failed", "last_sync_at": "2025-12-24T18:00:00+01:00"})
    world.clock.advance(60)
    told = await put(client, "12", {"title": "Invoice twelve", "refs": ["tmdb:movie/604"]}, status=200)
    assert (told["title"], told["refs"], told["attrs"]) == ("Invoice twelve", ["tmdb:movie/604"], {})
    assert (told["sync_status"], told["last_sync_at"]) == ("failed", "2025-12-24T17:00:00.000Z")
    assert told["registered"] < told["changed"] == world.stamp
    item = await get(client, "items/library/record/12")
    assert (item["title"], item["refs"]) == ("Invoice twelve", ["record:library/12", "tmdb:movie/604"])
    assert await world.rows("SELECT * FROM tombstone") == []  # it is the same record, whatever it is about
    world.clock.advance(60)
    same = {"title": "Invoice twelve", "refs": ["tmdb:movie/604"], "sync_status": "failed"}
    assert (await put(client, "12", same, status=200))["changed"] == told["changed"]
    assert (await put(client, "12", {**same, "sync_status": "synced"}, status=200))[
        "last_sync_at"
    ] == world.stamp


async def test_a_scan_and_a_look_change_nothing(world: World, client: Client, library: Records) -> None:
    for number in range(5):
        await put(client, str(number))
    before = await world.rows("SELECT key, title, presence, attrs, print FROM item ORDER BY key")
    await world.scan("library")
    assert (await post(client, "lookups", {"source": "library", "kind": "record", "id": "3"}))[
        "verdict"
    ] == "present"
    assert await world.rows("SELECT key, title, presence, attrs, print FROM item ORDER BY key") == before
    assert await world.rows("SELECT * FROM suspect") == []


@pytest.mark.parametrize("others", [0, 3])
async def test_its_program_removes_a_record(
    world: World, client: Client, library: Records, others: int
) -> None:
    """Also the only one: the shelf needs no other to be believed."""
    for number in range(others):
        await put(client, f"other{number}")
    await put(client, "12")
    assert await delete(client, "12") == {"source": "library", "id": "12", "title": "Invoice 12"}
    await client.get("/api/v1/records/library/12")
    (told,) = (await get(client, "tombstones"))["items"]
    assert (told["source"], told["key"], told["cause"], told["what"]) == ("library", "12", "library", "entry")
    assert told["sentence"].startswith("Invoice 12: library said that its program removed it")
    assert set(told["refs"]) == {*ONE["refs"], "record:library/12"}
    assert await world.rows("SELECT * FROM work") == []
    assert await world.rows("SELECT * FROM hold") == []
    assert (await delete(client, "12", status=404))["detail"] == "library holds no record '12'"
    looked = await post(client, "lookups", {"source": "library", "kind": "record", "id": "12"})
    assert "removed by its program" in looked["reason"]
    assert len((await get(client, "records/library"))["items"]) == others


async def test_what_was_removed_can_be_registered_again(
    world: World, client: Client, library: Records
) -> None:
    await put(client, "12", {**ONE, "sync_status": "failed"})
    await delete(client, "12")
    world.clock.advance(60)
    told = await put(client, "12")
    assert (told["sync_status"], told["registered"]) == ("synced", world.stamp)
    (grave,) = (await get(client, "tombstones"))["items"]
    assert grave["revived"]["key"] == "record 12"
    assert (await get(client, "items/library/record/12"))["presence"] == "present"
    assert (await get(client, "findings?open=true&code=gone"))["items"] == []


async def test_while_nothing_is_believed_a_look_tells_later(
    world: World, client: Client, library: Records
) -> None:
    for number in range(3):
        await put(client, str(number))
    await world.engine.perform(
        "scan", "library", asked_by="a test"
    )  # what no scan listed vouches for nothing
    await post(client, "pause", {"source": "library"})
    await put(client, "new")
    await delete(client, "1")
    await put(client, "short")
    await delete(client, "short")
    assert (await get(client, "tombstones"))["items"] == []
    assert (await get(client, "items?source=library&presence=present"))["items"][-1]["id"] == "2"
    await post(client, "resume", {"source": "library"})
    await world.settle(61)
    await world.settle(61)
    assert [one["id"] for one in (await get(client, "items?presence=present"))["items"]] == ["0", "2", "new"]
    told = {one["key"]: one["cause"] for one in (await get(client, "tombstones"))["items"]}
    assert told == {"1": "library", "short": "library"}


async def test_a_film_registered_by_a_program_is_no_evidence_for_it(
    world: World, client: Client, library: Records, radarr: ModelApp
) -> None:
    await put(client, "12", {"title": "about a film", "refs": ["tmdb:movie/3"]})
    radarr.put(film(30))
    await world.lose("radarr", Key("movie", "3"))
    known = await get(client, "items/library/record/12")
    assert known["presence"] == "present"
    await world.engine.perform("orphans", "library", asked_by="a test")
    (found,) = (await get(client, "findings?code=orphan"))["items"]
    assert (found["source"], found["key"]) == ("library", "12")


@pytest.mark.parametrize(
    ("key", "body", "said"),
    [
        ("12", {}, "title"),
        ("12", {"title": ""}, "$.title"),
        ("12", {"title": "  "}, "$.title"),
        ("12", {"title": 7}, "$.title"),
        ("12", {"title": "x" * 1001}, "$.title"),
        ("12", {"title": "x", "refs": "tmdb:movie/603"}, "$.refs"),
        ("12", {"title": "x", "refs": ["tmdb:movie/603", "nonsense"]}, "$.refs[1]"),
        ("12", {"title": "x", "refs": ["tmdb:movie/0"]}, "$.refs[0]"),
        ("12", {"title": "x", "refs": ["tmdb:movie/"]}, "$.refs[0]"),
        ("12", {"title": "x", "refs": ["record:library/9"]}, "$.refs[0]"),
        ("12", {"title": "x", "refs": [f"tmdb:movie/{n}" for n in range(101)]}, "$.refs"),
        ("12", {"title": "x", "refs": ["tmdb:movie/" + "9" * 500]}, "$.refs[0]"),
        ("12", {"title": "x", "attrs": []}, "$.attrs"),
        ("12", {"title": "x", "attrs": {"a": "x" * 65_536}}, "65536"),
        ("12", {"title": "x", "sync_status": "missing"}, "$.sync_status"),
        ("12", {"title": "x", "last_sync_at": "yesterday"}, "$.last_sync_at"),
        ("12", {"title": "x", "last_sync_at": "0001-01-01T00:00:00+14:00"}, "$.last_sync_at"),
        ("12", {"title": "x", "colour": 1}, "colour"),
        ("12", ["x"], "object"),
        ("%20", {"title": "x"}, "$.id"),
        ("a%07b", {"title": "x"}, "$.id"),
        ("a//b", {"title": "x"}, "$.id"),
        ("x" * 251, {"title": "x"}, "$.id"),
    ],
)
async def test_what_is_wrong_is_named(
    world: World, client: Client, library: Records, key: str, body: Any, said: str
) -> None:
    told = await put(client, key, body, status=400)
    assert said in told["detail"]
    assert await world.rows("SELECT * FROM record") == []


async def test_what_is_no_json(client: Client, library: Records) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    for body in (b'{"title": ', b"\xff", b'{"title": "x", "attrs": {"a": ' + b"[" * 50_000):
        answer = await client.put("/api/v1/records/library/12", data=body, headers=headers)
        assert answer.status == 400
    large = io.BytesIO(b" " * (2**20 + 1))
    answer = await client.put("/api/v1/records/library/12", data=large, headers=headers)
    assert answer.status == 413


async def test_who_takes_no_records(client: Client, library: Records, radarr: ModelApp) -> None:
    for name, said in (("radarr", "radarr takes no records"), ("nobody", "no source 'nobody'")):
        for method, path in (("GET", name), ("GET", f"{name}/1"), ("PUT", f"{name}/1"), ("PUT", name)):
            body = {"title": "x"} if method == "PUT" else None
            answer = await client.request(method, f"/api/v1/records/{path}", headers=BEARER, json=body)
            assert answer.status == 404
            assert said in (await answer.json())["detail"]
    told = await get(client, "records")
    assert told["items"] == [{"source": "library", "app": "records", "records": 0, "statuses": {}}]


async def test_a_change_needs_the_token_and_a_type(client: Client, library: Records) -> None:
    answer = await client.put("/api/v1/records/library/12", json=ONE)
    assert answer.status == 401
    for path, kind, status in (
        ("library", "text/plain", 415),
        ("library/1", "application/x-ndjson", 415),
        ("library", "application/x-ndjson", 200),
        ("library", "application/json", 200),
    ):
        headers = {**BEARER, "Content-Type": kind}
        answer = await client.put(f"/api/v1/records/{path}", data=b"", headers=headers)
        assert answer.status == status


async def test_lists_are_filtered_and_paged(world: World, client: Client, library: Records) -> None:
    for number in range(5):
        await put(client, str(number), {"title": "x", "sync_status": "failed" if number % 2 else "synced"})
    world.clock.advance(60)
    later = world.stamp.replace("Z", "%2B00:00")
    await put(client, "1", {"title": "y"}, status=200)

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in (await get(client, f"records/library{query}"))["items"]]

    assert await ids("?sync_status=failed") == ["1", "3"]
    assert await ids(f"?since={later}") == ["1"]
    assert await ids("?sync_status=missing") == []
    page = await get(client, "records/library?limit=3")
    assert [one["id"] for one in page["items"]] == ["0", "1", "2"]
    assert await ids(f"?limit=3&cursor={page['next']}") == ["3", "4"]
    (shelf,) = (await get(client, "records"))["items"]
    assert (shelf["records"], shelf["statuses"]) == (5, {"failed": 2, "synced": 3})
    assert (await client.get("/api/v1/records/library?sync_status=lost")).status == 400


async def test_many_lines_each_judged_by_itself(world: World, client: Client, library: Records) -> None:
    await put(client, "old", {"title": "old"})
    await put(client, "same", {"title": "same"})
    lines = [
        json.dumps({"id": "a", "title": "A", "refs": ["tmdb:movie/603"]}),
        "",
        json.dumps({"id": "b"}),
        "{not json",
        json.dumps({"id": "old", "title": "changed"}),
        json.dumps({"id": "same", "title": "same"}),
        json.dumps({"id": "a", "title": "A again"}),
        json.dumps({"id": "c", "title": "x" * 70_000}),
        json.dumps({"id": "d/content", "title": "x"}),
        json.dumps({"id": "é", "title": "Ünïcode"}),
    ]
    body = b"\xef\xbb\xbf" + "\r\n".join(lines).encode()
    dry = await put_lines(client, raw=body, query="?dry_run=true")
    assert [one["id"] for one in (await get(client, "records/library"))["items"]] == ["old", "same"]
    told = await put_lines(client, raw=body)
    assert {**told, "dry_run": True} == dry
    assert (told["lines"], told["new"], told["changed"], told["same"], told["wrong"]) == (9, 2, 1, 1, 5)
    errors = {one["line"]: (one["id"], one["error"]) for one in told["errors"]}
    assert [*errors] == [3, 4, 7, 8, 9]
    assert errors[3][0] == "b"
    assert "title" in errors[3][1]
    assert "no JSON" in errors[4][1]
    assert errors[7] == ("a", "line 1 has the same id")
    assert errors[8] == (None, "longer than 65536 bytes")
    titles = {one["id"]: one["title"] for one in (await get(client, "records/library"))["items"]}
    assert titles == {"old": "changed", "same": "same", "a": "A", "é": "Ünïcode"}
    assert (await get(client, "items/library/record/a"))["presence"] == "present"


async def test_many_more_lines_than_are_written_at_once(
    world: World, client: Client, library: Records
) -> None:
    lines = [{"id": f"{n:04}", "title": f"Record {n}", "refs": [f"tmdb:movie/{n + 1}"]} for n in range(950)]
    assert (await put_lines(client, *lines))["new"] == 950
    assert await world.rows("SELECT count(*) FROM item WHERE presence = 'present'") == [(950,)]
    assert (await put_lines(client, *lines))["same"] == 950
    await world.scan("library")
    assert await world.rows("SELECT count(*) FROM suspect") == [(0,)]


@pytest.mark.parametrize("size", [1, 7, 70_000, 10_000_000])
async def test_lines_however_they_are_cut(size: int) -> None:
    body = b"a\nbb\n\n" + b"x" * 65_537 + b"\nccc\n" + b"y" * 65_536 + b"\n" + b"z" * 200_000
    step = max(size, 1000) if size == 1 else size

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), step):
            yield body[at : at + step]

    found = [(number, line and len(line)) async for number, line in lines_of(chunks())]
    assert found == [(1, 1), (2, 2), (4, None), (5, 3), (6, 65_536), (7, None)]


async def test_too_many_lines(monkeypatch: pytest.MonkeyPatch, client: Client, library: Records) -> None:
    monkeypatch.setattr("reconciled.web.registrations.MOST_LINES", 2)
    told = await put_lines(client, *({"id": str(n), "title": "x"} for n in range(5)))
    assert (told["new"], told["wrong"], told["errors"][0]["line"]) == (2, 1, 3)
    assert "at most 2 lines" in told["errors"][0]["error"]


async def test_a_record_that_cannot_be_kept_keeps_no_other_back(
    monkeypatch: pytest.MonkeyPatch, client: Client, library: Records
) -> None:
    item_of = Records.item_of

    def odd(self: Records, record: Any) -> Any:
        if record.id == "odd":
            raise RuntimeError("a defect")
        return item_of(self, record)

    monkeypatch.setattr(Records, "item_of", odd)
    told = await put_lines(client, *({"id": name, "title": "x"} for name in ("a", "odd", "b")))
    assert (told["new"], [one["id"] for one in told["errors"]]) == (2, ["odd"])
    await put(client, "odd", status=500)
    assert [one["id"] for one in (await get(client, "records/library"))["items"]] == ["a", "b"]


async def test_a_cleanup_removes_exactly_what_was_shown(
    world: World, client: Client, library: Records
) -> None:
    for number in range(30):
        await put(client, f"{number:02}", {"title": f"Record {number}", "sync_status": "failed"})
    await put(client, "well", {"title": "well"})
    shown = await post(client, "records/library/cleanup", {"sync_status": "failed"})
    assert (shown["preview"], shown["count"], len(shown["titles"])) == (True, 30, 20)
    assert len((await get(client, "records/library"))["items"]) == 31
    await put(client, "03", {"title": "Record 3", "sync_status": "synced"}, status=200)
    await put(client, "04", {"title": "Record 4, tried again"}, status=200)
    await put(client, "late", {"title": "late", "sync_status": "failed"})
    body = {"sync_status": "failed", "preview": False, "shown": shown["shown"]}
    told = await post(client, "records/library/cleanup", body)
    assert (told["preview"], told["count"]) == (False, 28)
    left = [one["id"] for one in (await get(client, "records/library"))["items"]]
    assert left == ["03", "04", "well", "late"]
    graves = (await get(client, "tombstones"))["items"]
    assert {(one["cause"], one["actor"]) for one in graves} == {("dashboard", "owner")}
    assert len(graves) == 28
    assert await world.rows("SELECT * FROM hold") == []
    assert (await post(client, "records/library/cleanup", {**body, "shown": None}))["count"] == 2
    assert (await get(client, "audit"))["items"][0]["what"].endswith("failed, removed")


async def test_all_records_can_be_cleaned_up(world: World, client: Client, library: Records) -> None:
    for number in range(30):
        await put(client, f"{number:02}", {"title": "x", "sync_status": "failed"})
    body = {"sync_status": "failed", "preview": False}
    assert (await post(client, "records/library/cleanup", body))["count"] == 30
    assert await world.rows("SELECT count(*) FROM tombstone") == [(30,)]
    await world.scan("library")
    assert await world.rows("SELECT * FROM hold") == []


async def test_what_is_in_step_is_not_cleaned_up(client: Client, library: Records) -> None:
    told = await post(client, "records/library/cleanup", {"sync_status": "synced"}, status=400)
    assert "$.sync_status" in told["detail"]


async def test_the_status_that_counts(world: World, client: Client, library: Records) -> None:
    await put(client, "12", {**ONE, "sync_status": "failed"})
    shelf = LedgerShelf(world.engine, "library")
    assert await shelf.mark("12", missing=True, name="d1", letter=b"{}")
    told = await get(client, "records/library/12")
    assert (told["sync_status"], told["missing_since"]) == ("missing", world.stamp)
    assert told["callback"]["state"] == "waiting"
    assert (await get(client, "items/library/record/12"))["attrs"]["sync_status"] == "missing"
    told = await put(client, "12", {**ONE, "sync_status": "pending"}, status=200)
    assert told["sync_status"] == "missing"  # it is about the same, which is still gone
    told = await put(client, "12", {**ONE, "refs": ["tmdb:movie/1"]}, status=200)
    assert (told["sync_status"], told["missing_since"]) == (SyncStatus.PENDING, None)


async def heard(so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until news arrived."""
    async with asyncio.timeout(PATIENCE):
        while not await so():
            await asyncio.sleep(0.002)


@pytest.fixture
async def orphan(
    world: World, client: Client, library: Records, radarr: ModelApp
) -> AsyncIterator[LedgerShelf]:
    """A record of a film that is gone: marked, its letter waiting, and its source hearing what comes next."""
    shelf = LedgerShelf(world.engine, "library")
    config = {"callback": {"url": "http://127.0.0.1:9/hook", "secret": "a-secret-to-sign-with"}}
    library.config = RecordsConfig.model_validate(config)
    await put(client, "12", {"title": "about a film", "refs": ["tmdb:movie/3"]})
    radarr.put(film(30))
    await world.lose("radarr", Key("movie", "3"))
    await world.engine.perform("orphans", "library", asked_by="a test")
    hearing = asyncio.create_task(_run(own_loops(world.engine, "library")["news of orphans"]))

    async def marked() -> bool:
        return len(await shelf.missing()) == len(await shelf.waiting()) == 1

    await heard(marked)
    yield shelf
    hearing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await hearing


async def _run(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()


async def test_a_record_about_something_else_is_not_told_the_old_word(
    world: World, client: Client, orphan: LedgerShelf
) -> None:
    told = await put(client, "12", {"title": "about another", "refs": ["tmdb:movie/4"]}, status=200)
    assert (told["sync_status"], told["callback"]) == ("synced", None)
    assert await orphan.waiting() == []
    assert (await get(client, "findings?open=true&code=orphan"))["items"] == []


async def test_news_that_come_too_late_mark_nothing(
    world: World, client: Client, orphan: LedgerShelf
) -> None:
    """Who read of an orphan before it was registered anew must not say so of what it is now."""
    await put(client, "12", {"title": "about another", "refs": ["tmdb:movie/4"]}, status=200)
    assert not await orphan.mark("12", missing=True, name="late", letter=b"{}")
    assert (await get(client, "records/library/12"))["sync_status"] == "synced"
    assert await orphan.waiting() == []


async def test_the_same_said_again_changes_no_word(world: World, client: Client, orphan: LedgerShelf) -> None:
    told = await put(client, "12", {"title": "renamed", "refs": ["tmdb:movie/3"]}, status=200)
    assert (told["sync_status"], told["callback"]["state"]) == ("missing", "waiting")


async def test_what_the_ledger_let_go_of_is_not_back(
    world: World, client: Client, library: Records, orphan: LedgerShelf
) -> None:
    (letter,) = await orphan.waiting()
    later = world.clock.now().replace(year=world.clock.now().year + 1)
    await world.ledger.write(lambda tx: items.forget_gone(tx, before=stamp(later), limit=100))
    await put(client, "13", {"title": "about nothing", "refs": ["tmdb:movie/999"]})
    for _ in range(3):
        world.clock.advance(60)
        await world.engine.perform("orphans", "library", asked_by="a test")
        await asyncio.sleep(0.02)
    assert [one.id for one in await orphan.missing()] == ["12"]
    assert await orphan.waiting() == [letter]
    restarted = asyncio.create_task(_run(own_loops(world.engine, "library")["news of orphans"]))
    await asyncio.sleep(0.05)
    restarted.cancel()
    assert await orphan.waiting() == [letter]


async def test_letters_are_read_a_part_at_a_time(
    monkeypatch: pytest.MonkeyPatch, world: World, client: Client, library: Records
) -> None:
    monkeypatch.setattr("reconciled.ledger.letters.AT_ONCE", 2)
    shelf = LedgerShelf(world.engine, "library")
    for number in range(4):
        await put(client, str(number))
        await shelf.mark(str(number), missing=True, name=f"d{number}", letter=b"{}")
    first, second = await shelf.waiting()
    await shelf.tried(first, error="no", due=world.clock.reckoned() + 60)
    assert [letter.record for letter in await shelf.waiting()] == [second.record, "2"]
    await shelf.settled(second, error=None)
    assert [letter.record for letter in await shelf.waiting()] == ["2", "3"]
    assert not await shelf.waits(second)
    assert await shelf.waits(first)
