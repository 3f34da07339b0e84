"""Keeps the folder of contents tidy: what no row names leaves, and what need not be kept is let go.

A file is ours when its name begins with the ledger's own mark; nothing else is touched. One in hand is
locked by whoever writes it, and is asked about in the ledger only once it is not.
"""

import asyncio
import fcntl
import logging
import os
import re
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import uuid4

from reconciled.engine.contents import folder_of
from reconciled.engine.engine import Engine
from reconciled.ledger import contents
from reconciled.ledger.connection import Tx
from reconciled.ledger.contents import Outgoing
from reconciled.ledger.rows import stamp
from reconciled.source import TakesContent

A_MINUTE, A_DAY = 60.0, 86400.0

Targets = Callable[[str], Collection[str]]
"""The targets of all mirrors of a source, by its name."""


class Tidying:
    """The contents of one source."""

    def __init__(self, engine: Engine, name: str, source: TakesContent, *, targets: Targets) -> None:
        self._engine = engine
        self._name = name
        self._rules = source.content_rules()
        self._targets = targets
        self._folder = folder_of(engine, self._rules)

    async def run(self) -> None:
        """Tidy now and every day; let go every minute. Runs for ever."""
        clock = self._engine.clock
        while True:
            if removed := await self.sweep():
                logging.getLogger(__name__).info(
                    "%s: %d files of contents that no record has were removed", self._name, removed
                )
            swept = clock.monotonic()
            while clock.monotonic() - swept < A_DAY:
                await self.let_go()
                await clock.sleep(A_MINUTE)

    async def sweep(self) -> int:
        """Remove the files of ours that no row names. Returns how many."""
        mark = await self._engine.ledger.write(contents.mark, fresh=uuid4().hex[:8])
        ours = re.compile(rf"{re.escape(mark)}-[0-9a-f]{{32}}")
        found = {name for name in await asyncio.to_thread(_names, self._folder) if ours.fullmatch(name)}
        left = found - await self._engine.ledger.read(contents.files)
        return sum([await self._remove(name) for name in sorted(left)])

    async def _remove(self, name: str) -> bool:
        """Remove one, unless it is in hand or has been entered meanwhile."""
        path = self._folder / name
        file = await asyncio.to_thread(_take, path)
        if file is None:
            return False
        try:
            if await self._engine.ledger.read(contents.is_needed, name):
                return False
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return True
        finally:
            os.close(file)

    async def let_go(self) -> int:
        """Remove the bytes that stand in every target, unless they are to be kept. Returns how many."""
        place = self._engine.places.get(self._name)
        targets = sorted(self._targets(self._name))
        if self._rules.keep or place is None or not targets:
            return 0
        ledger, source_id = self._engine.ledger, place.live.id
        delivered = await ledger.read(lambda tx: contents.delivered(tx, source_id, targets))
        return sum([await self._let_go(one, source_id, targets) for one in delivered])

    async def _let_go(self, outgoing: Outgoing, source_id: int, targets: Collection[str]) -> bool:
        """Let one go, unless a copy of it went meanwhile, or other bytes came."""
        at = stamp(self._engine.clock.now())

        def write(tx: Tx) -> bool:
            still = contents.delivered(tx, source_id, targets, record=outgoing.record_id)
            return outgoing in still and contents.let_go(tx, outgoing, at=at)

        if not await self._engine.ledger.write_durably(write):
            return False
        await asyncio.to_thread((self._folder / outgoing.file).unlink, missing_ok=True)
        return True


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names, of which there may be very many
    except FileNotFoundError:
        return []


def _take(path: Path) -> int | None:
    """The file, locked; None when somebody has it in hand, or it is gone."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file
