"""The commands against a real daemon: what they say is what is so."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import Result
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import House

Invoke = Callable[..., Coroutine[Any, Any, Result]]


async def test_status_names_every_source(house: "House", invoke: Invoke) -> None:
    said = await invoke("status")
    assert said.exit_code == 0, said.output
    for name in ("radarr", "sonarr", "jellyfin"):
        assert name in said.stdout
    assert "dry-run" in said.stdout
    assert json.loads((await invoke("status", "--json")).stdout)["mode"] == "dry-run"


async def test_sources_as_lines_with_tabs(house: "House", invoke: Invoke) -> None:
    said = await invoke("sources")
    assert said.exit_code == 0, said.output
    head, *lines = [line.split("\t") for line in said.stdout.splitlines()]
    radarr = dict(zip(head, next(line for line in lines if line[0] == "radarr"), strict=True))
    assert radarr["items"] == "movie 12"
    assert radarr["health"] == "ok"


async def test_a_scan_of_one_source_is_followed_to_its_end(house: "House", invoke: Invoke) -> None:
    said = await invoke("scan", "radarr", "--follow", "--json")
    assert said.exit_code == 0, said.output
    (run,) = json.loads(said.stdout)["items"]
    assert (run["pass"], run["source"], run["state"]) == ("scan", "radarr", "complete")
    assert "scan radarr: complete" in said.stderr
    assert str(run["id"]) in (await invoke("runs", "--source", "radarr")).stdout


async def test_a_scan_of_all_sources(house: "House", invoke: Invoke) -> None:
    said = await invoke("scan", "-f", "--json")
    assert said.exit_code == 0, said.output
    runs = json.loads(said.stdout)["items"]
    assert {run["source"] for run in runs} == {"radarr", "sonarr", "jellyfin"}
    assert {run["state"] for run in runs} == {"complete"}


async def test_a_pass_that_fails_gives_exit_code_1(house: "House", invoke: Invoke) -> None:
    await house.home.sonarr.down()
    said = await invoke("passes", "run", "scan", "--source", "sonarr", "--follow")
    assert said.exit_code == 1
    assert "failed" in said.stdout
    head, *lines = [line.split("\t") for line in (await invoke("sources")).stdout.splitlines()]
    scans = {line[0]: line[head.index("last scan")] for line in lines}
    assert scans["sonarr"].startswith("failed 2"), "it looks as if it had been read"
    assert scans["radarr"].startswith("2")


async def test_unknown_sources_and_passes_are_told(house: "House", invoke: Invoke) -> None:
    said = await invoke("scan", "radar")
    assert said.exit_code == 1
    assert "radarr" in said.stderr
    said = await invoke("passes", "run", "dance", "--source", "radarr")
    assert said.exit_code == 1
    assert "dance" in said.stderr


async def test_items_lookup_and_explain_of_one_that_is_there(house: "House", invoke: Invoke) -> None:
    film = house.home.film(house.home.films[0])
    title = house.home.films[0].title
    assert title in (await invoke("items", title, "--source", "radarr")).stdout
    said = await invoke("lookup", "radarr", "movie", str(film.id))
    assert said.exit_code == 0, said.output
    assert "present" in said.stdout
    said = await invoke("explain", "radarr", "movie", str(film.id))
    assert said.exit_code == 0, said.output
    assert title in said.stdout
    assert "jellyfin" in said.stdout  # the same thing elsewhere
    assert "present      nothing speaks against it; a lookup showed it at " in said.stdout
    assert "next         the next scan or event looks at it" in said.stdout


async def test_a_deletion_is_told_with_its_cause_and_evidence(house: "House", invoke: Invoke) -> None:
    work = house.home.films[4]
    film = house.home.film(work)
    house.home.radarr.add_webhook(
        f"{house.daemon.url}/webhooks/radarr", headers={"X-Reconciled-Secret": "hook-of-radarr"}
    )
    await house.home.radarr.delete(film.id, files=False)
    async with asyncio.timeout(PATIENCE):
        while work.title not in (await invoke("deletions", "--json")).stdout:
            await asyncio.sleep(0.1)
    (lost,) = json.loads((await invoke("deletions", "--json", "--since", "1h")).stdout)["items"]
    assert (lost["source"], lost["key"], lost["cause"]) == ("radarr", str(film.id), "radarr")
    by_words = await invoke("explain", *work.title.split())
    by_key = await invoke("explain", "radarr", "movie", str(film.id))
    for said in (by_words, by_key):
        assert said.exit_code == 0, said.output
        assert "gone from radarr" in said.stdout
        assert "404 of Radarr" in said.stdout
    assert "cause        radarr" in by_words.stdout
    assert work.title in (await invoke("findings", "--code", "gone")).stdout
    assert (await invoke("deletions", "--cause", "sonarr")).stdout == ""


async def test_a_hold_is_shown_and_released(house: "House", invoke: Invoke) -> None:
    for film in list(house.home.radarr.state.entries.values())[:9]:
        await house.home.radarr.delete(film.id, files=False, notify=False)
    assert (await invoke("scan", "radarr", "--follow")).exit_code == 0
    (hold,) = json.loads((await invoke("holds", "--json")).stdout)["items"]
    assert hold["count"] == 9
    assert hold["sentence"] in (await invoke("holds")).stdout
    assert hold["likely"] == "radarr likely lost sight of them only: jellyfin still has files of all 9."
    assert hold["likely"] in (await invoke("holds")).stdout
    one = await invoke("holds", str(hold["id"]))
    assert f"likely: {hold['likely']}" in one.stdout
    assert all(f"  - {fact['said']}" in one.stdout for fact in hold["common"])
    assert one.stdout.count("movie") >= 9
    assert json.loads((await invoke("holds", str(hold["id"]), "--json")).stdout)["common"] == hold["common"]
    assert "reconciled holds" in (await invoke("status")).stderr
    said = await invoke("release", str(hold["id"]))
    assert said.exit_code == 0, said.output
    assert hold["sentence"] in said.stderr
    assert hold["likely"] in said.stderr
    assert "released 9" in said.stderr
    async with asyncio.timeout(PATIENCE):
        while len(json.loads((await invoke("deletions", "--json")).stdout)["items"]) < 9:
            await asyncio.sleep(0.1)
    assert "is over" in (await invoke("release", str(hold["id"]))).stderr
    assert str(hold["id"]) in (await invoke("holds", "--over")).stdout


async def test_reload_says_what_is_wrong_and_changes_nothing(house: "House", invoke: Invoke) -> None:
    assert (await invoke("reload")).exit_code == 0
    good = house.config.read_text()
    house.config.write_text(good.replace("sources:", "sauces:"))
    said = await invoke("reload")
    assert said.exit_code == 78
    assert "sauces" in said.stdout
    assert "sauces" in (await invoke("status")).stderr
    house.config.write_text(good)
    assert (await invoke("reload")).exit_code == 0


async def test_backup_while_it_runs_and_restore_refused(
    house: "House", invoke: Invoke, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    said = await invoke("backup", str(copy))
    assert said.exit_code == 0, said.output
    assert said.stdout.strip() == str(copy)
    db = sqlite3.connect(copy)
    held = 12 + 2 * 3  # each series has a season
    assert db.execute("SELECT count(*) FROM item").fetchone() == (2 * held,)
    db.close()
    said = await invoke("restore", str(copy))
    assert said.exit_code == 1
    assert "stop it first" in said.stderr


async def test_a_wrong_token_is_refused_with_the_remedy(house: "House", invoke: Invoke) -> None:
    said = await invoke("reload", env={"RECONCILED_TOKEN": "wrong"})
    assert said.exit_code == 1
    assert "token show" in said.stderr
