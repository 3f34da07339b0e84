"""Writing many rows in transactions of about 20 ms, so that waiting webhooks commit in between."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from reconciled.ledger.connection import Ledger, Tx

RowT = TypeVar("RowT")
ResultT = TypeVar("ResultT")

SECONDS = 0.02
FIRST, MOST = 32, 512


async def in_chunks(
    ledger: Ledger, rows: Sequence[RowT], write: Callable[[Tx, Sequence[RowT]], ResultT]
) -> list[ResultT]:
    """Call `write` with one chunk after another, each a transaction; its time decides the next one's size."""
    results, at, size = list[ResultT](), 0, FIRST
    while at < len(rows):
        began = time.perf_counter()
        results.append(await ledger.write(write, rows[at : at + size]))
        at += size
        slow = time.perf_counter() - began > SECONDS
        size = max(1, size // 2) if slow else min(MOST, size * 2)
    return results
