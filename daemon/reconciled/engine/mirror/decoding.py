"""The optional check that a file can be read whole: images by Pillow, PDFs by pypdf, in a process apart.

What a mirror with `decode: yes` brings was opened once, to the end. A file that crashes its reader, takes
too long or too much memory is as corrupt as a broken one; the daemon feels nothing of it. What neither
library reads is not checked. Where a library is not installed, its files are not checked either, and
`lacks` says so when the config is read.
"""

import importlib.util
import os
from collections.abc import Collection
from pathlib import Path

from reconciled.engine.mirror import unpacking
from reconciled.engine.mirror.unpacking import IMAGES, PDF
from reconciled.engine.reader import MEMORY, Reader

TIMEOUT = 60.0
"""Seconds that reading one file may take."""
CHECKS = 500
"""How many files one worker reads: what a library leaks ends with it."""


def lacks(types: Collection[str]) -> str | None:
    """Which library is missing for checking files of these types (none: all), with its remedy."""
    wants = {
        "Pillow": ("PIL", "images", any(_wanted(kind, types) for kind in IMAGES)),
        "pypdf": ("pypdf", "pdf", _wanted(PDF, types)),
    }
    missing = [
        (library, extra)
        for library, (module, extra, wanted) in wants.items()
        if wanted and importlib.util.find_spec(module) is None
    ]
    if not missing:
        return None
    libraries = " and ".join(library for library, _ in missing)
    extras = ",".join(extra for _, extra in missing)
    verb = "are" if len(missing) > 1 else "is"
    return (
        f"`decode: yes` reads files with {libraries}, which {verb} not installed, so they are not checked; "
        f"install reconciled[{extras}]"
    )


def _wanted(kind: str, types: Collection[str]) -> bool:
    return not types or kind in types or f"{kind.partition('/')[0]}/*" in types


def checked(mime: str) -> bool:
    """Whether files of this type can be checked here."""
    module = "PIL" if mime in IMAGES else "pypdf" if mime == PDF else None
    return module is not None and importlib.util.find_spec(module) is not None


class Decoder:
    """Checks files, one at a time, in a worker that is started with the first and ended by `close`."""

    def __init__(self, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self.reader = Reader(
            unpacking.__name__, timeout=timeout, memory=memory, most=CHECKS, cannot="files cannot be checked"
        )

    async def wrong_with(self, path: Path, mime: str) -> str | None:
        """Why the file cannot be read whole, as "corrupt: …"; None: it can, or its type is not checked.

        CannotRead when no worker can be started.
        """
        if not checked(mime):
            return None
        absolute = os.fsdecode(path.absolute())  # noqa: ASYNC240 - nothing is read for it
        said = await self.reader.ask({"path": absolute, "mime": mime})
        wrong = said if isinstance(said, str) else said["wrong"]
        return None if wrong is None else f"corrupt: {wrong}"

    async def close(self) -> None:
        """End the worker."""
        await self.reader.close()


async def wrong_with(path: Path, mime: str) -> str | None:
    """The check of a single file, with a worker of its own; a `Decoder` is faster for many."""
    decoder = Decoder()
    try:
        return await decoder.wrong_with(path, mime)
    finally:
        await decoder.close()
