"""What could be set up better about the place of an archive."""

import os
from collections.abc import Sequence
from pathlib import Path

from reconciled.source import Matter, Weight

_LITTLE = 2**30
_SHARE = 20


def of_folder(top: Path, marker: str) -> list[Matter]:
    """Rights and space of a folder. Blocking; OSError when it cannot be looked at."""
    seen, space = top.stat(), os.statvfs(top)
    left = space.f_bavail * space.f_frsize
    matters: list[Matter] = []
    if not os.access(top, os.W_OK | os.X_OK) or space.f_flag & os.ST_RDONLY:
        said = f"{top}: the daemon's user may not write there, so nothing can be stored"
        matters.append(
            Matter(Weight.WRONG, said, f"is it mounted read-only? Else: chown -R reconciled {top}")
        )
    if seen.st_mode & 0o077:
        said = f"{top}: other users of this box may look into it"
        matters.append(Matter(Weight.ADVICE, said, f"chmod 700 {top}"))
    if left < max(_LITTLE, space.f_blocks * space.f_frsize // _SHARE):
        said = f"{top}: {left / 2**30:.1f} GiB are left on its disk"
        matters.append(Matter(Weight.ADVICE, said, "make room: what does not fit waits, and is tried again"))
    if not (top / marker).exists():
        matters.append(_no_marker(str(top), marker))
    return matters or [Matter(Weight.GOOD, f"{top}: {left / 2**30:.1f} GiB are left on its disk")]


def of_bucket(said: str, *, marked: bool, public: bool, clear: str | None) -> Sequence[Matter]:
    """A bucket: whether anybody may read it, and whether it is asked in the clear."""
    matters: list[Matter] = []
    if public:
        matters.append(
            Matter(
                Weight.WRONG,
                f"{said}: anybody may read it, without credentials",
                "take the public access off in the settings of the bucket",
            )
        )
    if clear is not None:
        matters.append(
            Matter(
                Weight.WRONG,
                f"{said}: all files travel to {clear} in the clear",
                "write the endpoint with https://",
            )
        )
    if not marked:
        matters.append(_no_marker(said, "its marker"))
    return matters or [Matter(Weight.GOOD, f"{said}: it answers, and only to us")]


def _no_marker(said: str, marker: str) -> Matter:
    return Matter(
        Weight.ADVICE,
        f"{said}: {marker} is not there; a new archive is given one when it is first used",
        "if it was used before: is the right disk mounted, and the url right?",
    )
