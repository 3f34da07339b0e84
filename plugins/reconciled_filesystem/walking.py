"""All files of a folder that count, some thousands at a time. Blocking: run in a thread.

A folder that cannot be read is trouble for the whole walk, never a smaller listing. What vanishes
while it is being read is simply not there: its files are suspects then, like any, and are looked at.
A link is neither followed nor a file; where one stands now, what stood there before may be elsewhere.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from reconciled.errors import BadResponse, Unreachable
from reconciled_filesystem.config import Folder
from reconciled_filesystem.patterns import left_out

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its path as the file system gave it, and what tells whether it changed."""

    path: str
    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: str, seen: os.stat_result) -> "Found":
        """From what the file system says of it."""
        return cls(path, seen.st_size, seen.st_mtime_ns, seen.st_ino)


class Walk:
    """One walk of one folder; `folders` grows by every folder that it enters."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.folders: set[str] = set()
        self._files = self._walk()

    def next(self) -> list[Found]:
        """The next files; none: the walk is over. Unreachable when something cannot be read."""
        return list(islice(self._files, AT_ONCE))

    def _walk(self) -> Iterator[Found]:
        top = self.folder.path
        counts = self.folder.counts
        waiting = [top]
        while waiting:
            here = waiting.pop()
            self.folders.add(here)
            for entry in self._entries(here):
                relative = entry.path[len(top) + 1 :]
                if _is_folder(entry):
                    if not left_out(self.folder.exclude, relative):
                        waiting.append(entry.path)
                elif counts(relative) and (found := _found(entry)):
                    yield found

    def _entries(self, here: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(here) as entries:
                return list(entries)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR) and here != self.folder.path:
                return []
            raise unreadable(here, error) from error


def look(path: str, *, top: str) -> Found | None:
    """One file below the folder `top`; None when it is not there.

    Unreachable when that cannot be told; BadResponse when a link stands there or above it.
    """
    names = path[len(top) + 1 :].split("/")
    here, seen = top, None
    for name in names:
        here = f"{here}/{name}"
        try:
            seen = os.lstat(here)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return None
            raise unreadable(here, error) from error
        if stat.S_ISLNK(seen.st_mode):
            raise BadResponse(f"{_shown(here)}: a link stands there, and what lies behind it is not followed")
    return Found.of(path, seen) if seen is not None and stat.S_ISREG(seen.st_mode) else None


def unreadable(path: str, error: OSError) -> Unreachable:
    """The error of a place that cannot be read."""
    hint = ""
    if error.errno in (errno.EACCES, errno.EPERM):
        hint = "; may the daemon's user read it? If it does not count, name it in exclude"
    return Unreachable(f"{_shown(path)}: it cannot be read ({error.strerror or type(error).__name__}){hint}")


def _shown(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError as error:
        raise unreadable(entry.path, error) from error


def _found(entry: os.DirEntry[str]) -> Found | None:
    """A regular file; a link, a socket or what just vanished is none."""
    try:
        seen = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(entry.path, error) from error
    return Found.of(entry.path, seen) if stat.S_ISREG(seen.st_mode) else None
