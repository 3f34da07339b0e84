"""Listings that look well and are not: pages that are short, that come again, or that count wrongly."""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from reconciled.testing.faults import Tamper

ROWS = ("Items", "List", "items", "records", "results")
"""Where the rows stand in a page."""


def short_from_here() -> Tamper:
    """Every page lacks the second half of its rows, and says of counts what it said."""

    def change(_request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        found = json_of(answer)
        rows, put = rows_of(found)
        return answer if not rows else like(answer, put(rows[: len(rows) // 2]))

    return change


def same_page() -> Tamper:
    """Every page of an address is the first one once more."""
    first: dict[str, Any] = {}

    def change(request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        found = json_of(answer)
        rows, put = rows_of(found)
        if not rows:
            return answer
        return like(answer, put(first.setdefault(request.path, rows)))

    return change


def more_than_there_are() -> Tamper:
    """Whatever the page counts is five more than there are."""

    def change(_request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        found = json_of(answer)
        rows, _ = rows_of(found)
        return like(answer, _counted(found)) if rows and isinstance(found, dict) else answer

    return change


def _counted(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: one + 5 if type(one) is int and _is_count(name) else _counted(one)
        for name, one in value.items()
    }


def _is_count(name: str) -> bool:
    return name.lower() in ("total", "count", "totalrecords", "totalrecordcount", "results")


def rows_of(found: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The rows of a page, and how another set of them is put there; no rows where it is no page."""
    if isinstance(found, list):
        return found, lambda rows: rows
    for name in ROWS if isinstance(found, dict) else ():
        if isinstance(found.get(name), list):
            return found[name], lambda rows, name=name: {**found, name: rows}
    if isinstance(found, dict) and isinstance(found.get("data"), dict):
        rows, put = rows_of(found["data"])
        return rows, lambda rows: {**found, "data": put(rows)}
    return [], lambda _rows: found


def json_of(answer: web.StreamResponse) -> Any:
    """The JSON of a good answer; None of any other."""
    if not isinstance(answer, web.Response) or answer.status != 200 or not isinstance(answer.body, bytes):
        return None
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def like(answer: web.StreamResponse, value: Any) -> web.Response:
    """The same answer with another body."""
    own = ("Content-Length", "Content-Encoding", "ETag")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return web.Response(status=answer.status, headers=headers, body=msgspec.json.encode(value))
