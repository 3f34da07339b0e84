"""What is mounted where, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).

A device number alone tells little: network file systems, btrfs and containers get a new one at
each boot. What is mounted on which point, and from where, stays, and changes at the very moment
in which a mount vanishes: the folder then lies on the disk below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TABLE = Path("/proc/self/mountinfo")
_OCTAL = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount point, and what is mounted there: type, source, and the part of it (`/` is the whole)."""

    point: str
    what: str

    def holds(self, path: str) -> bool:
        """Whether the path lies at or below the mount point."""
        return path == self.point or f"{path}/".startswith(f"{self.point.rstrip('/')}/")


def read_mounts(table: Path = TABLE) -> tuple[Mount, ...]:
    """All mounts, the later ones over the earlier; none where the kernel has no such table."""
    try:
        lines = table.read_text("utf-8", "surrogateescape").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(mount for line in lines if (mount := _mount(line)) is not None)


def mount_of(path: str, mounts: Sequence[Mount]) -> Mount | None:
    """The mount that a path lies on: the deepest point above it, and the last one there."""
    over = [mount for mount in mounts if mount.holds(path)]
    return max(reversed(over), key=lambda mount: len(mount.point)) if over else None


def below(path: str, mounts: Sequence[Mount]) -> list[str]:
    """The mount points below a folder, itself not among them."""
    return sorted({mount.point for mount in mounts if mount.point.startswith(f"{path}/")})


def _mount(line: str) -> Mount | None:
    """`36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`."""
    left, _, right = line.partition(" - ")
    fields, what = left.split(), right.split()
    if len(fields) < 5 or len(what) < 2:
        return None
    return Mount(_plain(fields[4]), " ".join((what[0], _plain(what[1]), _plain(fields[3]))))


def _plain(text: str) -> str:
    for octal, plain in _OCTAL.items():
        text = text.replace(octal, plain)
    return text
