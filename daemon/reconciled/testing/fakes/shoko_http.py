"""Shoko on the wire: who may ask, what is answered, and the disks behind its folders.

5.3 and 6.0 with an API key. While it starts, 6.0 answers 503 to all but `/Init`, and 5.3 lets
everybody in and answers from an empty memory. Its no is a 404 with a sentence. Folders, mount points
and settings are for administrators in 6.0.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from reconciled.testing.fakes import shoko_bodies as bodies
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.hub import FakeHub, HubClient
from reconciled.testing.fakes.shoko_model import File, Folder, Series, ShokoState, User

T = TypeVar("T")

API = "/api/v3"
NO_SERIES = "No Series entry for the given seriesID"
NO_SERIES_OF_ANIDB = "No Series entry for the given anidbID"
NO_FILE = "No File entry for the given fileID"
NO_FILE_OF_HASH = "No File entry for the given hash and file size."
_FORBIDDEN = "Accessing Series is not allowed for the current user"
_SYSTEM = frozenset({"bin", "config", "etc", "usr", "var"})


class ShokoHttp(Fake):
    """The answering half of a fake Shoko; `FakeShoko` adds what changes."""

    def __init__(
        self,
        *,
        version: str,
        port: int = 0,
        api_key: str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`version` below 6 plays 5.3."""
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.modern = int(version.partition(".")[0]) >= 6
        self.state = ShokoState()
        self.user = User()
        self.startup = "Started"
        self.blocked: str | None = None
        self.signalr = True
        self.stats = 0  # how often the disk was asked for a file
        self.deletes: Counter[str] = Counter()  # DELETEs over the API that took effect
        self.hub = FakeHub("/signalr/aggregate", admits=self._may_listen, greets=self._greet)

    @abstractmethod
    async def delete_file(self, number: int, *, from_disk: bool = True) -> None:
        """Delete a file, from the disk or from the database alone."""

    @abstractmethod
    async def delete_series(self, number: int, *, files: bool = False) -> None:
        """Delete a series, with its files or without."""

    @abstractmethod
    async def remove_missing_files(self) -> None:
        """Drop every place that cannot be read."""

    # Fake

    @property
    def user_agent(self) -> str:
        """It sends no webhooks."""
        return f"ShokoServer/{self.version}"

    def app_headers(self, _request: web.BaseRequest) -> Mapping[str, str]:
        """Kestrel's name; Shoko has no header of its own."""
        return {"Server": "Kestrel"}

    def starting(self) -> web.Response:
        """503 with a line of text while it starts (6.0)."""
        return web.Response(status=503, text="The server is starting up.")

    def unmatched(self, request: web.Request) -> web.Response:
        """An empty 404 below /api, the web interface elsewhere."""
        path = request.path.removeprefix(self.url_base)
        if path.startswith(("/api", "/signalr")):
            return web.Response(status=404)
        html = "<!doctype html><html><head><title>Shoko</title></head></html>"
        return web.Response(text=html, content_type="text/html")

    def admit(self, request: web.Request) -> web.Response | None:
        """401 without a key; while it starts or its database is blocked only what is open to all."""
        path = request.path.removeprefix(self.url_base)
        if path.lower().startswith(f"{API}/init/") or path.startswith("/signalr"):
            return None
        if self.blocked is not None:
            return web.Response(status=400, text="Database is Blocked")
        if self.startup != "Started":
            return self.starting() if self.modern else None
        return None if self._has_key(request) else web.Response(status=401)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The routes that deletions and their proof need."""
        base = f"{self.url_base}{API}"
        folder = f"{base}/{'ManagedFolder' if self.modern else 'ImportFolder'}"
        yield web.get(f"{base}/Init/Status", self._status)
        yield web.get(f"{base}/Init/Version", self._version)
        yield web.get(f"{base}/User/Current", self._user)
        yield web.get(f"{base}/Settings", self._settings)
        yield web.get(f"{base}/Series", self._all_series)
        yield web.get(f"{base}/Series/AniDB/{{id}}/Series", self._series_of_anidb)
        yield web.get(f"{base}/Series/{{id}}", self._one_series)
        yield web.delete(f"{base}/Series/{{id}}", self._delete_series)
        yield web.get(f"{base}/Series/{{id}}/File", self._files_of_series)
        yield web.get(f"{base}/File", self._all_files)
        yield web.get(f"{base}/File/Hash/ED2K", self._file_of_hash)
        yield web.get(f"{base}/File/{{id}}", self._one_file)
        yield web.delete(f"{base}/File/{{id}}", self._delete_file)
        yield web.get(folder, self._folders)
        yield web.get(f"{folder}/{{id}}/File", self._files_of_folder)
        yield web.get(f"{base}/Folder/MountPoints", self._mount_points)
        yield web.get(f"{base}/Folder", self._folder)
        yield web.get(f"{base}/Action/RemoveMissingFiles", self._remove_missing)
        yield from self.hub.routes(self.url_base)

    # the server

    @property
    def shown(self) -> ShokoState:
        """What it answers from: nothing while it starts."""
        return self.state if self.startup == "Started" else ShokoState()

    async def _status(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = {"State": self.startup, "StartupMessage": None}
        if self.startup == "Starting":
            body["StartupMessage"] = "Initializing Database"
        if not self.modern or self._has_key(request):
            body |= {
                "Uptime": "24:00:00" if self.startup == "Started" else None,
                "DatabaseBlocked": {"Blocked": self.blocked is not None, "Reason": self.blocked},
            }
        return web.json_response(body)

    async def _version(self, _request: web.Request) -> web.Response:
        server = {"Version": f"{self.version}.0", "ReleaseChannel": "Stable", "Commit": None, "Tag": None}
        return web.json_response({"Server": server, "WebUI": {"Version": "2.4.0"}})

    async def _user(self, _request: web.Request) -> web.Response:
        user = self.user
        body = {"ID": 1, "Username": user.name, "IsAdmin": user.admin, "RestrictedTags": [*user.restricted]}
        return web.json_response({**body, "CommunitySites": ["AniDB"], "Avatar": "", "PlexUsernames": ""})

    async def _settings(self, _request: web.Request) -> web.Response:
        if not self.user.admin:
            return web.Response(status=403)
        web_settings = {"Port": 8111, "EnableSwaggerUI": True}
        return web.json_response(
            {"Web": web_settings | ({"EnableSignalR": self.signalr} if self.modern else {})}
        )

    # series

    async def _all_series(self, request: web.Request) -> web.Response:
        state = self.shown
        here = state.local()
        visible = sorted(
            (one for one in state.series.values() if self._may_see(one)),
            key=lambda one: (one.name.lower(), one.anidb),
        )
        return self._page(request, visible, lambda one: bodies.series(one, here), usual=50, most=100)

    async def _one_series(self, request: web.Request) -> web.Response:
        return self._series_or_no(self.shown.series.get(_number(request)), NO_SERIES)

    async def _series_of_anidb(self, request: web.Request) -> web.Response:
        wanted = _number(request)
        found = next((one for one in self.shown.series.values() if one.anidb == wanted), None)
        return self._series_or_no(found, NO_SERIES_OF_ANIDB)

    async def _files_of_series(self, request: web.Request) -> web.Response:
        number = _number(request)
        if number not in self.shown.series:
            return _no(NO_SERIES)
        include = frozenset(request.query.get("include", "").split(","))
        found = [
            one
            for one in self.shown.files.values()
            if number in one.owners and ("Ignored" in include or not one.ignored)
        ]
        return self._page(request, found, lambda one: self._file(one, include), usual=100, most=1000)

    async def _delete_series(self, request: web.Request) -> web.Response:
        number = _number(request)
        if not self.user.admin:
            return web.Response(status=403)
        if number not in self.shown.series:
            return _no(NO_SERIES)
        await self.delete_series(number, files=request.query.get("deleteFiles", "false") == "true")
        self.deletes[f"series {number}"] += 1
        return web.Response()

    def _series_or_no(self, found: Series | None, no: str) -> web.Response:
        if found is None:
            return _no(no)
        if not self._may_see(found):
            return _no(_FORBIDDEN, status=403)
        return _json(bodies.series(found, self.shown.local()))

    def _may_see(self, one: Series | None) -> bool:
        return one is None or not (one.hidden and self.user.restricted)

    # files

    async def _all_files(self, request: web.Request) -> web.Response:
        include = frozenset(request.query.get("include", "").split(","))
        if "ImportLimbo" in include and not self.modern:
            return web.json_response({"status": 400, "title": "One or more validation errors"}, status=400)
        state = self.shown
        found = [
            one
            for one in state.files.values()
            if ("Ignored" in include or not one.ignored)
            and ("ImportLimbo" in include or not (one.limbo and self.modern))
            and self._may_see(state.series.get(one.series or 0))
        ]
        return self._page(request, found, lambda one: self._file(one, include), usual=100, most=1000)

    async def _files_of_folder(self, request: web.Request) -> web.Response:
        wanted = _number(request)
        found = [f for f in self.shown.files.values() if any(place.folder == wanted for place in f.locations)]
        return self._page(request, found, lambda one: self._file(one, frozenset()), usual=100, most=10000)

    async def _one_file(self, request: web.Request) -> web.Response:
        return self._file_or_no(request, self.shown.files.get(_number(request)), NO_FILE)

    async def _file_of_hash(self, request: web.Request) -> web.Response:
        wanted = (request.query.get("hash"), request.query.get("size"))
        found = next((f for f in self.shown.files.values() if (f.ed2k, str(f.size)) == wanted), None)
        return self._file_or_no(request, found, NO_FILE_OF_HASH)

    async def _delete_file(self, request: web.Request) -> web.Response:
        number = _number(request)
        if not self.user.admin:
            return web.Response(status=403)
        if number not in self.shown.files:
            return _no(NO_FILE)
        await self.delete_file(number, from_disk=request.query.get("removeFiles", "true") == "true")
        self.deletes[f"file {number}"] += 1
        return web.Response()

    async def _remove_missing(self, _request: web.Request) -> web.Response:
        await self.remove_missing_files()
        return web.Response()

    def _file_or_no(self, request: web.Request, found: File | None, no: str) -> web.Response:
        include = frozenset(request.query.get("include", "").split(","))
        return _no(no) if found is None else _json(self._file(found, include))

    def _file(self, one: File, include: frozenset[str]) -> dict[str, Any]:
        self.stats += len(one.locations)
        return bodies.file(one, self.shown, modern=self.modern, include=include)

    # folders

    async def _folders(self, _request: web.Request) -> web.Response:
        state = self.shown
        return _json([bodies.folder(one, state) for one in state.folders.values()])

    async def _mount_points(self, _request: web.Request) -> web.Response:
        if self.modern and not self.user.admin:
            return web.Response(status=403)
        mounts = ["/", *sorted(one.path for one in self.state.folders.values() if one.mounted)]
        on_disk = {one.id: self.state.on_disk(one.id) for one in self.state.folders.values()}
        return _json([self._place(path, on_disk) for path in mounts])

    async def _folder(self, request: web.Request) -> web.Response:
        if self.modern and not self.user.admin:
            return web.Response(status=403)
        on_disk = {one.id: self.state.on_disk(one.id) for one in self.state.folders.values()}
        inside = self._names_in(request.query.get("path", "").rstrip("/"), on_disk)
        if inside is None:
            return _no("Directory not found")
        path = request.query["path"].rstrip("/")
        return _json([self._place(f"{path}/{name}", on_disk) for name in inside[0]])

    def _place(self, path: str, on_disk: Mapping[int, Sequence[str]]) -> dict[str, Any]:
        folders, files = self._names_in(path.rstrip("/"), on_disk) or ([], [])
        sizes = {"Files": len(files), "Folders": len(folders)}
        return {"Path": path, "IsAccessible": True, "Sizes": sizes}

    def _names_in(
        self, path: str, on_disk: Mapping[int, Sequence[str]]
    ) -> tuple[list[str], list[str]] | None:
        """The folders and files directly in a directory of the host; None when there is no such."""
        if path == "":
            tops = {one.path.split("/")[1] for one in self.state.folders.values() if one.present}
            return sorted(_SYSTEM | tops), []
        home = next((one for one in self.state.folders.values() if _inside(one, path)), None)
        if home is None or not home.present:
            return ([], []) if path.removeprefix("/") in _SYSTEM else None
        below = f"{path.removeprefix(home.path).lstrip('/')}/".lstrip("/")
        names = [p.removeprefix(below) for p in on_disk[home.id] if p.startswith(below)]
        if path != home.path and not names:
            return None
        folders = sorted({name.split("/")[0] for name in names if "/" in name})
        return folders, [name for name in names if "/" not in name]

    # the hub

    def _has_key(self, request: web.Request) -> bool:
        return self.api_key in (request.headers.get("apikey"), request.query.get("apikey"))

    def _may_listen(self, request: web.Request) -> bool:
        token = self.api_key == request.query.get("access_token")
        return not self.modern or token or self._has_key(request)

    async def _greet(self, client: HubClient) -> None:
        if not self.modern and "shoko" in feeds_of(client):
            await client.send({"type": 1, "target": "ShokoEvent:OnConnected", "arguments": [None]})

    # answers

    def _page(
        self, request: web.Request, found: Sequence[T], body: Callable[[T], Any], *, usual: int, most: int
    ) -> web.Response:
        """A part of a list; a page size of 0 is everything."""
        size, number = int(request.query.get("pageSize", usual)), int(request.query.get("page", 1))
        if not 0 <= size <= most or number < 1:
            return web.json_response({"status": 400, "title": "One or more validation errors"}, status=400)
        part = found[(number - 1) * size : number * size] if size else found
        return _json(bodies.page([body(one) for one in part], total=len(found)))


def feeds_of(client: HubClient) -> list[str]:
    """The feeds that a client asked for."""
    return [feed.strip() for feed in client.query.get("feeds", "").lower().split(",")]


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdigit() and int(text) < 2**31):
        raise web.HTTPBadRequest(text="The value is not valid.")
    return int(text)


def _inside(folder: Folder, path: str) -> bool:
    return f"{path}/".startswith(f"{folder.path}/")


def _json(body: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json", charset="utf-8")


def _no(sentence: str, *, status: int = 404) -> web.Response:
    """A sentence as it is written for who asks for JSON."""
    return web.Response(
        status=status, body=msgspec.json.encode(sentence), content_type="application/json", charset="utf-8"
    )
