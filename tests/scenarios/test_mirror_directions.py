"""Whole daemons between folders, Paperless and an archive: fed, backed up, and kept the same both ways."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.scenarios.conftest import TOKEN, Home
from tests.scenarios.mirror_world import checksum, held_by_archive, pdf

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.engine.mirror.retrying import take_back
from reconciled.engine.runs import AlreadyRunning
from reconciled.plugins import discover
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless

HURRY = 20.0
FEED = "  feed: {mirror: here, to: [paperless]}\n"
BACKUP = "  backup: {mirror: paperless, to: [archive]}\n"
FOLDERS = (
    "  go: {mirror: here, to: [there], conflict: ask}\n  come: {mirror: there, to: [here], conflict: ask}\n"
)
DOCUMENTS = (
    "  go: {mirror: here, to: [paperless], conflict: ask}\n"
    "  come: {mirror: paperless, to: [here], conflict: ask}\n"
)
FORGET = """\
  forget:
    when: gone
    kind: file
    from: here
    grace: 10m
    agree: none
    mode: ask
    then: [{delete: paperless, files: yes}]
"""


class Office(Home):
    """Two folders, `here` and `there`, a Paperless, an archive."""

    def __init__(self, paperless: FakePaperless, folder: Path) -> None:
        self.paperless = paperless
        self.folder = folder
        self.config = folder / "config.yaml"
        self.archive = folder / "archive"
        self.registry = discover()
        self.hurry = HURRY
        self._stack = AsyncExitStack()
        for name in ("here", "there"):
            (folder / name).mkdir()
            (folder / name / "read me.txt").touch()  # what is empty may be a mount that left

    def write(self, policies: str) -> None:
        def disk(name: str) -> str:
            path = self.folder / name
            return (
                f"  {name}: {{app: filesystem, folders: [{{path: {path}, patterns: ['**/*.pdf']}}], "
                f"sha256: yes, receive: {path}, trash: {self.folder / 'trash' / name}}}\n"
            )

        self.config.write_text(
            "mode: act\n"
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 1s}\nsources:\n"
            f"  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key}, poll: off}}\n"
            f"  archive: {{url: 'file://{self.archive}'}}\n{disk('here')}{disk('there')}policies:\n{policies}"
        )

    async def start(self, policies: str = "") -> None:
        self.write(policies)
        loaded = load(self.config, self.registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=self.registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)

    async def scan(self, *names: str) -> list[dict[str, Any]]:
        """The same, also when a watch has ordered one at this very moment."""
        while True:
            try:
                return await super().scan(*names)
            except AlreadyRunning:
                continue

    def put(self, name: str, text: str, *, side: str = "here") -> Path:
        """A person writes a file."""
        path = self.folder / side / name
        path.write_bytes(pdf(text))
        return path

    def texts(self, side: str) -> dict[str, bytes]:
        """The files of a folder."""
        return {path.name: path.read_bytes() for path in (self.folder / side).glob("*.pdf")}

    def documents(self) -> dict[int, bytes]:
        """What Paperless hands out, by document."""
        found = [one for one in self.paperless.state.documents.values() if one.deleted_at is None]
        newest = {one.id: one.versions[-1].data if one.versions else one.bytes for one in found}
        return {number: data or b"" for number, data in newest.items()}

    async def until_is(self, side: str, name: str, text: str) -> None:
        """A file has these bytes; scans are what the daemon would do by itself, only later."""
        path = self.folder / side / name

        async def reached() -> bool:
            await self.scan()
            await asyncio.sleep(0.1)
            return path.exists() and path.read_bytes() == pdf(text)

        await self.until(reached)

    async def until_copied(self, count: int, where: str = "1 = 1") -> None:
        """So many copies stand, and nothing is under way."""

        async def reached() -> bool:
            if await self.count("copy", "status IN ('pending', 'processing')"):
                return False
            return await self.count("copy", f"status IN ('synced', 'duplicate') AND {where}") == count

        await self.until(reached)

    async def api(self, verb: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.request(verb, f"{self.daemon.url}/api/v1{path}", **more) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        home = Office(await stack.enter_async_context(FakePaperless()), tmp_path)
        stack.push_async_callback(home.stop)
        yield home


async def test_a_folder_feeds_paperless_and_paperless_is_backed_up(office: Office) -> None:
    office.put("letter.pdf", "letter")
    theirs = office.paperless.put("Theirs", data=pdf("theirs"), file_name="theirs.pdf").id
    await office.start(FEED + BACKUP)
    await office.until_count("copy", 1, "target = 'paperless' AND status = 'synced'")
    (made,) = office.documents().keys() - {theirs}
    assert office.documents()[made] == pdf("letter")
    assert office.paperless.state.documents[made].title == "letter"
    office.put("new.pdf", "new")
    await office.scan("here")
    await office.until_copied(2, "target = 'paperless'")
    await office.scan("paperless")
    await office.until_copied(5)
    assert held_by_archive(office.archive) == {checksum(pdf(text)) for text in ("letter", "theirs", "new")}
    assert set(office.paperless.uploads.values()) == {1}
    assert office.texts("here") == {"letter.pdf": pdf("letter"), "new.pdf": pdf("new")}, (
        "the folder is left alone"
    )


async def test_an_edit_on_either_side_of_a_pair_of_folders_reaches_the_other(office: Office) -> None:
    office.put("mine.pdf", "mine")
    office.put("yours.pdf", "yours", side="there")
    await office.start(FOLDERS)
    await office.until_is("there", "mine.pdf", "mine")
    await office.until_is("here", "yours.pdf", "yours")
    await office.until_copied(2)
    office.put("mine.pdf", "mine, with a note", side="there")
    await office.until_is("here", "mine.pdf", "mine, with a note")
    office.put("yours.pdf", "yours, with a note", side="here")
    await office.until_is("there", "yours.pdf", "yours, with a note")
    office.put("mine.pdf", "mine, done")
    await office.until_is("there", "mine.pdf", "mine, done")
    await office.until_copied(2)
    before = await office.count("run", "pass = 'mirror' AND stats LIKE '%\"bytes\":0,%'")
    both = {"mine.pdf": pdf("mine, done"), "yours.pdf": pdf("yours, with a note")}
    for _ in range(2):
        await office.scan("here", "there")
        await office.settled()
    assert office.texts("here") == office.texts("there") == both
    assert await office.count("run", "pass = 'mirror' AND stats LIKE '%\"bytes\":0,%'") > before
    older = {path.read_bytes() for path in (office.folder / "trash").rglob("*.pdf")}
    assert older == {pdf(text) for text in ("mine", "mine, with a note", "yours")}, (
        "what was replaced is kept"
    )
    assert await office.count("finding", "resolved_at IS NULL") == 0


async def conflict(office: Office) -> int:
    """Two people edit the same file at once. Gives the number of the copy that is asked about."""
    office.put("plan.pdf", "plan")
    await office.start(FOLDERS)
    await office.until_is("there", "plan.pdf", "plan")
    await office.until_copied(1)
    office.put("plan.pdf", "plan of anna")
    office.put("plan.pdf", "plan of ben", side="there")
    await office.scan("here", "there")
    await office.until_count("finding", 1, "code = 'unmirrored' AND resolved_at IS NULL")
    (found,) = (await office.api("GET", "/findings?code=unmirrored"))["items"]
    for part in (
        str(office.folder / "here/plan.pdf"), checksum(pdf("plan of anna"))[:12],
        str(office.folder / "there/plan.pdf"), checksum(pdf("plan of ben"))[:12],
    ):  # fmt: skip
        assert part in found["detail"]
    for _ in range(2):
        await office.scan("here", "there")
        await office.settled()
    assert office.texts("here") == {"plan.pdf": pdf("plan of anna")}
    assert office.texts("there") == {"plan.pdf": pdf("plan of ben")}
    (row,) = await office.rows("SELECT id FROM copy")
    return int(row["id"])


async def test_a_conflict_is_shown_and_the_original_counts(office: Office) -> None:
    copy = await conflict(office)
    await office.api("POST", f"/mirrors/go/copies/{copy}/retry", json={})
    await office.until_is("there", "plan.pdf", "plan of anna")
    assert office.texts("here") == {"plan.pdf": pdf("plan of anna")}
    await office.until_count("finding", 0, "code = 'unmirrored' AND resolved_at IS NULL")


async def test_a_conflict_is_shown_and_the_copy_counts(office: Office) -> None:
    copy, mirrors = await conflict(office), office.daemon.mirrors.configured
    assert await take_back(office.daemon.engine, mirrors["go"], mirrors, [copy]) == [copy]
    await office.until_is("here", "plan.pdf", "plan of ben")
    assert office.texts("there") == {"plan.pdf": pdf("plan of ben")}
    await office.until_count("finding", 0, "code = 'unmirrored' AND resolved_at IS NULL")


async def test_a_folder_and_paperless_keep_each_other_the_same(office: Office) -> None:
    office.put("letter.pdf", "letter")
    await office.start(DOCUMENTS)
    await office.until_count("copy", 1, "target = 'paperless' AND status = 'synced'")
    (number,) = office.documents()
    office.paperless.add_version(number, pdf("letter, signed"), file_name="letter.pdf")
    await office.until_is("here", "letter.pdf", "letter, signed")
    await office.until_copied(1)
    office.put("letter.pdf", "letter, sent")

    async def sent() -> bool:
        await office.scan("here", "paperless")
        return office.documents() == {number: pdf("letter, sent")}

    await office.until(sent)
    await office.until_copied(1)
    theirs = office.paperless.put("Theirs", data=pdf("theirs"), file_name="theirs.pdf").id
    await office.until_is("here", "Theirs.pdf", "theirs")
    office.put("Theirs.pdf", "theirs, read")

    async def read() -> bool:
        await office.scan("here", "paperless")
        return office.documents()[theirs] == pdf("theirs, read")

    await office.until(read)
    assert set(office.documents()) == {number, theirs}
    assert set(office.texts("here")) == {"letter.pdf", "Theirs.pdf"}


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("policy", ["", FORGET])
async def test_a_fed_file_that_is_deleted_leaves_paperless_by_a_policy_only(
    office: Office, policy: str
) -> None:
    for number in range(30):  # so that one is few
        office.put(f"{number}.pdf", f"letter {number}")
    office.hurry = 60.0
    await office.start(FEED + policy)
    await office.until_copied(30)
    (office.folder / "here" / "7.pdf").unlink()
    await office.scan("here")
    await office.until_count("tombstone", 1, "source = 'here'")
    if policy:
        await office.until_count("decision", 1, "closed_at IS NULL")
        (decision,) = await office.rows("SELECT id FROM decision WHERE closed_at IS NULL")
        assert len(office.documents()) == 30, "somebody has to approve it first"
        shown = await office.rows("SELECT id FROM action WHERE decision_id = ?", decision["id"])
        body = {"actions": [row["id"] for row in shown]}
        await office.api("POST", f"/decisions/{decision['id']}/approve", json=body)
        await office.until_count("action", 1, "state = 'done'")
    else:
        await office.settled(seconds=700)
        assert await office.count("action") == 0
    kept = set(office.documents().values())
    assert (pdf("letter 7") in kept, len(kept)) == ((False, 29) if policy else (True, 30))
