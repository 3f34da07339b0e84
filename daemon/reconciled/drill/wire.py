"""The wire of a drill: every question goes to the relay, and nothing but questions goes anywhere."""

from dataclasses import replace
from typing import Any

from yarl import URL

from reconciled.drill.relay import Relay
from reconciled.errors import Refused, Unsupported
from reconciled.http.answer import Response
from reconciled.http.wire import Ask, Wire


class DrillWire(Wire):
    """Sends to `relay` instead of the app."""

    def __init__(self, *given: Any, relay: Relay, **more: Any) -> None:
        super().__init__(*given, **more)
        self._relay = relay

    async def send(self, ask: Ask) -> Response:
        """The relay's answer. Refused for whatever may change something: it is not sent."""
        if not self._relay.is_question(ask.method, ask.url.path):
            self._relay.stopped += 1
            raise Refused(f"{ask.where}: not sent, for this is a drill")
        headers = {**ask.headers, **self._relay.headers(ask.url)}
        timeout = min(ask.timeout, self._relay.silence or ask.timeout)
        return await super().send(replace(ask, url=self._relay.at(ask.url), headers=headers, timeout=timeout))

    def open(self, ask: Ask) -> Any:
        """No file travels in a drill."""
        raise Unsupported(f"{ask.where}: no file travels in a drill")

    def connect(self, url: URL, **_more: Any) -> Any:
        """No stream is followed in a drill."""
        raise Unsupported(f"{url.path}: no stream is followed in a drill")
