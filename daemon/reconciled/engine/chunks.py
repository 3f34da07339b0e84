"""Writing many rows in transactions of about 20 ms, so that waiting webhooks commit in between.

One row that cannot be written is that row's failure: it is found by writing one by one, handed to
its caller, and the rest goes on. Trouble of the ledger itself (a full disk) is nobody's row.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from reconciled.ledger.connection import Ledger, Tx

RowT = TypeVar("RowT")
ResultT = TypeVar("ResultT")

SECONDS = 0.02
FIRST, MOST = 32, 512


async def in_chunks(
    ledger: Ledger,
    rows: Sequence[RowT],
    write: Callable[[Tx, Sequence[RowT]], ResultT],
    *,
    odd: Callable[[RowT, Exception], None],
) -> list[ResultT]:
    """Call `write` with one chunk after another; the time of one decides the size of the next.

    `odd` hears of each row that raised when it was alone in its chunk; nothing of it was written.
    """
    results, at, size = list[ResultT](), 0, FIRST
    while at < len(rows):
        began = time.perf_counter()
        chunk = rows[at : at + size]
        try:
            results.append(await ledger.write(write, chunk))
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - a defect of ours; `odd` logs it
            if len(chunk) > 1:
                size = 1
                continue
            odd(chunk[0], error)
        at += len(chunk)
        slow = time.perf_counter() - began > SECONDS
        size = max(1, size // 2) if slow else min(MOST, size * 2)
    return results
