"""Signing in: Paperless opens its event stream to a session only, never to a token.

The sign-in for apps takes name and password as JSON and hands out the session's key at once, which
then travels as the cookie. It ends after three weeks, or when an administrator ends it.
"""

import re

import msgspec

from reconciled.errors import BadResponse, Unauthorized, Unsupported
from reconciled.http import Stream
from reconciled_paperless.connection import Connection

_LOGIN, _STREAM = "/api/auth/headless/app/v1/auth/login", "/ws/status/"
_KEY = re.compile(r"[A-Za-z0-9]{8,256}")
_NOT_THERE = frozenset({302, 404, 405})
FOREVER = 365 * 86400.0
"""Paperless says nothing as long as nothing happens, so silence means nothing."""


class _Meta(msgspec.Struct, frozen=True):
    session_token: str

    def __repr__(self) -> str:
        return "_Meta(…)"


class _SignedIn(msgspec.Struct, frozen=True):
    meta: _Meta


class Session:
    """Our session, kept from one stream to the next."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._key: str | None = None

    async def stream(self) -> Stream:
        """The event stream, to be entered by `async with`. Signs in when there is no session."""
        if self._key is None:
            self._key = await self._sign_in()
        cookie = f"{self._connection.config.cookie_prefix}sessionid={self._key}"
        client = self._connection.bare(self._key)
        return client.stream(_STREAM, headers={"Cookie": cookie}, silence=FOREVER)

    def forget(self) -> bool:
        """The session was refused. True when there was one, so that signing in anew may help."""
        had, self._key = self._key is not None, None
        return had

    async def _sign_in(self) -> str:
        credentials = self._connection.credentials
        if credentials.password is None:
            raise Unsupported("Paperless opens its stream to user and password only, not to a token")
        body = {"username": credentials.user, "password": credentials.password.get_secret_value()}
        client = self._connection.bare()
        answer = await client.request("POST", _LOGIN, json=body, allow={400, 401, *_NOT_THERE})
        if answer.status in _NOT_THERE:
            raise Unsupported(f"{answer.where}: {answer.status}; this Paperless has no sign-in for apps")
        if answer.status in (400, 401):
            why = "user and password were refused" if answer.status == 400 else "a second factor is wanted"
            raise Unauthorized(
                f"{answer.where}: {answer.status}, {why}; use another user, or a token and no stream"
            )
        key = (await client.decode(_SignedIn, answer)).meta.session_token
        if not _KEY.fullmatch(key):
            raise BadResponse(f"{answer.where}: what came is no key of a session")
        return key
