"""What a piece of work costs, done in a process of its own so that nobody else's memory is counted.

    cost = apart("splitting", corpus="household.jsonl")

CPU seconds are user and system time of the process and of all its workers, from when its libraries are loaded
on, the start of its workers among them. Memory is what the kernel says a process had resident at most
(`VmHWM`): of the largest process, and the sum of each one's most. Like the daemon's workers, none of them
uses more than one thread for a sum.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

TASKS = {
    "searching": "bench.judging.searching:search",
    "looking_up": "bench.judging.looking_up:look_up",
    "minhash": "bench.judging.baselines:minhash",
    "splitting": "bench.judging.baselines:splitting",
}
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, and MiB. `told` is what the work itself says."""

    cpu: float
    wall: float
    largest: float
    all: float
    told: dict[str, Any]


def apart(task: str, **given: Any) -> Cost:
    """Do one of TASKS in a process of its own. SystemExit when it fails; what it printed says why."""
    command = [sys.executable, "-m", "bench.judging.measuring", task, json.dumps(given)]
    environment = {**os.environ, **_ONE_THREAD}
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=_ROOT, env=environment, check=False)  # noqa: S603 - ourselves
    if done.returncode:
        raise SystemExit(f"{task} failed with {done.returncode}; see above")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def middle(costs: list[Cost]) -> Cost:
    """The medians of several rounds; what the work says is that of the last one, its stages medians, too."""
    last = costs[-1]
    stages = {
        name: median(cost.told["stages"][name] for cost in costs) for name in last.told.get("stages", {})
    }
    return replace(
        last, cpu=median(cost.cpu for cost in costs), wall=median(cost.wall for cost in costs),
        largest=median(cost.largest for cost in costs), all=median(cost.all for cost in costs),
        told={**last.told, **({"stages": stages} if stages else {})},
    )  # fmt: skip


def resident() -> float:
    """MiB that this process had resident at most."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("/proc/self/status has no VmHWM; memory is measured on Linux only")


def _seconds() -> float:
    """CPU seconds of this process and of those that it saw end."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def main() -> None:
    """Do what the parent asks, and tell it what came of it and what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("given", type=json.loads)
    asked = parser.parse_args()
    module, name = TASKS[asked.task].split(":")
    work = getattr(importlib.import_module(module), name)
    cpu, wall = _seconds(), time.perf_counter()
    told = work(**asked.given)
    peaks = [resident(), *told.pop("peaks", [])]
    cost = {
        "cpu": _seconds() - cpu,
        "wall": time.perf_counter() - wall,
        "largest": max(peaks),
        "all": sum(peaks),
    }
    print(json.dumps({**cost, "told": told}))


if __name__ == "__main__":
    main()
