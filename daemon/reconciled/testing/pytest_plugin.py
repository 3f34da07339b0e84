"""Fixtures for the tests of a plugin; pytest finds them by itself when `reconciled` is installed.

`open_source` opens a `Stand`'s source beside the contract's own checks, `source_clock` stands still
until a test moves it, and `reconciled_http` is a client's other end for a source made by hand. They
need pytest-asyncio. What they stand on is imported when a test asks for them, so that a pytest run
that has nothing to do with `reconciled` pays nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

try:
    from pytest_asyncio import fixture as async_fixture
except ImportError:  # then nobody here has async tests either
    async_fixture = pytest.fixture  # type: ignore[assignment]

if TYPE_CHECKING:
    from reconciled.http import Http
    from reconciled.source import Source
    from reconciled.testing.clock import ManualClock
    from reconciled.testing.contract import Stand

OpenSource: TypeAlias = "Callable[[Stand], Awaitable[Source[Any]]]"
"""What `open_source` is: the stand is started and filled, its source open and probed."""


@pytest.fixture
def source_clock() -> "ManualClock":
    """A clock that stands still until `advance`."""
    from reconciled.testing.clock import ManualClock

    return ManualClock()


@async_fixture
async def reconciled_http() -> "AsyncIterator[Http]":
    """What a `Context` gives a source to reach its app with; closed after the test."""
    from reconciled.clock import SystemClock
    from reconciled.http import Http, new_session

    made = Http(new_session, SystemClock())
    yield made
    await made.close()


@async_fixture
async def open_source() -> "AsyncIterator[OpenSource]":
    """`source = await open_source(BookshelfStand())`; closed after the test, and must leave nothing."""
    from reconciled.testing.contract import played

    async with AsyncExitStack() as stack:

        async def opened(stand: "Stand") -> "Source[Any]":
            return (await stack.enter_async_context(played(stand))).source

        yield opened
