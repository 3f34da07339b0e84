"""Ending what runs, in bounded time: a plugin that ignores its cancellation is left behind."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

PATIENCE = 1.0
"""Seconds that a cancelled task, or a plugin's close, may take."""


def is_cancelled() -> bool:
    """Whether somebody asked the task that runs now to end; else a CancelledError is a plugin's own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def end_tasks(tasks: Iterable["asyncio.Task[Any]"], *, log: logging.Logger) -> None:
    """Cancel tasks and wait for them, not for ever. What is still running then is named in the log."""
    ending = {task for task in tasks if task is not asyncio.current_task()}
    for task in ending:
        task.cancel()
    if not ending:
        return
    _, left = await asyncio.wait(ending, timeout=PATIENCE)
    for task in left:
        log.warning("%s does not end; it is left behind", task.get_name())


async def close_in_time(what: str, closing: Coroutine[Any, Any, None], *, log: logging.Logger) -> None:
    """Close something of a plugin's: what it raises is logged, what hangs is left behind."""
    task = asyncio.create_task(closing, name=f"closing {what}")
    done, left = await asyncio.wait({task}, timeout=PATIENCE)
    for one in left:
        one.cancel()
        log.warning("%s: closing it hangs; it is left behind", what)
    for one in done:
        if not one.cancelled() and (error := one.exception()) is not None:
            log.error("%s: its plugin crashed while it closed", what, exc_info=error)
