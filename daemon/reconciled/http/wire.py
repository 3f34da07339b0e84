"""One request, once: sent as it is, answered as a whole or with the transport's own exception.

Below all clients of a source: its session, its limits, its count of requests. No redirect is
followed here and nothing is sent twice; aiohttp itself would send a PUT or DELETE again when a
kept connection turns out dead, and is told not to.
"""

import asyncio
import io
from collections.abc import AsyncIterable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from reconciled.clock import Clock
from reconciled.errors import BadResponse, Unreachable
from reconciled.http.answer import Response

_CONNECT = 10.0
_CHUNK = 2**18

_CLOSING = 0.5
"""Seconds that an app may take to say goodbye on a websocket; a stop waits for it."""

_BEAT = 45.0
"""Seconds without a byte after which a websocket is pinged. Half of that later it counts as broken: a box
that lost its power says no goodbye, and what it would have told would be missed for hours."""

TRANSFERS = 8
"""Files that travel to or from one source at the same time, unless somebody says otherwise."""

Sessions = aiohttp.ClientSession | Callable[[], aiohttp.ClientSession]


def new_session() -> aiohttp.ClientSession:
    """A session as `Http` wants it: no cookies, no proxy and no passwords from the environment."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0), read_bufsize=_CHUNK
    )


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: `where` names it in messages, without query, user or password; `timeout` is in seconds.

    A body that is streamed has its `Content-Length` in the headers.
    """

    method: str
    url: URL
    where: str
    timeout: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | AsyncIterable[bytes] | None = field(default=None, repr=False)


class Wire:
    """A source's connections, at most `concurrency` requests at a time; answers up to `max_size` bytes.

    Files that travel take none of these places, for they keep theirs long: `transfers` at a time.
    """

    def __init__(
        self, sessions: Sessions, clock: Clock, *, concurrency: int, max_size: int, transfers: int = TRANSFERS
    ) -> None:
        self.clock = clock
        self.requests = 0
        self._sessions = sessions
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._turns = asyncio.Semaphore(concurrency)
        self._transfers = asyncio.Semaphore(transfers)
        self._max_size = max_size

    def turn(self) -> AbstractAsyncContextManager[None]:
        """A place among the requests that run at the same time."""
        return self._turns

    def transfer(self) -> AbstractAsyncContextManager[None]:
        """A place among the files that travel at the same time."""
        return self._transfers

    async def send(self, ask: Ask) -> Response:
        """The whole answer, whatever its status.

        Raises what aiohttp raises, TimeoutError, or BadResponse for a body that is too large.
        """
        session = self._opened(ask.where)
        self.requests += 1
        timeout = aiohttp.ClientTimeout(total=ask.timeout, sock_connect=min(_CONNECT, ask.timeout))
        async with session.request(
            ask.method, ask.url, headers=ask.headers, data=ask.body, timeout=timeout, allow_redirects=False
        ) as reply:
            body = await self._read(reply, ask)
            return Response(reply.status, headers_of(reply), body, ask.where)

    def open(self, ask: Ask) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """An answer whose body the caller reads, just as it comes over the wire; to be entered.

        Only the connecting is limited in time here: silence is for the caller to notice. What is not
        read to its end costs the connection.
        """
        session = self._opened(ask.where)
        self.requests += 1
        return session.request(
            ask.method,
            ask.url,
            headers=ask.headers,
            data=ask.body,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(_CONNECT, ask.timeout)),
            allow_redirects=False,
            auto_decompress=False,
        )

    def connect(
        self, url: URL, *, headers: Mapping[str, str], most: int
    ) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """A websocket, to be entered. It takes no turn: it stays, and would keep a request out."""
        session = self._opened(url.path)
        self.requests += 1
        return session.ws_connect(
            url,
            headers=headers,
            max_msg_size=most,
            heartbeat=_BEAT,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING),
        )

    async def _read(self, reply: aiohttp.ClientResponse, ask: Ask) -> bytes:
        body = io.BytesIO()  # grows in place: joining 40 MB at the end would hold up the loop
        async for chunk in reply.content.iter_chunked(_CHUNK):
            if body.tell() + len(chunk) > self._max_size:
                raise BadResponse(f"{ask.where}: more than {self._max_size / 2**20:g} MiB, gave up reading")
            body.write(chunk)
        return body.getvalue()

    def _opened(self, where: str) -> aiohttp.ClientSession:
        if self._closed:
            raise Unreachable(f"{where}: not asked, the source is being stopped")
        if self._session is None:
            given = self._sessions
            self._session = given if isinstance(given, aiohttp.ClientSession) else given()
            self._session._retry_connection = False  # noqa: SLF001  # there is no public way; a test watches it
            self._session.trace_configs.append(_going_straight())
        return self._session

    async def close(self) -> None:
        """Close what was opened here; a session that was passed in belongs to its owner."""
        self._closed = True
        if self._session is not None and self._session is not self._sessions:
            await self._session.close()


def headers_of(reply: aiohttp.ClientResponse) -> dict[str, str]:
    """Its headers by their names in lower case; one that comes twice is joined."""
    return {name.lower(): ", ".join(reply.headers.getall(name)) for name in reply.headers}


def _going_straight() -> aiohttp.TraceConfig:
    """Ends what aiohttp would redirect.

    `ws_connect` follows redirects, our key with it, to any host; and it cannot be told not to.
    """

    async def refuse(_session: object, _context: object, told: aiohttp.TraceRequestRedirectParams) -> None:
        answer = told.response
        answer.close()
        raise aiohttp.WSServerHandshakeError(
            answer.request_info, answer.history, status=answer.status, headers=answer.headers
        )

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    trace.freeze()
    return trace
