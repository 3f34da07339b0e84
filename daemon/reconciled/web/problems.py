"""Errors as RFC 9457 `application/problem+json`, or as a page where a person asked.

Handlers raise `Problem`; everything else that goes wrong is turned into one here. A crash says
no more than that it happened: the traceback is in the log. The log names the path of a request,
never its query, which may hold a secret.
"""

import logging
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from reconciled.engine.outbox.answers import NoSuchDecision, NotAsShown
from reconciled.engine.outbox.by_hand import CannotAct, NoSuchItem
from reconciled.engine.outbox.undo import NoSuchAction
from reconciled.engine.outbox.undo import NoSuchDecision as NeverDecided
from reconciled.engine.registering import NoShelf
from reconciled.engine.release import NoSuchHold
from reconciled.engine.runs import AlreadyRunning, NoSuchSource
from reconciled.engine.said import CannotLink, NoSuchFinding, NotFrozen
from reconciled.ledger.migrate import LedgerTrouble
from reconciled.ledger.views import BadCursor
from reconciled.web.render import page as render_page
from reconciled.web.render import wants_page

RETRY_LATER = {"Retry-After": "60"}
_LOG = logging.getLogger(__name__)


class Problem(Exception):
    """An answer that is an error: its status, one sentence with the remedy, and more members if any."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        title = HTTPStatus(self.status).phrase
        return {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }


def no_such(what: str, name: object) -> Problem:
    """404 for a thing by name."""
    return Problem(404, f"there is no {what} {name}")


def answer(request: web.Request, problem: Problem) -> web.Response:
    """The problem as a document, or as a page for a browser that asked for one."""
    if wants_page(request):
        return render_page(
            request, "error.html", status=problem.status, headers=problem.headers, problem=problem.body()
        )
    return web.Response(
        body=msgspec.json.encode(problem.body()),
        status=problem.status,
        headers=problem.headers,
        content_type="application/problem+json",
    )


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem."""
    try:
        return await handler(request)
    except Problem as problem:
        return answer(request, problem)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {name: value for name, value in error.headers.items() if name == "Allow"}
        return answer(request, Problem(error.status, _sentence(error), headers=headers))
    except Exception as error:  # noqa: BLE001  # one request failing is that request's failure
        if request.transport is None and isinstance(error, OSError):
            _LOG.debug("%s %s: the client hung up", request.method, request.path)
            return answer(request, Problem(400, "the connection was cut off"))
        return answer(request, _of(error, request))


def _of(error: Exception, request: web.Request) -> Problem:
    match error:
        case BadCursor():
            return Problem(400, str(error))
        case (
            NoSuchSource()
            | NoShelf()
            | NoSuchHold()
            | NoSuchDecision()
            | NoSuchFinding()
            | NoSuchItem()
            | NoSuchAction()
            | NeverDecided()
        ):
            return Problem(404, str(error))
        case NotAsShown() | CannotAct() | CannotLink() | NotFrozen():
            return Problem(409, str(error))
        case web.RequestPayloadError():
            request.content.feed_eof()  # nothing more of it can be read, also not by the server
            return Problem(400, "the body cannot be read: it is not encoded as its headers say")
        case AlreadyRunning():
            return Problem(409, str(error), id=error.run)
        case sqlite3.Error() | LedgerTrouble():
            _LOG.error("%s %s: the ledger failed: %s", request.method, request.path, error)
            return Problem(503, "the ledger cannot be used just now; the log says why", headers=RETRY_LATER)
    _LOG.error("%s %s crashed", request.method, request.path, exc_info=error)
    return Problem(500, f"this crashed ({type(error).__name__}); the log has the traceback")


def _sentence(error: web.HTTPException) -> str:
    match error:
        case web.HTTPNotFound():
            return "there is nothing under this address"
        case web.HTTPMethodNotAllowed():
            return f"{error.method} is not possible here; {', '.join(sorted(error.allowed_methods))} is"
        case web.HTTPRequestEntityTooLarge():
            return "the body is too large; it may have 1 MiB"
    return error.reason
