"""A whole daemon beside a Paperless-ngx that holds an invoice three times: tagged, merged, thrown away."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.conftest import ALL_READ, TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.duplicates.words import Band
from reconciled.engine.duplicates.acting import Do, Wanted, order, preview
from reconciled.engine.outbox import undo
from reconciled.ledger import groups, items, papers, sources
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import MemberRow
from reconciled.model import Key
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless import Paperless

NOW = "2026-01-01T00:00:00.000Z"


class Archive(Home):
    """A Paperless with letters and one invoice three times, whose texts were compared."""

    def __init__(self, paperless: FakePaperless, folder: Path) -> None:
        self.paperless = paperless
        self.config = folder / "config.yaml"
        self.folder = folder
        self.hurry = 50.0
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        """The daemon, its first scan, and a group of the three."""
        self.config.write_text(
            f"mode: ask\ndaemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\nsources:\n"
            f"  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key}, poll: off}}\n"
        )
        registry = Registry.with_types(Paperless)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        await self.until_count(ALL_READ, 1)
        self.group = await self._compared(1, 2, 3)

    async def _compared(self, *numbers: int) -> int:
        """The ledger knows what these say, and that they say the same."""
        source: Any = self.daemon.sources.source("paperless")
        keys = [Key("document", str(number)) for number in numbers]
        told = await source.texts(keys)

        def write(tx: Tx) -> int:
            known = sources.get(tx, "paperless")
            assert known is not None
            rows = [items.by_key(tx, known.id, key)[0] for key in keys]
            papers.put(
                tx,
                [
                    papers.read(row.id, known.id, told[row.item.key].words, checksum=row.item.key.id)
                    for row in rows
                ],
                seq=1,
                at=NOW,
            )
            made = groups.create(tx, Band.DUPLICATE, rows[0].id, at=NOW)
            prints = papers.prints(tx, [row.id for row in rows])
            groups.put_members(tx, made.id, {row.id: MemberRow(row.id, 1.0, prints[row.id]) for row in rows})
            return made.id

        return await self.daemon.engine.ledger.write(write)

    async def order(self, do: Do) -> list[ActionRow]:
        """Looked at, and ordered."""
        wanted = [Wanted(self.group, do)]
        seen = await preview(self.daemon.outbox, wanted, label="duplicate")
        return await order(self.daemon.outbox, wanted, shown=seen.print, by="owner", label="duplicate")

    def tags(self, number: int) -> set[str]:
        """What a document is labelled with, in Paperless."""
        state = self.paperless.state
        return {state.tags[tag].name for tag in state.documents[number].tags}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Archive]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(FakePaperless())
        began = app.now() - timedelta(days=60)
        sender = app.put_correspondent("The power company")
        told: list[dict[str, Any]] = [
            {"labels": ("tax",)}, {"labels": ("2026",), "correspondent": sender.id}, {"labels": ("paid",)},
        ]  # fmt: skip
        for each, more in enumerate(told):
            at = began + timedelta(seconds=each)
            name = f"Invoice 12{f' ({each})' if each else ''}"
            app.put(name, content="Invoice 12 of 120,00 €", owner=None, added=at, modified=at, **more)
        for each in range(8):
            at = began + timedelta(hours=1, seconds=each)
            app.put(f"Letter {each}", content=f"Letter {each}", owner=None, added=at, modified=at)
        app.put_note(3, "paid by card")
        made = Archive(app, tmp_path)
        stack.push_async_callback(made.stop)
        await made.begin()
        yield made


async def test_tagged_for_a_dry_run_and_off_again(home: Archive) -> None:
    await home.order(Do.TAG)
    await home.until_count("action", 2, "state = 'done' AND verb = 'tag'")
    assert [home.tags(number) for number in (1, 2, 3)] == [
        {"tax"},
        {"2026", "duplicate"},
        {"paid", "duplicate"},
    ]
    await home.until_well()
    await home.order(Do.UNTAG)
    await home.until_count("action", 2, "state = 'done' AND verb = 'untag'")
    assert [home.tags(number) for number in (1, 2, 3)] == [{"tax"}, {"2026"}, {"paid"}]
    assert set(home.paperless.state.documents) == set(range(1, 12))


async def test_merged_thrown_away_and_one_taken_back(home: Archive) -> None:
    seen = await preview(home.daemon.outbox, [Wanted(home.group, Do.MERGE_DELETE)])
    (told,) = seen.groups
    assert told.lines == (
        "merge the labels of 2 documents onto “Invoice 12”: “Invoice 12 (1)” and “Invoice 12 (2)”",
        "move “Invoice 12 (1)” to the trash of paperless; “Invoice 12” stays",
        "move “Invoice 12 (2)” to the trash of paperless; “Invoice 12” stays",
    )
    assert any("The power company" in gain for gain in told.gains)
    _, _, last = await home.order(Do.MERGE_DELETE)
    await home.until_count("action", 3, "state = 'done'")
    state = home.paperless.state
    assert (set(state.trash), set(state.documents) & {1, 2, 3}) == ({2, 3}, {1})
    assert home.tags(1) == {"tax", "2026", "paid"}
    assert state.documents[1].correspondent is not None
    assert ["paid by card" in note.text for note in state.documents[1].notes] == [True]
    assert await home.count("judgement", "answer = 'resolved' AND said_by = 'owner'") == 2
    await home.until_count("item", 2, "presence = 'gone'")
    await undo.undo(home.daemon.outbox, last.id, by="owner")
    await home.until_count("action", 1, "state = 'undone'")
    assert (set(state.trash), set(state.documents) & {1, 2, 3}) == ({2}, {1, 3})
    assert await home.count("judgement", "answer = 'resolved'") == 1


async def test_nothing_goes_when_what_stays_was_thrown_away_a_moment_ago(home: Archive) -> None:
    home.paperless.delete(1)
    await home.order(Do.DELETE)
    await home.until_count("action", 2, "state = 'dropped'")
    (reason, _) = [row["reason"] for row in await home.rows("SELECT reason FROM action")]
    assert "paperless no longer has “Invoice 12”, which was to stay for it" in reason
    assert set(home.paperless.state.trash) == {1}


async def test_nothing_goes_when_its_text_is_another_one(home: Archive) -> None:
    await home.paperless.edit(3, content="Invoice 12 of 210,00 €")
    await home.order(Do.DELETE)
    await home.until_count("action", 1, "state = 'done'")
    await home.until_count(
        "action", 1, "state = 'dropped' AND reason LIKE '%“Invoice 12 (2)” has another text%'"
    )
    assert set(home.paperless.state.trash) == {2}
