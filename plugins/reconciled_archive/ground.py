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
    """A file below the folder; None: it is not there. BadResponse when it, or what it lies in, is a link."""
    if not is_straight(top, name):
        return None
    try:
        seen = (top / name).lstat()
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise
        return None
    if not modes.S_ISREG(seen.st_mode):
        raise BadResponse(f"{top / name}: what stands there is no plain file, so it is none of ours")
    return _stat(name, seen)


def is_straight(top: Path, name: str) -> bool:
    """Whether every folder between is there. BadResponse when one is a link, or something else.

    A link may lead to another archive, or to a disk that is not mounted while the marker stands here.
    """
    for folder in reversed(Path(name).parents[:-1]):
        try:
            seen = (top / folder).lstat()
        except OSError as error:
            if error.errno not in _NOT_THERE:
                raise
            return False
        if modes.S_ISLNK(seen.st_mode):
            raise BadResponse(
                f"{top / folder}: a link stands where a folder of the archive should; move the whole archive "
                "to the other disk, its marker too, and set the url to where it lies then"
            )
        if not modes.S_ISDIR(seen.st_mode):
            raise BadResponse(f"{top / folder}: no folder stands where one of the archive should")
    return True


def files(top: Path, below: str) -> Iterator[Stat]:
    """All plain files below a name, in the order of their names. None at all if nothing is there."""
    if not is_straight(top, f"{below}/any"):
        return
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
