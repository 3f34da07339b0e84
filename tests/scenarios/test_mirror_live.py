"""A whole daemon that mirrors a VSRX to Paperless and to an archive, over real sockets and a real disk."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path

import aiohttp
import pytest
from tests.scenarios import mirror_world
from tests.scenarios.conftest import TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import Registry, discover
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx

HURRY = 20.0
KEY = "a-key-for-webhooks-0123456789abcdef"


class Practice(Home):
    """A VSRX, a Paperless, an archive, and a mirror of the first to the others."""

    def __init__(self, vsrx: FakeVsrx, paperless: FakePaperless, folder: Path, registry: Registry) -> None:
        self.vsrx = vsrx
        self.paperless = paperless
        self.folder = folder
        self.registry = registry
        self.config = folder / "config.yaml"
        self.archive = folder / "archive"
        self.hurry = HURRY
        self._stack = AsyncExitStack()

    def write(self, *, mode: str = "act", policies: str = "", mirror: str = "") -> None:
        self.config.write_text(
            mirror_world.config(
                self.vsrx,
                self.paperless,
                self.archive,
                self.folder / "state",
                token=TOKEN,
                hook=KEY,
                mode=mode,
                mirror=mirror,
                policies=policies,
            )
        )

    async def start(self) -> None:
        loaded = load(self.config, self.registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=self.registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        self.vsrx.webhooks.clear()
        self.vsrx.add_webhook(f"{self.daemon.url}/webhooks/vsrx")

    async def until_brought(self, *, seconds: float = 60.0, files: int = 1) -> None:
        """Nothing waits, nothing is worked on, and every original, so many at least, has its rows."""

        async def brought() -> bool:
            known = await self.count(
                "item JOIN source ON source.id = source_id",
                "source.name = 'vsrx' AND kind = 'file' AND presence = 'present'",
            )
            over = await self.count("copy", "status NOT IN ('pending', 'processing')")
            return known >= files and over == await self.count("copy") == 2 * known

        await self.until(brought, seconds=seconds)


@pytest.fixture
async def practice(tmp_path: Path) -> AsyncIterator[Practice]:
    async with AsyncExitStack() as stack:
        vsrx = await stack.enter_async_context(FakeVsrx(secret=KEY))
        paperless = await stack.enter_async_context(FakePaperless())
        home = Practice(vsrx, paperless, tmp_path, discover())
        home.write()
        stack.push_async_callback(home.stop)
        yield home


async def test_ledger_archive_and_paperless_agree_with_the_truth(practice: Practice) -> None:
    world = mirror_world.build(practice.vsrx, practice.paperless, patients=6, files=80, users=12)
    before = dict(practice.paperless.state.documents)
    await practice.start()
    await practice.until_brought()
    assert mirror_world.differences(world, practice.paperless, practice.archive, before=before) == []
    refused = await practice.rows("SELECT DISTINCT key FROM copy WHERE status = 'refused'")
    assert {row["key"] for row in refused} == set(world.refused)
    assert await practice.count("finding", "code = 'refused' AND resolved_at IS NULL") == len(world.refused)
    assert await practice.count("copy", "target = 'archive' AND status = 'synced'") == len(world.good)


async def test_a_copy_keeps_where_it_came_from(practice: Practice) -> None:
    practice.vsrx.put_patient("P-1")
    made = practice.vsrx.put_file("P-1", path="notes/2024/IMG001.pdf", content=mirror_world.pdf("one"))
    made.mime = "application/pdf"
    practice.write(mirror="tag: vsrx, document_type: Image")
    await practice.start()
    await practice.until_brought()
    (document,) = practice.paperless.state.documents.values()
    fields = {practice.paperless.state.custom_fields[n].name: value for n, value in document.fields.items()}
    assert (
        fields
        | {
            "clientFileId": made.id,
            "originalPath": "notes/2024/IMG001.pdf",
            "sourceSystem": "VSRX_SYNC",
            "groupingStatus": "ungrouped",
        }
        == fields
    )
    assert document.title == "IMG001"
    assert {practice.paperless.state.tags[tag].name for tag in document.tags} == {"vsrx"}
    assert practice.paperless.state.document_types[document.document_type or 0].name == "Image"


DELETES = """\
  forget_files:
    when: gone
    kind: file
    from: vsrx
    grace: 10m
    mode: act
    then: [{delete: paperless, files: yes}, {delete: archive, files: yes}]
"""


@pytest.mark.full
@pytest.mark.timeout(600)
async def test_a_deleted_file_leaves_every_place_but_where_another_one_needs_it(practice: Practice) -> None:
    """Three files: one alone, two with the same bytes. What a user put there herself stays."""
    practice.vsrx.put_patient("P-1")
    bodies = [mirror_world.pdf(text) for text in ("alone", "same", "same", "hers")]
    for body in bodies:
        practice.vsrx.put_file("P-1", content=body).mime = "application/pdf"
    for number in range(40):  # so that four are few
        practice.vsrx.put_file("P-1", content=mirror_world.pdf(f"more {number}")).mime = "application/pdf"
    hers = practice.paperless.put("Hers", data=bodies[3]).id
    practice.hurry = 60.0
    practice.write(policies=DELETES)
    await practice.start()
    await practice.until_brought(files=44)
    for file in ("F-1", "F-2", "F-4"):
        await practice.vsrx.delete(file, by="dr. ann")
    await practice.until_count("tombstone", 3, "source = 'vsrx'")
    await practice.until_count("action", 3, "state = 'waiting'")  # they may come to be asked one by one
    await approve(practice)
    await practice.until_count("action", 3, "state = 'done'")
    kept = {mirror_world.checksum(bytes(one.bytes)) for one in practice.paperless.state.documents.values()}
    sums = [mirror_world.checksum(body) for body in bodies]
    assert [name in kept for name in sums] == [False, True, True, True]
    assert hers in practice.paperless.state.documents
    assert [name in mirror_world.held_by_archive(practice.archive) for name in sums] == [
        False,
        True,
        True,
        False,
    ]
    await practice.vsrx.delete("F-3", by="dr. ann")
    await practice.until_count("tombstone", 4, "source = 'vsrx'")
    await practice.until_count("action", 5, "state = 'done'")
    kept = {mirror_world.checksum(bytes(one.bytes)) for one in practice.paperless.state.documents.values()}
    assert [name in kept for name in sums] == [False, False, False, True], "the last one took its copy along"


async def approve(practice: Practice) -> None:
    """A person approves all that waits."""
    (decision,) = await practice.rows("SELECT id FROM decision WHERE closed_at IS NULL")
    shown = await practice.rows("SELECT id FROM action WHERE decision_id = ?", decision["id"])
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        url = f"{practice.daemon.url}/api/v1/decisions/{decision['id']}/approve"
        async with session.post(url, json={"actions": [row["id"] for row in shown]}) as answer:
            assert answer.status == 200, await answer.text()
