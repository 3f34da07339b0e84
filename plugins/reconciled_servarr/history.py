"""What an app of the family remembers of lost files: `/history/since`, Sonarr 4.0 and 5, Radarr 6.1.

History tells of files and never of a deleted series or movie, whose rows go with it; and deleting one
with its files leaves no row about these. `MissingFromDisk` is what a disk scan found, `Manual` went
through the app (its page or its API, it does not say which, nor who), `Upgrade` and `ManualOverride`
were replaced. There is no file id in it, so the path tells which file it was.

One answer serves all that is asked within a moment, so a hundred losses cost one request.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reconciled.clock import Clock
from reconciled.http import Params
from reconciled.model import Event, Item, Op
from reconciled_servarr.connection import Connection
from reconciled_servarr.payloads import Camel

MISSING = "MissingFromDisk"
REPLACED = frozenset({"Upgrade", "ManualOverride"})
FILE_DELETED = {"movie": "movieFileDeleted", "series": "episodeFileDeleted"}
"""What history calls a deleted file, by the noun of the app."""
FRESH = 30.0
"""Seconds for which an answer serves."""


class PlayedEpisode(Camel, frozen=True):
    """The episode of a row, as far as it is read."""

    season_number: int | None = None


class Row(Camel, frozen=True):
    """A row of history. `source_title` is the whole path of a deleted file; one row an episode."""

    id: int
    date: datetime
    event_type: str
    source_title: str | None = None
    data: dict[str, Any] | None = None
    movie_id: int | None = None
    series_id: int | None = None
    episode: PlayedEpisode | None = None

    @property
    def reason(self) -> str:
        """The app's word for why the file went."""
        said = (self.data or {}).get("reason")
        return said if isinstance(said, str) else ""


class History:
    """The rows about deleted files: `event` is the app's name for them, `also` what they are to bring."""

    def __init__(self, connection: Connection, clock: Clock, *, event: str, also: Mapping[str, str]) -> None:
        self._connection = connection
        self._clock = clock
        self._event = event
        self._also = also
        self._turn = asyncio.Lock()
        self._known: tuple[datetime, float, Sequence[Row]] | None = None

    async def since(self, when: datetime) -> Sequence[Row]:
        """All rows from then on, oldest first."""
        async with self._turn:
            if self._known is not None:
                begins, read, rows = self._known
                if begins <= when and self._clock.monotonic() - read < FRESH:
                    return [row for row in rows if row.date >= when]
            read = self._clock.monotonic()
            rows = await self._read(when)
            self._known = when, read, rows
            return rows

    async def _read(self, when: datetime) -> Sequence[Row]:
        connection = self._connection
        await connection.prove()  # another app's ids would speak of other things
        asked: Params = {"date": f"{when:%Y-%m-%dT%H:%M:%SZ}", "eventType": self._event, **self._also}
        answer = await connection.ask(f"{connection.api}/history/since", params=asked)
        rows = await connection.client.decode(list[Row], answer)
        return sorted((row for row in rows if row.event_type == self._event), key=lambda row: row.date)


def losses(item: Item, rows: Iterable[Row]) -> list[Event]:
    """What the rows about an item, oldest first, say of its loss: at most one event.

    A single file went as its last row says, whatever became of earlier ones. Of several the reason of most
    counts, since one that was deleted by hand says nothing of ten that were missing; what was replaced was
    not lost at all.
    """
    mine = list(rows)
    there = [row for row in mine if row.source_title and row.source_title == item.path]
    if single := there or [row for row in mine if row.movie_id is not None]:
        return [_event(item, single[-1:])]
    by_reason: dict[str, list[Row]] = {}
    for row in [one for one in mine if one.reason not in REPLACED] or mine:
        by_reason.setdefault(row.reason, []).append(row)
    most = max(by_reason.values(), key=lambda found: (_files(found), found[-1].date), default=None)
    return [_event(item, most)] if most is not None else []


def _event(item: Item, rows: Sequence[Row]) -> Event:
    last, files = rows[-1], _files(rows)
    said = f"{last.reason}, {files} files" if files > 1 else last.reason
    return Event(
        Op.FILE_DELETED,
        item.key,
        item.title,
        occurred=last.date,
        reason=said or None,
        external=last.reason == MISSING,
    )


def _files(rows: Iterable[Row]) -> int:
    return len({row.source_title or str(row.id) for row in rows})


__all__ = ["FILE_DELETED", "History", "Row", "losses"]
