"""Odd answers, no answer, and texts that would steer a terminal."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

from reconciled.cli import client

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

Invoke = Callable[..., Coroutine[Any, Any, Result]]
ITEM = {"source": "radarr", "kind": "movie", "id": "1", "presence": "present", "has_file": True}


async def test_no_daemon_is_exit_code_3_and_says_how_to_start_it(
    invoke: Invoke, unused_tcp_port: int
) -> None:
    said = await invoke("status", "--url", f"http://127.0.0.1:{unused_tcp_port}")
    assert said.exit_code == 3
    assert said.stdout == ""
    assert "connection refused" in said.stderr
    assert "reconciled run" in said.stderr


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, "<html>hello</html>", "is not reconciled"),
        (302, "", "is not reconciled"),
        (200, "[]", "is not reconciled"),
        (401, '{"error": "Unauthorized"}', "(401) is not reconciled"),
        (200, "{}", "without a list"),
        (500, '{"detail": "it broke"}', "it broke"),
        (503, "{}", "(503) is not reconciled"),
        (401, '{"detail": "a token is needed"}', "a token is needed"),
    ],
)
async def test_odd_answers(stand_in: "StandIn", invoke: Invoke, status: int, body: str, said: str) -> None:
    stand_in.answers["GET /api/v1/items"] = (status, body)
    result = await invoke("items", "x")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


async def test_without_a_token_the_message_says_where_it_would_be(
    stand_in: "StandIn", invoke: Invoke
) -> None:
    stand_in.answers["POST /api/v1/reload"] = (401, {"detail": "a change needs the token"})
    said = await invoke("reload", env={"XDG_STATE_HOME": "/nowhere", "STATE_DIRECTORY": "/nowhere"})
    assert "there is no /nowhere/token" in said.stderr


async def test_an_address_that_is_none(invoke: Invoke) -> None:
    for url in ("gopher://x", "http://", "nonsense"):
        said = await invoke("status", "--url", url)
        assert said.exit_code == 1, url
        assert "is no address of a daemon" in said.stderr or "does not talk" in said.stderr


@pytest.mark.parametrize(
    "title", ["[bold]x[/bold] [/]", "a\x1b[31mb", "tab\there", "line\nbreak", "\x9b31m", "\u202eevil"]
)
async def test_titles_cannot_garble_the_terminal(stand_in: "StandIn", invoke: Invoke, title: str) -> None:
    stand_in.answers["GET /api/v1/items"] = (200, {"items": [{**ITEM, "title": title}], "next": None})
    stand_in.answers["GET /api/v1/explain"] = (200, {"thing": {**ITEM, "title": title}, "matches": []})
    table, as_json, told = [
        await invoke(*said) for said in (["items"], ["items", "--json"], ["explain", "x"])
    ]
    shown = title.encode("unicode_escape").decode() if not title.isprintable() else title
    assert len(table.stdout.splitlines()) == 2
    assert shown in table.stdout
    assert shown in told.stdout
    assert json.loads(as_json.stdout)["items"][0]["title"] == title
    for said in (table, as_json, told):
        assert said.exit_code == 0, said.output
        assert all(char.isprintable() or char in "\n\t" for char in said.stdout)


async def test_a_title_is_shown_where_there_is_no_letter_for_it(stand_in: "StandIn") -> None:
    items = [{**ITEM, "title": title} for title in ("Amélie", "千と千尋の神隠し", "…")]
    stand_in.answers["GET /api/v1/items"] = (200, {"items": items, "next": None})
    said = await asyncio.to_thread(
        reconciled, "items", RECONCILED_URL=stand_in.url, PYTHONIOENCODING="latin-1"
    )
    assert (said.returncode, said.stderr) == (0, b"")
    assert [line.split(b"\t")[3] for line in said.stdout.splitlines()[1:]] == [
        "Amélie".encode("latin-1"), "千と千尋の神隠し".encode("ascii", "backslashreplace"), b"\\u2026",
    ]  # fmt: skip


async def test_a_full_disk_is_told_without_a_traceback(stand_in: "StandIn") -> None:
    stand_in.answers["GET /api/v1/items"] = (200, {"items": [ITEM], "next": None})
    said = await asyncio.to_thread(reconciled, "items", into="/dev/full", RECONCILED_URL=stand_in.url)
    assert said.returncode == 1
    assert said.stderr == b"reconciled: No space left on device: not all of it was written\n"


def reconciled(*arguments: str, into: str = "", **environ: str) -> "subprocess.CompletedProcess[bytes]":
    """The command as a process of its own; its data goes into that file, if one is named."""
    command = [sys.executable, "-m", "reconciled", *arguments]
    with Path(into).open("wb") if into else nullcontext(subprocess.PIPE) as stdout:
        return subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=30,
            env={**os.environ, **environ},
        )  # fmt: skip


async def test_a_table_on_a_terminal_shows_markup_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from reconciled.cli.text import field, show_table

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    show_table([{"title": "[red]x[/red] \x1b[2J"}], [("title", field("title"))])
    assert "[red]x[/red] \\x1b[2J" in capsys.readouterr().out


async def test_no_color_is_respected(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from reconciled.cli.text import field, show_table

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    show_table([{"title": "x"}], [("title", field("title"))])
    assert "\x1b[3" not in capsys.readouterr().out


async def test_pages_are_followed_up_to_the_limit(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/items"] = (200, {"items": [ITEM] * 3, "next": "more"})
    said = await invoke("items", "--limit", "6", "--json")
    assert len(json.loads(said.stdout)["items"]) == 6
    said = await invoke("items", "--limit", "3")
    assert "more than these 3" in said.stderr
    assert "cursor=more" in stand_in.asked[1][1]


async def test_ids_with_slashes_are_quoted(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/explain/files/file/a/b c"] = (200, {"thing": {**ITEM, "title": "x"}})
    said = await invoke("explain", "files", "file", "a/b c")
    assert said.exit_code == 0, said.output
    assert stand_in.asked[0][1] == "/api/v1/explain/files/file/a%2Fb%20c"


async def test_a_run_that_is_under_way_is_followed(stand_in: "StandIn", invoke: Invoke) -> None:
    run = {
        "id": 7,
        "pass": "scan",
        "source": "radarr",
        "state": "complete",
        "progress": {"done": 5, "total": 5},
    }
    stand_in.answers["POST /api/v1/runs"] = (409, {"detail": "it runs already", "id": 7})
    stand_in.answers["GET /api/v1/runs/7"] = (200, run)
    said = await invoke("scan", "radarr", "--follow")
    assert said.exit_code == 0, said.output
    assert "as run 7" in said.stderr
    assert "5 of 5" in said.stderr


async def test_no_source_is_nothing_to_scan(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/sources"] = (200, {"items": [], "next": None})
    said = await invoke("scan")
    assert said.exit_code == 1
    assert "no source" in said.stderr


async def test_a_frozen_source_is_not_scanned(stand_in: "StandIn", invoke: Invoke) -> None:
    sources = [{"name": "radarr", "health": "ok"}, {"name": "old", "health": "frozen"}]
    stand_in.answers["GET /api/v1/sources"] = (200, {"items": sources, "next": None})
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    said = await invoke("scan")
    assert said.exit_code == 0, said.output
    assert [body for *_, body in stand_in.asked[1:]] == [{"pass": "scan", "source": "radarr"}]


async def test_one_source_that_fails_stops_no_other(stand_in: "StandIn", invoke: Invoke) -> None:
    sources = [{"name": name, "health": "ok"} for name in ("a", "b", "c")]
    stand_in.answers["GET /api/v1/sources"] = (200, {"items": sources, "next": None})
    stand_in.queues["POST /api/v1/runs"] = [
        (202, {"id": 1, "state": "running"}),
        (404, {"detail": "no source 'b' runs"}),
        (202, {"id": 3, "state": "running"}),
    ]
    done = {"pass": "scan", "state": "complete", "progress": {"done": 5, "total": 5}}
    stand_in.answers["GET /api/v1/runs/1"] = (500, {"detail": "it broke"})
    stand_in.answers["GET /api/v1/runs/3"] = (200, {**done, "id": 3, "source": "c"})
    said = await invoke("scan", "--follow", "--json")
    assert said.exit_code == 1
    runs = json.loads(said.stdout)["items"]
    assert {run["id"]: run["state"] for run in runs} == {1: "failed", 3: "complete", None: "failed"}
    assert "scan of b could not be started: no source 'b' runs" in said.stderr
    assert "scan c: complete" in said.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["lookup", "radarr", "movie", "1"], "the app is slow to answer; the daemon goes on"),
        (["status"], "the daemon is slow to answer"),
    ],
)
async def test_a_slow_answer_is_no_absent_daemon(
    stand_in: "StandIn", invoke: Invoke, monkeypatch: pytest.MonkeyPatch, command: list[str], said: str
) -> None:
    assert client.OF_AN_APP >= 400
    monkeypatch.setattr(client, "OF_AN_APP", 0.2)
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    stand_in.delay = 1.0
    result = await invoke(*command)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "not be reached" not in result.stderr


async def test_a_lookup_waits_longer_than_others(
    stand_in: "StandIn", invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.1)
    stand_in.delay = 0.4
    stand_in.answers["POST /api/v1/lookups"] = (200, {"verdict": "present", "reason": "it is there"})
    assert (await invoke("lookup", "radarr", "movie", "1")).exit_code == 0


async def test_several_things_that_fit_are_listed(stand_in: "StandIn", invoke: Invoke) -> None:
    fits = [
        {**ITEM, "title": "Alien", "also": ["jellyfin"]},
        {**ITEM, "id": "2", "title": "Aliens", "also": []},
        {**ITEM, "id": "9", "title": "Alien 9", "presence": None, "also": []},
    ]
    stand_in.answers["GET /api/v1/explain"] = (200, {"thing": None, "matches": fits})
    said = await invoke("explain", "alien")
    assert said.exit_code == 0, said.output
    assert {"Alien", "Aliens", "Alien 9", "jellyfin", "only its tombstone is known"} <= {
        cell for line in said.stdout.splitlines() for cell in line.split("\t")
    }
    assert "more than one" in said.stderr
    assert json.loads((await invoke("explain", "alien", "--json")).stdout)["matches"] == fits
    stand_in.answers["GET /api/v1/explain"] = (404, {"detail": "there is nothing"})
    said = await invoke("explain", "alien")
    assert said.exit_code == 1
    assert "nothing that is like 'alien' is known" in said.stderr


async def test_three_words_that_are_no_key_are_words(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/explain"] = (200, {"thing": {**ITEM, "title": "Once Upon Time"}})
    said = await invoke("explain", "once", "upon", "time")
    assert "Once Upon Time" in said.stdout
    assert [one[1] for one in stand_in.asked] == [
        "/api/v1/explain/once/upon/time", "/api/v1/explain?q=once+upon+time",
    ]  # fmt: skip
    stand_in.answers["GET /api/v1/explain/once/upon/time"] = (500, {"detail": "it crashed"})
    assert "it crashed" in (await invoke("explain", "once", "upon", "time")).stderr


async def test_a_loop_is_told_with_what_ends_it(stand_in: "StandIn", invoke: Invoke) -> None:
    remedy = {"verb": "unmonitor", "command": "reconciled act unmonitor radarr movie 812"}
    loop = {
        **ITEM,
        "id": 7,
        "key": "812",
        "code": "redownload",
        "detail": "It came back",
        "remedies": [remedy],
    }
    stand_in.answers["GET /api/v1/findings"] = (200, {"items": [loop], "next": None})
    said = await invoke("findings")
    assert said.stderr.splitlines() == [
        "finding 7: It came back. To end that:",
        "  reconciled act unmonitor radarr movie 812",
        "  reconciled ignore 7  if it is meant to be there",
    ]
    assert (await invoke("findings", "--json")).stderr == ""


async def test_status_tells_of_bad_plugins_and_configs(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/status"] = (
        200,
        {
            "version": "1",
            "config": {"path": "c.yaml", "problems": ["c.yaml:1:1: bad"]},
            "plugins": [{"name": "odd", "error": "failed to import"}],
        },
    )
    said = await invoke("status")
    assert "c.yaml:1:1: bad" in said.stderr
    assert "the plugin odd failed to import" in said.stderr
    assert "last good one" in said.stderr
