"""All files of a folder that count, some thousands at a time. Blocking: run in a thread.

A folder that cannot be read is trouble for the whole walk, never a smaller listing. What vanishes
while it is being read is simply not there: its files are suspects then, like any, and are looked at.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from reconciled.errors import Unreachable
from reconciled_filesystem.config import Folder
from reconciled_filesystem.patterns import chosen, left_out

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
        counts = chosen(self.folder.patterns, self.folder.exclude)
        waiting = [top]
        while waiting:
            here = waiting.pop()
            self.folders.add(here)
            for entry in self._entries(here):
                relative = entry.path[len(top) + 1 :]
                if entry.is_dir(follow_symlinks=False):
                    if not left_out(self.folder.exclude, relative):
                        waiting.append(entry.path)
                elif entry.name != self.folder.marker and counts(relative) and (found := _found(entry)):
                    yield found

    def _entries(self, here: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(here) as entries:
                return list(entries)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR) and here != self.folder.path:
                return []
            raise unreadable(here, error) from error


def look(path: str) -> Found | None:
    """One file; None when it is not there. Unreachable when that cannot be told."""
    try:
        seen = os.lstat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise unreadable(path, error) from error
    return Found.of(path, seen) if stat.S_ISREG(seen.st_mode) else None


def unreadable(path: str, error: OSError) -> Unreachable:
    """The error of a place that cannot be read."""
    shown = path.encode("utf-8", "backslashreplace").decode()
    hint = "; may the daemon's user read it?" if error.errno in (errno.EACCES, errno.EPERM) else ""
    return Unreachable(f"{shown}: it cannot be read ({error.strerror or type(error).__name__}){hint}")


def _found(entry: os.DirEntry[str]) -> Found | None:
    """A regular file; a link, a socket or what just vanished is none."""
    try:
        seen = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(entry.path, error) from error
    return Found.of(entry.path, seen) if stat.S_ISREG(seen.st_mode) else None
