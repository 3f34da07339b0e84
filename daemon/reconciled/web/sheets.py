"""Lists as CSV, for `Accept: text/csv`.

A column is a member of the items; what is itself a list or an object is JSON in its cell. Text
that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`) gets an apostrophe
in front, as titles are whatever somebody named a file. The next page is a `Link` header.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from reconciled.ledger.views import Listing

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(request: web.Request) -> bool:
    """Whether the client accepts CSV and did not name JSON before it."""
    accepted = [
        part.partition(";")[0].strip() for part in request.headers.get("Accept", "").lower().split(",")
    ]
    if "text/csv" not in accepted:
        return False
    return "application/json" not in accepted or accepted.index("text/csv") < accepted.index(
        "application/json"
    )


def as_csv(request: web.Request, listing: Listing[Any]) -> web.Response:
    """The page of the list as a table with a header line."""
    rows: list[dict[str, Any]] = [msgspec.to_builtins(item) for item in listing.items]
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    headers = {}
    if listing.next is not None:
        following = request.rel_url.update_query(cursor=listing.next)
        headers["Link"] = f'<{following}>; rel="next"'
    return web.Response(text=text.getvalue(), headers=headers, content_type="text/csv", charset="utf-8")


def as_row(values: Iterable[Any]) -> str:
    """One line of a table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_cell(value) for value in values])
    return text.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case dict() | list():
            return msgspec.json.encode(value).decode()
    return str(value)
