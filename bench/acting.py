"""What many findings cost the outbox, beside one scan of the same apps.

    script/bench acting [--films 10000] [--losses 800] [--rounds 3]

Model apps in memory, so that only our own work is measured: a shelf with films, a catalogue without
files of those that get lost, requests for half of them. The films are lost, a policy in dry-run
wants two things of each, then the mode becomes `act`. The figures are medians over the rounds: seconds
of each part, its ratio to one usual scan of the shelf, and the longest write transaction, in which
a webhook would have to wait.
"""

import argparse
import asyncio
import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from reconciled.config import Mode, Policy, Step, Verb, When
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.engine.outbox.outbox import Outbox
from reconciled.http import Http
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Item, Json, Key, Ref
from reconciled.source import Context, SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp, ModelManySource, ModelSource

POLICY = Policy(
    "forget", When.GONE, (Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "radarr")),
    sources=frozenset({"jellyfin"}), grace=600.0,
)  # fmt: skip


class Notes:
    """A store that keeps nothing."""

    async def get(self, _name: str) -> None:
        return None

    async def set(self, _name: str, _value: object) -> None:
        return None


def film(number: int, **more: Any) -> Item:
    refs = frozenset({Ref("tmdb:movie", str(number)), Ref("imdb", f"tt{number}")})
    attrs: dict[str, Json] = {"tags": [], "monitored": True}
    return Item(Key("movie", str(number)), f"Film {number}", refs, attrs, has_file=True, **more)


def request(number: int) -> Item:
    refs = frozenset({Ref("tmdb:movie", str(number))})
    return Item(Key("request", str(number)), f"Film {number}", refs, {"tags": []}, refers=True)


async def one_round(films: int, losses: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = await Ledger.open(Path(folder) / "ledger.db")
        try:
            return await _measure(ledger, films, losses)
        finally:
            await ledger.close()


async def _measure(ledger: Ledger, films: int, losses: int) -> dict[str, float]:
    clock, log = ManualClock(), logging.getLogger("bench")
    engine = Engine(ledger, clock, chance=random.Random(1), log=log)
    outbox = Outbox(engine, log=log)
    apps = {name: ModelApp() for name in ("jellyfin", "radarr", "requests")}
    lost = range(1, losses + 1)
    apps["jellyfin"].put(*(film(n) for n in range(1, films + 1)))
    apps["radarr"].put(*(replace(film(n), has_file=n not in lost) for n in range(1, films + 1)))
    apps["requests"].put(*(request(n) for n in range(1, films // 2 + 1)))
    for name, app in apps.items():
        context = Context(name, Http.__new__(Http), clock, log, Notes())
        maker = ModelManySource if name == "jellyfin" else ModelSource
        source = maker(app, SourceConfig(), context)
        await engine.add(name, source, rules=Rules(20.0, 1.0), kinds=frozenset(source.kinds), scope={})
        await engine.perform("scan", name, asked_by="bench")
    figures: dict[str, float] = {}
    began = time.perf_counter()
    await engine.perform("scan", "jellyfin", asked_by="bench")
    figures["usual scan"] = time.perf_counter() - began
    await outbox.configure({"forget": POLICY}, Mode.DRY_RUN)
    apps["jellyfin"].remove(*(Key("movie", str(n)) for n in lost))
    await engine.perform("scan", "jellyfin", asked_by="bench")
    clock.advance(20)
    await engine.place("jellyfin").worker.work_once()
    longest = _watch_writes(ledger)
    await _timed(figures, "derived and looked at", outbox.step)
    await ledger.write(lambda tx: _grace_is_over(tx))
    for name in apps:
        await engine.perform("scan", name, asked_by="bench")
    clock.advance(700)
    longest.clear()
    await _timed(figures, "ready, and only said", outbox.step)
    await outbox.configure({"forget": POLICY}, Mode.ACT)
    await _timed(figures, "armed, and asked as one decision", outbox.step)
    figures["longest transaction"] = max(longest)
    waiting = await ledger.read(
        lambda tx: tx.execute("SELECT count(*) FROM action WHERE state = 'waiting'").fetchone()
    )
    assert waiting[0] == 2 * losses, waiting
    return figures


def _grace_is_over(tx: Tx) -> None:
    tx.execute("UPDATE source SET watched = watched + 1000")


def _watch_writes(ledger: Ledger) -> list[float]:
    """From now on the list grows by the seconds of each write transaction."""
    seconds: list[float] = []
    write = ledger._write  # noqa: SLF001 - nobody else needs to know how long a transaction took

    def timed(work: Callable[[Tx], Any], durable: bool) -> Any:
        began = time.perf_counter()
        try:
            return write(work, durable)
        finally:
            seconds.append(time.perf_counter() - began)

    ledger._write = timed  # type: ignore[method-assign]  # noqa: SLF001 - see above
    return seconds


async def _timed(figures: dict[str, float], name: str, work: Callable[[], Any]) -> None:
    began = time.perf_counter()
    await work()
    figures[name] = time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=10_000)
    parser.add_argument("--losses", type=int, default=800)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rounds = [asyncio.run(one_round(asked.films, asked.losses)) for _ in range(asked.rounds)]
    scan = statistics.median(found["usual scan"] for found in rounds)
    print(f"{asked.films} films, {asked.losses} lost, two actions each; medians of {asked.rounds} rounds")
    for name in rounds[0]:
        seconds = statistics.median(found[name] for found in rounds)
        ratio = (
            "" if name in ("usual scan", "longest transaction") else f"  {seconds / scan:5.1f} × a usual scan"
        )
        print(f"  {name:34} {seconds:7.3f} s{ratio}")


if __name__ == "__main__":
    main()
