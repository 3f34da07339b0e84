"""What VSRX flagged as deleted since we last looked, told as what it is: VSRX' own word.

A listing alone cannot say more than that a file is not there any more. Told by the flag, the loss
has VSRX as its cause and is not counted towards a hold, also where no webhook came. The newest flag of
all is noted durably after each whole reading, so that what was flagged while we were not running is
told as well; at the very first reading nothing is, since old flags are no news.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from reconciled.clock import Clock, wait_for
from reconciled.model import Event, Key, Op
from reconciled.source import Store
from reconciled_vsrx.items import FILE, written
from reconciled_vsrx.payloads import File

NOTE = "newest_flag"
PATIENCE = 10.0
"""Seconds that a listing waits for its flags to be told before it says that it is complete."""


class Flags:
    """Between those who read lists and the one who tells what they found."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.fresh = asyncio.Event()
        self._store = store
        self._clock = clock
        self._told = asyncio.Event()
        self._told.set()
        self._known: set[str] = set()
        self._waiting: list[File] = []
        self._mark: datetime | None = None
        self._newest: datetime | None = None
        self._listening = False

    async def begin(self) -> None:
        """Somebody listens from now on."""
        said = await self._store.get(NOTE)
        self._mark = datetime.fromisoformat(said) if isinstance(said, str) else None
        self._listening = True

    def end(self) -> None:
        """Nobody listens any more; what was not told is for a scan to find."""
        self._listening = False
        self._take()
        self._told.set()

    def note(self, files: Sequence[File], *, before: Sequence[File]) -> None:
        """A list was read anew; `before` is what it was."""
        alive = {row.id for row in before if not row.deleted}
        for row in files:
            if not row.deleted:
                self._known.discard(row.id)
            elif row.id not in self._known:
                self._known.add(row.id)
                late = self._mark is not None and row.modified_at > self._mark
                if self._listening and (late or row.id in alive):
                    self._waiting.append(row)
                self._newest = max(self._newest or row.modified_at, row.modified_at)
        if self._waiting:
            self._told.clear()
            self.fresh.set()

    def tell(self) -> list[Event]:
        """The flags that were not told yet."""
        return [
            Event(
                Op.DELETED,
                Key(FILE, row.id),
                occurred=row.modified_at,
                reason="flagged deleted",
                own_act=True,
            )
            for row in self._take()
        ]

    def taken(self) -> None:
        """What `tell` gave was handed on."""
        if not self._waiting:
            self._told.set()

    async def whole(self) -> None:
        """Everything was read. Waits a little until what was found is told, and notes how far it goes."""
        await wait_for(self._told, PATIENCE, clock=self._clock)
        if self._newest is not None and self._newest != self._mark:
            await self._store.set(NOTE, written(self._newest))
            self._mark = self._newest

    def _take(self) -> list[File]:
        taken, self._waiting = self._waiting, []
        self.fresh.clear()
        return taken
