"""The labels of tags: documents carry the tags' numbers, people and policies know their names.

A tag that was renamed or deleted leaves no trace at its documents (their times of change stay), so
every scan reads the list; between scans it is kept for a minute at most. Names are unique for each
owner only, so one label may be several tags; and a tag that we may not see has no name here.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from reconciled.clock import Clock
from reconciled.errors import BadResponse
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Tags

FRESH = 60.0
"""Seconds that the list of tags is believed."""
_MOST = 100_000


class Labels:
    """The tags of one Paperless."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._known: Mapping[int, str] = {}
        self._missed: frozenset[int] = frozenset()
        self._until = float("-inf")
        self._turn = asyncio.Lock()

    async def read(self) -> Mapping[int, str]:
        """All tags as they are now: number to name."""
        began = self._clock.monotonic()
        answer = await self._connection.ask("/api/tags/", params={"page_size": _MOST})
        tags = await self._connection.decode(Tags, answer)
        if tags.count != len(tags.results):
            raise BadResponse(f"{answer.where}: {len(tags.results)} tags of {tags.count}")
        self._missed = frozenset()
        self._known, self._until = {tag.id: tag.name for tag in tags.results}, began + FRESH
        return self._known

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
