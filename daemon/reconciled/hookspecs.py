"""The hooks of a plugin: discovery and notification. The daily work goes through `Source` objects.

A plugin is a module (or object) named by an entry point in the group `reconciled.plugins`; its
functions carry `@hookimpl`. A hook that fails is shown with its error and harms nobody else.
"""

from collections.abc import Iterable
from typing import Any

import pluggy

from reconciled.source import Source

PROJECT = "reconciled"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hookspecs:
    """What a plugin may implement, all of it optional."""

    @hookspec
    def source_types(self) -> Iterable[type[Source[Any]]]:  # type: ignore[empty-body]  # a specification has no body
        """The `Source` classes that this plugin brings; each is known to the config by its `app`."""
