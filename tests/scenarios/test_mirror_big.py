"""A whole practice is mirrored in one pass: every kind of trouble in it, and nobody's own documents touched.

Nothing is asserted about time or memory; the figures are printed (`pytest -s`).
"""

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.scenarios import mirror_world
from tests.scenarios.process import TOKEN, Life

from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.soak.life import Lives, SharedClock  # noqa: E402 - the path had to be known first

FILES = (pytest.param(900, id="900"), pytest.param(6000, id="6000", marks=pytest.mark.long))
A_PATIENT = 20
"""Files of each; and for as many files one document of somebody else's."""
A_DELETION = 30
"""Of so many files one goes."""
HURRY = 30.0
FORGET = """\
  forget_files:
    when: gone
    kind: file
    from: vsrx
    grace: 10m
    then: [{delete: paperless, files: yes}, {delete: archive, files: yes}]
"""

pytestmark = [pytest.mark.full, pytest.mark.no_cover, pytest.mark.timeout(900)]


class Big:
    """The apps in this process, the daemon in another, and the truth about them."""

    def __init__(self, vsrx: FakeVsrx, paperless: FakePaperless, folder: Path, *, files: int) -> None:
        self.vsrx, self.paperless, self.folder, self.files = vsrx, paperless, folder, files
        self.archive = folder / "archive"
        self.life = Life(folder)
        self.life.config.write_text(
            mirror_world.config(
                vsrx, paperless, self.archive, self.life.state, token=TOKEN, port=self.life.port,
                policies=FORGET, timeouts=("timeout: 30s", "timeout: 30s", "timeout: 30s"),
            )
        )  # fmt: skip
        others = files // A_PATIENT
        self.world = mirror_world.build(vsrx, paperless, patients=others, files=files, users=others)
        self.users = dict(paperless.state.documents)

    async def is_brought(self) -> bool:
        done = self.life.count("copy", "status NOT IN ('pending', 'processing')")
        every = 2 * (len(self.world.good) + len(self.world.refused))
        return done == every and not self.life.count("run", "state = 'running'")

    async def run(self, pass_: str, source: str) -> int:
        """A run that a person asks for, to its end; its id."""
        status, said = await self.life.post("/api/v1/runs", {"pass": pass_, "source": source})
        assert status == 202, said
        (number,) = self.life.ask("SELECT max(id) FROM run")[0]
        await self.life.until_count("run", 1, f"id = {number} AND state = 'complete'", seconds=300)
        return int(number)

    def differences(self) -> list[str]:
        return mirror_world.differences(self.world, self.paperless, self.archive, before=self.users)

    def requests(self) -> dict[str, Counter[str]]:
        """What each app was asked since the last time, by kind of question."""
        told = {"vsrx": self.vsrx, "paperless": self.paperless}
        found = {name: Counter(_question(fake, *one) for one in fake.requests) for name, fake in told.items()}
        for fake in told.values():
            fake.requests.clear()
        return found


def _question(fake: Fake, method: str, path: str) -> str:
    """What was asked, without whom it was asked about."""
    plain = path.removeprefix(fake.url_base).partition("?")[0]
    names = ["*" if any(letter.isdigit() for letter in part) else part for part in plain.split("/")]
    return f"{method} {'/'.join(names)}"


@pytest.fixture
async def big(tmp_path: Path, files: int) -> AsyncIterator[Big]:
    async with AsyncExitStack() as stack:
        vsrx = await stack.enter_async_context(FakeVsrx())
        paperless = await stack.enter_async_context(FakePaperless())
        made = Big(vsrx, paperless, tmp_path, files=files)
        yield made
        await made.life.end(signal.SIGKILL)


@pytest.mark.parametrize("files", FILES)
async def test_a_practice_of_many_files(big: Big, files: int) -> None:
    began = time.monotonic()
    await big.life.start()
    await big.life.until(big.is_brought, seconds=300)
    seconds, asked = time.monotonic() - began, big.requests()
    assert big.differences() == []
    assert big.paperless.uploads == Counter(big.world.uploads)
    assert mirror_world.leftovers(big.life.state, big.archive) == []
    refused = big.life.ask("SELECT DISTINCT key FROM copy WHERE status = 'refused'")
    assert {key for (key,) in refused} == set(big.world.refused)
    assert big.life.count("finding", "code = 'refused' AND resolved_at IS NULL") == len(big.world.refused)
    _say(f"{files} files in {seconds:.1f} s from the start on: {files / seconds:.0f} a second")
    _tell(asked, per=files)
    ledger = sum(path.stat().st_size for path in big.life.state.glob("ledger.db*"))
    _say(f"peak RSS {big.life.peak:.0f} MiB, ledger {ledger / 2**20:.1f} MiB")
    await _no_news(big)
    assert await big.life.end(signal.SIGTERM) == 0
    await _some_go(big)


async def _no_news(big: Big) -> None:
    """Another scan and another run ask about no file."""
    big.requests()
    await big.run("scan", "vsrx")
    _say("a second scan:")
    _tell(big.requests())
    await big.run("mirror", "vsrx")
    asked = big.requests()
    _say("a second run:")
    _tell(asked)
    assert asked["vsrx"]["GET /files/*/content"] == 0
    assert not any(question.startswith("POST") for question in asked["paperless"])
    assert big.paperless.uploads == Counter(big.world.uploads)


async def _some_go(big: Big) -> None:
    """Some files are flagged; approved once, they leave both places, unless another file needs the copy."""
    chance, deleted = random.Random(2), big.files // A_DELETION
    gone = chance.sample(sorted(big.world.good), deleted)
    for number in gone:
        big.vsrx.flag(number)
        del big.world.good[number]
    lives = Lives(big.life.config, SharedClock.from_now(HURRY), big.folder / "log of lives")
    lives.begin(1)
    began = time.monotonic()
    try:
        await big.life.until(big.life.is_ready)
        await big.life.until_count("tombstone", deleted, "source = 'vsrx'", seconds=300)
        await _approve(big)
        await big.life.until(lambda: _is_over(big), seconds=300)
        _say(f"{deleted} files left both places in {time.monotonic() - began:.1f} s of {HURRY:.0f}-fold time")
        assert big.differences() == []
        assert big.life.count("decision") == 1, "all of it is one question"
        await big.life.until_count("copy", 2 * deleted, "status = 'removed'", seconds=300)
    finally:
        await lives.end(signal.SIGTERM)


async def _approve(big: Big) -> None:
    """A person answers the one question, once nothing joins it any more."""

    async def asked() -> bool:
        before = big.life.count("action", "decision_id IS NOT NULL AND state = 'waiting'")
        await asyncio.sleep(1.0)
        rest = big.life.count("action", "state = 'planned'")
        return 0 < before == big.life.count("action", "decision_id IS NOT NULL") and not rest

    await big.life.until(asked)
    shown = [number for (number,) in big.life.ask("SELECT id FROM action WHERE decision_id IS NOT NULL")]
    ((decision,),) = big.life.ask("SELECT id FROM decision WHERE closed_at IS NULL")
    status, said = await big.life.post(f"/api/v1/decisions/{decision}/approve", {"actions": shown})
    assert status == 200, said


async def _is_over(big: Big) -> bool:
    return not big.life.count("action", "state IN ('planned', 'waiting', 'sending')")


def _tell(asked: dict[str, Counter[str]], *, per: int = 1) -> None:
    for name, questions in asked.items():
        total = questions.total() / per
        each = ", ".join(f"{question} {count / per:.3g}" for question, count in questions.most_common())
        _say(f"  {name} was asked {total:.3g} times{' a file' if per > 1 else ''}: {each or 'nothing'}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the figures
