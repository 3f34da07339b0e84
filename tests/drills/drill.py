"""One drill: a source, a fault and a moment, played through and judged against the truth table.

A real plugin over a real socket, on a clock that stands still. A household is read, one thing is really
lost behind the app's back, the fault begins, and for hours of watched time everybody looks; then it is
lifted, and all has to heal by itself. A policy is armed meanwhile, trusted, with the shortest grace: a
request app counts each deletion, and a witness, the second source, still holds all but the lost thing.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.drills.cells import Cell, Outcome
from tests.drills.named import End, Moment
from tests.drills.parts import Believer, Grave
from tests.drills.striking import Struck, strike
from tests.drills.witness import WISHES, WITNESS, Wishes, Witness
from tests.drills.worlds import World, small_pages

from reconciled.clock import Clock
from reconciled.config import Policy, Step, Verb, When
from reconciled.http import Http, new_session
from reconciled.model import Item, Key
from reconciled.source import Context, Source
from reconciled.testing.clock import ManualClock
from reconciled.testing.faults import Fault

Engine = Callable[[ManualClock, Path], Awaitable[Believer]]
"""Makes whoever is to be drilled, over a folder of its own."""

GRACE = 240.0
UNDER = (30.0, 60.0, 120.0, 600.0)
"""Seconds between the looks after the first scan under the fault; two more scans follow."""
LATER = (60.0, 120.0, 120.0, 120.0, 120.0, 600.0)
"""After each of them: the settle and the whole grace, so that a wrong action would come to its end."""
RECOVERY = (60.0, 400.0, 1100.0)
"""Longer than the longest wait for the next try."""
PROOF = (30.0, 100.0, 100.0, 100.0, 100.0)
"""The settle, then the grace."""
POLICY = "forget what is gone"


class Drill:
    """A cell under way."""

    def __init__(self, cell: Cell, world: World, believer: Believer, clock: ManualClock) -> None:
        self.cell = cell
        self.world = world
        self.believer = believer
        self.clock = clock
        self.witness = Witness(clock)
        self.wishes = Wishes()
        self.outcome = Outcome(cell)
        self.known: frozenset[Key] = frozenset()
        self.lost: frozenset[Key] = frozenset()
        self._opened: list[tuple[Source[Any], Http | None]] = []
        self._names: dict[Key, Item] = {}
        self._probe = self._middle = 0

    # --- the household -------------------------------------------------------------------------------

    async def settle_in(self) -> None:
        """Everything is read, twice, and the policy is armed."""
        world = self.world
        world.fill()
        source = self.open(world.name, world.plugin, self._options())
        await self.believer.follow(world.name, source, self._http_of(source))
        self.clock.advance(120)
        world.grow()
        await self._measured_scan()
        self._names = {
            item.key: item async for page in source.snapshot(frozenset(source.kinds)) for item in page.items
        }
        self.known = world.standing()
        assert self.known == frozenset(self._names), f"the truth table and {world.name} differ"
        named = [item for item in self._names.values() if item.parent is None and item.strong_refs]
        self.witness.hold(self._names.values())
        await self.witness.start()
        seeing = self.open(WITNESS, self.witness.plugin, self.witness.options())
        await self.believer.follow(WITNESS, seeing, self._http_of(seeing))
        await self._witnessed(seeing, named)
        self.wishes.hold(named)
        await self.believer.follow(WISHES, self.open_wishes(), None)
        losing = frozenset({world.name})
        step = Step(Verb.DELETE, WISHES)
        await self.believer.decide(Policy(POLICY, When.GONE, (step,), sources=losing, grace=GRACE))
        await self._looks(120.0)

    async def _witnessed(self, seeing: Source[Any], named: list[Item]) -> None:
        """The witness speaks of the same things, else it could object to nothing."""
        kinds = frozenset(seeing.kinds)
        told = {
            ref
            for page in [one async for one in seeing.snapshot(kinds)]
            for item in page.items
            for ref in item.strong_refs
        }
        unseen = [str(item.key) for item in named if not item.strong_refs & told]
        assert not unseen, f"the witness knows nothing of {unseen}"

    async def _measured_scan(self) -> None:
        """A good scan; how many requests come before its listing, and how many until its middle."""
        fake = self.world.fake
        before = len(fake.requests) if fake is not None else 0
        await self.believer.scan(self.world.name)
        if fake is None:
            return
        listing = [n for n, (_, path) in enumerate(fake.requests[before:]) if self.world.lists(path)]
        self._probe = listing[0]
        self.world.probe_asks = frozenset(path for _, path in fake.requests[before:][: self._probe])
        self._middle = listing[0] + (listing[-1] - listing[0] + 1) // 2

    def _options(self) -> dict[str, Any]:
        trouble = self.cell.named.trouble
        hangs = isinstance(trouble, Struck) and trouble.fault is Fault.HANG
        patience = {} if self.world.fake is None else {"timeout": "250ms" if hangs else "10s"}
        return {**self.world.options(), **patience}

    # --- the play ------------------------------------------------------------------------------------

    async def play(self) -> Outcome:
        """The loss, the fault, the watching, the healing; judged on the way."""
        self.clock.advance(120)
        await self._lose()
        await self._begin()
        await self._watch()
        await self._judge_under()
        await self._lift()
        await self._heal()
        await self._judge_after()
        return self.outcome

    async def _lose(self) -> None:
        before = self.world.standing()
        await self.world.lose()
        self.lost = before - self.world.standing()
        assert self.lost, "something was lost"
        assert self.world.nameless or self._right_acts(), (
            "nobody asked for what was lost: no action could follow"
        )
        self.witness.forget(self.lost)

    async def _begin(self) -> None:
        trouble, name, moment = self.cell.named.trouble, self.world.name, self.cell.moment
        match moment:
            case Moment.BEFORE:
                await trouble.begin(self.world, 0)
                await self._double()
                await self.believer.scan(name)
            case Moment.MIDDLE:
                await trouble.begin(self.world, self._middle)
                await self.believer.scan(name)
            case Moment.AFTER:
                await self.believer.scan(name)
                await trouble.begin(self.world, 0, listed=True)

    async def _double(self) -> None:
        if not self.cell.doubled:
            return
        trouble = self.cell.named.trouble
        if isinstance(trouble, Struck) and trouble.fault is not Fault.HANG:
            strike(self.witness.fake, trouble.fault)
        else:
            await self.witness.fake.down()
        await self.believer.scan(WITNESS)
        assert all(active.seen for active in self.witness.fake.faults.active), "the witness was not struck"

    async def _watch(self) -> None:
        """Hours under the fault, and two scans more; the last one only after all probes got through."""
        trouble, name = self.cell.named.trouble, self.world.name
        await self._looks(*UNDER)
        await self._note_holds()
        assert trouble.struck(self.world) or not self.believer.asks, f"{self.cell}: nothing was struck by it"
        for _ in range(2):
            trouble.again(self.world, self._probe)
            await self.believer.scan(name)
            trouble.still(self.world)
            if self.cell.doubled:
                await self.believer.scan(WITNESS)
            await self._looks(*LATER)
            await self._note_holds()

    async def _lift(self) -> None:
        await self.cell.named.trouble.end(self.world)
        if self.cell.doubled:
            self.witness.fake.faults.clear()
            await self.witness.fake.up()

    async def _heal(self) -> None:
        """No restart, no hand: the next tries, and the next scan by the schedule. A hold is a person's."""
        await self._looks(*RECOVERY)
        for name in (self.world.name, WITNESS):
            await self.believer.scan(name)
        await self._looks(*PROOF)
        await self._note_holds()
        if await self.believer.holds(self.world.name):
            await self._judge_held()
            for name in (self.world.name, WITNESS):
                await self.believer.release_all(name)
            await self._looks(*PROOF)
            await self.believer.scan(self.world.name)
            await self._looks(*PROOF)
            await self.believer.approve_all()  # after another instance all is asked anew
            await self._looks(*PROOF)

    async def _looks(self, *seconds: float) -> None:
        for each in seconds:
            self.clock.advance(each)
            await self.believer.turn()

    async def _note_holds(self) -> None:
        for hold in await self.believer.holds(self.world.name):
            if hold not in self.outcome.why_held:
                self.outcome.why_held.append(hold)

    # --- the judge -----------------------------------------------------------------------------------

    async def _judge_under(self) -> None:
        """Under the fault: nothing that stands is remembered as lost, and nothing that nobody could say."""
        graves = await self.believer.graves(self.world.name)
        self._note_false(graves)
        if self.cell.named.mute:
            self.outcome.hasty += [str(one) for one in graves if one.key in self.lost]
        self.outcome.acted += self._false_acts()

    async def _judge_held(self) -> None:
        """The world is back, and nobody has said a word yet: still nothing but what was lost."""
        self._note_false(await self.believer.graves(self.world.name))
        self.outcome.acted += self._false_acts()

    async def _judge_after(self) -> None:
        """All is well: exactly what is gone is remembered, nothing is in doubt, nobody acted wrongly."""
        outcome, name = self.outcome, self.world.name
        graves, standing = await self.believer.graves(name), self.world.standing()
        self._note_false(graves)
        outcome.acted += [one for one in self._false_acts() if one not in outcome.acted]
        if outcome.false:
            outcome.end = End.BELIEVED
        elif outcome.why_held:
            outcome.end = End.HELD
        there = await self.believer.there(name)
        gone = self.known - standing
        outcome.missed += [f"{key} is gone, and counts as present" for key in sorted(gone & there)]
        if not {one.key for one in graves if not one.back} & gone:
            outcome.missed.append("no tombstone of what was lost")
        outcome.left += [f"{key} stands, and does not count as present" for key in sorted(standing - there)]
        outcome.left += [
            f"{one} is remembered as lost, and stands"
            for one in graves
            if one.key in standing and not one.back and self._is_known(one)
        ]
        outcome.left += await self.believer.doubts(name)
        outcome.missed += self._missing_acts()

    def _note_false(self, graves: list[Grave]) -> None:
        """What stands now, or stood all the time although the app said otherwise."""
        gone = self.lost
        if self.cell.named.released:
            gone = self.known - self.world.standing()
        stood = self.known - gone - self._shifted()
        found = [str(one) for one in graves if one.key in stood and self._is_known(one)]
        self.outcome.false += [one for one in found if one not in self.outcome.false]

    def _is_known(self, grave: Grave) -> bool:
        """Whether it is about what the household had, and not about another thing under the same key."""
        return grave.key in self._names and self._names[grave.key].title == grave.title

    def _shifted(self) -> frozenset[Key]:
        """What really went while the listing was read."""
        return (
            self.known - self.world.standing()
            if self.cell.fault == "items shift between pages"
            else frozenset()
        )

    def _false_acts(self) -> list[str]:
        return sorted(str(key) for key in self.wishes.deleted - self._right_acts())

    def _missing_acts(self) -> list[str]:
        if self.world.nameless:
            return []
        return [
            f"the request for {key} still stands" for key in sorted(self._right_acts() - self.wishes.deleted)
        ]

    def _right_acts(self) -> frozenset[Key]:
        """The wishes for what was lost and nobody else holds."""
        return self.wishes.about(self.lost)

    # --- sources -------------------------------------------------------------------------------------

    def open(self, name: str, plugin: type[Source[Any]], options: Mapping[str, Any]) -> Source[Any]:
        """A source as the daemon makes it, from settings as people write them."""
        http = Http(new_session, self.clock)
        shelf = self.world.shelf if name == self.world.name else None
        context = _context(name, http, self.clock, self.believer, plugin, shelf)
        source = plugin(plugin.Config.model_validate(options), context)
        self._opened.append((source, http))
        return source

    def open_wishes(self) -> Source[Any]:
        """The request app, in memory: it counts what is deleted."""
        http = Http.__new__(Http)
        context = _context(WISHES, http, self.clock, self.believer, self.wishes.plugin, None)
        source = self.wishes.source(context)
        self._opened.append((source, None))
        return source

    def _http_of(self, source: Source[Any]) -> Http | None:
        return next(http for known, http in self._opened if known is source)

    async def close(self) -> None:
        """Everything that was opened is closed."""
        for source, http in self._opened:
            await source.close()
            if http is not None:
                await http.close()
        await self.witness.stop()


def _context(
    name: str, http: Http, clock: Clock, believer: Believer, plugin: type[Source[Any]], shelf: Any
) -> Context:
    log = logging.getLogger(f"drill.{name}")
    return Context(name, http, clock, log, believer.store(name), kinds=frozenset(plugin.kinds), shelf=shelf)


@asynccontextmanager
async def _opened(cell: Cell, folder: Path, engine: Engine) -> AsyncIterator[Drill]:
    clock = ManualClock()
    world = cell.world(clock)
    believer = await engine(clock, folder)
    drill = Drill(cell, world, believer, clock)
    try:
        await world.start()
        yield drill
    finally:
        await believer.stop()
        await drill.close()
        await world.stop()


async def play(cell: Cell, folder: Path, engine: Engine) -> Outcome:
    """Play a cell through and judge it; whatever is wrong stands in the outcome."""
    with small_pages():
        async with _opened(cell, folder, engine) as drill:
            await drill.settle_in()
            return await drill.play()
