"""`FakePlex`: a Plex Media Server on 127.0.0.1, with films and series that come, go and become unavailable.

What happens there is a coroutine that tells everybody on the websocket before it returns.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from reconciled.testing.fakes.base import Fake

NUMBERS = {"movie": 1, "show": 2, "episode": 4}


@dataclass(slots=True)
class Entry:
    """A film or series; `guids` as the agents write them."""

    id: int
    type: str
    title: str
    section: int
    guids: tuple[str, ...]
    file: str | None
    added: datetime
    legacy: str | None = None
    unavailable: datetime | None = None


@dataclass(slots=True)
class Library:
    """A library with one folder."""

    key: int
    type: str
    title: str
    path: str
    refreshing: bool = False


@dataclass(slots=True)
class State:
    """What the server holds; ids are never used twice."""

    libraries: dict[int, Library] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    next_id: int = 101


class FakePlex(Fake):
    """`async with FakePlex() as plex: plex.put("A film", "tmdb://603"); … plex.url …`.

    `newer` servers tell a deletion as a type of -1, others as state 9. `owner` is False while the
    token is of somebody with whom only part of the server is shared.
    """

    version = "1.43.0.10467-2b1ba6e69"
    user_agent = "PlexMediaServer/1.43.0.10467-2b1ba6e69"

    def __init__(self, *, newer: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.newer = newer
        self.machine = "c0ffee5a6e5fe62b4e4ab9e7a4fa1c0de0e0d1c3"
        self.owner = True
        self.empties_trash = False
        self.sockets: list[web.WebSocketResponse] = []
        self.state = State(
            {
                1: Library(1, "movie", "Films", "/films"),
                2: Library(2, "show", "Series", "/series"),
                3: Library(3, "artist", "Music", "/music"),
            }
        )

    # what is told to nobody

    def put(self, title: str, *guids: str, section: int = 1, legacy: str | None = None) -> Entry:
        """A film, or a series in section 2."""
        library = self.state.libraries[section]
        number = self.state.next_id
        self.state.next_id += 1
        file = f"{library.path}/{title}/{title}.mkv" if library.type == "movie" else None
        entry = self.state.entries[number] = Entry(
            number, library.type, title, section, guids, file, self.now(), legacy
        )
        return entry

    # what happens there

    async def add(self, title: str, *guids: str, section: int = 1) -> Entry:
        """A scan finds it: told line by line until it settled."""
        entry = self.put(title, *guids, section=section)
        for state in range(6):
            await self.tell_timeline(entry, state=state)
        return entry

    async def delete(self, number: int) -> None:
        """It is forgotten."""
        entry = self.state.entries.pop(number)
        if self.newer:
            await self.tell_timeline(entry, state=5, type_=-1)
        else:
            await self.tell_timeline(entry, state=9)

    async def miss(self, number: int) -> None:
        """A scan does not find its file; Plex keeps it, as unavailable, unless it empties its trash."""
        if self.empties_trash:
            await self.delete(number)
        else:
            self.state.entries[number].unavailable = self.now()
            await self.tell_timeline(self.state.entries[number], state=5)

    async def tell_timeline(self, entry: Entry, *, state: int, type_: int | None = None) -> None:
        """A line of the timeline, with numbers written as newer servers do (as texts)."""
        await self.tell(
            "timeline",
            TimelineEntry=[
                {
                    "identifier": "com.plexapp.plugins.library",
                    "sectionID": str(entry.section) if self.newer else entry.section,
                    "itemID": str(entry.id) if self.newer else entry.id,
                    "type": NUMBERS[entry.type] if type_ is None else type_,
                    "title": entry.title,
                    "state": state,
                    "updatedAt": 1763700000,
                }
            ],
        )

    async def tell(self, kind: str, **content: Any) -> None:
        """A notification to everybody who listens."""
        said = json.dumps({"NotificationContainer": {"type": kind, "size": 1, **content}})
        for socket in [one for one in self.sockets if not one.closed]:
            await socket.send_str(said)

    async def down(self) -> None:
        """Everybody who listens is cut off first."""
        sockets, self.sockets = self.sockets, []
        for socket in sockets:
            await socket.close()
        await super().down()

    # what it answers

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """What the plugin asks for; the real server has much more."""
        yield web.get("/identity", self._identity)
        yield web.get("/library/sections", self._sections)
        yield web.get(r"/library/sections/{key:\d+}/all", self._all)
        yield web.get("/library/metadata/{ids}", self._metadata)
        yield web.get("/:/prefs", self._preferences)
        yield web.get("/:/websockets/notifications", self._listen)

    async def _identity(self, _request: web.Request) -> web.Response:
        said = {"size": 0, "claimed": True, "machineIdentifier": self.machine, "version": self.version}
        return web.json_response({"MediaContainer": said})

    async def _sections(self, _request: web.Request) -> web.Response:
        rows = [
            {
                "key": str(one.key),
                "type": one.type,
                "title": one.title,
                "agent": "tv.plex.agents.movie",
                "refreshing": one.refreshing,
                "Location": [{"id": one.key, "path": one.path}],
            }
            for one in self.state.libraries.values()
        ]
        return web.json_response({"MediaContainer": {"size": len(rows), "title1": "Plex", "Directory": rows}})

    async def _all(self, request: web.Request) -> web.Response:
        section = int(request.match_info["key"])
        start = int(request.query.get("X-Plex-Container-Start", "0"))
        size = int(request.query.get("X-Plex-Container-Size", "50"))
        found = [one for one in self.state.entries.values() if one.section == section]
        rows = [_row(one) for one in found[start : start + size]]
        said: dict[str, Any] = {
            "size": len(rows),
            "totalSize": len(found),
            "offset": start,
            "librarySectionID": section,
        }
        if rows:
            said["Metadata"] = rows
        return web.json_response({"MediaContainer": said})

    async def _metadata(self, request: web.Request) -> web.Response:
        """Those that there are; when none is, 404."""
        ids = [int(one) for one in request.match_info["ids"].split(",") if one.isascii() and one.isdigit()]
        entries = [self.state.entries[one] for one in ids if one in self.state.entries]
        if not entries:
            return _page(404, "Not Found")
        rows = [{**_row(one), "librarySectionID": one.section} for one in entries]
        return web.json_response({"MediaContainer": {"size": len(rows), "Metadata": rows}})

    async def _preferences(self, _request: web.Request) -> web.Response:
        if not self.owner:
            return _page(403, "Forbidden")
        rows = [
            {"id": "FriendlyName", "value": "Plex", "type": "text"},
            {"id": "autoEmptyTrash", "value": self.empties_trash, "type": "bool"},
        ]
        return web.json_response({"MediaContainer": {"size": len(rows), "Setting": rows}})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for _ in socket:
            pass
        return socket

    # how the app is known: `Fake` asks for these, and its faults use them

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """Plex's mark, in every answer."""
        return {} if "websockets" in request.path else {"X-Plex-Protocol": "1.0"}

    def admit(self, request: web.Request) -> web.Response | None:
        """The token, except for who it is."""
        if request.path == "/identity" or request.headers.get("X-Plex-Token") == self.api_key:
            return None
        return _page(401, "Unauthorized")

    def unmatched(self, request: web.Request) -> web.Response:
        """An address that it does not have."""
        return _page(404, "Not Found")

    def starting(self) -> web.Response:
        """While it starts."""
        return web.Response(status=503, text="Maintenance", headers={"X-Plex-Protocol": "1.0"})


def _row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ratingKey": str(entry.id),
        "key": f"/library/metadata/{entry.id}",
        "guid": entry.legacy or f"plex://{entry.type}/5d776825880197001ec90{entry.id}",
        "type": entry.type,
        "title": entry.title,
        "year": 2011,
        "addedAt": int(entry.added.timestamp()),
        "Guid": [{"id": guid} for guid in entry.guids],
    }
    if entry.unavailable is not None:
        row["deletedAt"] = int(entry.unavailable.timestamp())
    if entry.file is not None:
        row["Media"] = [{"id": entry.id, "Part": [{"id": entry.id, "file": entry.file, "size": 1 << 30}]}]
    return row


def _page(status: int, said: str) -> web.Response:
    """An error as Plex writes it, whatever was asked for."""
    text = f"<html><head><title>{said}</title></head><body><h1>{status} {said}</h1></body></html>"
    return web.Response(status=status, text=text, content_type="text/html")
