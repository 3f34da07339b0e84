"""An import of records under way: what waits to be written, and a report of what became of each line.

Good lines are kept in the order in which they come, many in a transaction; a wrong one is told.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import msgspec

from reconciled.engine import registering
from reconciled.engine.engine import Engine
from reconciled.engine.registering import register_of
from reconciled.ledger import shelf
from reconciled.ledger.shelf import Kept, Registration
from reconciled.web.registrations import LARGEST, BadRecordError, Wrong, id_in, read_line

AT_ONCE = 200
MOST_TOLD = 1000
"""So many wrong lines are told one by one; the others are only counted."""


class Report(msgspec.Struct, frozen=True):
    """What became of each line of an import; `same` are those that said what was known."""

    source: str
    dry_run: bool
    lines: int
    new: int
    changed: int
    same: int
    wrong: int
    errors: list[Wrong]


@dataclass(slots=True)
class Import:
    """An import under way: what waits to be written, and what became of the rest."""

    engine: Engine
    source: str
    dry_run: bool
    lines: int = 0
    wrong: int = 0
    errors: list[Wrong] = field(default_factory=list)
    counts: dict[Kept, int] = field(default_factory=lambda: dict.fromkeys(Kept, 0))
    _known: dict[str, int] = field(default_factory=dict)
    _waiting: list[Registration] = field(default_factory=list)

    async def read(self, lines: AsyncIterator[tuple[int, bytes | None]]) -> Report:
        """Read all lines and write what is good of them. NoSuchSource, NoShelf."""
        number = 0
        try:
            async for number, line in lines:
                await self._take(number, line)
        except BadRecordError as error:
            self._refuse(Wrong(number + 1, None, str(error)))
        await self._write()
        new, changed, same = (self.counts[kept] for kept in Kept)
        told = sorted(self.errors, key=lambda wrong: wrong.line)
        return Report(self.source, self.dry_run, self.lines, new, changed, same, self.wrong, told)

    async def _take(self, number: int, line: bytes | None) -> None:
        """One line; None is one that is too long."""
        self.lines += 1
        if line is None:
            self._refuse(Wrong(number, None, f"longer than {LARGEST} bytes"))
            return
        try:
            new = read_line(line)
        except BadRecordError as error:
            self._refuse(Wrong(number, id_in(line), str(error)))
            return
        if (before := self._known.setdefault(new.id, number)) != number:
            self._refuse(Wrong(number, new.id, f"line {before} has the same id"))
            return
        self._waiting.append(new)
        if len(self._waiting) >= AT_ONCE:
            await self._write()

    async def _write(self) -> None:
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        kept = await self._judge(batch) if self.dry_run else await self._keep(batch)
        for one in kept.values():
            self.counts[one] += 1
        for new in batch:
            if new.id not in kept:
                self._refuse(Wrong(self._known[new.id], new.id, "it could not be kept; the log says why"))

    async def _keep(self, batch: Sequence[Registration]) -> dict[str, Kept]:
        return await registering.register(self.engine, self.source, batch)

    async def _judge(self, batch: Sequence[Registration]) -> dict[str, Kept]:
        place, _ = register_of(self.engine, self.source)
        return await self.engine.ledger.read(
            lambda tx: {new.id: shelf.judge(tx, place.live.id, new) for new in batch}
        )

    def _refuse(self, wrong: Wrong) -> None:
        self.wrong += 1
        if len(self.errors) < MOST_TOLD:
            self.errors.append(wrong)
