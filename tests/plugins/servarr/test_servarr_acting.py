"""What changing a Radarr or Sonarr does there, and what is said of it when it goes wrong."""

import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from yarl import URL

from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unreachable
from reconciled.errors import Unsupported as No
from reconciled.model import Absent, Key
from reconciled.source import Deletion
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr

KEY = "0123456789abcdef0123456789abcdef"
APPS: dict[str, tuple[Any, Any, Any, str]] = {
    "radarr": (Radarr, FakeRadarr, films, "6.1.0.10360"),
    "sonarr": (Sonarr, FakeSonarr, series, "4.0.19.2979"),
    "sonarr 5": (Sonarr, FakeSonarr, series, "5.0.0.1234"),
}
Verb = Callable[[Any, Key], Awaitable[Any]]
CHANGES: dict[str, tuple[str, Verb]] = {
    "delete": ("DELETE", lambda source, key: source.delete(key, Deletion())),
    "monitor": ("PUT", lambda source, key: source.monitor(key, False)),
    "tag": ("PUT", lambda source, key: source.tag(key, "Leaving")),
    "untag": ("PUT", lambda source, key: source.untag(key, "keep")),
}


@pytest.fixture(params=APPS)
async def acted(request: pytest.FixtureRequest, make: Any) -> AsyncIterator[tuple[Any, Any, Key]]:
    """A source, its fake with three entries, all with the tag `keep`, and the key of the second."""
    source, fake, works, version = APPS[request.param]
    async with fake(api_key=KEY, version=version) as app:
        for work in works(3):
            app.tag(app.put(work).id, "keep")
        yield make(source, app.url, KEY, act_timeout="2s"), app, Key(source.kinds[0], "2")


def changes(app: Any) -> list[tuple[str, str]]:
    """The requests that were to change something."""
    return [(method, path) for method, path in app.requests if method != "GET"]


def tags_of(app: Any, number: int) -> list[str]:
    return [app.state.tags[tag] for tag in app.state.entries[number].tags]


# it happens


@pytest.mark.parametrize("files", [False, True])
@pytest.mark.parametrize("exclude", [False, True])
async def test_delete(acted: Any, *, files: bool, exclude: bool) -> None:
    source, app, key = acted
    path = app.state.entries[2].path
    await source.delete(key, Deletion(files=files, exclude=exclude))
    assert sorted(app.state.entries) == [1, 3]
    assert app.erased == [path] * files
    assert len(app.state.exclusions) == exclude
    name = "addImportExclusion" if app.kind == "movie" else "addImportListExclusion"
    said = f"deleteFiles={str(files).lower()}&{name}={str(exclude).lower()}"
    assert changes(app) == [("DELETE", f"/api/v3/{app.kind}/2?{said}")]
    assert app.deletes == {2: 1}
    assert isinstance(await source.lookup(key), Absent)


async def test_a_delete_twice_is_a_success_and_one_deletion(acted: Any) -> None:
    source, app, key = acted
    for _ in range(2):
        await source.delete(key, Deletion())
    assert app.deletes == {2: 1}
    assert app.count(method="DELETE") == 2


async def test_monitor(acted: Any) -> None:
    source, app, key = acted
    for wanted in (False, False, True):
        await source.monitor(key, wanted)
        assert [entry.monitored for entry in app.state.entries.values()] == [True, wanted, True]
        assert (await source.lookup(key)).attrs["monitored"] is wanted
    assert [(edit.ids, edit.change) for edit in app.edits] == [
        ((2,), {"monitored": wanted}) for wanted in (False, False, True)
    ]


async def test_tag_and_untag(acted: Any) -> None:
    source, app, key = acted
    await source.tag(key, " Leaving-Soon ")
    assert app.state.tags == {1: "keep", 2: "leaving-soon"}
    await source.tag(key, "leaving-soon")
    assert (await source.lookup(key)).attrs["tags"] == ["keep", "leaving-soon"]
    await source.untag(key, "KEEP")
    await source.untag(key, "keep")
    assert (await source.lookup(key)).attrs["tags"] == ["leaving-soon"]
    assert (tags_of(app, 1), tags_of(app, 3)) == (["keep"], ["keep"])
    assert len(app.edits) == 4
    assert app.count("/api/v3/tag", method="POST") == 1
    await source.untag(key, "never-seen")
    assert len(app.edits) == 4
    assert app.state.tags == {1: "keep", 2: "leaving-soon"}


async def test_a_tag_that_somebody_else_makes_at_the_same_time(acted: Any) -> None:
    source, app, key = acted

    def both_at_once(request: web.BaseRequest) -> bool:
        if request.method == "POST":
            app.state.tags[7] = "leaving"
        return False

    app.faults.set(Fault.ERROR, both_at_once)
    await source.tag(key, "leaving")
    assert tags_of(app, 2) == ["keep", "leaving"]
    assert app.state.tags == {1: "keep", 7: "leaving"}


async def test_capture_is_the_whole_record_without_the_key(acted: Any) -> None:
    source, app, key = acted
    record = json.loads(app.encoded(2))
    kept = await source.capture(key)
    assert kept["record"] == record
    assert (kept["labels"], kept["profile"], kept["excluded"]) == (["keep"], "HD-1080p", False)
    app.state.entries[2].path = f"/films/{KEY}"
    app.changed(2)
    kept = await source.capture(key)
    assert KEY not in json.dumps(kept)
    assert kept["record"]["path"] == "/films/***"
    assert changes(app) == []


async def test_how_long_a_change_may_take(make: Any) -> None:
    assert make(Radarr, "http://box", KEY).acts_within == 120
    assert make(Sonarr, "http://box", KEY, act_timeout="5m").acts_within == 300
    with pytest.raises(ValidationError):
        make(Radarr, "http://box", KEY, act_timeout="0s")


# it is gone already, or never was


@pytest.mark.parametrize("verb", ["monitor", "tag", "untag", "capture"])
async def test_what_is_gone_cannot_be_changed(acted: Any, verb: str) -> None:
    source, app, _ = acted
    key = Key(source.kinds[0], "999")
    asked = source.capture(key) if verb == "capture" else CHANGES[verb][1](source, key)
    with pytest.raises(Refused, match=f"gone from {source.title}|404 of {source.title}"):
        await asked
    assert app.edits == []


@pytest.mark.parametrize("verb", [*CHANGES, "capture"])
@pytest.mark.parametrize("number", ["0", "editor", "1/../2", "99999999999"])
async def test_ids_that_name_no_record_are_not_sent(acted: Any, verb: str, number: str) -> None:
    source, app, key = acted
    for wrong in (Key(key.kind, number), Key("episode", "2")):
        with pytest.raises(No):
            await (source.capture(wrong) if verb == "capture" else CHANGES[verb][1](source, wrong))
    assert app.requests == []


# against the apps' own documents


@pytest.mark.skipif("RECONCILED_SPECS" not in os.environ, reason="RECONCILED_SPECS names no folder")
async def test_all_names_sent_stand_in_the_openapi_document(acted: Any) -> None:
    """The apps ignore a parameter that they do not know; the document says which they do."""
    jsonschema = pytest.importorskip("jsonschema")
    source, app, key = acted
    folder = Path(os.environ["RECONCILED_SPECS"])
    document = json.loads((folder / f"{source.app}-v3.openapi.json").read_text("utf-8"))
    await source.monitor(key, False)
    await source.tag(key, "leaving")
    await source.untag(key, "keep")
    await source.delete(key, Deletion(files=True, exclude=True))
    schema = {"$ref": f"#/components/schemas/{app.kind.title()}EditorResource"}
    whole = jsonschema.Draft4Validator({"allOf": [schema], "components": document["components"]})
    for edit in app.edits:
        whole.validate({source.ids_field: [*edit.ids], **edit.change})
    assert len(app.edits) == 3
    for method, sent in app.requests:
        url = URL(sent)
        path = "/".join("{id}" if part.isdigit() else part for part in url.path.split("/"))
        known = document["paths"][path][method.lower()].get("parameters", [])
        assert {*url.query} <= {one["name"] for one in known if one["in"] == "query"}, sent


# it goes wrong

TROUBLE: dict[Fault, type[SourceError]] = {
    Fault.RESET: Unreachable,
    Fault.UNAUTHORIZED: Unauthorized,
    Fault.FORBIDDEN: Unauthorized,
    Fault.NOT_FOUND: BadResponse,
    Fault.NOT_FOUND_APP: BadResponse,
    Fault.RATE_LIMITED: RateLimited,
    Fault.ERROR: BadResponse,
    Fault.STARTING: Unreachable,
    Fault.HTML: BadResponse,
    Fault.REDIRECT: BadResponse,
    Fault.REDIRECT_AWAY: BadResponse,
    Fault.OTHER_APP: BadResponse,
}


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize("fault", TROUBLE)
async def test_a_change_that_was_not_answered_rightly_did_not_happen(
    acted: Any, fault: Fault, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    source, app, key = acted
    caplog.set_level(logging.DEBUG)
    method, act = CHANGES[verb]
    app.faults.set(fault, method=method)
    with pytest.raises(TROUBLE[fault]) as caught:
        await act(source, key)
    assert KEY not in f"{caught.value}{caught.value!r}{caplog.text}"
    assert "at Db.Query" not in str(caught.value)
    entry = app.state.entries[2]
    assert (entry.monitored, tags_of(app, 2), app.edits, +app.deletes) == (True, ["keep"], [], {})
    assert len([one for one, _ in changes(app) if one == method]) == 1  # a change is never sent twice


@pytest.mark.parametrize("fault", [Fault.CUT_JSON, Fault.TRUNCATED_JSON, Fault.WRONG_SHAPE, Fault.EMPTY])
@pytest.mark.parametrize("verb", ["monitor", "tag", "untag"])
async def test_an_answer_that_does_not_say_what_became_of_it(acted: Any, fault: Fault, verb: str) -> None:
    source, app, key = acted
    app.faults.set(fault, method="PUT")
    with pytest.raises(BadResponse):
        await CHANGES[verb][1](source, key)
    app.faults.clear()
    await CHANGES[verb][1](source, key)
    assert len(app.edits) == 2


@pytest.mark.parametrize("verb", CHANGES)
async def test_a_change_that_hangs_is_given_up(acted: Any, make: Any, verb: str) -> None:
    _, app, key = acted
    source = make(type(acted[0]), app.url, KEY, act_timeout="150ms")
    app.faults.set(Fault.HANG, method=CHANGES[verb][0])
    with pytest.raises(Unreachable):
        await CHANGES[verb][1](source, key)


@pytest.mark.parametrize("verb", CHANGES)
async def test_nothing_is_sent_while_the_app_does_not_say_who_it_is(acted: Any, make: Any, verb: str) -> None:
    """All of a verb has its time together: what is slow before the change leaves less for it."""
    _, app, key = acted
    hurried, patient = (make(type(acted[0]), app.url, KEY, act_timeout=most) for most in ("150ms", "10s"))
    app.faults.set(Fault.HANG, "*/system/status")
    with pytest.raises(Unreachable, match="nobody knows whether it happened"):
        await CHANGES[verb][1](hurried, key)
    app.faults.clear()
    app.faults.set(Fault.OTHER_APP, "*/system/status")
    with pytest.raises(BadResponse):
        await CHANGES[verb][1](patient, key)
    assert changes(app) == []


async def test_a_failure_of_the_app_says_what_the_app_says(acted: Any) -> None:
    source, app, key = acted
    app.faults.set(Fault.ERROR, method="DELETE")
    with pytest.raises(BadResponse, match=f"still is in {source.title}.*disk image is malformed"):
        await source.delete(key, Deletion())
    app.faults.set(Fault.ERROR, method="PUT")
    with pytest.raises(BadResponse, match=f"500, {source.title} itself failed.*disk image is malformed"):
        await source.monitor(key, False)
    app.faults.set(Fault.HTML, f"/api/v3/{app.kind}/2", method="GET")
    with pytest.raises(BadResponse, match="HTML"):
        await source.delete(key, Deletion())  # whether it is gone could not be asked
    app.faults.clear()
    app.faults.set(Fault.NOT_FOUND, f"/api/v3/{app.kind}/999", method="GET")
    with pytest.raises(BadResponse, match="without X-Application-Version"):
        await source.delete(Key(key.kind, "999"), Deletion())


async def test_a_delete_waits_for_the_receivers_of_its_webhook(acted: Any, make: Any, inbox: Any) -> None:
    source, app, key = acted
    app.add_webhook(inbox.url)
    await source.delete(key, Deletion(files=True))
    [body] = inbox.bodies
    assert json.loads(body)["deletedFiles"] is True
    async with FakeRadarr() as dead:
        dead.faults.set(Fault.HANG)
        app.add_webhook(f"{dead.url}/hook")
        impatient = make(type(source), app.url, KEY, act_timeout="200ms")
        with pytest.raises(Unreachable):
            await impatient.delete(Key(key.kind, "3"), Deletion())
        assert sorted(app.state.entries) == [1]  # it happened all the same
    await source.delete(Key(key.kind, "3"), Deletion())
    assert app.deletes == {2: 1, 3: 1}


async def test_another_app_is_changed_in_nothing(make: Any) -> None:
    async with FakeSonarr(api_key=KEY) as sonarr:
        sonarr.tag(sonarr.put(series(1)[0]).id, "keep")
        for _, act in CHANGES.values():
            with pytest.raises(BadResponse, match="this is Sonarr, configured as Radarr"):
                await act(make(Radarr, sonarr.url, KEY), Key("movie", "1"))
        assert changes(sonarr) == []


# it is refused


async def test_radarr_takes_no_blanks_in_a_label(make: Any) -> None:
    async with FakeRadarr(api_key=KEY) as app:
        app.put(films(1)[0])
        radarr = make(Radarr, app.url, KEY)
        for label in ("leaving soon", "weg_damit", "ade?"):
            with pytest.raises(Refused, match=r"Radarr refused.*Allowed characters a-z, 0-9 and -"):
                await radarr.tag(Key("movie", "1"), label)
            await radarr.untag(Key("movie", "1"), label)
        with pytest.raises(Refused, match="not empty"):
            await radarr.tag(Key("movie", "1"), "  ")
        assert (app.state.tags, app.edits) == ({}, [])
    async with FakeSonarr(api_key=KEY) as other:
        other.put(series(1)[0])
        sonarr = make(Sonarr, other.url, KEY)
        await sonarr.tag(Key("series", "1"), "Leaving soon")
        assert (await sonarr.lookup(Key("series", "1"))).attrs["tags"] == ["leaving soon"]


@pytest.mark.parametrize(("verb", "how"), [("tag", "remove"), ("untag", "add")])
async def test_a_tag_that_a_rule_manages(acted: Any, verb: str, how: str, monkeypatch: Any) -> None:
    source, app, key = acted
    app.tag(1, "leaving")
    plain = type(app)._edit

    async def edit(request: web.Request) -> web.Response:
        answer: web.Response = await plain(app, request)
        rows = json.loads(answer.body)  # type: ignore[arg-type]
        rows[0]["tags"] = [1] if how == "add" else []
        return web.json_response(rows, status=answer.status)

    await app.down()
    monkeypatch.setattr(app, "_edit", edit)
    await app.up()
    with pytest.raises(Refused, match="auto tagging rules"):
        await CHANGES[verb][1](source, key)


MARK = {"X-Application-Version": "6.1.0.1"}
FAILED = [
    {"propertyName": "Path", "errorMessage": "Path is not valid", "attemptedValue": "x"},
    {"propertyName": "Tags", "errorMessage": "Tag does not exist"},
]
TRACE = {"message": "Conflict it is", "description": f"Conflict it is\n   at Db.Query() {KEY}"}


@pytest.fixture
async def stub(make: Any) -> AsyncIterator[Any]:
    """A Radarr source whose server answers every change as the test says."""

    class Stub:
        radarr: Any = None
        answer: Any = None

    made = Stub()

    async def handle(request: web.Request) -> web.Response:
        if request.method != "GET":
            answer: web.Response = made.answer()
            return answer
        if request.path.endswith("/tag"):
            return web.json_response([{"id": 1, "label": "keep"}], headers=MARK)
        if request.path.endswith("/system/status"):
            return web.json_response({"appName": "Radarr", "version": "6.1.0.1"}, headers=MARK)
        return web.json_response({"id": 5, "tmdbId": 1}, headers=MARK)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.radarr = make(Radarr, f"http://127.0.0.1:{runner.addresses[0][1]}", KEY)
    yield made
    await runner.cleanup()


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (lambda: web.json_response(FAILED, status=400, headers=MARK), Refused, "Path is not valid; Tag does"),
        (lambda: web.json_response(TRACE, status=409, headers=MARK), Refused, "Conflict it is"),
        (lambda: web.json_response(FAILED, status=422, headers=MARK), Refused, "Radarr refused"),
        (lambda: web.Response(status=400, headers=MARK), Refused, "Radarr refused"),
        (lambda: web.json_response(FAILED, status=400), BadResponse, "not Radarr that answers"),
        (lambda: web.json_response(TRACE, status=409), BadResponse, "not Radarr that answers"),
        (lambda: web.Response(status=500), BadResponse, "not Radarr that answers|itself failed"),
        (lambda: web.Response(status=204), BadResponse, "not Radarr that answers"),
        (lambda: web.Response(status=404), BadResponse, "not Radarr that answers|404"),
        (
            lambda: web.Response(headers={"X-Application-Version": "4.0.19.1"}),
            BadResponse,
            "nobody knows what it did",
        ),
        (
            lambda: web.json_response(FAILED, status=400, headers={"X-Application-Version": "4.0.19.1"}),
            BadResponse,
            "was replaced meanwhile",
        ),
        (lambda: web.Response(status=405, headers=MARK), BadResponse, "405"),
        (lambda: web.Response(status=501, headers=MARK), BadResponse, "501"),
        (lambda: web.Response(status=504), Unreachable, "a proxy got no answer"),
        (
            lambda: web.Response(text="<html>", content_type="text/html", headers=MARK),
            BadResponse,
            "an HTML page",
        ),
    ],
)
async def test_only_the_apps_own_no_is_a_refusal(
    stub: Any, verb: str, answer: Callable[[], web.Response], error: type[SourceError], words: str
) -> None:
    stub.answer = answer
    with pytest.raises(error, match=words) as caught:
        await CHANGES[verb][1](stub.radarr, Key("movie", "5"))
    assert type(caught.value) is error
    assert "at Db" not in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [200, 204])
async def test_a_yes_needs_no_body(stub: Any, status: int) -> None:
    stub.answer = lambda: web.Response(status=status, headers=MARK)
    await stub.radarr.delete(Key("movie", "5"), Deletion())


@pytest.mark.parametrize(
    "said",
    [
        [{"id": 5, "monitored": True, "tags": []}],
        [{"id": 6, "monitored": False, "tags": []}],
        [{"id": 5}],
        [],
        {"id": 5, "monitored": False, "tags": []},
    ],
)
async def test_an_editor_that_says_something_else(stub: Any, said: Any) -> None:
    stub.answer = lambda: web.json_response(said, status=202, headers=MARK)
    with pytest.raises(BadResponse):
        await stub.radarr.monitor(Key("movie", "5"), False)


async def test_a_tag_that_cannot_be_made(stub: Any) -> None:
    stub.answer = lambda: web.json_response(TRACE, status=409, headers=MARK)
    with pytest.raises(Refused, match=r"refused the tag 'new'.*Conflict it is"):
        await stub.radarr.tag(Key("movie", "5"), "new")


async def test_a_capture_of_something_else(stub: Any) -> None:
    with pytest.raises(BadResponse, match="asked for 6"):
        await stub.radarr.capture(Key("movie", "6"))
