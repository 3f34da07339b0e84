"""A form with a file (multipart/form-data) on its way into an app, streamed from the disk.

It is sent once and never again, whatever happens: who cannot tell whether the app took it must look
before sending another. A connection that fails is therefore `Unreachable`, also after the last byte.
The length is said beforehand, and a file that is not what it was while it is sent ends the sending, so
that the app never gets a whole request with half a file. A yes that comes before the end is none.
"""

import asyncio
import contextlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import aiohttp

from reconciled.errors import SourceError, Unreachable
from reconciled.http.answer import Response
from reconciled.http.failure import failure_of, shown
from reconciled.http.wire import Ask, Wire, headers_of
from reconciled.units import say_duration

_CHUNK = 2**18
_ANSWER = 2**20
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FormFile:
    """The file of a form: in which field, where it lies on our disk, what it is called and what it is."""

    field: str
    path: Path
    name: str
    mime_type: str


class _Changed(Exception):
    """The file is not what it was when the sending began."""


async def send_form(
    wire: Wire,
    ask: Ask,
    *,
    fields: Sequence[tuple[str, str]],
    file: FormFile,
    redact: Callable[[str], str],
) -> Response:
    """Send it and read the answer; see `Client.send_form`. `ask.timeout` is for silence."""
    async with wire.transfer():
        source = await asyncio.to_thread(_opened, file.path)
        try:
            return await _sent(wire, ask, _Form(fields, file, source), redact)
        finally:
            await asyncio.to_thread(source.close)


class _Form:
    """A form's body; iterating over it sends it, and tells `going` of every piece."""

    def __init__(self, fields: Sequence[tuple[str, str]], file: FormFile, source: BinaryIO) -> None:
        self.boundary = f"reconciled-{secrets.token_hex(16)}"
        self.going: Callable[[], None] = lambda: None
        self.trouble: OSError | None = None
        self.whole = False
        self._source = source
        self._path = file.path
        kind = file.mime_type if _MIME.fullmatch(file.mime_type) else "application/octet-stream"
        parts = [self._part(f'name="{_escaped(name)}"') + f"{value}\r\n" for name, value in fields]
        named = f'name="{_escaped(file.field)}"; filename="{_escaped(file.name)}"'
        self._before = ("".join(parts) + self._part(named, f"Content-Type: {kind}\r\n")).encode(
            errors="replace"
        )
        self._after = f"\r\n--{self.boundary}--\r\n".encode()
        self._size = os.fstat(source.fileno()).st_size

    def _part(self, disposition: str, more: str = "") -> str:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"

    @property
    def length(self) -> int:
        """Bytes in all."""
        return len(self._before) + self._size + len(self._after)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._before
        left = self._size
        while left:
            self.going()
            try:
                chunk = await asyncio.to_thread(self._source.read, min(_CHUNK, left))
            except OSError as error:
                self.trouble = error
                raise
            if not chunk:
                self.trouble = OSError(f"{self._path}: it became shorter while it was sent")
                raise _Changed
            left -= len(chunk)
            yield chunk
        self.going()
        self.whole = True
        yield self._after
        self.going()


async def _sent(wire: Wire, ask: Ask, form: _Form, redact: Callable[[str], str]) -> Response:
    kind = f"multipart/form-data; boundary={form.boundary}"
    headers = {**ask.headers, "Content-Type": kind, "Content-Length": str(form.length)}
    ask = replace(ask, headers=headers, body=form)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ask.timeout) as limit:
            form.going = lambda: _extend(limit, loop.time() + ask.timeout)
            async with wire.open(ask) as reply:
                body = await _answer(reply)
                if 200 <= reply.status < 300 and not form.whole:
                    raise shown(_unknown(ask, f"{reply.status} before it had all of it"), redact)
                return Response(reply.status, headers_of(reply), body, ask.where)
    except aiohttp.ConnectionTimeoutError as error:
        raise shown(failure_of(error, where=ask.where, timeout=ask.timeout), redact) from None
    except TimeoutError:
        raise shown(_unknown(ask, f"silent for {say_duration(ask.timeout)}"), redact) from None
    except aiohttp.ClientPayloadError:
        raise shown(_unknown(ask, "the answer broke off before its end"), redact) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if form.trouble is not None:
            raise form.trouble from None
        raise shown(failure_of(error, where=ask.where, timeout=ask.timeout), redact) from None


async def _answer(reply: aiohttp.ClientResponse) -> bytes:
    read = bytearray()
    async for chunk in reply.content.iter_chunked(_CHUNK):
        read += chunk
        if len(read) > _ANSWER:
            break  # no app says so much of an upload; what it says is then no JSON, and shown as such
    return bytes(read)


def _extend(limit: asyncio.Timeout, until: float) -> None:
    with contextlib.suppress(RuntimeError):  # it is over already, and what is left of the body goes nowhere
        limit.reschedule(until)


def _unknown(ask: Ask, how: str) -> SourceError:
    return Unreachable(f"{ask.where}: {how}; nobody knows whether the app took the file")


def _opened(path: Path) -> BinaryIO:
    return path.open("rb", buffering=0)


def _escaped(text: str) -> str:
    """A name between quotes, as browsers write it."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
