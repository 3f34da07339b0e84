"""Marks: what a scan leaves for the next, so that it reads only what changed meanwhile.

A mark holds the newest time of change and whose it was, the ids that were there (as ranges, which
stay short), and the names of the tags. Times alone would not do: a document that we were given the
right to see keeps its time, so ids that are new are asked for. Everything is read again when the
times say nothing: a tag was renamed or deleted, which touches no document; the app's clock was set
back; or the newest document is older than it was, or another one (a backup, another database).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec

from reconciled.model import Json
from reconciled_paperless.connection import Connection
from reconciled_paperless.items import identity
from reconciled_paperless.listing import BATCH, changed_since, every_id, ids_by_pages, these, walk
from reconciled_paperless.payloads import Document, Moment

Read: TypeAlias = tuple[frozenset[int], list[Document]]
"""The ids of all documents, and some of them."""

OVERLAP = timedelta(minutes=10)
"""A change may be written long after its time: a whole import is one transaction."""
TICK = timedelta(seconds=1)
"""What the app says of its clock is cut to whole seconds."""


class Mark(msgspec.Struct, frozen=True):
    """What was there. `modified` is never later than the app's own clock was; `witness` is whose it was."""

    modified: Moment
    ids: str
    tags: dict[str, str]
    witness: str = ""

    @classmethod
    def of(cls, value: Json) -> "Mark | None":
        """What `json` made; None for anything else."""
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError:
            return None

    @property
    def json(self) -> Json:
        """As the ledger keeps it."""
        made: Json = msgspec.to_builtins(self)
        return made

    def stands(self, tags: Mapping[int, str], now: datetime | None) -> bool:
        """Whether every tag of then is there under the same name, and no clock was set back since."""
        if now is not None and self.modified - OVERLAP > now:
            return False
        return all(tags.get(int(number)) == name for number, name in self.tags.items() if number.isdigit())

    def is_borne_out(self, ids: frozenset[int], documents: Mapping[int, Document]) -> bool:
        """Whether the witness is what it was, no older, or gone. `documents` are all that changed since."""
        number = self.witness.partition("@")[0]
        if not number.isdigit() or int(number) not in ids:
            return True
        found = documents.get(int(number))
        return found is not None and _named(found) == self.witness


async def read_changes(
    connection: Connection, mark: Mark | None, tags: Mapping[int, str]
) -> tuple[frozenset[int], list[Document], Mark | None]:
    """The ids of all documents, those that are new or changed since the mark, and the next mark."""
    now = None if connection.told_at is None else connection.told_at + TICK
    since = mark if mark is not None and mark.stands(tags, now) else None
    found = await _since(connection, since) if since is not None else None
    if found is None:
        since, found = None, await _everything(connection)
    ids, documents = found
    return ids, documents, _next(since, documents, now, write_ids(ids), tags)


async def _everything(connection: Connection) -> Read:
    documents = [one async for part in walk(connection) for one in part]
    return frozenset(one.id for one in documents), documents


async def _since(connection: Connection, mark: Mark) -> Read | None:
    """None: the mark is about another world than the one that answers."""
    there = await every_id(connection)
    ids = there if there is not None else await ids_by_pages(connection)
    documents = {one.id: one for one in await changed_since(connection, mark.modified - OVERLAP)}
    if not mark.is_borne_out(ids, documents):
        return None
    unmet = sorted(ids - read_ids(mark.ids) - documents.keys())
    for start in range(0, len(unmet), BATCH):
        documents.update({one.id: one for one in await these(connection, unmet[start : start + BATCH])})
    vanished = frozenset(unmet) - documents.keys()
    return (ids - vanished) | documents.keys(), [*documents.values()]


def _next(
    before: Mark | None,
    documents: Sequence[Document],
    now: datetime | None,
    ids: str,
    tags: Mapping[int, str],
) -> Mark | None:
    """The mark to read from next time; None as long as nothing says when it changed."""
    times = [(one.modified, _named(one)) for one in documents if one.modified is not None]
    times = [each for each in times if now is None or each[0] <= now]
    if before is not None:
        times.append((before.modified, before.witness))
    if not times:
        return None
    modified, witness = max(times, key=lambda each: each[0])
    names = {str(number): name for number, name in tags.items()}
    return Mark(modified.astimezone(UTC), ids, names, witness)


def _named(document: Document) -> str:
    """Its number with the moment at which it was added."""
    claim = identity(document)
    return f"{document.id}@" if claim is None else claim.value


def write_ids(ids: Iterable[int]) -> str:
    """`1-7,9,12-15`."""
    parts: list[list[int]] = []
    for number in sorted(ids):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def read_ids(text: str) -> frozenset[int]:
    """What `write_ids` wrote; a part that is none of it is passed over, so its documents count as new."""
    ids = set[int]()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.isdigit() and (last or first).isdigit():
            ids.update(range(int(first), int(last or first) + 1))
    return frozenset(ids)
