"""What VSRX flagged as deleted since we last looked, told as what it is: VSRX' own word.

A listing alone cannot say more than that a file is not there any more. Told by the flag, the loss
has VSRX as its cause and is not counted towards a hold, also where no webhook came. The newest flag of
all is noted durably after each whole reading, so that what was flagged while we were not running is
told as well; at the very first reading of an installation nothing is, since old flags are no news.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from reconciled.clock import Clock, wait_for
from reconciled.model import Event, Op
from reconciled.source import Store
from reconciled_vsrx.items import file_of, written
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
        self._waiting: dict[str, File] = {}
        self._telling: list[File] = []
        self._instance: str | None = None
        self._mark: datetime | None = None
        self._newest: datetime | None = None
        self._listening = False

    async def begin(self, instance: str | None) -> None:
        """Somebody listens from now on, to this installation."""
        self._instance = instance
        said = await self._store.get(NOTE)
        mine = isinstance(said, dict) and said.get("instance") == instance
        at = said.get("at") if isinstance(said, dict) and mine else None
        self._mark = datetime.fromisoformat(at) if isinstance(at, str) else None
        self._listening = True
        self._announce()

    def end(self) -> None:
        """Nobody listens any more. What was not told yet is told to the next; no listing waits for it."""
        self._listening = False
        self._told.set()

    def forget(self, instance: str | None) -> None:
        """Another installation answers: nothing that is known of flags is about this one."""
        self._instance = instance
        self._known.clear()
        self._waiting.clear()
        self._mark = self._newest = None
        self._told.set()
        self.fresh.clear()

    def note(self, files: Sequence[File], *, before: Sequence[File]) -> None:
        """A list was read anew; `before` is what it was."""
        alive = {row.id for row in before if not row.deleted}
        for row in files:
            if not row.deleted:
                self._known.discard(row.id)
                self._waiting.pop(row.id, None)
            elif row.id not in self._known:
                self._known.add(row.id)
                late = self._mark is not None and row.modified_at > self._mark
                if late or row.id in alive:
                    self._waiting[row.id] = row
                self._newest = max(self._newest or row.modified_at, row.modified_at)
        self._announce()

    def tell(self) -> list[Event]:
        """The flags that were not told yet; they count as told when `taken` is called."""
        self.fresh.clear()
        self._telling = [*self._waiting.values()]
        return [_event(row) for row in self._telling]

    def taken(self) -> None:
        """What `tell` gave was handed on."""
        for row in self._telling:
            if self._waiting.get(row.id) is row:
                del self._waiting[row.id]
        self._telling = []
        if not self._waiting:
            self._told.set()

    async def whole(self) -> None:
        """Everything was read. Waits a little until what was found is told, and notes how far it goes."""
        await wait_for(self._told, PATIENCE, clock=self._clock)
        if self._newest is None or self._waiting:
            return
        if self._newest != self._mark:
            newest = self._mark = self._newest
            await self._store.set(NOTE, {"at": written(newest), "instance": self._instance})

    def _announce(self) -> None:
        if self._waiting and self._listening:
            self._told.clear()
            self.fresh.set()


def _event(row: File) -> Event:
    item = file_of(row)
    return Event(
        Op.DELETED,
        item.key,
        item.title,
        item.refs,
        occurred=row.modified_at,
        reason="flagged deleted",
        own_act=True,
    )
