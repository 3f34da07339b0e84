"""`JellyfinSocket`: the websocket of a fake Jellyfin, and the signing in that it takes to be told much.

A token of a user's hears `LibraryChanged`; the API key never does, only the feed of scheduled tasks
that it asks for. A bad token is a 403. Nothing is kept for who is not connected.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msgspec
from aiohttp import WSMsgType, web

_MESSAGE_ID = "5f1d3c0b9e8a4d7cb6a5f4e3d2c1b0a9"


@dataclass(eq=False, slots=True)
class SocketClient:
    """Who is connected: the user, or None for the API key; what was said from there."""

    socket: web.WebSocketResponse = field(repr=False)
    user: str | None
    device: str
    follows_tasks: bool = False
    keep_alives: int = 0

    async def send(self, kind: str, data: Any = None) -> None:
        """Send a message; one that has left is passed over."""
        said = {"MessageId": _MESSAGE_ID, "MessageType": kind} | ({} if data is None else {"Data": data})
        if not self.socket.closed:
            try:
                await self.socket.send_str(msgspec.json.encode(said).decode())
            except ConnectionError:
                return


class JellyfinSocket:
    """The part of a fake that tells. `users` are names and their passwords."""

    def __init__(self, *, api_key: Callable[[], str], server_id: Callable[[], str]) -> None:
        self.users: dict[str, str] = {"reconciled": "a password of a user"}
        self.tokens: dict[str, tuple[str, str]] = {}
        """What was handed out: token → (user, device id)."""
        self.clients: list[SocketClient] = []
        self.connections = 0
        self.logins = 0
        self._scans = 0
        self._running = False
        self._api_key = api_key
        self._server_id = server_id
        self._came = asyncio.Condition()

    def routes(self, url_base: str = "") -> Iterable[web.AbstractRouteDef]:
        """The websocket, and signing in."""
        yield web.get(f"{url_base}/socket", self._connect)
        yield web.post(f"{url_base}/Users/AuthenticateByName", self._sign_in)

    def revoke_tokens(self) -> None:
        """An administrator signs all devices out."""
        self.tokens.clear()

    async def library_changed(
        self,
        *,
        added: Sequence[str] = (),
        removed: Sequence[str] = (),
        updated: Sequence[str] = (),
        folders: Sequence[str] = (),
    ) -> None:
        """One batch, as it is sent after 30 s of quiet: to users only."""
        data = {
            "FoldersAddedTo": [*folders] if added else [],
            "FoldersRemovedFrom": [*folders] if removed else [],
            "ItemsAdded": [*added],
            "ItemsRemoved": [*removed],
            "ItemsUpdated": [*updated],
            "CollectionFolders": [],
            "IsEmpty": not (added or removed or updated),
        }
        for client in tuple(self.clients):
            if client.user is not None:
                await client.send("LibraryChanged", data)

    async def scan_runs(self) -> None:
        """The library scan begins."""
        self._running = True
        await self._tell_tasks()

    async def scan_ends(self) -> None:
        """The library scan is over."""
        self._running, self._scans = False, self._scans + 1
        await self._tell_tasks()

    async def drop_all(self) -> None:
        """The server goes down and is back at once: everybody is told and disconnected."""
        for client in tuple(self.clients):
            await client.send("ServerRestarting")
            await client.socket.close()
        self.clients.clear()

    async def until_connected(self, connections: int = 1) -> None:
        """Wait until so many have connected since the beginning, and one is there now."""
        async with self._came:
            await self._came.wait_for(lambda: self.connections >= connections and bool(self.clients))

    def _tasks(self) -> list[dict[str, Any]]:
        ended = {"EndTimeUtc": f"2026-11-20T08:{self._scans:02d}:00.0000000Z", "Status": "Completed"}
        return [
            {"Name": "Clean Log Directory", "State": "Idle", "Key": "CleanLogFiles"},
            {
                "Name": "Scan Media Library",
                "State": "Running" if self._running else "Idle",
                "LastExecutionResult": {**ended, "Key": "RefreshLibrary"},
                "Key": "RefreshLibrary",
            },
        ]

    async def _tell_tasks(self) -> None:
        for client in tuple(self.clients):
            if client.follows_tasks:
                await client.send("ScheduledTasksInfo", self._tasks())

    async def _sign_in(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read(), type=dict[str, Any])
        name, device = body.get("Username"), identity_of(request).get("deviceid", "")
        if name not in self.users or body.get("Pw") != self.users[name] or not device:
            return web.Response(status=401)
        self.logins += 1
        for token in [token for token, whose in self.tokens.items() if whose == (name, device)]:
            del self.tokens[token]  # signing in again on a device ends its other session
        token = f"{self.logins:032x}"
        self.tokens[token] = (str(name), device)
        user = {"Name": name, "ServerId": self._server_id(), "Id": "0123456789abcdef0123456789abcdef"}
        said = {"User": user, "AccessToken": token, "ServerId": self._server_id()}
        return web.Response(body=msgspec.json.encode(said), content_type="application/json")

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        who = identity_of(request)
        token = who.get("token") or request.query.get("ApiKey", "")
        if token != self._api_key() and token not in self.tokens:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        if not socket.can_prepare(request):
            return web.Response(status=400)
        await socket.prepare(request)
        user = self.tokens[token][0] if token in self.tokens else None
        client = SocketClient(socket, user, who.get("deviceid", ""))
        self.clients.append(client)
        self.connections += 1
        try:
            await client.send("ForceKeepAlive", 60)
            async with self._came:
                self._came.notify_all()
            await self._listen(client)
        finally:
            if client in self.clients:
                self.clients.remove(client)
        return socket

    async def _listen(self, client: SocketClient) -> None:
        async for said in client.socket:
            if said.type is not WSMsgType.TEXT:
                continue
            match msgspec.json.decode(said.data, type=dict[str, Any]).get("MessageType"):
                case "KeepAlive":
                    client.keep_alives += 1
                    await client.send("KeepAlive")
                case "ScheduledTasksInfoStart":
                    client.follows_tasks = True
                    await client.send("ScheduledTasksInfo", self._tasks())
                case _:
                    continue


def identity_of(request: web.Request) -> dict[str, str]:
    """The parts of `Authorization: MediaBrowser Token="…", DeviceId="…"`, names in lower case."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "mediabrowser":
        return {}
    pairs = (pair.strip().partition("=") for pair in rest.split(","))
    return {name.lower(): unquote(value.strip('"')) for name, _, value in pairs}
