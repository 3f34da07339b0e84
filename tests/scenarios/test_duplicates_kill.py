"""kill -9 in the middle of a search over a library: it goes on where it was, and ends as if nothing had been.

The daemon is a process of its own, Paperless lives in this one. The figures are printed (`pytest -s`).
"""

import asyncio
import json
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.process import TOKEN, Life

from reconciled.engine.duplicates.search import batches
from reconciled.testing.fakes.paperless import FakePaperless

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.corpora import household  # noqa: E402 - the path had to be known first

pytest.importorskip("numpy")
pytest.importorskip("rapidfuzz")
pytest.importorskip("xxhash")

pytestmark = [pytest.mark.no_cover, pytest.mark.timeout(3600)]
WORKERS = 2
MOST_MEMORY = 1024.0
"""MiB that the daemon and its workers may have together."""


class Library:
    """A made-up library in Paperless, and one daemon after the other over it."""

    def __init__(self, paperless: FakePaperless, folder: Path, size: int) -> None:
        self.paperless, self.folder = paperless, folder
        self.lives: list[Life] = []
        began = datetime(2020, 1, 1, tzinfo=UTC)
        for number, sheet in enumerate(household.make(size, seed=7)):
            at = began + timedelta(minutes=15 * number)
            paperless.put(sheet.title, content=sheet.text, file_name=sheet.file_name, added=at, modified=at)

    def life(self, name: str) -> Life:
        """A daemon with a ledger of its own."""
        folder = self.folder / name
        folder.mkdir()
        life = Life(folder)
        life.config.write_text(
            f"daemon: {{listen: 127.0.0.1:{life.port}, token: {TOKEN}, state: {life.state}}}\n"
            "defaults: {settle: 1s, max_gone: 100%}\nsources:\n"
            f"  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key}, poll: off,"
            " timeout: 60s}\n"
            f"duplicates: {{workers: {WORKERS}, images: no}}\n"
        )
        self.lives.append(life)
        return life


class Search:
    """A search in one life or several; `memory` is the most that daemon and workers had together, in MiB."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.memory = 0.0
        self._over = 0

    async def begin(self) -> None:
        status, said = await self.life.post("/api/v1/runs", {"pass": "duplicates", "source": "paperless"})
        assert status in (200, 201, 202), said

    async def run(self) -> dict[str, Any]:
        """The newest run of the pass as it is now."""
        _, said = await self.life.get("/api/v1/runs?pass=duplicates&limit=1")
        found: list[dict[str, Any]] = json.loads(said)["items"] if said else []
        newest = found[0] if found else {"id": 0}
        if newest["id"] <= self._over:
            return {"id": 0, "state": "none", "progress": {"stage": ""}}
        return newest

    async def dies(self) -> None:
        """kill -9, and another life, which goes on by itself."""
        self._over = (await self.run())["id"]
        await self.life.end(signal.SIGKILL)
        assert self.life.is_whole()
        await self.life.start()

    async def until(self, stage: str, share: float, *, seconds: float = 3000) -> None:
        """Wait until the run is so far in this stage; empty: until its end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._weigh()
            run = await self.run()
            if run["state"] in ("failed", "cancelled"):
                raise AssertionError(f"{run['error']}: {self.life.log()[-2000:]}")
            if run["state"] == "complete" and not stage:
                return
            assert run["state"] != "complete", f"it was over before it was {share:.0%} through {stage}"
            if stage and run["progress"]["stage"] == stage and await self._share(stage) >= share:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"not {share:.0%} through {stage}: {await self.run()}")

    async def _share(self, stage: str) -> float:
        search = self.life.state / "duplicates" / "search"
        if stage == "reading":
            sheets = (search / "sheets.bin").stat().st_size / 16
            return len(list(search.glob("features-*.npy"))) * 1000 / sheets
        rows = self.life.ask("SELECT value FROM setting WHERE name = 'duplicates.search'")
        pairs = search / "pairs.u64"
        if not rows or not pairs.exists():
            return 0.0
        done = int(json.loads(rows[0][0])["done"])
        return done * batches.BATCH / max(1, pairs.stat().st_size / 8)

    def _weigh(self) -> None:
        together = self.life.peak
        for pid in _children(self.life):
            status = _status(pid)
            found = re.findall(r"VmHWM:\s+(\d+) kB", status)
            together += int(found[0]) / 1024 if found else 0.0
        self.memory = max(self.memory, together)

    def groups(self) -> set[frozenset[str]]:
        """The groups that stand, by the documents' numbers."""
        rows = self.life.ask(
            "SELECT duplicate_group.id, band, key FROM duplicate_group JOIN duplicate_member "
            "ON group_id = duplicate_group.id JOIN item ON item.id = item_id WHERE over IS NULL"
        )
        made: dict[tuple[int, str], set[str]] = {}
        for group, band, key in rows:
            made.setdefault((group, band), set()).add(key)
        return {frozenset({band, *members}) for (_, band), members in made.items()}


def _children(life: Life) -> list[int]:
    """The processes that the daemon started."""
    process = life._process
    assert process is not None
    try:
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []


def _tell(line: str) -> None:
    sys.stdout.write(f"\n{line}\n")


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return ""


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Callable[[int], Library]]:
    """Makes a library of so many papers."""
    made: list[Library] = []
    async with FakePaperless() as paperless:

        def make(size: int) -> Library:
            made.append(Library(paperless, tmp_path, size))
            return made[-1]

        yield make
        for life in (life for library in made for life in library.lives if life.lives):
            await life.end(signal.SIGKILL)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(3_000, marks=pytest.mark.full),
        pytest.param(100_000, marks=pytest.mark.long),
    ],
)
async def test_a_search_that_is_killed_twice(make: Callable[[int], Library], size: int) -> None:
    library = make(size)
    undisturbed = Search(library.life("undisturbed"))
    await undisturbed.life.start()
    await undisturbed.life.scanned("paperless")
    began = time.monotonic()
    await undisturbed.begin()
    await undisturbed.until("", 1.0)
    whole = await undisturbed.run()
    seconds = time.monotonic() - began
    _tell(f"{size} papers in {seconds:.0f} s, {undisturbed.memory:.0f} MiB: {whole['stats']}")
    await undisturbed.life.end(signal.SIGTERM)

    killed = Search(library.life("killed"))
    await killed.life.start()
    await killed.life.scanned("paperless")
    await killed.begin()
    await killed.until("reading", 0.5)
    await killed.dies()
    await killed.until("comparing", 0.5)
    await killed.dies()
    await killed.until("", 1.0)
    stats = (await killed.run())["stats"]
    _tell(f"killed twice: {killed.memory:.0f} MiB: {stats}")

    search = stats["search"]
    assert search["resumed"]
    assert search["pairs"] == whole["stats"]["search"]["pairs"]
    assert search["batches_kept"] >= -(-search["pairs"] // batches.BATCH) // 2
    assert "chunks_kept" not in search, "nothing is read again that was joined"
    assert stats["sources"]["paperless"]["read"] <= 1, "only what may have been changed meanwhile"
    assert killed.groups() == undisturbed.groups() != set()
    assert max(killed.memory, undisturbed.memory) < MOST_MEMORY
    await killed.life.end(signal.SIGTERM)
