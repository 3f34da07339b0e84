"""Paperless-ngx as a source: its documents. Written against Paperless-ngx 3.0.5 and 2.20.

What makes it different: what our account may not see looks exactly like what was deleted; a deleted
document lies in a trash for weeks with its file still served; and most deletions are told to nobody.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_paperless.config import Credentials, PaperlessConfig
from reconciled_paperless.source import Paperless

__all__ = ["Credentials", "Paperless", "PaperlessConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Paperless-ngx."""
    return [Paperless]
