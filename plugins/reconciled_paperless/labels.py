"""The names behind numbers: of tags, which are labels here, of correspondents and of document types.

Documents carry numbers, people and policies know names. What was renamed or deleted leaves no trace at its
documents (their times of change stay), so every scan reads the list of tags; between scans a list is kept
for a minute at most. Names are unique for each owner only, so one label may be several tags; and what we
may not see has no name here.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from reconciled.clock import Clock
from reconciled.errors import BadResponse
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Document, Tags

FRESH = 60.0
"""Seconds that a list is believed."""
TAGS, CORRESPONDENTS, TYPES = "/api/tags/", "/api/correspondents/", "/api/document_types/"
_MOST = 100_000


class Labels:
    """The tags of one Paperless, or its correspondents, or its document types, by `path`.

    Not `needed`: whoever may not look at the list knows no names, and nothing fails by it.
    """

    def __init__(
        self, connection: Connection, clock: Clock, path: str = TAGS, *, needed: bool = True
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._path = path
        self._what = path.split("/")[-2].replace("_", " ")
        self._allow = () if needed else (403,)
        self._known: Mapping[int, str] = {}
        self._missed: frozenset[int] = frozenset()
        self._until = float("-inf")
        self._turn = asyncio.Lock()

    async def read(self) -> Mapping[int, str]:
        """All as they are now: number to name."""
        began = self._clock.monotonic()
        answer = await self._connection.ask(self._path, params={"page_size": _MOST}, allow=self._allow)
        found = Tags(0, []) if answer.status == 403 else await self._connection.decode(Tags, answer)
        if found.count != len(found.results):
            raise BadResponse(f"{answer.where}: {len(found.results)} {self._what} of {found.count}")
        self._missed = frozenset()
        self._known, self._until = {one.id: one.name for one in found.results}, began + FRESH
        return self._known

    @property
    def known(self) -> Mapping[int, str]:
        """What was read last: number to name."""
        return self._known

    def name(self, number: int | None) -> str | None:
        """What it is called, by what was read last; None when nobody tells us."""
        return None if number is None else self._known.get(number)

    def named(self, tags: Sequence[int] | None) -> list[str] | None:
        """The labels, sorted, by what was read last; None when one of them cannot be told."""
        if tags is None or not self._known.keys() >= set(tags):
            return None
        return sorted({self._known[tag] for tag in tags})

    async def refresh(self, tags: Collection[int]) -> None:
        """Read the list once more when it is old, or lacks one of these that was not missed before."""
        if not tags or self._is_good_for(tags):
            return
        async with self._turn:
            if not self._is_good_for(tags):  # nobody read it while this one waited
                missed = self._missed.union(tags)
                await self.read()
                self._missed = missed - self._known.keys()

    async def numbers(self, label: str) -> list[int]:
        """The tags of that name as Paperless has them now, oldest first; none when there is no such tag."""
        wanted = label.casefold()
        return sorted(tag for tag, name in (await self.read()).items() if name.casefold() == wanted)

    def _is_good_for(self, tags: Collection[int]) -> bool:
        known = self._known.keys() | self._missed
        return self._clock.monotonic() < self._until and known >= set(tags)


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one Paperless by which its documents' numbers have names."""

    tags: Labels
    correspondents: Labels
    types: Labels

    @classmethod
    def of(cls, connection: Connection, clock: Clock) -> Self:
        """Those of this one. Nothing fails without the right to look at correspondents and types."""
        return cls(
            Labels(connection, clock),
            Labels(connection, clock, CORRESPONDENTS, needed=False),
            Labels(connection, clock, TYPES, needed=False),
        )

    async def refresh(self, documents: Collection[Document]) -> None:
        """Know the names behind what these documents say of themselves."""
        await self.tags.refresh({tag for one in documents for tag in one.tags or ()})
        senders = {one.correspondent for one in documents if one.correspondent is not None}
        await self.correspondents.refresh(senders)
        await self.types.refresh({one.document_type for one in documents if one.document_type is not None})
