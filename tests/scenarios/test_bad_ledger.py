"""A ledger that cannot be used: said with its name and the remedy, and nothing of it is overwritten."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.scenarios.process import Process

from reconciled.process import BAD_LEDGER, FAILED
from reconciled.testing.fakes.household import Household


@pytest.fixture
async def apps() -> AsyncIterator[Household]:
    async with Household(films=120, series=1) as home:
        yield home


@pytest.fixture
async def daemon(tmp_path: Path, apps: Household) -> AsyncIterator[Process]:
    """One that ran, read everything, and was stopped."""
    process = Process(tmp_path, apps)
    await process.start()
    await process.scanned()
    assert await process.end(signal.SIGTERM) == 0
    yield process
    await process.end(signal.SIGKILL)


@pytest.fixture
async def make_daemon(
    tmp_path: Path, apps: Household, mounted: Callable[..., Path]
) -> AsyncIterator[Callable[..., Process]]:
    """`make_daemon(state)`: one that keeps its state there. It is ended in any case, before its disk goes."""
    made: list[Process] = []

    def make(state: Path, folder: Path = tmp_path) -> Process:
        made.append(Process(folder, apps, state=state))
        return made[-1]

    yield make
    for process in made:
        if process.lives:
            await process.end(signal.SIGKILL)


def overwrite(begin: int, length: int) -> Callable[[Path], None]:
    def harm(ledger: Path) -> None:
        with ledger.open("r+b") as file:
            file.seek(begin)
            file.write(b"\xa5" * length)

    return harm


def harm_the_middle(ledger: Path) -> None:
    overwrite(ledger.stat().st_size // 2 // 4096 * 4096, 3 * 4096)(ledger)


def make_newer(ledger: Path) -> None:
    with sqlite3.connect(ledger) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()


def cut(ledger: Path) -> None:
    os.truncate(ledger, ledger.stat().st_size // 2)


def empty(ledger: Path) -> None:
    os.truncate(ledger, 0)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(harm_the_middle, "is damaged", id="middle"),
        pytest.param(overwrite(0, 100), "it is no ledger", id="header", marks=pytest.mark.full),
        pytest.param(overwrite(100, 4000), "is damaged", id="first page", marks=pytest.mark.full),
        pytest.param(cut, "is damaged", id="cut off", marks=pytest.mark.full),
        pytest.param(empty, "is empty (0 bytes)", id="zero bytes", marks=pytest.mark.full),
        pytest.param(make_newer, "newer reconciled", id="newer", marks=pytest.mark.full),
    ],
)
@pytest.mark.full
async def test_it_is_refused_with_the_remedy_and_left_as_it_is(
    daemon: Process, harm: Callable[[Path], None], said: str
) -> None:
    copy = daemon.state.with_name("copy.db")
    shutil.copy(daemon.ledger, copy)
    harm(daemon.ledger)
    before = daemon.ledger.read_bytes()
    await daemon.begin()
    assert await daemon.ended() == BAD_LEDGER
    log = daemon.log()
    assert said in log
    assert str(daemon.ledger) in log
    assert "backup" in log
    assert "Traceback" not in log
    assert daemon.ledger.read_bytes() == before
    restore = [sys.executable, "-m", "reconciled", "restore", "-c", str(daemon.config), str(copy)]
    run = await asyncio.to_thread(subprocess.run, restore, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    kept = daemon.ledger.with_name("ledger.db.before-restore")
    assert kept.read_bytes() == before
    await daemon.start()
    assert daemon.count("item", "presence = 'present'") == 120


@pytest.mark.full
async def test_a_second_daemon_names_the_first(
    daemon: Process, tmp_path: Path, make_daemon: Callable[..., Process]
) -> None:
    await daemon.start()
    first = int((daemon.state / "reconciled.lock").read_text())
    (tmp_path / "second").mkdir()
    second = make_daemon(daemon.state, tmp_path / "second")
    await second.begin()
    assert await second.ended() == FAILED
    assert f"another reconciled (process {first}) uses {daemon.state}" in second.log()
    assert "daemon.state" in second.log()
    assert await daemon.is_ready()


@pytest.mark.full
async def test_damage_while_it_runs_ends_it_and_is_named(daemon: Process, apps: Household) -> None:
    """What a damaged ledger says proves nothing: no event is acknowledged from it, nothing is done by it."""
    await daemon.start()
    await daemon.until_count("run", 0, "state = 'running'")
    size = daemon.ledger.stat().st_size
    with sqlite3.connect(daemon.ledger) as db:  # everything into the file, and then over it
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    overwrite(4096, size - 4096)(daemon.ledger)
    for work in apps.films[:50]:
        if not daemon.lives:
            break
        await apps.radarr.delete(apps.film(work).id)
    assert await daemon.ended() == BAD_LEDGER
    assert f"the ledger {daemon.ledger}" in daemon.log()
    assert "is damaged" in daemon.log()
    assert "reconciled restore" in daemon.log()
    assert not [status for _, status in apps.radarr.sent if status == 202]


# --- what only root can arrange ---------------------------------------------------------------------


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """`mounted("size=2m")`: a file system of its own. Skips where nothing can be mounted."""
    places: list[Path] = []

    def mount(options: str) -> Path:
        place = tmp_path / f"disk{len(places)}"
        place.mkdir()
        _mount("-t", "tmpfs", "-o", options, "tmpfs", str(place))
        places.append(place)
        return place

    yield mount
    for place in places:
        subprocess.run(["umount", "--lazy", str(place)], check=False, capture_output=True)


def _mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"nothing can be mounted here: {error.stderr.strip()}")


@pytest.mark.full
async def test_a_read_only_folder_and_a_read_only_file_are_named(
    mounted: Callable[..., Path], make_daemon: Callable[..., Process]
) -> None:
    disk = mounted("size=16m")
    daemon = make_daemon(disk / "state")
    await daemon.start()
    await daemon.scanned()
    await daemon.end(signal.SIGTERM)
    before = daemon.ledger.read_bytes()
    _mount("-o", "remount,ro", str(disk))
    await daemon.begin()
    assert await daemon.ended() == FAILED
    assert f"cannot write {daemon.state / 'reconciled.lock'}: Read-only file system" in daemon.log()
    assert "daemon.state" in daemon.log()
    _mount("-o", "remount,rw", str(disk))
    _mount("--bind", str(daemon.ledger), str(daemon.ledger))
    try:
        _mount("-o", "remount,ro,bind", str(daemon.ledger))
        await daemon.begin()
        assert await daemon.ended() == FAILED
        assert f"the ledger {daemon.ledger}: attempt to write a readonly database; make it" in daemon.log()
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", str(daemon.ledger)], check=True)
    assert "Traceback" not in daemon.log()
    assert daemon.ledger.read_bytes() == before
    await daemon.start()


@pytest.mark.full
@pytest.mark.timeout(600)
async def test_a_full_disk_is_said_and_waited_out_without_losing_anything(
    apps: Household, mounted: Callable[..., Path], make_daemon: Callable[..., Process]
) -> None:
    disk = mounted("size=3m")
    daemon = make_daemon(disk / "state")
    await daemon.start()
    await daemon.scanned()
    filler = disk / "filler"
    _fill(filler)
    ids = [apps.film(work).id for work in apps.films[:100]]
    sent = 0
    while not [status for _, status in apps.radarr.sent if status == 503]:
        await apps.radarr.delete(ids[sent])  # what was committed may still lie in room that the log has
        sent += 1
        _fill(filler)
    before = len(apps.radarr.sent)
    for film in ids[sent : sent + 10]:
        await apps.radarr.delete(film)
    assert {status for _, status in apps.radarr.sent[before:]} == {503}
    acknowledged = sum(status == 202 for _, status in apps.radarr.sent)
    said = f"cannot write to the ledger {daemon.ledger}"
    status, ready = await daemon.get("/readyz")
    assert (status, said in ready, "the disk is full: make room" in ready) == (503, True, True)
    status, told = await daemon.get("/api/v1/status")
    assert (status, said in told) == (200, True)
    assert "No event is accepted and nothing is done" in (await daemon.get("/"))[1]
    assert "reconciled_ledger_ok 0.0" in (await daemon.get("/metrics"))[1]
    status, refused = await daemon.post("/api/v1/pause", {})
    assert status == 503
    assert "restore" not in refused
    assert daemon.lives
    log = daemon.log()
    assert log.count(said) == 1
    assert "Traceback" not in log
    filler.unlink()
    await daemon.until(daemon.is_ready)
    await daemon.until_logged("the ledger can be written again")
    assert daemon.log().count("the ledger can be written again") == 1
    await daemon.until_count("tombstone", sent + 10)  # by a scan that it orders by itself
    assert daemon.count("inbox", "headers NOT LIKE '%stream%'") >= acknowledged
    assert daemon.count("evidence", "how = 'event' AND tombstone_id IS NOT NULL") >= acknowledged
    assert daemon.is_whole()
    assert await daemon.end(signal.SIGTERM) == 0


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        for size in (2**16, 2**12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


@pytest.mark.full
async def test_a_disk_that_is_full_at_the_start_is_named(
    mounted: Callable[..., Path], make_daemon: Callable[..., Process]
) -> None:
    disk = mounted("size=3m")
    daemon = make_daemon(disk / "state")
    await daemon.start()
    await daemon.scanned()
    await daemon.end(signal.SIGTERM)
    _fill(disk / "filler")
    await daemon.begin()
    assert await daemon.ended() == FAILED
    assert f"the ledger {daemon.ledger}" in daemon.log()
    assert "full" in daemon.log()
    assert "Traceback" not in daemon.log()
    (disk / "filler").unlink()
    await daemon.start()
    assert daemon.is_whole()
