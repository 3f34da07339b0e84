"""One channel's carrier: takes there what waits for it, as its rules allow, whatever the others do.

A message is marked as begun before it is sent and as sent afterwards: a crash between the two may
repeat it and never loses it, and a disk that is full cannot make it go out over and over. A
channel that fails rests for a minute, so that a server which hangs is asked once a minute, however
much waits; each message keeps its own back-off. What went out as one and may still arrive is tried
again as that one, so that it is known again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo
from typing import TypeAlias

from pydantic import SecretStr

from reconciled.clock import Clock
from reconciled.config import ChannelSettings
from reconciled.http.redaction import Redaction
from reconciled.ledger import messages
from reconciled.ledger.connection import Ledger
from reconciled.ledger.messages import Queued
from reconciled.ledger.rows import stamp
from reconciled.notify.apprise_channel import CannotSend, StillUnderWay
from reconciled.notify.letters import letter
from reconciled.notify.messages import Message
from reconciled.notify.pace import HOUR, WAITS, Waiting, due, keep_together

Send: TypeAlias = Callable[[SecretStr, str, str, bool], Awaitable[None]]
"""`send(url, title, body, urgent)`; raises CannotSend."""

NAP = 60.0
"""A carrier looks at least this often: a wall clock that is set may end the quiet hours."""
REST = 60.0
"""Seconds that a channel is left alone after a failure."""


class Carrier:
    """Serves one channel; set `woken` when there may be something new for it."""

    def __init__(
        self,
        rules: ChannelSettings,
        url: str | None,
        *,
        ledger: Ledger,
        clock: Clock,
        zone: tzinfo,
        log: logging.Logger,
        send: Send,
    ) -> None:
        self.name = rules.name
        self.woken = asyncio.Event()
        self._ledger = ledger
        self._clock = clock
        self._zone = zone
        self._log = log
        self._send = send
        self._at_work = asyncio.Lock()
        self._troubled = False
        self._late: list[tuple[int, ...]] = []
        self._next = 0.0
        self.configure(rules, url)

    def configure(self, rules: ChannelSettings, url: str | None) -> None:
        """Serve it by these rules from now on; `url` is how people reach our page."""
        self._rules, self._url = rules, url
        self._rest: float | None = None

    @property
    def left(self) -> float:
        """Seconds until it has to look again if nothing wakes it."""
        return min(NAP, max(1.0, self._next - self._clock.reckoned()))

    async def serve_once(self) -> int:
        """Send what may go out now; what fails ends it for now. Returns how many messages went out."""
        async with self._at_work:
            now = self._clock.reckoned()
            self._next = now + NAP
            if self._rest is not None and now < self._rest <= now + REST:
                self._look_again(self._rest)
                return 0
            queued = {
                one.id: one for one in await self._ledger.read(messages.waiting) if one.channel == self.name
            }
            if not queued:
                return 0
            return await self._serve(queued, now=now)

    async def tell(self, message: Message) -> str | None:
        """Send a message at once, past the ledger and all rules. Returns what went wrong."""
        try:
            await self._hand_over([message])
        except CannotSend as error:
            return str(error)
        return None

    async def _serve(self, queued: dict[int, Queued], *, now: float) -> int:
        local = self._clock.now().astimezone(self._zone)
        sent = await self._ledger.read(messages.sent_since, self.name, now - HOUR)
        waiting = [Waiting(one.id, one.created, one.due, one.urgent, one.tries) for one in queued.values()]
        round_ = due(waiting, sent, self._rules, now=now, local=local)
        if round_.again is not None:
            self._look_again(round_.again)
        self._late = [group for group in self._late if queued.keys() >= set(group)]
        delivered = 0
        for group in keep_together(round_.groups, self._late):
            if not await self._deliver([queued[message] for message in group], sent):
                break
            delivered += len(group)
        return delivered

    async def _deliver(self, group: Sequence[Queued], sent: list[float]) -> bool:
        """Send a group as one message and write down what became of it."""
        now = self._clock.reckoned()
        ids = tuple(one.id for one in group)
        tries = [(one.id, now + WAITS[min(one.tries, len(WAITS) - 1)]) for one in group]
        await self._ledger.write(messages.begin, tries)
        try:
            await self._hand_over([_message(one) for one in group])
        except CannotSend as error:
            self._late = [late for late in self._late if late != ids]
            if isinstance(error, StillUnderWay):
                self._late.append(ids)
            await self._not_delivered(group, str(error))
            return False
        at = max([self._clock.reckoned(), *(before + 0.001 for before in sent)])  # each sending has its own
        sent.append(at)
        await self._ledger.write(messages.sent, ids, at=stamp(self._clock.now()), now=at)
        if self._troubled:
            self._troubled = False
            self._log.info("the channel %s delivers again", self.name)
        return True

    async def _hand_over(self, group: Sequence[Message]) -> None:
        """Give it to the channel. CannotSend, without any part of the address."""
        title, body = letter(group, self._url)
        address = self._rules.url
        try:
            await self._send(address, title, body, any(one.urgent for one in group))
        except CannotSend as error:
            raise type(error)(Redaction([address.get_secret_value()])(str(error))) from None
        except Exception as error:  # noqa: BLE001 - a channel's crash is its own, and may quote the address
            raise CannotSend(f"it could not be delivered ({type(error).__name__})") from None

    async def _not_delivered(self, group: Sequence[Queued], error: str) -> None:
        self._rest = self._clock.reckoned() + REST
        self._look_again(self._rest)
        last = [one.id for one in group if one.tries >= len(WAITS)]
        again = [one.id for one in group if one.tries < len(WAITS)]
        await self._ledger.write(messages.not_sent, again, error=error)
        if last:
            await self._ledger.write(messages.give_up, last, error=f"given up after a day: {error}")
            self._log.error("the channel %s: %d messages are given up: %s", self.name, len(last), error)
        if not self._troubled:
            self._troubled = True
            self._log.warning("the channel %s: %s; its messages are tried again", self.name, error)

    def _look_again(self, at: float) -> None:
        self._next = min(self._next, at)


def _message(one: Queued) -> Message:
    return Message(one.about, one.title, one.body, one.link, one.urgent)
