"""Bytes of a file on their way out of an app, as they come and never all at once.

A download has no limit in size or time, for a film over a slow line takes hours; it ends when the app
is silent for too long, or with whoever reads it. What breaks off before its end is `Unreachable`, so
that a short file is never taken for a whole one. Bytes come as the app holds them (`identity`): ranges
and sizes are those of the file. A page for a browser where a file belongs is a login page.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import aiohttp

from reconciled.errors import BadResponse, SourceError, Unreachable
from reconciled.http.answer import Response, trouble_of
from reconciled.http.failure import failure_of, shown
from reconciled.http.redirect import MOST_HOPS, ONCE_MORE, redirected, too_many
from reconciled.http.wire import Ask, Wire, headers_of
from reconciled.units import say_duration

CHUNK = 2**20
"""The most bytes that come at a time."""

_SAID = 2**16
"""The most bytes of an error's body that are read."""

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_PAGES = ("text/html", "application/xhtml+xml")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Download:
    """An answer whose body is read by `chunks`, of at most 1 MiB each; header names are lower case.

    `status` is 2xx, or one that the caller allowed. `where` names the request for messages.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: AsyncIterator[bytes] = field(repr=False)
    where: str = ""

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case; empty when the app gave none."""
        return media_type(self.headers)

    def placed(self) -> tuple[int, int | None]:
        """Where in the file its bytes begin, and how large the whole file is, as far as the app says.

        BadResponse when it is a part of a file (206) and does not say which.
        """
        length = self.headers.get("content-length", "")
        if self.status != 206:
            return 0, int(length) if length.isdigit() else None
        match = _RANGE.fullmatch(self.headers.get("content-range", "").strip())
        if match is None:
            raise BadResponse(f"{self.where}: 206, a part of the file that does not say which")
        first, last = int(match[1]), int(match[2])
        size = None if match[3] == "*" else int(match[3])
        if first > last or (size is not None and last >= size):
            raise BadResponse(f"{self.where}: 206, a part that lies outside its file ({match[0]})")
        if length.isdigit() and int(length) != last - first + 1:
            raise BadResponse(f"{self.where}: 206, a part whose length is another one than it says")
        return first, size

    async def body(self) -> bytes:
        """A short body as a whole, as of a status that was allowed. BadResponse beyond 64 KiB."""
        read = bytearray()
        async for chunk in self.chunks:
            read += chunk
            if len(read) > _SAID:
                raise BadResponse(
                    f"{self.where}: {self.status}, with more than 64 KiB where few words belong"
                )
        return bytes(read)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a download is opened: what `Client.download` was told, and how it hides secrets."""

    path: str
    allow: Collection[int]
    html_allowed: bool
    redact: Callable[[str], str] = field(repr=False)


def media_type(headers: Mapping[str, str]) -> str:
    """The content type without its parameters, lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


@asynccontextmanager
async def download(wire: Wire, ask: Ask, terms: Terms) -> AsyncIterator[Download]:
    """Open what is asked for; see `Client.download`."""
    async with wire.transfer(), AsyncExitStack() as stack:
        try:
            ask, reply = await _followed(wire, ask, terms, stack)
            headers = headers_of(reply)
            chunks = _Chunks(reply, ask, terms.redact)
            if reply.status not in terms.allow:
                await _judge(reply, headers, chunks, terms, wire)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise shown(failure_of(error, where=ask.where, timeout=ask.timeout), terms.redact) from None
        except SourceError as error:
            raise shown(error, terms.redact) from None
        yield Download(reply.status, headers, chunks, ask.where)


async def _followed(
    wire: Wire, ask: Ask, terms: Terms, stack: AsyncExitStack
) -> tuple[Ask, aiohttp.ClientResponse]:
    """The answer at the end of all redirects, and what was asked for it."""
    for _ in range(MOST_HOPS + 1):
        reply = await _tried(wire, ask, stack)
        if not 300 <= reply.status < 400 or reply.status in terms.allow:
            return ask, reply
        ask = redirected(ask, reply.status, reply.headers.get("Location"), path=terms.path)
        await stack.aclose()
    raise too_many(ask)


async def _tried(wire: Wire, ask: Ask, stack: AsyncExitStack) -> aiohttp.ClientResponse:
    """The answer, after a second try where one may help. A timeout gets none: the app has enough to do."""
    try:
        reply = await _entered(wire.open(ask), ask, stack)
        if reply.status not in ONCE_MORE:
            return reply
        await stack.aclose()
    except aiohttp.ClientConnectionError as error:
        if isinstance(error, TimeoutError):
            raise
        _log.debug("%s: the connection failed, trying once more", ask.where)
    return await _entered(wire.open(ask), ask, stack)


async def _entered(
    opening: AbstractAsyncContextManager[aiohttp.ClientResponse], ask: Ask, stack: AsyncExitStack
) -> aiohttp.ClientResponse:
    async with asyncio.timeout(ask.timeout):
        return await stack.enter_async_context(opening)


async def _judge(
    reply: aiohttp.ClientResponse, headers: Mapping[str, str], chunks: "_Chunks", terms: Terms, wire: Wire
) -> None:
    """Raise what speaks against taking its body for the file's."""
    where = chunks.where
    if not 200 <= reply.status < 300:
        async with asyncio.timeout(chunks.silence):
            said = await _beginning(reply)
        answer = Response(reply.status, headers, said, where)
        raise trouble_of(answer, now=wire.clock.now(), redact=terms.redact)
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise BadResponse(
            f"{where}: packed bytes ({headers['content-encoding']}) where we asked for the file as it is; "
            "does a proxy in between pack them?"
        )
    if media_type(headers) in _PAGES and not terms.html_allowed:
        raise BadResponse(f"{where}: an HTML page instead of a file; is there a login page in front?")


async def _beginning(reply: aiohttp.ClientResponse) -> bytes:
    """So much of an error's body as can matter."""
    said = bytearray()
    while len(said) < _SAID and (chunk := await reply.content.read(_SAID)):
        said += chunk
    return bytes(said)


class _Chunks:
    """The body as it comes. Counts what came, to say how far it was when it broke off."""

    def __init__(self, reply: aiohttp.ClientResponse, ask: Ask, redact: Callable[[str], str]) -> None:
        self.where = ask.where
        self.silence = ask.timeout
        self._reply = reply
        self._redact = redact
        self._came = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            async with asyncio.timeout(self.silence):
                chunk = await self._reply.content.read(CHUNK)
        except TimeoutError:
            raise self._broken(f"silent for {say_duration(self.silence)}") from None
        except (aiohttp.ClientError, OSError, RuntimeError):  # the last is aiohttp's for a closed session
            raise self._broken("the connection broke off") from None
        if not chunk:
            raise StopAsyncIteration
        self._came += len(chunk)
        return chunk

    def _broken(self, how: str) -> SourceError:
        length = self._reply.headers.get("Content-Length", "")
        of = f" of {int(length):,}" if length.isdigit() else ""
        return shown(Unreachable(f"{self.where}: {how} after {self._came:,}{of} bytes"), self._redact)
