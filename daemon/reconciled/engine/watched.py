"""Watched time: for how long a source could have told us that a thing is still there.

A good answer (a yes to a control, a good scan) adds the time since the last one, at most two
minutes. Outages, downtime, suspend and clock steps therefore never count, and a grace is over only
when the source was really watched for so long.
"""

from reconciled.clock import Clock

MOST = 120.0


class Watched:
    """Counts the watched seconds of one source that are not in the ledger yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: float | None = None
        self.unwritten = 0.0

    def good_answer(self) -> None:
        """The source showed something that is known to be there."""
        now = self._clock.monotonic()
        if self._last is not None:
            self.unwritten += min(MOST, now - self._last)
        self._last = now

    @property
    def before_now(self) -> float:
        """What a grace that begins now must not count: the seconds that the ledger does not have yet, and
        what the next good answer adds of the time before now.
        """
        return self.unwritten + (0.0 if self._last is None else min(MOST, self.silence))

    @property
    def silence(self) -> float:
        """Seconds since the last good answer; endless when there was none."""
        return float("inf") if self._last is None else self._clock.monotonic() - self._last
