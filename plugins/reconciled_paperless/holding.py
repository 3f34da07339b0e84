"""Whether Paperless has a file already: by our marker, by its bytes, in its trash, or on its way in.

A document is ours when it says so itself, in the custom field that holds our marker; the same bytes
alone make nothing ours. Who merges, splits or edits documents makes new ones, which inherit the fields:
with other bytes and another file name than ours, a marked one is theirs. Filters that Paperless does
not know are ignored and the whole list comes back, so every answer is checked to be about what was
asked for.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from unicodedata import combining, normalize

import msgspec

from reconciled.errors import BadResponse
from reconciled.model import Item
from reconciled.source import Kept, Pending, Upload
from reconciled_paperless.connection import Connection
from reconciled_paperless.fates import IN_THE_TRASH
from reconciled_paperless.fields import MARKER, Fields, mark_of
from reconciled_paperless.items import checksums, key_of, newest_checksum
from reconciled_paperless.listing import matching
from reconciled_paperless.payloads import Document, Metadata
from reconciled_paperless.tasks import Tasks, plain_name
from reconciled_paperless.trash import Trash

TRASH_FRESH = 60.0
"""Seconds for which a walk through the trash serves uploads."""
_TITLE = 127
_MODERN = 3
_PIECE = 2**20
_INHERITED = (
    f"it says in {MARKER} that it is this file, but it has other bytes and another file name: did somebody "
    "merge, split or edit documents? It is left alone; empty that field there to have the file brought"
)

Itemised: TypeAlias = Callable[[Iterable[Document]], Awaitable[list[Item]]]
"""Documents as items."""


class Holding:
    """What one Paperless holds of the files that shall be brought to it."""

    def __init__(
        self, connection: Connection, fields: Fields, tasks: Tasks, *, trash: Trash, items: Itemised
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._tasks = tasks
        self._trash = trash
        self._items = items

    async def had(self, upload: Upload, since: datetime | None) -> Kept | Pending | None:
        """Whether Paperless holds the file, by our marker or by its bytes; the trash counts.

        What is under way is asked for first: a task that ends meanwhile shows as its document then.
        """
        field = await self._fields.marker()
        busy = since is not None and await self._under_way(upload, since, field)
        digest = await self._digest(upload)
        marked = await self._marked(field, upload.marker, digest)
        ours = await self._ours_of(marked, upload, digest)
        if ours is not None and (not busy or digest in checksums(ours)):
            return await self.kept(ours, ours=True, said=_other_bytes(ours, digest))
        if busy:
            return Pending("Paperless is still at work on a file of this name")
        known = await self._by_bytes(digest) or await self._in_trash(field, upload.marker, digest)
        if known is None and marked:
            return await self.kept(marked[0], ours=False, said=_INHERITED)
        return known

    async def made(self, upload: Upload, since: datetime) -> int | None:
        """What a task says that it made of our upload since then (3.x), whatever became of it."""
        field, mark = await self._fields.marker(), mark_of(upload.marker)
        tasks = await self._tasks.since(since)
        return next((task.made for task in tasks if task.made is not None and task.bears(field, mark)), None)

    async def kept(self, document: Document, *, ours: bool, said: str = "") -> Kept:
        """The document as what is held."""
        (item,) = await self._items([document])
        return Kept(item.key, item, ours, said)

    async def _under_way(self, upload: Upload, since: datetime, field: int | None) -> bool:
        title, mark = title_of(upload), mark_of(upload.marker)
        return any(
            not task.finished and task.may_be(upload.name, title, field=field, mark=mark)
            for task in await self._tasks.since(since)
        )

    async def _digest(self, upload: Upload) -> str:
        """The checksum that this Paperless keeps: SHA-256 since 3.0, MD5 before."""
        if self._connection.major >= _MODERN:
            return upload.sha256.lower()
        return await asyncio.to_thread(_md5, upload.path)

    async def _marked(self, field: int | None, marker: str, digest: str) -> list[Document]:
        """The documents that bear the marker: those with these bytes first, then the oldest.

        Some databases find what differs in its case or accents only.
        """
        if field is None:
            return []
        query = msgspec.json.encode([field, "exact", mark_of(marker)]).decode()
        found = await matching(self._connection, "custom_field_query", query)
        if any(one.custom_fields is None for one in found):
            raise BadResponse(
                "Paperless shows documents without their custom fields; does a proxy change lists?"
            )
        wanted = _folded(mark_of(marker))
        if any(wanted not in map(_folded, Fields.texts(one, field)) for one in found):
            raise BadResponse(
                "Paperless: asked for one custom field, got others: is custom_field_query ignored?"
            )
        marked = [one for one in found if Fields.is_marked(one, field, marker)]
        return sorted(marked, key=lambda one: (digest not in checksums(one), one.id))

    async def _ours_of(self, marked: Sequence[Document], upload: Upload, digest: str) -> Document | None:
        """The one that we uploaded: it has our file's name, or our bytes."""
        name = plain_name(upload.name)
        for one in marked:
            if plain_name(one.original_file_name or "") == name:
                return one
            if digest in (checksums(one) or {await self._checksum(one.id)}):
                return one
        return None

    async def _by_bytes(self, digest: str) -> Kept | None:
        """A document whose first file has these bytes; later files are not to be asked for."""
        for document in await matching(self._connection, "checksum__iexact", digest):
            known = checksums(document) or {await self._checksum(document.id)}
            if None in known:
                continue
            if digest not in known:
                raise BadResponse("Paperless: asked for a checksum, got others: is checksum__iexact ignored?")
            return await self.kept(document, ours=False, said=_other_bytes(document, digest))
        return None

    async def _checksum(self, number: int) -> str | None:
        """That of a document of 2.20, whose lists show none; None when it is not shown any more."""
        path = f"/api/documents/{number}/metadata/"
        answer = await self._connection.ask(path, allow=(403, 404), expect="any")
        if answer.status in (403, 404):
            return None
        return (await self._connection.decode(Metadata, answer)).original_checksum.strip().lower()

    async def _in_trash(self, field: int | None, marker: str, digest: str) -> Kept | None:
        """What lies in the trash; its list takes no filter, so it is read at most once a minute.

        The lists of 2.20 show no checksums: what lies there is found when the upload is refused.
        """
        for number, one in (await self._trash.read(fresh=TRASH_FRESH)).items():
            if one.root_document is not None:
                continue
            ours = field is not None and Fields.is_marked(one, field, marker)
            if ours or digest in checksums(one):
                return Kept(key_of(number), None, ours, IN_THE_TRASH)
        return None


def title_of(upload: Upload) -> str:
    """The title as Paperless can hold it; empty: it takes the file's name."""
    title = " ".join(upload.title.replace("\x00", "").split())
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"


def _folded(text: str) -> str:
    """What a database that is blind to case and accents sees of a text."""
    plain = "".join(char for char in normalize("NFKD", text) if not combining(char))
    return plain.casefold().strip()


def _other_bytes(document: Document, digest: str) -> str:
    """What is to be said when its newest file is another one."""
    newest = newest_checksum(document)
    return "" if newest in ("", digest) else "its newest file has other bytes"


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
