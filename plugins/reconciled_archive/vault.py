"""`Vault`: where an archive keeps its objects, by name; a folder of this box, or an object store.

A vault knows nothing of blobs. Trouble is a `SourceError`; None is its own plain no about that very
name, which proves nothing while nobody knows that the vault is the right one: see `marker`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from reconciled.errors import BadResponse
from reconciled.model import Root
from reconciled.source import Matter

AT_ONCE = 1000
"""Objects in one step of a walk."""
CHUNK = 2**20
"""Bytes of a file in one step, on their way out."""
SMALL = 2**16
"""Bytes that an object may have which is read whole."""


@dataclass(frozen=True, slots=True)
class Stat:
    """An object: its name below the root of the archive, its bytes, and when they were stored."""

    name: str
    size: int
    stored: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """An object on its way out, from a byte on. `size` is that of the whole."""

    size: int
    chunks: AsyncIterator[bytes] = field(repr=False)


class Vault(Protocol):
    """What an archive needs of the place where it lies. All names are below its root."""

    said: str
    """The place, for people; never a secret."""
    top: str | None
    """The path of the folder that it is, if it is one."""

    async def prepare(self) -> None:
        """Make the place itself, where that is a matter of making a folder. Only for a new archive."""

    async def root(self) -> Root | None:
        """The folder, as it is mounted now. None: it is no folder."""

    async def head(self, name: str) -> Stat | None:
        """What stands there."""

    async def read(self, name: str) -> bytes | None:
        """A small object, whole."""

    async def create(self, name: str, content: bytes) -> None:
        """Put a small object there, unless one is there already."""

    def walk(self, below: str) -> AsyncIterator[Sequence[Stat]]:
        """All objects below a name, some at a time, in the order of their names."""

    def open(self, name: str, start: int) -> AbstractAsyncContextManager[Opened | None]:
        """The object's bytes from `start` on, which lies before its end unless it is 0."""

    async def put(self, name: str, path: Path, sha256: str) -> None:
        """The file there, whole or not at all. BadResponse when its bytes are not those of the sha256."""

    async def delete(self, name: str) -> None:
        """Remove it. Not there is success."""

    async def sweep(self, before: datetime) -> int:
        """Remove what uploads that broke off before then left behind; how many there were."""

    async def examine(self, marker: str) -> list[Matter]:
        """What could be set up better about the place. `marker` is an object that stands there."""

    async def close(self) -> None:
        """Let go of what it holds."""


def not_the_bytes(path: Path, sha256: str, found: str) -> BadResponse:
    """The error of a file of ours whose bytes are others than those that were to be stored."""
    return BadResponse(
        f"{path.name}: its bytes are not the ones that were fetched (sha256 {found[:12]}… instead of "
        f"{sha256[:12]}…), so nothing was stored; is the disk of the state folder sound?"
    )
