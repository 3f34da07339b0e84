"""What can be done to a document: into the trash and out of it again, labels on and off.

Paperless answers "OK" to a bulk edit whatever became of it, so a label counts when the document
shows it. A bulk edit changes one tag and races with nobody; writing the whole document would. The
trash keeps a document with its file under its number, for as many days as Paperless was told to.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from reconciled.errors import BadResponse, Refused, Unreachable
from reconciled.http import Response
from reconciled_paperless.connection import Connection
from reconciled_paperless.labels import Labels
from reconciled_paperless.listing import these
from reconciled_paperless.payloads import Document, Restored, Tag

_NO_MATCHING = 0


class Acts:
    """Changes one Paperless; each act is over within `seconds`."""

    def __init__(self, connection: Connection, labels: Labels, *, seconds: float) -> None:
        self._connection = connection
        self._labels = labels
        self._seconds = seconds

    async def throw_away(self, number: int) -> bool:
        """Move a document to the trash. False when Paperless says that there is none to move."""
        async with self.in_time(number):
            path = f"/api/documents/{number}/"
            answer = await self._connection.ask(path, method="DELETE", allow=(403, 404))
            self.check_right(answer, "delete this document")
            if answer.status not in (204, 404):
                raise BadResponse(f"{answer.where}: {answer.status}, which does not say that it was deleted")
            return answer.status == 204

    async def take_out(self, number: int, *, later: Sequence[int] = ()) -> bool:
        """Take a document out of the trash, with these files of it. False when it is not in there.

        One that Paperless has taken out by itself comes with its first file only (3.x).
        """
        async with self.in_time(number):
            wanted = [number, *later]
            body = {"documents": wanted, "action": "restore"}
            answer = await self._connection.ask("/api/trash/", method="POST", json=body, allow=(400, 403))
            self.check_right(answer, "restore this document")
            if answer.status == 400:
                return False
            if not set(wanted) <= {*(await self._connection.decode(Restored, answer)).doc_ids}:
                raise BadResponse(f"{answer.where}: the answer does not say that {number} was restored")
            return True

    async def tag(self, number: int, label: str) -> None:
        """Put the label there, made when Paperless does not have it."""
        name = _plain(label)
        async with self.in_time(number):
            tags = await self._labels.numbers(name)
            if set(tags) & set((await self._document(number)).tags or ()):
                return
            tag = tags[0] if tags else await self._made(name)
            await self.edit(number, "add_tag", {"tag": tag})
            if tag not in ((await self._document(number)).tags or ()):
                raise Refused(
                    f"Paperless said yes to the tag {name!r}, but document {number} does not show it"
                )

    async def untag(self, number: int, label: str) -> None:
        """Take the label off, in all its tags."""
        name = _plain(label)
        async with self.in_time(number):
            there = set(await self._labels.numbers(name)) & set((await self._document(number)).tags or ())
            for tag in sorted(there):
                await self.edit(number, "remove_tag", {"tag": tag})
            if there and there & set((await self._document(number)).tags or ()):
                raise Refused(f"Paperless said yes, but document {number} still shows the tag {name!r}")

    async def _document(self, number: int) -> Document:
        for document in await these(self._connection, [number], fields="id,tags"):
            return document
        raise Refused(f"Paperless does not show document {number}: deleted, or hidden from this user")

    async def edit(self, number: int, method: str, parameters: Mapping[str, int]) -> None:
        """A bulk edit of one document. That it was answered does not say that it was done."""
        body = {"documents": [number], "method": method, "parameters": parameters}
        answer = await self._connection.ask(
            "/api/documents/bulk_edit/", method="POST", json=body, allow=(403,), expect="any"
        )
        self.check_right(answer, "change this document")

    async def _made(self, label: str) -> int:
        """A new tag that belongs to nobody, so that everybody sees it, and that matches nothing by itself."""
        body = {"name": label, "owner": None, "matching_algorithm": _NO_MATCHING}
        answer = await self._connection.ask("/api/tags/", method="POST", json=body, allow=(400, 403))
        self.check_right(answer, "make a tag")
        if answer.status != 400:
            return (await self._connection.decode(Tag, answer)).id
        if tags := await self._labels.numbers(label):  # somebody made it meanwhile
            return tags[0]
        raise self._connection.error(Refused, answer, f"Paperless refused the tag {label!r}")

    def check_right(self, answer: Response, what: str) -> None:
        """Refused when the answer is that we may not."""
        if answer.status == 403:
            raise self._connection.error(Refused, answer, f"the user of this source may not {what}")

    @asynccontextmanager
    async def in_time(self, number: int) -> AsyncIterator[None]:
        """Unreachable when what is done to the document takes longer than it may."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError:
            raise Unreachable(
                f"Paperless: document {number} was not done with after {self._seconds:g} s, "
                "so nobody knows whether it happened"
            ) from None


def _plain(label: str) -> str:
    if plain := label.strip():
        return plain
    raise Refused("a tag needs a label that is not empty")
