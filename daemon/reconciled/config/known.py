"""What the words of a policy can point at: the sources and channels of the same config.

A source with a mistake in its own settings is still known by its name, and its class as far as it
can be told, so that one mistake does not bring forth others.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from reconciled.source import Source


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source by what it can do; None for what could not be understood. `options` are its plugin's own."""

    type: type[Source[Any]] | None
    kinds: frozenset[str] | None
    options: BaseModel | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What has a name. None: that section could not be read, and no name is held against it."""

    sources: Mapping[str, NamedSource] | None
    channels: Set[str] | None

    def asks_always(self, name: str) -> bool:
        """Whether nothing is done to this source without a yes."""
        source = (self.sources or {}).get(name)
        return source is not None and source.type is not None and source.type.asks_always

    def kinds(self, name: str) -> frozenset[str] | None:
        """The kinds that a source looks at; None when they cannot be told."""
        source = (self.sources or {}).get(name)
        return None if source is None else source.kinds
