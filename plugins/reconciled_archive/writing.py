"""Writing a file into the folder of an archive, so that it is there whole or not at all. Blocking."""

import errno
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from reconciled.errors import BadResponse, Refused, SourceError, Unreachable
from reconciled_archive.ground import is_straight, present, sync_folder
from reconciled_archive.items import MARKER
from reconciled_archive.vault import CHUNK, not_the_bytes

INCOMING = "incoming"
_UNFINISHED = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}")
_UNFINISHED_MARKER = re.compile(re.escape(MARKER) + r"\.[0-9a-f]{16}")
_STEP = 32
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


def trouble(error: OSError, top: Path) -> SourceError:
    """The error of a disk, in words for people."""
    reason = error.strerror or type(error).__name__
    if error.errno in _FORBIDDEN:
        return Refused(f"{top}: the daemon's user may not do this there ({reason}); is it mounted read-only?")
    if error.errno in _FULL:
        return Unreachable(f"{top}: the disk is full ({reason}); make room, then it goes on by itself")
    if error.errno == errno.ELOOP:
        return BadResponse(f"{top}: a link stands where a file of the archive should")
    return Unreachable(f"{top}: the disk failed ({reason})")


class Writing:
    """One file on its way into the folder `top`. `undo` may be called at any time, also when it is done."""

    def __init__(self, top: Path, name: str, source: Path, sha256: str) -> None:
        self._top = top
        self._name = name
        self._target = top / name
        self._source = source
        self._sha256 = sha256
        self._own = threading.Lock()
        self._beside = top / INCOMING / f"{sha256}.{secrets.token_hex(8)}"
        self._read = -1
        self._write = -1
        self._digest = hashlib.sha256()

    def begin(self) -> None:
        """Open both. Unreachable when the disk has no room for it."""
        with self._own:
            self._read = self._opened()
            size = os.fstat(self._read).st_size
            present(self._top)
            for name in (self._name, f"{INCOMING}/any"):
                is_straight(self._top, name)
            space = os.statvfs(self._top)
            if size > (left := space.f_bavail * space.f_frsize):
                raise Unreachable(
                    f"{self._top}: the disk is full ({left // 2**20} MiB are left of the {size // 2**20 + 1} "
                    "MiB that this file takes); make room, then it goes on by itself"
                )
            self._beside.parent.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            self._write = os.open(self._beside, flags, 0o600)

    def go_on(self) -> bool:
        """Copy the next part; False at the end."""
        with self._own:
            for _ in range(_STEP):
                chunk = self._next()
                if not chunk:
                    return False
                self._digest.update(chunk)
                left = memoryview(chunk)
                while left:
                    left = left[os.write(self._write, left) :]
            return True

    def finish(self) -> None:
        """Give it its name. BadResponse when it is not what it should be; nothing is stored then."""
        with self._own:
            if (found := self._digest.hexdigest()) != self._sha256:
                raise not_the_bytes(self._source, self._sha256, found)
            os.fsync(self._write)
            folder = self._target.parent
            made = [one for one in (folder.parent, folder) if _made(one)]
            is_straight(self._top, self._name)
            self._beside.replace(self._target)
            for each in (folder, *(one.parent for one in reversed(made))):
                sync_folder(each)

    def undo(self) -> None:
        """Close both, and remove what has no name yet."""
        with self._own:
            for handle in (self._read, self._write):
                if handle >= 0:
                    os.close(handle)
            if self._write >= 0:
                with suppress(OSError):  # gone, or it is left to the next sweep
                    self._beside.unlink(missing_ok=True)
            self._read = self._write = -1

    def _opened(self) -> int:
        try:
            return os.open(self._source, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(self._source, error) from error

    def _next(self) -> bytes:
        try:
            return os.read(self._read, CHUNK)
        except OSError as error:
            raise _unreadable(self._source, error) from error


def left_behind(top: Path, before: float) -> Iterator[Path]:
    """What of ours has no name yet since before that time (Unix). What others call otherwise is theirs."""
    is_straight(top, f"{INCOMING}/any")
    for folder, ours in ((top / INCOMING, _UNFINISHED), (top, _UNFINISHED_MARKER)):
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if not ours.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                with suppress(FileNotFoundError):  # finished just now
                    if entry.stat(follow_symlinks=False).st_mtime < before:
                        yield folder / entry.name


def create(path: Path, content: bytes) -> None:
    """A small file there, whole at once, unless one is there already."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:  # noqa: PTH123 - of a handle
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name(beside, path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _name(beside: Path, path: Path) -> None:
    """A second name if there is none; a file system without such names lets it be moved."""
    try:
        os.link(beside, path, follow_symlinks=False)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not path.exists():
            beside.replace(path)


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _unreadable(path: Path, error: OSError) -> BadResponse:
    reason = error.strerror or type(error).__name__
    return BadResponse(
        f"{path}: the fetched file cannot be read ({reason}); is the disk of the state folder sound?"
    )
