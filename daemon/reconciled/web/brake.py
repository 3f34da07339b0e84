"""The brake on guessing: who shows too many wrong tokens is told to wait for a while."""

from collections import OrderedDict

from reconciled.clock import Clock

TRIES = 10
WINDOW = 60.0
ADDRESSES = 1000


class Brake:
    """Counts wrong tries by address, within windows of a minute. Remembers at most 1000 addresses."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until the address may be wrong again; 0 when it is now."""
        began, count = self._wrong.get(address, (0.0, 0))
        left = began + WINDOW - self._clock.monotonic()
        return left if count >= TRIES and left > 0 else 0.0

    def wrong(self, address: str) -> None:
        """The address showed a wrong token."""
        now = self._clock.monotonic()
        began, count = self._wrong.pop(address, (now, 0))
        self._wrong[address] = (began, count + 1) if now - began < WINDOW else (now, 1)
        while len(self._wrong) > ADDRESSES:
            self._wrong.popitem(last=False)
