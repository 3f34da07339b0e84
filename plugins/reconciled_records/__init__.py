"""What other programs register with us as a source.

There is no app behind it: the records stand on the source's shelf in the daemon. A record only
refers to what it is about (`paperless:document/12`, `tmdb:movie/603`); when that is gone, its
program is told by a signed callback.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_records.config import CallbackConfig, RecordsConfig
from reconciled_records.source import Records

__all__ = ["CallbackConfig", "Records", "RecordsConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Records."""
    return [Records]
