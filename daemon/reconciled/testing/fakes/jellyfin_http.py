"""Jellyfin on the wire: who may ask, what is answered, and the disks behind the libraries.

Jellyfin 10.11 and 12 with an API key. 12 refuses the legacy forms of a key with a plain 401. A key has
no user: `GET /Items/{id}` is then a 400 for every id, present or gone. Gone ids are simply absent from
`GET /Items?ids=`. Bodies are PascalCase, ids 32 hex digits without dashes, nulls omitted.
"""

import random
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import msgspec
from aiohttp import web

from reconciled.testing.fakes import jellyfin_items as listing
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.jellyfin_items import ItemsQuery
from reconciled.testing.fakes.jellyfin_model import FOLDERS, Item, JellyfinState, Library
from reconciled.testing.fakes.jellyfin_socket import JellyfinSocket

_OPEN = (
    "/System/Ping", "/System/Info/Public", "/web", "/health", "/socket", "/Users/AuthenticateByName",
)  # fmt: skip
_CONFIG_DISK = {
    "Path": "/config",
    "FreeSpace": 21_000_000_000,
    "UsedSpace": 9_000_000_000,
    "StorageType": "Fixed",
    "DeviceId": "/config",
}
_NEVER_HELD = ("Artist", "Program", "Trailer", "Song", "Album", "MusicVideo", "Book", "Item")
_OWN_FOLDERS = ("ProgramData", "Web", "ImageCache", "Cache", "Log", "InternalMetadata", "TranscodingTemp")


class JellyfinHttp(Fake):
    """The answering half of a fake Jellyfin; `FakeJellyfin` adds what changes."""

    def __init__(
        self,
        *,
        version: str,
        server_name: str,
        seed: int,
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`seed` makes the server id, and the order of what ties."""
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.server_name = server_name
        self.modern = not version.startswith("10.")
        self.legacy_keys = not self.modern
        self._pick = random.Random(seed)
        self.state = JellyfinState(f"{self._pick.getrandbits(128):032x}")
        self.deletes: Counter[str] = Counter()  # DELETEs over the API that took effect, by id
        self.socket = JellyfinSocket(api_key=lambda: self.api_key, server_id=lambda: self.state.server_id)
        self._encoded: dict[str, dict[tuple[frozenset[str], bool], bytes]] = {}

    @abstractmethod
    def delete_item(self, key: str, *, notify: bool = True) -> Item:
        """Delete an item with its files."""

    # Fake

    @property
    def user_agent(self) -> str:
        """`Jellyfin-Server/10.11.11`."""
        return f"Jellyfin-Server/{self.version}"

    def app_headers(self, _request: web.BaseRequest) -> Mapping[str, str]:
        """Kestrel's name; Jellyfin has no header of its own that would prove anything."""
        return {"Server": "Kestrel", "Date": format_datetime(self.now().astimezone(UTC), usegmt=True)}

    def starting(self) -> web.Response:
        """503 with an HTML page while it starts."""
        html = "<!doctype html><html><body>The Jellyfin server is still loading.</body></html>"
        return web.Response(status=503, text=html, content_type="text/html", headers={"Retry-After": "5"})

    def admit(self, request: web.Request) -> web.Response | None:
        """401 without a right key, except on what is open to all, or looks for itself who is there."""
        path = request.path.removeprefix(self.url_base)
        if path == "/" or path.startswith(_OPEN):
            return None
        return None if self._key_of(request) == self.api_key else web.Response(status=401)

    def _key_of(self, request: web.Request) -> str | None:
        query = {k.lower(): v for k, v in request.query.items()}
        headers = request.headers
        token = _token_in(headers.get("Authorization", ""), ("mediabrowser",))
        if token is None and self.legacy_keys:
            token = _token_in(headers.get("Authorization", ""), ("emby",))
            token = token or _token_in(headers.get("X-Emby-Authorization", ""), ("emby", "mediabrowser"))
            token = token or headers.get("X-Emby-Token") or headers.get("X-MediaBrowser-Token")
        token = token or query.get("apikey")
        return token or (query.get("api_key") if self.legacy_keys else None)

    def unmatched(self, request: web.Request) -> web.Response:
        """The web client below /web, else an empty 404."""
        if request.path.removeprefix(self.url_base).startswith("/web"):
            html = "<!doctype html><html><head><title>Jellyfin</title></head></html>"
            return web.Response(text=html, content_type="text/html")
        return web.Response(status=404)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The routes that deletions and their proof need."""
        base = self.url_base
        yield from self.socket.routes(base)
        yield web.get(f"{base}/", self._home)
        yield web.get(f"{base}/System/Ping", self._ping)
        yield web.post(f"{base}/System/Ping", self._ping)
        yield web.get(f"{base}/System/Info/Public", self._public_info)
        yield web.get(f"{base}/System/Info", self._info)
        yield web.get(f"{base}/System/Info/Storage", self._storage)
        yield web.get(f"{base}/Library/VirtualFolders", self._virtual_folders)
        yield web.post(f"{base}/Environment/ValidatePath", self._validate_path)
        yield web.get(f"{base}/Environment/DirectoryContents", self._directory)
        yield web.get(f"{base}/Items", self._items)
        yield web.delete(f"{base}/Items", self._delete_items)
        yield web.get(f"{base}/Items/Counts", self._counts)
        yield web.get(f"{base}/Items/{{id}}", self._no_user)
        yield web.delete(f"{base}/Items/{{id}}", self._delete)
        yield web.get(f"{base}/Items/{{id}}/Ancestors", self._ancestors)

    # the server

    async def _home(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{self.url_base}/web/"})

    async def _ping(self, _request: web.Request) -> web.Response:
        return _answer("Jellyfin Server")

    def _about(self) -> dict[str, Any]:
        return {
            "LocalAddress": self.url,
            "ServerName": self.server_name,
            "Version": self.version,
            "ProductName": "Jellyfin Server",
            "OperatingSystem": "",
            "Id": self.state.server_id,
            "StartupWizardCompleted": True,
        }

    async def _public_info(self, _request: web.Request) -> web.Response:
        return _answer(self._about())

    async def _info(self, _request: web.Request) -> web.Response:
        private = {"HasPendingRestart": False, "IsShuttingDown": False, "SupportsLibraryMonitor": True}
        return _answer({**self._about(), **private, "WebSocketPortNumber": 8096})

    async def _virtual_folders(self, _request: web.Request) -> web.Response:
        return _answer([_virtual_folder(lib) for lib in self.state.libraries.values()])

    async def _storage(self, _request: web.Request) -> web.Response:
        libraries = [
            {"Id": lib.id, "Name": lib.name, "Folders": [_disk_of(lib)]}
            for lib in self.state.libraries.values()
        ]
        return _answer({**{f"{n}Folder": _CONFIG_DISK for n in _OWN_FOLDERS}, "Libraries": libraries})

    # disks

    def _paths(self) -> Iterable[tuple[str, bool]]:
        """All paths that exist, each with whether it is a folder: locations, and what lies on their disks."""
        for library in self.state.libraries.values():
            if library.present:
                yield library.path, True
            if library.name in self.state.hidden:
                yield f"{library.path}/lost+found", True
        for item in self.state.items.values():
            library = self.state.libraries[item.library]
            if item.path and library.present and library.mounted:
                yield item.path, item.kind in FOLDERS

    def _exists(self, path: str) -> bool:
        wanted = path.rstrip("/")
        return any(p == wanted or p.startswith(f"{wanted}/") for p, _ in self._paths())

    async def _validate_path(self, request: web.Request) -> web.Response:
        path = msgspec.json.decode(await request.read(), type=dict[str, Any]).get("Path") or ""
        return web.Response(status=204) if self._exists(path) else _problem(404)

    async def _directory(self, request: web.Request) -> web.Response:
        query = {k.lower(): v for k, v in request.query.items()}
        top = query.get("path", "").rstrip("/")
        if not self._exists(top):
            return _failed(500)
        inside: dict[str, bool] = {}
        for path, folder in self._paths():
            if path.startswith(f"{top}/"):
                name, _, deeper = path.removeprefix(f"{top}/").partition("/")
                inside[name] = inside.get(name, False) or folder or bool(deeper)
        wanted = {True: query.get("includedirectories", ""), False: query.get("includefiles", "")}
        found = [
            {"Name": name, "Path": f"{top}/{name}", "Type": "Directory" if folder else "File"}
            for name, folder in sorted(inside.items())
            if wanted[folder].lower() == "true"
        ]
        return _answer(found)

    # items

    async def _items(self, request: web.Request) -> web.Response:
        try:
            query = ItemsQuery.of(request.query)
        except ValueError:
            return _answer({"title": "One or more validation errors occurred.", "status": 400}, status=400)
        selected = listing.select(self.state, query, modern=self.modern)
        shown = listing.page(listing.order(selected, query, self._pick), query)
        total = len(selected) if query.total else len(shown)
        body = b",".join(self._encode(item, query) for item in shown)
        tail = b'],"TotalRecordCount":%d,"StartIndex":%d}' % (total, query.start)
        return web.Response(body=b'{"Items":[' + body + tail, content_type="application/json")

    def _encode(self, item: Item, query: ItemsQuery) -> bytes:
        kept, shape = self._encoded.setdefault(item.id, {}), (query.fields, query.images)
        if (known := kept.get(shape)) is None:
            series = self.state.items.get(item.series or "")
            name = None if series is None else series.name
            made = listing.record(item, self.state.server_id, query, series_name=name)
            known = kept[shape] = msgspec.json.encode(made)
        return known

    def changed(self, key: str | None = None) -> None:
        """Forget what was encoded: of one item, or of all."""
        if key is None:
            self._encoded.clear()
        else:
            self._encoded.pop(key, None)

    async def _ancestors(self, request: web.Request) -> web.Response:
        """What an item lies in: of any item that there is, listed or not."""
        item = self.state.items.get(request.match_info["id"].replace("-", "").lower())
        if item is None:
            return web.json_response(
                {"title": "Not Found", "status": 404}, status=404, content_type="application/problem+json"
            )
        return _answer([])

    async def _no_user(self, _request: web.Request) -> web.Response:
        return _failed(400)

    async def _counts(self, _request: web.Request) -> web.Response:
        made = dict.fromkeys((f"{n}Count" for n in _NEVER_HELD), 0)
        for kind in ("Movie", "Series", "Episode", "BoxSet"):
            made[f"{kind}Count"] = sum(
                i.kind == kind and i.path is not None for i in self.state.items.values()
            )
        return _answer(made)

    async def _delete(self, request: web.Request) -> web.Response:
        key = request.match_info["id"].replace("-", "").lower()
        if key not in self.state.items:
            return _problem(404)
        self.deletes[key] += 1
        self.delete_item(key)
        return web.Response(status=204)

    async def _delete_items(self, request: web.Request) -> web.Response:
        given = {k.lower(): v for k, v in request.query.items()}.get("ids", "")
        for key in (k.replace("-", "").lower() for k in given.split(",") if k):
            if key not in self.state.items:
                return _problem(404)
            self.deletes[key] += 1
            self.delete_item(key)
        return web.Response(status=204)


def _token_in(header: str, schemes: tuple[str, ...]) -> str | None:
    """The Token of a `MediaBrowser Token="…", Client="…"` header; quotes are optional."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() not in schemes:
        return None
    for pair in rest.split(","):
        name, _, value = pair.strip().partition("=")
        if name.lower() == "token":
            return unquote(value.strip('"'))
    return None


def _virtual_folder(library: Library) -> dict[str, Any]:
    options = {"Enabled": True, "EnableRealtimeMonitor": True, "PathInfos": [{"Path": library.path}]}
    made = {
        "Name": library.name,
        "Locations": [library.path],
        "CollectionType": library.collection_type,
        "LibraryOptions": options,
        "ItemId": library.id,
        "PrimaryImageItemId": library.id,
        "RefreshProgress": library.progress,
        "RefreshStatus": library.status,
    }
    return {k: v for k, v in made.items() if v is not None}


def _disk_of(library: Library) -> dict[str, Any]:
    """A location's disk: the parent's numbers without its mount, -1 when it cannot be read."""
    if not library.present:
        return {"Path": library.path, "FreeSpace": -1, "UsedSpace": -1, "StorageType": "", "DeviceId": ""}
    if not library.mounted:
        return {**_CONFIG_DISK, "Path": library.path, "DeviceId": "/"}
    return {
        "Path": library.path,
        "FreeSpace": 4_000_000_000_000,
        "UsedSpace": 8_000_000_000_000,
        "StorageType": "Network",
        "DeviceId": library.path,
    }


def _answer(value: Any, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


def _failed(status: int) -> web.Response:
    """What the exception middleware answers."""
    return web.Response(status=status, text="Error processing request.", content_type="text/plain")


def _problem(status: int) -> web.Response:
    problem = {"type": "https://tools.ietf.org/html/rfc9110#section-15.5.5", "title": "Not Found"}
    return _answer({**problem, "status": status}, status=status)
