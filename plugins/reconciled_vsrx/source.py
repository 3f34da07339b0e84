"""A VSRX as a source, through the bridge of its site.

**Absence** is the bridge's own word about that very item: the file's row with its flag `deleted`, or
a 404 that carries the bridge's mark and names the id (see `connection`). A fileset is absent when VSRX
says that about its files. That a list lacks an item says nothing.

VSRX is only read, its files too: a practice's files are nobody's to delete, and least of all ours.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import islice
from typing import ClassVar

from reconciled.clock import wait_for
from reconciled.errors import BadResponse, Unsupported
from reconciled.model import About, Absent, Answer, Event, Item, Key, Op, Page, Ref
from reconciled.source import Connected, Context, Hook, Matter, Source
from reconciled_vsrx.config import VsrxConfig
from reconciled_vsrx.connection import Connection
from reconciled_vsrx.examining import examine
from reconciled_vsrx.fetching import Fetched, fetch, preview
from reconciled_vsrx.flags import Flags
from reconciled_vsrx.items import (
    FILE,
    FILE_SPACE,
    FILESET,
    PATIENT_SPACE,
    file_of,
    fileset_of,
    flagged_at,
    origin_of,
)
from reconciled_vsrx.listing import Listing, unlisted
from reconciled_vsrx.payloads import File, Fileset, Filesets
from reconciled_vsrx.webhooks import read_webhook, verify

PAGE = 500


class Vsrx(Source[VsrxConfig]):
    """One VSRX."""

    app: ClassVar[str] = "vsrx"
    kinds: ClassVar[tuple[str, ...]] = (FILESET, FILE)
    Config: ClassVar = VsrxConfig
    paged: ClassVar[bool] = True
    fileset: ClassVar[str | None] = "patient"

    def __init__(self, config: VsrxConfig, context: Context) -> None:
        super().__init__(config, context)
        self.connection = Connection(config, context.http)
        self._flags = Flags(context.store, context.clock)
        self._listing = Listing(self.connection, self._flags)
        self._refused: dict[str, str] = {}

    # what every source can do

    async def probe(self) -> About:
        """Who answers. The version, and the instance where it says one, stand in the bridge's headers."""
        connection = self.connection
        answer = await connection.ask(connection.config.map.paths.filesets, params={"limit": 1})
        await connection.decode(Filesets, answer)
        return About(app="VSRX", version=connection.version, instance=connection.instance)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """The filesets, then the files of each, and of previous ids whose files stayed behind."""
        self._check_kinds(kinds)
        filesets = await self._listing.filesets()
        if FILESET in kinds:
            rows = iter(filesets.values())
            while chunk := [*islice(rows, PAGE)]:
                yield Page.of(map(fileset_of, chunk))
        if FILE in kinds:
            seen, denied = set[str](), set[str]()
            for patient in (*filesets, *unlisted(filesets)):
                files = await self._listing.files(patient, row=filesets.get(patient))
                if files is None and patient in filesets:
                    denied.add(patient)
                # moved while we read: once is enough
                fresh = [row for row in files or () if not row.deleted and row.id not in seen]
                seen.update(row.id for row in fresh)
                flagged = {Key(FILE, row.id): flagged_at(row) for row in files or () if row.deleted}
                if fresh or flagged:
                    yield Page(tuple(map(self._item_of, fresh)), deleted=flagged)
            await self._listing.denied(denied)
            await self._flags.whole()
        yield Page((), complete=True)

    async def lookup(self, key: Key) -> Answer:
        """This very item, or `Absent`."""
        self._check_kinds(frozenset({key.kind}))
        return await (self._file(key.id) if key.kind == FILE else self._fileset(key.id))

    # what else this one can do

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The file of an id; the filesets that claim a patient's id."""
        if ref.space == FILE_SPACE:
            found = await self._file(ref.value)
            return [] if isinstance(found, Absent) else [found]
        if ref.space == PATIENT_SPACE:
            filesets = await self._listing.filesets()
            return [item for item in map(fileset_of, filesets.values()) if ref in item.refs]
        raise Unsupported(f"VSRX finds by {FILE_SPACE} and {PATIENT_SPACE}, not by {ref.space}")

    def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AbstractAsyncContextManager[Fetched]:
        """A file's bytes. Unsupported for a fileset, which has none."""
        if key.kind != FILE:
            raise Unsupported(f"a {key.kind} of VSRX has no bytes; its files have")
        return fetch(self.connection, key.id, start=start, etag=etag)

    def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AbstractAsyncContextManager[Fetched]:
        """An image, as it is. Unsupported for a fileset and for files that are none."""
        if key.kind != FILE:
            raise Unsupported(f"a {key.kind} of VSRX has no picture; its files may have")
        return preview(self.connection, key.id, lambda: self._file(key.id), whole=whole, etag=etag)

    def origin(self, item: Item) -> Mapping[str, str]:
        """Its id, its path, and that nobody grouped it."""
        return origin_of(item)

    async def listen(self) -> AsyncIterator[Event | Connected]:
        """VSRX has no stream, so this looks: are there new flags, and did any fileset change?

        With `poll: off` it asks nothing, and tells the flags that scans find.
        """
        flags = self._flags
        known = await self._listing.filesets()
        await flags.begin(self.connection.instance)
        try:
            yield Connected()
            while True:
                changed = 0
                if not await self._flags_found():
                    now = await self._listing.filesets()
                    changed = await self._read_changed(known, now)
                    known = now
                for event in flags.tell():
                    yield event
                flags.taken()
                if changed:
                    said = "1 fileset" if changed == 1 else f"{changed} filesets"
                    yield Event(Op.SCAN, reason=f"{said} of VSRX changed")
        finally:
            flags.end()

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        """By the signature."""
        verify(body, headers, key=self.config.webhook, name=self.context.name)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What the site tells us."""
        return read_webhook(body, ours=self.config.map.fields.ours)

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """Whether the bridge keeps the contract, and whether its webhooks can reach us."""
        return await examine(self.connection, self.config, hook)

    # how it is asked

    async def _file(self, file: str) -> Item | Absent:
        connection = self.connection
        answer = await connection.ask(connection.config.map.paths.file, about=file)
        if answer.status == 404:
            return Absent(f"404 of VSRX {connection.version}: purged, or never there")
        row = await connection.decode(File, answer)
        if row.id != file:
            raise BadResponse(f"{answer.where}: asked for the file {file}, the answer is about {row.id}")
        if row.deleted:
            return flagged_at(row)
        return self._item_of(row)

    async def _fileset(self, patient: str) -> Item | Absent:
        """Its files say whether it is there, and the list what it is.

        One that has files and is not listed is there all the same, under an id that was rebooked.
        """
        files = await self._listing.files(patient)
        if files is None:
            await self._listing.denied({patient})
            return Absent(f"404 of VSRX {self.connection.version} to the files of this very patient")
        row = (await self._listing.filesets()).get(patient)
        if row is None and not files:
            raise BadResponse(
                f"{self.config.url}: VSRX neither lists the patient {patient} nor says that there is none; "
                "the bridge has to answer 404 for the files of a patient that it does not know"
            )
        return fileset_of(row or Fileset(patient))

    async def _flags_found(self) -> bool:
        """Wait until a listing found new flags, or (False) until it is time to look."""
        if self.config.poll is None:
            return await self._flags.fresh.wait()
        return await wait_for(self._flags.fresh, self.config.poll, clock=self.context.clock)

    async def _read_changed(self, before: Mapping[str, Fileset], now: Mapping[str, Fileset]) -> int:
        """Read the files of the filesets that changed, for their flags. Returns how many changed or went."""
        changed = [patient for patient, row in now.items() if before.get(patient) != row]
        for patient in changed:
            await self._listing.files(patient)
        return len(changed) + len(before.keys() - now.keys())

    def _item_of(self, row: File) -> Item:
        """The item; that its path is refused is logged once."""
        item = file_of(row)
        reason = item.attrs.get("refused")
        if isinstance(reason, str) and self._refused.get(row.id) != reason:
            self._refused[row.id] = reason
            self.context.log.warning("%s: %s stays without a path: %s", self.context.name, item.key, reason)
        return item

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - set(self.kinds):
            raise Unsupported(f"VSRX has no {', '.join(sorted(other))} here")
