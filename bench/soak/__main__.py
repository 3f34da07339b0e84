"""Lets a daemon live in a busy household, kills it at random moments, and judges what it left behind.

    script/soak --kills 1000 [--seed 1]
    script/soak --minutes 5 [--seed 1]

With `--kills` lives last about a second, and every third dies at a named moment if it comes to it. With
`--minutes` there are a few short lives and then one for the rest of the time, whose memory is measured.
Time goes 60 times as fast for the daemon. At the end everything calms down, and the ledger must
equal the world. Whatever is not as it must be is a violation, and the exit code is 1.
"""

import argparse
import asyncio
import contextlib
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from bench.soak.household import WATCHED, World
from bench.soak.life import Lives, SharedClock
from bench.soak.verdicts import Verdicts, count, idle, leaks, said_of_memory

from reconciled.runtime.crashing import MOMENTS, OF_MIRRORS, OF_SEARCHES

HURRY = 60.0
BETWEEN = 0.05
"""Real seconds between two deeds, on average."""
LATEST = 60.0
"""Real seconds within which a life is ready, or something is wrong."""
CALM = 180.0
"""Real seconds within which everything must have come to rest at the end."""
_ITS_MOMENTS = [moment for moment in MOMENTS[1:] if moment not in (*OF_MIRRORS, *OF_SEARCHES)]
"""The ledger is made once, and nothing is mirrored here."""


@dataclass(slots=True)
class Soak:
    """One run of it."""

    world: World
    lives: Lives
    chance: random.Random
    verdicts: Verdicts = field(default_factory=Verdicts)
    kills: int = 0
    named: Counter[str] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    steps: int = 0

    async def many_lives(self, kills: int) -> None:
        """Lives of about a second, which counts from when they are ready, however slow this machine is.
        Every fourth may end while it starts; every twentieth is long, so that things come to their end.
        """
        async with self._busy():
            for number in range(kills):
                seconds = 5.0 if number % 20 == 19 else min(2.0, self.chance.expovariate(1 / 0.6))
                named = number % 3 == 2
                await self._one_life(number, seconds + named, named=named, unborn=number % 4 == 0)
                if self.verdicts.violations:
                    return

    async def long_life(self, minutes: float) -> None:
        """A few short lives, then a long one; its memory is looked at once a second."""
        end = time.monotonic() + minutes * 60
        async with self._busy():
            for number in range(4):
                await self._one_life(number, self.chance.uniform(1.0, 4.0), named=False, unborn=False)
            self.lives.begin(self.chance.randrange(10**6))
            began = time.monotonic()
            while time.monotonic() < end and self.lives.lives:
                self.memory.append((time.monotonic() - began, self.lives.rss()))
                await asyncio.sleep(1.0)
        await self._kill()

    async def _one_life(self, number: int, seconds: float, *, named: bool, unborn: bool) -> None:
        """It ends so many seconds after it is ready (`unborn`: after its start), or at a named moment."""
        moment = self.chance.choice(_ITS_MOMENTS) if named else ""
        began = time.monotonic()
        self.lives.begin(self.chance.randrange(10**6), crash_at=moment)
        since, ready = (began if unborn else None), False
        while self.lives.lives and (since is None or time.monotonic() - since < seconds):
            if time.monotonic() - began > LATEST:
                self.verdicts.violations.append(f"the daemon was not ready within {LATEST:.0f} s")
                break
            if not ready and (ready := await self.world.is_ready()):
                self.starts.append(time.monotonic() - began)
                since = since or time.monotonic()
            await asyncio.sleep(0.02)
        if not self.lives.lives and moment:
            self.named[moment] += 1
        await self._kill()
        if number % 100 == 99:
            print(f"{number + 1} kills, {self.steps} steps, {self.verdicts.found} events kept", flush=True)

    async def _kill(self) -> None:
        code = await self.lives.end(signal.SIGKILL)
        self.kills += 1
        if code != -signal.SIGKILL:
            self.verdicts.violations.append(f"the daemon ended by itself, with {code}")
        self.verdicts.after_a_life(self.world)

    @contextlib.asynccontextmanager
    async def _busy(self) -> AsyncIterator[None]:
        """Meanwhile things happen, whether anybody lives or not."""
        tasks = [asyncio.create_task(loop()) for loop in (self._deeds, self._deeds, self._person)]
        try:
            yield
        finally:
            for task in tasks:
                if task.done():
                    task.result()
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for fake in self.world.fakes().values():
                fake.faults.clear()

    async def _deeds(self) -> None:
        while True:
            await self.world.step()
            self.steps += 1
            await asyncio.sleep(self.chance.expovariate(1 / BETWEEN))

    async def _person(self) -> None:
        while True:
            await self.world.answer()
            await asyncio.sleep(0.4)

    async def calm_down(self) -> None:
        """One more life, in which everything comes to rest; then it is judged."""
        self.lives.begin(self.chance.randrange(10**6))
        end = time.monotonic() + CALM
        while not await self.world.is_ready() and time.monotonic() < end:
            await asyncio.sleep(0.05)
        ledger = self.world.state / "ledger.db"
        for source in WATCHED:
            before = count(ledger, "run", f"pass = 'scan' AND state = 'complete' AND source = '{source}'")
            while time.monotonic() < end and before == count(
                ledger, "run", f"pass = 'scan' AND state = 'complete' AND source = '{source}'"
            ):
                await self.world.ask("POST", "/api/v1/runs", {"pass": "scan", "source": source})
                await asyncio.sleep(0.3)
        while (left := self._unrest(ledger)) and time.monotonic() < end:
            await self.world.answer()
            await asyncio.sleep(0.2)
        if left:
            self.verdicts.violations.append(f"after {CALM:.0f} s of calm there are still {left}")
        if await self.lives.end(signal.SIGTERM) != 0:
            self.verdicts.violations.append("the daemon did not stop in good order")
        self.verdicts.after_a_life(self.world)
        self.verdicts.at_the_end(self.world)
        self.verdicts.violations += [*leaks(self.memory), *idle(self.steps, len(self.world.effects))]

    def _unrest(self, ledger: Path) -> str:
        waits = {
            "unread webhooks": count(ledger, "inbox", "state = 'new'"),
            "suspects": count(ledger, "suspect"),
            "calls of unknown end": count(ledger, "action", "state = 'sending'"),
            "actions that could go": count(
                ledger, "action", "state IN ('planned', 'waiting') AND code NOT IN ('unless', 'agreement')"
            ),
        }
        return ", ".join(f"{number} {what}" for what, number in waits.items() if number)

    # --- what it says -----------------------------------------------------------------------------

    def summary(self, seconds: float) -> str:
        """The figures, a line each."""
        ledger = self.world.state / "ledger.db"
        done = count(ledger, "action", "state = 'done'")
        dropped = count(ledger, "action", "state NOT IN ('done', 'planned', 'waiting', 'sending')")
        starts = sorted(self.starts) or [0.0]
        named = ", ".join(f"{number} {moment}" for moment, number in sorted(self.named.items()))
        world = self.world
        events = f"{world.sent()} sent, {world.acknowledged()} acknowledged, {self.verdicts.found} found"
        actions = (
            f"{done} done, {dropped} ended otherwise, {len(world.effects)} deletions at Radarr, "
            f"{len(world.doubled())} doubled, {len(world.wrong)} wrong"
        )
        lines = [
            f"steps        {self.steps} in {seconds:.0f} s ({HURRY * seconds / 3600:.1f} h for the daemon)",
            f"kills        {self.kills}, of them at a named moment {self.named.total()}"
            + (f" ({named})" if named else ""),
            f"start        median {starts[len(starts) // 2]:.2f} s until ready",
            f"events       {events}",
            f"actions      {actions}",
            f"tombstones   {count(ledger, 'tombstone')}",
            f"integrity    {self.verdicts.checks} checks",
            f"ledger       {ledger.stat().st_size / 2**20:.1f} MiB",
        ]
        if self.memory:
            lines.append(f"memory       {said_of_memory(self.memory, hurry=HURRY)}")
        lines.append(f"violations   {len(self.verdicts.violations)}")
        return "\n".join([*lines, *(f"  {one}" for one in self.verdicts.violations[:20])])


async def soak(folder: Path, *, kills: int, minutes: float, seed: int) -> int:
    """Run it, print the summary, return the exit code."""
    chance = random.Random(seed)
    world = World(folder, chance)
    lives = Lives(world.config, SharedClock.from_now(HURRY), folder / "log")
    began = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=5)
    async with world.apps, aiohttp.ClientSession(timeout=timeout) as session:
        world.begin(session)
        run = Soak(world, lives, chance)
        try:
            if minutes:
                await run.long_life(minutes)
            else:
                await run.many_lives(kills)
            if not run.verdicts.violations:
                await run.calm_down()
        finally:
            if lives.lives:
                await lives.end()
        run.verdicts.violations += [
            said for said in world.wrong + world.doubled() if said not in run.verdicts.violations
        ]
        print(run.summary(time.monotonic() - began))
    if run.verdicts.violations:
        print("the end of the daemon's log:", (folder / "log").read_text()[-6000:], sep="\n", file=sys.stderr)
    return 1 if run.verdicts.violations else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="script/soak", description=(__doc__ or "").partition("\n")[0])
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--kills", type=int, default=0, help="so many short lives")
    length.add_argument("--minutes", type=float, default=0.0, help="a few short lives, and one so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leave ledger and log in this new folder")
    asked = parser.parse_args()
    if asked.keep is not None:
        asked.keep.mkdir(parents=True)
        return asyncio.run(soak(asked.keep, kills=asked.kills, minutes=asked.minutes, seed=asked.seed))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        return asyncio.run(soak(Path(folder), kills=asked.kills, minutes=asked.minutes, seed=asked.seed))


if __name__ == "__main__":
    sys.exit(main())
