"""On a real terminal: a bar that moves, a question before a release, and Ctrl-C."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import House, StandIn

RUN = {"id": 7, "pass": "scan", "source": "radarr", "progress": {"done": 5, "total": 9}}


class Terminal:
    """A command on a pseudo-terminal, and what it has written there."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reconciled", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"},
        )
        os.close(theirs)
        self.written = b""

    def _read(self) -> bool:
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        self.written += chunk
        return bool(chunk)

    async def until(self, pattern: str) -> None:
        """Wait until it has written something like this."""
        async with asyncio.timeout(20):
            while not re.search(pattern, self.text):
                assert await asyncio.to_thread(self._read), self.text

    async def end(self) -> int:
        """Wait for its end; its exit code."""
        async with asyncio.timeout(20):
            while await asyncio.to_thread(self._read):
                pass
            return await asyncio.to_thread(self.process.wait)

    def type(self, text: str) -> None:
        """Type on its keyboard."""
        os.write(self._ours, text.encode())

    @property
    def text(self) -> str:
        """What was written, without colours."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.written.decode(errors="replace"))

    def close(self) -> None:
        """Let go of it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)


@asynccontextmanager
async def on_terminal(*arguments: str) -> AsyncIterator[Terminal]:
    terminal = Terminal(*arguments)
    try:
        yield terminal
    finally:
        terminal.close()


async def test_a_bar_moves_to_the_end(stand_in: "StandIn") -> None:
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    stand_in.answers["GET /api/v1/runs/7"] = (200, {**RUN, "state": "running"})
    async with on_terminal("scan", "radarr", "--follow") as terminal:
        await terminal.until(r"scan radarr .*5/9")
        stand_in.answers["GET /api/v1/runs/7"] = (200, {**RUN, "state": "complete"})
        assert await terminal.end() == 0
        assert "9/9" in terminal.text
        assert "complete" in terminal.text


async def test_the_bar_of_a_run_that_failed_is_not_full(stand_in: "StandIn") -> None:
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    stand_in.answers["GET /api/v1/runs/7"] = (200, {**RUN, "state": "failed", "error": "no answer"})
    async with on_terminal("scan", "radarr", "--follow") as terminal:
        assert await terminal.end() == 1
        assert "scan radarr failed" in terminal.text
        assert "9/9" not in terminal.text
        assert "no answer" in terminal.text


async def test_ctrl_c_ends_the_watching_and_not_the_run(stand_in: "StandIn") -> None:
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    stand_in.answers["GET /api/v1/runs/7"] = (200, {**RUN, "state": "running"})
    async with on_terminal("scan", "radarr", "--follow") as terminal:
        await terminal.until(r"5/9")
        terminal.process.send_signal(signal.SIGINT)
        assert await terminal.end() == 130
        assert "what was started goes on" in terminal.text
        assert "Traceback" not in terminal.text
    assert all("cancel" not in path for _, path, _, _ in stand_in.asked)


async def test_a_release_is_asked_and_no_is_the_default(house: "House") -> None:
    for film in list(house.home.radarr.state.entries.values())[:9]:
        await house.home.radarr.delete(film.id, files=False, notify=False)
    await house.daemon.engine.perform("scan", "radarr", asked_by="test")
    async with on_terminal("release", "1") as terminal:
        await terminal.until("Release these")
        terminal.type("\n")
        assert await terminal.end() == 1
        assert "nothing was released" in terminal.text
    async with on_terminal("release", "1") as terminal:
        await terminal.until("Release these")
        terminal.type("y\n")
        assert await terminal.end() == 0
        assert "released 9" in terminal.text
