"""A bucket or container of an object store as the vault of an archive. Needs obstore.

There an object appears when its upload is complete, and not before; parts of one that broke off are
hidden, and the store's own rules remove them. Whatever the library raises becomes one of our errors
here (`object_trouble`), since its texts hold URLs.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from obstore.exceptions import AlreadyExistsError, BaseError

from reconciled.errors import BadResponse, SourceError, Unauthorized
from reconciled.model import Root
from reconciled.source import Matter
from reconciled_archive import connecting
from reconciled_archive.config import ArchiveConfig
from reconciled_archive.connecting import ObjectStore
from reconciled_archive.examining import of_bucket
from reconciled_archive.object_trouble import trouble
from reconciled_archive.vault import AT_ONCE, CHUNK, SMALL, Opened, Stat, not_the_bytes

PART = 5 * 2**20
_PARTS_AT_ONCE = 2
_NO_CONDITIONS = "status code: 501"
"""What some stores say to a PUT that shall not overwrite."""
_MOST_PARTS = 9000
"""No store takes more than ten thousand."""


class Bucket:
    """What lies below a prefix of a bucket."""

    def __init__(self, config: ArchiveConfig) -> None:
        self.said = config.url
        self.top: str | None = None
        self._config = config

    @cached_property
    def _asking(self) -> ObjectStore:
        return self._opened(connecting.asking)

    @cached_property
    def _carrying(self) -> ObjectStore:
        return self._opened(connecting.carrying)

    @cached_property
    def _reading(self) -> ObjectStore:
        return self._opened(connecting.reading)

    async def prepare(self) -> None:
        """Nothing: a bucket is made by whoever pays for it."""

    async def root(self) -> Root | None:
        """None: it is no folder."""
        return None

    async def head(self, name: str) -> Stat | None:
        """What stands there."""
        try:
            with self._trouble("a look at an object"):
                meta = await self._asking.head_async(name)
        except FileNotFoundError:
            return None
        return Stat(name, meta["size"], meta["last_modified"])

    async def read(self, name: str) -> bytes | None:
        """A small object, whole."""
        try:
            with self._trouble("reading an object"):
                found = await self._asking.get_async(name)
                if found.meta["size"] > SMALL:
                    raise BadResponse(
                        f"{self.said}: {name} is larger than it can be; did something else answer?"
                    )
                return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            self._bucket_there(error)
            return None

    async def create(self, name: str, content: bytes) -> None:
        """Put a small object there, unless one is there already."""
        try:
            with self._trouble("storing an object", missing=True):
                try:
                    await self._asking.put_async(name, content, mode="create")
                except BaseError as error:
                    if _NO_CONDITIONS not in str(error) or isinstance(error, AlreadyExistsError):
                        raise
                    await self._asking.put_async(name, content)
        except AlreadyExistsError:
            return

    async def walk(self, below: str) -> AsyncIterator[Sequence[Stat]]:
        """All objects below a name."""
        with self._trouble("listing the objects", missing=True):
            async for some in self._asking.list(below, chunk_size=AT_ONCE):
                yield [Stat(one["path"], one["size"], one["last_modified"]) for one in some]

    @asynccontextmanager
    async def open(self, name: str, start: int) -> AsyncGenerator[Opened | None, None]:
        """The object's bytes from `start` on."""
        try:
            with self._trouble("reading an object"):
                found = await self._reading.get_async(
                    name, options={"range": {"offset": start}} if start else {}
                )
        except FileNotFoundError:
            yield None
            return
        if found.range[0] != start:
            raise BadResponse(f"{self.said}: asked for the bytes from {start} on, others came")
        yield Opened(found.meta["size"], self._chunks(found.stream(min_chunk_size=CHUNK // 2)))

    async def put(self, name: str, path: Path, sha256: str) -> None:
        """The file there, whole or not at all: a file of one part at once, a larger one part by part."""
        file = await asyncio.to_thread(_opened, path)
        try:
            size = os.fstat(file.fileno()).st_size
            with self._trouble("storing an object", missing=True):
                if size <= PART:
                    whole = await asyncio.to_thread(file.read)
                    _check(path, sha256, hashlib.sha256(whole).hexdigest())
                    await self._carrying.put_async(name, whole, use_multipart=False)
                else:
                    part = max(PART, -(-size // _MOST_PARTS))
                    await self._carrying.put_async(
                        name, _checked(file, path, sha256), use_multipart=True, chunk_size=part,
                        max_concurrency=_PARTS_AT_ONCE,
                    )  # fmt: skip
        finally:
            file.close()

    async def delete(self, name: str) -> None:
        """Remove it."""
        try:
            with self._trouble("removing an object"):
                await self._asking.delete_async(name)
        except FileNotFoundError as error:
            self._bucket_there(error)

    async def sweep(self, before: datetime) -> int:  # noqa: ARG002  # what broke off is not to be seen
        """Nothing of ours: what an upload leaves behind is the store's to remove."""
        return 0

    async def examine(self, marker: str) -> list[Matter]:
        """Whether it is public, or asked in the clear."""
        marked = await self.head(marker) is not None
        public = False
        if marked:
            try:
                await connecting.nobody(self._config).head_async(marker)
                public = True
            except (FileNotFoundError, BaseError):
                public = False
        endpoint = self._config.endpoint or ""
        clear = endpoint if endpoint.startswith("http://") and not _is_here(endpoint) else None
        return [*of_bucket(self.said, marked=marked, public=public, clear=clear)]

    async def close(self) -> None:
        """Nothing: connections end with the stores."""

    # --- how ---------------------------------------------------------------------------------------

    def _opened(self, how: Callable[[ArchiveConfig], ObjectStore]) -> ObjectStore:
        """Unauthorized when the credentials are not even well-formed; the library's words may hold them."""
        try:
            return how(self._config)
        except (BaseError, OSError, ValueError):
            if (name := connecting.in_the_way(self._config)) is not None:
                raise Unauthorized(
                    f"{self.said}: the environment of the daemon has {name}, which the library takes "
                    "instead of our credentials or not at all; take it out there"
                ) from None
            raise Unauthorized(
                f"{self.said}: the credentials in the config are not what they should be; were they cut, or "
                "is it the whole JSON of the key file?"
            ) from None

    async def _chunks(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        with self._trouble("reading an object", missing=True):
            async for part in stream:
                whole = memoryview(part)
                for at in range(0, len(whole), CHUNK):
                    yield bytes(whole[at : at + CHUNK])

    def _bucket_there(self, error: FileNotFoundError) -> None:
        """That a bucket is missing is trouble, where the store says so."""
        found = trouble(error, f"{self.said}: reading an object")
        if "no such bucket" in str(found):
            raise found from None

    @contextmanager
    def _trouble(self, what: str, *, missing: bool = False) -> Iterator[None]:
        """Errors of the library as ours. That an object is missing passes, unless that is trouble, too."""
        try:
            yield
        except (SourceError, AlreadyExistsError):
            raise
        except FileNotFoundError as error:
            if missing:
                raise trouble(error, f"{self.said}: {what}") from None
            raise
        except (BaseError, OSError, ValueError) as error:
            raise trouble(error, f"{self.said}: {what}") from None


async def _checked(file: BinaryIO, path: Path, sha256: str) -> AsyncIterator[bytes]:
    """The file, piece by piece; the last one only when all of them are what they should be."""
    digest = hashlib.sha256()

    def following() -> bytes:
        piece = file.read(CHUNK)
        digest.update(piece)
        return piece

    piece = await asyncio.to_thread(following)
    while piece:
        after = await asyncio.to_thread(following)
        if not after:
            _check(path, sha256, digest.hexdigest())
        yield piece
        piece = after


def _check(path: Path, sha256: str, found: str) -> None:
    if found != sha256:
        raise not_the_bytes(path, sha256, found)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadResponse(
            f"{path.name}: the fetched file cannot be read ({reason}); is the disk of the state folder sound?"
        ) from error


def _is_here(endpoint: str) -> bool:
    host = endpoint.removeprefix("http://").partition("/")[0].rpartition(":")[0]
    return host in ("127.0.0.1", "localhost", "[::1]")
