"""What Shoko's hub calls, in the words of 5.3 (`ShokoEvent:FileDeleted`) and of 6.0 (`file:deleted`).

It is told without who or why, and nothing that was missed is told again. A file's deletion is told
for each of its places, and before it is done: so it is a hint that the file lost one, looked at two
seconds later. Only a series that Shoko itself removed (`Source: Shoko`) is one; the same word comes
when AniDB or TMDB drop theirs. A file deleted from the disk is not told at all.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from msgspec import field

from reconciled.errors import BadEvent
from reconciled.http import Call
from reconciled.model import Event, Key, Op
from reconciled_shoko.items import EPISODES, SPECIALS, season_key
from reconciled_shoko.paths import name_of
from reconciled_shoko.payloads import Shape

FEEDS = "shoko,file,metadata,release,managedfolder"
"""What is asked for of 5.3 (`shoko`) and of 6.0 (the others); each passes over what it does not have."""

SETTLE = 2.0
"""Seconds after which what was told is done."""

_FILES = {
    "shokoevent:filedeleted": Op.FILE_DELETED,
    "file:deleted": Op.FILE_DELETED,
    **dict.fromkeys(
        (
            "shokoevent:filehashed",
            "shokoevent:filematched",
            "shokoevent:filenotmatched",
            "shokoevent:filemoved",
            "shokoevent:filerenamed",
            "file:hashed",
            "file:relocated",
        ),
        Op.CHANGED,
    ),
}
_RELEASES = frozenset({"release:saved", "release:removed", "release:deleted"})
_METADATA = ("shokoevent:series", "shokoevent:episode", "shokoevent:movie", "metadata:")
_SERIES = ("shokoevent:series", "metadata:series.")
_FOLDERS = frozenset({"managedfolder:removed", "managedfolder:updated"})

T = TypeVar("T")


class Told(Shape, frozen=True):
    """A series that a file belongs to; null when Shoko has it no more."""

    series: int | None = field(default=None, name="SeriesID")


class FileTold(Shape, frozen=True):
    """A place of a file. The path begins with a separator."""

    file: int = field(name="FileID")
    relative_path: str | None = None
    cross_references: tuple[Told, ...] | None = None


class ReleaseTold(Shape, frozen=True):
    """What a file was recognised as, or not any more; null when no file is left."""

    file: int | None = field(default=None, name="FileID")


class MetadataTold(Shape, frozen=True):
    """Metadata that changed. The id is that of its source: Shoko's own only if that is Shoko."""

    source: str
    reason: str
    series: int | None = field(default=None, name="SeriesID")
    shoko_series: tuple[int, ...] | None = field(default=None, name="ShokoSeriesIDs")


def read_call(call: Call) -> list[Event]:
    """The events in a call of the hub; none when it is about something else. BadEvent when it is odd."""
    name = call.target.lower()
    if name in _FILES:
        return [*_of_file(_read(call, FileTold), _FILES[name])]
    if name in _RELEASES:
        file = _read(call, ReleaseTold).file
        return [*_changed_file(file)] if file else []
    if name.startswith(_METADATA):
        return [*_of_metadata(_read(call, MetadataTold), about_series=name.startswith(_SERIES))]
    if name in _FOLDERS:
        return [Event(Op.SCAN, reason="a managed folder was removed or changed")]
    return []


def _of_file(told: FileTold, op: Op) -> Iterator[Event]:
    title = name_of(told.relative_path) if told.relative_path else None
    reason = "one of its places" if op is Op.FILE_DELETED else None
    yield Event(op, Key("file", str(told.file)), title or None, reason=reason, settle=SETTLE)
    yield from _changed({one.series for one in told.cross_references or () if one.series})


def _changed_file(file: int) -> Iterator[Event]:
    yield Event(Op.CHANGED, Key("file", str(file)), settle=SETTLE)


def _of_metadata(told: MetadataTold, *, about_series: bool) -> Iterator[Event]:
    removed = about_series and told.source == "Shoko" and told.reason == "Removed"
    if removed and told.series:
        yield Event(Op.DELETED, Key("series", str(told.series)), own_act=True, settle=SETTLE)
    else:
        yield from _changed(set(told.shoko_series or ()))


def _changed(series: Iterable[int | None]) -> Iterator[Event]:
    """Each series, and its seasons, are to be looked at."""
    for one in sorted(number for number in series if number):
        yield Event(Op.CHANGED, Key("series", str(one)), settle=SETTLE)
        for season in (EPISODES, SPECIALS):
            yield Event(Op.CHANGED, season_key(one, season), settle=SETTLE)


def _read(call: Call, kind: type[T]) -> T:
    if not call.arguments:
        raise BadEvent(f"{call.target} came without what it is about")
    try:
        return msgspec.convert(call.arguments[0], kind)
    except msgspec.ValidationError as error:
        raise BadEvent(f"{call.target} is not what Shoko sends: {error}") from None
