"""A child process that was told to end is let go wholly, and nobody is kept waiting by one that lives on."""

import asyncio
import signal
import sys

import pytest
from tests.patience import PATIENCE

from reconciled.engine.children import gone


async def child(code: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )


async def test_how_it_ended_is_told() -> None:
    assert await gone(await child("raise SystemExit(3)")) == 3


async def test_one_that_lives_on_is_killed_when_its_end_is_not_waited_for() -> None:
    process = await child("import os, time; os.close(1); time.sleep(3600)")
    assert process.stdout is not None
    await process.stdout.read()  # it looks as if it were dying
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await gone(process)
    assert await asyncio.wait_for(gone(process), PATIENCE) == -signal.SIGKILL
