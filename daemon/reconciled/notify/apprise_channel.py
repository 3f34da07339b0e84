"""Sending through Apprise, which knows a hundred services by their addresses.

An address is a secret as a whole: tokens stand in its host, its path, anywhere. So nothing that
Apprise or a library below it says leaves here, neither to a log nor in an error; what went wrong is
said in sentences of our own. Apprise blocks, so it runs in a thread that nobody has to wait for:
a server that hangs costs the limit and keeps neither us nor the daemon's end. How such a delivery
ends is remembered, so that what arrived late is not sent again. What is longer than a service takes
(Discord 2,000 characters, Telegram 4,096) goes in parts, unless the address says otherwise: a list of
what happened in a night would never arrive. Apprise is an extra and is imported
when it is needed first, in that thread, since the import takes a moment.
"""

import asyncio
import contextlib
import hashlib
import inspect
import logging
import threading
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from reconciled.clock import Clock, SystemClock
from reconciled.errors import ReconciledError

LIMIT = 30.0
"""Seconds that the delivery of one message is waited for."""
MOST_HANGING = 4
"""Deliveries to one address that nobody waits for any more; with so many, no new one is begun."""
KEPT = 86400.0
"""Seconds, from its beginning, for which a delivery is remembered: a message is tried for a day."""
MOST_KEPT = 200
"""Deliveries that are over and remembered; the oldest are forgotten."""
TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib", "paho")
"""Loggers that quote addresses."""


class CannotSend(ReconciledError):
    """A message could not be delivered. The sentence holds no part of the address."""


class StillUnderWay(CannotSend):
    """Nobody knows yet whether it arrives; whoever sends the very same again is told."""


@dataclass(slots=True, eq=False)
class Delivery:
    """One message on its way, on a thread of its own. It holds neither the message nor the address.

    `to` tells the address from others, `what` the address and the message; `problem` counts once
    the delivery is over, None says that it went well.
    """

    to: bytes
    what: bytes
    begun: float
    problem: str | None = "it was broken off"
    over: bool = False


class AppriseSender:
    """Delivers messages to Apprise addresses, each on a thread of its own."""

    def __init__(self, *, limit: float = LIMIT, clock: Clock | None = None) -> None:
        self._limit = limit
        self._clock = clock or SystemClock()
        self._late: list[Delivery] = []

    async def send(self, url: SecretStr, title: str, body: str, urgent: bool) -> None:
        """Deliver it, unless an earlier try was late and delivered it meanwhile.

        StillUnderWay when there is no answer within the limit, and as long as an earlier try goes
        on; CannotSend when it was not delivered.
        """
        address = url.get_secret_value()
        one = Delivery(_print(address), _print(address, title, body), self._clock.monotonic())
        if self._delivered_late(one.what):
            return
        if sum(late.to == one.to and not late.over for late in self._late) >= MOST_HANGING:
            raise CannotSend(f"{MOST_HANGING} earlier deliveries hang; it is tried when one has ended")
        await self._begin(one, url, title, body, urgent=urgent)
        if one.problem is not None:
            raise CannotSend(one.problem)

    def _delivered_late(self, what: bytes) -> bool:
        """Whether an earlier try arrived after all, which counts once. StillUnderWay while nobody knows."""
        self._forget()
        tries = [late for late in self._late if late.what == what]
        well = next((late for late in tries if late.over and late.problem is None), None)
        if well is not None:
            self._late.remove(well)
            return True
        if any(not late.over for late in tries):
            raise StillUnderWay("an earlier try is still under way; it is looked at again")
        self._late = [late for late in self._late if late.what != what]
        return False

    def _forget(self) -> None:
        """Let go of what is over for long, or too much."""
        oldest = self._clock.monotonic() - KEPT
        over = [late for late in self._late if late.over and late.begun > oldest][-MOST_KEPT:]
        self._late = [late for late in self._late if not late.over] + over

    async def _begin(self, one: Delivery, url: SecretStr, title: str, body: str, *, urgent: bool) -> None:
        """Begin it and wait for its end, not for ever. Whoever stops waiting leaves it among the late."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()

        def tell() -> None:
            if not told.done():
                told.set_result(None)

        def work() -> None:
            try:
                one.problem = _deliver(url, title, body, urgent)
            finally:
                one.over = True
                with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                    loop.call_soon_threadsafe(tell)

        threading.Thread(target=work, name="apprise", daemon=True).start()
        heard = False
        try:
            async with asyncio.timeout(self._limit):
                await told
            heard = True
        except TimeoutError:
            raise StillUnderWay(f"there was no answer within {self._limit:g} s") from None
        finally:
            if not heard:
                self._late.append(one)


def _print(*texts: str) -> bytes:
    """What tells these texts from others."""
    whole = hashlib.blake2b(digest_size=16)
    for text in texts:
        encoded = text.encode(errors="replace")
        whole.update(len(encoded).to_bytes(8) + encoded)
    return whole.digest()


def _deliver(url: SecretStr, title: str, body: str, urgent: bool) -> str | None:
    """Deliver it on this thread. Returns what went wrong, or None."""
    _silence()
    try:
        import apprise
    except ImportError:
        return 'Apprise is not installed; install it with: pip install "reconciled[notify]"'
    try:
        messenger = apprise.Apprise(asset=apprise.AppriseAsset(**_asset(apprise.AppriseAsset)))
        if not messenger.add(url.get_secret_value()):
            return "Apprise does not understand the address"
        for service in messenger:
            if service.overflow_mode == apprise.OverflowMode.UPSTREAM:  # the default: it is refused
                service.overflow_mode = apprise.OverflowMode.SPLIT
        kind = apprise.NotifyType.WARNING if urgent else apprise.NotifyType.INFO
        text = apprise.NotifyFormat.TEXT
        delivered = messenger.notify(body=body, title=title, notify_type=kind, body_format=text)
    except Exception as error:  # noqa: BLE001 - a service's own crash, whose words may hold the address
        return f"it could not be delivered ({type(error).__name__})"
    return None if delivered else "it could not be delivered"


def _asset(kind: type) -> dict[str, Any]:
    """Our name, and no threads of Apprise's own: they would be waited for when the daemon ends."""
    known = inspect.signature(kind).parameters
    return {"app_id": "reconciled", "async_mode": False} | (
        {"service_timeout": 0} if "service_timeout" in known else {}
    )


def _silence() -> None:
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        if logger.propagate:
            logger.handlers[:] = [logging.NullHandler()]
            logger.setLevel(logging.CRITICAL)
            logger.propagate = False
