"""Jellyfin's websocket (`/socket`): what changed in the library, told to a user; or when a scan ended.

`LibraryChanged` goes to sessions with a user and to no others, so it needs a user and a password:
a token is asked for with a device id that is ours for good (signing in again with another one
would leave sessions behind, with the same one it replaces the old) and kept in memory only. With
the API key alone the one thing heard is that the task "Scan Media Library" ended.

A change is told after 30 s of quiet, as ids without a word on what they are: a removed item has
no type, no name, no path. So the kinds of the ids that we have read are remembered. Once a walk
was whole, an id that is not among them is nothing of ours (an episode, a song); before, it makes
us read everything. What is new is asked for by its id. Who removed it, and why, is never told.

Jellyfin drops whoever says no KeepAlive for 60 s; pings of the websocket do not count.
Seen in the source of Jellyfin 10.11 and 12.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from reconciled.errors import BadResponse, SourceError, Unauthorized, Unreachable
from reconciled.http import Client, Stream
from reconciled.model import Event, Key, Op
from reconciled.source import Connected, Context
from reconciled_jellyfin.client import identity, read
from reconciled_jellyfin.config import JellyfinConfig
from reconciled_jellyfin.items import KINDS, plain_id
from reconciled_jellyfin.listing import asked_about
from reconciled_jellyfin.paths import deepest
from reconciled_jellyfin.payloads import Items, Library, Pascal, Record
from reconciled_jellyfin.roots import read_libraries

PATH = "/socket"
BEAT = 30.0
"""Seconds between two KeepAlives; the server asks for one each 60 s, and answers each."""

SILENCE = 90.0
MOST_KNOWN = 500_000
ASKED_AT_ONCE, MOST_ASKED = 200, 1000
"""New ids in one question, and in one message: beyond that everything is read again."""
MOST_TOLD = 10_000
"""Ids of one message that are looked at one by one: with more, everything is read again, which costs less."""

_LONGEST = 200

_SCAN_TASK = "RefreshLibrary"
_AROUND = ("FoldersAddedTo", "FoldersRemovedFrom")
_LEAVING = ("ServerShuttingDown", "ServerRestarting")


class SignedIn(Pascal, frozen=True):
    """`POST /Users/AuthenticateByName`."""

    access_token: str
    server_id: str | None = None


class Known:
    """The kinds of the ids that were read. `whole`: a walk was, so that no id of ours is missing."""

    def __init__(self) -> None:
        self.whole = False
        self._kinds: dict[bytes, str] = {}

    def walked(self, keys: Iterable[Key]) -> None:
        """These are all that there are. What went, or came while they were read, stays known as well."""
        found = {bytes.fromhex(key.id): key.kind for key in keys}
        self._kinds = self._kinds | found if len(self._kinds) + len(found) <= MOST_KNOWN else found
        self.whole = len(found) <= MOST_KNOWN
        if not self.whole:
            self._kinds = {}

    def saw(self, key: Key) -> None:
        """One was shown."""
        if len(self._kinds) < MOST_KNOWN:
            self._kinds[bytes.fromhex(key.id)] = key.kind
        else:
            self.whole = False

    def key(self, item: str) -> Key | None:
        """The key of an id that was read."""
        kind = self._kinds.get(bytes.fromhex(item))
        return Key(kind, item) if kind is not None else None


class Socket:
    """Follows the websocket of one Jellyfin. `client` asks with the API key."""

    def __init__(self, config: JellyfinConfig, context: Context, client: Client, known: Known) -> None:
        self._config = config
        self._context = context
        self._client = client
        self._known = known
        self._token: str | None = None

    async def follow(self, instance: Callable[[], str | None]) -> AsyncIterator[Event | Connected]:
        """One connection, to its end. `instance` gives the server's id as it was last seen."""
        async with AsyncExitStack() as stack:
            stream = await self._open(stack, instance())
            if self._config.user is None:
                await stream.send(json.dumps({"MessageType": "ScheduledTasksInfoStart", "Data": "0,5000"}))
            beating = asyncio.create_task(_beat(stream), name=f"{self._context.name} KeepAlive")
            try:
                yield Connected()
                tasks = _Tasks()
                while True:
                    for event in await self._heard(stream, tasks):
                        yield event
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)

    async def _heard(self, stream: Stream, tasks: "_Tasks") -> Sequence[Event]:
        """What the next message says to us."""
        said = _message(await stream.receive(), stream.where)
        match said.get("MessageType"), said.get("Data"):
            case "ForceKeepAlive", _:
                await stream.send(_KEEP_ALIVE)
            case "LibraryChanged", dict() as data:
                return await self._changed(data)
            case "ScheduledTasksInfo", list() as data:
                return tasks.ended(data)
            case str(name), _ if name in _LEAVING:
                raise Unreachable(f"{stream.where}: Jellyfin says that it is going down ({name})")
            case _:
                pass
        return []

    # --- what changed -------------------------------------------------------------------------------

    async def _changed(self, data: Mapping[str, Any]) -> list[Event]:
        changed = [data.get(name) for name in ("ItemsAdded", "ItemsUpdated", *_AROUND)]
        count = sum(len(ids) for ids in changed if isinstance(ids, list))
        shown = _ids(data, "ItemsAdded", "ItemsUpdated") if count <= MOST_TOLD else {}
        removed = [item for item in _ids(data, "ItemsRemoved") if item not in shown]
        events = [Event(Op.DELETED, key) for item in removed if (key := self._known.key(item))]
        if count > MOST_TOLD:
            return [*events, Event(Op.SCAN, reason=f"{count} items changed")]
        if len(events) < len(removed) and not self._known.whole:
            events.append(Event(Op.SCAN, reason="something was removed that was not read yet"))
        around = [item for item in _ids(data, *_AROUND) if item not in shown]
        seen = [key for item in (*shown, *around) if (key := self._known.key(item))]
        events += [Event(Op.CHANGED, key) for key in seen]
        return events + await self._new([item for item in shown if self._known.key(item) is None])

    async def _new(self, items: Sequence[str]) -> list[Event]:
        """What items that we have never read are; those of another kind or library are left out."""
        if len(items) > MOST_ASKED:
            return [Event(Op.SCAN, reason=f"{len(items)} items are new")]
        events: list[Event] = []
        try:
            libraries = await self._libraries() if items else None
            for start in range(0, len(items), ASKED_AT_ONCE):
                asked = asked_about([*items[start : start + ASKED_AT_ONCE]])
                page = await read(self._client, "/Items", Items, params=asked)
                for record in page.items:
                    item, kind = plain_id(record.id), KINDS.get(record.type)
                    if item is None or kind is None or item not in items:
                        continue
                    if _lies_in(libraries, record):
                        events.append(Event(Op.CHANGED, Key(kind, item), _line(record.name)))
        except SourceError as error:
            return [Event(Op.SCAN, reason=f"what is new could not be asked for: {error}")]
        return events

    async def _libraries(self) -> Sequence[Library] | None:
        """The libraries that count; None when the config names none, so that all do."""
        names = self._config.libraries
        return None if names is None else await read_libraries(self._client, names)

    # --- signing in ---------------------------------------------------------------------------------

    async def _open(self, stack: AsyncExitStack, instance: str | None) -> Stream:
        """The open websocket. A kept token that is refused is asked for anew, once."""
        if self._config.user is None:
            return await stack.enter_async_context(self._client.stream(PATH, silence=SILENCE))
        if self._token is not None:
            try:
                return await stack.enter_async_context(await self._stream(self._token))
            except Unauthorized:
                self._token = None
        token = await self._sign_in(instance)
        stream = await stack.enter_async_context(await self._stream(token))
        self._token = token
        return stream

    async def _stream(self, token: str) -> Stream:
        return (await self._as_user(token)).stream(PATH, silence=SILENCE)

    async def _sign_in(self, instance: str | None) -> str:
        """A token of the user's. Unauthorized when user or password are wrong."""
        password = self._config.password.get_secret_value() if self._config.password else ""
        client = await self._as_user(None)
        who = {"Username": self._config.user, "Pw": password}
        try:
            answer = await client.request("POST", "/Users/AuthenticateByName", json=who)
        except Unauthorized:
            raise Unauthorized(
                f"{self._config.url}: Jellyfin refuses {self._config.user!r}; are user and password right?"
            ) from None
        signed = await client.decode(SignedIn, answer)
        server = plain_id(signed.server_id or "")
        if instance and server and server != instance:
            raise BadResponse(f"{answer.where}: another Jellyfin signs us in than the one that we ask")
        if not signed.access_token:
            raise BadResponse(f"{answer.where}: signed in, but without a token")
        return signed.access_token

    async def _as_user(self, token: str | None) -> Client:
        """A client for what only users are told; none of its messages shows token or password."""
        config, name = self._config, self._context.name
        password = config.password.get_secret_value() if config.password else ""
        said = identity(device=name, device_id=await self._device(), token=token)
        return self._context.http.at(
            config.url,
            headers={"Authorization": said},
            secrets=[secret for secret in (password, token) if secret],
            timeout=config.timeout,
        )

    async def _device(self) -> str:
        """Our device id: made once, kept for good."""
        known = await self._context.store.get("device")
        if isinstance(known, str):
            return known
        made = f"reconciled-{uuid.uuid4().hex}"
        await self._context.store.set("device", made)
        return made


class _Tasks:
    """Sees the library scan end: it ran and does not any more, or it has another end than before."""

    def __init__(self) -> None:
        self._last: tuple[bool, object] | None = None

    def ended(self, tasks: Sequence[Any]) -> list[Event]:
        task = next((one for one in tasks if isinstance(one, dict) and one.get("Key") == _SCAN_TASK), None)
        if task is None:
            return []
        result = task.get("LastExecutionResult")
        result = result if isinstance(result, dict) else {}
        before, self._last = self._last, (task.get("State") != "Idle", result.get("EndTimeUtc"))
        running, end = self._last
        if running or before is None or before == (False, end):
            return []
        name, status = _line(task.get("Name")), _line(result.get("Status"))
        return [Event(Op.SCAN, reason=f"{name or 'library scan'}: {status or 'ended'}")]


def _lies_in(libraries: Sequence[Library] | None, record: Record) -> bool:
    """Whether it counts. What shows no path (a season without a folder) may."""
    if libraries is None or not record.path:
        return True
    return deepest([place for library in libraries for place in library.locations], record.path) is not None


def _line(text: object) -> str | None:
    """A text in one line that can be kept and shown; None when it says nothing."""
    shown = "".join(char for char in text if char.isprintable()) if isinstance(text, str) else ""
    return shown.strip()[:_LONGEST] or None


_KEEP_ALIVE = json.dumps({"MessageType": "KeepAlive"})


async def _beat(stream: Stream) -> None:
    while True:
        await stream.clock.sleep(BEAT)
        await stream.send(_KEEP_ALIVE)


def _message(text: str, where: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise BadResponse(f"{where}: no JSON, so no message of Jellyfin") from None
    if not isinstance(said, dict):
        raise BadResponse(f"{where}: {type(said).__name__} instead of a message of Jellyfin")
    return said


def _ids(data: Mapping[str, Any], *names: str) -> dict[str, None]:
    """The good ids in these lists, each once, in order."""
    lists = (data.get(name) for name in names)
    texts = (text for one in lists if isinstance(one, list) for text in one if isinstance(text, str))
    return {item: None for text in texts if (item := plain_id(text)) is not None}
