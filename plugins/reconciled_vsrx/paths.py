"""A file's path is whatever somebody typed or an old import left, so none is believed unlooked at.

A good one names a place below `notes/` and nothing else. Whoever copies files by it later must never
end up elsewhere, so a bad one is refused with its reason and the file stays without a path.
"""

import posixpath
import re

FOLDER = "notes/"
LONGEST = 1024
_DRIVE = re.compile(r"[A-Za-z]:")


class BadPath(ValueError):
    """The path is refused; the message is the reason, in words that go on after "its path"."""


def plain_path(path: str) -> str:
    """The path, normalised. BadPath when it is not surely one below `notes/`."""
    if any(0xD800 <= ord(char) < 0xE000 for char in path):
        raise BadPath("is no text")
    if "\0" in path:
        raise BadPath("holds a NUL")
    if "\\" in path:
        raise BadPath("holds a backslash")
    if len(path.encode()) > LONGEST:
        raise BadPath(f"is longer than {LONGEST:,} bytes")
    if path.startswith("/") or any(_DRIVE.match(part) for part in path.split("/")):
        raise BadPath("is absolute, or holds an absolute part")
    if ".." in path.split("/"):
        raise BadPath("climbs with ..")
    normal = posixpath.normpath(path)
    if not normal.startswith(FOLDER):
        raise BadPath(f"does not lie below {FOLDER}")
    return normal
