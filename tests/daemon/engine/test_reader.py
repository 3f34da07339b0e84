"""A worker that reads for the daemon is believed only while it gives one answer to a question."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from reconciled.engine.reader import Reader

ANSWER = """echo '{"wrong": "'$n'", "memory": false}'"""


@pytest.fixture
async def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[str], Reader]]:
    """A reader whose worker does this in the shell for each question; `n` counts them."""
    made = list[Reader]()

    def make(does: str) -> Reader:
        worker = tmp_path / "worker"
        worker.write_text(f"#!/bin/sh\necho ready\nn=0\nwhile read q; do n=$((n+1)); {does}; done\n")
        worker.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(worker))
        made.append(Reader("none", timeout=20.0, memory=2**30, most=100, cannot="nothing can be read"))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_one_worker_answers_many(reader: Callable[[str], Reader]) -> None:
    asked = reader(ANSWER)
    assert [await asked.ask({}) for _ in range(3)] == [{"wrong": n, "memory": False} for n in "123"]


@pytest.mark.parametrize(
    "noise",
    [
        "echo noise", "echo '{}'", "echo '[1]'", "echo 7", "printf '\\377\\n'",
        "head -c 99999 /dev/zero | tr '\\0' x",
    ],
)  # fmt: skip
async def test_who_says_more_than_an_answer_is_asked_nothing_more(
    reader: Callable[[str], Reader], noise: str
) -> None:
    """Else each question would be given the answer of the one before."""
    asked = reader(f"if [ $n = 2 ]; then {noise}; fi; {ANSWER}")
    assert await asked.ask({}) == {"wrong": "1", "memory": False}
    assert await asked.ask({}) == {"wrong": "1", "memory": False}, "by a fresh worker"
    always = reader(f"{noise}; {ANSWER}")
    for _ in range(2):
        assert str(await always.ask({})).startswith("the program that reads it crashed")


async def test_a_worker_that_closed_its_mouth_is_gone_even_for_who_is_cancelled(
    reader: Callable[[str], Reader], tmp_path: Path
) -> None:
    asked = reader(f"echo $$ > {tmp_path}/pid; exec >&-; exec sleep 60")
    asking = asyncio.ensure_future(asked.ask({}))
    pid = tmp_path / "pid"
    while not pid.exists() or not pid.read_text() or asked._worker is not None:
        await asyncio.sleep(0.002)  # until it is given time to die by itself
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
