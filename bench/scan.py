"""What a full scan costs, as a ratio to merely downloading and decoding the same answers.

    script/bench scan [--titles 10000] [--rounds 5]

Fakes of Radarr, Sonarr and Jellyfin, in a process of their own, hold half the titles as films and
half as series. Each round times both ways in turn: (A) the plugins' snapshots alone, which download
and decode; (B) whole scans, which also probe, stage, compare and write. B is taken twice: for an
empty ledger (the first scan) and for one that knows everything already (the usual scan).
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

from reconciled.clock import SystemClock
from reconciled.config import Settings, load
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.ledger.connection import Ledger
from reconciled.plugins import discover
from reconciled.runtime.sources import Built, Sources
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household


@dataclass(frozen=True)
class Cost:
    """Seconds of one measured round."""

    wall: float
    cpu: float


async def measure(work: Callable[[], Awaitable[Any]]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


async def serve(titles: int) -> None:
    """Be the apps, until standard input ends."""
    async with Household(films=titles // 2, series=titles // 2) as home:
        apps: dict[str, Fake] = {"radarr": home.radarr, "sonarr": home.sonarr, "jellyfin": home.jellyfin}
        print(json.dumps({name: [fake.url, fake.api_key] for name, fake in apps.items()}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextlib.asynccontextmanager
async def apps_beside(titles: int) -> AsyncIterator[dict[str, list[str]]]:
    """The apps in a process of their own: (url, key) by name."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", "--titles", str(titles),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    yield json.loads(await process.stdout.readline())
    process.stdin.close()
    await process.wait()


def settings_for(apps: dict[str, list[str]], folder: Path) -> Settings:
    config = folder / "config.yaml"
    config.write_text(
        "sources:\n"
        + "".join(f"  {name}: {{url: {url}, api_key: {key}}}\n" for name, (url, key) in apps.items())
    )
    loaded = load(config, discover().types, environ={})
    assert loaded.settings is not None, loaded.problems
    return loaded.settings


async def download(built: list[Built]) -> int:
    count = 0
    for one in built:
        async for page in one.source.snapshot(one.settings.kinds):
            count += len(page.items)
    return count


async def follow(engine: Engine, built: list[Built]) -> None:
    for one in built:
        await engine.add(one.settings.name, one.source, rules=Rules(), kinds=one.settings.kinds, scope={})


async def scan(engine: Engine, built: list[Built]) -> None:
    for one in built:
        await engine.perform("scan", one.settings.name, asked_by="bench")


async def main(titles: int, rounds: int) -> None:
    log = logging.getLogger("bench")
    costs: dict[str, list[Cost]] = {"download and decode": [], "first scan": [], "usual scan": []}
    clock, chance = SystemClock(), random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with apps_beside(titles) as apps:
            settings = settings_for(apps, folder)
            for number in range(rounds + 1):
                ledger = await Ledger.open(folder / f"ledger-{number}.db")
                engine = Engine(ledger, clock, chance=chance, log=log)
                sources = Sources(engine, clock=clock, zone=UTC, chance=chance, log=log)
                built = [sources.build(one) for one in settings.sources.values()]
                await follow(engine, built)
                found = {
                    "download and decode": await measure(partial(download, built)),
                    "first scan": await measure(partial(scan, engine, built)),
                    "usual scan": await measure(partial(scan, engine, built)),
                }
                for one in built:
                    await engine.remove(one.settings.name, freeze=False)
                    await one.http.close()
                await ledger.close()
                if number:  # the first round warms up
                    for what, cost in found.items():
                        costs[what].append(cost)
    report(costs, titles, rounds)


def report(costs: dict[str, list[Cost]], titles: int, rounds: int) -> None:
    base = costs["download and decode"]
    print(
        f"{titles} titles in three apps, {rounds} rounds; medians, and the ratio to downloading and decoding"
    )
    print(f"{'':24}{'wall s':>8}{'ratio':>8}{'CPU s':>8}{'ratio':>8}")
    for what, found in costs.items():
        wall, cpu = (statistics.median(getattr(cost, kind) for cost in found) for kind in ("wall", "cpu"))
        ratios = [
            statistics.median(
                getattr(mine, kind) / getattr(its, kind) for mine, its in zip(found, base, strict=True)
            )
            for kind in ("wall", "cpu")
        ]
        print(f"{what:24}{wall:8.2f}{ratios[0]:8.2f}{cpu:8.2f}{ratios[1]:8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.titles) if arguments.serve else main(arguments.titles, arguments.rounds))
