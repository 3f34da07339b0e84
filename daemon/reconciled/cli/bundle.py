"""The bundle for a bug report: a zip with one JSON file for each thing that the daemon told.

It is made beside its place and moved there when it is whole; a file that is there already is never
overwritten. Only its owner may read it.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciled import __version__
from reconciled.cli.trouble import Failed

_READ_ME = f"""A bundle of reconciled {__version__}, written by `reconciled doctor --bundle`.

Secrets are masked and no item's title is in it, unless your config or an error holds one. It does
name your sources, their addresses and folders: look it through before you give it away.
The log is not in it; `journalctl -u reconciled --since -1h` prints its last hour.
"""


def check(path: Path) -> None:
    """Failed when no bundle can be written there."""
    if path.exists():
        raise Failed(f"{path} is there already; name another file")
    if not path.absolute().parent.is_dir():
        raise Failed(f"there is no folder {path.absolute().parent}")


def write(path: Path, told: Mapping[str, Any]) -> None:
    """Write what was told, a file for each member. Failed when that cannot be."""
    check(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", _READ_ME)
            for name, value in told.items():
                archive.writestr(f"{name}.json", json.dumps(value, indent=2))
        partial.rename(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Failed(f"cannot write {path}: {error.strerror or error}") from None
