"""`Fake`: a real HTTP server on 127.0.0.1 that plays an app, and that sends the app's webhooks.

Real sockets rather than mocks: refused, reset, hanging and cut-off connections are then exactly what
a client would meet. `down()` and `up()` close and reopen the same port. Nothing is shared between two
fakes; time comes from `now`, randomness from a seed.
"""

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from reconciled.testing.faults import Faults
from reconciled.testing.ports import unused_port

_SHUTDOWN = 0.03


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where a fake sends its webhooks. `auth` is (user, password), sent unasked as HTTP Basic."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None


class Sent(NamedTuple):
    """One attempt to deliver a webhook; `status` is None when no answer came."""

    event: str
    status: int | None


class Fake(ABC):
    """A fake app: `async with FakeRadarr() as radarr: … radarr.url …`."""

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`port` 0 takes a free one. `url_base` is the path that the app is served under (`/radarr`)."""
        self.api_key = api_key
        self.url_base = url_base
        self.faults = Faults(self)
        self.requests: list[tuple[str, str]] = []
        self.webhooks: list[WebhookTarget] = []
        self.sent: list[Sent] = []
        self.now = now or _utc_now
        self._port = port
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    # what a subclass plays

    @abstractmethod
    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The app's routes, without the URL base."""

    @abstractmethod
    def admit(self, request: web.Request) -> web.Response | None:
        """None when the request may pass, else the app's refusal."""

    @abstractmethod
    def unmatched(self, request: web.Request) -> web.Response:
        """The app's answer for a path or method that it does not have."""

    @abstractmethod
    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """The headers by which the app's own answers are known on this path."""

    @abstractmethod
    def starting(self) -> web.Response:
        """The app's answer while it starts."""

    @property
    @abstractmethod
    def user_agent(self) -> str:
        """What the app calls itself when it sends webhooks."""

    # life

    async def start(self) -> Self:
        """Listen, and be able to send webhooks."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=100))
        await self.up()
        return self

    async def stop(self) -> None:
        """End within 100 ms, even with hanging requests."""
        await self.down()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def down(self) -> None:
        """Stop listening and drop all connections: from now on they are refused. State goes on."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        await runner.cleanup()

    async def up(self) -> None:
        """Listen (again), on the same port as before."""
        if self._runner is not None:
            return
        app = web.Application(middlewares=[self._answer])
        app.add_routes(self.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN)
        await runner.setup()
        self._port = self._port or unused_port()
        await web.TCPSite(runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._runner = runner

    @property
    def port(self) -> int:
        """The port; 0 before the first start unless one was given."""
        return self._port

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}{self.url_base}"

    # requests

    def count(self, path: str = "*", *, method: str | None = None) -> int:
        """How many requests came whose path, or path with query, matches this glob."""
        return sum(
            (method is None or m == method)
            and (fnmatchcase(p, path) or fnmatchcase(p.partition("?")[0], path))
            for m, p in self.requests
        )

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))

        async def proceed() -> web.StreamResponse:
            response = await self._handle(request, handler)
            response.headers.update(self.app_headers(request))
            return response

        return await self.faults.answer(request, proceed)

    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if (refusal := self.admit(request)) is not None:
            return refusal
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return self.unmatched(request)
        except web.HTTPException as said:
            return web.Response(status=said.status, text=said.text)

    # webhooks

    def add_webhook(
        self, url: str, *, headers: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> WebhookTarget:
        """Send webhooks there from now on."""
        target = WebhookTarget(url, headers or {}, auth)
        self.webhooks.append(target)
        return target

    async def deliver(self, event: str, body: bytes, *, content_type: str) -> None:
        """POST the body to every target, one after the other. Failures are recorded, never raised."""
        for target in tuple(self.webhooks):
            status = await self._post(target, body, content_type)
            self.sent.append(Sent(event, status))

    async def _post(self, target: WebhookTarget, body: bytes, content_type: str) -> int | None:
        if self._session is None:
            return None
        headers = CIMultiDict({"User-Agent": self.user_agent, "Content-Type": content_type})
        headers.update(target.headers)
        if target.auth is not None:
            pair = ":".join(target.auth).encode("latin-1")
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        try:
            async with self._session.post(target.url, data=body, headers=headers) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None


def _utc_now() -> datetime:
    return datetime.now(UTC)
