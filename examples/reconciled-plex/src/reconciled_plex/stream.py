"""Plex's notifications (`/:/websockets/notifications`): what settled in its libraries, and what went.

Everything that happens on the server is told, so only lines of the timeline about films and series
of the libraries in scope count. A deletion is told as state 9, by newer servers as a type of -1
without saying what it was; so the kinds of the ids that were read are remembered. Once a walk was
whole, an id that is not among them is nothing of ours (an episode, a song). Who deleted it, and why,
is never told: Plex forgets by itself what it does not find.

A quiet server says nothing for hours, so silence is no sign; that it is still there, pings show, which
are sent and answered below us.
"""

from collections.abc import AsyncIterator, Callable, Iterable

import msgspec
from reconciled.errors import BadResponse, Unsupported
from reconciled.http import Client
from reconciled.model import Event, Key, Op
from reconciled.source import Connected

from reconciled_plex.items import TYPES
from reconciled_plex.payloads import Entry, Notification

PATH = "/:/websockets/notifications"
SILENCE = 12 * 3600.0
_LIBRARY = "com.plexapp.plugins.library"
_SETTLED, _DELETED = 5, 9
_NUMBERS = {number: kind for kind, number in TYPES.items()}


class Known:
    """The kinds of the ids that were read. `whole`: a walk of everything was."""

    def __init__(self) -> None:
        self.whole = False
        self._kinds: dict[str, str] = {}

    def walked(self, keys: Iterable[Key]) -> None:
        """These are all that there are; what went while they were read stays known."""
        self._kinds |= {key.id: key.kind for key in keys}
        self.whole = True

    def saw(self, key: Key) -> None:
        """One was shown."""
        self._kinds[key.id] = key.kind

    def key(self, item: str) -> Key | None:
        """The key of an id that was read."""
        kind = self._kinds.get(item)
        return None if kind is None else Key(kind, item)


async def follow(
    client: Client, known: Known, sections: Callable[[], frozenset[str] | None], *, wanted: bool
) -> AsyncIterator[Event | Connected]:
    """One connection, to its end. `sections` gives the keys of the libraries in scope, None for all."""
    if not wanted:
        raise Unsupported("Plex's notifications are switched off in the config (stream: no)")
    async with client.stream(PATH, silence=SILENCE) as stream:
        yield Connected()
        while True:
            text = await stream.receive()
            try:
                told = msgspec.json.decode(text, type=Notification).content
            except (msgspec.MsgspecError, RecursionError) as error:
                raise BadResponse(f"{stream.where}: no notification of Plex: {error}") from None
            scope = sections()
            for entry in (one for one in told.entries if _counts(one, scope)):
                if (event := event_of(entry, known)) is not None:
                    yield event


def _counts(entry: Entry, scope: frozenset[str] | None) -> bool:
    """Whether it is about a library in scope: what we never list must not become known to us otherwise."""
    return scope is None or entry.section is None or str(entry.section) in {*scope, "-1"}


def event_of(entry: Entry, known: Known) -> Event | None:
    """What a line of the timeline tells; None when it is about nothing of ours, or not over yet."""
    item = str(entry.item)
    if entry.identifier != _LIBRARY or not (item.isascii() and item.isdigit()):
        return None
    gone = entry.state == _DELETED or entry.type == -1
    if not gone and entry.state != _SETTLED:
        return None
    kind = _NUMBERS.get(entry.type or 0)
    key = Key(kind, item) if kind is not None else known.key(item) if gone else None
    if key is None:
        if gone and entry.type == -1 and not known.whole:
            return Event(Op.SCAN, reason="Plex deleted something that we did not read yet")
        return None
    return Event(Op.DELETED if gone else Op.CHANGED, key, title=(entry.title or "")[:200] or None)
