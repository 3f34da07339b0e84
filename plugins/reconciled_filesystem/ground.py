"""The ground that a file stands on: its folder, mounted, listable, marked. No file is missing without it.

A file that is not there proves nothing by itself: below an empty mount point there is nothing
either. So a folder's files count as gone only while it is a folder with something in it, its
marker stands there if it has one, and it is the mount that the last probe saw. A mount below the
folder (a second disk) is ground of its own: it is remembered, and is a root that vanished when it
is no mount point any more. A mount that is new there hides what lay at its place, so it changes the
folder's own ground too.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciled.errors import Unreachable
from reconciled.model import Root
from reconciled_filesystem.config import Folder
from reconciled_filesystem.mounts import Mount, below, is_point, mount_of, read_mounts


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder or a mount below it. `root` is what the probe found there, `over` the mounts below it."""

    path: str
    root: Root
    over: tuple[str, ...] = ()

    @property
    def firm(self) -> bool:
        """Whether files can be missing from it."""
        return self.root.usable


def survey(folders: Sequence[Folder], remembered: Iterable[str]) -> tuple[Ground, ...]:
    """All ground, as it is now; `remembered` are the mount points below folders that were seen before."""
    mounts = read_mounts()
    grounds = []
    for folder in folders:
        root = _root(folder.path, mounts, marker=folder.marker)
        points = tuple(sorted({*_points(folder.path, mounts), *_within(folder.path, remembered)}))
        if points and root.device is not None:
            root = replace(root, device=f"{root.device}, with {', '.join(points)}")
        grounds.append(Ground(folder.path, root, points))
        grounds += [Ground(point, _mounted(point, mounts), tuple(_within(point, points))) for point in points]
    return tuple(grounds)


def ground_of(path: str, grounds: Iterable[Ground]) -> Ground | None:
    """What a file stands on: the deepest ground above it."""
    over = [ground for ground in grounds if path.startswith(f"{ground.path}/")]
    return max(over, key=lambda ground: len(ground.path)) if over else None


def check(before: Ground, folders: Sequence[Folder], *, empty: bool = False) -> None:
    """Whether the ground is still what it was. Unreachable, in words, when files mean nothing there now.

    `empty`: it may be, for nothing is concluded from what is not there.
    """
    mounts = read_mounts()
    folder = next((folder for folder in folders if folder.path == before.path), None)
    now = (
        _root(folder.path, mounts, marker=folder.marker)
        if folder is not None
        else _mounted(before.path, mounts)
    )
    if folder is not None and now.accessible is False and folder.marker is not None:
        raise Unreachable(
            f"{before.path}: it cannot be read, or its marker {folder.marker} is not there; is it mounted?"
        )
    if now.accessible is False:
        raise Unreachable(f"{before.path}: it cannot be read, or is not mounted any more")
    if now.empty and not empty:
        raise Unreachable(f"{before.path}: the folder is empty; is it mounted?")
    was = (before.root.device or "?").partition(", with ")[0]
    if (now.device or "?") != was:
        raise Unreachable(f"{before.path}: it lies on {now.device or '?'} instead of {was}")
    if new := set(_points(before.path, mounts)).difference(before.over):
        raise Unreachable(f"{before.path}: {', '.join(sorted(new))} was mounted below it just now")


def standing(folders: Iterable[Folder]) -> tuple[str, ...]:
    """What a watch on the folders depends on: the very folders, and each mount at, above and below them.

    Another value: whoever watched the old ones sees nothing of the new.
    """
    mounts, found = read_mounts(), []
    for folder in folders:
        mount = mount_of(_real(folder.path), mounts)
        found.append(f"{folder.path} {mount.number if mount is not None else ''} {_inode(folder.path)}")
        real = _real(folder.path)
        inside = [one for one in mounts if one.point.startswith(f"{real}/")]
        found += [f"{one.number} {one.point}" for one in inside if not _comes_and_goes(one, mounts)]
    return tuple(found)


def _comes_and_goes(mount: Mount, mounts: Sequence[Mount]) -> bool:
    """Whether an automounter put it there, and takes it away again when nobody looks."""
    return any(one.number == mount.under and one.what.startswith("autofs ") for one in mounts)


def _points(path: str, mounts: Sequence[Mount]) -> list[str]:
    """The mount points below a folder, as paths of ours: a link may stand above the folder."""
    real = _real(path)
    return [path + point[len(real) :] for point in below(real, mounts)]


def _real(path: str) -> str:
    return os.path.realpath(path)


def _inode(path: str) -> str:
    try:
        seen = Path(path).stat()
    except OSError:
        return "-"
    return f"{seen.st_dev}:{seen.st_ino}"


def _within(path: str, points: Iterable[str]) -> list[str]:
    return [point for point in points if point.startswith(f"{path}/")]


def _mounted(point: str, mounts: Sequence[Mount]) -> Root:
    """A mount below a folder. Without its mount it is not accessible, whatever lies there."""
    if not is_point(_real(point), mounts):
        return Root(point, accessible=False)
    return _root(point, mounts, marker=None)


def _root(path: str, mounts: Sequence[Mount], *, marker: str | None) -> Root:
    mount = mount_of(_real(path), mounts)
    try:
        empty = _is_empty(path, marker)
        space = os.statvfs(path)
        if marker is not None:
            os.lstat(f"{path}/{marker}")
    except OSError:
        return Root(path, accessible=False, device=_device(path, mount))
    return Root(
        path, accessible=True, empty=empty, device=_device(path, mount), size=space.f_blocks * space.f_frsize
    )


def _device(path: str, mount: Mount | None) -> str | None:
    if mount is not None:
        return f"{mount.what} on {mount.point}"
    try:
        return f"device {Path(path).stat().st_dev}"
    except OSError:
        return None


def _is_empty(path: str, marker: str | None) -> bool:
    with os.scandir(path) as entries:
        return all(entry.name == marker for entry in entries)
