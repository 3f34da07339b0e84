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
    """What the rows about an item say: one event for each reason, as of its last file."""
    mine = list(rows)
    there = [row for row in mine if row.source_title and row.source_title == item.path]
    by_reason: dict[str, list[Row]] = {}
    for row in there or mine:
        by_reason.setdefault(row.reason, []).append(row)
    return sorted((_event(item, reason, found) for reason, found in by_reason.items()), key=_time)


def _event(item: Item, reason: str, rows: Sequence[Row]) -> Event:
    files = len({row.source_title or str(row.id) for row in rows})
    said = f"{reason}, {files} files" if files > 1 else reason
    return Event(
        Op.FILE_DELETED,
        item.key,
        item.title,
        occurred=rows[-1].date,
        reason=said or None,
        external=reason == MISSING,
    )


def _time(event: Event) -> str:
    return event.occurred.isoformat() if event.occurred else ""


__all__ = ["FILE_DELETED", "History", "Row", "losses"]
