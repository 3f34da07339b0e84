"""The doctor over the API: what it finds, that one hanging app harms no other, and that nothing leaks."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web
from pydantic import BaseModel, SecretStr
from tests.daemon.web.conftest import (
    API_KEY,
    BEARER,
    HOOK,
    TOKEN,
    Client,
    DeafSource,
    SignedSource,
    WebSource,
    World,
)

from reconciled.config import PluginSettings, SourceSettings
from reconciled.config.schedule import Schedule
from reconciled.errors import Refused, SourceError, Unreachable, Unsupported
from reconciled.model import Key, Root
from reconciled.runtime import examining, self_examining
from reconciled.runtime.self_examining import Ourselves
from reconciled.source import Hook, Matter, Weight
from reconciled.testing.model_app import ModelApp
from reconciled.web.diagnostics import shown

URL = "http://box.lan:8787"


class Patient(WebSource):
    """Can be examined and set up; what comes of it, each test decides."""

    app: ClassVar[str] = "patient"
    found: ClassVar[Any] = ()
    does: ClassVar[Any] = ()
    hooks: ClassVar[list[Hook | None]] = []

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        self.hooks.append(hook)
        found: Sequence[Matter] = await _given(self.found)
        return found

    async def provision(self, hook: Hook) -> Sequence[str]:
        self.hooks.append(hook)
        did: Sequence[str] = await _given(self.does)
        return did


async def _given(value: Any) -> Any:
    if value == "hang":
        await asyncio.Event().wait()
    if isinstance(value, Exception):
        raise value
    return value


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> type[Patient]:
    monkeypatch.setattr(Patient, "found", ())
    monkeypatch.setattr(Patient, "does", ())
    monkeypatch.setattr(Patient, "hooks", [])
    return Patient


async def report(client: Client, source: str | None = None) -> Any:
    answer = await client.get("/api/v1/doctor", params={"source": source} if source else {})
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def matters(client: Client, source: str) -> dict[str, Mapping[str, Any]]:
    ((one),) = (await report(client, source))["sources"]
    return {matter["said"]: matter for matter in one["matters"]}


def about(found: Mapping[str, Mapping[str, Any]], words: str) -> Mapping[str, Any]:
    (one,) = [matter for said, matter in found.items() if words in said]
    return one


async def fix(client: Client, *names: str) -> Any:
    answer = await client.post("/api/v1/doctor/fix", json={"sources": [*names]}, headers=BEARER)
    assert answer.status == 200, await answer.text()
    return {one["name"]: (one["did"], one["error"]) for one in (await answer.json())["sources"]}


# sources


async def test_what_a_source_sees_and_can(world: World, client: Client, radarr: ModelApp) -> None:
    radarr.roots = {"/films": Root("/films", accessible=False)}
    (one,) = (await report(client))["sources"]
    assert (one["name"], one["app"], one["health"], one["items"]) == ("radarr", "model", "ok", {"movie": 20})
    assert one["roots"] == [{"path": "/films", "accessible": False, "empty": None}]
    for said in (
        "takes the app's webhooks",
        "tags",
        "deletes entries, with their files or without, also for good",
    ):
        assert said in one["can"]
    assert about({each["said"]: each for each in one["matters"]}, "read as a whole")["weight"] == "good"


async def test_the_worst_comes_first_and_is_counted(world: World, client: Client, patient: Any) -> None:
    patient.found = [Matter(Weight.GOOD, "a"), Matter(Weight.ADVICE, "b", "do b"), Matter(Weight.WRONG, "c")]
    await world.follow("app", patient)
    told = await report(client, "app")
    ((one),) = told["sources"]
    weights = [matter["weight"] for matter in one["matters"]]
    assert weights == sorted(weights, key=["wrong", "advice", "good"].index)
    assert (told["wrong"], told["advice"]) == (weights.count("wrong"), weights.count("advice"))
    assert told["daemon"] == []


@pytest.mark.parametrize(
    ("found", "weight", "words"),
    [
        ("hang", "wrong", "no answer within"),
        (Unreachable("refused"), "wrong", "refused"),
        (Unsupported("not by this version"), "advice", "not by this version"),
        (RuntimeError(f"broken: {API_KEY}"), "wrong", "its plugin crashed (RuntimeError)"),
        (None, "wrong", "gave NoneType, no matters"),
        (["text"], "wrong", "gave list, no matters"),
        ([Matter(Weight.GOOD, None)], "wrong", "gave list, no matters"),  # type: ignore[arg-type]
        (
            [Matter(Weight.WRONG, f"the key {API_KEY} of {TOKEN}", f"not {HOOK}")],
            "wrong",
            "the key *** of ***",
        ),
    ],
)
async def test_whatever_a_plugin_does_is_told_and_harms_no_other(
    world: World, client: Client, radarr: ModelApp, patient: Any, monkeypatch: pytest.MonkeyPatch,
    found: Any, weight: str, words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(examining, "LOOKING", 0.05)
    patient.found = found
    await world.follow("app", patient)
    told = await report(client)
    by_name = {one["name"]: {each["said"]: each for each in one["matters"]} for one in told["sources"]}
    matter = about(by_name["app"], words)
    assert matter["weight"] == weight
    assert about(by_name["radarr"], "read as a whole")
    assert not [secret for secret in (API_KEY, TOKEN, HOOK) if secret in json.dumps(told)]
    assert world.engine.places["app"].live.health.detail == "not asked yet"


async def test_an_app_that_does_not_answer(world: World, client: Client, radarr: ModelApp) -> None:
    radarr.trouble = Unreachable("nobody is there")
    told = await report(client, "radarr")
    assert told["wrong"] == 1
    assert about(await matters(client, "radarr"), "nobody is there")
    radarr.trouble = None
    assert (await report(client, "radarr"))["wrong"] == 0


async def test_a_paused_source_is_not_asked(world: World, client: Client, radarr: ModelApp) -> None:
    await client.post("/api/v1/pause", json={"source": "radarr"}, headers=BEARER)
    radarr.trouble = SourceError("asked after all")
    found = await matters(client, "radarr")
    assert about(found, "paused by")["weight"] == "advice"
    assert not [said for said in found if "asked after all" in said]


async def test_the_remedy_of_a_pause_of_everything_is_one_for_everything(
    world: World, client: Client, patient: Any
) -> None:
    world.call_it(URL)
    await world.follow("app", patient)
    await client.post("/api/v1/pause", json={}, headers=BEARER)
    assert "`reconciled resume` when" in about(await matters(client, "app"), "paused by")["remedy"]
    assert "`reconciled resume` first" in (await fix(client, "app"))["app"][1]


@pytest.mark.parametrize(
    ("kind", "webhook", "words"),
    [(WebSource, None, "no secret"), (SignedSource, None, ""), (DeafSource, None, ""), (WebSource, HOOK, "")],
)
async def test_a_webhook_without_a_secret(
    world: World, client: Client, kind: Any, webhook: str | None, words: str
) -> None:
    await world.follow("app", kind, webhook=webhook)
    said = [each for each in await matters(client, "app") if "secret" in each]
    assert [words in each for each in said] == [True] * bool(words)


async def test_webhooks_are_counted(world: World, client: Client, radarr: ModelApp) -> None:
    for secret in (HOOK, "wrong", HOOK):
        await client.post("/webhooks/radarr", data="{}", headers={"X-Reconciled-Secret": secret})
    found = await matters(client, "radarr")
    assert about(found, "2 webhooks came")["weight"] == "good"
    assert about(found, "1 webhooks were refused")["weight"] == "advice"


@pytest.mark.parametrize(("hours", "weight"), [(1, "good"), (23, "good"), (30, "wrong")])
async def test_an_old_scan(world: World, client: Client, radarr: ModelApp, hours: int, weight: str) -> None:
    world.clock.advance(hours * 3600)
    assert about(await matters(client, "radarr"), "read as a whole")["weight"] == weight


async def test_never_scanned_held_and_restless(world: World, client: Client, radarr: ModelApp) -> None:
    await world.follow("sonarr")
    assert about(await matters(client, "sonarr"), "never read")["weight"] == "advice"
    await world.hold("radarr")
    assert "reconciled holds" in about(await matters(client, "radarr"), "held back")["remedy"]
    world.engine.places["sonarr"].live.stranger = "the instance is two instead of one"
    assert about(await matters(client, "sonarr"), "not the installation")["weight"] == "wrong"


async def test_an_unknown_source_and_one_that_does_not_run(
    world: World, client: Client, radarr: ModelApp
) -> None:
    answer = await client.get("/api/v1/doctor?source=sonarr")
    assert answer.status == 404
    assert "radarr" in (await answer.json())["detail"]
    settings = world.settings.sources["radarr"]
    sources = {**world.settings.sources, "late": replace(settings, name="late")}
    world.settings = replace(world.settings, sources=sources)
    assert about(await matters(client, "late"), "does not run")["weight"] == "wrong"


@pytest.mark.parametrize("path", ["doctor", "diagnostics"])
async def test_no_page_of_another_site_has_the_apps_asked(
    world: World, client: Client, radarr: ModelApp, path: str
) -> None:
    radarr.asked.clear()
    answer = await client.get(f"/api/v1/{path}", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    assert radarr.asked == []


async def test_one_look_at_a_time(world: World, client: Client, patient: Any) -> None:
    looking = 0
    most: list[int] = []

    class Counting(Patient):
        async def examine(self, hook: Hook | None) -> Sequence[Matter]:
            nonlocal looking
            looking += 1
            most.append(looking)
            await asyncio.sleep(0.01)
            looking -= 1
            return ()

    await world.follow("app", Counting)
    await asyncio.gather(*(report(client, "app") for _ in range(3)))
    assert most == [1, 1, 1]


async def test_a_weekly_scan_is_not_late_after_a_week(world: World, client: Client, radarr: ModelApp) -> None:
    weekly = replace(world.settings.sources["radarr"], scan=Schedule.parse("0 3 * * 0"))
    world.settings = replace(world.settings, sources={"radarr": weekly})
    world.clock.advance(8 * 86400)
    assert about(await matters(client, "radarr"), "read as a whole")["weight"] == "good"
    world.clock.advance(14 * 86400)
    assert about(await matters(client, "radarr"), 'at "0 3 * * 0"')["weight"] == "wrong"


async def test_what_cannot_be_set_up_yet_is_not_offered(world: World, client: Client, patient: Any) -> None:
    patient.found = [Matter(Weight.ADVICE, "no webhook", "let it be made", mended_by_us=True)]
    await world.follow("app", patient)
    await world.follow("open", patient, webhook=None)
    for name, url, lack in (
        ("app", None, "daemon.url"),
        ("open", URL, "sources.open.webhook"),
        ("app", URL, "let it be made"),
    ):
        if url:
            world.call_it(url)
        found = about(await matters(client, name), "no webhook")
        assert lack in found["remedy"]
        assert found["mended_by_us"] == (lack == "let it be made")


async def test_a_source_that_leaves_the_config_during_the_look(
    world: World, client: Client, patient: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaving(Patient):
        async def examine(self, hook: Hook | None) -> Sequence[Matter]:
            world.settings = replace(world.settings, sources={})
            return [Matter(Weight.GOOD, f"with {API_KEY} and {HOOK}")]

    await world.follow("app", Leaving)
    assert about(await matters(client, "app"), "with *** and ***")
    answer = await client.get("/api/v1/doctor", params={"source": "app"})
    assert answer.status == 404


# setting up


async def test_what_was_set_up_is_said_and_audited(world: World, client: Client, patient: Any) -> None:
    world.call_it(URL)
    patient.does = ["made it", f"with {HOOK}"]
    await world.follow("app", patient)
    assert await fix(client, "app") == {"app": (["made it", "with ***"], None)}
    assert patient.hooks == [Hook(f"{URL}/webhooks/app", HOOK)]
    (told, *_) = (await (await client.get("/api/v1/audit")).json())["items"]
    assert "doctor/fix" in told["what"]


@pytest.mark.parametrize(
    ("does", "error"),
    [
        ("hang", "no answer within"),
        (Refused("it says no"), "it says no"),
        (RuntimeError("x"), "crashed"),
        (None, "gave NoneType, no sentences"),
        ("one text", "gave str, no sentences"),
    ],
)
async def test_what_could_not_be_set_up(
    world: World, client: Client, patient: Any, monkeypatch: pytest.MonkeyPatch, does: Any, error: str
) -> None:
    monkeypatch.setattr(examining, "MENDING", 0.05)
    world.call_it(URL)
    patient.does = does
    await world.follow("app", patient)
    assert error in (await fix(client, "app"))["app"][1]


async def test_what_is_lacking_is_named_before_the_app_is_asked(
    world: World, client: Client, radarr: ModelApp, patient: Any
) -> None:
    await world.follow("app", patient)
    assert "daemon.url" in (await fix(client, "app"))["app"][1]
    world.call_it(URL)
    await world.follow("open", patient, webhook=None)
    await client.post("/api/v1/pause", json={"source": "app"}, headers=BEARER)
    told = await fix(client, "app", "open", "radarr")
    assert [error for _, error in told.values()] == [
        "it is paused by owner; `reconciled resume app` first",
        "set sources.open.webhook first, to a secret of its own",
        "radarr has nothing that could be set up from here",
    ]
    assert patient.hooks == []


async def test_a_stranger_is_not_set_up(world: World, client: Client, patient: Any) -> None:
    world.call_it(URL)
    await world.follow("app", patient)
    world.engine.places["app"].live.stranger = "the instance is two instead of one"
    assert "not the installation that we know" in (await fix(client, "app"))["app"][1]
    assert patient.hooks == []


async def test_sources_of_one_program_are_set_up_one_after_the_other(
    world: World, client: Client, patient: Any
) -> None:
    """They may be one installation, whose settings are read and written back as a whole."""
    shared: list[str] = []

    class Whole(Patient):
        async def provision(self, hook: Hook) -> Sequence[str]:
            before = list(shared)
            await asyncio.sleep(0.005)
            shared[:] = [*before, hook.url]
            return ["made it"]

    world.call_it(URL)
    for name in ("app", "app_4k", "app_kids"):
        await world.follow(name, Whole)
    assert list(await fix(client, "app_kids", "app", "app_4k")) == ["app_kids", "app", "app_4k"]
    assert len(shared) == 3


async def test_two_fixes_at_once(world: World, client: Client, patient: Any) -> None:
    made: list[str] = []

    class Once(Patient):
        async def provision(self, hook: Hook) -> Sequence[str]:
            there = bool(made)
            await asyncio.sleep(0.005)
            if there:
                return []
            made.append(hook.url)
            return ["made it"]

    world.call_it(URL)
    await world.follow("app", Once)
    told = await asyncio.gather(*(fix(client, "app") for _ in range(3)))
    assert sorted(len(one["app"][0]) for one in told) == [0, 0, 1]
    assert len(made) == 1


async def test_setting_up_is_a_change(world: World, client: Client, radarr: ModelApp) -> None:
    body = {"sources": ["radarr"]}
    assert (await client.post("/api/v1/doctor/fix", json=body)).status == 401
    assert (await client.post("/api/v1/doctor/fix", json={"sources": []}, headers=BEARER)).status == 400
    assert (await client.post("/api/v1/doctor/fix", json={"sources": ["x"]}, headers=BEARER)).status == 404


# the daemon itself


async def daemon(client: Client) -> dict[str, Mapping[str, Any]]:
    return {matter["said"]: matter for matter in (await report(client))["daemon"]}


async def test_the_daemon_itself(world: World, client: Client, radarr: ModelApp) -> None:
    found = await daemon(client)
    assert about(found, "the ledger is whole")["weight"] == "good"
    assert about(found, "are free")["weight"] == "good"
    assert about(found, "daemon.url is not set, so radarr")["weight"] == "advice"
    assert about(found, "the plugin broken failed to import")["weight"] == "wrong"
    world.settings = replace(world.settings, plugins=PluginSettings(("broken",)))
    assert not [one for one in await daemon(client) if "plugin" in one], "the remedy was taken"
    world.problems = ("config.yaml:3:1: sauces: unknown setting",)
    assert about(await daemon(client), "sauces")["weight"] == "wrong"


async def test_without_apps_that_send_nobody_needs_an_address(world: World, client: Client) -> None:
    await world.follow("app", DeafSource)
    assert about(await daemon(client), "nobody needs our address")["weight"] == "good"


def at(
    path: str = "", *, status: int = 200, body: Any = None, location: str | None = None
) -> web.Application:
    async def answer(_: web.Request) -> web.Response:
        headers = {"Location": location} if location else None
        return web.json_response(body, status=status, headers=headers)

    app = web.Application()
    app.router.add_get(f"{path}/healthz", answer)
    return app


@pytest.mark.parametrize(
    ("app", "path", "words"),
    [
        (at(body={"status": "ok"}), "", "leads here"),
        (at("/r", body={"status": "ok"}), "/r/", "leads here"),
        (at(body={"status": "fine"}), "", "something else answers there, with 200"),
        (at(status=404, body={}), "", "something else answers there, with 404"),
        (at(status=302, location="/login"), "", "a redirect"),
    ],
)
async def test_our_address_is_tried(
    world: World, client: Client, app: web.Application, path: str, words: str, unused_tcp_port: int
) -> None:
    await world.follow("app")
    local(world)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    world.call_it(f"http://127.0.0.1:{unused_tcp_port}{path}")
    assert about(await daemon(client), words)["weight"] == ("good" if "leads" in words else "wrong")
    await runner.cleanup()
    assert about(await daemon(client), "does not lead to this daemon")["weight"] == "wrong"


def local(world: World) -> None:
    """The apps are on this box."""
    on_box = {
        name: replace(one, options=one.options.model_copy(update={"url": "http://127.0.0.1:7878"}))
        for name, one in world.settings.sources.items()
    }
    world.settings = replace(world.settings, sources=on_box)


async def test_loopback_is_no_address_for_an_app_elsewhere(world: World, client: Client) -> None:
    await world.follow("app")
    world.call_it("http://localhost:8787")
    assert about(await daemon(client), "app cannot reach us there")["weight"] == "wrong"


async def test_a_full_disk_and_a_check_that_takes_too_long(
    world: World, client: Client, radarr: ModelApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = replace(world.settings.alerts, disk=10**18)
    world.settings = replace(world.settings, alerts=alerts)
    monkeypatch.setattr(self_examining, "CHECKING", -1.0)
    monkeypatch.setattr(self_examining, "_STEPS", 1)
    found = await daemon(client)
    assert about(found, "are wanted")["weight"] == "wrong"
    assert about(found, "not checked to its end")["weight"] == "advice"


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096 * 9), "cannot be read"),
        (lambda path: path.write_bytes(b"no ledger at all" * 400), "cannot be read"),
        (lambda path: path.unlink(), "cannot be checked"),
    ],
)
async def test_a_damaged_ledger(
    world: World, radarr: ModelApp, tmp_path: Path, harm: Callable[[Path], object], words: str
) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(world.ledger.path)) as db, closing(sqlite3.connect(copy)) as other:
        db.backup(other)
        other.execute("PRAGMA journal_mode = DELETE")
    house = world.house
    ourselves = Ourselves(house.version, house.config(), (), copy, house.clock)
    assert not [one for one in await self_examining.examine(ourselves) if one.weight is Weight.WRONG]
    harm(copy)
    (found,) = [one for one in await self_examining.examine(ourselves) if one.weight is Weight.WRONG]
    assert words in found.said


async def test_a_ledger_that_cannot_be_written_is_wrong_though_it_is_whole(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.ledger.write(lambda tx: tx.execute("PRAGMA busy_timeout = 1"))
    with closing(sqlite3.connect(world.ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError):
            await world.ledger.write(lambda tx: None)
        found = await daemon(client)
        said = about(found, "cannot write to the ledger")
        assert said["weight"] == "wrong"
        assert "no event is accepted" in said["said"]
        assert said["remedy"] == "another program has it open and locked: end that one"
        assert about(found, "the ledger is whole")
    await world.ledger.write(lambda tx: None)
    assert not [one for one in (await daemon(client)).values() if "cannot write" in one["said"]]


async def test_a_true_loss_makes_no_false_alarm_of_the_ledger(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.lose("radarr", Key("movie", "3"))
    assert about(await daemon(client), "the ledger is whole")


# the bundle


async def test_diagnostics_hold_no_secret_and_no_title(
    world: World, client: Client, radarr: ModelApp
) -> None:
    world.serve(phone="json://user:phone-secret@box.lan")
    await world.lose("radarr", Key("movie", "3"))
    answer = await client.get("/api/v1/diagnostics")
    text = await answer.text()
    told = json.loads(text)
    assert told["config"]["sources"]["radarr"]["options"]["api_key"] == "***"
    assert told["config"]["sources"]["radarr"]["webhook"] == "***"
    assert told["config"]["daemon"]["token"] == "***"
    assert told["tallies"]["tombstones"] == {"radarr, entry": 1}
    assert told["versions"]["reconciled"] == "0.0-test"
    assert [run["pass"] for run in told["runs"]]
    for leak in (TOKEN, HOOK, API_KEY, "phone-secret", "Film 3", "Film 4"):
        assert leak not in text


async def test_a_password_in_an_address_is_masked(world: World, client: Client) -> None:
    await world.follow("app")
    one = world.settings.sources["app"]
    odd = one.options.model_copy(update={"url": "http://me:pass-word@box.lan/?api_key=abcdef"})
    world.settings = replace(world.settings, sources={"app": replace(one, options=odd)})
    text = await (await client.get("/api/v1/diagnostics")).text()
    assert "pass-word" not in text
    assert "abcdef" not in text


@pytest.mark.parametrize("secret", ["20", "status", "complete", "radarr", "true"])
async def test_a_secret_that_is_like_a_count_or_a_name_breaks_nothing(
    world: World, client: Client, radarr: ModelApp, secret: str
) -> None:
    one = replace(world.settings.sources["radarr"], webhook=SecretStr(secret))
    world.settings = replace(world.settings, sources={"radarr": one})
    answer = await client.get("/api/v1/diagnostics")
    assert answer.status == 200, await answer.text()
    told = await answer.json()
    assert told["status"]["sources"][0]["items"] == {"movie": 20}
    assert told["config"]["sources"]["radarr"]["webhook"] == "***"


class Odd(BaseModel):
    """Options of somebody who does not know of secret types."""

    headers: dict[str, str] = {"Authorization": "leak-1", "X-Api-Key": "leak-2", "Accept": "text/plain"}
    tokens: list[str] = ["leak-3"]
    credentials: dict[str, str] = {"user": "leak-4"}
    passwd: bytes = b"leak-5"
    pin: int = 777123
    passphrase: str = "leak-6"
    login_auth: tuple[str, ...] = ("leak-7",)
    cookie: str | None = None
    keyword: str = "shown-1"
    bypass: str = "shown-2"


def test_what_is_named_like_a_secret_is_masked_whatever_its_type(world: World) -> None:
    one = SourceSettings("odd", "odd", WebSource, Odd())
    text = json.dumps(shown(replace(world.settings, sources={"odd": one})))
    assert "leak-" not in text
    assert "777123" not in text
    for kept in ("text/plain", "shown-1", "shown-2", '"cookie": null'):
        assert kept in text
