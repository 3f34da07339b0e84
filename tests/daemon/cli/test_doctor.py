"""The doctor on the command line: what it says of real apps, what it sets up, its bundle, its exit codes."""

import io
import json
import zipfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

from reconciled.cli.doctor import _fitted

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import House, StandIn

Invoke = Callable[..., Coroutine[Any, Any, Result]]


async def reachable(house: "House") -> None:
    """The config says how apps reach the daemon."""
    text = house.config.read_text()
    house.config.write_text(text.replace("state: state", f"state: state, url: '{house.daemon.url}'"))
    assert list(await house.daemon.reload()) == []


async def test_it_says_what_each_source_sees_can_and_lacks(house: "House", invoke: Invoke) -> None:
    said = await invoke("doctor")
    assert said.exit_code == 0, said.output
    for line in (
        "radarr (radarr 6.1.0.10360): ok",
        "  sees    movie 12; below /data/media/movies",
        "the ledger is whole",
        "daemon.url is not set, so radarr, sonarr, jellyfin cannot be told where to send webhooks",
    ):
        assert line in said.stdout
    assert "deletes entries, with their files or without, also for good" in said.stdout
    assert "could be better" in said.stderr


async def test_one_source_alone_as_json(house: "House", invoke: Invoke) -> None:
    found = json.loads((await invoke("doctor", "radarr", "sonarr", "--json")).stdout)
    assert [one["name"] for one in found["sources"]] == ["radarr", "sonarr"]
    assert found["daemon"] == []
    said = await invoke("doctor", "radar")
    assert said.exit_code == 1
    assert "radarr" in said.stderr


async def test_an_app_that_is_down_is_wrong_and_the_others_are_told(house: "House", invoke: Invoke) -> None:
    await house.home.sonarr.down()
    said = await invoke("doctor")
    assert said.exit_code == 1
    assert "it does not answer as it should" in said.stdout
    assert "below /data/media/movies" in said.stdout
    assert "1 wrong" in said.stderr


async def test_fix_shows_asks_and_sets_up_our_webhooks(house: "House", invoke: Invoke) -> None:
    await reachable(house)
    said = await invoke("doctor", "--fix")
    assert said.exit_code == 2, said.output  # nobody can be asked
    said = await invoke("doctor", "radarr", "--fix", "--yes")
    assert said.exit_code == 0, said.output
    (one,) = house.home.radarr.state.notifications.values()
    assert one["name"] == "reconciled: radarr"
    assert "made the webhook" in said.stderr
    assert "hook-of-radarr" not in said.output
    assert house.home.sonarr.state.notifications == {}
    again = await invoke("doctor", "radarr", "--fix", "--yes")
    assert "nothing that could be set up" in again.stderr
    film = house.home.film(house.home.films[1])
    await house.home.radarr.delete(film.id, files=False)
    await house.until(1, "SELECT count(*) FROM tombstone WHERE source = 'radarr'")


def a_source(**more: Any) -> dict[str, Any]:
    """A source as the daemon reports it, whose webhook could be set up."""
    matter = {"weight": "advice", "said": "no webhook", "remedy": None, "mended_by_us": True}
    return {
        "name": "radarr", "app": "radarr", "version": "6", "health": "ok", "detail": "", "items": {},
        "roots": [], "can": [], "matters": [matter], **more,
    }  # fmt: skip


@pytest.mark.parametrize(("error", "code"), [("it says no", 1), (None, 0)])
async def test_a_fix_that_fails_is_a_failure(
    stand_in: "StandIn", invoke: Invoke, error: str | None, code: int
) -> None:
    report = {"version": "1", "at": "", "wrong": 0, "advice": 1, "daemon": [], "sources": [a_source()]}
    stand_in.answers["GET /api/v1/doctor"] = (200, report)
    did = {"sources": [{"name": "radarr", "did": [] if error else ["made it"], "error": error}]}
    stand_in.answers["POST /api/v1/doctor/fix"] = (200, did)
    said = await invoke("doctor", "--fix", "--yes")
    assert said.exit_code == code, said.output
    assert (error or "made it") in said.stderr


def test_on_a_terminal_lines_break_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    lines = [
        "radarr (radarr 6.1.0.10360): ok",
        "  can     follows the app's event stream; takes the app's webhooks; reads everything in one list",
        "  advice  daemon.url is not set, so radarr, sonarr, jellyfin cannot be told where to send webhooks",
        "          -> set daemon.url to how apps reach this box, like http://box.lan:8787; and daemon.listen",
        "  WRONG   \x1b[2J\nis no line of its own",
    ]
    assert list(_fitted(lines)) == lines
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout", Terminal())
    assert list(_fitted(lines)) == [
        "radarr (radarr 6.1.0.10360): ok",
        "  can     follows the app's event stream; takes the app's webhooks; reads",
        "          everything in one list",
        "  advice  daemon.url is not set, so radarr, sonarr, jellyfin cannot be told",
        "          where to send webhooks",
        "          -> set daemon.url to how apps reach this box, like",
        "             http://box.lan:8787; and daemon.listen",
        "  WRONG   \\x1b[2J\\nis no line of its own",
    ]


async def test_the_bundle_holds_no_secret_and_no_title(
    house: "House", invoke: Invoke, tmp_path: Path
) -> None:
    await house.lose(3)
    bundle = tmp_path / "bundle.zip"
    said = await invoke("doctor", "--bundle", str(bundle))
    assert said.exit_code == 0, said.output
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        text = "".join(archive.read(name).decode() for name in names)
        config = json.loads(archive.read("config.json"))
        tallies = json.loads(archive.read("tallies.json"))
    assert {"README.txt", "status.json", "doctor.json", "runs.json", "versions.json"} <= names
    assert config["sources"]["radarr"]["options"]["url"] == house.home.radarr.url
    assert config["sources"]["radarr"]["options"]["api_key"] == "***"
    assert tallies["tombstones"] == {"jellyfin, entry": 1}
    for secret in (house.home.radarr.api_key, "hook-of-radarr", "a-token-for-tests-only"):
        assert secret not in text
    for work in house.home.films:
        assert work.title not in text
    assert bundle.stat().st_mode & 0o077 == 0
    again = await invoke("doctor", "--bundle", str(bundle))
    assert again.exit_code == 1
    assert "is there already" in again.stderr


async def test_without_a_daemon_the_config_alone_is_told(
    invoke: Invoke, tmp_path: Path, unused_tcp_port: int
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"daemon: {{listen: 127.0.0.1:{unused_tcp_port}}}\n"
        "sources: {radarr: {url: http://box.lan, key: x}}\n"
    )
    bundle = tmp_path / "bundle.zip"
    said = await invoke("doctor", "-c", str(config), "--bundle", str(bundle))
    assert said.exit_code == 3
    assert "could not be reached" in said.stderr
    assert "unknown setting" in said.stdout
    with zipfile.ZipFile(bundle) as archive:
        assert "config.json" in archive.namelist()
    said = await invoke("doctor", "-c", str(config), "--json")
    assert said.exit_code == 3
    assert "unknown setting" in json.dumps(json.loads(said.stdout)["config"]["problems"])


DELETED = '{"eventType": "MovieDelete", "movie": {"id": 7, "title": "Heat"}}'


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (DELETED, 0, "movie 7 (Heat) is said to be deleted"),
        ('{"eventType": "Test"}', 0, "nothing follows"),
        ('{"eventType": "Grab"}', 0, "nothing follows from it"),
        ("no json", 1, "would not understand it"),
    ],
)  # fmt: skip
async def test_what_a_sample_would_be_understood_as(
    house: "House", invoke: Invoke, tmp_path: Path, body: str, code: int, said: str
) -> None:
    file = tmp_path / "sample.json"
    file.write_text(body)
    result = await invoke("webhook-test", "radarr", str(file))
    assert result.exit_code == code, result.output
    assert said in result.output
    assert (
        await house.daemon.engine.ledger.read(lambda tx: tx.execute("SELECT * FROM inbox").fetchall()) == []
    )


async def test_a_no_sets_nothing_up(
    stand_in: "StandIn", invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_source(roots=[{"path": "/films", "accessible": False, "empty": None}])
    report = {"version": "1", "at": "", "wrong": 1, "advice": 0, "daemon": [], "sources": [source]}
    stand_in.answers["GET /api/v1/doctor"] = (200, report)
    monkeypatch.setattr("reconciled.cli.consent.can_ask", lambda *, yes: None)
    monkeypatch.setattr("reconciled.cli.doctor.can_ask", lambda *, yes: None)
    said = await invoke("doctor", "--fix", stdin="n\n")
    assert said.exit_code == 1
    assert "nothing was set up" in said.stderr
    assert {method for method, *_ in stand_in.asked} == {"GET"}
    said = await invoke("doctor")
    assert "/films (not accessible)" in said.stdout
    assert "`reconciled doctor --fix` does that" in said.stdout
