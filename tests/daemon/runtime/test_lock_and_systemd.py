"""The lock of the state folder, and what the service manager is told."""

import asyncio
import socket
from pathlib import Path

import pytest

from reconciled.runtime.lock import AlreadyLocked, Lock
from reconciled.runtime.systemd import Systemd
from reconciled.testing.clock import HurriedClock


def test_a_second_daemon_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    import os

    with Lock(tmp_path), pytest.raises(AlreadyLocked, match=f"process {os.getpid()}"), Lock(tmp_path):
        pass
    with Lock(tmp_path):
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
