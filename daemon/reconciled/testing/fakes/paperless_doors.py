"""Who comes in at the fake Paperless-ngx, in which version of the API, and what is said at the door.

Its mark stands on every answer to a user that it knows, and on no other.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping
from email.utils import format_datetime
from typing import Any, TypeAlias

import msgspec
from aiohttp import web

from reconciled.testing.fakes.paperless_consuming import PaperlessConsuming
from reconciled.testing.fakes.paperless_model import User

LOGIN = "/api/auth/headless/app/v1/auth/login"
_OPEN = frozenset({"/api/token/", LOGIN})
_Handler: TypeAlias = Callable[[web.Request, User], Awaitable[web.StreamResponse]]


class PaperlessDoors(PaperlessConsuming):
    """The fake's doors. `api_versions` are those it takes; the last is its default."""

    def who(self, request: web.BaseRequest) -> User | None:
        """The user of the request's token, password or session."""
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Token":
            return next((one for one in self.state.users.values() if one.token == rest), None)
        if scheme == "Basic":
            name, _, password = base64.b64decode(rest).decode(errors="replace").partition(":")
            return self.known(name, password)
        return self.of_session(request)

    def known(self, name: str, password: str) -> User | None:
        """The user of that name and password, unless a second factor is wanted."""
        return next(
            (
                one
                for one in self.state.users.values()
                if (one.name, one.password) == (name, password) and not one.second_factor
            ),
            None,
        )

    def version_asked(self, request: web.BaseRequest) -> str | None:
        """The API version; None for one that it does not have."""
        _, said, version = request.headers.get("Accept", "").partition("version=")
        wanted = version.strip() if said else self.api_versions[-1]
        return wanted if wanted in self.api_versions else None

    def admit(self, request: web.Request) -> web.Response | None:
        """A version that it has, and a user that it knows."""
        path = request.path.removeprefix(self.url_base)
        if not path.startswith("/api/") or path in _OPEN:
            return None
        if self.version_asked(request) is None:
            return refusal(406, 'Invalid version in "Accept" header.')
        if self.who(request) is None:
            return refusal(401, "Invalid token.")
        return None

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """Its mark, for a user that it knows; and its clock."""
        path = request.path.removeprefix(self.url_base)
        date = {"Date": format_datetime(self.now(), usegmt=True)}
        if not path.startswith("/api/") or path in _OPEN or self.stopped_by_proxy(request):
            return date
        if self.version_asked(request) is None or self.who(request) is None:
            return date
        return {**date, "X-Api-Version": self.api_versions[-1], "X-Version": self.version}

    def stopped_by_proxy(self, request: web.BaseRequest) -> bool:
        """Whether the request is larger than what the proxy in front lets through."""
        return self.largest is not None and (request.content_length or 0) > self.largest

    def unmatched(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Anything else is a page of the frontend, and that wants a sign-in."""
        return web.Response(status=302, headers={"Location": f"{self.url_base}/accounts/login/"})

    def starting(self) -> web.Response:
        """What the proxy in its container says."""
        return web.Response(status=503, text="starting")

    def needs(self, right: str, handler: _Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            user = self.who(request)
            if user is None or (right and not user.may(right)):
                return refusal(403, "You do not have permission to perform this action.")
            return await handler(request, user)

        return handle


async def body_of(request: web.Request) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def json_of(value: Any, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


def refusal(status: int, said: str) -> web.Response:
    return json_of({"detail": said}, status=status)


def no_match() -> web.Response:
    """What a hidden and a deleted document have in common."""
    return refusal(404, "No Document matches the given query.")


def forbidden() -> web.Response:
    """In plain text that calls itself HTML."""
    return web.Response(status=403, text="Insufficient permissions", content_type="text/html")
