"""Reads a config's files as text, and says in one sentence why one cannot be read.

Promises to read plain files of a sane size only (a pipe would block, a device never end) and to
refuse secrets that others on the machine could read.
"""

import os
import stat
from pathlib import Path

LIMIT = 1024 * 1024
"""The most bytes that one file may have."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class UnreadableError(Exception):
    """The file gives no text; the message says why and what to do."""


def read_text(path: Path, *, private: bool = False) -> str:
    """The text of a file, a `private` one only if none but its owner can open it; or `UnreadableError`."""
    try:
        _check(path.stat(), path, private=private)
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        raise UnreadableError(f"there is no file {path}") from None
    except PermissionError:
        raise UnreadableError(f"{path} may not be read by this user; run: ls -l {path}") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableError(f"{path} cannot be read: {reason}") from None
    if len(data) > LIMIT:
        raise UnreadableError(f"{path} is larger than {LIMIT // 1024} KiB; that is no config")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"{path} is not UTF-8 text (line {line}); save it as UTF-8") from None


def _check(found: os.stat_result, path: Path, *, private: bool) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError(f"{path} is {'a folder' if stat.S_ISDIR(found.st_mode) else 'no plain file'}")
    mode = stat.S_IMODE(found.st_mode)
    if private and mode & _OTHERS:
        raise UnreadableError(
            f"{path} is open to others than its owner (mode {mode:04o}); run: chmod 600 {path}"
        )
