"""Folders of this box as a source: what lies on a disk, whatever the apps say of it.

A film that was deleted straight from the disk, a disk that failed and a cleanup script that went
too far are noticed here, each with the proof that the folder itself was mounted.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_filesystem.source import Filesystem


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """The file system."""
    return [Filesystem]


__all__ = ["Filesystem", "source_types"]
