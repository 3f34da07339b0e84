"""The lock of the state folder, and what the service manager is told."""

import asyncio
import fcntl
import os
import socket
import stat
from pathlib import Path

import pytest

from reconciled.runtime.lock import AlreadyLocked, Lock
from reconciled.runtime.systemd import Systemd
from reconciled.testing.clock import HurriedClock


def test_a_second_daemon_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    with Lock(tmp_path), pytest.raises(AlreadyLocked, match=f"process {os.getpid()}"), Lock(tmp_path):
        pass
    with Lock(tmp_path):
        pass


def test_who_removes_the_file_gets_no_second_daemon(tmp_path: Path) -> None:
    with Lock(tmp_path):
        (tmp_path / "reconciled.lock").unlink()
        with pytest.raises(AlreadyLocked, match="another reconciled"), Lock(tmp_path):
            pass
    with Lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_locked_is_enough_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On NFS only files that are open for writing can be locked."""
    real = fcntl.flock

    def flock(file: int, how: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(9, "Bad file descriptor")
        real(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with Lock(tmp_path), pytest.raises(AlreadyLocked, match=f"process {os.getpid()}"), Lock(tmp_path):
        pass


def test_a_disk_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(file: int, how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(AlreadyLocked, match=r"No locks available; set daemon\.state"), Lock(tmp_path):
        pass


async def test_states_reach_the_service_manager(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(1)
        systemd = Systemd({"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1000000"})
        systemd.tell("READY=1", "STATUS=fine")
        assert manager.recv(100) == b"READY=1\nSTATUS=fine"
        patting = asyncio.create_task(systemd.pat_watchdog(HurriedClock(100)))
        await asyncio.sleep(0.05)
        patting.cancel()
        assert manager.recv(100) == b"WATCHDOG=1"
        assert manager.recv(100) == b"WATCHDOG=1"


def test_without_a_service_manager_nothing_happens(tmp_path: Path) -> None:
    Systemd({}).tell("READY=1")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
