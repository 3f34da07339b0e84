"""What a source may keep with us: its own notes, and what other programs registered with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from reconciled.model import Json, Letter, Record, RecordContent, Ref, Removed


@dataclass(frozen=True, slots=True)
class ContentRules:
    """What a source takes in as the contents of its records.

    `max_size` is in bytes. `folder` is where they lie, None: beside the ledger. Without `keep` the bytes are
    let go once they stand in every target of every mirror of the source.
    """

    max_size: int
    folder: Path | None = None
    keep: bool = True


@runtime_checkable
class TakesContent(Protocol):
    """Takes bytes with its records: programs send them over the API, and the shelf keeps them."""

    def content_rules(self) -> ContentRules:
        """What it takes; pure."""


class Store(Protocol):
    """A source's own durable notes (a token, a mark). JSON values; never for secrets in the clear."""

    async def get(self, name: str) -> Json:
        """The value, or None."""

    async def set(self, name: str, value: Json) -> None:
        """Keep the value; None forgets it."""


class Shelf(Protocol):
    """What other programs registered with a source over our API; durable, each source has its own.

    A change of it is known to the engine in the same transaction. Beside the records lie letters:
    what their program is to be told of them, at most one a record that still waits.
    """

    async def get(self, ids: Sequence[str]) -> Mapping[str, Record | Removed]:
        """What stands under these ids, or stood; what was never registered is left out."""

    async def page(self, after: str, limit: int) -> Sequence[Record]:
        """The next records in the order of their ids; "" begins, and an empty answer is the end."""

    async def find(self, ref: Ref) -> Sequence[Record]:
        """The records about something."""

    async def missing(self) -> Sequence[Record]:
        """The records that are marked as missing."""

    async def content(self, record: str) -> tuple[RecordContent, Path] | None:
        """The bytes of the record of that id, and the file they lie in, to be read and left as it is.

        None: its program has sent none, or they were let go.
        """

    async def keep(self, record: Record) -> None:
        """Put a record (back) on the shelf."""

    async def remove(self, record: str) -> bool:
        """Take the record of that id off, as an act of ours. False when it does not stand there."""

    async def mark(self, record: str, *, missing: bool, name: str, letter: bytes | None) -> bool:
        """Mark the record of that id and queue the letter, named `name`, that tells of it: one transaction.

        A letter about the record that still waits is not sent any more. False, and nothing is
        done, when the record does not stand there or is marked so already.
        """

    async def waiting(self) -> Sequence[Letter]:
        """The letters that wait, oldest first; of very many those that are due next."""

    async def waits(self, letter: Letter) -> bool:
        """Whether the letter waits still: while others were sent, its word may have grown old."""

    async def tried(self, letter: Letter, *, error: str, due: float) -> None:
        """A try failed; the next is due then (reckoned)."""

    async def settled(self, letter: Letter, *, error: str | None) -> None:
        """It was delivered, or (with the reason) it is given up."""
