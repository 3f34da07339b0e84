"""`FakeSeerr`: a Seerr 3, or with `newer=False` an Overseerr or Jellyseerr, over a real socket.

What people ask for there is a coroutine that sends the notification before it returns; `put` and
what is deleted is told to nobody, as in the app. Its address of one request answers "not found" for
any failure, also while its database is `locked`: that is so in the app.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from reconciled.testing.fakes.base import Fake, WebhookTarget
from reconciled.testing.fakes.seerr_model import (
    APPROVED,
    AVAILABLE,
    BLOCKLISTED,
    COMPLETED,
    MEDIA_PENDING,
    PENDING,
    UNKNOWN,
    Asked,
    Medium,
    Person,
    SeerrState,
    medium_row,
    person_row,
    request_row,
)
from reconciled.testing.fakes.seerr_webhook import DEFAULT, Agent, filled
from reconciled.testing.fakes.titles import Work

API = "/api/v1"
OWNER = 1


class FakeSeerr(Fake):
    """`async with FakeSeerr() as seerr: seerr.put(work, by="ann"); … seerr.url …`.

    `locked`: the database fails. `guarded`: CSRF protection, so that the API is read-only.
    """

    def __init__(
        self,
        *,
        version: str = "3.0.1",
        newer: bool = True,
        instance: str = "BHGzVapidPublicHalfOfThisInstallation",
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """As `Fake`; `instance` is the public half of the key that an installation makes for itself."""
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.instance = instance
        self.agent = Agent(newer=newer)
        self.state = SeerrState(people={OWNER: Person(OWNER, "owner", permissions=2)})
        self.locked = False
        self.guarded = False
        self._target: WebhookTarget | None = None

    # told to nobody

    def person(self, name: str) -> Person:
        """The user of that name, made when there is none."""
        people = self.state.people
        found = next((one for one in people.values() if one.name == name), None)
        if found is None:
            found = people[max(people) + 1] = Person(max(people) + 1, name)
        return found

    def put_medium(self, work: Work, *, status: int = AVAILABLE) -> Medium:
        """What a scan of a library finds: a medium that nobody asked for; the one there is, if any."""
        kind = "tv" if work.tvdb else "movie"
        media = self.state.media
        found = next((one for one in media.values() if (one.kind, one.tmdb) == (kind, work.tmdb)), None)
        if found is None:
            number = self.state.next_medium
            self.state.next_medium += 1
            found = media[number] = Medium(
                number, "tv" if work.tvdb else "movie", work.title, work.tmdb, self.now(),
                tvdb=work.tvdb or None, imdb=work.imdb, status=status,
            )  # fmt: skip
        return found

    def put(
        self,
        work: Work,
        *,
        by: str = "ann",
        seasons: tuple[int, ...] = (),
        is4k: bool = False,
        status: int = COMPLETED,
    ) -> Asked:
        """Somebody asked for it a while ago."""
        medium = self.put_medium(work, status=AVAILABLE if status == COMPLETED else MEDIA_PENDING)
        number = self.state.next_request
        self.state.next_request += 1
        asked = self.state.requests[number] = Asked(
            number, medium.id, self.person(by).id, self.now(), status, is4k, seasons
        )
        return asked

    def remove_request(self, number: int) -> None:
        """A person deletes a request; what was not there yet is no longer asked for."""
        asked = self.state.requests.pop(number)
        left = any(one.medium == asked.medium for one in self.state.requests.values())
        medium = self.state.media[asked.medium]
        if not left and medium.status != AVAILABLE:
            medium.status = UNKNOWN

    def clear_medium(self, number: int) -> None:
        """A person clears the data of a medium: its requests go with it."""
        del self.state.media[number]
        self.state.requests = {n: one for n, one in self.state.requests.items() if one.medium != number}

    def requests_for(self, work: Work) -> list[Asked]:
        """The requests for a work."""
        kind = "tv" if work.tvdb else "movie"
        media = {n for n, one in self.state.media.items() if (one.kind, one.tmdb) == (kind, work.tmdb)}
        return [one for one in self.state.requests.values() if one.medium in media]

    def knows(self, work: Work) -> bool:
        """Whether a medium of it is there."""
        kind = "tv" if work.tvdb else "movie"
        return any((one.kind, one.tmdb) == (kind, work.tmdb) for one in self.state.media.values())

    # what a person does there, and is told

    async def add(self, work: Work, *, by: str = "ann") -> Asked:
        """Ask for something; MEDIA_PENDING."""
        asked = self.put(work, by=by, status=PENDING)
        await self.notify("MEDIA_PENDING", asked)
        return asked

    async def approve(self, number: int) -> None:
        """MEDIA_APPROVED."""
        asked = self.state.requests[number]
        asked.status = APPROVED
        await self.notify("MEDIA_APPROVED", asked)

    async def complain(self) -> None:
        """Report an issue: ISSUE_CREATED, which is about no request."""
        await self.notify("ISSUE_CREATED", None)

    async def send_test(self) -> None:
        """As the button beside the webhook's address does."""
        await self.notify("TEST_NOTIFICATION", None)

    async def notify(self, kind: str, asked: Asked | None) -> None:
        """Send to the webhook that is set up, and to those of `add_webhook` by the usual template."""
        subject = self.state.media[asked.medium].title if asked is not None else "Test Notification"
        if self._target is not None and self.agent.wants(kind):
            template = self.agent.template()
            if template is not None:
                body = filled(template, kind, self.state, asked, subject=subject)
                await self._send(kind, [self._target], body)
        await self._send(kind, self.webhooks, filled(DEFAULT, kind, self.state, asked, subject=subject))

    async def _send(self, kind: str, targets: Iterable[WebhookTarget], body: dict[str, Any]) -> None:
        before, self.webhooks = self.webhooks, [*targets]
        try:
            await self.deliver(kind, json.dumps(body).encode(), content_type="application/json")
        finally:
            self.webhooks = before

    # the routes

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """What is read and changed by the plugin; the real app has many more."""
        api = f"{self.url_base}{API}"
        yield web.get(f"{api}/status", self._status)
        yield web.get(f"{api}/settings/public", self._public)
        yield web.get(f"{api}/auth/me", self._me)
        yield web.get(f"{api}/request", self._list_requests)
        yield web.get(f"{api}/request/{{id}}", self._get_request)
        yield web.delete(f"{api}/request/{{id}}", self._delete_request)
        yield web.get(f"{api}/media", self._list_media)
        yield web.delete(f"{api}/media/{{id}}", self._delete_medium)
        yield web.get(f"{api}/settings/{'network' if self.agent.newer else 'main'}", self._guard)
        yield web.get(f"{api}/settings/jobs", self._jobs)
        yield web.get(f"{api}/settings/notifications/webhook", self._get_webhook)
        yield web.post(f"{api}/settings/notifications/webhook", self._set_webhook)

    async def _status(self, _request: web.Request) -> web.Response:
        said = {"version": self.version, "commitTag": "local", "updateAvailable": False}
        return web.json_response({**said, "commitsBehind": 0, "restartRequired": False})

    async def _public(self, _request: web.Request) -> web.Response:
        said = {"initialized": True, "applicationTitle": "Seerr", "vapidPublic": self.instance}
        return web.json_response(said)

    async def _me(self, _request: web.Request) -> web.Response:
        return web.json_response(person_row(self.state.people[OWNER]))

    async def _list_requests(self, request: web.Request) -> web.Response:
        """Newest first; what is asked of a blocklisted medium is left out, as in the app."""
        state = self.state
        shown = [
            one
            for number, one in sorted(state.requests.items(), reverse=True)
            if state.media[one.medium].status != BLOCKLISTED and self._may_see(one)
        ]
        return self._page(request, shown, lambda one: request_row(state, one), default=10)

    async def _list_media(self, request: web.Request) -> web.Response:
        media = [one for _, one in sorted(self.state.media.items(), reverse=True)]
        return self._page(request, media, medium_row, default=20)

    def _page(
        self, request: web.Request, rows: list[Any], row: Callable[[Any], dict[str, Any]], *, default: int
    ) -> web.Response:
        if self.locked:
            return _error(500, "SQLITE_BUSY: database is locked")
        take, skip = int(request.query.get("take", default)), int(request.query.get("skip", "0"))
        total = len(rows)
        info = {
            "pages": -(-total // take), "pageSize": take, "results": total, "page": -(-skip // take) + 1,
        }  # fmt: skip
        return web.json_response(
            {"pageInfo": info, "results": [row(one) for one in rows[skip : skip + take]]}
        )

    async def _get_request(self, request: web.Request) -> web.Response:
        asked = self.state.requests.get(_number(request))
        if asked is None or self.locked or asked.by not in self.state.people:
            return _error(404, "Request not found.")
        if not self._may_see(asked):
            return _error(403, "You do not have permission to view this request.")
        return web.json_response(request_row(self.state, asked))

    async def _delete_request(self, request: web.Request) -> web.Response:
        number = _number(request)
        if self.locked or number not in self.state.requests:
            return _error(404, "Request not found.")
        if not self.state.people[OWNER].permissions & (2 | 16):
            return _error(401, "You do not have permission to delete this request.")
        self.remove_request(number)
        return web.Response(status=204)

    async def _delete_medium(self, request: web.Request) -> web.Response:
        number = _number(request)
        if self.locked or number not in self.state.media:
            return _error(404, "Media not found")
        self.clear_medium(number)
        return web.Response(status=204)

    async def _guard(self, _request: web.Request) -> web.Response:
        return web.json_response({"csrfProtection": self.guarded, "trustProxy": False})

    async def _jobs(self, _request: web.Request) -> web.Response:
        job = {"id": "availability-sync", "name": "Media Availability Sync", "type": "process"}
        return web.json_response([{**job, "interval": "hours", "running": False}])

    async def _get_webhook(self, _request: web.Request) -> web.Response:
        return web.json_response(self.agent.shown())

    async def _set_webhook(self, request: web.Request) -> web.Response:
        try:
            self.agent.take(await request.json())
        except (ValueError, KeyError, TypeError) as error:
            return _error(500, str(error))
        options = self.agent.options
        shown = {"Authorization": options["authHeader"]} if options.get("authHeader") else {}
        self._target = WebhookTarget(options["webhookUrl"], shown) if options["webhookUrl"] else None
        return web.json_response(self.agent.shown())

    def _may_see(self, asked: Asked) -> bool:
        return asked.by == OWNER or bool(self.state.people[OWNER].permissions & (2 | 16 | 16384))

    # Fake

    @property
    def user_agent(self) -> str:
        """As axios calls itself."""
        return "axios/1.13.2"

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:  # noqa: ARG002
        """What Express puts everywhere; of Seerr itself there is nothing."""
        return {"X-Powered-By": "Express"}

    def admit(self, request: web.Request) -> web.Response | None:
        """The key, except for what is public; and reading only while it is guarded."""
        path = request.path.removeprefix(self.url_base)
        if not path.startswith(f"{API}/") or path in (f"{API}/status", f"{API}/settings/public"):
            return None
        if request.headers.get("X-Api-Key") != self.api_key:
            error = "You do not have permission to access this endpoint"
            return web.json_response({"status": 403, "error": error}, status=403)
        if self.guarded and request.method != "GET":
            return _error(403, "invalid csrf token")
        return None

    def unmatched(self, request: web.Request) -> web.Response:
        """Below /api/v1 the check against its description says no; elsewhere its page does."""
        if request.path.startswith(f"{self.url_base}{API}/"):
            said = {"message": "not found", "errors": [{"path": request.path, "message": "not found"}]}
            return web.json_response(said, status=404)
        page = "<!DOCTYPE html><html><head><title>Page Not Found - Seerr</title></head></html>"
        return web.Response(status=404, text=page, content_type="text/html")

    def starting(self) -> web.Response:
        """While it starts it does not listen; this is the proxy in front of it."""
        return web.Response(status=503, text="Service Unavailable")


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    return int(text) if text.isascii() and text.isdigit() else 0


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
