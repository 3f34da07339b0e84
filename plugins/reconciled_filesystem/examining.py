"""What could be set up better about the folders. Blocking."""

import os
from collections.abc import Sequence
from pathlib import Path

from reconciled.source import Matter, Weight
from reconciled_filesystem.config import FilesystemConfig, Folder
from reconciled_filesystem.ground import Ground
from reconciled_filesystem.walking import look

_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
_FEW = 65536


def examine(config: FilesystemConfig, grounds: Sequence[Ground]) -> list[Matter]:
    """One matter for each folder, and what is odd beside it."""
    matters = [_folder(config, ground) for ground in grounds]
    matters += _mappings(config)
    if config.trash is not None:
        matters += _trash(config)
    if config.receive is not None:
        matters += _receive(config.receive, config.folders)
    return matters + _watches()


def _folder(config: FilesystemConfig, ground: Ground) -> Matter:
    folder = next((one for one in config.folders if one.path == ground.path), None)
    root, path = ground.root, ground.path
    if folder is None and root.accessible is False:
        said = f"{path}: a disk that was mounted there is not, so nothing of it is believed gone"
        return Matter(
            Weight.WRONG,
            said,
            "mount it; if it left for good: take the source out, `reconciled forget` it, put it back",
        )
    if folder is not None and folder.marker is not None and not _is_file(f"{path}/{folder.marker}"):
        remedy = f"if it is mounted, make it once: touch {path}/{folder.marker}"
        return Matter(Weight.WRONG, f"{path}: its marker {folder.marker} is not there", remedy)
    if root.accessible is False:
        return Matter(
            Weight.WRONG, f"{path}: it cannot be read", "is it mounted, and may the daemon's user read it?"
        )
    if root.empty:
        return Matter(Weight.WRONG, f"{path}: it is empty, so nothing of it is believed", "is it mounted?")
    if (
        folder is not None
        and folder.marker is None
        and (root.device or "").partition(", with ")[0].endswith(" on /")
    ):
        return Matter(
            Weight.ADVICE,
            f"{path} lies on the system's own disk, and has no marker",
            f"if another disk belongs there: touch {path}/.reconciled on it, and marker: .reconciled here",
        )
    return Matter(Weight.GOOD, f"{path}: mounted ({root.device})")


def _mappings(config: FilesystemConfig) -> list[Matter]:
    tops = [folder.path for folder in config.folders]
    strange = [
        ours
        for ours in config.map
        if not any(f"{ours}/".startswith(f"{top}/") or f"{top}/".startswith(f"{ours}/") for top in tops)
    ]
    return [
        Matter(
            Weight.WRONG,
            f"map names {ours}, which no folder lies below",
            "the left side is the path on this box",
        )
        for ours in strange
    ]


def _trash(config: FilesystemConfig) -> list[Matter]:
    trash = str(config.trash)
    here = next((path for path in (trash, str(Path(trash).parent)) if Path(path).is_dir()), None)
    if here is None:
        return [
            Matter(
                Weight.WRONG, f"the trash {trash} has no folder that it could be made in", f"mkdir -p {trash}"
            )
        ]
    others = [one.path for one in config.folders if _device(one.path) != _device(here)]
    return [
        Matter(
            Weight.WRONG,
            f"the trash {trash} is on another file system than {path}",
            "deletions there are refused",
        )
        for path in others
    ]


def _receive(receive: str, folders: Sequence[Folder]) -> list[Matter]:
    """Whether copies can be put there, and whether an empty folder could be told from a missing disk."""
    here = next((path for path in (receive, str(Path(receive).parent)) if Path(path).is_dir()), None)
    if here is None or not os.access(here, os.W_OK | os.X_OK):
        remedy = f"mkdir -p {receive}, and let the daemon's user write there"
        return [Matter(Weight.WRONG, f"copies cannot be put into {receive}", remedy)]
    over = next((one for one in folders if f"{receive}/".startswith(f"{one.path}/")), None)
    if over is not None and over.marker is None:
        return [
            Matter(
                Weight.ADVICE,
                f"{over.path} takes copies in and has no marker",
                f"touch {over.path}/.reconciled while it is mounted, and marker: .reconciled here; "
                "without it nothing is put there when it is empty",
            )
        ]
    return [Matter(Weight.GOOD, f"copies are put into {receive}")]


def _watches() -> list[Matter]:
    try:
        most = int(_WATCHES.read_text("ascii"))
    except (OSError, ValueError):
        return []
    if most >= _FEW:
        return []
    said = f"the kernel watches at most {most} folders; what happens in more is noticed by scans only"
    return [Matter(Weight.ADVICE, said, "sysctl fs.inotify.max_user_watches=524288")]


def _is_file(path: str) -> bool:
    try:
        top, _, _ = path.rpartition("/")
        return look(path, top=top) is not None
    except Exception:  # noqa: BLE001 - whatever the disk says, the marker was not seen
        return False


def _device(path: str) -> int | None:
    try:
        return Path(path).stat().st_dev
    except OSError:
        return None
