"""What the apps tell over SignalR (`/signalr/messages`): each change of a record, at once, for a key alone.

Nothing in a message says who acted or why, and nothing is told to who was not connected. So a
message only says which item to look at, with one exception: a whole record's `deleted` is sent for
the app's own delete and for nothing else (its page, its API or an import list; a restored backup
is silent), just like the webhook MovieDelete or SeriesDelete, and is its own act like that.

Of a deleted movie, or of any deleted file, the id is all that is true: the rest of the resource is
defaults that look real. A file without its item says nothing; the item's own `updated` follows.
Sonarr 5 sends each change twice, for either API, told apart by `version`.

A refresh says `updated` of every record, one by one, and changes next to nothing: what is as it
was when we last read it is not handed on, for each key handed on costs a lookup.
Seen in the source of Sonarr 4.0 and 5 and Radarr 6.1.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from reconciled.errors import Unsupported
from reconciled.http import Client, hub
from reconciled.model import Event, Key, Op, refs
from reconciled.source import Connected
from reconciled_servarr.items import claimed
from reconciled_servarr.payloads import Record
from reconciled_servarr.webhooks import Words

PATH = "/signalr/messages"
TARGET = "receiveMessage"

GAP = 60.0
"""Seconds before a file that is said to be missing is looked for: it may be about to be replaced."""

_LONGEST = 200
_FILES = {"movie": "moviefile", "series": "episodefile"}
_TOLD_OTHERWISE = frozenset({"title", "original_title", "root_folder_path", "movie_file"})
"""What a message may spell otherwise than the list does (translated, left out); a new file is told apart."""


class Known:
    """The records as they were last read, a hash each, so that a message about nothing is known as one."""

    def __init__(self) -> None:
        self._prints: dict[int, int] = {}

    def read_all(self, records: Iterable[Record]) -> None:
        """These are all that there are."""
        self._prints = {record.id: _print(record) for record in records}

    def read(self, record: Record) -> None:
        """One was looked at."""
        self._prints[record.id] = _print(record)

    def forget(self, number: int) -> None:
        """Whatever is said of it next is news."""
        self._prints.pop(number, None)

    def is_news(self, record: Record) -> bool:
        """Whether the record is another than the one that was read."""
        return self._prints.get(record.id) != _print(record)


@dataclass(frozen=True, slots=True)
class Listener:
    """What reads an app's messages: its words, its kind of record, the API that we use (`/api/v3`)."""

    words: Words
    record: type[Any]
    api: str
    known: Known = field(default_factory=Known)

    async def follow(self, client: Client, *, wanted: bool) -> AsyncIterator[Event | Connected]:
        """One connection to the app's hub, to its end. Unsupported when it is not `wanted`."""
        if not wanted:
            raise Unsupported(f"the stream of this {self.words.app} is switched off (stream: no)")
        async with hub(client, PATH) as messages:
            yield Connected()
            async for call in messages:
                if call.target == TARGET and call.arguments:
                    for event in self.events(call.arguments[0]):
                        yield event

    def events(self, message: Any) -> list[Event]:
        """What a message says to us; most say nothing."""
        match message:
            case {"version": int(other)} if f"v{other}" != self.api.rpartition("/")[2]:
                return []
            case {"name": str(name), "body": {"action": str(action), **rest}}:
                resource = rest.get("resource")
                return self._read(name, action.lower(), resource if isinstance(resource, dict) else {})
            case _:
                return []

    def _read(self, name: str, action: str, resource: Mapping[str, Any]) -> list[Event]:
        noun = self.words.noun
        if name == noun and action == "sync":
            return [Event(Op.SCAN, reason=f"the {noun} list of {self.words.app} changed")]
        if name == noun and action == "deleted":
            return self._deleted(resource)
        if name == noun:
            return self._updated(resource)
        if name == "episode" and noun == "series":
            return _season(resource)
        if name == _FILES.get(noun) and action != "deleted" and (item := _number(resource, f"{noun}Id")):
            return [Event(Op.CHANGED, Key(noun, str(item)), reason="a file came or changed")]
        return []

    def _deleted(self, resource: Mapping[str, Any]) -> list[Event]:
        """Sonarr says it all of a deleted series, Radarr only the id of a movie."""
        number = _number(resource, "id")
        if not number:
            return []
        self.known.forget(number)
        return [self._about(Op.DELETED, number, resource, own_act=True)]

    def _updated(self, resource: Mapping[str, Any]) -> list[Event]:
        number = _number(resource, "id")
        if not number:
            return []
        try:
            news = self.known.is_news(msgspec.convert(resource, self.record))
        except (msgspec.ValidationError, UnicodeEncodeError):  # half a character in a name is news, too
            news = True
        return [self._about(Op.CHANGED, number, resource, settle=_gap(resource))] if news else []

    def _about(self, op: Op, number: int, resource: Mapping[str, Any], **more: Any) -> Event:
        claims = (claimed(space, resource.get(name)) for name, space in self.words.spaces)
        title = _line(resource.get("title"))
        return Event(op, Key(self.words.noun, str(number)), title, refs(*claims), **more)


def _season(resource: Mapping[str, Any]) -> list[Event]:
    """An episode came, went or was grabbed: its season is looked at."""
    series, season = _number(resource, "seriesId"), resource.get("seasonNumber")
    if not series or type(season) is not int:
        return []
    key = Key("season", f"{series}/{season}")
    return [Event(Op.CHANGED, key, reason="an episode changed", settle=_gap(resource))]


def _gap(resource: Mapping[str, Any]) -> float | None:
    return GAP if resource.get("hasFile") is False else None


def _number(resource: Mapping[str, Any], name: str) -> int:
    """An id; 0 when there is none, or what is no id."""
    number = resource.get(name)
    return number if type(number) is int and number > 0 else 0


def _line(title: Any) -> str | None:
    """A title in one line that can be kept and shown; None when it says nothing."""
    shown = "".join(char for char in title if char.isprintable()) if isinstance(title, str) else ""
    return shown.strip()[:_LONGEST] or None


def _print(record: Record) -> int:
    fields = msgspec.structs.asdict(record)  # type: ignore[arg-type]  # every record is a struct
    return hash(
        msgspec.json.encode({name: said for name, said in fields.items() if name not in _TOLD_OTHERWISE})
    )
