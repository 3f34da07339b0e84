"""Keeping a source watched: while a suspicion or a grace waits for it a control is asked for, else at times.

One kind says nothing of another, so there is a control of each kind that is waited for. That is a
request each 90 s to an app that answers many lookups at once: below a thousand a day.
"""

from reconciled.engine.live import LiveSource
from reconciled.engine.proof import shows_all
from reconciled.ledger import items, sources
from reconciled.ledger.connection import Ledger, Tx

BUSY, IDLE = 90.0, 900.0
"""Seconds of silence after which controls are looked up: while anything waits for the source, and else.

A good answer counts for two minutes at most (see `watched`), so `BUSY` stays well below that.
"""


class Watch:
    """Keeps one source watched: asks for a control when nothing else did for a while."""

    def __init__(self, live: LiveSource, ledger: Ledger) -> None:
        self._live = live
        self._ledger = ledger

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            await self._live.health.until_ok()
            await self.look_once()
            await self._live.clock.sleep(BUSY)

    async def look_once(self) -> None:
        """Ask for a control if it is time to, and write down what was watched."""
        live = self._live
        awaited, kinds = await self._ledger.read(_what_waits, live)
        patience = BUSY if awaited else IDLE
        believable = live.answers and live.not_believable() is None
        if live.watched.silence >= patience and believable and kinds:
            async with live.asking:
                if await shows_all(live, self._ledger, kinds) and live.not_believable() is None:
                    live.watched.good_answer()
        await write_down(live, self._ledger)


async def write_down(live: LiveSource, ledger: Ledger) -> None:
    """The ledger's counter follows. A loss in between sees the seconds twice, and its grace is the longer."""
    seconds = live.watched.unwritten
    if seconds > 0:
        await ledger.write(sources.add_watched, live.id, seconds)
        live.watched.unwritten -= seconds


def _what_waits(tx: Tx, live: LiveSource) -> tuple[bool, list[str]]:
    """Whether anything waits for the source, and the kinds of which a control is to be shown.

    Where none is left of what is waited for, or nothing waits, all that the source holds vouch for it.
    """
    awaited = sources.awaited_kinds(tx, live.id, live.name)
    standing = items.kinds_standing(tx, live.id) & live.kinds
    return bool(awaited), sorted((awaited & standing) or standing)
