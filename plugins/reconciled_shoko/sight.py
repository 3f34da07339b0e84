"""When files are looked at: once a day. A listing in between says of each what was seen last.

A file that was deleted from the disk stays in Shoko and can only not be read any more. Shoko asks the
disk for that whenever it lists files, and a network mount that is away for a minute would show as a
thousand losses four times a day. So a listing takes "cannot be read" for news once in 24 h; in
between it repeats it of the files of which it is known, and says nothing of others. "Can be read" is
always news, and a lookup of one file always looks.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reconciled.clock import Clock
from reconciled.source import Store
from reconciled_shoko.payloads import File

EVERY = timedelta(days=1)
_NAME = "files that could not be read"


@dataclass(slots=True)
class Look:
    """One listing's look. `fresh`: this one is the day's; `known` could not be read before."""

    fresh: bool
    known: frozenset[int]
    unread: set[int] = field(default_factory=set)

    def has_file(self, record: File) -> bool | None:
        """Whether it has its file; None when this is not the day to say that it has not."""
        if record.accessible:
            return True
        if self.fresh or record.id in self.known:
            self.unread.add(record.id)
            return False
        return None


class Sight:
    """What was seen of a Shoko's files, and when; kept in the source's store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._writing = asyncio.Lock()

    async def begin(self) -> Look:
        """The look of a listing that begins now."""
        at, known = await self._kept()
        now = self._clock.now()
        return Look(at is None or not timedelta() <= now - at < EVERY, known)

    async def end(self, look: Look) -> None:
        """The listing is whole: what it saw is what was seen last."""
        if look.fresh:
            async with self._writing:
                await self._keep(self._clock.now(), look.unread)

    async def note(self, record: File) -> bool:
        """Whether a file that was looked up has its file; listings will say the same."""
        if not record.accessible:
            async with self._writing:
                at, known = await self._kept()
                if record.id not in known:
                    await self._keep(at, {*known, record.id})
        return record.accessible

    async def _kept(self) -> tuple[datetime | None, frozenset[int]]:
        match await self._store.get(_NAME):
            case {"at": at, "files": list(files)}:
                when = datetime.fromisoformat(at) if isinstance(at, str) else None
                return when, frozenset(one for one in files if isinstance(one, int))
            case _:
                return None, frozenset()

    async def _keep(self, at: datetime | None, files: Collection[int]) -> None:
        await self._store.set(_NAME, {"at": at.isoformat() if at else None, "files": [*sorted(files)]})
