"""One daemon a state folder: an exclusive lock that ends with the process, however it ends."""

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
        except BlockingIOError:
            holder = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise AlreadyLocked(
                f"another reconciled (process {holder}) uses {self._path.parent}; "
                "stop it first, or set daemon.state to another folder"
            ) from None
        with contextlib.suppress(OSError):  # a full disk: it is locked, it only cannot say by whom
            os.ftruncate(file, 0)
            os.write(file, str(os.getpid()).encode())
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
