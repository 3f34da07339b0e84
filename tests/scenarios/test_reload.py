"""Editing the config while the daemon runs: what changed is taken over, what did not is left alone."""

import asyncio
import contextlib
import sqlite3
from typing import Any

import aiohttp
from tests.patience import PATIENCE
from tests.scenarios.conftest import TOKEN, Home

from reconciled.engine.said import forget
from reconciled.ledger import sources


async def status(home: Home) -> dict[str, Any]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        async with session.get(f"{home.daemon.url}/api/v1/status") as answer:
            found: dict[str, Any] = await answer.json()
            return found


async def test_a_source_that_is_added_by_editing_the_file_starts(make_home: Any) -> None:
    home: Home = await make_home(scan=False, without="jellyfin")
    await home.until_count("run", 2, "pass = 'scan' AND state = 'complete'")
    before = home.daemon.sources.source("radarr")
    home.write_config()
    await home.until_count("run", 3, "pass = 'scan' AND state = 'complete'")
    assert set(home.daemon.engine.places) == {"radarr", "sonarr", "jellyfin"}
    assert home.daemon.sources.source("radarr") is before


async def test_a_source_that_is_removed_is_frozen_and_thaws(home: Home) -> None:
    home.write_config(without="sonarr")

    async def frozen() -> bool:
        return await home.count("item", "presence = 'frozen'") == 2 * len(
            home.apps.series
        )  # each with a season

    await home.until(frozen)
    assert "sonarr" not in home.daemon.engine.places
    work = home.apps.series[0]
    await home.apps.sonarr.delete(home.apps.show(work).id, notify=False)
    home.write_config()
    await home.until_count("tombstone", 1)
    assert await home.count("item", "presence = 'frozen'") == 0


async def test_a_source_that_is_removed_while_nothing_runs_is_frozen_and_can_be_forgotten(home: Home) -> None:
    await home.until_well()
    await home.stop()
    home.write_config(without="sonarr")
    await home.start()
    assert await home.count("source", "name = 'sonarr' AND state = 'frozen' AND baseline = 1") == 1
    assert await home.count("item", "presence = 'frozen'") == 2 * len(home.apps.series)
    assert await home.count("source", "state = 'active'") == 2
    await forget(home.daemon.engine, "sonarr")
    assert await home.count("source") == 2


async def test_a_broken_edit_changes_nothing_and_is_shown(home: Home) -> None:
    good = home.config.read_text()
    sources = {name: home.daemon.sources.source(name) for name in ("radarr", "sonarr", "jellyfin")}
    home.config.write_text(good.replace("settle: 2s", "setle: 2s"))

    async def shown() -> bool:
        return not (await status(home))["config"]["ok"]

    await home.until(shown)
    problems = (await status(home))["config"]["problems"]
    assert "config.yaml:2:" in problems[0]
    assert "did you mean 'settle'" in problems[0]
    assert {name: home.daemon.sources.source(name) for name in sources} == sources
    await home.apps.radarr.delete(home.apps.film(home.apps.films[0]).id)
    await home.until_count("tombstone", 1)
    home.config.write_text(good)

    async def mended() -> bool:
        return bool((await status(home))["config"]["ok"])

    await home.until(mended)


async def test_a_changed_source_restarts_and_the_others_keep_their_connections(home: Home) -> None:
    before = {name: home.daemon.sources.source(name) for name in ("radarr", "sonarr", "jellyfin")}
    home.write_config(radarr="max_gone: 50%")

    async def restarted() -> bool:
        place = home.daemon.engine.places.get("radarr")
        return place is not None and place.live.source is not before["radarr"]

    await home.until(restarted)
    assert home.daemon.engine.place("radarr").live.rules.max_gone == 0.5
    for name in ("sonarr", "jellyfin"):
        assert home.daemon.sources.source(name) is before[name]
    assert await home.count("tombstone") == 0


async def test_reload_over_the_api_names_the_problems(home: Home) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        async with session.post(f"{home.daemon.url}/api/v1/reload", json={}) as answer:
            assert answer.status == 200
        good = home.config.read_text()
        home.config.write_text(good + "nonsense: 1\n")
        async with session.post(f"{home.daemon.url}/api/v1/reload", json={}) as answer:
            assert answer.status == 422
            assert "nonsense" in await answer.text()
        home.config.write_text(good)


async def test_two_daemons_live_in_one_process(make_home: Any, tmp_path_factory: Any, registry: Any) -> None:
    home: Home = await make_home(films=5, series=2)
    other = Home(home.apps, tmp_path_factory.mktemp("other"), registry, hurry=20.0)
    other.write_config()
    await other.start()
    await other.until_count("run", 3, "pass = 'scan' AND state = 'complete'")
    assert await other.count("item") == await home.count("item")
    await other.stop()


async def test_a_change_that_failed_half_way_is_shown_and_tried_again(home: Home, monkeypatch: Any) -> None:
    real = sources.enroll

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sources, "enroll", fail)
    home.write_config(radarr="max_gone: 50%")

    async def shown() -> bool:
        return "only in part" in str((await status(home))["config"]["problems"])

    await home.until(shown)
    monkeypatch.setattr(sources, "enroll", real)
    assert list(await home.daemon.reload()) == []
    assert home.daemon.engine.place("radarr").live.rules.max_gone == 0.5
    assert (await status(home))["config"]["ok"]
    await home.until_well()


async def test_a_config_behind_a_link_is_followed(make_home: Any, tmp_path: Any) -> None:
    home: Home = await make_home(films=5, series=2)
    await home.stop()
    kept = tmp_path / "dotfiles"
    kept.mkdir()
    real = kept / "config.yaml"
    home.config.rename(real)
    home.config.symlink_to(real)
    await home.start()
    await home.until_well()
    real.write_text(real.read_text().replace("settle: 2s", "settle: 3s"))

    async def taken() -> bool:
        place = home.daemon.engine.places.get("radarr")
        return place is not None and place.live.rules.settle == 3.0

    await home.until(taken)


async def test_a_changed_token_counts_at_once(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace(TOKEN, "another-token-0123456789"))
    await home.daemon.reload()
    async with aiohttp.ClientSession() as session:
        for token, expected in ((TOKEN, 401), ("another-token-0123456789", 200)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.post(f"{home.daemon.url}/api/v1/reload", json={}, headers=headers) as answer:
                assert answer.status == expected


async def test_a_plugin_that_hangs_does_not_hold_up_a_reload_or_the_stop(
    home: Home, monkeypatch: Any
) -> None:
    async def hang() -> None:
        hanging.append(True)
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()
        hanging.pop()

    released = asyncio.Event()
    hanging: list[bool] = []
    monkeypatch.setattr(home.daemon.sources.source("radarr"), "close", hang)
    home.write_config(radarr="max_gone: 50%")
    try:
        async with asyncio.timeout(PATIENCE):
            assert list(await home.daemon.reload()) == []
            monkeypatch.setattr(home.daemon.sources.source("radarr"), "close", hang)
            await home.stop()
        assert len(hanging) == 2
    finally:
        released.set()
        while hanging:
            await asyncio.sleep(0.002)
