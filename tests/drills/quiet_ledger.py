"""A ledger without threads, for tests that take thousands of steps: the same SQL, in the loop's own turn.

Each call still gives way to the other tasks once, so that whatever may come between two transactions
can, but always in the same order: what such a test found once it finds again. SQLite's `random()` is
drawn from a seed, unless a test has no need of that.
"""

import asyncio
import random
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from reconciled.ledger.connection import Ledger, Tx

P = ParamSpec("P")
T = TypeVar("T")


class Here(Executor):
    """Runs what it is given at once, where it is given."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """The end of the call, which is over."""
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever awaits it gets it
            done.set_exception(error)
        return done


class QuietLedger(Ledger):
    """Runs everything where it is called."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writing = self._reading = Here()  # type: ignore[assignment]
        self._chance: random.Random | None = random.Random(7)
        self._seeded: set[int] = set()

    def any_chance(self) -> None:
        """SQLite draws for itself, which is faster."""
        self._chance = None

    async def read(self, work: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(tx, …)`, here and now."""
        await asyncio.sleep(0)
        return self._read(lambda tx: self._by_seed(work, tx, *args, **kwargs))

    async def _on_writer(self, work: Callable[[Tx], T], durable: bool) -> T:
        del durable  # nothing here outlives the test
        await asyncio.sleep(0)
        return self._write(lambda tx: self._by_seed(work, tx), False)

    def _by_seed(self, work: Callable[Concatenate[Tx, P], T], tx: Tx, *args: P.args, **kwargs: P.kwargs) -> T:
        chance = self._chance
        if chance is not None and id(tx) not in self._seeded:
            tx.create_function("random", 0, lambda: chance.getrandbits(62))
            self._seeded.add(id(tx))
        return work(tx, *args, **kwargs)


def quiet_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder in memory, where the box has such a place."""
    memory = Path("/dev/shm")
    here: Any = {"dir": memory} if memory.is_dir() else {}
    return tempfile.TemporaryDirectory(**here)
