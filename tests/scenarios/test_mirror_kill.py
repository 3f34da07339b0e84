"""kill -9 while a mirror brings files, at any moment: the end is the same, and nothing is uploaded twice.

The daemon is a process of its own, in hurried time; the apps live on in this one. Paperless takes a while for
each file, so that kills meet uploads whose end nobody knows yet.
"""

import asyncio
import contextlib
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.patience import PATIENCE
from tests.scenarios import mirror_world

from reconciled.runtime.crashing import OF_MIRRORS
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.soak.life import Lives, SharedClock  # noqa: E402 - the path had to be known first

HURRY = 60.0
FILES = 120
TOKEN = "a-token-for-the-killed-mirror"
PIECE = 0.03
"""Real seconds that VSRX takes for a file."""
TASK = 15.0
"""Hurried seconds that Paperless takes for one."""

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]


class Mirrored:
    """The two apps, an archive, and one life of the daemon after the other."""

    def __init__(self, vsrx: FakeVsrx, paperless: FakePaperless, folder: Path, clock: SharedClock) -> None:
        self.vsrx, self.paperless = vsrx, paperless
        self.state, self.archive = folder / "state", folder / "archive"
        self.world = mirror_world.build(vsrx, paperless, patients=12, files=FILES, users=15)
        self.before = dict(paperless.state.documents)
        config = folder / "config.yaml"
        config.write_text(
            mirror_world.config(
                vsrx,
                paperless,
                self.archive,
                self.state,
                token=TOKEN,
                timeouts=("timeout: 5s", "timeout: 5s, act_timeout: 20s", "acts_within: 20s"),
            )
        )
        self.log = folder / "log"
        self.lives = Lives(config, clock, self.log)
        self.met: Counter[str] = Counter()

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of the ledger; none while there is none."""
        ledger = self.state / "ledger.db"
        if not ledger.exists():
            return []
        with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=5)) as db:
            try:
                return db.execute(sql).fetchall()
            except sqlite3.OperationalError:  # it has no shape yet
                return []

    async def until_brought(self, seconds: float = PATIENCE) -> bool:
        """Wait until all of it is, or this life is over. Whether it is brought."""
        end = time.monotonic() + seconds
        while self.lives.lives and time.monotonic() < end:
            if self.is_brought():
                return True
            await asyncio.sleep(0.02)
        assert not self.lives.lives, f"not brought in {seconds} s: {self.unfinished()}: {self.said()}"
        return False

    def is_brought(self) -> bool:
        (files,) = (
            *self.ask("SELECT count(*) FROM copy WHERE status NOT IN ('pending', 'processing')"),
            (0,),
        )[0]
        running = self.ask("SELECT 1 FROM run WHERE state = 'running'")
        expected = 2 * (len(self.world.good) + len(self.world.refused))
        return files == expected and not running

    def is_ready(self, lives: int) -> bool:
        """Whether so many lives told that they are ready: from then on a run is this life's."""
        return self.log.exists() and self.log.read_text().count("is watching") >= lives

    def unfinished(self) -> list[tuple[object, ...]]:
        return self.ask("SELECT target, status, count(*), min(next_try), reason FROM copy GROUP BY 1, 2")

    def said(self) -> str:
        return self.log.read_text()[-2000:]

    async def kill(self) -> None:
        """End it at once, and note what it left."""
        assert await self.lives.end(signal.SIGKILL) == -signal.SIGKILL, self.said()
        for (status,) in self.ask("SELECT status FROM copy WHERE status = 'processing' OR sent IS NOT NULL"):
            self.met[str(status)] += 1
        assert self.ask("PRAGMA integrity_check") in ([("ok",)], [])

    async def bring_the_rest(self) -> None:
        """A last life, in which nothing happens to it."""
        self.lives.begin(99)
        assert await self.until_brought()

    async def judge(self) -> None:
        """All is as if nobody had killed anybody, once the life that brought the last of it has looked, too,
        at what the others left on the disk.
        """
        end = time.monotonic() + PATIENCE
        while mirror_world.leftovers(self.state, self.archive) and time.monotonic() < end:
            assert self.lives.lives, self.said()
            await asyncio.sleep(0.02)
        world, paperless = self.world, self.paperless
        assert mirror_world.differences(world, paperless, self.archive, before=self.before) == []
        assert paperless.uploads == Counter(world.uploads), "each of the bytes once"
        assert mirror_world.leftovers(self.state, self.archive) == []
        refused = self.ask("SELECT DISTINCT key FROM copy WHERE status = 'refused'")
        assert {key for (key,) in refused} == set(world.refused)
        assert self.ask("SELECT * FROM copy WHERE status IN ('failed', 'missing', 'removed')") == []
        for number, document in self.before.items():
            assert paperless.state.documents[number] == document


@pytest.fixture
async def mirrored(tmp_path: Path) -> AsyncIterator[Mirrored]:
    clock = SharedClock.from_now(HURRY)
    async with AsyncExitStack() as stack:
        vsrx = await stack.enter_async_context(FakeVsrx(now=clock.now))
        paperless = await stack.enter_async_context(FakePaperless(now=clock.now))
        vsrx.content.pause, paperless.delay = PIECE, TASK
        made = Mirrored(vsrx, paperless, tmp_path, clock)
        yield made
        if made.lives.lives:
            await made.lives.end(signal.SIGKILL)


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("moment", OF_MIRRORS)
async def test_a_kill_at_a_moment_that_matters(mirrored: Mirrored, moment: str, nth: int) -> None:
    mirrored.lives.begin(1, crash_at=f"{moment}@{nth}")
    assert not await mirrored.until_brought(), f"it never came to {moment!r} {nth} times"
    await mirrored.kill()
    await mirrored.bring_the_rest()
    await mirrored.judge()


async def test_every_life_ends_at_such_a_moment(mirrored: Mirrored) -> None:
    """One after the other, each in a life of its own, until nothing is left to bring."""
    lives = 0
    while True:
        moment = OF_MIRRORS[lives % len(OF_MIRRORS)]
        mirrored.lives.begin(lives, crash_at=f"{moment}@{5 + lives}")
        if await mirrored.until_brought():
            break
        await mirrored.kill()
        lives += 1
    assert lives > 3
    await mirrored.judge()


@pytest.mark.parametrize("seed", [1, 2])
async def test_kills_at_ten_random_moments_of_a_run(mirrored: Mirrored, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(10):
        mirrored.lives.begin(number)
        await _running(mirrored, number + 1)
        await _asked(mirrored, chance.randint(0, 70))
        await asyncio.sleep(chance.uniform(0.0, 0.03))
        assert not mirrored.is_brought(), f"all was brought before kill {number}"
        await mirrored.kill()
    assert mirrored.met.total(), "no kill met an upload of which nobody knew the end"
    await mirrored.bring_the_rest()
    await mirrored.judge()


async def _running(mirrored: Mirrored, lives: int) -> None:
    """Wait until this life, one of so many, brings files."""
    end = time.monotonic() + PATIENCE
    runs = "SELECT 1 FROM run WHERE pass = 'mirror' AND state = 'running'"
    while not (mirrored.is_ready(lives) and mirrored.ask(runs)):
        assert mirrored.lives.lives, mirrored.said()
        assert time.monotonic() < end, mirrored.said()
        await asyncio.sleep(0.005)


async def _asked(mirrored: Mirrored, times: int) -> None:
    """Wait until the apps were asked so many times more, or all is brought."""
    fakes = (mirrored.vsrx, mirrored.paperless)
    until = sum(len(fake.requests) for fake in fakes) + times
    while sum(len(fake.requests) for fake in fakes) < until and not mirrored.is_brought():
        await asyncio.sleep(0.002)
