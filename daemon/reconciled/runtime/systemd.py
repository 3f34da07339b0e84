"""Telling systemd how the daemon fares (sd_notify): a datagram to the socket it names, or nothing.

The protocol is a few lines (systemd's sd_notify(3)); the packages that wrap it need a C library
or are unmaintained, so it stands here.
"""

import asyncio
import contextlib
import socket
from collections.abc import Mapping

from reconciled.clock import Clock


class Systemd:
    """Sends states to the service manager, if one started us. Failing to do so harms nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        usec = environ.get("WATCHDOG_USEC", "")
        self._watchdog = int(usec) / 1e6 if usec.isdigit() else None

    def tell(self, *states: str) -> None:
        """Send lines such as `READY=1` or `STATUS=…`."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto("\n".join(states).encode(), address)

    async def pat_watchdog(self, clock: Clock) -> None:
        """Tell from the event loop itself, twice as often as asked, that it still turns. Runs for ever."""
        if self._watchdog is None or not self._address:
            await asyncio.Event().wait()
            return
        while True:
            self.tell("WATCHDOG=1")
            await clock.sleep(self._watchdog / 2)
