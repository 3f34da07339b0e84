"""The postman: takes what waits to its channels, as their rules allow.

A message is marked as begun before it is sent and as sent afterwards: a crash between the two may
repeat it and never loses it, and a disk that is full cannot make it go out over and over. A
channel that fails rests for a minute, so that a server which hangs is asked once a minute, however
much waits; each message keeps its own back-off. Channels are served at the same time.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import tzinfo
from typing import TypeAlias

from pydantic import SecretStr

from reconciled.clock import Clock, wait_for
from reconciled.config import ChannelSettings
from reconciled.http.redaction import Redaction
from reconciled.ledger import messages
from reconciled.ledger.connection import Ledger
from reconciled.ledger.messages import Queued
from reconciled.ledger.rows import stamp
from reconciled.notify.apprise_channel import AppriseSender, CannotSend
from reconciled.notify.letters import letter
from reconciled.notify.messages import Message
from reconciled.notify.pace import HOUR, WAITS, Waiting, due

Send: TypeAlias = Callable[[SecretStr, str, str, bool], Awaitable[None]]
"""`send(url, title, body, urgent)`; raises CannotSend."""

NAP = 60.0
"""The postman looks at least this often: a wall clock that is set may end the quiet hours."""
REST = 60.0
"""Seconds that a channel is left alone after a failure."""
SENT = "sent"
TEST = Message(
    "test", "A test message", "This is reconciled. If you can read this, the channel works.", link="/"
)


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
        self._send = send or AppriseSender().send
        self._channels: Mapping[str, ChannelSettings] | None = None
        self._url: str | None = None
        self._at_work = asyncio.Lock()
        self._rests: dict[str, float] = {}
        self._troubled: set[str] = set()
        self._next = 0.0
        self._full = False

    def configure(self, channels: Mapping[str, ChannelSettings], url: str | None) -> None:
        """Serve these channels from now on; `url` is how people reach our page (`daemon.url`)."""
        self._channels, self._url = dict(channels), url
        self._rests.clear()
        self.wake()

    def wake(self) -> None:
        """Something was posted and is committed."""
        self.posted.set()

    async def run(self) -> None:
        """Deliver for ever. A ledger that cannot be written (a full disk) is waited out."""
        while True:
            self.posted.clear()
            try:
                await self.deliver_once()
                self._full = False
            except sqlite3.OperationalError as error:
                if not self._full:
                    self._log.error("the ledger cannot be written: %s; messages wait", error)
                self._full = True
                self._next = self._clock.reckoned() + NAP
            left = min(NAP, max(1.0, self._next - self._clock.reckoned()))
            await wait_for(self.posted, left, clock=self._clock)

    async def deliver_once(self) -> int:
        """Send what may go out now. Returns how many messages went out."""
        async with self._at_work:
            self._next = self._clock.reckoned() + NAP
            if self._channels is None:
                return 0
            waiting: dict[str, list[Queued]] = {}
            for message in await self._ledger.read(messages.waiting):
                waiting.setdefault(message.channel, []).append(message)
            served = [
                self._serve(rules, waiting.pop(name))
                for name, rules in self._channels.items()
                if name in waiting
            ]
            for name, left in waiting.items():
                await self._refuse(name, left)
            ends = await asyncio.gather(*served, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return sum(end for end in ends if isinstance(end, int))

    async def try_out(self, name: str | None = None) -> dict[str, str]:
        """Send a test message at once, to one channel or all: `sent` or what went wrong, by channel."""
        channels = self._channels or {}
        if name is not None and name not in channels:
            known = ", ".join(sorted(channels)) or "none is configured"
            return {name: f"there is no such channel; there are: {known}"}
        return await self.tell(TEST, list(channels) if name is None else [name])

    async def tell(self, message: Message, channels: Collection[str]) -> dict[str, str]:
        """Send a message at once, past the ledger and all rules: `sent` or what went wrong, by channel."""
        rules = [self._channels[name] for name in channels if self._channels and name in self._channels]
        said = await asyncio.gather(*(self._hand_over(each, [message]) for each in rules))
        return {each.name: error or SENT for each, error in zip(rules, said, strict=True)}

    async def _serve(self, rules: ChannelSettings, queued: Sequence[Queued]) -> int:
        """Send what may go to one channel; what fails ends it for now."""
        now = self._clock.reckoned()
        rest = self._rests.get(rules.name, now)
        if now < rest <= now + REST:
            self._look_again(rest)
            return 0
        local = self._clock.now().astimezone(self._zone)
        sent = await self._ledger.read(messages.sent_since, rules.name, now - HOUR)
        waiting = [Waiting(one.id, one.created, one.due, one.urgent, one.tries) for one in queued]
        round_ = due(waiting, sent, rules, now=now, local=local)
        if round_.again is not None:
            self._look_again(round_.again)
        by_id = {one.id: one for one in queued}
        delivered = 0
        for group in round_.groups:
            if not await self._deliver(rules, [by_id[message] for message in group], sent):
                break
            delivered += len(group)
        return delivered

    async def _deliver(self, rules: ChannelSettings, group: Sequence[Queued], sent: list[float]) -> bool:
        """Send a group as one message and write down what became of it."""
        now = self._clock.reckoned()
        tries = [(one.id, now + WAITS[min(one.tries, len(WAITS) - 1)]) for one in group]
        await self._ledger.write(messages.begin, tries)
        error = await self._hand_over(rules, [_message(one) for one in group])
        if error is not None:
            await self._not_delivered(rules.name, group, error)
            return False
        at = max([self._clock.reckoned(), *(before + 0.001 for before in sent)])  # each sending has its own
        sent.append(at)
        ids = [one.id for one in group]
        await self._ledger.write(messages.sent, ids, at=stamp(self._clock.now()), now=at)
        if rules.name in self._troubled:
            self._troubled.discard(rules.name)
            self._log.info("the channel %s delivers again", rules.name)
        return True

    async def _hand_over(self, rules: ChannelSettings, group: Sequence[Message]) -> str | None:
        """Give it to the channel. Returns what went wrong, without any part of the address."""
        title, body = letter(group, self._url)
        try:
            await self._send(rules.url, title, body, any(one.urgent for one in group))
        except CannotSend as error:
            return Redaction([rules.url.get_secret_value()])(str(error))
        except Exception as error:  # noqa: BLE001 - a channel's crash is its own, and may quote the address
            return f"it could not be delivered ({type(error).__name__})"
        return None

    async def _not_delivered(self, name: str, group: Sequence[Queued], error: str) -> None:
        self._rests[name] = self._clock.reckoned() + REST
        self._look_again(self._rests[name])
        last = [one.id for one in group if one.tries >= len(WAITS)]
        again = [one.id for one in group if one.tries < len(WAITS)]
        await self._ledger.write(messages.not_sent, again, error=error)
        if last:
            await self._ledger.write(messages.give_up, last, error=f"given up after a day: {error}")
            self._log.error("the channel %s: %d messages are given up: %s", name, len(last), error)
        if name not in self._troubled:
            self._troubled.add(name)
            self._log.warning("the channel %s: %s; its messages are tried again", name, error)

    async def _refuse(self, name: str, left: Sequence[Queued]) -> None:
        error = f"there is no channel {name!r} in the config any more"
        await self._ledger.write(messages.give_up, [one.id for one in left], error=error)
        self._log.warning("%d messages are given up: %s", len(left), error)

    def _look_again(self, at: float) -> None:
        self._next = min(self._next, at)


def _message(one: Queued) -> Message:
    return Message(one.about, one.title, one.body, one.link, one.urgent)
