"""Opening an item's bytes in its app, guarded as every call into a plugin is.

What a plugin does wrong becomes a `SourceError`. A download may take hours, so there is no limit to the
whole of it: only to opening it, and to the silence before each piece. A connection that breaks in mid-file
says nothing of the source's health, since opening it again will; that nothing can be opened does.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

from reconciled.engine.live import PATIENCE, LiveSource
from reconciled.errors import BadResponse, SourceError, Unreachable
from reconciled.model import Absent, Key
from reconciled.source import Content, Fetches, Unchanged

Opened: TypeAlias = Content | Unchanged | Absent
_Context: TypeAlias = AbstractAsyncContextManager[Opened]


@asynccontextmanager
async def opened(
    live: LiveSource, fetcher: Fetches, key: Key, *, start: int = 0, etag: str | None = None
) -> AsyncIterator[Opened]:
    """The item's bytes as `Fetches.fetch` gives them; nothing but `SourceError`s comes out of the plugin."""

    async def enter() -> tuple[_Context, object]:
        context = fetcher.fetch(key, start=start, etag=etag)
        return context, await context.__aenter__()

    context, answer = await live.ask("ask", enter)
    try:
        if not isinstance(answer, Content):
            yield _checked(live, key, answer)
            return
        pieces = _guarded(live, answer.chunks)
        try:
            yield replace(answer, chunks=pieces)
        finally:
            await pieces.aclose()
    except BaseException as error:
        await _let_go(live, context, error)
        raise
    else:
        await _let_go(live, context, None)


def _checked(live: LiveSource, key: Key, answer: object) -> Unchanged | Absent:
    if isinstance(answer, Unchanged | Absent):
        return answer
    raise BadResponse(f"{live.name}: asked for the bytes of {key}, the plugin gave {type(answer).__name__}")


async def _let_go(live: LiveSource, context: _Context, error: BaseException | None) -> None:
    """End the plugin's context. What goes wrong in that is logged: the bytes are here, or an error is."""
    kind, trace = (None, None) if error is None else (type(error), error.__traceback__)
    try:
        async with asyncio.timeout(PATIENCE):
            await context.__aexit__(kind, error, trace)
    except Exception as odd:  # noqa: BLE001 - its end harms nobody
        if odd is not error:
            live.log.debug("%s: letting a download go: %s", live.name, odd)


async def _guarded(live: LiveSource, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The plugin's pieces, each within the house's patience; what breaks off is a SourceError."""
    try:
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    chunk: object = await anext(chunks, None)
            except SourceError:
                raise
            except TimeoutError as error:
                raise Unreachable(f"{live.name}: no bytes within {PATIENCE:.0f} s") from error
            except Exception as error:
                live.log.exception("%s: its plugin crashed in mid-file", live.name)
                raise BadResponse(
                    f"{live.name}: its plugin crashed ({type(error).__name__}) in mid-file; "
                    "the log has the traceback"
                ) from error
            if chunk is None:
                return
            if not isinstance(chunk, bytes):
                raise BadResponse(
                    f"{live.name}: the plugin gave a piece of {type(chunk).__name__}, not bytes"
                )
            yield chunk
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
