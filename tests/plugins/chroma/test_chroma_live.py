"""A whole daemon with a Paperless and a Chroma: what was made of a document goes when the document does."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path

import aiohttp
import pytest
from tests.plugins.chroma.chroma_stands import TOKEN as CHROMA_TOKEN
from tests.plugins.chroma.chroma_stands import ChromaStand
from tests.scenarios.conftest import TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
POLICIES = """\
policies:
  forget_vectors: {when: orphan, from: chroma, grace: 10m, mode: act, then: [{delete: chroma}]}
"""


class Library(Home):
    """Forty documents, and in Chroma some pieces of each."""

    def __init__(self, paperless: FakePaperless, stand: ChromaStand, folder: Path) -> None:
        self.paperless = paperless
        self.stand = stand
        self.folder = folder
        self.hurry = 120.0
        self.config = folder / "config.yaml"
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        """All of it, and a daemon."""
        for number in range(1, 41):
            document = self.paperless.put(f"Letter {number}").id
            await self.stand.filler.chunks(document if number % 2 else str(document), 3)
        await self.stand.filler.put({"nobody's": None})
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 1s}\nmode: act\nsources:\n"
            f"  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key}, poll: off,"
            " timeout: 5m}\n"
            f"  chroma: {{url: {self.stand.fake.url}, token: {CHROMA_TOKEN}, timeout: 5m,"
            f" collection: {self.stand.filler.name}}}\n{POLICIES}"
        )
        registry = discover()
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        await self.until_count("item", 80, "presence = 'present'")

    async def documents(self) -> set[str]:
        """Whose entries Chroma holds."""
        return {name.partition("-")[0] for name in await self.stand.filler.ids()}

    async def approve(self, actions: int) -> None:
        """A person approves all that waits, when all of it does: it may come to be asked one by one."""
        await self.until_count("action", actions, "state = 'waiting'")
        (decision,) = await self.rows("SELECT id FROM decision WHERE closed_at IS NULL")
        shown = await self.rows("SELECT id FROM action WHERE decision_id = ?", decision["id"])
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            url = f"{self.daemon.url}/api/v1/decisions/{decision['id']}/approve"
            async with session.post(url, json={"actions": [row["id"] for row in shown]}) as answer:
                assert answer.status == 200, await answer.text()


@pytest.fixture
async def library(stand: ChromaStand, tmp_path: Path) -> AsyncIterator[Library]:
    async with AsyncExitStack() as stack:
        made = Library(await stack.enter_async_context(FakePaperless()), stand, tmp_path)
        stack.push_async_callback(made.stop)
        await made.start()
        yield made


async def test_entries_without_a_document_are_orphans_and_go(library: Library) -> None:
    everybody = await library.documents()
    for number in (3, 4):
        library.paperless.delete(number)
    await library.scan("paperless")
    await library.until_count("tombstone", 2, "source = 'paperless'")
    await library.until_count("finding", 2, "code = 'orphan' AND resolved_at IS NULL")
    orphans = await library.rows("SELECT key FROM finding WHERE code = 'orphan' AND resolved_at IS NULL")
    assert sorted(row["key"] for row in orphans) == ["3", "4"]
    assert await library.documents() == everybody
    await library.approve(2)
    await library.until_count("action", 2, "state = 'done'")
    assert everybody - await library.documents() == {"3", "4"}
    await library.scan("chroma")
    await library.until_count("finding", 0, "code = 'orphan' AND resolved_at IS NULL")


async def test_a_collection_made_anew_loses_nothing(library: Library) -> None:
    """Another embedding, say: its entries come back one by one, and none counts as lost."""
    await library.stand.filler.drop()
    await library.stand.filler.make()
    for number in range(1, 6):
        await library.stand.filler.chunks(number)
    await library.scan("chroma")
    await library.scan("chroma")
    await library.settled(300)
    assert await library.count("tombstone", "source = 'chroma'") == 0
    (hold,) = await library.rows("SELECT * FROM hold WHERE closed_at IS NULL")
    assert hold["reason"] == "instance"
