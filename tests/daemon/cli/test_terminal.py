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

import pytest
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import House, StandIn

pytestmark = pytest.mark.full

RUN = {"id": 7, "pass": "scan", "source": "radarr", "progress": {"done": 5, "total": 9}}


def _hear_ctrl_c() -> None:
    """Tests that run in the background of a script have Ctrl-C ignored; a person's terminal has not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
            preexec_fn=_hear_ctrl_c,
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
        async with asyncio.timeout(PATIENCE):
            while not re.search(pattern, self.text):
                assert await asyncio.to_thread(self._read), self.text

    async def end(self) -> int:
        """Wait for its end; its exit code."""
        async with asyncio.timeout(PATIENCE):
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


async def test_the_bar_of_a_mirror_says_how_much_it_carries(stand_in: "StandIn") -> None:
    progress = {"done": 5, "total": 9, "bytes": 2**20, "bytes_total": 2**22, "failed": 1}
    run = {**RUN, "pass": "mirror", "policy": "backup", "progress": progress}
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    stand_in.answers["GET /api/v1/runs/7"] = (200, {**run, "state": "running"})
    async with on_terminal("passes", "run", "mirror", "--mirror", "backup", "--follow") as terminal:
        await terminal.until(r"mirror backup .*5/9")
        await terminal.until(r"1 MiB of 4 MiB, (0 B/s, 0 files/min, )?1 failed")
        stats = {"files": 9, "bytes": 2**22, "failed": 1, "targets": {"archive": {"made": 8, "failed": 1}}}
        stand_in.answers["GET /api/v1/runs/7"] = (200, {**run, "state": "complete", "stats": stats})
        assert await terminal.end() == 0
        assert "backup: 9 files, 4 MiB, 1 failed" in terminal.text
        assert "archive: 8 made, 1 failed" in terminal.text


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


async def test_a_release_that_came_too_late_says_that_nothing_was_released(stand_in: "StandIn") -> None:
    hold = {"id": 3, "source": "radarr", "sentence": "too many", "count": 1, "items": [], "shown": 5}
    stand_in.answers["GET /api/v1/holds/3"] = (200, hold)
    stand_in.answers["POST /api/v1/holds/3/release"] = (200, {"released": 0})
    async with on_terminal("release", "3") as terminal:
        await terminal.until("Release these")
        terminal.type("y\n")
        assert await terminal.end() == 1
        assert "nothing was released" in terminal.text


ACTION = {
    "id": 17,
    "state": "waiting",
    "verb": "delete",
    "target": "radarr",
    "kind": "movie",
    "key": "1",
    "title": "Alien \x1b[2J",
    "files": True,
    "decision": 3,
    "sentence": "would delete it",
}


async def test_an_approval_is_asked_and_no_is_the_default(stand_in: "StandIn") -> None:
    decision = {"id": 3, "policy": "forget", "sentence": "Delete it?", "count": 1, "shown": [17]}
    stand_in.answers["GET /api/v1/decisions/3"] = (200, {**decision, "actions": [ACTION], "next": None})
    stand_in.answers["POST /api/v1/decisions/3/approve"] = (200, {"approved": 1, "left": 0})
    async with on_terminal("approve", "3") as terminal:
        await terminal.until(r"Approve this action\?")
        assert r"a17  delete movie 1 in radarr with its files  Alien \x1b[2J" in terminal.text
        terminal.type("\n")
        assert await terminal.end() == 1
        assert "nothing was approved" in terminal.text
    assert {method for method, *_ in stand_in.asked} == {"GET"}
    async with on_terminal("approve", "d3") as terminal:
        await terminal.until(r"Approve this action\?")
        terminal.type("y\n")
        assert await terminal.end() == 0
        assert "1 approved" in terminal.text
    assert stand_in.asked[-1][3] == {"actions": [17]}


async def test_every_action_is_named_before_it_is_approved(stand_in: "StandIn") -> None:
    actions = [{**ACTION, "id": number, "title": f"Film {number}"} for number in range(1, 26)]
    ids = [action["id"] for action in actions]
    decision = {"id": 3, "policy": "forget", "sentence": "Delete them?", "count": 25, "shown": ids}
    stand_in.answers["GET /api/v1/decisions/3"] = (200, {**decision, "actions": actions, "next": None})
    async with on_terminal("approve", "3") as terminal:
        await terminal.until(r"Approve these 25 actions\?")
        assert all(f"  Film {number}\r\n" in terminal.text for number in ids)
        assert "more" not in terminal.text
        terminal.type("n\n")
        assert await terminal.end() == 1


FILM = {
    "source": "radarr", "kind": "movie", "key": "1", "title": "Alien", "path": "/films/a", "verb": "delete",
    "label": "", "files": True, "exclude": False, "sentence": "delete it", "print": "aa",
}  # fmt: skip
REQUEST = {
    **FILM,
    "source": "seerr",
    "kind": "request",
    "key": "5",
    "path": None,
    "files": False,
    "print": "bb",
}
ALSO = ("act", "delete", "radarr", "movie", "1", "--also", "seerr", "--files")


async def test_a_deletion_by_hand_names_its_title_and_is_asked(stand_in: "StandIn") -> None:
    stand_in.answers["POST /api/v1/actions"] = (200, {"actions": [], "items": [FILM, REQUEST]})
    async with on_terminal(*ALSO) as terminal:
        await terminal.until(r"Delete this\?")
        assert "delete movie 1 in radarr with its files: Alien\r\n  /films/a" in terminal.text
        assert "and what belongs to it in seerr\r\n" in terminal.text
        assert "request 5: Alien" in terminal.text
        terminal.type("n\n")
        assert await terminal.end() == 1
        assert "nothing was deleted" in terminal.text
    assert [body["preview"] for method, *_, body in stand_in.asked if method != "GET"] == [True]


async def test_exactly_what_was_listed_is_ordered(stand_in: "StandIn") -> None:
    odd = {**REQUEST, "key": "6", "title": "Alien\nnothing else \x1b[2J", "print": "cc"}
    stand_in.queues["POST /api/v1/actions"] = [
        (200, {"actions": [], "items": [FILM, REQUEST, odd]}),
        (202, {"actions": [ACTION]}),
    ]
    stand_in.answers["GET /api/v1/actions/17"] = (200, {**ACTION, "state": "done"})
    async with on_terminal(*ALSO) as terminal:
        await terminal.until(r"Delete this\?")
        assert r"  request 6: Alien\nnothing else \x1b[2J" in terminal.text
        terminal.type("y\n")
        assert await terminal.end() == 0
    order = {"verb": "delete", "source": "radarr", "kind": "movie", "id": "1", "label": ""}
    how = {"also": ["seerr"], "files": True, "exclude": False}
    assert [body for *_, body in stand_in.asked if body is not None] == [
        {**order, **how, "preview": True},
        {**order, **how, "shown": ["aa", "bb", "cc"]},
    ]


async def test_what_takes_others_along_is_asked_whatever_it_is(stand_in: "StandIn") -> None:
    tag = {"verb": "tag", "label": "keep", "files": False}
    stand_in.answers["POST /api/v1/actions"] = (
        200,
        {"actions": [], "items": [{**FILM, **tag}, {**REQUEST, **tag}]},
    )
    command = ("act", "tag", "radarr", "movie", "1", "--label", "keep", "--also", "seerr")
    async with on_terminal(*command) as terminal:
        await terminal.until(r"Do this\?")
        assert "tag movie 1 in radarr with the tag keep: Alien" in terminal.text
        assert "and what belongs to it in seerr with the tag keep\r\n  request 5: Alien" in terminal.text
        terminal.type("n\n")
        assert await terminal.end() == 1
        assert "nothing was done" in terminal.text
    assert [body["preview"] for *_, body in stand_in.asked] == [True]


async def test_a_daemon_that_does_not_say_what_it_would_do_is_told_nothing(stand_in: "StandIn") -> None:
    stand_in.answers["POST /api/v1/actions"] = (200, {"actions": []})
    async with on_terminal(*ALSO) as terminal:
        assert await terminal.end() == 1
        assert "is its version another one?" in terminal.text
    assert len(stand_in.asked) == 1


@pytest.mark.full
async def test_what_joined_while_somebody_read_is_not_deleted(house: "House") -> None:
    await house.decide("ask")
    work = house.home.films[0]
    number, path = house.home.film(work).id, house.home.item(work).path or ""
    command = ("act", "delete", "radarr", "movie", str(number), "--also", "jellyfin", "--files")
    async with on_terminal(*command) as terminal:
        await terminal.until(r"Delete this\?")
        assert path in terminal.text
        house.home.jellyfin.add_movie(work, file_name="Extended.mkv")
        await house.daemon.engine.perform("scan", "jellyfin", asked_by="test")
        terminal.type("y\n")
        assert await terminal.end() == 1
        assert "this is no longer what was shown; nothing was done" in terminal.text
    assert house.home.film(work).id == number
    assert [item.name for item in house.home.jellyfin.state.items.values()].count(work.title) == 2
    async with on_terminal(*command) as terminal:
        await terminal.until(r"Delete this\?")
        assert "Extended.mkv" in terminal.text
        terminal.type("y\n")
        assert await terminal.end() == 0
    assert work.title not in [item.name for item in house.home.jellyfin.state.items.values()]


async def test_forgetting_says_how_much_and_is_asked(stand_in: "StandIn") -> None:
    sources = [{"name": "old", "health": "frozen", "items": {"movie": 12}}]
    stand_in.answers["GET /api/v1/sources"] = (200, {"items": sources, "next": None})
    stand_in.answers["POST /api/v1/sources/old/forget"] = (200, {"forgotten": "old"})
    async with on_terminal("forget", "old") as terminal:
        await terminal.until(r"Forget old\?")
        assert "movie 12" in terminal.text
        terminal.type("y\n")
        assert await terminal.end() == 0
    assert stand_in.asked[-1][0] == "POST"


@pytest.mark.full
async def test_ctrl_c_ends_the_waiting_and_not_the_action(stand_in: "StandIn") -> None:
    stand_in.answers["POST /api/v1/actions"] = (202, {"actions": [ACTION]})
    stand_in.answers["GET /api/v1/actions/17"] = (200, {**ACTION, "state": "sending"})
    async with on_terminal("act", "monitor", "radarr", "movie", "1") as terminal:
        async with asyncio.timeout(PATIENCE):
            while len(stand_in.asked) < 2:
                await asyncio.sleep(0.01)
        terminal.process.send_signal(signal.SIGINT)
        assert await terminal.end() == 130
        assert "no longer waiting" in terminal.text
        assert "Traceback" not in terminal.text
