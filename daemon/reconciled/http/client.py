"""A client bound to one app: asks, tries a safe question once more, judges the answer.

What comes back from `request` is a whole answer that the app itself may have given: 2xx with
JSON, or a status that the caller allowed. Everything else is an exception. There is one second
try, of GET and HEAD, when the connection failed or a proxy did not get through (502, 504); all
longer patience is the source's health, which stands above. Files travel by `download` and
`send_form`, bounded in silence rather than in time.
"""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Literal, TypeAlias, TypeVar

import aiohttp
import msgspec
from yarl import URL

from reconciled import __version__
from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.http.answer import Response, trouble_of
from reconciled.http.decoding import LARGE, decode
from reconciled.http.failure import failure_of, shown
from reconciled.http.forms import FormFile, send_form
from reconciled.http.redaction import Redaction
from reconciled.http.redirect import MOST_HOPS, ONCE_MORE, SAFE, redirected, too_many
from reconciled.http.stream import Opening, Stream
from reconciled.http.transfer import Download, Terms, download
from reconciled.http.wire import Ask, Wire

T = TypeVar("T")
Value: TypeAlias = "str | int | bool | Sequence[str | int] | None"
Params: TypeAlias = Mapping[str, Value]
"""A query: None leaves a name out, a sequence repeats it, a bool is `true` or `false`."""

_AS_IT_IS = {"Accept": "*/*", "Accept-Encoding": "identity"}
_log = logging.getLogger(__name__)


class Client:
    """Asks one app. Made by `Http.at`; holds no connection of its own."""

    def __init__(
        self, wire: Wire, base_url: str, *, headers: Mapping[str, str], secrets: Iterable[str], timeout: float
    ) -> None:
        url = URL(base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("an app's url begins with http:// or https:// and names a host")
        self._wire = wire
        self._base = url.with_user(None).with_query(None).with_fragment(None)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": f"reconciled/{__version__}",
            **headers,
        }
        hidden = [*secrets]
        if url.user is not None:
            basic = b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
            if any(name.lower() == "authorization" for name in headers):
                raise ValueError(
                    "this app's key needs the Authorization header; take the user out of the url"
                )
            self._headers["Authorization"] = f"Basic {basic}"
            hidden += [url.password or "", basic]
        self.redact = Redaction(hidden)
        self._timeout = timeout

    def __repr__(self) -> str:
        """Names the app's address, without user or password."""
        return self.redact(f"Client({self._base})")

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        allow: Collection[int] = (),
        timeout: float | None = None,
        expect: Literal["json", "any"] = "json",
    ) -> Response:
        """Ask; `path` begins with a slash and is below the app's base path, not yet quoted.

        `allow` are statuses beyond 2xx that the caller understands; their content type is not
        looked at. `expect="any"` takes a 2xx of any content type. Raises a `SourceError`.
        """
        ask = self._ask(method.upper(), path, params=params, json=json, timeout=timeout)
        async with self._wire.turn():
            answer = await self._follow(ask, path, allow=allow)
        return self._judged(answer, allow=allow, expect=expect)

    def download(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
        html_allowed: bool = False,
        timeout: float | None = None,
    ) -> AbstractAsyncContextManager[Download]:
        """Ask for a file; its bytes come by `Download.chunks`, as they are and of any number.

        `timeout` is for silence: so many seconds without a byte. `headers` (a `Range`) come beside the
        client's own, `allow` is as for `request`. A page for a browser is BadResponse unless it is
        `html_allowed`, for a file that is one. It holds a place among the files that travel until it is
        closed. Raises a `SourceError`, out of `chunks` too: Unreachable when the bytes break off.
        """
        ask = self._ask("GET", path, params=params, json=None, timeout=timeout)
        ask = replace(ask, headers={**ask.headers, **_AS_IT_IS, **(headers or {})})
        return download(self._wire, ask, Terms(path, allow, html_allowed, self.redact))

    async def send_form(
        self,
        path: str,
        *,
        fields: Sequence[tuple[str, str]],
        file: FormFile,
        allow: Collection[int] = (),
        timeout: float | None = None,
        expect: Literal["json", "any"] = "json",
    ) -> Response:
        """POST a form with a file, streamed from the disk; sent once, whatever happens.

        `timeout` is for silence: so many seconds in which nothing of the file is taken, or no answer comes
        after its last byte. Raises a `SourceError`; Unreachable leaves open whether the app took it.
        OSError when the file cannot be read, or changes meanwhile: then the app got no whole request.
        """
        ask = self._ask("POST", path, params=None, json=None, timeout=timeout)
        ask = replace(ask, headers={**ask.headers, "Accept-Encoding": "identity"})
        answer = await send_form(self._wire, ask, fields=fields, file=file, redact=self.redact)
        if 300 <= answer.status < 400 and answer.status not in allow:
            try:
                redirected(ask, answer.status, None, path=path)
            except BadResponse as error:
                raise self._shown(error) from None
        return self._judged(answer, allow=allow, expect=expect)

    def stream(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        silence: float = 60.0,
    ) -> Stream:
        """A websocket at `path`, opened by `async with`. Nothing said for `silence` seconds ends it.

        `headers` come beside the client's own. Its end, whatever the cause, is a `SourceError`.
        """
        ask = self._ask("GET", path, params=params, json=None, timeout=None)
        where = ask.where.removeprefix("GET ")
        own = {name: value for name, value in ask.headers.items() if not name.startswith("Accept")}
        return Stream(
            self._wire, Opening(ask.url, where, {**own, **(headers or {})}, ask.timeout, silence, self.redact)
        )

    async def decode(self, kind: type[T], response: Response) -> T:
        """The body as a `kind` (a msgspec struct, or a list of them); BadResponse when it is none.

        A large body is read in a thread, in pieces, so that the loop goes on.
        """
        if not response.body:
            raise BadResponse(f"{response.where}: an empty answer")
        try:
            if len(response.body) > LARGE:
                return await asyncio.to_thread(decode, kind, response.body)
            return decode(kind, response.body)
        except msgspec.ValidationError as error:
            text = f"{response.where}: not what this app sends: {error}"
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            text = f"{response.where}: no whole JSON: {error}"
        raise BadResponse(self.redact(text))

    def _ask(
        self, method: str, path: str, *, params: Params | None, json: object, timeout: float | None
    ) -> Ask:
        if any(part in (".", "..") for part in path.split("/")):
            raise Unsupported(f"{path[:100]!r} is no path; an id that climbs out of it names something else")
        url = self._base.with_path(self._base.path.rstrip("/") + path)
        where = self.redact(f"{method} {url.human_repr()}")
        headers, body = self._headers, None
        if json is not None:
            headers, body = {**headers, "Content-Type": "application/json"}, msgspec.json.encode(json)
        if query := list(_pairs(params or {})):
            url = url.with_query(query)
        return Ask(method, url, where, timeout or self._timeout, headers, body)

    def _judged(
        self, answer: Response, *, allow: Collection[int], expect: Literal["json", "any"]
    ) -> Response:
        """The answer, when it is one of use."""
        if answer.status in allow:
            return answer
        if not 200 <= answer.status < 300:
            raise self._shown(trouble_of(answer, now=self._wire.clock.now(), redact=self.redact))
        if expect == "json" and answer.body and not answer.is_json:
            raise self._shown(_wrong_type(answer))
        return answer

    async def _follow(self, ask: Ask, path: str, *, allow: Collection[int]) -> Response:
        for _ in range(MOST_HOPS + 1):
            answer = await self._send(ask)
            if not 300 <= answer.status < 400 or answer.status in allow:
                return answer
            try:
                ask = redirected(ask, answer.status, answer.headers.get("location"), path=path)
            except BadResponse as error:
                raise self._shown(error) from None
        raise too_many(ask)

    async def _send(self, ask: Ask) -> Response:
        try:
            answer = await self._try(ask, more=ask.method in SAFE)
            return answer or await self._wire.send(ask)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._shown(failure_of(error, where=ask.where, timeout=ask.timeout)) from None

    async def _try(self, ask: Ask, *, more: bool) -> Response | None:
        """The answer; None when it is worth a second try. A timeout is not: the app has enough to do."""
        try:
            answer = await self._wire.send(ask)
        except aiohttp.ClientConnectionError as error:
            if not more or isinstance(error, TimeoutError):
                raise
            _log.debug("%s: the connection failed, trying once more", ask.where)
            return None
        return None if more and answer.status in ONCE_MORE else answer

    def _shown(self, error: SourceError) -> SourceError:
        """The same error with a message that people may see."""
        return shown(error, self.redact)


def _pairs(params: Params) -> Iterable[tuple[str, str]]:
    for name, value in params.items():
        match value:
            case None:
                continue
            case bool():
                yield name, "true" if value else "false"
            case str() | int():
                yield name, str(value)
            case _:
                yield from ((name, str(one)) for one in value)


def _wrong_type(answer: Response) -> BadResponse:
    if answer.is_html:
        kind = "an HTML page instead of JSON; wrong base path, or a login page in front?"
    else:
        kind = f"{answer.media_type or 'something without a content type'} instead of JSON"
    return BadResponse(f"{answer.where}: {kind}")
