"""What becomes of uploads that their targets took and are working on: asked for until there is an end.

One takes too long when its target had all its time for it, and came to no end of it, nor of any other: what
stands in a long queue is not late, and while a target is not well no time passes. Oldest first, since
targets work in that order: behind a few that are not finished the rest is not asked about. Nobody waits for
it; a run only waits when a target has very many in hand.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from reconciled.clock import wait_for
from reconciled.config import Mirror
from reconciled.config.mirrors import TASK_TIMEOUT
from reconciled.engine.engine import Engine
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror.footing import why_not
from reconciled.engine.mirror.results import Ends, Holds, Older, PutOff, Result, why_gone
from reconciled.engine.mirror.telling import tell
from reconciled.engine.suspicion import Desk
from reconciled.errors import SourceError
from reconciled.ledger import copies, journeys
from reconciled.ledger.condition import is_outside
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import TIMEOUT, CopyRow, CopyStatus, How
from reconciled.ledger.rows import stamp
from reconciled.source import Failed, Kept, Outcome, Pending, Receipt, Uploads
from reconciled.units import say_duration

AT_ONCE = 50
UNFINISHED = 5
"""After so many that are not finished, one after the other, a target is left to work."""
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds between two questions about one upload: longer, the longer it takes."""
IN_HAND = 200
"""So many uploads a target may have in hand before a run waits for it."""
NAP = 5.0


@dataclass(slots=True)
class _Works:
    """How a target gets on with what it has in hand; all reckoned.

    `well`: since when it can be asked, None while it cannot. `moved`: when it last came to the end of one;
    `newest`: when the newest of those had been handed over.
    """

    well: float | None
    moved: float
    newest: float = 0.0

    def ended(self, row: CopyRow, *, now: float) -> None:
        """It came to the end of this one."""
        self.moved, self.newest = now, max(self.newest, row.sent or 0.0)

    def had(self, sent: float, *, now: float) -> float:
        """The seconds that it had for what was handed over then; in a queue that moves none pass yet."""
        began = max(sent, self.well if self.well is not None else now)
        return now - (began if self.newest > sent else max(began, self.moved))


@dataclass
class Following:
    """Follows the uploads of all mirrors. `mirrors` are those of the config, by name."""

    engine: Engine
    log: logging.Logger
    mirrors: Callable[[], Mapping[str, Mirror]]
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _began: float = field(init=False)
    _works: dict[str, "_Works"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began = self.engine.clock.reckoned()

    async def run(self) -> None:
        """Ask what is due, for ever."""
        clock = self.engine.clock
        while True:
            self.woken.clear()
            if await self.ask_once() >= AT_ONCE:
                continue  # so many came to their end that more may be due
            at = await self.engine.ledger.read(copies.next_question)
            wait = 3600.0 if at is None else max(SHORTEST, at - clock.reckoned())
            await wait_for(self.woken, wait, clock=clock)

    async def ask_once(self) -> int:
        """Ask each target about what is due. Returns how many came to an end."""
        places = list(self.engine.places.values())
        takers = [place.live for place in places if isinstance(place.live.source, Uploads)]
        lives = [live for live in takers if self._is_at_work(live)]
        asked = await asyncio.gather(*(self._ask(live) for live in lives), return_exceptions=True)
        ended = 0
        for one in asked:
            if isinstance(one, BaseException):
                raise one
            ended += one
        if ended:
            self.ended.set()
            self.engine.tell("copies", ended=ended)
        return ended

    async def room(self, target: str) -> None:
        """Wait until the target has room for more. Nobody waits for one that cannot be asked now."""
        while (
            self._can_be_asked(target)
            and await self.engine.ledger.read(copies.count_processing, target) >= IN_HAND
        ):
            self.ended.clear()
            self.woken.set()
            await wait_for(self.ended, NAP, clock=self.engine.clock)

    def _can_be_asked(self, target: str) -> bool:
        place = self.engine.places.get(target)
        return place is not None and why_not(place.live) is None

    def _is_at_work(self, live: LiveSource) -> bool:
        """Whether the target can be asked. Its time counts anew once it can be again."""
        works = self._works.setdefault(live.name, _Works(self._began, self._began))
        if why_not(live) is not None:
            works.well = None
        elif works.well is None:
            works.well = self.engine.clock.reckoned()
        return works.well is not None

    async def _ask(self, live: LiveSource) -> int:
        clock, ended, unfinished = self.engine.clock, 0, 0
        rows = await self.engine.ledger.read(
            copies.processing, live.name, now=clock.reckoned(), limit=AT_ONCE
        )
        for row in rows:
            if unfinished >= UNFINISHED or not live.answers:
                break
            over = await self._guarded(live, row)
            unfinished = 0 if over else unfinished + 1
            ended += over
        if unfinished >= UNFINISHED:
            await self._leave_alone([row.id for row in rows], live)
        return ended

    async def _guarded(self, live: LiveSource, row: CopyRow) -> bool:
        """One that crashes, by an odd answer or a fault of ours, holds up no other."""
        try:
            return await self._one(live, row)
        except Exception as error:
            if is_outside(error):
                raise
            self.log.exception("%s: what became of copy %d crashed", live.name, row.id)
        said = "what it says of it cannot be taken in; the log has the traceback"
        result = self._late(row, said)
        if result is None:
            await self._later(live, row, Pending(said))
        else:
            await self._write(live, row, result)
        return result is not None

    async def _one(self, live: LiveSource, row: CopyRow) -> bool:
        """Ask about one upload. Returns whether it came to an end."""
        source = live.source
        assert isinstance(source, Uploads), "the caller looked"  # noqa: S101 - narrows the type
        receipt = Receipt(row.receipt or "")
        try:
            found: object = await live.ask("ask", lambda: source.outcome(receipt))
        except SourceError as error:
            found = None
            result = self._late(row, str(error))
        else:
            result = self._result(row, found, live)
        if isinstance(result, Holds):
            result = replace(result, gone=await why_gone(live, result.kept))
        if result is None:
            await self._later(live, row, found if isinstance(found, Pending) else Pending())
            return False
        await self._write(live, row, result)
        if isinstance(found, Kept | Failed):
            self._works[row.target].ended(row, now=self.engine.clock.reckoned())
        return True

    def _result(self, row: CopyRow, found: "Outcome | object", live: LiveSource) -> Result | None:
        match found:
            case Kept() if row.goes_back and found.key != row.copied:
                said = f"not taken for {row.copied}: {row.target} has the same bytes as {found.key}"
                return Ends(row.id, CopyStatus.FAILED, said, "refused")
            case Kept() if row.how is How.MADE and found.key != row.copied and not found.ours:
                return Older(
                    row.id,
                    row.held_sha256,
                    f"{row.copied} is older; {row.target} has the newer bytes as {found.key}",
                )
            case Kept():
                return Holds(row.id, found, back=row.goes_back)
            case Failed() if found.again:
                return PutOff(row.id, found.said)
            case Failed():
                return Ends(row.id, CopyStatus.FAILED, found.said, "failed")
            case Pending():
                return self._late(row, found.said)
        self.log.error("%s: its plugin's outcome() gave %s", live.name, type(found).__name__)
        return self._late(row, "the plugin gave no outcome")

    def _late(self, row: CopyRow, said: str) -> Result | None:
        """The end of an upload that takes too long; None while there is time."""
        mirror = self.mirrors().get(row.mirror)
        most = mirror.task_timeout if mirror is not None else TASK_TIMEOUT
        now = self.engine.clock.reckoned()
        if row.sent is None or self._works[row.target].had(row.sent, now=now) < most:
            return None
        far = f" ({said})" if said else ""
        reason = (
            f"{row.target} has not finished with it after {say_duration(most)}{far}; look at its list of "
            "tasks and whether its worker runs, then retry"
        )
        return Ends(row.id, CopyStatus.FAILED, reason, TIMEOUT, heard=row.goes_back)

    async def _later(self, live: LiveSource, row: CopyRow, found: Pending) -> None:
        clock = live.clock
        age = clock.reckoned() - (row.sent or clock.reckoned())
        due = clock.reckoned() + min(LONGEST, max(SHORTEST, age / 4))
        at = stamp(clock.now())
        await self.engine.ledger.write(journeys.ask_again, row.id, next_try=due, reason=found.said, at=at)

    async def _leave_alone(self, ids: list[int], live: LiveSource) -> None:
        """What stands behind those that are not finished is not asked about for a while."""
        due = live.clock.reckoned() + NAP
        await self.engine.ledger.write(lambda tx: journeys.not_before(tx, ids, due))

    async def _write(self, live: LiveSource, row: CopyRow, result: Result) -> None:
        """The end, with the findings about its original, at the desk of the original's source."""
        place = self.engine.places.get(row.source)
        home = place.live if place is not None else live

        def write(tx: Tx) -> None:
            now = copies.get(tx, row.id)
            if now is None or now.status is not CopyStatus.PROCESSING or now.receipt != row.receipt:
                return
            twins = [twin.item_id for twin in copies.twins_of(tx, row.id)]
            desk = Desk.at(tx, home)
            result.write(desk, live)
            if place is not None:
                tell(desk, [row.item_id, *twins])

        await self.engine.ledger.write(write)
        self.engine.tell("copy", id=row.id, mirror=row.mirror, target=row.target, status=str(result.word))
