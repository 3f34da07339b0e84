"""The labels of tags: records carry the tags' numbers, people and policies know their names.

The list of all tags is short and read once a scan; between scans it is kept for a minute at most,
since a number may get another name (a restored database) and a policy's `unless: {tag: keep}`
must not look at yesterday's. A number without a name is said to be unknown, never left out.
"""

import asyncio
from collections.abc import Mapping, Sequence

from reconciled.clock import Clock
from reconciled_servarr.connection import Connection
from reconciled_servarr.payloads import Tag

FRESH = 60.0
"""Seconds that the list of tags is believed."""


class Labels:
    """The tags of one app."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._known: Mapping[int, str] = {}
        self._until = float("-inf")
        self._turn = asyncio.Lock()

    async def read(self) -> Mapping[int, str]:
        """All tags as they are now: number to label."""
        began = self._clock.monotonic()
        answer = await self._connection.ask(f"{self._connection.api}/tag")
        tags = await self._connection.client.decode(list[Tag], answer)
        self._known, self._until = {tag.id: tag.label for tag in tags}, began + FRESH
        return self._known

    def named(self, tags: Sequence[int] | None) -> list[str] | None:
        """The labels, sorted, by what was read last; None when one of them cannot be told."""
        if tags is None or not self._known.keys() >= set(tags):
            return None
        return sorted({self._known[tag] for tag in tags})

    async def of(self, tags: Sequence[int] | None) -> list[str] | None:
        """The same, read once more when the list is old or does not have one of them."""
        if not tags:
            return self.named(tags)
        before = self._known
        if self.named(tags) is None or self._clock.monotonic() >= self._until:
            async with self._turn:
                if self._known is before:  # nobody read it while this one waited
                    await self.read()
        return self.named(tags)

    async def number(self, label: str) -> int | None:
        """The number of a label as the app has it now; None when it has no such tag."""
        return next((tag for tag, name in (await self.read()).items() if name.lower() == label), None)
