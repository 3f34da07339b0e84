"""The postman: a carrier for each channel of the config, each on a task of its own.

A channel that hangs, is slow or crashes delays no other, and they all end with the postman. What
waits for a channel that is in the config no more is given up.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import tzinfo
from typing import Any

from reconciled.clock import Clock, wait_for
from reconciled.config import ChannelSettings
from reconciled.ledger import messages
from reconciled.ledger.connection import Ledger
from reconciled.notify.apprise_channel import AppriseSender
from reconciled.notify.carrier import NAP, Carrier, Send
from reconciled.notify.messages import Message

SENT = "sent"


class Postman:
    """Serves the channels of a config. Until `configure` was called everything waits."""

    def __init__(
        self, ledger: Ledger, clock: Clock, *, zone: tzinfo, log: logging.Logger, send: Send | None = None
    ) -> None:
        self.posted = asyncio.Event()
        self._ledger = ledger
        self._clock = clock
        self._zone = zone
        self._log = log
        self._send = send or AppriseSender(clock=clock).send
        self._carriers: dict[str, Carrier] | None = None
        self._full: set[str] = set()
        self._crashed: set[str] = set()

    def configure(self, channels: Mapping[str, ChannelSettings], url: str | None) -> None:
        """Serve these channels from now on; `url` is how people reach our page (`daemon.url`)."""
        before = self._carriers or {}
        self._carriers = {
            name: self._carrier(before.get(name), rules, url) for name, rules in channels.items()
        }
        self.wake()

    def _carrier(self, known: Carrier | None, rules: ChannelSettings, url: str | None) -> Carrier:
        if known is not None:
            known.configure(rules, url)
            return known
        return Carrier(
            rules,
            url,
            ledger=self._ledger,
            clock=self._clock,
            zone=self._zone,
            log=self._log,
            send=self._send,
        )

    def wake(self) -> None:
        """Something was posted and is committed."""
        self.posted.set()
        for carrier in self._all():
            carrier.woken.set()

    async def run(self) -> None:
        """Deliver for ever. A ledger that cannot be written (a full disk) is waited out."""
        rounds: dict[Carrier, asyncio.Task[None]] = {}
        try:
            while True:
                self.posted.clear()
                await self._begin_and_end(rounds)
                await self._once("what no channel takes", self._refuse)
                await wait_for(self.posted, NAP, clock=self._clock)
        finally:
            await _end(rounds.values())

    async def _begin_and_end(self, rounds: dict[Carrier, asyncio.Task[None]]) -> None:
        """A task for each channel of the config, and for no other."""
        serving = self._all()
        await _end([rounds.pop(one) for one in list(rounds) if one not in serving])
        for one in serving:
            if one not in rounds or rounds[one].done():
                rounds[one] = asyncio.create_task(self._serve(one), name=f"the channel {one.name}")

    async def _serve(self, carrier: Carrier) -> None:
        while True:
            carrier.woken.clear()
            await self._once(f"the channel {carrier.name}", carrier.serve_once)
            await wait_for(carrier.woken, carrier.left, clock=self._clock)

    async def _once(self, who: str, work: Callable[[], Awaitable[int]]) -> None:
        """Work that fails by itself; told once, until it goes well again."""
        try:
            await work()
        except sqlite3.OperationalError as error:
            if not self._full:
                self._log.error("the ledger cannot be written: %s; messages wait", error)
            self._full.add(who)
        except Exception:  # noqa: BLE001 - this channel's failure; it is told below, once
            if who not in self._crashed:
                self._log.exception("%s: its delivery crashed; it is tried again", who)
            self._crashed.add(who)
        else:
            self._full.discard(who)
            self._crashed.discard(who)

    async def deliver_once(self) -> int:
        """Send what may go out now, to all channels, and wait for it. Returns how many messages went out."""
        await self._refuse()
        rounds = [one.serve_once() for one in self._all()]
        ends = await asyncio.gather(*rounds, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return sum(end for end in ends if isinstance(end, int))

    async def try_out(self, name: str | None = None) -> dict[str, str]:
        """Send a test message at once, to one channel or all: `sent` or what went wrong, by channel."""
        channels = self._carriers or {}
        if name is not None and name not in channels:
            known = ", ".join(sorted(channels)) or "none is configured"
            return {name: f"there is no such channel; there are: {known}"}
        return await self.tell(self._test(), list(channels) if name is None else [name])

    def _test(self) -> Message:
        """It says when it was sent, so each one is another: none is taken for one that came late."""
        body = (
            f"This is reconciled at {self._clock.now().astimezone(self._zone):%H:%M:%S}. "
            "If you can read this, the channel works."
        )
        return Message("test", "A test message", body, link="/")

    async def tell(self, message: Message, channels: Collection[str]) -> dict[str, str]:
        """Send a message at once, past the ledger and all rules: `sent` or what went wrong, by channel."""
        known = self._carriers or {}
        chosen = [known[name] for name in channels if name in known]
        said = await asyncio.gather(*(one.tell(message) for one in chosen))
        return {one.name: wrong or SENT for one, wrong in zip(chosen, said, strict=True)}

    async def _refuse(self) -> int:
        """Give up what waits for a channel that is not there. Returns how many messages that are."""
        if self._carriers is None:
            return 0
        left: dict[str, list[int]] = {}
        for one in await self._ledger.read(messages.waiting):
            if one.channel not in self._carriers:
                left.setdefault(one.channel, []).append(one.id)
        for name, ids in left.items():
            error = f"there is no channel {name!r} in the config any more"
            await self._ledger.write(messages.give_up, ids, error=error)
            self._log.warning("%d messages are given up: %s", len(ids), error)
        return sum(map(len, left.values()))

    def _all(self) -> list[Carrier]:
        return list((self._carriers or {}).values())


async def _end(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel these and see them end."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
