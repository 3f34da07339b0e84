"""What is mounted where, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).

A device number alone tells little: network file systems, btrfs and containers get a new one at
each boot. What is mounted on which point, and from where, stays, and changes at the very moment
in which a mount vanishes: the folder then lies on the disk below it. A mount can be hidden by one
that came later above it, so a path is followed from the top, mount by mount, as the kernel does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path("/proc/self/mountinfo")
_OCTAL = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount point, and what is mounted there: type, source, and the part of it (`/` is the whole).

    `number` is the kernel's for as long as it is mounted, `under` that of the mount it lies on.
    """

    point: str
    what: str
    number: str = field(default="", compare=False)
    under: str = field(default="", compare=False)

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
    """The mount that a path without links in it lies on."""
    left = [mount for mount in mounts if mount.holds(path)]
    numbers = {mount.number for mount in mounts}
    here: Mount | None = None
    onward = [mount for mount in left if mount.under not in numbers or mount.under == mount.number]
    while onward:
        shortest = min(len(mount.point) for mount in onward)
        here = next(mount for mount in reversed(onward) if len(mount.point) == shortest)
        left = [mount for mount in left if mount is not here]
        onward = [mount for mount in left if mount.under == here.number]
    return here


def below(path: str, mounts: Sequence[Mount]) -> list[str]:
    """The mount points below a folder, itself not among them, and none that is hidden."""
    points = {mount.point for mount in mounts if mount.point.startswith(f"{path}/")}
    return sorted(point for point in points if is_point(point, mounts))


def is_point(path: str, mounts: Sequence[Mount]) -> bool:
    """Whether something is mounted there, and not hidden."""
    mount = mount_of(path, mounts)
    return mount is not None and mount.point == path


def _mount(line: str) -> Mount | None:
    """`36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`."""
    left, _, right = line.partition(" - ")
    fields, what = left.split(), right.split()
    if len(fields) < 5 or len(what) < 2:
        return None
    said = " ".join((what[0], _plain(what[1]), _plain(fields[3])))
    return Mount(_plain(fields[4]), said, fields[0], fields[1])


def _plain(text: str) -> str:
    for octal, plain in _OCTAL.items():
        text = text.replace(octal, plain)
    return text
