"""Steps of a story in words, and times as they are said to who reads.

The name of a source stands as people call the app; who did something is told apart from who noticed.
"""

from datetime import UTC, date, datetime, tzinfo

from reconciled.engine.deeds import BY_HAND, Deed
from reconciled.ledger.tombstones import Evidence
from reconciled.model import What

WHEN = "\0"
"""Where the time belongs in what was done."""


def did(one: Evidence, actor: str | None, *, leads: bool, kind: str) -> str:
    """What one piece of evidence says, in words; `kind` is that of what the story began with."""
    app = name_of(one.source or one.cause or "")
    if one.how == "action" or one.cause == BY_HAND:
        us = f"{actor or 'somebody'}, through reconciled" if one.cause == BY_HAND else "us"
        if one.kind and kind and one.kind != kind:
            return f"its {one.kind} went{WHEN} by {us}"
        return f"deleted in {app}{WHEN} by {us}"
    return _app_did(one, app, actor) if one.cause and (leads or actor) else _app_noticed(one, app)


def _app_did(one: Evidence, app: str, actor: str | None) -> str:
    by = f" by {actor}" if actor else ""
    match one.deed:
        case Deed.FILE_DELETED:
            return f"its file was deleted through {app}{by or ' (its page or its API)'}{WHEN}"
        case Deed.TRASHED:
            return f"moved to the trash of {app}{by}{WHEN}"
        case Deed.REMOVED if not by:
            return f"removed from {app}{WHEN}, which does not say by whom"
        case None:
            return f"{one.said}{by}{WHEN}"
        case _:
            return f"deleted in {app}{by}{WHEN}"


def _app_noticed(one: Evidence, app: str) -> str:
    if one.how == "lookup" and one.deed is None:
        return f"found gone from {app}{WHEN} ({one.said})" if app else f"{one.said}{WHEN}"
    match one.deed:
        case Deed.REMOVED:
            return f"{app} no longer found it{WHEN}"
        case Deed.MISSING:
            return f"{app} noticed the missing file{WHEN}"
        case Deed.OUTSIDE:
            return f"deleted on the disk{WHEN}"
        case Deed.REPLACED:
            return f"{app} replaced its file{WHEN}"
        case _ if one.cause:
            return f"{app} no longer had it{WHEN}"
        case Deed.UNLISTED if one.what == What.FILE:
            return f"{app} no longer had its file{WHEN}"
        case _ if one.how == "scan" and app:
            return f"{app} no longer listed it{WHEN}"
        case _:
            return f"{one.said}{WHEN}"


def name_of(source: str) -> str:
    """A source in a sentence: `jellyfin` is Jellyfin, `radarr_4k` stays as it is configured."""
    return source.capitalize() if source.isalpha() and source.islower() else source


class Wall:
    """The clock on the wall of who reads: a day is said when it is another than the one said last."""

    def __init__(self, zone: tzinfo | None, now: datetime | None) -> None:
        self._zone = zone or UTC
        self._suffix = "" if zone is not None else " UTC"
        self._day: date | None = None
        self._year: int | None = None
        if now is not None:
            here = now.astimezone(self._zone)
            self._day, self._year = here.date(), here.year

    def time(self, at: str) -> str:
        """`21:04`, or `Tue 3 Nov 21:04`."""
        here = datetime.fromisoformat(at).astimezone(self._zone)
        day = "" if here.date() == self._day else f"{self._say(here)} "
        self._day = here.date()
        return f"{day}{here:%H:%M}{self._suffix}"

    def on(self, at: str) -> str:
        """`at 21:04`, or `on Tue 3 Nov at 21:04`."""
        here = datetime.fromisoformat(at).astimezone(self._zone)
        day = "" if here.date() == self._day else f"on {self._say(here)} "
        self._day = here.date()
        return f"{day}at {here:%H:%M}{self._suffix}"

    def _say(self, here: datetime) -> str:
        year = "" if here.year == self._year else f" {here.year}"
        self._year = here.year
        return f"{_DAYS[here.weekday()]} {here.day} {_MONTHS[here.month - 1]}{year}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
