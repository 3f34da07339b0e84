"""Marks: what a scan leaves for the next, so that it reads only what changed meanwhile.

A mark holds the newest time of change, the ids that were there (as ranges, which stay short), and
the names of the tags. Times alone would not do: a document that we were given the right to see
keeps its time, so ids that are new are asked for; and renaming or deleting a tag changes what many
documents say without touching any of them, so then everything is read again.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from reconciled.model import Json
from reconciled_paperless.connection import Connection
from reconciled_paperless.items import newest
from reconciled_paperless.listing import BATCH, changed_since, every_id, ids_by_pages, these, walk
from reconciled_paperless.payloads import Document

OVERLAP = timedelta(minutes=10)
"""A change may be written long after its time: a whole import is one transaction."""
TICK = timedelta(seconds=1)
"""What the app says of its clock is cut to whole seconds."""


class Mark(msgspec.Struct, frozen=True):
    """What was there. `modified` is never later than the app's own clock was."""

    modified: datetime
    ids: str
    tags: dict[str, str]

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

    def stands(self, tags: Mapping[int, str]) -> bool:
        """Whether every tag of then is there, under the same name."""
        return all(tags.get(int(number)) == name for number, name in self.tags.items() if number.isdigit())


async def read_changes(
    connection: Connection, mark: Mark | None, tags: Mapping[int, str]
) -> tuple[frozenset[int], list[Document], Mark | None]:
    """The ids of all documents, those that are new or changed since the mark, and the next mark."""
    latest = None if connection.told_at is None else connection.told_at + TICK
    if mark is None or not mark.stands(tags):
        documents = [one async for part in walk(connection) for one in part]
        ids, before = frozenset(one.id for one in documents), None
    else:
        ids, documents = await _since(connection, mark)
        before = mark.modified
    times = [one.modified for one in documents]
    last = newest([before, *(time for time in times if latest is None or (time and time <= latest))])
    if last is None:
        return ids, documents, None
    kept = {str(number): name for number, name in tags.items()}
    return ids, documents, Mark(last.astimezone(UTC), write_ids(ids), kept)


async def _since(connection: Connection, mark: Mark) -> tuple[frozenset[int], list[Document]]:
    there = await every_id(connection)
    ids = there if there is not None else await ids_by_pages(connection)
    documents = {one.id: one for one in await changed_since(connection, mark.modified - OVERLAP)}
    unmet = sorted(ids - read_ids(mark.ids) - documents.keys())
    for start in range(0, len(unmet), BATCH):
        documents.update({one.id: one for one in await these(connection, unmet[start : start + BATCH])})
    vanished = frozenset(unmet) - documents.keys()
    return (ids - vanished) | documents.keys(), [*documents.values()]


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
