"""Under the systemd unit's filter of system calls the processes beside the daemon live, and stand back."""

import ctypes
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Set
from pathlib import Path

import pytest

from reconciled.engine.duplicates.search import workers
from reconciled.engine.mirror import unpacking

UNIT = Path(__file__).parents[2] / "systemd" / "reconciled.service"
MEMORY = str(workers.MEMORY)
NUMBERS = {"x86_64": {"setpriority": 141, "mbind": 237}, "aarch64": {"setpriority": 140, "mbind": 235}}
"""Asked by these processes and by hardly any other: of `os.nice`, and of numpy's library at its import."""
KILL, REFUSE, ALLOW = 0x8000_0000, 0x0005_0000 | 1, 0x7FFF_0000
LOAD, SKIP_UNLESS, RETURN = 0x20, 0x15, 0x06
NO_NEW_PRIVILEGES, SECCOMP, WITH_FILTER = 38, 22, 2

pytestmark = pytest.mark.skipif(
    platform.machine() not in NUMBERS or shutil.which("systemd-analyze") is None,
    reason="needs systemd-analyze, and a machine whose numbers of system calls are known",
)


def names_in(word: str) -> Iterator[str]:
    """The system calls of a set such as `@resources`, the sets in it too; a plain name is itself."""
    if not word.startswith("@"):
        yield word
        return
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True
    ).stdout
    for line in told.splitlines()[1:]:
        if line.strip() and not line.strip().startswith("#"):
            yield from names_in(line.strip())


def denied() -> Set[str]:
    """What the unit takes out of the calls that it allows, in the order of its lines."""
    _, *changes = re.findall(r"^SystemCallFilter=(.+)$", UNIT.read_text(), re.MULTILINE)
    out: set[str] = set()
    for change in changes:
        named = {name for word in change.lstrip("~").split() for name in names_in(word)}
        out = out | named if change.startswith("~") else out - named
    return out


def under_the_filter() -> Callable[[], None]:
    """What a child does between fork and exec, so that the kernel treats it as the unit says."""
    verdict = REFUSE if re.search(r"^SystemCallErrorNumber=EPERM$", UNIT.read_text(), re.MULTILINE) else KILL
    steps = [(LOAD, 0, 0, 0)]
    for name, number in NUMBERS[platform.machine()].items():
        if name in denied():
            steps += [(SKIP_UNLESS, 0, 1, number), (RETURN, 0, 0, verdict)]
    steps.append((RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None)

    def begin() -> None:
        assert code, "it lives as long as this"
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if libc.prctl(SECCOMP, WITH_FILTER, program, 0, 0) != 0:
            os._exit(99)

    return begin


@pytest.mark.parametrize(
    ("module", "arguments", "nice"),
    [
        ("reconciled.engine.duplicates.search.labour", (MEMORY, str(workers.NICE)), workers.NICE),
        (unpacking.__name__, (MEMORY, "30"), 5),
    ],
)
def test_a_worker_lives_and_stands_back(module: str, arguments: tuple[str, ...], nice: int) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with subprocess.Popen(
        [sys.executable, "-I", "-m", module, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=under_the_filter(),
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdin is not None
        ready = worker.stdout.read(5)
        assert ready, f"it ended at once, with {worker.wait()}"
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == min(19, before + nice)
        worker.stdin.close()
        worker.wait()
