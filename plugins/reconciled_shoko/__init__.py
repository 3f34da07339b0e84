"""Shoko Server as a source: its series with their seasons, and its files. Written against 5.3 and 6.0.

What makes it different: a series stays when its last file is gone; a file deleted from the disk stays
too, and only asking whether it can be read tells; and its one button for such files, *Remove Missing
Files*, looks at no mount. So its folders are looked at before anything of this is believed.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_shoko.config import ShokoConfig
from reconciled_shoko.source import Shoko

__all__ = ["Shoko", "ShokoConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Shoko."""
    return [Shoko]
