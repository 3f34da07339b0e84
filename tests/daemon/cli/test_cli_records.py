"""Records on the command line, against a real daemon: a file taken in, lists, a cleanup that asks first."""

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import Registry
from reconciled_records import Records

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

Invoke = Callable[..., Coroutine[Any, Any, Result]]
TOKEN = "a-token-for-tests-only"


@pytest.fixture
def sources() -> str:
    return "library: {app: records}"


@pytest.fixture
async def daemon(
    tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch, sources: str
) -> AsyncIterator[Daemon]:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"daemon: {{listen: 127.0.0.1:{unused_tcp_port}, token: {TOKEN}, state: {tmp_path / 'state'}}}\n"
        f"sources: {{{sources}}}\n"
    )
    registry = Registry.with_types(Records)
    loaded = load(config, registry.types, environ={})
    assert loaded.settings is not None
    monkeypatch.setenv("RECONCILED_CONFIG", str(config))
    async with Daemon(loaded.settings, config, registry=registry, environ={}, files=loaded.files) as running:
        yield running


def write(folder: Path, *lines: object) -> str:
    file = folder / "records.ndjson"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return str(file)


async def test_a_database_is_taken_in(daemon: Daemon, invoke: Invoke, tmp_path: Path) -> None:
    good = [{"id": f"inv/{n}", "title": f"Invoice {n}", "refs": [f"paperless:document/{n}"]} for n in (1, 2)]
    file = write(tmp_path, *good, {"id": "inv/3"}, "nonsense")
    dry = await invoke("records", "import", file, "--dry-run")
    assert dry.exit_code == 1
    assert "library: of 4 lines 2 would be new, 0 would be changed, 0 as they were, 2 wrong" in dry.stderr
    assert [line.split("\t")[:2] for line in dry.stdout.splitlines()] == [
        ["line", "id"],
        ["3", "inv/3"],
        ["4", ""],
    ]
    assert "no record is like that" in (await invoke("records", "list", "library")).stderr
    told = json.loads((await invoke("records", "import", file, "--source", "library", "--json")).stdout)
    assert (told["new"], told["wrong"]) == (2, 2)
    again = await invoke("records", "import", write(tmp_path, *good))
    assert (again.exit_code, "2 as they were" in again.stderr) == (0, True)
    listed = (await invoke("records", "list", "library")).stdout.splitlines()
    assert listed[1].startswith("inv/1\tsynced\tInvoice 1\tpaperless:document/1\t")
    shelves = (await invoke("records", "list")).stdout.splitlines()
    assert shelves[1].split("\t") == ["library", "2", "synced 2"]


async def test_a_large_file_goes_in_parts(
    daemon: Daemon, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciled.cli.records.AT_ONCE", 3)
    lines = [{"id": str(n), "title": "x"} if n != 5 else "wrong" for n in range(8)]
    said = await invoke("records", "import", write(tmp_path, *lines), "--json")
    told = json.loads(said.stdout)
    assert (told["lines"], told["new"], told["errors"][0]["line"]) == (8, 7, 6)
    empty = await invoke("records", "import", write(tmp_path))
    assert "of 0 lines" in empty.stderr


@pytest.mark.parametrize("sources", ["library: {app: records}, loans: {app: records}"])
async def test_whose_records_they_are_has_to_be_said(daemon: Daemon, invoke: Invoke, tmp_path: Path) -> None:
    file = write(tmp_path, {"id": "1", "title": "x"})
    said = await invoke("records", "import", file)
    assert (said.exit_code, "--source: library, loans" in said.stderr) == (1, True)
    assert (await invoke("records", "import", file, "--source", "loans")).exit_code == 0
    assert "takes no records" not in (await invoke("records", "list", "loans")).stderr
    assert "nobody" in (await invoke("records", "import", file, "--source", "nobody")).stderr


async def test_a_cleanup_shows_and_asks(daemon: Daemon, invoke: Invoke, tmp_path: Path) -> None:
    lines = [{"id": str(n), "title": f"Failed {n}", "sync_status": "failed"} for n in range(25)]
    await invoke("records", "import", write(tmp_path, *lines, {"id": "well", "title": "well"}))
    asked = await invoke("records", "cleanup", "library")
    assert (asked.exit_code, "--yes" in asked.stderr) == (2, True)
    said = await invoke("records", "cleanup", "library", "--yes")
    assert said.exit_code == 0, said.stderr
    assert "Failed 3" in said.stderr
    assert "and 5 more" in said.stderr
    assert "25 records of library are removed" in said.stderr
    left = json.loads((await invoke("records", "list", "library", "--json")).stdout)
    assert [one["id"] for one in left["items"]] == ["well"]
    assert "no record of library is failed" in (await invoke("records", "cleanup", "library", "--yes")).stderr


async def test_a_cleanup_sends_what_was_shown(stand_in: "StandIn", invoke: Invoke) -> None:
    shown = {"sync_status": "failed", "preview": True, "count": 3, "titles": ["a", "b", "c"], "shown": 41}
    call = "POST /api/v1/records/library/cleanup"
    stand_in.queues[call] = [(200, shown), (200, {**shown, "preview": False, "count": 2, "titles": []})]
    said = await invoke("records", "cleanup", "library", "--yes")
    assert "2 records of library are removed; 1 changed meanwhile and stay" in said.stderr
    assert stand_in.asked[1][3] == {"sync_status": "failed", "preview": False, "shown": 41}
