"""Commands that need no daemon: check, schema, plugins, token show, backup, restore; usage; exit codes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from reconciled import __version__
from reconciled.ledger.connection import Ledger
from reconciled.ledger.sources import enroll
from reconciled.runtime.lock import Lock

Invoke = Callable[..., Coroutine[Any, Any, Result]]
GOOD = "sources:\n  radarr: {url: http://box.lan:7878, api_key: !env KEY}\n"
BAD = Path(__file__).parents[1] / "config" / "bad" / "eight_mistakes.yaml"


def reconciled(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The command as a process of its own."""
    command = [sys.executable, "-m", "reconciled", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=30, env={**os.environ, **environ}
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"daemon: {{state: {tmp_path / 'state'}}}\n{GOOD}")
    return path


def test_a_good_config_is_exit_code_0(config: Path) -> None:
    done = reconciled("check", "-c", str(config), KEY="0123456789")
    assert (done.returncode, done.stdout) == (0, "")
    assert "good: mode dry-run, 1 source (radarr)" in done.stderr


def test_eight_mistakes_are_eight_lines_and_exit_code_78() -> None:
    done = reconciled("check", "-c", str(BAD))
    assert done.returncode == 78
    assert len((done.stdout + done.stderr).splitlines()) == 8
    assert all(line.startswith(f"{BAD}:") for line in done.stdout.splitlines())
    answer = json.loads(reconciled("check", "--json", "-c", str(BAD)).stdout)
    assert (answer["ok"], len(answer["problems"])) == (False, 8)


def test_warnings_do_not_fail(config: Path) -> None:
    config.write_text(GOOD.replace("!env KEY", "in-the-open-0123456789"))
    done = reconciled("check", "-c", str(config))
    assert done.returncode == 0
    assert ": warning: " in done.stdout
    assert "in-the-open" not in done.stdout + done.stderr


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.full
def test_a_time_before_all_times_is_no_crash(zone: str) -> None:
    done = reconciled("deletions", "--since", "0001-01-01", "--url", "http://127.0.0.1:9", TZ=zone)
    assert done.returncode in (2, 3), done.stderr
    assert "Traceback" not in done.stderr


FULL = pytest.mark.full
"""A process each, for the same again: the quick size has one or two of them."""


@pytest.mark.parametrize(
    "command",
    [["run"], *(pytest.param(one, marks=FULL) for one in (["check"], ["status"], ["token", "show"]))],
)
def test_a_config_that_is_not_there_is_78(command: list[str], tmp_path: Path) -> None:
    done = reconciled(*command, "-c", str(tmp_path / "none.yaml"))
    assert done.returncode == 78
    assert "none.yaml" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["scan", "--fast"],
        ["deletions", "--since", "soon"],
        *(
            pytest.param(one, marks=FULL)
            for one in (
                ["dance"],
                ["release"],
                ["release", "x"],
                ["deletions", "--since", "0001-01-01T00:00:00+14:00"],
                ["deletions", "--since", "9999-12-31T23:59:59-14:00"],
                ["deletions", "--since", "99999999d"],
            )
        ),
    ],
)
def test_usage_is_2(command: list[str]) -> None:
    done = reconciled(*command)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage" in done.stderr


@pytest.mark.full
def test_version_and_help() -> None:
    assert __version__ in reconciled("--version").stdout
    for command in ("run", "check", "demo", "status", "scan", "explain", "release", "act", "backup"):
        assert f"reconciled {command}" in reconciled(command, "-h").stdout
    listed = {line.split()[0] for line in reconciled("-h").stdout.splitlines() if line.startswith("  ")}
    assert {"policies", "decisions", "actions", "approve", "reject", "undo", "ignore", "snooze"} <= listed
    assert {"link", "unlink", "pause", "resume", "forget", "notify", "restore"} <= listed


@pytest.mark.full
def test_ctrl_c_leaves_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("daemon: {listen: '127.0.0.1:0', state: state}\n")
    command = [sys.executable, "-m", "reconciled", "run", "-c", str(tmp_path / "config.yaml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as daemon:
        assert daemon.stderr is not None
        lines = []
        for line in daemon.stderr:
            lines.append(line)
            if "its page is" in line:
                break
        time.sleep(0.5)
        daemon.send_signal(signal.SIGINT)
        lines.append(daemon.stderr.read())
        assert daemon.wait(timeout=20) == 0
    assert "Traceback" not in "".join(lines)


@pytest.mark.full
def test_nobody_reads_the_output(config: Path) -> None:
    command = (
        f"{sys.executable} -m reconciled schema -c {config} | head -c 10 > /dev/null; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=30)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


async def test_the_schema_knows_apps_and_sections(invoke: Invoke, config: Path) -> None:
    said = await invoke("schema", "-c", str(config))
    assert said.exit_code == 0, said.output
    schema = json.loads(said.stdout)
    sections = {"mode", "daemon", "defaults", "keep", "passes", "plugins", "sources"}
    sections |= {"policies", "notify", "alerts", "duplicates"}
    assert set(schema["properties"]) == sections
    assert {"radarr", "sonarr", "jellyfin"} <= set(schema["properties"]["sources"]["properties"])
    policy = schema["properties"]["policies"]["additionalProperties"]["else"]
    assert {"when", "from", "then", "unless"} <= set(policy["properties"])
    named = schema["properties"]["sources"]["properties"]["radarr"]["anyOf"]
    own, *others = (schema["$defs"][one["$ref"].removeprefix("#/$defs/")] for one in named)
    assert {"url", "api_key", "webhook", "scan"} <= set(own["properties"])
    assert own["required"] == ["url", "api_key"]
    assert all("app" in other["required"] for other in others)
    for ref in _refs(schema):
        assert ref.removeprefix("#/$defs/") in schema["$defs"]


def _refs(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        return own + [ref for value in schema.values() for ref in _refs(value)]
    return [ref for value in schema for ref in _refs(value)] if isinstance(schema, list) else []


async def test_plugins_are_listed_and_blocked_ones_say_so(invoke: Invoke, config: Path) -> None:
    config.write_text("plugins: {block: [sonarr]}\n" + GOOD)
    said = await invoke("plugins", "-c", str(config))
    assert "sonarr" in said.stdout
    assert "is blocked" in said.stdout
    found = json.loads((await invoke("plugins", "-c", str(config), "--json")).stdout)["items"]
    assert {"radarr": ["radarr"], "sonarr": []}.items() <= {one["name"]: one["apps"] for one in found}.items()


async def test_token_show(invoke: Invoke, config: Path, tmp_path: Path) -> None:
    said = await invoke("token", "show", "-c", str(config))
    assert said.exit_code == 1
    assert "when it first runs" in said.stderr
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "token").write_text("made-by-the-daemon\n")
    assert (await invoke("token", "show", "-c", str(config))).stdout == "made-by-the-daemon\n"
    config.write_text("daemon: {token: !env MINE}\n")
    said = await invoke("token", "show", "-c", str(config), env={"MINE": "configured-token-16"})
    assert said.stdout == "configured-token-16\n"


async def test_restore_puts_a_backup_back(invoke: Invoke, config: Path, tmp_path: Path) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy.db"
    state.mkdir()
    said = await invoke("backup", str(copy), "-c", str(config))
    assert said.exit_code == 1
    assert "there is no ledger" in said.stderr
    ledger = await Ledger.open(state / "ledger.db")
    await ledger.write(lambda tx: enroll(tx, "kept", "radarr", {}))
    await ledger.close()
    assert (await invoke("backup", str(copy), "-c", str(config))).exit_code == 0
    assert (await invoke("backup", str(copy), "-c", str(config))).exit_code == 1  # it exists
    with sqlite3.connect(state / "ledger.db") as db:
        db.execute("DELETE FROM source")
    db.close()
    said = await invoke("restore", str(copy), "-c", str(config))
    assert said.exit_code == 0, said.output
    db = sqlite3.connect(state / "ledger.db")
    assert db.execute("SELECT name FROM source").fetchall() == [("kept",)]
    db.close()
    assert (state / "ledger.db.before-restore").exists()
    with Lock(state):
        said = await invoke("restore", str(copy), "-c", str(config))
    assert said.exit_code == 1
    assert str(os.getpid()) in said.stderr
