"""`FakeHub`: a SignalR hub as ASP.NET Core serves it, for the fakes of apps that tell over one.

JSON protocol, version 1, over real websockets, with `negotiate` or without. A part, not a base:
a fake makes one, adds its `routes` and calls `tell`. Nothing is kept for who is not connected.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

END = "\x1e"
PING_EVERY = 15.0


@dataclass(eq=False, slots=True)
class HubClient:
    """Somebody who shook hands: with what query, and what came from there since."""

    socket: web.WebSocketResponse = field(repr=False)
    request: web.Request = field(repr=False)
    pings: int = 0
    invoked: list[tuple[str, list[Any]]] = field(default_factory=list)

    @property
    def query(self) -> Mapping[str, str]:
        """What it connected with."""
        return self.request.query

    async def send(self, *messages: Mapping[str, Any]) -> None:
        """Send messages in one text; one that has left is passed over."""
        if not self.socket.closed:
            text = "".join(msgspec.json.encode(one).decode() + END for one in messages)
            try:
                await self.socket.send_str(text)
            except ConnectionError:
                return


class FakeHub:
    """A hub at one path.

    `admits` says who may connect, `greets` what a new client makes the hub do. Set `refusing` to a
    status, and it answers every attempt with that.
    """

    def __init__(
        self,
        path: str,
        *,
        admits: Callable[[web.Request], bool],
        greets: Callable[[HubClient], Awaitable[None]] | None = None,
        insists: bool = False,
    ) -> None:
        """`path` begins with a slash; `insists`: a websocket without a negotiated id gets a 404."""
        self.path = path
        self.refusing: int | None = None
        self.clients: list[HubClient] = []
        self.connections = 0
        self._admits = admits
        self._greets = greets
        self._insists = insists
        self._tokens: set[str] = set()
        self._came = asyncio.Condition()

    def routes(self, url_base: str = "") -> Iterable[web.AbstractRouteDef]:
        """The websocket, and its negotiation."""
        yield web.get(f"{url_base}{self.path}", self._connect)
        yield web.post(f"{url_base}{self.path}/negotiate", self._negotiate)

    async def tell(self, target: str, *arguments: Any) -> None:
        """Call this at every client."""
        await self.send({"type": 1, "target": target, "arguments": list(arguments)})

    async def tell_many(self, target: str, calls: Sequence[Sequence[Any]]) -> None:
        """Several calls at every client, in one text."""
        await self.send(*({"type": 1, "target": target, "arguments": list(one)} for one in calls))

    async def ping(self) -> None:
        """As it does by itself where nothing came for 15 s."""
        await self.send({"type": 6})

    async def send(self, *messages: Mapping[str, Any]) -> None:
        """Send raw messages to every client."""
        for client in tuple(self.clients):
            await client.send(*messages)

    async def drop_all(self, error: str | None = None) -> None:
        """The hub restarts: everybody is told and disconnected. It can be connected to again at once."""
        farewell = {"type": 7, "allowReconnect": True} | ({"error": error} if error else {})
        for client in tuple(self.clients):
            await client.send(farewell)
            await client.socket.close()
        self.clients.clear()

    def cut_all(self) -> None:
        """Every connection breaks without a word."""
        for client in tuple(self.clients):
            if client.request.transport is not None:
                client.request.transport.abort()
        self.clients.clear()

    async def until_connected(self, connections: int = 1) -> None:
        """Wait until so many have shaken hands since the beginning, and one is there now."""
        async with self._came:
            await self._came.wait_for(lambda: self.connections >= connections and bool(self.clients))

    async def _negotiate(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        token = f"token-{len(self._tokens) + 1}"
        self._tokens.add(token)
        kinds = [{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}]
        said = {"negotiateVersion": 1, "connectionId": f"id-{token}", "connectionToken": token}
        return web.json_response({**said, "availableTransports": kinds})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        token = request.query.get("id")
        if (token is not None or self._insists) and token not in self._tokens:
            return web.Response(status=404, text="No Connection with that ID")
        socket = web.WebSocketResponse()
        if not socket.can_prepare(request):
            return web.Response(status=400, text="Connection ID required")
        await socket.prepare(request)
        client = HubClient(socket, request)
        try:
            if await self._shake_hands(client):
                await self._listen(client)
        finally:
            if client in self.clients:
                self.clients.remove(client)
        return socket

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self.refusing is not None:
            return web.Response(status=self.refusing)
        return None if self._admits(request) else web.Response(status=401)

    async def _shake_hands(self, client: HubClient) -> bool:
        said = await client.socket.receive()
        if said.type is not WSMsgType.TEXT:
            return False
        wanted = json.loads(str(said.data).rstrip(END))
        if wanted.get("protocol") != "json" or wanted.get("version") != 1:
            await client.send({"error": f"The protocol {wanted.get('protocol')!r} is not supported."})
            await client.socket.close()
            return False
        await client.send({})
        self.clients.append(client)
        self.connections += 1
        if self._greets is not None:
            await self._greets(client)
        async with self._came:
            self._came.notify_all()
        return True

    async def _listen(self, client: HubClient) -> None:
        while True:
            try:
                said = await client.socket.receive(PING_EVERY)
            except TimeoutError:
                await client.send({"type": 6})
                continue
            if said.type is not WSMsgType.TEXT:
                return
            for text in str(said.data).split(END)[:-1]:
                message = json.loads(text)
                match message.get("type"):
                    case 6:
                        client.pings += 1
                    case 1:
                        client.invoked.append((message["target"], message["arguments"]))
                    case _:
                        continue
