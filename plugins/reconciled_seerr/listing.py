"""Seerr's two lists, and what they prove.

Both are sorted by number, newest first (server/routes/request.ts and media.ts of seerr-team/seerr),
and numbers are never used twice. So a part of a list that shows the numbers on both sides of a
wanted one, and not that one, is Seerr's own no about this very item, with a yes on each side. There
is nothing better to ask: a medium has no address of its own, and the address of a request answers
"not found" also when the database failed.

For the same reason a walk misses nothing: each part begins with the last row of the part before.
"""

from bisect import bisect_left
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any, Generic

from reconciled.errors import BadResponse
from reconciled_seerr.connection import Connection
from reconciled_seerr.payloads import Listing, RowT

PAGE = 250
WINDOW = 50
_STEPS = 40
_BACK = 20


class Rows(Generic[RowT]):
    """One of the lists: `row` is what stands in it."""

    def __init__(self, connection: Connection, path: str, row: type[RowT]) -> None:
        self._connection = connection
        self._path = path
        self._kind: Any = Listing[row]  # type: ignore[valid-type]
        self._known: list[int] = []

    async def walk(self) -> AsyncIterator[tuple[list[RowT], int]]:
        """All rows, in parts, each with how many there are in all."""
        known: list[int] = []
        skip = back = 0
        while True:
            rows, total = await self._part(skip, PAGE)
            if known and skip and (not rows or rows[0].id < known[-1]):  # some before us went: a gap
                back += 1
                if back > _BACK:
                    raise BadResponse(f"{self._where}: rows go faster than they can be read")
                skip = max(0, skip - PAGE // 2)
                continue
            fresh = [row for row in rows if not known or row.id < known[-1]]
            known += [row.id for row in fresh]
            yield fresh, total
            if skip + len(rows) >= total:
                break
            skip += len(rows) - 1
        self._known = known

    async def find(self, number: int) -> RowT | None:
        """The row of that number; None when the list shows what stands on both sides, and not it."""
        low, high = 0, None
        skip = self._guess(number)
        for _ in range(_STEPS):
            rows, total = await self._part(skip, WINDOW)
            for row in rows:
                if row.id == number:
                    return row
            if not rows:
                if total == 0:
                    return None
                high, skip = total, max(0, total - WINDOW)
                low = min(low, skip)
                continue
            if number > rows[0].id:
                if skip == 0:
                    return None
                high = skip
                low = min(low, skip - 1)
            elif number < rows[-1].id:
                if skip + len(rows) >= total:
                    return None
                low = skip + len(rows)
                high = total if high is None or high <= low else high
            else:
                return None
            middle = (low + high) // 2 - WINDOW // 2
            skip = max(0, low - 1) if high - low <= WINDOW - 2 else max(0, middle)
        raise BadResponse(f"{self._where}: the list changes faster than {number} can be looked for in it")

    def _guess(self, number: int) -> int:
        """Where it stood when all was read; 0, the newest, when nothing was."""
        return max(0, bisect_left(self._known, -number, key=lambda one: -one) - WINDOW // 2)

    async def _part(self, skip: int, take: int) -> tuple[list[RowT], int]:
        """Rows and their number in all. BadResponse when they are not sorted, or fewer than there are."""
        listing = await self._connection.read(self._kind, self._path, params={"take": take, "skip": skip})
        rows: list[RowT] = listing.results
        total: int = listing.page_info.results
        if any(later.id >= row.id for row, later in pairwise(rows)):
            raise BadResponse(f"{self._where}: not sorted by number, newest first; is it Seerr?")
        if len(rows) != max(0, min(take, total - skip)):
            raise BadResponse(f"{self._where}: {len(rows)} rows from {skip} on, of {total}: cut short")
        return rows, total

    @property
    def _where(self) -> str:
        return f"GET {self._connection.config.url}{self._path}"
