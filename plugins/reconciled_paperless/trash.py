"""The trash as what remembers a loss: read whole, and once for all that is asked within a moment.

The trash takes no filter, so that a hundred documents thrown away at once cost one walk through it.
"""

import asyncio
from collections.abc import Mapping

from reconciled.clock import Clock
from reconciled_paperless.connection import Connection
from reconciled_paperless.listing import trashed
from reconciled_paperless.payloads import Document

FRESH = 30.0
"""Seconds for which a walk serves."""


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
