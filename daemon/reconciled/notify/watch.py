"""Looks every minute for what the daemon has to tell of itself, and posts it.

What was told is remembered by the messages in the ledger, so a restart tells nothing twice. When
the ledger cannot be written because its disk is full, what is urgent is sent past it: that is the
very thing people have to know.
"""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from reconciled.clock import Clock
from reconciled.config import AlertSettings
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.messages import told
from reconciled.ledger.rows import stamp
from reconciled.ledger.views_alerts import Standing, standing
from reconciled.notify.alerts import Facts, alerts
from reconciled.notify.messages import REPEAT, Message, post
from reconciled.notify.postman import SENT, Postman

EVERY = 60.0


def free_bytes(folder: Path) -> int:
    """The room that is left for us where this folder lies. OSError."""
    return shutil.disk_usage(folder).free


def nothing() -> Sequence[str]:
    """No problems."""
    return ()


def no_cause(_tx: Tx, _number: int) -> str | None:
    """No cause is known."""
    return None


class Alarm:
    """The daemon's word about itself. `problems` gives those of a config that was not taken over.

    `of_hold` and `of_decision` say the likely cause of what waits there, by its number. They are asked
    when it is about to be told, not at every look.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        postman: Postman,
        log: logging.Logger,
        *,
        free: Callable[[Path], int] = free_bytes,
        problems: Callable[[], Sequence[str]] = nothing,
        of_hold: Callable[[Tx, int], str | None] = no_cause,
        of_decision: Callable[[Tx, int], str | None] = no_cause,
    ) -> None:
        self._of_hold = of_hold
        self._of_decision = of_decision
        self._ledger = ledger
        self._clock = clock
        self._postman = postman
        self._log = log
        self._free = free
        self._problems = problems
        self._settings = AlertSettings()
        self._channels: tuple[str, ...] = ()
        self._full = False
        self._told: dict[tuple[str, str], float] = {}

    def configure(self, settings: AlertSettings, channels: Collection[str]) -> None:
        """Tell these channels from now on: those that `settings.to` names, or all."""
        self._settings = settings
        self._channels = tuple(name for name in channels if settings.to is None or name in settings.to)

    async def run(self) -> None:
        """Look every minute, for ever."""
        while True:
            await self.look_once()
            await self._clock.sleep(EVERY)

    async def look_once(self) -> int:
        """Look and post what is worth telling. Returns how many messages were queued."""
        if not self._channels:
            return 0
        worth = alerts(await self.facts(), self._settings)
        try:
            posted = await self._ledger.write(
                _post_all, worth, self._channels, at=stamp(self._clock.now()), now=self._clock.reckoned()
            )
        except sqlite3.OperationalError as error:
            if not self._full:
                self._log.error("the ledger cannot be written: %s; alerts wait", error)
            self._full = True
            await self._tell_past_the_ledger([message for message in worth if message.urgent])
            return 0
        self._full = False
        if posted:
            self._postman.wake()
        return posted

    async def facts(self) -> Facts:
        """What is known now."""
        now = self._clock.reckoned()
        known, likely = await self._ledger.read(self._standing, now=now)
        return Facts(self._clock.now(), now, known, await self._room(), tuple(self._problems()), likely)

    def _standing(self, tx: Tx, *, now: float) -> tuple[Standing, dict[str, str]]:
        """What stands, and the likely causes of what some channel is not told yet."""
        known = standing(tx, now=now, stuck=self._settings.stuck)
        causes = [(f"hold/{one.id}", self._of_hold, one.id) for one in known.holds if one.count]
        causes += [(f"decision/{one.id}", self._of_decision, one.id) for one in known.decisions if one.count]
        found = {about: cause(tx, number) for about, cause, number in causes if self._is_new(tx, about, now)}
        return known, {about: said for about, said in found.items() if said}

    def _is_new(self, tx: Tx, about: str, now: float) -> bool:
        return any(not told(tx, name, about, now=now, repeat=REPEAT) for name in self._channels)

    async def _room(self) -> int | None:
        try:
            return await asyncio.to_thread(self._free, self._ledger.path.absolute().parent)
        except OSError:
            return None

    async def _tell_past_the_ledger(self, urgent: Sequence[Message]) -> None:
        """Send it at once, once a day while we run; the channels that failed are tried at the next look."""
        now = self._clock.monotonic()
        for message in urgent:
            due = [name for name in self._channels if now >= self._told.get((message.about, name), now)]
            for name, said in (await self._postman.tell(message, due)).items():
                if said == SENT:
                    self._told[message.about, name] = now + REPEAT


def _post_all(tx: Tx, told: Sequence[Message], channels: Collection[str], *, at: str, now: float) -> int:
    ids = [post(tx, name, message, at=at, now=now) for message in told for name in channels]
    return sum(message is not None for message in ids)
