"""Hashes pictures of pages in a process apart.

The daemon never unpacks a picture itself, and needs neither numpy nor Pillow for starting: `lacks` says what
is missing. A picture that crashes its reader, takes too long or too much memory is one that cannot be read.
"""

import importlib.util
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciled.engine.reader import MEMORY, Reader

TIMEOUT = 20.0
"""Seconds that one picture may take."""
PICTURES = 5000
"""How many pictures one worker looks at: what a library leaks ends with it."""
_WORKER = "reconciled.engine.duplicates.pages.looking"
_ENVIRONMENT = MappingProxyType(
    {
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
        "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    }
)
"""One thread, and memory that is kept from one picture to the next: giving it back each time costs as much
as unpacking a page."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a picture's page hashes are, by name and as integers of 0 to 2**64 - 1.

    None of them: the page is blank, or `wrong` says why the picture cannot be read.
    """

    hashes: Mapping[str, int] = field(default_factory=dict)
    wrong: str | None = None


def lacks() -> str | None:
    """What has to be installed before pictures can be hashed, as a sentence; None: nothing."""
    wanted = {"numpy": ("numpy", "duplicates"), "Pillow": ("PIL", "images")}
    missing = {name: extra for name, (module, extra) in wanted.items() if _missing(module)}
    if not missing:
        return None
    verb = "are" if len(missing) > 1 else "is"
    return (
        f"pictures of pages are hashed with {' and '.join(missing)}, which {verb} not installed, so they "
        f"are not compared; install reconciled[{','.join(missing.values())}]"
    )


def _missing(module: str) -> bool:
    return importlib.util.find_spec(module) is None


class Hasher:
    """Hashes pictures, in a worker that is started with the first one and ended by `close`."""

    def __init__(self, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self.reader = Reader(
            _WORKER, timeout=timeout, memory=memory, most=PICTURES, cannot="pictures cannot be hashed",
            hint=f"; `{sys.executable} -c 'import numpy, PIL'` says why", environment=_ENVIRONMENT,
        )  # fmt: skip

    async def look(self, body: bytes, names: Collection[str]) -> Looked:
        """The hashes of these names (those of `duplicates.hashes`). CannotRead when no worker starts."""
        said = await self.reader.ask({"size": len(body), "names": list(names)}, body)
        return Looked(wrong=said) if isinstance(said, str) else Looked(said["hashes"], said["wrong"])

    async def close(self) -> None:
        """End the worker."""
        await self.reader.close()
