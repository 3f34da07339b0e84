"""kill -9 around a call that deletes, with the real process and a real app: it is made once, and known."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.scenarios.process import Process

from reconciled.testing.fakes.household import Household


@pytest.fixture
async def apps() -> AsyncIterator[Household]:
    async with Household(films=12, series=1) as home:
        yield home


LATER = ("sending committed", "called", "done committed")


@pytest.mark.timeout(
    600
)  # an app that does not answer yet when a call is to be settled is asked a minute later
@pytest.mark.parametrize(
    "moment",
    ["before sending", *(pytest.param(moment, marks=pytest.mark.full) for moment in LATER)],
)
async def test_a_kill_around_the_call(tmp_path: Path, apps: Household, moment: str) -> None:
    head = "mode: ask\ndefaults: {settle: 100ms}"
    daemon = Process(tmp_path, apps, head=head, settings="act_timeout: 500ms")
    film = apps.film(apps.films[2]).id
    await daemon.start(crash_at=moment)
    await daemon.scanned()
    body = {"verb": "delete", "source": "radarr", "kind": "movie", "id": str(film)}
    assert (await daemon.post("/api/v1/actions", body))[0] == 202
    assert await daemon.ended() == -signal.SIGKILL
    assert apps.radarr.deletes[film] == (1 if moment in ("called", "done committed") else 0)
    await daemon.start()

    async def over() -> bool:
        return daemon.ask("SELECT state FROM action") == [("done",)] and bool(
            daemon.ask("SELECT 1 FROM tombstone WHERE source = 'radarr'")
        )

    try:
        if moment == "sending committed":  # asked again a minute after it was found without effect

            async def known() -> bool:
                return "no effect" in str(daemon.ask("SELECT reason FROM action")) or await over()

            await daemon.until(known)
            assert apps.radarr.deletes[film] == (1 if await over() else 0)
        else:
            await daemon.until(over)
            assert apps.radarr.deletes[film] == 1
            causes = daemon.ask("SELECT cause FROM evidence WHERE cause IS NOT NULL")
            assert ("dashboard",) in causes
        assert daemon.is_whole()
    finally:
        await daemon.end(signal.SIGTERM)
