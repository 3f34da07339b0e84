"""Names that an upload carries: tags, correspondents and document types, as the numbers that they have.

A name that Paperless does not know is made, for everybody and matching nothing by itself. What was
read is remembered for a minute; who finds that a number is good no more asks again.
"""

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from reconciled.clock import Clock
from reconciled.errors import BadResponse, Refused
from reconciled.http import Response
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Tag, Tags

FRESH = 60.0
"""Seconds for which a name is remembered."""
LONGEST = 128
"""The most characters of a name."""
_MOST = 100_000
_NO_MATCHING = 0


class Names:
    """One of Paperless' lists of names."""

    paths: ClassVar[Mapping[str, tuple[str, str]]] = {
        "tag": ("/api/tags/", "tag"),
        "correspondent": ("/api/correspondents/", "correspondent"),
        "document type": ("/api/document_types/", "documenttype"),
    }

    def __init__(self, connection: Connection, clock: Clock, what: str) -> None:
        """`what` is one of `paths`."""
        self._connection = connection
        self._clock = clock
        self._what = what
        self._path, self._right = self.paths[what]
        self._known: dict[str, int] = {}
        self._until = float("-inf")
        self._turn = asyncio.Lock()

    def forget(self) -> None:
        """What is remembered is good no more."""
        self._until = float("-inf")

    async def number(self, name: str) -> int:
        """The oldest one of that name, made when there is none. Refused when we may not."""
        name = " ".join(name.replace("\x00", "").split())[:LONGEST].strip()
        if not name:
            raise Refused(f"a {self._what} needs a name that is not empty")
        wanted = name.casefold()
        async with self._turn:
            if self._clock.monotonic() < self._until and wanted in self._known:
                return self._known[wanted]
            await self._read()
            if wanted not in self._known:
                self._known[wanted] = await self._made(name)
            return self._known[wanted]

    async def _read(self) -> None:
        began = self._clock.monotonic()
        answer = await self._connection.ask(self._path, params={"page_size": _MOST}, allow=(403,))
        self._check_right(answer, "view")
        found = await self._connection.decode(Tags, answer)
        if found.count != len(found.results):
            raise BadResponse(f"{answer.where}: {len(found.results)} names of {found.count}")
        newest_first = sorted(found.results, key=lambda one: one.id, reverse=True)
        self._known = {one.name.casefold(): one.id for one in newest_first}
        self._until = began + FRESH

    async def _made(self, name: str) -> int:
        body = {"name": name, "owner": None, "matching_algorithm": _NO_MATCHING}
        answer = await self._connection.ask(self._path, method="POST", json=body, allow=(400, 403))
        self._check_right(answer, "add")
        if answer.status != 400:
            return (await self._connection.decode(Tag, answer)).id
        await self._read()  # somebody made it meanwhile
        if (found := self._known.get(name.casefold())) is not None:
            return found
        raise self._connection.error(Refused, answer, f"Paperless refused the {self._what} {name!r}")

    def _check_right(self, answer: Response, verb: str) -> None:
        if answer.status == 403:
            said = f"the user of this source may not {verb} a {self._what}; give it {verb}_{self._right}"
            raise self._connection.error(Refused, answer, said)
