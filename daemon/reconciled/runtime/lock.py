"""One daemon a state folder: an exclusive lock that ends with the process, however it ends.

The folder itself is locked, too: who removes the file, as one does with what looks left behind, must not
get a second daemon on the same ledger.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from reconciled.errors import ReconciledError

NAME = "reconciled.lock"


class AlreadyLocked(ReconciledError):
    """The folder cannot be had: another daemon (its process is named) or another user has it."""


class Lock:
    """Holds `reconciled.lock` in a folder while it is open. The file names the process that holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: int | None = None
        self._folder: int | None = None

    def __enter__(self) -> Self:
        """AlreadyLocked when another process holds it."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise AlreadyLocked(
                f"cannot write {self._path}: {error.strerror}; the state folder must belong to the user "
                "that runs the daemon, or set daemon.state to another folder"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._folder = _locked(self._path.parent)
        except BlockingIOError:
            holder = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise AlreadyLocked(
                f"another reconciled (process {holder}) uses {self._path.parent}; "
                "stop it first, or set daemon.state to another folder"
            ) from None
        except OSError as error:
            os.close(file)
            raise AlreadyLocked(
                f"cannot lock {self._path}: {error.strerror}; set daemon.state to a folder on a local disk"
            ) from error
        with contextlib.suppress(OSError):  # a full disk: it is locked, it only cannot say by whom
            os.ftruncate(file, 0)
            os.write(file, str(os.getpid()).encode())
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._file, self._folder):
            if one is not None:
                os.close(one)
        self._file = self._folder = None


def _locked(folder: Path) -> int | None:
    """The folder, locked; None where folders cannot be (NFS). BlockingIOError when another has it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(opened)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return opened
