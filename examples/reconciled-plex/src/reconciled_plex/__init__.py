"""Plex Media Server as a source of `reconciled`: its films and series.

A distribution of its own, with nothing that another third party would not have: the daemon finds it
by its entry point, and it imports the public face only. Plex is only read.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source

from reconciled_plex.config import PlexConfig
from reconciled_plex.source import Plex

__all__ = ["Plex", "PlexConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Plex."""
    return [Plex]
