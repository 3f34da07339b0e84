"""A whole daemon beside a Paperless-ngx with letters: rescans are found, new ones at once, edits count."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.engine.duplicates.search_stand import letter, rescan
from tests.scenarios.conftest import ALL_READ, TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.engine.duplicates.search import workers
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless import Paperless


class Letters(Home):
    """Paperless with letters, and who follows it."""

    def __init__(self, paperless: FakePaperless, folder: Path) -> None:
        super().__init__(None, folder, Registry.with_types(Paperless), hurry=20.0)  # type: ignore[arg-type]
        self.paperless = paperless
        self._at = paperless.now() - timedelta(days=60)

    def put(self, title: str, words: str) -> None:
        self._at += timedelta(hours=1)
        self.paperless.put(title, content=words, owner=None, added=self._at, modified=self._at)

    def write(self, duplicates: str = "images: no") -> None:
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s, max_gone: 100%}\n"
            f"sources:\n  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key},"
            " poll: off}\n"
            f"duplicates: {{{duplicates}}}\n"
        )

    async def begin(self) -> None:
        loaded = load(self.config, self.registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=self.registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        await self.until_count(ALL_READ, 1)

    async def search(self) -> dict[str, Any]:
        run = await self.daemon.duplicates.begin(asked_by="api")
        await self.daemon.engine.wait(run)
        (row,) = await self.rows("SELECT * FROM run WHERE id = ?", run)
        return row

    async def groups(self) -> set[frozenset[str]]:
        rows = await self.rows(
            "SELECT group_id, title FROM duplicate_member JOIN item ON item.id = item_id "
            "JOIN duplicate_group ON duplicate_group.id = group_id WHERE band = 'duplicate' AND over IS NULL"
        )
        made: dict[int, set[str]] = {}
        for row in rows:
            made.setdefault(row["group_id"], set()).add(row["title"])
        return {frozenset(members) for members in made.values()}

    async def until_groups(self, *groups: set[str]) -> None:
        async def are() -> bool:
            return await self.groups() == {frozenset(group) for group in groups}

        await self.until(are)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Letters]:
    async with FakePaperless() as app:
        made = Letters(app, tmp_path)
        for number in range(1, 31):
            made.put(f"Letter {number}", letter(number))
        made.put("Rescan 4", rescan(letter(4)))
        made.write()
        yield made
        await made.stop()


@pytest.mark.full
async def test_a_library_and_what_comes_after(home: Letters) -> None:
    await home.begin()
    assert (await home.search())["state"] == "complete"
    assert await home.groups() == {frozenset({"Letter 4", "Rescan 4"})}
    assert await home.count("finding", "code = 'duplicate' AND resolved_at IS NULL") == 1
    home.put("Rescan 9", rescan(letter(9)))
    await home.scan("paperless")
    await home.until_groups({"Letter 4", "Rescan 4"}, {"Letter 9", "Rescan 9"})
    home.write("images: no, bands: {duplicate: 0.9999999}")
    assert await home.daemon.reload() == ()
    await home.until_groups()
    home.write()
    assert await home.daemon.reload() == ()
    await home.until_groups({"Letter 4", "Rescan 4"}, {"Letter 9", "Rescan 9"})
    home.paperless.delete(31)
    await home.scan("paperless")
    await home.until_count("tombstone", 1)
    await home.search()
    assert await home.groups() == {frozenset({"Letter 9", "Rescan 9"})}


async def test_without_the_libraries_all_else_works(
    home: Letters, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workers, "_LIBRARIES", ("numpy", "no_such_library"))
    await home.begin()
    row = await home.search()
    assert row["state"] == "failed"
    said = (
        "duplicates are looked for with no_such_library, which is not installed; "
        "install reconciled[duplicates]"
    )
    assert row["error"] == said
    assert await home.daemon.reload() == ()
    assert [record.message for record in caplog.records if "no_such_library" in record.message] == [said]
    assert home.daemon.duplicates.lacks() == said
    assert await home.count("item") == 31
