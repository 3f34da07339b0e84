"""Who did it, over real sockets: the one sentence that a person reads, with its steps and their evidence.

Some on a stage whose clock stands still, so that the times are known; some with the whole daemon.
"""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import registry_with_requests
from tests.scenarios.script import Given
from tests.scenarios.stage import Stage

from reconciled.engine.attribution import Attribution, attribute
from reconciled.engine.recalling import AFTER, Recalling
from reconciled.ledger import tombstones
from reconciled.source import Recalls

FORGET = "mode: act\npolicies: {forget: {when: gone, from: jellyfin, grace: 10m, then: [{delete: requests}]}}"
APPS = ("jellyfin", "radarr", "sonarr", "requests")
AN_HOUR = 3600.0


class Evening:
    """A household on the first of January, at 21:00."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.radarr = stage.home.radarr
        self.jellyfin = stage.home.jellyfin
        self.work = stage.home.films[0]

    async def ask(self) -> None:
        """As the loops of the sources do that remember."""
        for name, place in self.stage.engine.places.items():
            if isinstance(place.live.source, Recalls):
                await Recalling(self.stage.engine, name).look_once()
        self.stage.clock.advance(AFTER)
        for name, place in self.stage.engine.places.items():
            if isinstance(place.live.source, Recalls):
                await Recalling(self.stage.engine, name).look_once()

    async def minutes(self, count: float, *, every: float = 60.0) -> None:
        await self.stage.pass_time(count * 60.0, every=every)

    async def told(self, story: int = 1) -> Attribution:
        evidence = await self.stage.ledger.read(lambda tx: tombstones.of_story(tx, story))
        found = attribute(evidence, title="Film", now=self.stage.clock.now())
        assert all(any(one.how == step.how for one in evidence) for step in found.steps)
        return found

    def deeds(self, found: Attribution) -> list[tuple[str, str | None, str, str]]:
        return [(step.at[11:16], step.who, step.source, step.how) for step in found.steps]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Any]:
    async with contextlib.AsyncExitStack() as stack:

        async def make(*webhooks: str, config: str = "mode: dry-run") -> Evening:
            given = Given(
                films=8,
                series=3,
                sources=APPS,
                webhooks=webhooks,
                trusted=("forget",) if config is FORGET else (),
            )
            stage = Stage(given, tmp_path, registry_with_requests())
            await stack.enter_async_context(stage.open())
            await stack.enter_async_context(stage.started(config))
            stage.clock.advance(21 * AN_HOUR)
            for name in stage.engine.places:
                await stage.scan(name)
            return Evening(stage)

        yield make


@pytest.mark.parametrize("hooks", [("jellyfin", "radarr"), ("jellyfin",)], ids=["told", "remembered"])
async def test_deleted_in_jellyfin_by_anna_then_missed_by_radarr(begin: Any, hooks: tuple[str, ...]) -> None:
    """And the request went by us. Radarr tells by webhook, or only its history knows."""
    home = await begin(*hooks, config=FORGET)
    await home.minutes(4)
    home.jellyfin.delete_item(home.stage.home.item(home.work).id, by="anna")
    await home.jellyfin.flush_webhooks()
    await home.minutes(368, every=1200.0)
    await home.radarr.delete_file(home.stage.home.film(home.work).id, reason="missingFromDisk")
    if "radarr" not in hooks:
        await home.stage.scan("radarr")
    for _ in range(4):
        await home.minutes(5)
        await home.ask()
    found = await home.told()
    (deed, noticed, ours) = home.deeds(found)
    assert (found.cause, found.actor) == ("jellyfin", "anna")
    assert deed == ("21:04", "anna", "jellyfin", "event")
    assert noticed == ("03:12", None, "radarr", "event" if "radarr" in hooks else "history")
    assert ours[1:] == ("reconciled", "requests", "action")
    assert found.sentence.startswith(
        "Film: deleted in Jellyfin by anna on Thu 1 Jan at 21:04 UTC; "
        "Radarr noticed the missing file on Fri 2 Jan at 03:12 UTC; its request went at 03:"
    )
    assert " UTC by us" in found.sentence
    assert home.stage.home.request(home.work) is None


async def test_through_radarr_and_jellyfin_merely_noticed(begin: Any) -> None:
    """Radarr told nobody; its history says that it was first, though Jellyfin's loss was told first."""
    home = await begin("jellyfin")
    await home.radarr.delete_file(home.stage.home.film(home.work).id, reason="manual")
    await home.minutes(40, every=600.0)
    home.jellyfin.delete_item(home.stage.home.item(home.work).id)
    await home.jellyfin.flush_webhooks()
    await home.minutes(5)
    assert (await home.told()).cause == "jellyfin"
    await home.ask()
    found = await home.told()
    assert found.cause == "radarr"
    assert home.deeds(found) == [
        ("21:00", "radarr", "radarr", "history"),
        ("21:40", None, "jellyfin", "event"),
    ]
    assert "Jellyfin no longer found it at 21:40" in found.sentence


async def test_through_radarr_with_its_webhook(begin: Any) -> None:
    home = await begin("jellyfin", "radarr")
    await home.radarr.delete_file(home.stage.home.film(home.work).id, reason="manual")
    await home.minutes(30, every=600.0)
    home.jellyfin.delete_item(home.stage.home.item(home.work).id)
    await home.jellyfin.flush_webhooks()
    await home.minutes(5)
    await home.ask()
    found = await home.told()
    assert (found.cause, [step.source for step in found.steps]) == ("radarr", ["radarr", "jellyfin"])
    assert found.sentence.startswith(
        "Film: its file was deleted through Radarr (its page or its API) at 21:00"
    )


async def test_the_history_of_a_deleted_movie_is_gone(begin: Any) -> None:
    """Nobody told and nobody remembers: external, between the two scans."""
    home = await begin()
    await home.minutes(30, every=600.0)
    await home.radarr.delete(home.stage.home.film(home.work).id, notify=False)
    await home.stage.scan("radarr")
    await home.minutes(2)
    await home.ask()
    found = await home.told()
    assert found.cause == "external"
    assert (
        "Radarr no longer listed it, so it went between 21:00 UTC (last seen) and 21:30 UTC" in found.sentence
    )
    rows = await home.stage.rows("SELECT DISTINCT note FROM recall WHERE source = 'radarr'")
    assert [row["note"] for row in rows] == ["nothing remembered"]


async def test_the_files_of_a_season_through_sonarr(begin: Any) -> None:
    home = await begin()
    show = home.stage.home.show(home.stage.home.series[0])
    sonarr = home.stage.home.sonarr
    await home.minutes(10)
    for file in list(show.files()):
        await sonarr.delete_file(show.id, file_id=file.id, reason="manual", notify=False)
    await home.stage.scan("sonarr")
    await home.minutes(3)
    assert (await home.told()).cause == "external"
    await home.ask()
    found = await home.told()
    assert found.cause == "sonarr"
    assert ("21:10", "sonarr", "sonarr", "history") in home.deeds(found)
    assert "its file was deleted through Sonarr (its page or its API) at 21:10 UTC" in found.sentence


@pytest.mark.parametrize("hours", [-3, 3], ids=["behind", "ahead"])
async def test_a_skewed_clock_of_radarr_misleads_nobody(begin: Any, hours: int) -> None:
    """Behind, its rows are older than anything asked about; ahead, the time is said and not believed."""
    home = await begin()
    now = home.stage.clock.now
    home.radarr.now = lambda: now() + timedelta(hours=hours)
    await home.radarr.delete_file(home.stage.home.film(home.work).id, reason="manual", notify=False)
    await home.minutes(20, every=600.0)
    await home.stage.scan("radarr")
    await home.minutes(2)
    await home.ask()
    found = await home.told()
    assert found.cause == ("radarr" if hours > 0 else "external")
    assert all("21:20" <= step.at[11:16] <= "21:23" for step in found.steps)
    assert ("by its own clock, which is off" in found.sentence) == (hours > 0)


async def test_the_whole_daemon_asks_by_itself(make_home: Any) -> None:
    """A hundred losses are one look into the history, and the page's sentence follows from it."""
    home = await make_home(hurry=60.0)
    radarr = home.apps.radarr
    for work in home.apps.films[:3]:
        await radarr.delete_file(home.apps.film(work).id, reason="manual", notify=False)
    await home.scan("radarr")
    await home.until_count("tombstone", 3)
    await home.until_count("evidence", 3, "how = 'history'")
    told = await home.stories()
    assert {(one["cause"], one["what"]) for one in told} == {("radarr", "file")}
    assert all("its file was deleted through Radarr" in one["sentence"] for one in told)
    assert {(step["who"], step["how"], step["source"]) for one in told for step in one["steps"]} == {
        ("radarr", "history", "radarr")
    }
    assert radarr.count("*/history/since") <= 2
