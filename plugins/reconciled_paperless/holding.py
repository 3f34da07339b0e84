"""Whether Paperless has a file already: by our marker, by its bytes, in its trash, or on its way in.

A document is ours when it says so itself, in the custom field that holds our marker; the same bytes
alone make nothing ours. Filters that Paperless does not know are ignored and the whole list comes
back, so every answer is checked to be about what was asked for.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import msgspec

from reconciled.errors import BadResponse
from reconciled.model import Item
from reconciled.source import Kept, Pending, Upload
from reconciled_paperless.connection import Connection
from reconciled_paperless.fates import IN_THE_TRASH
from reconciled_paperless.fields import Fields, mark_of
from reconciled_paperless.items import checksums, key_of, newest_checksum
from reconciled_paperless.listing import matching
from reconciled_paperless.payloads import Document, Metadata
from reconciled_paperless.tasks import Tasks
from reconciled_paperless.trash import Trash

TRASH_FRESH = 60.0
"""Seconds for which a walk through the trash serves uploads."""
_TITLE = 127
_MODERN = 3
_PIECE = 2**20

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
        ours = await self._marked(field, upload.marker, digest)
        if ours is not None and (not busy or digest in checksums(ours)):
            return await self.kept(ours, ours=True, said=_other_bytes(ours, digest))
        if busy:
            return Pending("Paperless is still at work on a file of this name")
        return await self._by_bytes(digest) or await self._in_trash(field, upload.marker, digest)

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

    async def _marked(self, field: int | None, marker: str, digest: str) -> Document | None:
        """The document that bears the marker; of several the one with these bytes, or else the oldest."""
        if field is None:
            return None
        query = msgspec.json.encode([field, "exact", mark_of(marker)]).decode()
        found = await matching(self._connection, "custom_field_query", query)
        if any(one.custom_fields is None for one in found):
            raise BadResponse(
                "Paperless shows documents without their custom fields; does a proxy change lists?"
            )
        ours = [one for one in found if Fields.is_marked(one, field, marker)]
        if found and not ours:
            raise BadResponse(
                "Paperless: asked for one custom field, got others: is custom_field_query ignored?"
            )
        return next((one for one in ours if digest in checksums(one)), ours[0] if ours else None)

    async def _by_bytes(self, digest: str) -> Kept | None:
        """A document whose first file has these bytes; later files are not to be asked for."""
        for document in await matching(self._connection, "checksum__iexact", digest):
            if digest not in (checksums(document) or {await self._checksum(document.id)}):
                raise BadResponse("Paperless: asked for a checksum, got others: is checksum__iexact ignored?")
            return await self.kept(document, ours=False, said=_other_bytes(document, digest))
        return None

    async def _checksum(self, number: int) -> str:
        """That of a document of 2.20, whose lists show none."""
        answer = await self._connection.read(Metadata, f"/api/documents/{number}/metadata/")
        return answer.original_checksum.strip().lower()

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
