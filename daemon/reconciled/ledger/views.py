"""Read models for the pages and the API: what stands in the ledger, as values ready to be shown.

Every function only reads, inside a transaction that its caller opened. Lists are paged by key:
an opaque cursor names the last row shown, so rows that come or go meanwhile shift nothing. This
module holds what the others share; `views_items`, `views_losses`, `views_holds`, `views_actions`
and `views_status` hold the views. All are `msgspec.Struct`s, named as the API names them.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

import msgspec

from reconciled.ledger.rows import stamp

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

T = TypeVar("T")


class Listing(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A page of a list; `next` is the cursor of the page after it, None on the last."""

    items: list[T]
    next: str | None = None


class BadCursor(ValueError):
    """The cursor was not made by this list."""


def cursor_of(last: int) -> str:
    """The cursor of a page that ends with this row."""
    return base64.urlsafe_b64encode(str(last).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    """The row that a cursor names. BadCursor."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        row = int(text)
    except (ValueError, binascii.Error) as error:
        raise BadCursor(
            "that is no cursor of this list; take `next` of its last page, or leave it out"
        ) from error
    if not 0 <= row < 2**63:
        raise BadCursor("that is no cursor of this list; take `next` of its last page, or leave it out")
    return row


def paged(rows: Sequence[T], limit: int, key: Callable[[T], int]) -> Listing[T]:
    """A page of rows of which one more than `limit` was asked for."""
    shown = list(rows[:limit])
    return Listing(items=shown, next=cursor_of(key(shown[-1])) if len(rows) > limit else None)


def like(text: str) -> str:
    """A pattern for `LIKE … ESCAPE '\\'` that finds the text anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def when(reckoned: float | None) -> str | None:
    """A reckoned time as people read times."""
    return None if reckoned is None else stamp(datetime.fromtimestamp(reckoned, UTC))


class Where:
    """Collects the conditions of a query: constant SQL with the values it takes."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: list[str | int] = []

    def add(self, sql: str, *values: str | int | None) -> None:
        """One more condition, unless a value of it was not given."""
        if all(value is not None for value in values):
            self._parts.append(sql)
            self.values += [value for value in values if value is not None]

    def __str__(self) -> str:
        return " AND ".join(self._parts) or "1"
