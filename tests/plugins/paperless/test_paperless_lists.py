"""Answers that carry Paperless' mark and still cannot be: lists that repeat, end early, or are others."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import BadResponse, Refused
from reconciled.model import Absent, Json
from reconciled.source import Deletion
from reconciled_paperless import Paperless
from reconciled_paperless.items import key_of

MARK = {"X-Version": "3.0.5", "X-Api-Version": "10"}
EMPTY = {"count": 0, "results": [], "all": []}
MARKED: dict[str, Json] = {"modified": "2026-01-01T00:00:00Z", "ids": "", "tags": {}}


def document(number: int, **more: Any) -> dict[str, Any]:
    times = {"added": "2026-05-01T10:00:00Z", "modified": "2026-05-01T10:00:00Z"}
    return {"id": number, "title": f"Letter {number}", "tags": [], **times, **more}


def rows(first: int, last: int, **more: Any) -> list[dict[str, Any]]:
    return [document(number, **more) for number in range(first, last + 1)]


class Stub:
    """Answers every question, by the part of its path and query that stands in `answers` first."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.url = ""
        self.token = "a" * 40

    async def handle(self, request: web.Request) -> web.Response:
        for part, answer in self.answers.items():
            if part in f"{request.method} {request.path_qs}":
                found = answer(request) if callable(answer) else answer
                status, body = found if isinstance(found, tuple) else (200, found)
                return web.Response(
                    status=status, body=json.dumps(body), content_type="application/json", headers=MARK
                )
        return web.json_response(EMPTY, headers=MARK)


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    made = Stub()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
def source(stub: Stub, asking: Any) -> Paperless:
    made: Paperless = asking(stub, token=stub.token, url=stub.url)
    return made


async def walked(source: Paperless) -> list[Any]:
    return [item async for page in source.snapshot(frozenset({"document"})) for item in page.items]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"count": 2500, "results": rows(1, 1000)}, "came before once more"),
        ({"count": 2500, "results": rows(1, 10)}, "a page of 10"),
        ({"count": 10, "results": rows(1, 9)}, "ends early"),
        ({"count": 10, "results": []}, "ends early"),
        ({"count": 1, "results": rows(1, 1, root_document=7)}, "no document of its own"),
        ({"count": 1, "results": rows(1, 1, deleted_at="2026-05-01T10:00:00Z")}, "lies in the trash"),
        ({"count": 1, "results": rows(1, 1, added="2026-05-01T10:00:00")}, "not what this app sends"),
        ((404, {"detail": "Invalid page."}), "no list of documents"),
    ],
)
async def test_listings_that_are_none(stub: Stub, source: Paperless, page: Any, said: str) -> None:
    stub.answers = {"/api/documents/?ordering=id&fields=id,": page}
    with pytest.raises(BadResponse, match=said):
        await walked(source)


async def test_pages_that_went_while_we_read(stub: Stub, source: Paperless) -> None:
    """2,500 documents became 900: the second page is not there any more, and that is the end."""

    def page(request: web.Request) -> Any:
        if request.query["page"] == "1":
            return {"count": 2500, "results": rows(1, 1000)}
        return 404, {"detail": "Invalid page."}

    stub.answers = {"ordering=id&fields=id,": page, "fields=id": {**EMPTY, "count": 2, "all": [1, 2]}}
    assert len(await walked(source)) == 1000


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"count": 5, "results": rows(1, 2)}, "not whole"),
        ({"count": 2, "results": rows(1, 1) * 2}, "not whole"),
        ({"count": 1, "results": rows(9, 9)}, "got others"),
        ({"count": 1, "results": rows(1, 1, root_document=2)}, "no document of its own"),
    ],
)
async def test_answers_about_others(stub: Stub, source: Paperless, found: Any, said: str) -> None:
    stub.answers = {"id__in=": found}
    with pytest.raises(BadResponse, match=said):
        await source.lookup_many([key_of(1), key_of(2)])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"count": 1, "results": rows(1, 1, modified="2020-01-01T00:00:00Z")}, "is modified__gte ignored"),
        ({"count": 1, "results": rows(1, 1, modified=None)}, "is modified__gte ignored"),
        ({"count": 9, "results": rows(1, 2)}, "the page ends early"),
        ((404, {"detail": "Invalid page."}), "no list of documents"),
    ],
)
async def test_changes_that_are_none(stub: Stub, source: Paperless, found: Any, said: str) -> None:
    stub.answers = {"modified__gte=": found}
    with pytest.raises(BadResponse, match=said):
        await source.changes(dict(MARKED))


async def test_changes_that_went_while_we_read(stub: Stub, source: Paperless) -> None:
    """A thousand of one moment, and nothing behind them any more."""

    def page(request: web.Request) -> Any:
        if request.query["page"] == "1":
            return {"count": 1500, "results": rows(1, 1000)}
        return 404, {"detail": "Invalid page."}

    stub.answers = {"modified__gte=": page, "fields=id": {**EMPTY, "count": 1000, "all": [*range(1, 1001)]}}
    assert len((await source.changes(dict(MARKED))).items) == 1000


@pytest.mark.parametrize(
    ("answers", "error", "said"),
    [
        ({"/trash/": {"count": 1, "results": rows(1, 1)}}, BadResponse, "lies in no trash"),
        ({"/root/": {"root_id": "one"}}, Refused, "not what this app sends"),
        ({"/root/": (404, {"detail": "Page not found"})}, Refused, "not in the words of Paperless"),
        ({"/root/": (404, "not found")}, Refused, "not in the words of Paperless"),
        ({"/root/": {"root_id": 1}, "/metadata/": {}}, Refused, "it is there"),
        ({"/root/": {"root_id": 1}, "/metadata/": (403, {})}, Refused, "hidden"),
    ],
)
async def test_fates_that_are_none(
    stub: Stub, source: Paperless, answers: Any, error: type[Exception], said: str
) -> None:
    stub.answers = answers
    with pytest.raises(error, match=said):
        await source.lookup(key_of(1))


async def test_a_trash_that_we_may_not_look_into(stub: Stub, source: Paperless) -> None:
    """The other questions have to do."""
    stub.answers = {
        "/trash/": (403, {}),
        "/root/": {"root_id": 1},
        "/metadata/": (404, {"detail": "Not found."}),
    }
    assert await source.lookup(key_of(1)) == Absent("in the trash")


async def test_tags_that_are_not_whole(stub: Stub, source: Paperless) -> None:
    stub.answers = {"/tags/": {"count": 9, "results": []}}
    with pytest.raises(BadResponse, match="0 tags of 9"):
        await walked(source)


async def test_nobody_in_particular(stub: Stub, source: Paperless) -> None:
    stub.answers = {"/ui_settings/": {"user": {"username": ""}, "settings": {}}}
    with pytest.raises(BadResponse, match="does not say who we are"):
        await source.probe()


@pytest.mark.parametrize("token", ["", "two words", "x\r\nCookie: a=b", "y" * 300])
async def test_tokens_that_are_none(stub: Stub, asking: Any, token: str) -> None:
    stub.answers = {"POST /api/token/": {"token": token}}
    with pytest.raises(BadResponse, match="no token of Paperless") as caught:
        await asking(stub, url=stub.url, user="admin", password="hush").probe()
    assert token not in str(caught.value) or not token


@pytest.mark.parametrize("key", ["", "a; other=b", "x\r\ny"])
async def test_sessions_that_are_none(stub: Stub, asking: Any, key: str) -> None:
    stub.answers = {"auth/login": {"meta": {"session_token": key}}, "POST /api/token/": {"token": "a" * 40}}
    source = asking(stub, url=stub.url, user="admin", password="hush", poll="off")
    with pytest.raises(BadResponse, match="no key of a session"):
        await anext(source.listen())


async def test_a_deletion_that_says_something_else(stub: Stub, source: Paperless) -> None:
    stub.answers = {"id__in=": {"count": 1, "results": rows(1, 1)}, "DELETE": {"task": "x"}}
    with pytest.raises(BadResponse, match="does not say that it was deleted"):
        await source.delete(key_of(1), Deletion(files=True))
    stub.answers["DELETE"] = (404, {"detail": "No Document matches the given query."})
    with pytest.raises(BadResponse, match="and shows it"):
        await source.delete(key_of(1), Deletion(files=True))


async def test_a_restoration_that_says_something_else(stub: Stub, source: Paperless) -> None:
    stub.answers = {"POST /api/trash/": {"result": "OK", "doc_ids": [2]}}
    with pytest.raises(BadResponse, match="does not say that 1 was restored"):
        await source.restore(key_of(1), None)


async def test_a_tag_that_somebody_makes_meanwhile(stub: Stub, source: Paperless) -> None:
    tags: list[dict[str, Any]] = []
    shown = {"count": 1, "results": rows(1, 1)}

    def made(_request: web.Request) -> Any:
        tags.append({"id": 5, "name": "keep"})
        return 400, {"error": "Object violates owner / name unique constraint"}

    def edited(request: web.Request) -> Any:
        shown["results"] = rows(1, 1, tags=[5])
        return {"result": "OK"}

    stub.answers = {
        "POST /api/tags/": made,
        "GET /api/tags/": lambda _: {"count": len(tags), "results": tags},
        "POST /api/documents/bulk_edit/": edited,
        "id__in=": lambda _: shown,
    }
    await source.tag(key_of(1), "keep")
    assert shown["results"] == rows(1, 1, tags=[5])


async def test_a_tag_that_is_refused(stub: Stub, source: Paperless) -> None:
    stub.answers = {
        "POST /api/tags/": (400, {"error": "too long"}),
        "id__in=": {"count": 1, "results": rows(1, 1)},
    }
    with pytest.raises(Refused, match=r"refused the tag 'keep'.*too long"):
        await source.tag(key_of(1), "keep")


@pytest.mark.parametrize("days", [4_000_000, 10**12])
async def test_a_trash_that_keeps_things_for_ever(stub: Stub, source: Paperless, days: int) -> None:
    """No calendar goes so far."""
    at = "2026-05-02T10:00:00Z"
    stub.answers = {
        "/ui_settings/": {"user": {"username": "ann"}, "settings": {"trash_delay": days}},
        "/trash/": {"count": 1, "results": rows(1, 1, deleted_at=at)},
    }
    await source.probe()
    found = await source.lookup(key_of(1))
    assert found == Absent("in the trash", at=datetime.fromisoformat(at), restorable_until=None)


async def test_tags_that_we_may_not_see_are_asked_for_once(stub: Stub, source: Paperless) -> None:
    """Each document has another one of them."""
    asked: list[str] = []

    def tags(request: web.Request) -> Any:
        asked.append(request.path)
        return {"count": 0, "results": []}

    stub.answers = {
        "GET /api/tags/": tags,
        "id__in=1&": {"count": 1, "results": rows(1, 1, tags=[5])},
        "id__in=2&": {"count": 1, "results": rows(2, 2, tags=[6])},
    }
    for number in (1, 2, 1, 2):
        found = await source.lookup(key_of(number))
        assert "tags" not in found.attrs  # type: ignore[union-attr]
    assert len(asked) == 2
