"""Faults: what networks, proxies and apps do to a request, switched on and off at run time.

Every fake app passes each request through its `Faults`. Behind a fault the fake's state goes on as
normal: a DELETE whose answer is cut off has deleted. Several faults may be set at once; delays
(`HANG`, `SLOW`) are served first, then the first other fault that is due decides the answer.

A refused connection is not here: nobody listens then, which is `await fake.down()`. What looks well
and is not (a page that comes again, a count that is wrong) is no fault by name but a `tamper`; and what
happens in the app in the middle of a listing is said `in_the_middle`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Protocol

import msgspec
from aiohttp import web

LOGIN_PATH = "/login"
_LOOK_EVERY = 0.05


class Fault(StrEnum):
    """The names of the faults; what each does stands beside it."""

    RESET = "reset"  # the connection is dropped without an answer
    HANG = "hang"  # no answer until cleared, or until the client leaves
    SLOW = "slow"  # the right answer, `delay` seconds late
    CUT_JSON = "cut_json"  # full Content-Length, half the body, then the connection ends
    TRUNCATED_JSON = "truncated_json"  # a well-formed HTTP answer whose JSON stops in the middle
    UNAUTHORIZED = "unauthorized"  # 401 of the app
    FORBIDDEN = "forbidden"  # 403 of a proxy
    NOT_FOUND = "not_found"  # 404 of a proxy, without the app's headers
    NOT_FOUND_APP = "not_found_app"  # 404 with the app's headers
    RATE_LIMITED = "rate_limited"  # 429, with Retry-After unless `retry_after=None`
    ERROR = "error"  # 500
    STARTING = "starting"  # 503 with the app's own body while it starts
    HTML = "html"  # 200 with a login page, whatever was asked
    REDIRECT = "redirect"  # 302 to a login page on the same host
    REDIRECT_AWAY = "redirect_away"  # 302 to a login page on another host (`location`)
    EMPTY = "empty"  # lists and pages are empty, other answers are right
    WRONG_SHAPE = "wrong_shape"  # well-formed JSON of another type
    OTHER_APP = "other_app"  # 200 with the JSON of some other program, on every path


class Face(Protocol):
    """What a fake tells its faults about the app that it plays."""

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """The headers by which the app's own answers are known on this path."""

    def starting(self) -> web.Response:
        """The app's answer while it starts."""


Proceed = Callable[[], Awaitable[web.StreamResponse]]
Tamper = Callable[[web.BaseRequest, web.StreamResponse], web.StreamResponse]
"""Makes another answer of a right one."""
PathMatch = str | Callable[[web.BaseRequest], bool] | None


@dataclass(eq=False, slots=True)
class ActiveFault:
    """A fault that was set. `seen` counts the requests that matched it, due or not."""

    fault: Fault
    path: PathMatch = None
    method: str | None = None
    after: int = 0
    times: int | None = None
    delay: float = 0.2
    retry_after: int | None = 30
    location: str = "https://login.example.invalid/"
    seen: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def due(self, request: web.BaseRequest) -> bool:
        """Count the request if it matches; True when the fault strikes it."""
        if not self._matches(request):
            return False
        self.seen += 1
        if self.seen <= self.after:
            return False
        return self.times is None or self.seen <= self.after + self.times

    def _matches(self, request: web.BaseRequest) -> bool:
        if self.method is not None and request.method != self.method:
            return False
        return _fits(self.path, request)


@dataclass(eq=False, slots=True)
class Tampering:
    """A tamper that was set, for the answers to what matches from the `after`-th on."""

    change: Tamper
    path: PathMatch = None
    after: int = 0
    seen: int = 0

    def __call__(self, request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        """The answer, changed if it is the turn of this one."""
        if not _fits(self.path, request):
            return answer
        self.seen += 1
        return self.change(request, answer) if self.seen > self.after else answer


@dataclass(eq=False, slots=True)
class Deed:
    """What somebody does in the app when so many more requests have come."""

    do: Callable[[], Awaitable[None]]
    after: int


class Faults:
    """The faults of one fake. They are tried in the order in which they were set."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._active: list[ActiveFault] = []
        self._tamperings: list[Tampering] = []
        self._deeds: list[Deed] = []

    def set(
        self,
        fault: Fault,
        path: PathMatch = None,
        *,
        method: str | None = None,
        after: int = 0,
        times: int | None = None,
        delay: float = 0.2,
        retry_after: int | None = 30,
        location: str = "https://login.example.invalid/",
    ) -> ActiveFault:
        """Add a fault and return it.

        path: None for every request; a glob (`/api/v3/movie/*`, `/Items[?]*ids=*`) that is matched
        against the path, and against the path with its query; or a predicate on the request.
        after: matching requests that still get through, so that a fault begins in mid-listing.
        times: how many matching requests are struck after that; None means all.
        """
        active = ActiveFault(
            fault,
            path,
            method=method,
            after=after,
            times=times,
            delay=delay,
            retry_after=retry_after,
            location=location,
        )
        self._active.append(active)
        return active

    def tamper(self, change: Tamper, path: PathMatch = None, *, after: int = 0) -> Tampering:
        """Change the answers to what matches, besides the first `after`; what a fault answers, too."""
        made = Tampering(change, path, after)
        self._tamperings.append(made)
        return made

    def in_the_middle(self, deed: Callable[[], Awaitable[None]], *, after: int) -> None:
        """Do this once, when `after` more requests were answered, before the next one is."""
        self._deeds.append(Deed(deed, after))

    def clear(self, active: ActiveFault | Tampering | None = None) -> None:
        """End one fault or tampering, or all; requests that hang on it go on to the right answer."""
        ended = [a for a in self._active if active is None or a is active]
        self._active = [a for a in self._active if a not in ended]
        self._tamperings = [t for t in self._tamperings if active is not None and t is not active]
        self._deeds = self._deeds if active is not None else []
        for each in ended:
            each.released.set()

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """The faults now set."""
        return tuple(self._active)

    async def answer(self, request: web.BaseRequest, proceed: Proceed) -> web.StreamResponse:
        """Answer the request: rightly (`proceed`), or as the faults that are due want it."""
        await self._do_deeds()
        answer = await self._answer(request, proceed)
        for tampering in tuple(self._tamperings):
            answer = tampering(request, answer)
        return answer

    async def _do_deeds(self) -> None:
        for deed in tuple(self._deeds):
            deed.after -= 1
            if deed.after < 0:
                self._deeds.remove(deed)
                await deed.do()

    async def _answer(self, request: web.BaseRequest, proceed: Proceed) -> web.StreamResponse:
        due = [a for a in self._active if a.due(request)]
        for active in (a for a in due if a.fault in (Fault.HANG, Fault.SLOW)):
            if not await _hold(active, request):
                return _dropped(request)
        striking = next((a for a in due if a.fault not in (Fault.HANG, Fault.SLOW)), None)
        if striking is None:
            return await proceed()
        if striking.fault is Fault.RESET:
            return _dropped(request)
        if (distort := _DISTORTIONS.get(striking.fault)) is not None:
            return await distort(request, await proceed())
        return self._instead(striking, request)

    def _instead(self, active: ActiveFault, request: web.BaseRequest) -> web.Response:
        """An answer that never reached the app's own code."""
        app = self._face.app_headers(request)
        match active.fault:
            case Fault.UNAUTHORIZED:
                return web.Response(status=401, headers=app)
            case Fault.NOT_FOUND_APP:
                return web.json_response({"message": "NotFound"}, status=404, headers=app)
            case Fault.RATE_LIMITED:
                wait = {} if active.retry_after is None else {"Retry-After": str(active.retry_after)}
                return web.Response(status=429, headers=wait, text="Too Many Requests")
            case Fault.ERROR:
                body = {"message": "database disk image is malformed", "description": "at Db.Query()"}
                return web.json_response(body, status=500, headers=app)
            case Fault.STARTING:
                return self._face.starting()
            case Fault.OTHER_APP:
                return web.json_response({"name": "Pantry", "version": "2.4.0", "ok": True})
            case _:
                return _of_a_proxy(active, request)


def _fits(path: PathMatch, request: web.BaseRequest) -> bool:
    if path is None:
        return True
    if isinstance(path, str):
        return fnmatchcase(request.path, path) or fnmatchcase(request.path_qs, path)
    return path(request)


def _of_a_proxy(active: ActiveFault, request: web.BaseRequest) -> web.Response:
    match active.fault:
        case Fault.FORBIDDEN:
            return _proxy_page(403, "Forbidden")
        case Fault.REDIRECT if request.path != LOGIN_PATH:
            return web.Response(status=302, headers={"Location": LOGIN_PATH})
        case Fault.REDIRECT_AWAY if request.path != LOGIN_PATH:
            return web.Response(status=302, headers={"Location": active.location})
        case Fault.HTML | Fault.REDIRECT | Fault.REDIRECT_AWAY:
            return login_page()
        case _:
            return _proxy_page(404, "Not Found")


def login_page() -> web.Response:
    """The page of a sign-in proxy: 200, HTML."""
    html = "<!doctype html><html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>"
    return web.Response(text=html, content_type="text/html")


def _proxy_page(status: int, reason: str) -> web.Response:
    html = f"<html><head><title>{status} {reason}</title></head><body><center>nginx</center></body></html>"
    return web.Response(status=status, text=html, content_type="text/html", headers={"Server": "nginx"})


def _dropped(request: web.BaseRequest) -> web.Response:
    """End the connection now. The returned answer goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _hold(active: ActiveFault, request: web.BaseRequest) -> bool:
    """Wait out a HANG or SLOW. False when nobody waits for the answer any more."""
    loop = asyncio.get_running_loop()
    until = loop.time() + active.delay if active.fault is Fault.SLOW else None
    while not active.released.is_set():
        if request.transport is None or request.transport.is_closing():
            return False
        left = _LOOK_EVERY if until is None else min(_LOOK_EVERY, until - loop.time())
        if left <= 0:
            break
        try:
            await asyncio.wait_for(active.released.wait(), left)
        except TimeoutError:
            continue
    return True


def _bytes_of(response: web.StreamResponse) -> bytes:
    body = response.body if isinstance(response, web.Response) else b""
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


async def _cut(request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    body = _bytes_of(response) or b'{"cut":'
    cut = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    cut.content_length = max(len(body), 2)
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut


def _like(response: web.StreamResponse, body: bytes) -> web.Response:
    """The same answer with another body."""
    headers = {k: v for k, v in response.headers.items() if k not in ("Content-Length", "Content-Encoding")}
    return web.Response(status=response.status, headers=headers, body=body)


async def _truncate(_request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    body = _bytes_of(response)
    return _like(response, body[: max(1, len(body) // 2)] if body else b'{"cut":')


async def _empty(_request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    """A list, or a page of one: nothing in it, every count beside it says so, and no page comes next."""
    match _decoded(response):
        case list():
            return _like(response, b"[]")
        case dict() as page if _holds_rows(page) or any(map(_holds_rows, page.values())):
            emptied = {name: _nothing(name, value) for name, value in page.items()}
            return _like(response, msgspec.json.encode(emptied))
        case _:
            return response


def _holds_rows(value: object) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(name), list) for name in _LISTS)


def _nothing(name: str, value: Any) -> Any:
    if name in _LISTS and isinstance(value, list):
        return []
    if name in _COUNTS and isinstance(value, int):
        return 0
    if name in _NEXT and isinstance(value, str):
        return None
    beside = _holds_rows(value) or name in _BESIDE
    return {each: _nothing(each, one) for each, one in value.items()} if beside else value


async def _misshape(_request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    wrong = b'{"unexpected":true}' if isinstance(_decoded(response), list) else b'["unexpected"]'
    return web.Response(body=wrong, content_type="application/json", headers=_marks(response))


def _marks(response: web.StreamResponse) -> dict[str, str]:
    return {k: v for k, v in response.headers.items() if k.startswith("X-")}


def _decoded(response: web.StreamResponse) -> Any:
    try:
        return msgspec.json.decode(_bytes_of(response))
    except msgspec.DecodeError:
        return None


_LISTS = frozenset({"Items", "List", "all", "items", "records", "results"})
_COUNTS = frozenset({"Total", "TotalRecordCount", "count", "results", "total", "totalRecords"})
_NEXT = frozenset({"link", "next"})
_BESIDE = frozenset({"meta", "pageInfo"})
_DISTORTIONS: Mapping[
    Fault, Callable[[web.BaseRequest, web.StreamResponse], Awaitable[web.StreamResponse]]
] = {
    Fault.CUT_JSON: _cut,
    Fault.TRUNCATED_JSON: _truncate,
    Fault.EMPTY: _empty,
    Fault.WRONG_SHAPE: _misshape,
}
