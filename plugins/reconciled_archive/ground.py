"""Looking at the folder of an archive: its mount, single files, all files below a name. Blocking."""

import errno
import os
import stat as modes
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from reconciled.errors import BadResponse, Unreachable
from reconciled.model import Root
from reconciled_archive.vault import Stat
from reconciled_filesystem.mounts import mount_of, read_mounts

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR)


def look(top: Path) -> Root:
    """The folder as a root: its mount and the size of its disk."""
    mount = mount_of(os.path.realpath(top), read_mounts())
    device = f"{mount.what} on {mount.point}" if mount is not None else None
    try:
        space = os.statvfs(top)
    except OSError:
        return Root(str(top), accessible=False, device=device)
    return Root(str(top), accessible=True, device=device, size=space.f_blocks * space.f_frsize)


def stat_of(top: Path, name: str) -> Stat | None:
    """A file below the folder. Unreachable when the folder itself is not there."""
    try:
        seen = (top / name).lstat()
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise
        return None
    if not modes.S_ISREG(seen.st_mode):
        raise BadResponse(f"{top / name}: what stands there is no plain file, so it is none of ours")
    return _stat(name, seen)


def files(top: Path, below: str) -> Iterator[Stat]:
    """All plain files below a name, in the order of their names. None at all if nothing is there."""
    try:
        with os.scandir(top / below) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return
        raise
    for entry in found:
        name = f"{below}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from files(top, name)
        elif entry.is_file(follow_symlinks=False):
            try:
                yield _stat(name, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue


def open_file(path: Path) -> BinaryIO:
    """The file, to be read. A link is none."""
    return open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb", buffering=0)  # noqa: PTH123


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def present(top: Path) -> None:
    """Unreachable unless the folder is there."""
    if not top.is_dir():
        raise Unreachable(f"{top}: the folder is not there; is its disk mounted?")


def _stat(name: str, seen: os.stat_result) -> Stat:
    return Stat(name, seen.st_size, datetime.fromtimestamp(int(seen.st_mtime), UTC))
