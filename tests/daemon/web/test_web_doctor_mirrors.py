"""What the doctor says of mirrors over the API: from the ledger's rows to the sentence, beside the daemon."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.web.conftest import BEARER, Client, World
from tests.daemon.web.test_web_doctor import about, report
from tests.daemon.web.test_web_mirrors import Bringing, mirrored, put_copy

from reconciled.engine.runs import Run
from reconciled.errors import Unreachable

__all__ = ["mirrored"]


async def matters(client: Client) -> dict[str, Mapping[str, Any]]:
    return {one["said"]: one for one in (await report(client))["daemon"]}


async def run(world: World, *, error: str | None = None) -> None:
    """A run of the mirror, from its beginning to its end."""

    async def work(_: Run) -> Mapping[str, Any]:
        if error is not None:
            raise Unreachable(error)
        return {}

    number = await world.engine.runs.begin("mirror", "radarr", work, asked_by="a test", policy="backup")
    await world.engine.wait(number)


async def test_what_waits_for_a_person_is_said(world: World, client: Client, mirrored: Bringing) -> None:
    await put_copy(world, 9, "archive", "failed", reason="the disk is full")
    found = await matters(client)
    failed = about(found, "backup: 3 copies failed and wait for you")
    assert failed["weight"] == "wrong"
    assert "reconciled mirrors retry backup --status failed" in failed["remedy"]
    assert about(found, "backup: 1 copy was deleted")["weight"] == "advice"
    assert about(found, "backup: no run of it came to its end so far")["weight"] == "advice"


@pytest.mark.usefixtures("mirrored")
async def test_a_run_that_is_late_or_failed_is_said(world: World, client: Client) -> None:
    await run(world)
    assert not [said for said in await matters(client) if "last run" in said]
    await run(world, error="nobody is well; secret: hook-secret-0123456789")
    failed = about(await matters(client), "backup: its last run failed: nobody is well")
    assert "0123456789" not in failed["said"]
    world.clock.advance(13 * 3600)
    late = about(await matters(client), "its last run that came to its end did so 13 h ago")
    assert late["weight"] == "wrong"
    await run(world)
    assert not [said for said in await matters(client) if "last run" in said]


@pytest.mark.usefixtures("mirrored")
async def test_a_mirror_of_a_paused_source_rests(world: World, client: Client) -> None:
    paused = await client.post("/api/v1/pause", json={"source": "radarr"}, headers=BEARER)
    assert paused.status == 200, await paused.text()
    assert about(await matters(client), "backup: it rests, since radarr is paused")["weight"] == "advice"


@pytest.mark.usefixtures("mirrored")
async def test_too_little_room_for_the_largest_file_is_said(world: World, client: Client) -> None:
    huge = {name: replace(one, max_size=2**60) for name, one in world.settings.mirrors.items()}
    world.settings = replace(world.settings, mirrors=huge)
    assert about(await matters(client), "where files travel")["weight"] == "advice"


async def test_without_a_mirror_nothing_is_said(world: World, client: Client) -> None:
    await world.follow("radarr")
    assert not [said for said in await matters(client) if "copy" in said or "travel" in said]
