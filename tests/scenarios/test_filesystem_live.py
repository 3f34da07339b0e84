"""A whole daemon over real folders: deletions are noticed, a mount that left is none."""

import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.conftest import TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.engine.runs import AlreadyRunning
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled_filesystem import Filesystem

HURRY = 20.0


class Disk(Home):
    """A home without apps: one folder of films, and who watches it."""

    def __init__(self, films: Path, folder: Path) -> None:
        self.films = films
        self.config = folder / "config.yaml"
        self.folder = folder
        self.hurry = HURRY
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\n"
            f"sources:\n  disk: {{app: filesystem, folders: [{{path: {self.films}, marker: .here}}]}}\n"
        )
        registry = Registry.with_types(Filesystem)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(HURRY), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)

    async def scan(self, *names: str) -> list[dict[str, Any]]:
        """The same, also when the watch has ordered one at this very moment."""
        while True:
            try:
                return await super().scan(*names)
            except AlreadyRunning:
                continue

    def film(self, number: int) -> Path:
        return self.films / f"Film {number:02}" / "film.mkv"


def ran(*command: str) -> str:
    """What a command says when it fails; nothing when it did what it should."""
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return done.stderr.strip() or str(done.returncode) if done.returncode else ""


def fill(films: Path) -> None:
    films.mkdir(exist_ok=True)
    (films / ".here").touch()
    for number in range(20):
        path = films / f"Film {number:02}" / "film.mkv"
        path.parent.mkdir(parents=True)
        path.write_text(f"{number}")


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    fill(tmp_path / "films")
    home = Disk(tmp_path / "films", tmp_path)
    await home.start()
    await home.until_count("item", 20, "presence = 'present'")
    yield home
    await home.stop()


async def test_a_file_deleted_straight_from_the_disk_is_told_at_once(disk: Disk) -> None:
    await disk.until_count("source", 1)
    await disk.until(_listening(disk))
    shutil.rmtree(disk.film(3).parent)
    disk.film(5).unlink()
    await disk.until_count("tombstone", 2)
    told = await disk.stories()
    assert {one["key"] for one in told} == {str(disk.film(3)), str(disk.film(5))}
    assert {one["cause"] for one in told} == {"external"}
    assert all("is mounted" in one["sentence"] for one in told)


async def test_the_kernel_is_the_witness_of_a_deletion(disk: Disk) -> None:
    await disk.until(_listening(disk))
    disk.film(5).unlink()
    await disk.until_count("tombstone", 1)
    (told,) = await disk.stories()
    assert "deleted on the disk at" in told["sentence"]
    assert [(step["who"], step["how"], step["source"]) for step in told["steps"]] == [(None, "event", "disk")]


async def test_what_a_scan_alone_finds(disk: Disk) -> None:
    disk.film(7).unlink()
    await disk.scan("disk")
    await disk.until_count("tombstone", 1)
    assert await disk.count("item", "presence = 'present'") == 19


async def test_a_cleanup_script_that_went_too_far_is_held(disk: Disk) -> None:
    for number in range(12):
        disk.film(number).unlink()
    await disk.scan("disk")
    await disk.until_count("hold", 1)
    assert await disk.count("tombstone") == 0


def _emptied(films: Path) -> None:
    films.rename(films.with_name("away"))
    films.mkdir()


def _marker_gone(films: Path) -> None:
    _emptied(films)
    (films / "lost+found").mkdir()


def _gone(films: Path) -> None:
    films.rename(films.with_name("away"))


@pytest.mark.parametrize("leave", [_emptied, _marker_gone, _gone])
async def test_a_folder_that_left_has_lost_nothing_and_may_return(
    disk: Disk, leave: Callable[[Path], None]
) -> None:
    leave(disk.films)
    for _ in range(3):
        (run,) = await disk.scan("disk")
        assert run["state"] == "failed"
    assert await disk.count("tombstone") == 0
    assert await disk.count("item", "presence = 'gone'") == 0
    shutil.rmtree(disk.films, ignore_errors=True)
    disk.films.with_name("away").rename(disk.films)
    await disk.until(_well(disk))
    await disk.scan("disk")
    await disk.until_count("item", 20, "presence = 'present'")
    assert await disk.count("tombstone") == 0


@pytest.mark.full
async def test_a_real_mount_that_vanishes(tmp_path: Path) -> None:
    """A tmpfs with the films on it, unmounted; below it the mount point holds a forgotten folder."""
    films = tmp_path / "films"
    films.mkdir()
    (films / "forgotten").mkdir()
    (films / ".here").touch()  # whoever put the marker on the mount point, too, is still safe
    if said := ran("mount", "-t", "tmpfs", "films", str(films)):
        pytest.skip(f"nothing can be mounted here: {said}")
    home = Disk(films, tmp_path)
    try:
        fill(films)
        await home.start()
        await home.until_count("item", 20, "presence = 'present'")
        assert not ran("umount", "--lazy", str(films))
        await home.scan("disk")
        await home.until_count("hold", 1)
        await home.settled()
        assert await home.count("tombstone") == 0
        (hold,) = await home.rows("SELECT * FROM hold")
        assert hold["reason"] == "root"
    finally:
        await home.stop()
        ran("umount", "--lazy", str(films))


def _listening(disk: Disk) -> Callable[[], Awaitable[bool]]:
    async def is_it() -> bool:
        live: Any = disk.daemon.engine.places["disk"].live
        return bool(live.source.watcher.listed) and getattr(live, "stream", None) == "connected"

    return is_it


def _well(disk: Disk) -> Callable[[], Awaitable[bool]]:
    async def is_it() -> bool:
        return disk.daemon.engine.places["disk"].live.answers

    return is_it
