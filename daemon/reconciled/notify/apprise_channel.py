"""Sending through Apprise, which knows a hundred services by their addresses.

An address is a secret as a whole: tokens stand in its host, its path, anywhere. So nothing that
Apprise or a library below it says leaves here, neither to a log nor in an error; what went wrong is
said in sentences of our own. Apprise blocks, so it runs in a thread that nobody has to wait for:
a server that hangs costs the limit and keeps neither us nor the daemon's end. It is an extra and is
imported when it is needed first, in that thread, since the import takes a moment.
"""

import asyncio
import contextlib
import inspect
import logging
import threading
from typing import Any

from pydantic import SecretStr

from reconciled.errors import ReconciledError

LIMIT = 30.0
"""Seconds that the delivery of one message may take."""
MOST_HANGING = 8
"""Deliveries that hang past their limit at a time; with more, no new one is begun."""
TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib", "paho")
"""Loggers that quote addresses."""


class CannotSend(ReconciledError):
    """A message could not be delivered. The sentence holds no part of the address."""


class AppriseSender:
    """Delivers one message at a time to an Apprise address; several at once are several threads."""

    def __init__(self, *, limit: float = LIMIT) -> None:
        self._limit = limit
        self._hanging: set[threading.Thread] = set()

    async def send(self, url: SecretStr, title: str, body: str, urgent: bool) -> None:
        """Deliver it. CannotSend when it was not, or not within the limit."""
        self._hanging = {thread for thread in self._hanging if thread.is_alive()}
        if len(self._hanging) >= MOST_HANGING:
            raise CannotSend(f"{MOST_HANGING} earlier deliveries hang; it is tried when one has ended")
        loop = asyncio.get_running_loop()
        told: asyncio.Future[str | None] = loop.create_future()

        def tell(problem: str | None) -> None:
            if not told.done():
                told.set_result(problem)

        def work() -> None:
            problem = _deliver(url, title, body, urgent)
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, problem)

        thread = threading.Thread(target=work, name="apprise", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self._limit):
                problem = await told
        except TimeoutError:
            self._hanging.add(thread)
            raise CannotSend(f"there was no answer within {self._limit:g} s") from None
        if problem is not None:
            raise CannotSend(problem)


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
