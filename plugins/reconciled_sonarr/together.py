"""Asking once for what several want to know at the same moment.

All seasons of a series stand in its one record, and their lookups are put at the same time. They
share the request that is about to be sent, and never one that is under way: an answer must not be
older than its question.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Call(Generic[T]):
    """A request that is about to be sent, or was, and how many wait for it."""

    task: "asyncio.Task[T]"
    waiting: int = 0


class Together(Generic[T]):
    """Puts a question by number, once for all who put it at this moment."""

    def __init__(self, ask: Callable[[int], Awaitable[T]]) -> None:
        self._ask = ask
        self._unsent: dict[int, _Call[T]] = {}

    async def __call__(self, number: int) -> T:
        """The answer, to a request sent after this call. What the request raises is raised here."""
        call = self._unsent.get(number)
        if call is None:
            call = self._unsent[number] = _Call(asyncio.ensure_future(self._send(number)))
        call.waiting += 1
        try:
            return await asyncio.shield(call.task)
        finally:
            call.waiting -= 1
            if not call.waiting and not call.task.done():  # nobody wants to know any more
                if self._unsent.get(number) is call:
                    del self._unsent[number]
                call.task.cancel()

    async def _send(self, number: int) -> T:
        await asyncio.sleep(0)  # who asks at this moment comes along
        self._unsent.pop(number, None)
        return await self._ask(number)
