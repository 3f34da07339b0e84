"""Which seasons a webhook of Sonarr is about: those of the episodes that it names.

A file that came or went is one of many, so its season is looked at, like its series; the look finds
a count that fell. What deletes a whole series names no episodes and needs none.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from reconciled.model import Event, Key, Op
from reconciled_sonarr.records import season_title


class _Payload(msgspec.Struct):
    """The one field that is read; it is a list in the events that are about episodes."""

    episodes: Any = None


def with_seasons(events: Sequence[Event], body: bytes) -> list[Event]:
    """The events, and one for each season beside those about a series that changed."""
    numbers = _seasons(body) if any(event.op is Op.CHANGED for event in events) else []
    found: list[Event] = []
    for event in events:
        found.append(event)
        if event.op is not Op.CHANGED or event.key is None:
            continue
        for number in numbers:
            key = Key("season", f"{event.key.id}/{number}")
            title = season_title(event.title, number) if event.title else None
            found.append(replace(event, key=key, title=title, refs=frozenset()))
    return found


def _seasons(body: bytes) -> list[int]:
    episodes = msgspec.json.decode(body, type=_Payload).episodes
    numbers = [
        episode.get("seasonNumber")
        for episode in (episodes if isinstance(episodes, list) else [])
        if isinstance(episode, dict)
    ]
    return sorted({number for number in numbers if type(number) is int and number >= 0})
