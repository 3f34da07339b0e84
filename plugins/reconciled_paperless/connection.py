"""A Paperless-ngx at the other end of a client: its mark on every answer, and the right to ask it.

The mark is the header `X-Version`: Paperless puts it on whatever it answers to a user it knows, so
it says which program answers and that our credentials were taken. An answer without it is a proxy's
or another app's and means nothing, whatever its status.

Asked is in API version 9, the one that 2.20 and 3.x have in common and the last with `all` in its
lists; where that is gone, in 10. A user and password are exchanged for the user's token, once:
Paperless checks a password with half a second of work, and allows five exchanges a minute.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, TypeVar

import msgspec

from reconciled.clock import Clock
from reconciled.errors import BadResponse, Refused, SourceError, Unauthorized
from reconciled.http import Client, Download, FormFile, Http, Params, Response
from reconciled.http.answer import saying
from reconciled_paperless.config import PaperlessConfig
from reconciled_paperless.payloads import Detail

T = TypeVar("T")

MARK = "x-version"
TOGETHER, NEWEST = "9", "10"
RENEWED_AT_MOST = 60.0
"""Seconds between two exchanges of the password, whatever the app says of the token."""

_WRONG_VERSION = "Invalid version"
_TOKEN = re.compile(r"[A-Za-z0-9._-]{8,256}")
_CONSIDERED = frozenset({400, 409, 415, 422})
_SAID = _CONSIDERED | {401, 403, 406}
_TOO_LARGE = 413


class _Exchanged(msgspec.Struct, frozen=True):
    token: str

    def __repr__(self) -> str:
        return "_Exchanged(…)"


class _NotExchanged(msgspec.Struct, frozen=True):
    non_field_errors: tuple[str, ...] = ()


class Connection:
    """Asks one Paperless. `program` is the version that answered last, `told_at` when by its own clock.

    Both are None before the first answer.
    """

    def __init__(self, config: PaperlessConfig, http: Http, clock: Clock) -> None:
        self.config = config
        self.credentials = config.credentials
        self.program: str | None = None
        self.told_at: datetime | None = None
        self._http = http
        self._clock = clock
        self._api = TOGETHER
        self._token = config.token.get_secret_value() if config.token is not None else None
        self._clients: dict[str, Client] = {}
        self._also_hidden: frozenset[str] = frozenset()
        self._reader = self.bare()
        self._exchanged_at = float("-inf")
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        """The program with its version, for sentences."""
        return f"Paperless-ngx {self.program}" if self.program else "Paperless-ngx"

    @property
    def major(self) -> int:
        """The first number of the version; 0 as long as nobody answered."""
        first = (self.program or "").partition(".")[0]
        return int(first) if first.isascii() and first.isdigit() else 0

    @property
    def lists_all(self) -> bool:
        """Whether its lists carry the ids of every match."""
        return self._api == TOGETHER

    def bare(self, *secrets: str) -> Client:
        """A client without credentials, for signing in. It masks ours, and these secrets."""
        hidden = (*self.credentials.secrets, *self._also_hidden, *secrets)
        return self._http.at(self.config.url, secrets=hidden, timeout=self.config.timeout)

    def hide(self, secret: str | None) -> None:
        """From now on this stands in no message either."""
        if secret and secret not in self._also_hidden:
            self._also_hidden |= {secret}
            self._clients.clear()
            self._reader = self.bare(*((self._token,) if self._token else ()))

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        params: Params | None = None,
        json: object = None,
        allow: Collection[int] = (),
        newest: bool = False,
        expect: Literal["json", "any"] = "json",
    ) -> Response:
        """An answer of Paperless itself: 2xx, or an allowed status. `newest`: in API 10 if it has that.

        Its considered no is `Refused`, a 401 or 403 `Unauthorized`. BadResponse without the mark.
        """
        timeout = None if method == "GET" else self.config.act_timeout

        async def once(client: Client) -> Response:
            return await client.request(
                method,
                path,
                params=params,
                json=json,
                allow=_SAID.union(allow),
                timeout=timeout,
                expect=expect,
            )

        return self._judged(await self._asked(once, newest=newest), allow)

    async def send(
        self, path: str, *, fields: Sequence[tuple[str, str]], file: FormFile, allow: Collection[int] = ()
    ) -> Response:
        """Send a file. A form that was answered by a 401 was not taken, so it is sent again with a new token.

        A 413 is a proxy's, which knows no mark; it is `Refused`.
        """

        async def once(client: Client) -> Response:
            return await client.send_form(
                path,
                fields=fields,
                file=file,
                allow=_SAID.union(allow, {_TOO_LARGE}),
                timeout=self.config.act_timeout,
                expect="any",
            )

        answer = await self._asked(once)
        if answer.status == _TOO_LARGE:
            said = (
                "a file too large for the proxy in front of Paperless; raise its limit there "
                "(nginx: client_max_body_size), or set max_size"
            )
            raise self.error(Refused, answer, said)
        return self._judged(answer, allow)

    @asynccontextmanager
    async def download(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
        html_allowed: bool = False,
    ) -> AsyncIterator[Download]:
        """A file of Paperless itself, to be read; or an allowed status, whose body is nobody's business."""
        known = _SAID.union(allow)
        for last in (False, True):
            client, token = await self._client(self._api)
            opening = client.download(
                path, params=params, headers=headers, allow=known, html_allowed=html_allowed
            )
            async with opening as answer:
                if answer.status == 401 and not last and self._renews(token):
                    continue
                if answer.status in known or MARK not in answer.headers:
                    body = await answer.body() if answer.status in known else b""
                    self._judged(Response(answer.status, answer.headers, body, answer.where), allow)
                yield answer
                return

    async def decode(self, kind: type[T], answer: Response) -> T:
        """The body as a `kind`; BadResponse when it is none."""
        return await self._reader.decode(kind, answer)

    async def read(self, kind: type[T], path: str, *, params: Params | None = None) -> T:
        """A GET whose answer is a `kind`."""
        return await self.decode(kind, await self.ask(path, params=params))

    def error(self, kind: type[SourceError], answer: Response, said: str) -> SourceError:
        """An error about an answer, with what the app says in it; no secret stands there."""
        return kind(
            self._reader.redact(
                f"{answer.where}: {answer.status}, {said}{saying(answer, self._reader.redact)}"
            )
        )

    async def _asked(
        self, once: Callable[[Client], Awaitable[Response]], *, newest: bool = False
    ) -> Response:
        """An answer that is not about our token or the version of the API, as far as that can be helped."""
        api = NEWEST if newest and self.major >= 3 else self._api
        for _ in range(3):
            client, token = await self._client(api)
            answer = await once(client)
            if answer.status == 406 and api == TOGETHER and _WRONG_VERSION in detail_of(answer):
                self._api = api = NEWEST
            elif answer.status != 401 or not self._renews(token):
                break
        return answer

    def _judged(self, answer: Response, allow: Collection[int]) -> Response:
        if answer.status == 401 or (answer.status == 403 and MARK not in answer.headers):
            said = "our credentials were refused; check the token, or user and password, of this source"
            raise self.error(Unauthorized, answer, said)
        if MARK not in answer.headers and answer.status != 406:
            said = "without Paperless' mark, the header X-Version: another app, or does a proxy drop headers?"
            raise self.error(BadResponse, answer, said)
        if answer.status == 406:
            raise self.error(BadResponse, answer, f"it speaks neither API version {TOGETHER} nor {NEWEST}")
        self.program, self.told_at = answer.headers[MARK], _moment(answer) or self.told_at
        if 200 <= answer.status < 300 or answer.status in allow:
            return answer
        if answer.status == 403:
            raise self.error(
                Unauthorized, answer, "our user there lacks a right; give it the one to view this"
            )
        raise self.error(Refused, answer, "Paperless refused")

    async def _client(self, api: str) -> tuple[Client, str]:
        """A client for that API version, and the token that it carries."""
        async with self._turn:
            if self._token is None:
                self._token = await self._exchange()
                self._clients.clear()
                self._reader = self.bare(self._token)
            token = self._token
            if api not in self._clients:
                self._clients[api] = self._http.at(
                    self.config.url,
                    headers={"Accept": f"application/json; version={api}", "Authorization": f"Token {token}"},
                    secrets=(token, *self.credentials.secrets, *self._also_hidden),
                    timeout=self.config.timeout,
                )
            return self._clients[api], token

    def _renews(self, token: str) -> bool:
        """Whether asking once more with another token makes sense: this one was refused."""
        if self._token != token:
            return True
        if not self.credentials.can_sign_in:
            return False
        if self._clock.monotonic() - self._exchanged_at < RENEWED_AT_MOST:
            return False
        self._token = None
        return True

    async def _exchange(self) -> str:
        """The user's token, for name and password. Unauthorized when they are wrong."""
        password = self.credentials.password
        body = {"username": self.credentials.user, "password": password and password.get_secret_value()}
        answer = await self.bare().request("POST", "/api/token/", json=body, allow=(400,))
        self._exchanged_at = self._clock.monotonic()
        if answer.status == 400:
            refusal = await self.decode(_NotExchanged, answer)
            said = "; ".join(refusal.non_field_errors)[:200] or "no reason given"
            raise Unauthorized(
                self._reader.redact(
                    f"{answer.where}: user and password were refused ({said}); a user with a second factor "
                    "needs a token"
                )
            )
        token = (await self.decode(_Exchanged, answer)).token
        if not _TOKEN.fullmatch(token):
            raise BadResponse(f"{answer.where}: what came is no token of Paperless")
        return token


def detail_of(answer: Response) -> str:
    """What Django REST framework says of a failure; empty when it says nothing of the kind."""
    try:
        return msgspec.json.decode(answer.body, type=Detail).detail
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _moment(answer: Response) -> datetime | None:
    """When the app sent the answer, by its own clock; None when it does not say."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
