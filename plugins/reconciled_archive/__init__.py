"""An archive as a source: files by the sha256 of their bytes, in a folder or in an object store.

It is where mirrors put what they bring: each file once, under the name that its bytes give it, so that
whoever has the bytes can find them and whoever finds them can check them. A folder needs nothing more;
S3, Azure Blob and Google Cloud Storage need the extra `reconciled[archive]`.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_archive.source import Archive


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """The archive."""
    return [Archive]


__all__ = ["Archive", "source_types"]
