"""What a piece of evidence says that was done, and whether the time that it says can be believed.

Noticing is not doing: an app that found a file missing names nobody. An app's own time counts only
close to when it told us, or for what it remembers between when the thing was last seen and when we
were told; else its clock is off.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from reconciled.ledger.rows import stamp
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Absent, Event, Op

EXTERNAL = "external"
OURS = "reconciled"
BY_HAND = "dashboard"
TOLERANCE = timedelta(minutes=15)
"""How far the clocks of apps may be off."""

_REPLACED = frozenset({"upgrade", "manualoverride", "nolinkedepisodes"})
_THROUGH_THE_APP = "manual"
"""The word of Sonarr and Radarr for a file that was deleted on their page or over their API."""


class Deed(StrEnum):
    """What evidence says that was done."""

    DELETED = "deleted"
    """Through the app: the app says so itself."""
    FILE_DELETED = "file deleted"
    REMOVED = "removed"
    """It is gone from the app, which does not say whether it did it or noticed it."""
    MISSING = "missing"
    """The app found its file missing."""
    OUTSIDE = "outside"
    """It was deleted, by no app: on the disk."""
    REPLACED = "replaced"
    TRASHED = "trashed"
    UNLISTED = "unlisted"
    ECHO = "echo"
    """The app tells of what we did ourselves."""


def deed_of(event: Event, *, echo: bool = False) -> Deed:
    """What an event says that was done."""
    reason = (event.reason or "").partition(" ")[0].rstrip(",").lower()
    if echo:
        return Deed.ECHO
    if reason in _REPLACED:
        return Deed.REPLACED
    if event.external:
        return Deed.OUTSIDE if event.op is Op.DELETED else Deed.MISSING
    if event.op is Op.FILE_DELETED:  # other words say which file, and not that the app did it
        named = event.own_act or event.actor or reason == _THROUGH_THE_APP
        return Deed.FILE_DELETED if named else Deed.REMOVED
    return Deed.DELETED if event.own_act or event.actor or event.reason else Deed.REMOVED


def names_its_app(deed: Deed) -> bool:
    """Whether the app that tells of such a deed did it, as far as it says."""
    return deed in (Deed.DELETED, Deed.FILE_DELETED, Deed.REMOVED, Deed.TRASHED)


def believed(occurred: datetime | None, *, told: datetime, since: datetime | None) -> bool:
    """Whether an app's own time counts: not after it was told, and not before `since` (None: just now)."""
    if occurred is None:
        return False
    return (told if since is None else since) - TOLERANCE <= occurred <= told + TOLERANCE


def own_word(source: str, own: Absent, *, seq: int, told: datetime, since: datetime | None) -> Evidence:
    """A list says of what it lacks that the app deleted it itself. `since` is when it was last listed."""
    at = stamp(own.at) if own.at else None
    said = f"{source} said that it was deleted ({own.said})"
    moment = at if believed(own.at, told=told, since=since) else None
    return Evidence(seq, stamp(told), "scan", said, source, own.actor, at, Deed.DELETED, moment)
