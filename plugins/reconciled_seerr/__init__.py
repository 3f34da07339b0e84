"""Seerr as a source, and what it grew out of: Jellyseerr and Overseerr, which have the same API.

People ask there for films and series. What it keeps only *refers* to these, so nothing it says is
evidence that one exists; but a request whose film is gone is what a person trips over first.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_seerr.config import SeerrConfig
from reconciled_seerr.source import Seerr

__all__ = ["Seerr", "SeerrConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Seerr."""
    return [Seerr]
