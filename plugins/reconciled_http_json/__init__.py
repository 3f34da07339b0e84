"""Any app with a JSON API as a source, described in the config: a list, a lookup, and its plain no.

For apps without a plugin of their own. It believes an absence only by words that the user has named
as the app's own, and a deletion through it always waits for a person.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_http_json.source import HttpJson


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """The app that the config describes."""
    return [HttpJson]


__all__ = ["HttpJson", "source_types"]
