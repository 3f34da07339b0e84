"""`FakeRequests`: Requests, a made-up app in which people ask for films and series; no real app is meant.

It keeps what is deleted in a trash for 30 days, numbers its requests from 1 and never reuses a
number by itself. What a person does there is a coroutine that sends its webhook before it returns,
as the app does inside its own DELETE; `put`, `remove`, `replace` and the labels are told to nobody.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web

from reconciled.testing.fakes.base import Fake

API = "/api/v1"
ACCOUNT = "api"
KEPT = timedelta(days=30)
MOST = 200
_MARK = "X-Requests-Version"


@dataclass(slots=True)
class Entry:
    """A request. `by` asked for it; a `locked` one cannot be deleted; `trashed` says when, and by whom."""

    id: int
    title: str
    refs: tuple[str, ...]
    by: str
    added: datetime
    status: str = "available"
    labels: set[str] = field(default_factory=set)
    locked: bool = False
    trashed: tuple[datetime, str] | None = None


class FakeRequests(Fake):
    """`async with FakeRequests() as app: … await app.add("A film", ["tmdb:movie/603"], by="ann")`.

    `entries` is what is listed, `trash` what can be restored, both by number. `deletes` counts, by
    number, the DELETE calls that took effect; what a person deletes in the app does not count.
    """

    def __init__(
        self,
        *,
        version: str = "1.4.2",
        instance: str = "5b0c6f7e-requests",
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """As `Fake`; `instance` is the id that the app was given when it was installed."""
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.instance = instance
        self.entries: dict[int, Entry] = {}
        self.trash: dict[int, Entry] = {}
        self.deletes: Counter[int] = Counter()
        self._next = 1

    # told to nobody

    def put(self, title: str, refs: Iterable[str] = (), *, by: str = "ann") -> Entry:
        """Ask for something."""
        while self._next in self.entries or self._next in self.trash:
            self._next += 1
        entry = self.entries[self._next] = Entry(self._next, title, tuple(refs), by, self.now())
        self._next += 1
        return entry

    def remove(self, number: int) -> Entry:
        """Take the request out of the database, past the trash."""
        return self.entries.pop(number)

    def replace(self, number: int, title: str, refs: Iterable[str] = (), *, by: str = "ben") -> Entry:
        """Reuse the number for another title (a restored database); the trash forgets the old one."""
        self.trash.pop(number, None)
        entry = self.entries[number] = Entry(number, title, tuple(refs), by, self.now())
        return entry

    def empty_database(self) -> dict[int, Entry]:
        """Start over with nothing. Returns the old requests; put them back into `entries` to undo it."""
        before, self.entries, self.trash, self._next = self.entries, {}, {}, 1
        return before

    def label(self, number: int, *labels: str) -> None:
        """Put labels on the request."""
        self.entries[number].labels.update(labels)

    # what a person does there

    async def add(
        self, title: str, refs: Iterable[str] = (), *, by: str = "ann", notify: bool = True
    ) -> Entry:
        """Ask for something; request.created."""
        entry = self.put(title, refs, by=by)
        await self._tell("created", entry, by, notify=notify)
        return entry

    async def delete(self, number: int, *, by: str = "ann", notify: bool = True) -> Entry:
        """Throw it into the trash; request.deleted."""
        entry = self.trash[number] = replace(self.entries.pop(number), trashed=(self.now(), by))
        await self._tell("deleted", entry, by, notify=notify)
        return entry

    async def restore(self, number: int, *, by: str = "ann", notify: bool = True) -> Entry:
        """Take it out of the trash, under its number; request.restored. KeyError when it is not there."""
        self._throw_out()
        entry = self.entries[number] = replace(self.trash.pop(number), trashed=None)
        await self._tell("restored", entry, by, notify=notify)
        return entry

    async def send_test(self) -> None:
        """As the button beside the webhook's address does."""
        await self.deliver("test", msgspec.json.encode({"event": "test"}), content_type="application/json")

    # the routes

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """All that the app has."""
        api = f"{self.url_base}{API}"
        one = rf"{api}/request/{{number:\d{{1,18}}}}"
        yield web.get(f"{api}/about", self._about)
        yield web.get(f"{api}/request", self._list)
        yield web.get(one, self._get)
        yield web.delete(one, self._delete)
        yield web.post(f"{one}/restore", self._restore)
        yield web.put(f"{one}/label/{{label}}", self._label)
        yield web.delete(f"{one}/label/{{label}}", self._label)

    async def _about(self, _request: web.Request) -> web.Response:
        return web.json_response({"app": "Requests", "version": self.version, "instance": self.instance})

    async def _list(self, request: web.Request) -> web.Response:
        """A page, by number; `ref` keeps those about one film or series."""
        try:
            page, size = int(request.query.get("page", "1")), int(request.query.get("size", "20"))
        except ValueError:
            page = size = 0
        if page < 1 or not 1 <= size <= MOST:
            return _error(400, f"page counts from 1, size is at most {MOST}")
        ref = request.query.get("ref")
        found = [self.entries[n] for n in sorted(self.entries) if ref is None or ref in self.entries[n].refs]
        shown = [_record(entry) for entry in found[(page - 1) * size : page * size]]
        return web.json_response({"page": page, "size": size, "totalRecords": len(found), "records": shown})

    async def _get(self, request: web.Request) -> web.Response:
        """The request, also from the trash."""
        self._throw_out()
        number = int(request.match_info["number"])
        entry = self.entries.get(number) or self.trash.get(number)
        return _error(404, "no such request") if entry is None else web.json_response(_record(entry))

    async def _delete(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        entry = self.entries.get(number)
        if entry is None:
            return _error(404, "no such request")
        if entry.locked:
            return _error(409, "the request is locked")
        self.deletes[number] += 1
        await self.delete(number, by=ACCOUNT)
        return web.Response(status=204)

    async def _restore(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        self._throw_out()
        if number in self.trash:
            await self.restore(number, by=ACCOUNT)
        elif number not in self.entries:
            return _error(404, "not in the trash")
        return web.json_response(_record(self.entries[number]))

    async def _label(self, request: web.Request) -> web.Response:
        entry = self.entries.get(int(request.match_info["number"]))
        if entry is None:
            return _error(404, "no such request")
        before, label = set(entry.labels), request.match_info["label"]
        (entry.labels.add if request.method == "PUT" else entry.labels.discard)(label)
        await self._tell("changed", entry, ACCOUNT, notify=entry.labels != before)
        return web.Response(status=204)

    def _throw_out(self) -> None:
        """What lay in the trash for 30 days is gone for good."""
        now = self.now()
        self.trash = {n: e for n, e in self.trash.items() if e.trashed and e.trashed[0] + KEPT > now}

    async def _tell(self, what: str, entry: Entry, by: str, *, notify: bool) -> None:
        if not notify:
            return
        event = f"request.{what}"
        about = {"id": entry.id, "title": entry.title, "refs": entry.refs}
        body = msgspec.json.encode({"event": event, **about, "by": by, "at": self.now()})
        await self.deliver(event, body, content_type="application/json")

    # Fake

    @property
    def user_agent(self) -> str:
        """`Requests/1.4.2`."""
        return f"Requests/{self.version}"

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """X-Requests-Version, on everything below /api."""
        return {_MARK: self.version} if request.path.startswith(f"{self.url_base}/api/") else {}

    def admit(self, request: web.Request) -> web.Response | None:
        """The key, in X-Api-Key, below /api."""
        if not request.path.startswith(f"{self.url_base}/api/"):
            return None
        good = request.headers.get("X-Api-Key") == self.api_key
        return None if good else _error(401, "wrong key")

    def unmatched(self, request: web.Request) -> web.Response:
        """404 below /api, in plain text, since no request was asked about; else the web page."""
        if request.path.startswith(f"{self.url_base}/api/"):
            return web.Response(status=404, text="Not Found")
        page = "<!doctype html><html><head><title>Requests</title></head><body></body></html>"
        return web.Response(text=page, content_type="text/html")

    def starting(self) -> web.Response:
        """503 while it starts."""
        return _error(503, "starting")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


def _record(entry: Entry) -> dict[str, Any]:
    """A request as the API answers it; `trash` only while it lies there."""
    record: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "refs": list(entry.refs),
        "labels": sorted(entry.labels),
        "status": entry.status,
        "by": entry.by,
        "added": entry.added.isoformat(),
    }
    if entry.trashed is not None:
        at, by = entry.trashed
        record["trash"] = {"at": at.isoformat(), "by": by, "until": (at + KEPT).isoformat()}
    return record
