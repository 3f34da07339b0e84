"""Opening what lies below a folder, name by name, so that no link below it leads anywhere else.

What is opened stays what it is: nobody who moves a folder or puts a link in its place meanwhile makes us
read or write elsewhere. The folder itself is opened as its path says: a link may stand above it. Blocking.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from reconciled.errors import Refused, Unreachable
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.walking import look, unreadable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@contextmanager
def folder_below(top: str, names: list[str], *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder `names` below `top`; with `make` all are made that lack. OSError."""
    here = os.open(top, _FOLDER)
    try:
        for name in names:
            if make:
                _make(name, here)
            inner = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def open_file(path: str, *, top: str) -> tuple[int, os.stat_result] | None:
    """A descriptor of the file below `top`, and what it is; None when no file is there.

    Unreachable when that cannot be told; BadResponse when a link stands there or above it; Refused when the
    file is there and may not be read, which says nothing of the others.
    """
    names = path[len(top) + 1 :].split("/")
    try:
        with folder_below(top, names[:-1]) as folder:
            try:
                file = os.open(names[-1], _FILE, dir_fd=folder)
            except PermissionError as error:
                raise Refused(f"{unreadable(path, error)}") from error
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise unreadable(path, error) from error
        if look(path, top=top) is None:
            return None
        raise Unreachable(f"{spell(path)}: it came or went just now") from error
    seen = os.fstat(file)
    if not stat.S_ISREG(seen.st_mode):
        os.close(file)
        return None
    return file, seen


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        return
