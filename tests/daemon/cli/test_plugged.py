"""Commands of plugins in the command line: they are found, they reach the daemon, they harm no other."""

import json
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import Result

from reconciled.cli import plugged
from reconciled.hookspecs import Daemon, Problem, hookimpl
from reconciled.plugins import GROUP, Registry, discover

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

Invoke = Callable[..., Coroutine[Any, Any, Result]]


@click.group("shelf")
def shelf() -> None:
    """What only shelves need."""


@shelf.command("count")
@click.argument("word")
@click.option("--yes", is_flag=True)
@click.pass_obj
def count(daemon: Daemon, word: str, yes: bool) -> None:
    """Count."""
    daemon.say(f"\x1b[2Jcounting {word}")
    try:
        found = daemon.get("shelves", word, "a/b", limit=3, left_out=None)
    except Problem as problem:
        daemon.out(f"{problem.status}\n{problem.body['detail']}")
        raise
    daemon.confirm("Really?", yes=yes, otherwise="nothing was counted")
    daemon.out(daemon.post("counted", body={"n": found["n"]}))


@click.command("status")
def status() -> None:
    """One of ours is called like this."""
    raise AssertionError("ours has the name")


@click.command("own-flags")
@click.option("-c", "--colour", default="red")
@click.pass_obj
def own_flags(daemon: Daemon, colour: str) -> None:
    """Has a -c of its own."""
    daemon.out(colour)


@click.command("crash")
@click.pass_obj
def crash(daemon: Daemon) -> None:
    """Raises what no command may."""
    raise KeyError("version")


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A plugin with commands is installed, and what was asked for when plugins were looked for."""
    module = ModuleType("plugin_with_a_shelf")

    @hookimpl
    def commands() -> list[click.Command]:
        return [shelf, status, own_flags, crash]

    module.commands = commands  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    asked: list[dict[str, Any]] = []

    def found(**options: Any) -> Registry:
        asked.append(options)
        return discover(entry_points=[EntryPoint("shelf", module.__name__, GROUP)], **options)

    monkeypatch.setattr(plugged, "discover", found)
    return asked


async def test_a_command_of_a_plugin_asks_the_daemon(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/shelves/top/a/b"] = (200, {"n": 7})
    stand_in.answers["POST /api/v1/counted"] = (200, {"counted": 7})
    said = await invoke("shelf", "count", "top", "--yes")
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout) == {"counted": 7}
    assert said.stderr == "\\x1b[2Jcounting top\n"
    assert [(method, path, body) for method, path, _, body in stand_in.asked] == [
        ("GET", "/api/v1/shelves/top/a%2Fb?limit=3", None),
        ("POST", "/api/v1/counted", {"n": 7}),
    ]


async def test_the_options_say_which_daemon(stand_in: "StandIn", invoke: Invoke, tmp_path: Path) -> None:
    stand_in.answers["GET /api/v1/shelves/top/a/b"] = (200, {"n": 7})
    stand_in.answers["POST /api/v1/counted"] = (200, {})
    env = {"RECONCILED_URL": "http://127.0.0.1:9", "RECONCILED_TOKEN": "the-token"}
    said = await invoke("shelf", "count", "top", "--yes", "--url", stand_in.url, env=env)
    assert said.exit_code == 0, said.output
    assert {headers["Authorization"] for _, _, headers, _ in stand_in.asked} == {"Bearer the-token"}
    missing = await invoke(
        "shelf", "count", "top", "-c", str(tmp_path / "none.yaml"), env={"RECONCILED_URL": ""}
    )
    assert (missing.exit_code, "there is no config" in missing.stderr) == (78, True)


async def test_an_error_of_the_daemon_is_a_problem(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/shelves/top/a/b"] = (404, {"detail": "no such shelf"})
    said = await invoke("shelf", "count", "top", "--yes")
    assert said.exit_code == 1
    assert said.stdout == "404\nno such shelf\n"
    assert "reconciled: no such shelf" in said.stderr


async def test_nobody_there(invoke: Invoke) -> None:
    said = await invoke("shelf", "count", "top", "--url", "http://127.0.0.1:9")
    assert said.exit_code == 3
    assert "could not be reached" in said.stderr


async def test_without_a_terminal_a_yes_has_to_be_said(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/shelves/top/a/b"] = (200, {"n": 7})
    said = await invoke("shelf", "count", "top")
    assert said.exit_code == 2
    assert "--yes" in said.stderr
    assert [method for method, *_ in stand_in.asked] == ["GET"]


async def test_ours_keep_their_names_and_need_no_plugin(
    stand_in: "StandIn", invoke: Invoke, plugins: list[dict[str, Any]]
) -> None:
    stand_in.answers["GET /api/v1/status"] = (200, {"mode": "dry-run"})
    said = await invoke("status", "--json")
    assert said.exit_code == 0, said.output
    assert plugins == []


async def test_all_are_listed(invoke: Invoke) -> None:
    said = await invoke("--help")
    assert said.exit_code == 0
    assert "What only shelves need." in said.stdout
    assert "-c, --config" in (await invoke("shelf", "count", "--help")).stdout


async def test_a_flag_of_its_own_stays_its_own(invoke: Invoke) -> None:
    assert (await invoke("own-flags", "-c", "blue")).stdout == "blue\n"


async def test_a_name_that_nobody_has(invoke: Invoke) -> None:
    said = await invoke("shelve")
    assert said.exit_code == 2
    assert "No such command" in said.stderr


async def test_a_crash_is_told_as_the_plugin_s(invoke: Invoke) -> None:
    said = await invoke("crash")
    assert said.exit_code == 1
    assert "the command 'crash' of a plugin crashed: KeyError: 'version'" in said.stderr
    assert "test_plugged.py:" in said.stderr
    assert "Traceback" not in said.output


@pytest.mark.parametrize("how", ["option", "equals", "attached", "environment"])
async def test_what_is_blocked_is_not_looked_for(
    invoke: Invoke, plugins: list[dict[str, Any]], tmp_path: Path, how: str
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("plugins: {block: [shelf]}\n")
    words = {
        "option": ["-c", str(config)],
        "equals": [f"--config={config}"],
        "attached": [f"-c{config}"],
        "environment": [],
    }[how]
    env = {"RECONCILED_CONFIG": str(config)} if how == "environment" else None
    said = await invoke("shelf", "count", "top", *words, env=env)
    assert said.exit_code == 2
    assert plugins[0]["blocked"] == ("shelf",)
