"""The fault matrix: every fault at every source, and what a naive engine makes of the same.

    script/bench faults [--source radarr] [--fault 401] [--workers 2] [--dry]

Plays all cells of tests/drills in as many processes as there are cores, prints the totals and each cell
that does not end as it has to, and writes bench/results/faults.md when all were played. Exits 1 when any
cell is red.
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from tests.drills import report
from tests.drills.cells import Cell, Outcome
from tests.drills.drill import play
from tests.drills.matrix import CELLS
from tests.drills.naive import Naive
from tests.drills.parts import Parts

from reconciled import __version__

HOUSE = Path(__file__).parents[1]
RESULTS = HOUSE / "bench" / "results" / "faults.md"


def one(job: tuple[Cell, bool]) -> tuple[Outcome, float]:
    """Play a cell with our engine, or with the naive one; and the seconds of processor time it took."""
    logging.disable(logging.CRITICAL)
    cell, naive = job
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = asyncio.run(play(cell, Path(folder), Naive.open if naive else Parts.open))
        except Exception as error:  # noqa: BLE001 - a cell that crashes is red, and the others go on
            outcome = Outcome(cell, left=[f"it crashed: {error!r}"])
    return outcome, time.process_time() - began


def run(cells: Sequence[Cell], workers: int) -> tuple[list[Outcome], list[Outcome], float]:
    """Ours, the naive engine's, and the seconds of processor time."""
    jobs = [(cell, naive) for naive in (False, True) for cell in cells]
    with ProcessPoolExecutor(workers) as pool:
        found = []
        for outcome, seconds in pool.map(one, jobs, chunksize=4):
            found.append((outcome, seconds))
            if len(found) <= len(cells) and outcome.wrong:
                print(report.told(outcome.cell, outcome), flush=True)
    outcomes = [outcome for outcome, _ in found]
    return outcomes[: len(cells)], outcomes[len(cells) :], sum(seconds for _, seconds in found)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source")
    parser.add_argument("--fault")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    asked = parser.parse_args()
    cells = [
        cell
        for cell in CELLS
        if asked.source in (None, cell.world.name) and asked.fault in (None, cell.fault)
    ]
    began = time.perf_counter()
    ours, naive, seconds = run(cells, asked.workers)
    for name, outcomes in (("reconciled", ours), ("a naive engine", naive)):
        print(f"{name}: {report.Sums.of(outcomes)}")
    print(f"{seconds:.0f} s of processor time, {time.perf_counter() - began:.0f} s in all")
    if len(cells) == len(CELLS) and not asked.dry:
        date = f"{datetime.now(UTC):%Y-%m-%d}"
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(report.page(ours, naive, version=__version__, date=date), "utf-8")
        print(f"written: {RESULTS.relative_to(HOUSE)}")
    return 1 if any(outcome.wrong for outcome in ours) else 0


if __name__ == "__main__":
    sys.exit(main())
