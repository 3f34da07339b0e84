"""A SignalR hub: what ASP.NET Core apps (Sonarr, Radarr, Shoko) tell over a websocket.

JSON protocol, version 1, over a websocket that is opened at once; `negotiate` asks first, for apps
or proxies that insist on it. Texts end in the byte 0x1e. Pings go out every 15 s, for the servers
drop a client that is silent (Shoko after 60 s); a server that says nothing for `silence` seconds,
not even its own ping (the framework's is every 15 s), counts as gone.

Written here rather than taken from a package: those that exist end for good at a refused start or
at the tenth reconnect (pysignalr 1.3.3), use threads (signalrcore), or are an alpha (aiosignalr).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from reconciled.errors import BadResponse, Unreachable
from reconciled.http.client import Client, Params
from reconciled.http.stream import Stream
from reconciled.model import Json

END = "\x1e"
PING_EVERY = 15.0
SILENCE = 60.0

AT_ONCE = 100
"""How many messages of one text are read before everything else has its turn."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a hub calls at its clients: a name (`receiveMessage`) and its arguments."""

    target: str
    arguments: tuple[Json, ...]


class Hub:
    """A hub that shook hands. Iterate over it for its calls; it ends with an error only."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._where = f"hub {stream.where}"
        self._waiting: Iterator[str] = iter(())
        self._read = 0

    async def invoke(self, target: str, *arguments: Json) -> None:
        """Call a method of the hub, without waiting for an answer."""
        await self._send({"type": 1, "target": target, "arguments": list(arguments)})

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Call:
        while True:
            said = await self._next()
            match said.get("type"):
                case 1:
                    arguments = said.get("arguments")
                    told = tuple(arguments) if isinstance(arguments, list) else ()
                    return Call(str(said.get("target")), told)
                case 7:
                    why = self._quoted(said.get("error") or "it is going down")
                    raise Unreachable(f"{self._where}: the hub closed ({why})")
                case _:
                    continue  # pings, and the ends of what we never began

    async def shake_hands(self) -> None:
        """Agree on the protocol. BadResponse when the hub does not speak it."""
        await self._send({"protocol": "json", "version": 1})
        said = await self._next()
        if error := said.get("error"):
            raise BadResponse(f"{self._where}: the hub refused ({self._quoted(error)})")

    async def ping(self) -> None:
        """Keep the hub from dropping us. Runs until the stream ends."""
        while True:
            await self._stream.clock.sleep(PING_EVERY)
            await self._send({"type": 6})

    async def _send(self, message: Mapping[str, Json]) -> None:
        await self._stream.send(json.dumps(message) + END)

    async def _next(self) -> Mapping[str, Json]:
        while (text := next(self._waiting, None)) is None:
            heard = await self._stream.receive()
            if heard and not heard.endswith(END):
                raise BadResponse(f"{self._where}: a message without its end; no SignalR hub?")
            self._waiting = _messages(heard)
        self._read += 1
        if self._read % AT_ONCE == 0:
            await asyncio.sleep(0)
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise BadResponse(f"{self._where}: no JSON; does the hub speak another protocol?") from None
        if not isinstance(said, dict):
            raise BadResponse(f"{self._where}: {type(said).__name__} instead of a message")
        return said

    def _quoted(self, said: Json) -> str:
        """What the hub said of its trouble, as it may be shown."""
        return self._stream.redact(str(said))[:200]


def _messages(heard: str) -> Iterator[str]:
    """The messages in a text, one by one: 16 MiB may hold millions of them."""
    start = 0
    while (end := heard.find(END, start)) >= 0:
        yield heard[start:end]
        start = end + 1


@asynccontextmanager
async def hub(
    client: Client,
    path: str,
    *,
    params: Params | None = None,
    negotiate: bool = False,
    silence: float = SILENCE,
) -> AsyncIterator[Hub]:
    """Connect to the hub at `path` (`/signalr/messages`) and shake hands. Raises a `SourceError`.

    One connection: it ends with an error, and is opened again by whoever follows it.
    """
    query = dict(params or {})
    if negotiate:
        query["id"] = await _negotiated(client, path, params=params)
    async with client.stream(path, params=query, silence=silence) as stream:
        opened = Hub(stream)
        await opened.shake_hands()
        pinging = asyncio.create_task(opened.ping(), name=f"ping {path}")
        try:
            yield opened
        finally:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)


async def _negotiated(client: Client, path: str, *, params: Params | None) -> str:
    """The id of a connection that the hub expects."""
    answer = await client.request(
        "POST", f"{path}/negotiate", params={**(params or {}), "negotiateVersion": 1}
    )
    said = await client.decode(dict, answer)
    token = said.get("connectionToken") or said.get("connectionId")
    if not isinstance(token, str) or not token:
        raise BadResponse(f"{answer.where}: the hub named no connection")
    return token
