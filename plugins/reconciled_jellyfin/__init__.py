"""Jellyfin as a source: its films, series and seasons. Written against Jellyfin 10.11 and 12.

What makes it different: an item's id is made from its path, so a renamed file is another item; it
never says "no such item" in so many words; and it can only be asked in full with an API key.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_jellyfin.config import JellyfinConfig
from reconciled_jellyfin.source import Jellyfin

__all__ = ["Jellyfin", "JellyfinConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Jellyfin."""
    return [Jellyfin]
