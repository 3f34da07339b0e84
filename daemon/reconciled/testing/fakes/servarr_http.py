"""What Radarr and Sonarr have in common on the wire: keys, headers, statuses, and all that is read.

Radarr 6.1 and Sonarr 4 answer alike: the key is looked for in the query, then in X-Api-Key, then as a
Bearer token, and the first that is present decides; a refusal is a 401 without a body; every answer
below /api carries X-Application-Version; any path elsewhere gets the web page, 200; an unknown id is a
404 with ProblemDetails (Sonarr 5: without a body). Lists are never paged.
"""

import gzip
import re
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar, Generic

from aiohttp import web

from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.hub import FakeHub, HubClient
from reconciled.testing.fakes.servarr_answers import (
    LOCAL_FREE,
    LOCAL_TOTAL,
    answer,
    body_of,
    error,
    indented,
    invalid,
    joined,
    problem,
    root_record,
    stamp,
)
from reconciled.testing.fakes.servarr_model import EntryT, HistoryRow, MediaFile, RootFolder, State
from reconciled.testing.faults import LOGIN_PATH

_LABEL = re.compile(r"[a-z0-9-]+", re.IGNORECASE | re.ASCII)


class ServarrHttp(Fake, Generic[EntryT]):
    """The reading half of a fake Radarr or Sonarr; `ServarrFake` adds what changes."""

    app_name: ClassVar[str]
    kind: ClassVar[str]  # the path of its entries below /api/v3
    id_param: ClassVar[str]  # the query parameter of a list by outer id
    file_kind: ClassVar[str]  # the path of its files
    deleted_event: ClassVar[str]  # the history event of a deleted file

    def __init__(
        self,
        *,
        version: str,
        roots: Iterable[str],
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        compress: bool = False,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`compress`: answer with gzip when asked to, as the real app does; costs time in big tests."""
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.modern = version.startswith("5.")
        self.instance_name = self.app_name
        self.state: State[EntryT] = State()
        self.started_at = self.now() - timedelta(hours=9)
        self.hub = FakeHub("/signalr/messages", admits=self._may_listen, greets=self._greet)
        self._compress = compress
        self._encoded: dict[int, bytes] = {}
        self._list: bytes | None = None
        for path in roots:
            self.add_root(path)

    # what differs between the two

    @abstractmethod
    def record(self, entry: EntryT) -> dict[str, Any]:
        """The entry as the API answers it."""

    @abstractmethod
    def file_record(self, entry: EntryT, file: MediaFile) -> dict[str, Any]:
        """The file as the API answers it."""

    @abstractmethod
    def strict_labels(self, request: web.Request) -> bool:
        """Whether a tag's label may only have letters, digits and dashes."""

    @abstractmethod
    def outer_id(self, entry: EntryT) -> int:
        """Its tmdb id (films) or tvdb id (series)."""

    # Fake

    @property
    def user_agent(self) -> str:
        """`Radarr/6.1.0.10360 (ubuntu 22.04)`."""
        return f"{self.app_name}/{self.version} (ubuntu 22.04)"

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """X-Application-Version, on everything below /api."""
        if not request.path.startswith(f"{self.url_base}/api"):
            return {}
        date = format_datetime(self.now().astimezone(UTC), usegmt=True)
        return {"X-Application-Version": self.version, "Cache-Control": "no-cache, no-store", "Date": date}

    def starting(self) -> web.Response:
        """503 while it starts."""
        said = f"{self.app_name} is starting up, please try again later"
        return web.json_response({"errorMessage": said}, status=503)

    def admit(self, request: web.Request) -> web.Response | None:
        """Redirect to the URL base, ask for the key below /api."""
        if self.url_base and not request.path.startswith(self.url_base):
            return web.Response(status=307, headers={"Location": f"{self.url_base}{request.path_qs}"})
        if not request.path.startswith(f"{self.url_base}/api"):
            return None
        return None if self._key_of(request) == self.api_key else web.Response(status=401)

    def _key_of(self, request: web.Request) -> str | None:
        query = {k.lower(): v for k, v in request.query.items()}
        if "apikey" in query:
            return query["apikey"]
        if "X-Api-Key" in request.headers:
            return request.headers["X-Api-Key"]
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def _may_listen(self, request: web.Request) -> bool:
        """The hub looks for its own parameter; `apikey` is nothing there."""
        token = request.query.get("access_token") or request.headers.get("X-Api-Key")
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        token = token or (bearer.strip() if scheme.lower() == "bearer" else None)
        return token == self.api_key

    async def _greet(self, _client: HubClient) -> None:
        """Its version, to everybody, whenever somebody comes."""
        await self.hub.tell("receiveMessage", {"body": {"version": self.version}, "name": "version"})

    async def say(self, name: str, action: str, resource: dict[str, Any] | None = None) -> None:
        """Tell everybody at the hub of a change; Sonarr 5 does it once for each of its APIs."""
        body = {"action": action} if resource is None else {"resource": resource, "action": action}
        for version in ({"version": 3}, {"version": 5}) if self.modern else ({},):
            await self.hub.tell("receiveMessage", {"body": body, "name": name, **version})

    def unmatched(self, request: web.Request) -> web.Response:
        """404 below /api, else the web page: 200, HTML, whatever the path."""
        if request.path.startswith((f"{self.url_base}/api/", f"{self.url_base}/feed/")):
            return web.Response(status=404)
        title = "Login" if request.path.endswith(LOGIN_PATH) else self.app_name
        html = f"<!doctype html><html><head><title>{title}</title></head><body></body></html>"
        return web.Response(text=html, content_type="text/html")

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """All routes of this app's API versions."""
        yield from self.hub.routes(self.url_base)
        yield web.get(f"{self.url_base}/ping", self._ping)
        yield web.get(f"{self.url_base}/api", self._api)
        for api in ("v3", "v5") if self.modern else ("v3",):
            yield from self.api_routes(f"{self.url_base}/api/{api}")

    def api_routes(self, api: str) -> Iterable[web.AbstractRouteDef]:
        """The routes below one API version; subclasses add theirs."""
        yield web.get(f"{api}/system/status", self._status)
        yield web.get(f"{api}/health", self._health)
        yield web.get(f"{api}/rootfolder", self._rootfolders)
        yield web.get(f"{api}/rootfolder/{{id:\\d+}}", self._rootfolder)
        yield web.get(f"{api}/diskspace", self._diskspace)
        yield web.get(f"{api}/tag", self._tags)
        yield web.post(f"{api}/tag", self._add_tag)
        yield web.get(f"{api}/history/since", self._history_since)
        yield web.get(f"{api}/{self.kind}", self._entries)
        yield web.get(f"{api}/{self.kind}/{{id:\\d+}}", self._entry)
        yield web.get(f"{api}/{self.file_kind}/{{id:\\d+}}", self._file)

    # reading

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "OK"})

    async def _api(self, _request: web.Request) -> web.Response:
        current, deprecated = ("v5", ["v3"]) if self.modern else ("v3", [])
        return answer({"current": current, "deprecated": deprecated})

    async def _status(self, _request: web.Request) -> web.Response:
        return answer(
            {
                "appName": self.app_name,
                "instanceName": self.instance_name,
                "version": self.version,
                "buildTime": "2026-05-01T12:00:00Z",
                "isDebug": False,
                "isProduction": True,
                "isAdmin": False,
                "isUserInteractive": False,
                "startupPath": f"/app/{self.app_name.lower()}/bin",
                "appData": "/config",
                "osName": "ubuntu",
                "osVersion": "22.04",
                "isNetCore": True,
                "isLinux": True,
                "isOsx": False,
                "isWindows": False,
                "isDocker": True,
                "mode": "console",
                "branch": "main",
                "databaseType": "sqLite",
                "databaseVersion": "3.45.1",
                "authentication": "forms",
                "migrationVersion": 240,
                "urlBase": self.url_base,
                "runtimeVersion": "8.0.12",
                "runtimeName": ".NET",
                "startTime": stamp(self.started_at),
                "packageVersion": f"{self.version}-ls1",
                "packageAuthor": "example",
                "packageUpdateMechanism": "docker",
                "packageUpdateMechanismMessage": "",
            }
        )

    async def _health(self, _request: web.Request) -> web.Response:
        return answer(self.state.health)

    async def _rootfolders(self, request: web.Request) -> web.Response:
        return answer([self._root_record(r, request) for r in self.state.roots])

    async def _rootfolder(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["id"])
        found = [self._root_record(r, request) for r in self.state.roots if r.id == wanted]
        return answer(found[0]) if found else self.not_found()

    def _root_record(self, root: RootFolder, request: web.Request) -> dict[str, Any]:
        return root_record(root, total=self.modern, is_empty="/api/v5/" in request.path)

    async def _diskspace(self, _request: web.Request) -> web.Response:
        disks = [{"path": "/", "label": "", "freeSpace": LOCAL_FREE, "totalSpace": LOCAL_TOTAL}]
        disks += [
            {"path": root.path, "label": "", "freeSpace": root.free, "totalSpace": root.total}
            for root in self.state.roots
            if root.accessible and root.mounted
        ]
        return answer(disks)

    async def _tags(self, _request: web.Request) -> web.Response:
        return answer([{"id": k, "label": v} for k, v in self.state.tags.items()])

    async def _add_tag(self, request: web.Request) -> web.Response:
        label = (await body_of(request)).get("label")
        if not isinstance(label, str) or not label:
            return invalid("Label", "'Label' must not be empty.", value=label)
        if self.strict_labels(request) and not _LABEL.fullmatch(label):
            return invalid("Label", "Allowed characters a-z, 0-9 and -", value=label)
        known = {v: k for k, v in self.state.tags.items()}
        if label not in known and label.lower() in known:
            return error(409, "constraint failed: UNIQUE constraint failed: Tags.Label")
        return answer({"id": self.tag_id(label.lower()), "label": label.lower()}, status=201)

    async def _history_since(self, request: web.Request) -> web.Response:
        try:
            since = datetime.fromisoformat(request.query.get("date", ""))
        except ValueError:
            return problem(400, "One or more validation errors occurred.")
        wanted = request.query.get("eventType")
        first = stamp(since if since.tzinfo else since.replace(tzinfo=UTC))
        rows = [r for r in self.state.history if r.date >= first and wanted in (None, r.event)]
        asked = {name.lower() for name, wanted in request.query.items() if wanted.lower() == "true"}
        return answer([self._history_record(row) | self.history_extras(row, asked) for row in rows])

    def history_extras(self, _row: HistoryRow, _asked: Collection[str]) -> dict[str, Any]:
        """What a row of history brings beside its own, when asked to."""
        return {}

    def _history_record(self, row: HistoryRow) -> dict[str, Any]:
        own = {"episodeId": row.episode_id} if row.episode_id else {}
        return {
            "id": row.id,
            f"{self.kind}Id": row.entry_id,
            **own,
            "sourceTitle": row.source_title,
            "quality": {"quality": {"id": 7, "name": row.file.quality}},
            "languages": [{"id": 1, "name": "English"}],
            "customFormats": [],
            "customFormatScore": 0,
            "qualityCutoffNotMet": False,
            "date": row.date,
            "eventType": row.event,
            "data": row.data,
        }

    async def _entries(self, request: web.Request) -> web.Response:
        query = {k.lower(): v for k, v in request.query.items()}
        outer = query.get(self.id_param.lower())
        if outer is None:
            return self._json(request, self._whole_list())
        if not outer.isdecimal():
            return problem(400, "One or more validation errors occurred.")
        found = [e.id for e in self.state.entries.values() if self.outer_id(e) == int(outer)]
        return self._json(request, joined(self.encoded(i) for i in found))

    async def _entry(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["id"])
        if wanted not in self.state.entries:
            return self.not_found()
        return self._json(request, self.encoded(wanted))

    async def _file(self, request: web.Request) -> web.Response:
        found = self.find_file(int(request.match_info["id"]))
        return answer(self.file_record(*found)) if found else self.not_found()

    # pieces for subclasses

    def add_root(self, path: str) -> RootFolder:
        """Add a root folder with a mount of its own."""
        root = RootFolder(len(self.state.roots) + 1, path)
        self.state.roots.append(root)
        return root

    def root(self, path: str) -> RootFolder:
        """The root folder with this path."""
        return next(r for r in self.state.roots if r.path == path)

    def find_file(self, file_id: int) -> tuple[EntryT, MediaFile] | None:
        """A file and the entry that it belongs to."""
        for entry in self.state.entries.values():
            for file in entry.files():
                if file.id == file_id:
                    return entry, file
        return None

    def tag_id(self, label: str) -> int:
        """The id of a tag, made if need be."""
        for key, known in self.state.tags.items():
            if known == label:
                return key
        key = max(self.state.tags, default=0) + 1
        self.state.tags[key] = label
        return key

    def not_found(self) -> web.Response:
        """404 for an id that does not exist: ProblemDetails, and no body in Sonarr 5."""
        return web.Response(status=404) if self.modern else problem(404, "Not Found")

    def changed(self, entry_id: int | None = None) -> None:
        """Forget what was encoded: of one entry, or of all."""
        self._list = None
        if entry_id is None:
            self._encoded.clear()
        else:
            self._encoded.pop(entry_id, None)

    def encoded(self, entry_id: int) -> bytes:
        """The entry's record as indented JSON, kept until it changes."""
        if (known := self._encoded.get(entry_id)) is None:
            known = indented(self.record(self.state.entries[entry_id]))
            self._encoded[entry_id] = known
        return known

    def _whole_list(self) -> bytes:
        if self._list is None:
            self._list = joined(self.encoded(i) for i in self.state.entries)
        return self._list

    def _json(self, request: web.Request, body: bytes) -> web.Response:
        if self._compress and "gzip" in request.headers.get("Accept-Encoding", ""):
            packed = gzip.compress(body, 1)
            coding = {"Content-Encoding": "gzip"}
            return web.Response(body=packed, content_type="application/json", headers=coding)
        return web.Response(body=body, content_type="application/json")
