"""A source's shelf in the ledger: what a plugin is given as `Context.shelf`.

It knows its source by name, since it is made before the source is known to the ledger. What it
changes goes through the engine, so the engine knows of it in the same transaction.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from reconciled.engine import registering
from reconciled.engine.contents import folder_of, rules_of
from reconciled.engine.engine import Engine
from reconciled.engine.registering import Remover
from reconciled.errors import Unreachable
from reconciled.ledger import contents, letters, shelf, sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.ledger.shelf import Registration
from reconciled.model import Letter, Record, RecordContent, Ref, Removed

T = TypeVar("T")

OURS = Remover("reconciled")
NOBODY = -1
"""The ledger's number of a source that it does not know: nothing stands on its shelf."""


class LedgerShelf:
    """Satisfies `reconciled.source.Shelf`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    async def get(self, ids: Sequence[str]) -> Mapping[str, Record | Removed]:
        """What stands under these ids, or stood."""
        return await self._read(lambda tx, me: shelf.get(tx, me, ids))

    async def page(self, after: str, limit: int) -> Sequence[Record]:
        """The next records by id."""
        return await self._read(lambda tx, me: shelf.page(tx, me, after=after, limit=limit))

    async def find(self, ref: Ref) -> Sequence[Record]:
        """The records about something."""
        return await self._read(lambda tx, me: shelf.find(tx, me, ref))

    async def missing(self) -> Sequence[Record]:
        """The records that are marked as missing."""
        return await self._read(shelf.missing)

    async def content(self, record: str) -> tuple[RecordContent, Path] | None:
        """The bytes of the record of that id, and the file they lie in."""
        found = await self._read(lambda tx, me: contents.file_of(tx, me, record))
        if found is None:
            return None
        known, file = found
        path = folder_of(self._engine, rules_of(self._engine, self._name)) / file
        if not await asyncio.to_thread(path.is_file):
            said = f"the content of {record} is not in {path.parent}; is that mounted?"
            raise Unreachable(f"{self._name}: {said}")
        return known, path

    async def keep(self, record: Record) -> None:
        """Put a record (back) on the shelf."""
        new = Registration(
            record.id,
            record.title,
            record.refs,
            dict(record.attrs),
            record.said,
            record.last_sync_at,
            back=True,
        )
        await registering.register(self._engine, self._name, [new])

    async def remove(self, record: str) -> bool:
        """Take the record of that id off, as an act of ours."""
        return bool(await registering.remove(self._engine, self._name, [record], remover=OURS))

    async def mark(self, record: str, *, missing: bool, name: str, letter: bytes | None) -> bool:
        """Mark the record of that id and queue the letter that tells of it."""
        told = (name, letter) if letter is not None else None
        return await registering.mark(self._engine, self._name, record, missing=missing, letter=told)

    async def waiting(self) -> Sequence[Letter]:
        """The letters that wait, oldest first."""
        return await self._read(letters.waiting)

    async def waits(self, letter: Letter) -> bool:
        """Whether the letter waits still."""
        return await self._read(lambda tx, _: letters.waits(tx, letter.id))

    async def tried(self, letter: Letter, *, error: str, due: float) -> None:
        """A try failed."""
        at = stamp(self._engine.clock.now())
        await self._engine.ledger.write(lambda tx: letters.tried(tx, letter.id, error=error, due=due, at=at))

    async def settled(self, letter: Letter, *, error: str | None) -> None:
        """It was delivered, or is given up."""
        at = stamp(self._engine.clock.now())
        await self._engine.ledger.write_durably(lambda tx: letters.settle(tx, letter.id, error=error, at=at))

    async def _read(self, work: Callable[[Tx, int], T]) -> T:
        def read(tx: Tx) -> T:
            row = sources.get(tx, self._name)
            return work(tx, row.id if row is not None else NOBODY)

        try:
            return await self._engine.ledger.read(read)
        except sqlite3.Error as error:
            raise Unreachable(f"{self._name}: the ledger cannot be read: {error}") from error
