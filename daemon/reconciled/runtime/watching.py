"""Which folders to watch for edits of some files, and how to tell that a file is another one now.

Folders are watched, not files: editors replace a file by another. A file that is reached over
links (dotfiles, NixOS, a ConfigMap) changes when any link on the way does, so the folder of each
is watched; whether anything changed is then told by the files themselves.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

Print: TypeAlias = dict[Path, tuple[int, int, int] | None]
"""Of each file its inode, size and time of change (ns), or None where there is none."""

LINKS = 40
"""As many links in a row as Linux follows."""


def print_of(files: Iterable[Path]) -> Print:
    """What tells these files from later versions of them."""
    return {file: _stat(file) for file in files}


def folders_of(files: Iterable[Path]) -> frozenset[Path]:
    """The folders, existing ones, in which a change can change one of these files."""
    folders: set[Path] = set()
    for file in files:
        for step in _way(file.absolute()):
            folders.add(step.parent)
    return frozenset(folder for folder in folders if folder.is_dir())


def _way(path: Path) -> list[Path]:
    """The path and, for each link on the way to its file, where that stands and leads."""
    way, left = [path], [path]
    while left and len(way) < LINKS:
        at = left.pop()
        link = next((part for part in (at, *at.parents) if part.is_symlink()), None)
        if link is not None:
            leads = link.parent / link.readlink() / at.relative_to(link)
            left.append(leads)
            way += [link, leads]
    return [*way, path.resolve()]


def _stat(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
