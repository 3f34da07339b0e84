"""The archive as a source.

**Absence** is the vault's own no about the very blob, twice, while the archive's marker stands there
before and after: an unmounted disk, an empty bucket and a wrong prefix deny everything, and are trouble.

Whatever lies there under the name of its sha256 is the daemon's own: only it names files so, and two
files of one name are one file.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import ClassVar
from weakref import WeakValueDictionary

from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.model import About, Absent, Answer, Item, Key, Page, Ref
from reconciled.source import (
    Content,
    Context,
    Deletion,
    Hook,
    Kept,
    Matter,
    Outcome,
    Receipt,
    Source,
    Unchanged,
    Upload,
)
from reconciled_archive.config import EXTRA, FILE, ArchiveConfig
from reconciled_archive.folder import Folder
from reconciled_archive.items import BLOBS, KIND, MARKER, is_sha256, item_of, name_of, sha256_of
from reconciled_archive.marker import Marker
from reconciled_archive.vault import Opened, Stat, Vault

_A_DAY = 86400.0
_AT_ONCE = 8
_SPACES = ("blob", "sha256")


class Archive(Source[ArchiveConfig]):
    """Blobs. Its keys are the sha256 of their bytes."""

    app: ClassVar[str] = "archive"
    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    Config: ClassVar = ArchiveConfig
    paged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    by_content: ClassVar[bool] = True
    fileset: ClassVar[str | None] = None
    batch: int = 200

    def __init__(self, config: ArchiveConfig, context: Context) -> None:
        super().__init__(config, context)
        self.acts_within = config.acts_within
        self._vault = _vault(config, context.name)
        self._marker = Marker(self._vault, context.store, context.clock, name=context.name)
        self._strange = 0
        self._under_way: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def probe(self) -> About:
        """Which archive lies there; a place that was never used before is given its marker."""
        instance = await self._marker.begin()
        root = await self._vault.root()
        return About(
            app="archive",
            version=f"layout 1, {self.config.scheme}",
            instance=instance,
            roots=() if root is None else (root,),
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Every blob. What lies between them under another name is counted and passed over."""
        if KIND not in kinds:
            raise Unsupported(f"an archive has the kind {KIND} only")
        await self._marker.firm()
        strange = 0
        async for some in self._vault.walk(BLOBS):
            found = [(sha256_of(stat.name), stat) for stat in some]
            strange += sum(sha256 is None for sha256, _ in found)
            yield Page.of(self._item(sha256, stat) for sha256, stat in found if sha256 is not None)
        await self._marker.firm()
        self._tell_of(strange)
        yield Page((), complete=True)

    async def lookup(self, key: Key) -> Answer:
        """This very blob, or `Absent`."""
        return (await self.lookup_many([key]))[key]

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """Which of these blobs are there. Unsupported when a key is no sha256."""
        names = {key: name_of(_sha256_of(key)) for key in keys}
        answers: dict[Key, Answer] = {}
        await self._marker.firm()  # a login page says yes to everything
        await self._look(names, answers)
        denied = {key: name for key, name in names.items() if key not in answers}
        if denied:
            await self._look(denied, answers)
            await self._marker.firm()
            no = Absent(f"no such blob; the marker of the archive {self._vault.said} is there")
            answers |= {key: no for key in denied if key not in answers}
        return answers

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The blob with these bytes."""
        if ref.space not in _SPACES or not is_sha256(ref.value):
            raise Unsupported(f"an archive finds by {' or '.join(_SPACES)}, not by {ref}")
        answer = await self.lookup(Key(KIND, ref.value))
        return [answer] if isinstance(answer, Item) else []

    # --- files -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncGenerator[Content | Unchanged | Absent, None]:
        """The blob's bytes. Its sha256 is their etag: there is no other version of them."""
        sha256 = _sha256_of(key)
        answer = await self.lookup(key)
        if isinstance(answer, Absent):
            yield answer
            return
        if etag == sha256 and not start:
            yield Unchanged()
            return
        size, begin = answer.attrs["size"], start if etag in (None, sha256) else 0
        if isinstance(size, int) and 0 < size <= begin:
            yield Content(_none(), start=size, size=size, etag=sha256)
            return
        async with self._vault.open(name_of(sha256), begin) as opened:
            if opened is None:
                raise BadResponse(f"{self._vault.said}: {key} was there just now, and cannot be read")
            yield Content(self._whole(opened, begin, key), start=begin, size=opened.size, etag=sha256)

    def origin(self, item: Item) -> Mapping[str, str]:
        """What a copy keeps of where it came from: which bytes they were."""
        return {"sha256": item.key.id}

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | None:  # noqa: ARG002
        """The blob of these bytes, if it is there and whole."""
        answer = await self.lookup(Key(KIND, upload.sha256))
        if isinstance(answer, Absent):
            return None
        if answer.attrs["size"] != upload.size:
            self.context.log.warning(
                "%s: the blob %s has %s bytes instead of %s; it is stored anew",
                self._vault.said, upload.sha256, answer.attrs["size"], upload.size,
            )  # fmt: skip
            return None
        return Kept(answer.key, answer, ours=True)

    async def upload(self, upload: Upload) -> Kept:
        """Store the file under its sha256, whole or not at all. Never where the archive's marker is not.

        One after the other where the bytes are the same: Azure mixes up the parts of two at once.
        """
        key = Key(KIND, upload.sha256)
        name = name_of(_sha256_of(key))
        await self._marker.firm()
        alone = self._under_way.setdefault(upload.sha256, asyncio.Lock())
        async with alone:
            await self._vault.put(name, upload.path, upload.sha256)
            stat = await self._vault.head(name)
        if stat is None or stat.size != upload.size:
            found = "is not there" if stat is None else f"has {stat.size} bytes"
            raise BadResponse(
                f"{self._vault.said}: {key} was stored with {upload.size} bytes, and {found}; "
                "it is tried again, and is not believed until it is whole"
            )
        await self._marker.firm()  # else it may lie in the place of a disk that left meanwhile
        return Kept(key, self._item(upload.sha256, stat), ours=True)

    async def outcome(self, receipt: Receipt) -> Outcome:
        """Never asked: an archive is finished when `upload` is."""
        raise BadResponse(f"{self.context.name}: an archive gives no receipts, and this is one: {receipt.id}")

    async def read_back(self, key: Key) -> str | None:
        """Read the blob whole, and compare its sha256 with its name."""
        sha256, digest, size = _sha256_of(key), hashlib.sha256(), 0
        async with self.fetch(key) as content:
            if not isinstance(content, Content):
                return "are gone"
            async for chunk in content.chunks:
                digest.update(chunk)
                size += len(chunk)
        found = digest.hexdigest()
        return None if found == sha256 else f"are others: {size} of them, with the sha256 {found}"

    async def delete(self, key: Key, how: Deletion) -> None:
        """Remove the blob. Nothing is removed where the archive's marker is not."""
        if how not in self.options:
            raise Unsupported("a blob is deleted with its file, and nothing keeps it from coming back")
        name = name_of(_sha256_of(key))
        await self._marker.firm()
        await self._vault.delete(name)
        if await self._vault.head(name) is not None:
            raise BadResponse(f"{self._vault.said}: {key} was removed, and is still there")
        await self._marker.firm()

    # --- beside ------------------------------------------------------------------------------------

    async def work(self) -> None:
        """Once a day, remove what uploads that broke off a day ago or longer left behind."""
        while True:
            await self.sweep()
            await self.context.clock.sleep(_A_DAY)

    async def sweep(self) -> int:
        """Do so now; how many files there were. None in an archive that is not there."""
        await self._marker.firm()
        removed = await self._vault.sweep(self.context.clock.now() - timedelta(seconds=_A_DAY))
        if removed:
            self.context.log.info("%s: %s unfinished uploads were removed", self._vault.said, removed)
        return removed

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:  # noqa: ARG002  # no webhooks here
        """Rights, space, and who else may read it."""
        return await self._vault.examine(MARKER)

    async def close(self) -> None:
        """Let go of the vault."""
        await self._vault.close()

    # --- how ---------------------------------------------------------------------------------------

    async def _look(self, names: Mapping[Key, str], answers: dict[Key, Answer]) -> None:
        """Ask about each, some at a time, and add what is there."""
        left = asyncio.Semaphore(_AT_ONCE)

        async def one(key: Key, name: str) -> None:
            async with left:
                stat = await self._vault.head(name)
            if stat is not None:
                answers[key] = self._item(key.id, stat)

        try:
            async with asyncio.TaskGroup() as group:
                for key, name in names.items():
                    group.create_task(one(key, name))
        except* SourceError as errors:
            raise _first(errors) from None

    def _item(self, sha256: str, stat: Stat) -> Item:
        return item_of(sha256, stat, top=self._vault.top)

    async def _whole(self, opened: Opened, begin: int, key: Key) -> AsyncIterator[bytes]:
        """The bytes; that some are missing at the end is trouble."""
        at = begin
        async for chunk in opened.chunks:
            at += len(chunk)
            yield chunk
        if at != opened.size:
            raise BadResponse(f"{self._vault.said}: {key} ended after {at} of {opened.size} bytes")

    def _tell_of(self, strange: int) -> None:
        if strange != self._strange:
            self._strange = strange
            self.context.log.info(
                "%s: %s objects below %s have names that no blob has, and are passed over",
                self._vault.said, strange, BLOBS,
            )  # fmt: skip


def _first(errors: BaseExceptionGroup[SourceError]) -> BaseException:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


async def _none() -> AsyncIterator[bytes]:
    chunks: tuple[bytes, ...] = ()
    for chunk in chunks:
        yield chunk


def _sha256_of(key: Key) -> str:
    if key.kind != KIND or not is_sha256(key.id):
        raise Unsupported(f"{key.kind} {key.id[:100]!r} names nothing in an archive: its keys are sha256")
    return key.id


def _vault(config: ArchiveConfig, name: str) -> Vault:
    if config.scheme == FILE:
        return Folder(config.path, timeout=config.timeout, name=name)
    try:
        from reconciled_archive.bucket import Bucket
    except ImportError:
        raise Unsupported(f"{name}: {config.scheme}:// needs the package obstore: {EXTRA}") from None
    return Bucket(config)
