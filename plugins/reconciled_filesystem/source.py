"""The file system as a source, and as a place that copies are put into.

**Absence** is `ENOENT` for this very path while its ground is firm, before and after the question:
the folder is there with something in it, with its marker if it has one, and on the mount that the
last probe saw. Any other error of the disk is trouble. A mount that vanished is never an absence.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from platform import release
from typing import ClassVar, TypeVar

from reconciled.errors import BadResponse, Refused, SourceError, Unreachable, Unsupported
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Page
from reconciled.source import (
    Connected,
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
from reconciled_filesystem import bin as rubbish
from reconciled_filesystem.checksums import A_SCAN, Checksums
from reconciled_filesystem.config import FilesystemConfig, Folder
from reconciled_filesystem.examining import examine
from reconciled_filesystem.fetching import content_of, opened
from reconciled_filesystem.ground import Ground, check, ground_of, survey
from reconciled_filesystem.items import KIND, item_of, origin_of
from reconciled_filesystem.receiving import RECEIVED, Receiver, no_place
from reconciled_filesystem.spelling import read, spell
from reconciled_filesystem.walking import Found, Walk, look
from reconciled_filesystem.watching import Watcher

T = TypeVar("T")
_MOUNTS = "mounts"
_AT_ONCE = 2**30
"""The most bytes of a copy that are read again, when it is looked at, because it changed."""
_LONGER = 10
"""Times the usual patience for what takes long: a thousand names, a quarter of a GiB."""


class Filesystem(Source[FilesystemConfig]):
    """Folders of this box. Its keys are paths, its items are files."""

    app: ClassVar[str] = "filesystem"
    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    Config: ClassVar = FilesystemConfig
    paged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    fileset: ClassVar[str | None] = None
    batch: int = 500

    def __init__(self, config: FilesystemConfig, context: Context) -> None:
        super().__init__(config, context)
        self.checksums = Checksums(context.store)
        self._grounds: tuple[Ground, ...] | None = None
        self._threads = ThreadPoolExecutor(4, thread_name_prefix=f"disk of {context.name}")
        self._watching = ThreadPoolExecutor(1, thread_name_prefix=f"watch of {context.name}")
        self.watcher = Watcher(config.folders, self._watching)
        self._receiver = Receiver(
            context.store, self.checksums, self._disk, self._patiently, context.clock.now
        )

    async def probe(self) -> About:
        """The folders, with the mounts below them. Wakes the disks."""
        before = await self._mounts_before()
        self._grounds = grounds = await self._disk(lambda: survey(self.config.folders, before))
        folders = {folder.path for folder in self.config.folders}
        points: list[Json] = [ground.path for ground in grounds if ground.path not in folders]
        if points != before:
            await self.context.store.set(_MOUNTS, points)
        return About(
            app="file system",
            version=f"Linux {release()}",
            roots=tuple(ground.root for ground in grounds),
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Every file that counts. Unreachable when any folder cannot be read, or its ground is not firm."""
        if KIND not in kinds:
            raise Unsupported(f"the file system has the kind {KIND} only")
        grounds = await self._known_grounds()
        self.checksums.budget, fresh, seen = A_SCAN, set(self.watcher.fresh), set[str]()
        for folder in self.config.folders:
            await self._firm(folder.path, grounds)
            walk = Walk(folder)
            while found := await self._patiently(walk.next):
                if self.config.sha256:
                    async for _ in self.checksums.read(found, self._patiently):
                        yield Page(())  # a sign of life: reading whole files takes its time
                yield Page(await self._items(found, grounds))
            await self._firm(folder.path, grounds)
            seen |= walk.folders
        self.watcher.walked(seen)
        self.watcher.fresh -= fresh
        yield Page((), complete=True)

    async def lookup(self, key: Key) -> Answer:
        """This very file, or `Absent`."""
        return (await self.lookup_many([key]))[key]

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """What stands at these paths. No answer where a link stands, the ground is soft, or no file counts.

        SourceError when none has.
        """
        grounds = await self._known_grounds()
        answers: dict[Key, Answer] = {}
        trouble: Exception | None = None
        for key in keys:
            try:
                answers[key] = await self._look(key, grounds)
            except SourceError as error:
                trouble = error
        if trouble is not None and not answers:
            raise trouble
        return answers

    async def delete(self, key: Key, how: Deletion) -> None:
        """Remove the file, or move it to the trash. Refused unless it counts; Unreachable on soft ground."""
        if how not in self.options:
            raise Unsupported("a file is deleted with its file, and nothing keeps it from coming back")
        path, top, ground = self._place(key, await self._known_grounds())
        if ground is None:
            raise Refused(f"{key.id}: it is not among the files that count; nothing was deleted")
        now = self._moment()

        def taken() -> None:
            check(ground, self.config.folders)
            if look(path, top=top) is not None:
                rubbish.take(path, self.config.trash, top=top, name=now)

        try:
            await self._disk(taken)
        except BadResponse as error:
            raise Refused(f"{error}; nothing was deleted") from error

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        """The file's bytes. BadResponse, in their midst, when it changes while it is read."""
        path, top, ground = self._place(key, await self._known_grounds())
        if ground is None:
            raise Unsupported(f"{key.id}: it is not among the files that count")
        file = await opened(path, top=top, disk=self._disk)
        if file is None:
            await self._disk(partial(check, ground, self.config.folders))
            yield Absent(f"no such file; {ground.path} is mounted ({ground.root.device})")
            return
        async with content_of(path, file, self._disk, start=start, etag=etag) as content:
            yield content

    def origin(self, item: Item) -> Mapping[str, str]:
        """Where it lay."""
        return origin_of(item)

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | None:  # noqa: ARG002
        """Whether a copy of that original was put here, or the bytes are, as far as checksums were read.

        Nothing is ever half there, so it does not matter since when. A copy may have changed since, so it
        shows the checksum of what it has.
        """
        _, firm = await self._firm_place()
        await self._disk(firm)
        found = await self._receiver.noted(upload.marker, top_of=self._top_of)
        if found is None:
            found = await self._receiver.same_bytes(upload.sha256, upload.marker, top_of=self._top_of)
        if found is None:
            return None
        if found[0].size <= _AT_ONCE:
            await self.checksums.fresh(found[0], self._patiently)
        return await self._kept(found[0], ours=found[1])

    async def upload(self, upload: Upload) -> Kept:
        """Put a copy into the folder for them, beside whatever is there. Unreachable on soft ground."""
        folder, firm = await self._firm_place()
        found = await self._receiver.put(upload, str(self.config.receive), over=folder, firm=firm)
        return await self._kept(found, ours=True)

    async def outcome(self, receipt: Receipt) -> Outcome:
        """A disk is finished at once and gives no receipts."""
        raise BadResponse(
            f"{self.context.name}: no upload {receipt.id[:100]!r} is known; a disk has no tasks"
        )

    async def revise(self, key: Key, upload: Upload) -> Kept:
        """Put newer bytes in the file's place; the older ones go to the trash. Unsupported without one."""
        if self.config.trash is None:
            raise Unsupported(
                "no trash is configured for the older bytes; set trash: on the same file system"
            )
        path, top, ground = self._place(key, await self._known_grounds())
        if ground is None:
            raise Refused(f"{key.id}: it is not among the files that count; nothing was replaced")
        trash = Path(self.config.trash, self._moment(), path.lstrip("/"))
        firm = partial(check, ground, self.config.folders)
        renewed = await self._receiver.renew(upload, path, trash, top=top, firm=firm)
        if renewed is None:
            raise Refused(f"{key.id}: there is no such file any more")
        found, ours = renewed
        return await self._kept(found, ours=ours)

    async def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow the folders. Unreachable at its end."""
        async for event in self.watcher.follow():
            yield event

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:  # noqa: ARG002  # a disk sends no webhooks
        """Mounts without a marker, a trash elsewhere, mappings that nothing lies below."""
        before = await self._mounts_before()
        grounds = await self._disk(lambda: survey(self.config.folders, before))
        return await self._disk(lambda: examine(self.config, grounds))

    async def close(self) -> None:
        """Let go of the threads; one that a disk holds on to ends when the disk answers."""
        for threads in (self._threads, self._watching):
            threads.shutdown(wait=False, cancel_futures=True)

    # --- how ---------------------------------------------------------------------------------------

    async def _look(self, key: Key, grounds: Sequence[Ground]) -> Item | Absent:
        path, top, ground = self._place(key, grounds)
        if ground is None:
            raise Unsupported(f"{key.id}: it is not among the files that count")

        def asked() -> Found | None:
            check(ground, self.config.folders)
            found = look(path, top=top)
            check(ground, self.config.folders)
            return found

        found = await self._disk(asked)
        if found is None:
            await self.checksums.forget(path)
            return Absent(f"no such file; {ground.path} is mounted ({ground.root.device})")
        if self.config.receive is not None and found.size <= _AT_ONCE:
            await self.checksums.renewed(found, self._patiently)
        return (await self._items([found], grounds))[0]

    def _place(self, key: Key, grounds: Sequence[Ground]) -> tuple[str, str, Ground | None]:
        """Path, folder and ground of a key; no ground when it does not count. Unsupported: no path."""
        try:
            path = read(key.id)
        except ValueError as error:
            raise Unsupported(str(error)) from None
        folder = self.config.folder_of(path)
        if key.kind != KIND or folder is None:
            return path, "", None
        counts = folder.counts(path[len(folder.path) + 1 :])
        return path, folder.path, ground_of(path, grounds) if counts else None

    def _top_of(self, path: str) -> str | None:
        """The folder of a path that counts."""
        folder = self.config.folder_of(path)
        return folder.path if folder and folder.counts(path[len(folder.path) + 1 :]) else None

    async def _firm_place(self) -> tuple[Folder, Callable[[], None]]:
        """The folder that copies go into or below, and what raises when it is not as it should be.

        It may be empty if it has a marker, or as long as nothing was put there.
        """
        if self.config.receive is None:
            raise no_place()
        name = f"{self.config.receive}/name"
        folder, ground = self.config.folder_of(name), ground_of(name, await self._known_grounds())
        assert folder is not None, "the config was checked"  # noqa: S101 - narrows the type
        if ground is None:
            raise Unreachable(f"{folder.path}: nobody could look at it yet")
        empty = folder.marker is not None or not await self.context.store.get(RECEIVED)
        return folder, partial(check, ground, self.config.folders, empty=empty)

    async def _kept(self, found: Found, *, ours: bool) -> Kept:
        (item,) = await self._items([found], await self._known_grounds())
        return Kept(Key(KIND, spell(found.path)), item, ours)

    def _moment(self) -> str:
        """What the trash calls now."""
        return f"{self.context.clock.now():%Y-%m-%dT%H-%M-%S.%f}"

    async def _items(self, found: Sequence[Found], grounds: Sequence[Ground]) -> tuple[Item, ...]:
        summed = self.config.sha256 or self.config.receive is not None
        sums = await self.checksums.known(found) if summed else {}
        items = []
        for file in found:
            ground = ground_of(file.path, grounds)
            root = ground.path if ground is not None else None
            items.append(item_of(file, root=root, mapped=self.config.map, sha256=sums.get(file.path)))
        return tuple(items)

    async def _mounts_before(self) -> list[str]:
        """The mount points below the folders that any probe saw."""
        kept = await self.context.store.get(_MOUNTS)
        return [point for point in kept if isinstance(point, str)] if isinstance(kept, list) else []

    async def _known_grounds(self) -> tuple[Ground, ...]:
        if self._grounds is None:
            await self.probe()
        assert self._grounds is not None, "probe has set it"  # noqa: S101 - narrows the type
        return self._grounds

    async def _firm(self, path: str, grounds: Sequence[Ground]) -> None:
        """All ground at and below the folder is as the probe saw it."""
        for ground in grounds:
            if ground.path == path or (ground.path.startswith(f"{path}/") and ground.firm):
                await self._disk(partial(check, ground, self.config.folders))

    async def _patiently(self, call: Callable[[], T]) -> T:
        return await self._disk(call, patience=_LONGER * self.config.timeout)

    async def _disk(self, call: Callable[[], T], *, patience: float | None = None) -> T:
        """Ask the disk, in a thread of our own: a network mount that hangs keeps no other source waiting.

        Unreachable when it takes too long.
        """
        try:
            async with asyncio.timeout(patience or self.config.timeout):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except TimeoutError:
            raise Unreachable(f"{self.context.name}: the disk gave no answer") from None
