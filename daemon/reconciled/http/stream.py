"""A websocket to an app: text comes and goes, and every way in which it ends is an error of ours.

`Client.stream` opens one beside the requests: it takes no place among them, for it stays. A stream
is one connection. Whoever follows it (`Source.listen`) lets its end be raised; when it is opened
again, and how patiently, is decided once for all sources, above the plugins.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable
from reconciled.http.answer import retry_after
from reconciled.http.failure import failure_of, shown
from reconciled.http.wire import Wire
from reconciled.units import say_duration

MOST = 16 * 2**20
"""The most bytes of one message."""

_ORDINARY = (None, 0, 1000, 1001, 1005)
"""Codes of a close that say nothing more than that."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a stream is opened with: `where` names it in messages; times are in seconds."""

    url: URL
    where: str
    headers: Mapping[str, str] = field(repr=False)
    timeout: float
    silence: float
    redact: Callable[[str], str] = field(repr=False)


class Stream:
    """An open websocket: `send` and `receive` texts. Used as `async with client.stream(…) as stream`.

    `where` names it in messages, `redact` masks its client's secrets in what the app said.
    """

    def __init__(self, wire: Wire, opening: Opening) -> None:
        self.clock = wire.clock
        self.where = opening.where
        self.redact = opening.redact
        self._wire = wire
        self._opening = opening
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._entered: AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse] | None = None

    async def __aenter__(self) -> Self:
        opening = self._opening
        try:
            self._entered = self._wire.connect(opening.url, headers=opening.headers, most=MOST)
            async with asyncio.timeout(opening.timeout):
                self._socket = await self._entered.__aenter__()
        except aiohttp.WSServerHandshakeError as error:
            raise self._error(_handshake(error, opening.where, now=self.clock.now())) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._error(failure_of(error, where=opening.where, timeout=opening.timeout)) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None and self._entered is not None:
            self._socket = None
            await self._entered.__aexit__(kind, error, trace)

    async def send(self, text: str) -> None:
        """Send a text. `Unreachable` when the stream is at its end."""
        try:
            await self._open().send_str(text)
        except (aiohttp.ClientError, OSError) as error:
            raise self._error(Unreachable(f"{self._opening.where}: the stream broke off")) from error

    async def receive(self) -> str:
        """The next text. `Unreachable` at the stream's end and after `silence` seconds without any."""
        where = self._opening.where
        try:
            async with asyncio.timeout(self._opening.silence):
                message = await self._open().receive()
        except TimeoutError:
            silence = say_duration(self._opening.silence)
            raise self._error(Unreachable(f"{where}: silent for {silence}")) from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._error(Unreachable(f"{where}: the stream broke off")) from error
        match message.type:
            case aiohttp.WSMsgType.TEXT:
                return str(message.data)
            case aiohttp.WSMsgType.BINARY:
                raise self._error(BadResponse(f"{where}: bytes where text belongs"))
            case aiohttp.WSMsgType.ERROR if isinstance(message.data, aiohttp.WebSocketError):
                raise self._error(
                    BadResponse(f"{where}: what came is no websocket message of at most 16 MiB")
                )
            case aiohttp.WSMsgType.ERROR if isinstance(message.data, TimeoutError):
                raise self._error(Unreachable(f"{where}: nobody answers there any more"))
            case aiohttp.WSMsgType.CLOSE if message.data not in _ORDINARY:
                why = f", {message.extra}" if message.extra else ""
                raise self._error(Unreachable(f"{where}: the app closed the stream ({message.data}{why})"))
            case _:
                raise self._error(Unreachable(f"{where}: the app closed the stream"))

    def _open(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is None:
            raise self._error(Unreachable(f"{self._opening.where}: the stream is not open"))
        return self._socket

    def _error(self, error: SourceError) -> SourceError:
        return shown(error, self._opening.redact)


def _handshake(error: aiohttp.WSServerHandshakeError, where: str, *, now: datetime) -> SourceError:
    """A stream that the app did not open. 401 and 403 are about our credentials."""
    said = f"{where}: {error.status} instead of a stream"
    if error.status in (401, 403):
        return Unauthorized(f"{said}; is the key right, and may its user listen?")
    if error.status == 429:
        wait = retry_after(error.headers.get("Retry-After") if error.headers else None, now=now)
        return RateLimited(f"{said}, too many requests", wait)
    if error.status >= 500:
        return Unreachable(said)
    if 300 <= error.status < 400:
        return BadResponse(f"{said}, a redirect, not followed; set the url to where the app is")
    return BadResponse(f"{said}; does this version have it, and does a proxy in between let websockets pass?")
