"""Keeping a source watched: while anything waits for it, a control is asked for every minute."""

from reconciled.engine.live import LiveSource
from reconciled.engine.proof import has_a_yes
from reconciled.ledger import items, sources
from reconciled.ledger.connection import Ledger, Tx

BUSY, IDLE = 60.0, 900.0
"""Seconds of silence after which a control is looked up: while anything waits for the source, and else."""


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
        awaited = await self._ledger.read(_is_awaited, live.id, live.name)
        patience = BUSY if awaited else IDLE
        believable = live.answers and live.not_believable() is None
        if live.watched.silence >= patience and believable:
            async with live.asking:
                if await self._shows_every_kind() and live.not_believable() is None:
                    live.watched.good_answer()
        await write_down(live, self._ledger)

    async def _shows_every_kind(self) -> bool:
        """Whether a control of each kind that the source holds is shown: one kind says nothing of another."""
        kinds = await self._ledger.read(items.kinds_standing, self._live.id)
        for kind in sorted(kinds & self._live.kinds):
            if not await has_a_yes(self._live, self._ledger, kind):
                return False
        return bool(kinds & self._live.kinds)


async def write_down(live: LiveSource, ledger: Ledger) -> None:
    """The ledger's counter follows. A loss in between sees the seconds twice, and its grace is the longer."""
    seconds = live.watched.unwritten
    if seconds > 0:
        await ledger.write(sources.add_watched, live.id, seconds)
        live.watched.unwritten -= seconds


def _is_awaited(tx: Tx, source_id: int, name: str) -> bool:
    return sources.is_awaited(tx, source_id, name)
