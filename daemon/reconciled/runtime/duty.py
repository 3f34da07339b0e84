"""When a duty of the daemon's own is due, such as the nightly search: by its schedule, from its last time on.

A box that was off at that time catches up when it is back, however many times were missed, and one that is
restarted each day still comes to what is due each day. The last time is kept in the ledger's settings.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from reconciled.config import Schedule
from reconciled.engine.engine import Engine, Place
from reconciled.ledger import sources
from reconciled.ledger.rows import stamp
from reconciled.model import Health

NAP = 300.0
"""Seconds after which the time is looked at again: wall time may step, and the config may change."""
CATCH_UP = 5.0
"""Seconds after which it is looked at again whether the sources were read."""
LONGEST_CATCH_UP = 3600.0


class Duty:
    """The times of one duty."""

    def __init__(self, name: str, engine: Engine, when: Callable[[], Schedule]) -> None:
        """`name` is that of its pass; `when` gives what the config says now."""
        self._setting = f"{name}.due_since"
        self._engine = engine
        self._when = when

    async def until_due(self) -> None:
        """Wait until it is due next, counted from the last `begin`; from now on where there was none, or
        where that is yet to come.

        What was missed is due as soon as the sources that are well were read to their end since the start: so
        it knows what happened meanwhile. One that takes more than an hour for that is not waited for.
        """
        clock = self._engine.clock
        since = await self._since()
        missed = True
        while (due := self._when().next(since, self._engine.zone or UTC)) > clock.now():
            missed = False
            await clock.sleep(min((due - clock.now()).total_seconds(), NAP))
            since = min(since, clock.now())  # the clock was set back, and with it the time that it is due at
        if missed:
            await self._until_read()

    async def begin(self) -> None:
        """It begins now; the next time counts from here."""
        now = stamp(self._engine.clock.now())
        await self._engine.ledger.write(sources.set_setting, self._setting, now)

    async def _since(self) -> datetime:
        kept = await self._engine.ledger.read(sources.setting, self._setting)
        now = self._engine.clock.now()
        if kept is not None and (since := datetime.fromisoformat(kept)) <= now:
            return since
        await self.begin()  # never kept, or by a clock that was ahead
        return now

    async def _until_read(self) -> None:
        clock = self._engine.clock
        end = clock.monotonic() + LONGEST_CATCH_UP
        while clock.monotonic() < end:
            rows = await self._engine.ledger.read(sources.every)
            read = {row.id for row in rows if row.scanned > self._engine.began}
            if not any(_is_read_next(place, read) for place in self._engine.places.values()):
                return
            await clock.sleep(CATCH_UP)


def _is_read_next(place: Place, read: set[int]) -> bool:
    """Whether it may yet turn out to be well, or is well and not read."""
    live = place.live
    if live.health.state is Health.STARTING:
        return True
    return live.answers and live.paused is None and live.stranger is None and live.id not in read
