"""The trash as what remembers a loss: read whole, and once for all that is asked within a moment.

The trash takes no filter, so that a hundred documents thrown away at once cost one walk through it.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from reconciled.clock import Clock
from reconciled_paperless.connection import Connection
from reconciled_paperless.listing import trashed
from reconciled_paperless.payloads import Document

FRESH = 30.0
"""Seconds for which a walk serves."""
TOGETHER = timedelta(minutes=1)
"""How far apart a document and its files get there: each has its own moment, and many go one by one."""


class Trash:
    """What lies in the trash of one Paperless, as far as we may see it."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._turn = asyncio.Lock()
        self._read_at = float("-inf")
        self._known: Mapping[int, Document] = {}

    async def read(self, *, fresh: float = FRESH) -> Mapping[int, Document]:
        """The documents in it by their numbers; none when we may not look. `fresh`: as old as that serves."""
        async with self._turn:
            now = self._clock.monotonic()
            if now - self._read_at >= fresh:
                self._known = await trashed(self._connection) or {}
                self._read_at = now
            return self._known

    async def with_it(self, number: int) -> list[int]:
        """The later files of a document that went to the trash with it (3.x).

        They lie there as rows of their own, and stay there when the document alone is taken out. One that
        somebody threw away before is none of them.
        """
        thrown = await self.read()
        if number not in thrown:
            thrown = await self.read(fresh=0)
        went = thrown[number].deleted_at if number in thrown else None
        return [
            one.id
            for one in thrown.values()
            if went is not None
            and one.root_document == number
            and one.deleted_at is not None
            and abs(went - one.deleted_at) <= TOGETHER
        ]
