"""The drill: no fault makes anything gone, nothing is changed anywhere, and a weaker engine is found out."""

import contextlib
import errno
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from reconciled.config import Settings, load
from reconciled.drill import CannotDrill, Moment, Rehearsal, Report
from reconciled.drill.relay import Relay
from reconciled.drill.wire import DrillWire
from reconciled.engine import holds, proof, verdict
from reconciled.errors import Refused, Unreachable
from reconciled.http import Http, new_session
from reconciled.ledger.connection import Ledger
from reconciled.model import Absent, Answer, Key, Verdict
from reconciled.plugins import discover
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.faults import Fault

POLICY = """
policies:
  follow_jellyfin:
    when: gone
    kind: movie
    from: jellyfin
    agree: none
    then: [{delete: radarr}]
"""
NOW = datetime(2100, 3, 1, tzinfo=UTC)
"""Later than anything that the apps say was added: they live in the time of the machine."""


@pytest.fixture
async def home() -> AsyncIterator[Household]:
    async with Household(films=20, series=3) as home:
        yield home


def settings_of(home: Household, folder: Path, *, mode: str = "act", policies: str = POLICY) -> Settings:
    """What a person would have written for these apps."""
    apps: dict[str, FakeRadarr | FakeSonarr | FakeJellyfin] = {
        "radarr": home.radarr,
        "sonarr": home.sonarr,
        "jellyfin": home.jellyfin,
    }
    blocks = "".join(f"  {name}: {{url: {app.url}, api_key: {app.api_key}}}\n" for name, app in apps.items())
    config = folder / "config.yaml"
    config.write_text(f"mode: {mode}\nsources:\n{blocks}{policies}")
    loaded = load(config, discover().types, environ={})
    assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
    return loaded.settings


async def drilled(
    settings: Settings, ledger: Path, faults: Sequence[str], sources: Sequence[str] = (), **more: Any
) -> Report:
    async with Rehearsal(settings, ledger, NOW, **more) as one:
        return await one.run(faults, sources)


def methods(home: Household) -> set[str]:
    """What the apps were asked with; Jellyfin's look at a folder, which changes nothing, is left out."""
    paths = [asked for app in home.fakes for asked in app.requests]
    return {method for method, path in paths if not path.endswith("/Environment/ValidatePath")}


FEW = ("refused", Fault.NOT_FOUND_APP, Fault.EMPTY, Fault.CUT_JSON)


@pytest.mark.full
async def test_no_fault_makes_a_mistake_and_nothing_is_changed(home: Household, tmp_path: Path) -> None:
    settings, ledger = settings_of(home, tmp_path), tmp_path / "ledger.db"
    report = await drilled(settings, ledger, FEW)
    assert report.mistakes == 0
    assert len(report.cells) == 3 * (1 + 3 * 2)
    assert all(not cell.left for cell in report.cells)
    assert not ledger.exists()
    assert methods(home) == {"GET"}
    assert report.slipped == 0
    assert sum(home.radarr.deletes.values()) == 0
    held = {(cell.source, cell.fault) for cell in report.cells if cell.holds}
    assert held == {(name, Fault.EMPTY) for name in settings.sources}


@pytest.mark.full
async def test_each_question_is_asked_once(home: Household, tmp_path: Path) -> None:
    settings = settings_of(home, tmp_path)
    report = await drilled(settings, tmp_path / "none.db", [Fault.ERROR, Fault.EMPTY])
    for app in (home.radarr, home.sonarr, home.jellyfin):
        questions = [asked for asked in app.requests if asked[0] == "GET"]
        assert len(questions) == len(set(questions))
    assert sum(report.requests.values()) == sum(len(app.requests) for app in home.fakes)


@pytest.mark.full
@pytest.mark.full
async def test_what_is_really_gone_is_told_and_is_no_mistake(home: Household, tmp_path: Path) -> None:
    """A ledger that knows all films; one of them is deleted, nobody has noticed yet."""
    settings, ledger = settings_of(home, tmp_path), tmp_path / "ledger.db"
    await filled(settings, ledger)
    before = hashlib.sha256(ledger.read_bytes()).digest()
    work = home.films[0]
    home.jellyfin.delete_item(home.item(work).id, notify=False)
    report = await drilled(settings, ledger, [Fault.ERROR], ["jellyfin"])
    assert [(one.source, one.title) for one in report.real] == [("jellyfin", work.title)]
    assert [(one.verb, one.target) for one in report.would] == [("delete", "radarr")]
    assert report.mistakes == 0
    assert hashlib.sha256(ledger.read_bytes()).digest() == before
    assert sum(home.radarr.deletes.values()) == 0


async def filled(settings: Settings, ledger: Path) -> None:
    """A ledger in which everything was read once, as a daemon leaves it."""
    async with Rehearsal(settings, ledger, NOW) as one:
        await one.run([], [])
        ledger.write_bytes((one.folder / "begin.db").read_bytes())


@pytest.mark.full
async def test_armed_is_as_if_everything_stood_on_act(home: Household, tmp_path: Path) -> None:
    settings, ledger = settings_of(home, tmp_path, mode="dry-run", policies=""), tmp_path / "ledger.db"
    await filled(settings, ledger)
    home.jellyfin.delete_item(home.item(home.films[0]).id, notify=False)
    with_policy = settings_of(home, tmp_path, mode="dry-run")
    report = await drilled(with_policy, ledger, [], as_if_armed=True)
    assert [one.verb for one in report.would] == ["delete"]
    assert sum(home.radarr.deletes.values()) == 0


@pytest.mark.full
async def test_an_engine_without_its_guards_is_found_out(
    home: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without holds, and with a no believed without any yes, an empty list empties the library."""
    monkeypatch.setattr(holds, "judge", lambda _: None)
    monkeypatch.setattr(holds, "judge_world", lambda _: None)
    monkeypatch.setattr(proof, "testify", believing)
    report = await drilled(settings_of(home, tmp_path), tmp_path / "none.db", [Fault.EMPTY], ["jellyfin"])
    assert report.mistakes > 0
    assert any(cell.lost and cell.meant for cell in report.cells)
    assert {cell.moment for cell in report.cells if cell.mistakes} <= set(Moment)
    assert sum(home.radarr.deletes.values()) == 0, "even then nothing is changed"


def believing(key: Key, answer: Answer | None, **_: object) -> verdict.Testimony:
    """Any no is believed."""
    said = Verdict.ABSENT if isinstance(answer, Absent) else Verdict.PRESENT if answer else Verdict.UNKNOWN
    return verdict.Testimony(key, said, "it said so", answer, vouched=True)


async def test_apps_that_do_not_answer_are_named(home: Household, tmp_path: Path) -> None:
    settings = settings_of(home, tmp_path)
    await home.sonarr.down()
    with pytest.raises(CannotDrill, match="sonarr") as told:
        await drilled(settings, tmp_path / "none.db", [Fault.ERROR])
    assert home.sonarr.api_key not in str(told.value)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "POST", "PATCH"])
async def test_the_wire_lets_only_questions_through(home: Household, method: str) -> None:
    async with Relay({"/Environment/ValidatePath"}) as relay:
        http = Http(new_session, ManualClock(), wire=lambda *a, **b: DrillWire(*a, relay=relay, **b))
        client = http.at(home.radarr.url, headers={"X-Api-Key": home.radarr.api_key})
        before = len(home.radarr.requests)
        with pytest.raises(Refused, match="drill"):
            await client.request(method, "/api/v3/movie/1", json={})
        assert (relay.stopped, relay.slipped) == (1, 0)
        assert (await client.request("GET", "/api/v3/movie")).status == 200
        await http.close()
        async with aiohttp.ClientSession() as session:  # and if the wire failed, the relay would not
            to = URL(home.radarr.url) / "api/v3/movie/1"
            url, own = relay.at(to), relay.headers(to)
            async with session.get(url) as answer:
                assert answer.status == 403, "it hands on nothing for strangers"
            async with session.request(method, url, headers=own) as answer:
                assert answer.status == 405
        assert relay.slipped == 1
    assert {asked for asked, _ in home.radarr.requests[before:]} == {"GET"}


# --- the real ledger is left alone ------------------------------------------------------------------


async def test_no_file_is_made_beside_the_ledger(home: Household, tmp_path: Path) -> None:
    """A user who may read a stopped daemon's ledger would leave it files that it could not open any more."""
    ledger = tmp_path / "state" / "ledger.db"
    ledger.parent.mkdir()
    await (await Ledger.open(ledger)).close()
    before = (ledger.read_bytes(), ledger.stat().st_mtime_ns)
    await drilled(settings_of(home, tmp_path), ledger, [])
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.db"]
    assert (ledger.read_bytes(), ledger.stat().st_mtime_ns) == before


@pytest.mark.parametrize("wrong", ["no ledger", "newer", "forbidden"])
async def test_a_ledger_that_cannot_be_copied_is_named(
    home: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    settings, ledger = settings_of(home, tmp_path), tmp_path / "ledger.db"
    ledger.write_bytes(b"no ledger at all" * 100)
    if wrong == "newer":
        ledger.unlink()
        with contextlib.closing(sqlite3.connect(ledger)) as db:
            db.execute("PRAGMA user_version = 9999")
    if wrong == "forbidden":  # what a folder of another user answers
        monkeypatch.setattr(Path, "is_file", forbidden)
    with pytest.raises(CannotDrill) as told:
        await drilled(settings, ledger, [])
    assert str(ledger) in str(told.value)
    assert "reconciled-drill-" not in str(told.value), "a copy is nothing that somebody could mend"
    assert all(not app.requests for app in home.fakes)


def forbidden(path: Path) -> bool:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


# --- a drill that learned nothing says nothing --------------------------------------------------------


async def test_an_app_whose_listing_fails_cannot_be_drilled(home: Household, tmp_path: Path) -> None:
    """It answers a probe; but who never read its films cannot say that none would be lost."""
    home.radarr.faults.set(Fault.ERROR, "/api/v3/movie")
    with pytest.raises(CannotDrill, match="radarr"):
        await drilled(settings_of(home, tmp_path), tmp_path / "none.db", [Fault.EMPTY], ["radarr"])


async def test_a_hiccup_of_an_app_is_not_kept_for_the_whole_drill(home: Household, tmp_path: Path) -> None:
    home.radarr.faults.set(Fault.ERROR, "/api/v3/movie", times=1)
    report = await drilled(settings_of(home, tmp_path), tmp_path / "none.db", [])
    assert report.requests["radarr"] > 1


async def test_a_hang_in_the_middle_begins_in_the_middle(home: Household) -> None:
    """What comes before it is waited for as ever, however slow the app is."""
    home.radarr.faults.set(Fault.SLOW, delay=0.15)
    async with Relay() as relay:
        http = Http(new_session, ManualClock(), wire=lambda *a, **b: DrillWire(*a, relay=relay, **b))
        client = http.at(home.radarr.url, headers={"X-Api-Key": home.radarr.api_key})
        relay.faults.set(Fault.HANG, after=1)
        assert (await client.request("GET", "/api/v3/movie")).status == 200
        with pytest.raises(Unreachable):
            await client.request("GET", "/api/v3/movie")
        await http.close()
