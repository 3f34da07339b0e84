"""The daemon's own loops, which go on as long as it does; each source has one of its own beside them.

A crash of one is its own, see `supervisor`. The two that mind the ledger and read the inbox are different:
what they raise ends the daemon, for nothing can be kept then.
"""

import logging
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeAlias

from reconciled.clock import Clock
from reconciled.config import KeepSettings
from reconciled.engine.engine import Engine
from reconciled.engine.outbox.outbox import Outbox
from reconciled.ledger.condition import is_outside
from reconciled.ledger.connection import Ledger
from reconciled.notify.postman import Postman
from reconciled.notify.watch import Alarm
from reconciled.runtime.duplicates import Duplicates
from reconciled.runtime.housekeeping import A_DAY, tidy
from reconciled.runtime.minding import mind_ledger
from reconciled.runtime.mirrors import Mirrors
from reconciled.runtime.reload import Reloader
from reconciled.runtime.supervisor import DISK, keep_going

A_MINUTE = 60.0

Loop: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


def core(
    engine: Engine,
    outbox: Outbox,
    mirrors: Mirrors,
    duplicates: Duplicates,
    postman: Postman,
    alarm: Alarm,
    reloader: Reloader,
    *,
    keep: Callable[[], KeepSettings],
    clock: Clock,
    log: logging.Logger,
) -> Mapping[str, Loop]:
    """The loops by the names of their tasks. `keep` says how long things are kept, as configured now."""
    alone: dict[str, Loop] = {
        "ledger": partial(mind_ledger, engine, log=log, wake=outbox.wake),
        "inbox": partial(_read_letters, engine, clock, log),
    }
    supervised: dict[str, tuple[str, Loop]] = {
        "housekeeping": ("housekeeping", partial(_tidy_daily, engine.ledger, keep, clock)),
        "config": ("the watch of the config", reloader.watch),
        "outbox": ("the outbox", outbox.run),
        "mirrors": ("the mirrors", mirrors.run),
        "copies": ("the copies", mirrors.following.run),
        "archives": ("blob_gc", mirrors.collect),
        "duplicates": ("duplicates", duplicates.run),
        "papers": ("new papers", duplicates.follow),
        "weighing": ("weighing anew", duplicates.weigh),
        "postman": ("the postman", postman.run),
        "alarm": ("the alarm", partial(_alert, engine, alarm, clock)),
    }
    going = {
        name: partial(keep_going, said, loop, clock=clock, log=log)
        for name, (said, loop) in supervised.items()
    }
    return alone | going


async def _read_letters(engine: Engine, clock: Clock, log: logging.Logger) -> None:
    """The inbox: read what came, for ever. Trouble of the ledger (a full disk) is waited out."""
    while True:
        try:
            engine.letters.clear()
            while await engine.read_letters():
                pass
        except sqlite3.OperationalError as error:
            if not is_outside(error):
                log.exception("the inbox could not be read; it is tried again")
            await clock.sleep(DISK)
            continue
        await engine.letters.wait()


async def _tidy_daily(ledger: Ledger, keep: Callable[[], KeepSettings], clock: Clock) -> None:
    while True:
        await tidy(ledger, keep(), clock=clock)
        await clock.sleep(A_DAY)


async def _alert(engine: Engine, alarm: Alarm, clock: Clock) -> None:
    while True:
        await engine.note_health()
        await alarm.look_once()
        await clock.sleep(A_MINUTE)
