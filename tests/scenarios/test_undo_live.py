"""A whole daemon takes back what it did, over its API: Radarr adds again, Paperless has a trash."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.scenarios.conftest import HOOK, TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.titles import films
from reconciled_paperless import Paperless
from reconciled_radarr import Radarr


class Desk(Home):
    """A Radarr with five films, a Paperless with five letters, and who follows both."""

    def __init__(self, radarr: FakeRadarr, paperless: FakePaperless, folder: Path) -> None:
        self.radarr = radarr
        self.paperless = paperless
        self.config = folder / "config.yaml"
        self.folder = folder
        self.hurry = 50.0
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        """The daemon, and the first scan of both."""
        self.config.write_text(
            f"mode: ask\ndaemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\nsources:\n"
            f"  radarr: {{url: {self.radarr.url}, api_key: {self.radarr.api_key}, webhook: {HOOK}}}\n"
            f"  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key}, poll: off}}\n"
        )
        registry = Registry.with_types(Radarr, Paperless)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        hook = f"{self.daemon.url}/webhooks/radarr"
        self.radarr.add_webhook(hook, headers={"X-Reconciled-Secret": HOOK})
        await self.until_count("run", 2, "pass = 'scan' AND state = 'complete'")

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of a call of the API."""
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            async with session.post(f"{self.daemon.url}/api/v1/{path}", json=body) as answer:
                found: dict[str, Any] = await answer.json()
                assert answer.status in (200, 202), found
                return found

    async def delete(self, source: str, kind: str, key: str, **how: bool) -> int:
        """Deleted by hand, and proved; the action's id."""
        body = {"verb": "delete", "source": source, "kind": kind, "id": key, **how}
        (made,) = (await self.post("actions", body))["actions"]
        await self.until_count("item", 1, f"key = '{key}' AND presence = 'gone'")
        return int(made["id"])

    async def undo(self, action: int) -> None:
        """Undone, and over."""
        await self.post(f"actions/{action}/undo", {})
        await self.until_count("action", 1, f"id = {action} AND state = 'undone'")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        radarr = await stack.enter_async_context(FakeRadarr())
        paperless = await stack.enter_async_context(FakePaperless())
        for work in films(5):
            radarr.tag(radarr.put(work).id, "keep")
        for each in range(5):
            at = paperless.now() - timedelta(days=60, seconds=each)
            paperless.put(f"Letter {each}", owner=None, added=at, modified=at)
        home = Desk(radarr, paperless, tmp_path)
        stack.push_async_callback(home.stop)
        await home.begin()
        yield home


async def test_a_film_is_added_again_and_its_past_goes_on(desk: Desk) -> None:
    film = desk.radarr.state.entries[2]
    film.monitored, film.profile = False, 1
    desk.radarr.changed(2)
    action = await desk.delete("radarr", "movie", "2", exclude=True)
    said = await desk.post(f"actions/{action}/undo", {"preview": True})
    assert said["possible"]
    assert any("Radarr gives it a new number" in one for one in said["lacks"])
    assert desk.radarr.added == []
    await desk.undo(action)
    await desk.until_count("revival", 1)
    (back,) = (one for one in desk.radarr.state.entries.values() if one.work == film.work)
    assert back.id != 2
    assert (back.path, back.profile, back.monitored) == (film.path, 1, False)
    assert [desk.radarr.state.tags[tag] for tag in back.tags] == ["keep"]
    assert back.file is not None
    assert desk.radarr.state.exclusions == []
    assert desk.radarr.searches == []
    assert await desk.count("finding", "code = 'gone' AND resolved_at IS NULL") == 0
    (stone,) = await desk.stories()
    assert stone["revived"]["key"] == f"movie {back.id}"


async def test_a_document_comes_out_of_the_trash(desk: Desk) -> None:
    action = await desk.delete("paperless", "document", "3", files=True)
    assert desk.paperless.state.trash.keys() == {3}
    said = await desk.post(f"actions/{action}/undo", {"preview": True})
    assert (said["possible"], said["lacks"]) == (True, [])
    until = datetime.fromisoformat(said["until"]) - desk.paperless.now()
    assert timedelta(days=29) < until < timedelta(days=31)
    await desk.undo(action)
    assert desk.paperless.state.trash == {}
    await desk.until_count("item", 1, "key = '3' AND kind = 'document' AND presence = 'present'")
    again = await desk.post(f"actions/{action}/undo", {"preview": True})
    assert (again["possible"], "is undone" in again["sentence"]) == (False, True)


async def test_a_purged_document_is_said_to_be_gone(desk: Desk) -> None:
    action = await desk.delete("paperless", "document", "3", files=True)
    desk.paperless.purge(3)
    said = await desk.post(f"actions/{action}/undo", {"preview": True})
    assert (said["possible"], "trash no more" in said["sentence"]) == (False, True)
