"""The bodies of Jellyfin's webhook plugin (version 21), in its two styles.

*Send All Properties*: ids are 32 hex digits; quotes in names are escaped twice, so that a literal
backslash arrives. *Template* (the one we recommend): ids come with dashes. A deletion says neither who
nor where; series names are looked up when it is sent, hence absent once the series is gone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciled.testing.fakes.jellyfin_model import Item, JellyfinState, dashed


def send_all(
    event: str, item: Item, state: JellyfinState, *, server: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """All properties of ItemDeleted or ItemAdded. `server` has name, version and url."""
    made: dict[str, Any] = {
        **_server(event, state.server_id, server),
        "Timestamp": _ticks(now, "+00:00"),
        "UtcTimestamp": _ticks(now, "Z"),
        "Name": _escaped(item.name),
        "Overview": _escaped(item.overview),
        "Tagline": "",
        "ItemId": item.id,
        "ItemType": item.kind,
        "RunTimeTicks": 0 if item.kind == "Series" else 66_000_000_000,
        "RunTime": "00:00:00" if item.kind == "Series" else "01:50:00",
    }
    if item.year:
        made |= {"Year": item.year, "PremiereDate": f"{item.year}-07-16"}
    if item.kind in ("Movie", "Series"):
        made["Genres"] = "Drama, Mystery"
    if item.kind == "Movie":
        made["AspectRatio"] = "2.40:1"
    made |= _numbers(item, state)
    made |= {f"Provider_{k.lower()}": v for k, v in item.provider_ids}
    return made


def template(
    event: str, item: Item, state: JellyfinState, *, server: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What the recommended template makes of them; variables that are absent are empty."""
    known = send_all(event, item, state, server=server, now=now)
    return {
        "event": event,
        "server_id": state.server_id,
        "item_id": dashed(item.id),
        "item_type": item.kind,
        "name": known["Name"],
        "series_id": dashed(known["SeriesId"]) if "SeriesId" in known else "",
        "tmdb": known.get("Provider_tmdb", ""),
        "tvdb": known.get("Provider_tvdb", ""),
        "imdb": known.get("Provider_imdb", ""),
        "utc": known["UtcTimestamp"],
    }


def scan_completed(server_id: str, *, server: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """TaskCompleted of a library scan."""
    task = {
        "TaskId": "7738148ffcd07979c7ceb148e06b3aed",
        "TaskName": "Scan Media Library",
        "TaskDescription": "Scans your media library for new files and refreshes metadata.",
        "TaskCategory": "Library",
        "TaskState": "Idle",
    }
    result = {
        "ResultId": task["TaskId"],
        "ResultKey": "RefreshLibrary",
        "ResultName": task["TaskName"],
        "ResultStatus": "Completed",
        "StartTime": _ticks(now, "Z"),
        "EndTime": _ticks(now, "Z"),
        "ResultErrorMessage": None,
        "ResultLongErrorMessage": None,
    }
    return {**_server("TaskCompleted", server_id, server), **task, **result}


def _server(event: str, server_id: str, server: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ServerId": server_id,
        "ServerName": _escaped(server["name"]),
        "ServerVersion": server["version"],
        "ServerUrl": server["url"],
        "NotificationType": event,
    }


def _numbers(item: Item, state: JellyfinState) -> dict[str, Any]:
    """What seasons and episodes have beside films."""
    if item.kind not in ("Season", "Episode"):
        return {}
    made: dict[str, Any] = {}
    series = state.items.get(item.series or "")
    if series is not None:
        made |= {"SeriesName": _escaped(series.name), "SeriesId": series.id}
    if item.kind == "Episode":
        made["SeasonId"] = item.parent
    if series is not None:
        made["SeriesPremiereDate"] = f"{series.year}-07-16"
        made |= _padded("SeasonNumber", item.index if item.kind == "Season" else item.parent_index)
    if item.kind == "Episode":
        made |= _padded("EpisodeNumber", item.index)
    return made


def _padded(name: str, number: int | None) -> dict[str, Any]:
    return (
        {} if number is None else {name: number, f"{name}00": f"{number:02d}", f"{name}000": f"{number:03d}"}
    )


def _escaped(text: str) -> str:
    return text.replace('"', '\\"')


def _ticks(moment: datetime, zone: str) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0" + zone
