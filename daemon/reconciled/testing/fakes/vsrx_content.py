"""How a fake VSRX hands out bytes: with ETags and ranges, and with all that goes wrong on the way.

Bytes are read piece by piece while they are sent, as a server reads them from its disk: a file that is
changed in mid-transfer goes on with what it is then.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from reconciled.testing.fakes.vsrx_model import PatientFile

PIECE = 2**16
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(slots=True)
class Trick:
    """What happens to a file's bytes on their way, `times` often (None: always).

    After `after` bytes: `then` is called, which may change the file; `pause` seconds go by; and with
    `cut` the connection ends. `length` is what the answer says of its length instead of the truth.
    """

    after: int = 0
    then: Callable[[], object] | None = None
    pause: float = 0.0
    cut: bool = False
    length: int | None = None
    times: int | None = 1
    played: int = 0

    @property
    def due(self) -> bool:
        """Whether it happens (once more)."""
        return self.times is None or self.played < self.times


@dataclass(slots=True)
class Planned:
    """An answer before its bytes: which of them it has."""

    status: int
    start: int
    stop: int
    headers: dict[str, str]


@dataclass(slots=True)
class Content:
    """How this bridge serves bytes. `pause` seconds go by before each piece of 64 KiB.

    `etags` False: none is sent; `weak`: weak ones. `ranges` False: they are not honoured. `careless`: parts
    come whatever If-Range says; `shifted`: from the byte before; `nameless`: without an ETag. `of_deleted`:
    the bytes of a flagged file are served as well. `sized` False: no length is said, as behind some proxies.
    `served` are the bytes that went out, by file.
    """

    etags: bool = True
    weak: bool = False
    ranges: bool = True
    careless: bool = False
    nameless: bool = False
    shifted: bool = False
    of_deleted: bool = False
    sized: bool = True
    pause: float = 0.0
    served: dict[str, int] = field(default_factory=dict)

    def plan(self, asked: Mapping[str, str], file: PatientFile) -> Planned | None:
        """What is answered to these headers; None when there is no such range."""
        etag = self._etag(file)
        headers = {"Accept-Ranges": "bytes" if self.ranges else "none"} | ({"ETag": etag} if etag else {})
        known = asked.get("If-None-Match")
        if known is not None and etag is not None and known.removeprefix("W/") == file.etag:
            return Planned(304, 0, 0, headers)
        size = len(file.content)
        match = _RANGE.fullmatch(asked.get("Range", "")) if self.ranges else None
        if match is None or match[0] == "bytes=-" or not self._may_part(asked, etag):
            return Planned(200, 0, size, headers)
        start, stop = _bounds(match[1], match[2], size)
        if start >= stop:
            return None
        start -= self.shifted
        if self.nameless:
            headers.pop("ETag", None)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        return Planned(206, start, stop, headers)

    def _may_part(self, asked: Mapping[str, str], etag: str | None) -> bool:
        return self.careless or _same(asked.get("If-Range"), etag)

    async def serve(
        self, request: web.Request, planned: Planned, file: PatientFile, trick: Trick | None
    ) -> web.StreamResponse:
        """Send it."""
        response = web.StreamResponse(status=planned.status, headers=planned.headers)
        if planned.status == 304:
            await response.prepare(request)
            return response
        if trick is not None and not trick.due:
            trick = None
        response.content_type = file.mime
        if self.sized:
            length = planned.stop - planned.start
            response.content_length = length if trick is None or trick.length is None else trick.length
        await response.prepare(request)
        if await self._send(response, planned, file, trick) and request.transport is not None:
            request.transport.close()
        return response

    async def _send(
        self, response: web.StreamResponse, planned: Planned, file: PatientFile, trick: Trick | None
    ) -> bool:
        """Send the bytes. Whether the connection ends now, in the middle of them."""
        at, turn = planned.start, None if trick is None else planned.start + trick.after
        while at < planned.stop:
            if trick is not None and turn is not None and at >= turn:
                turn = None
                await _play(trick)
                if trick.cut:
                    return True
            until = min(at + PIECE, planned.stop, *([] if turn is None else [turn]))
            if not (piece := file.content[at:until]):
                return True  # it became shorter, and there is nothing to send any more
            await asyncio.sleep(self.pause)
            await response.write(piece)
            self.served[file.id] = self.served.get(file.id, 0) + len(piece)
            at += len(piece)
        return trick is not None and trick.length is not None and trick.length > at - planned.start

    def _etag(self, file: PatientFile) -> str | None:
        if not self.etags:
            return None
        return f"W/{file.etag}" if self.weak else file.etag


async def _play(trick: Trick) -> None:
    trick.played += 1
    if trick.then is not None:
        trick.then()
    await asyncio.sleep(trick.pause)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """From where to where a range goes; a start that is no smaller than the end is no range."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)


def _same(wanted: str | None, etag: str | None) -> bool:
    """Whether a range may be sent of this version: nobody asked for another. A weak one is never the same."""
    return wanted is None or (wanted == etag and not wanted.startswith("W/"))
