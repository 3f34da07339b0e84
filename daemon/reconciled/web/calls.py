"""One table of API calls, and how a call is answered.

A call's handler says by its annotations what it takes and what it answers: `Asked[Query, Body]`
and a struct. From the same annotations requests are decoded, answers written and the OpenAPI
document made, so that none of the three can drift from the others.
"""

import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta

from reconciled.ledger.views import DEFAULT_LIMIT, MAX_LIMIT, Listing
from reconciled.web.house import DETAIL, House, house_of
from reconciled.web.problems import Problem
from reconciled.web.sheets import as_csv, wants_csv


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters, no body."""


class AnyBody(msgspec.Struct, frozen=True):
    """Any body: the handler reads it itself."""


class Paged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every list takes."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT, description="the most items of one page")] = DEFAULT_LIMIT
    cursor: Annotated[str | None, Meta(description="`next` of the page before")] = None


QueryT = TypeVar("QueryT")
BodyT = TypeVar("BodyT")


@dataclass(frozen=True, slots=True)
class Asked(Generic[QueryT, BodyT]):
    """A request to a call, decoded."""

    house: House
    request: web.Request
    query: QueryT
    body: BodyT

    def path(self, name: str) -> str:
        """A part of the path by its name."""
        return self.request.match_info[name]

    def number(self, name: str, what: str) -> int:
        """A part of the path that is an id. Problem 404 when it is no number."""
        text = self.path(name)
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            raise Problem(404, f"there is no {what} {text!r}; its id is a number")
        return int(text)

    def answers_with(self, status: int) -> None:
        """Answer with another good status than the call's usual one."""
        self.request[STATUS] = status

    def note(self, detail: str) -> None:
        """Say more in the audit."""
        self.request[DETAIL] = detail


STATUS = web.RequestKey("status", int)
"""The status that a handler chose."""
CallHandler = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the table. `also` names the problems with what they mean, `good` other good statuses.

    `media` is what a body is sent as, `gives` what a handler that writes its answer itself may answer.
    """

    method: str
    path: str
    handler: CallHandler
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)
    good: Mapping[int, str] = field(default_factory=dict)
    media: str = "application/json"
    gives: tuple[str, ...] = ("text/event-stream",)

    @property
    def query(self) -> type[msgspec.Struct]:
        """The parameters."""
        return self._taken()[0]

    @property
    def body(self) -> type[msgspec.Struct]:
        """The body."""
        return self._taken()[1]

    @property
    def answers(self) -> Any:
        """The type of the answer."""
        return typing.get_type_hints(self.handler)["return"]

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return (self.handler.__doc__ or "").strip().splitlines()[0]

    def _taken(self) -> tuple[type[msgspec.Struct], type[msgspec.Struct]]:
        query, body = typing.get_args(typing.get_type_hints(self.handler)["asked"])
        return query, body

    def route(self) -> web.RouteDef:
        """The call for the router."""
        query_type, body_type = self._taken()

        async def respond(request: web.Request) -> web.StreamResponse:
            query = decode_query(request, query_type)
            body = await _decode_body(request, body_type)
            answer = await self.handler(Asked(house_of(request), request, query, body))
            if isinstance(answer, web.StreamResponse):
                return answer
            return _response(request, answer, request.get(STATUS, self.status))

        return web.route(self.method, self.path, respond)


def decode_query(request: web.Request, type_: type[QueryT], *, blank: bool = False) -> QueryT:
    """The parameters of a request; Problem 400 for what is unknown or wrong. `blank`: empty is none."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if blank and not value.strip():
            continue
        if name in given:
            raise Problem(400, f"the parameter {name!r} is given twice")
        given[name] = value
    try:
        return msgspec.convert(given, type_, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, f"the parameters are wrong: {error}") from error


async def _decode_body(request: web.Request, type_: type[BodyT]) -> BodyT:
    if type_ is AnyBody or request.method == "GET":
        return type_()
    content = await request.read()
    try:
        return msgspec.json.decode(content or b"{}", type=type_)
    except msgspec.ValidationError as error:
        raise Problem(400, f"the body is wrong: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, f"the body is no JSON: {error}") from error
    except RecursionError as error:
        raise Problem(400, "the body is nested too deeply") from error


def _response(request: web.Request, answer: Any, status: int) -> web.Response:
    if isinstance(answer, Listing) and wants_csv(request):
        return as_csv(request, answer)
    return web.Response(body=msgspec.json.encode(answer), status=status, content_type="application/json")
