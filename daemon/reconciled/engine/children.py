"""What is left to do about a child process that was told to end."""

import asyncio
import contextlib
from asyncio.subprocess import Process


async def gone(process: Process) -> int:
    """How it ended, once it did and its pipes are closed. Who is cancelled meanwhile kills it first.

    `wait` alone returns when the process has ended, which may be before the loop hears of its pipes: they are
    then left to the garbage collector, or open when the loop is closed. There is no public way to close them.
    """
    ended = asyncio.ensure_future(process.wait())
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await ended
        raise
    finally:
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001
