"""A shelf in memory, for tests of a plugin that keeps records: it does what the daemon's own does.

`broken` makes every question fail, as a ledger does whose disk is gone. `letters` are all that were
queued, with what became of them. `files` are the contents of records, by id.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from reconciled.clock import Clock
from reconciled.errors import Unreachable
from reconciled.model import Letter, Record, RecordContent, Ref, Removed

KEPT = timedelta(days=90)
WAITING, DELIVERED, FAILED, DROPPED = "waiting", "delivered", "failed", "dropped"


@dataclass(slots=True)
class MemoryShelf:
    """Satisfies `reconciled.source.Shelf`."""

    clock: Clock
    broken: bool = False
    letters: dict[int, tuple[Letter, str]] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    _stands: dict[str, Record | Removed] = field(default_factory=dict)

    async def get(self, ids: Sequence[str]) -> Mapping[str, Record | Removed]:
        """What stands under these ids, or stood."""
        self._ask()
        return {one: self._stands[one] for one in ids if one in self._stands}

    async def page(self, after: str, limit: int) -> Sequence[Record]:
        """The next records by id."""
        return [record for record in self._records() if record.id > after][:limit]

    async def find(self, ref: Ref) -> Sequence[Record]:
        """The records about something."""
        return [record for record in self._records() if ref in record.refs]

    async def missing(self) -> Sequence[Record]:
        """The records that are marked as missing."""
        return [record for record in self._records() if record.missing]

    async def content(self, record: str) -> tuple[RecordContent, Path] | None:
        """The bytes of the record of that id, and the file they lie in."""
        self._ask()
        known = self._stands.get(record)
        if not isinstance(known, Record) or known.content is None or not known.content.here:
            return None
        return known.content, self.files[record]

    def fill(self, record: str, file: Path, *, mime_type: str) -> None:
        """What its program does when it sends the record's content: a file, which is left where it is."""
        self._ask()
        known = self._stands[record]
        if isinstance(known, Record):
            found = file.read_bytes()
            content = RecordContent(file.name, mime_type, len(found), hashlib.sha256(found).hexdigest())
            self._stands[record], self.files[record] = replace(known, content=content), file

    async def keep(self, record: Record) -> None:
        """Put a record (back) on the shelf."""
        self._ask()
        known = self._stands.get(record.id)
        still = isinstance(known, Record) and known.missing and known.refs == record.refs
        content = known.content if isinstance(known, Record) else record.content
        if isinstance(known, Record) and known.refs != record.refs:
            self._drop(record.id)
        self._stands[record.id] = replace(record, missing=still, content=content)

    async def remove(self, record: str) -> bool:
        """Take the record of that id off, as an act of ours."""
        return self.take(record, by="reconciled")

    def take(self, record: str, *, by: str) -> bool:
        """The same by somebody else."""
        self._ask()
        known, at = self._stands.get(record), self.clock.now()
        if not isinstance(known, Record):
            return False
        self._stands[record] = Removed(replace(known, missing=False), at, by, at + KEPT)
        self._drop(record)
        return True

    async def mark(self, record: str, *, missing: bool, name: str, letter: bytes | None) -> bool:
        """Mark the record of that id and queue the letter that tells of it."""
        self._ask()
        known = self._stands.get(record)
        if not isinstance(known, Record) or known.missing is missing:
            return False
        self._stands[record] = replace(known, missing=missing)
        if letter is not None:
            self._drop(record)
            now, number = self.clock.reckoned(), len(self.letters) + 1
            self.letters[number] = Letter(number, record, name, letter, created=now, due=now), WAITING
        return True

    async def waiting(self) -> Sequence[Letter]:
        """The letters that wait, oldest first."""
        self._ask()
        return [letter for letter, state in self.letters.values() if state == WAITING]

    async def waits(self, letter: Letter) -> bool:
        """Whether the letter waits still."""
        self._ask()
        return self.letters[letter.id][1] == WAITING

    async def tried(self, letter: Letter, *, error: str, due: float) -> None:
        """A try failed."""
        known, state = self.letters[letter.id]
        if state == WAITING:
            self.letters[letter.id] = replace(known, tries=known.tries + 1, error=error, due=due), state

    async def settled(self, letter: Letter, *, error: str | None) -> None:
        """It was delivered, or is given up."""
        known, _ = self.letters[letter.id]
        after = replace(known, tries=known.tries + 1, error=error)
        self.letters[letter.id] = after, DELIVERED if error is None else FAILED

    def _records(self) -> list[Record]:
        self._ask()
        stand = [self._stands[name] for name in sorted(self._stands)]
        return [one for one in stand if isinstance(one, Record)]

    def _drop(self, record: str) -> None:
        for number, (letter, state) in self.letters.items():
            if letter.record == record and state == WAITING:
                self.letters[number] = letter, DROPPED

    def _ask(self) -> None:
        if self.broken:
            raise Unreachable("the shelf cannot be read")
