"""A rehearsal: how things really are, then every fault at every source, each on a copy of its own.

A cell goes like this: the source is read while the fault strikes, then an hour passes, then a day and more;
the fault ends, the source is read again, and an hour passes. The same hours without a fault say what is
true: only what went beyond that was a mistake.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from reconciled.config import Settings
from reconciled.drill.findings import Cell, Moment, Report, State
from reconciled.drill.house import House, armed, copied, opened
from reconciled.drill.relay import Relay
from reconciled.errors import ReconciledError
from reconciled.ledger.condition import explain
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import LedgerTrouble
from reconciled.testing.clock import ManualClock
from reconciled.testing.faults import Fault

REFUSED = "refused"
"""Nobody listens. The other faults are those of `reconciled.testing.faults`."""
NAMED = (
    REFUSED, Fault.HANG, Fault.UNAUTHORIZED, Fault.NOT_FOUND, Fault.NOT_FOUND_APP, Fault.ERROR, Fault.HTML,
    Fault.EMPTY, Fault.CUT_JSON, Fault.OTHER_APP,
)  # fmt: skip
ALL = (REFUSED, *(fault for fault in Fault if fault is not Fault.SLOW))
HOUR, OFTEN = 3600.0, 300.0


class CannotDrill(ReconciledError):
    """The drill cannot be held; the message says why and what helps."""


class Rehearsal:
    """`async with Rehearsal(settings, ledger, now) as one: report = await one.run(...)`.

    `ledger` is the real one, which is copied and left alone; it need not exist. With `as_if_armed`
    everything stands on `mode: act`. `said` is told what happens, a line each.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Path,
        now: datetime,
        *,
        as_if_armed: bool = False,
        said: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = armed(settings) if as_if_armed else settings
        self._ledger = ledger
        self._now = now
        self._said = said
        self._stack = contextlib.AsyncExitStack()
        self.folder = Path()
        """Where the copies lie while it goes on; `begin.db` is what every cell begins with."""
        self._relays: dict[str, Relay] = {}
        self._real = State(0, (), frozenset(), frozenset())
        self._copies = 0

    async def __aenter__(self) -> Self:
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="reconciled-drill-")))
        for name, source in self._settings.sources.items():
            relay = Relay(source.type.asked_by_post)
            self._relays[name] = await self._stack.enter_async_context(relay)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def run(self, faults: Sequence[str] = NAMED, sources: Sequence[str] = ()) -> Report:
        """Play these faults at these sources, all by default. CannotDrill when an app does not answer."""
        report = Report()
        asked = await self._begin(report)
        names = [name for name in self._settings.sources if not sources or name in sources]
        for name in names:
            if not asked[name]:
                report.aside[name] = "it asks no app over HTTP, so none of these faults can happen to it"
                continue
            for fault in faults:
                for moment in Moment:
                    after = asked[name] // 2 if moment is Moment.MIDDLE else 0
                    if fault == REFUSED and moment is Moment.MIDDLE:
                        continue  # who listens in the beginning goes on listening
                    cell = await self._cell(name, fault, moment, after=after)
                    report.cells.append(cell)
                    self._said(f"{name}: {fault}, {moment}: {cell.noticed}")
        report.requests = {name: relay.requests for name, relay in self._relays.items()}
        report.stopped = sum(relay.stopped for relay in self._relays.values())
        report.slipped = sum(relay.slipped for relay in self._relays.values())
        return report

    async def _begin(self, report: Report) -> Mapping[str, int]:
        """How things are now, in the ledger that every cell begins with. Returns how many questions one
        scan of each source takes."""
        first = self.folder / "ledger.db"
        await self._copy(first)
        clock = ManualClock(self._now)
        asked: dict[str, int] = {}
        async with opened(first, self._settings, clock, self._relays) as house:
            before = await house.state()
            await house.pass_time(120.0)
            self._want_answers(house)
            for name, relay in self._relays.items():
                seen = relay.seen
                await house.scan(name)
                asked[name] = relay.seen - seen
            await house.pass_time(2 * HOUR)
            self._want_answers(house)
            state = await house.state()
        self._now = clock.now()
        self._said(f"{len(self._settings.sources)} sources were read; what follows is played on a copy")
        copied(first, self.folder / "begin.db")
        async with self._played() as house:
            await self._hours(house, None)
            self._real = await house.state()
        report.real = tuple(sorted(self._real.lost - before.lost, key=str))
        report.would = tuple(sorted((self._real.meant | state.meant) - before.meant, key=str))
        return asked

    async def _copy(self, to: Path) -> None:
        """The ledger as it is, if there is one, in a shape that this version knows."""
        try:
            if not self._ledger.is_file():
                self._said(f"there is no ledger {self._ledger} yet, so an empty one is filled for the drill")
                return
            copied(self._ledger, to)
        except sqlite3.Error as error:
            raise CannotDrill(explain(self._ledger, error, "copy")) from error
        except OSError as error:
            told = f"cannot copy the ledger {self._ledger}: {error.strerror}"
            raise CannotDrill(f"{told}; hold the drill as the user that runs the daemon") from error
        try:
            await (await Ledger.open(to)).close()
        except LedgerTrouble as error:
            raise CannotDrill(str(error).replace(str(to), str(self._ledger))) from error

    def _want_answers(self, house: House) -> None:
        """CannotDrill, naming them, if there are apps that could not be read."""
        silent = {name: why for name in self._settings.sources if (why := house.trouble_of(name))}
        if silent:
            told = "; ".join(f"{name}: {why}" for name, why in silent.items())
            raise CannotDrill(f"a drill begins with apps that answer, and these do not: {told}")

    async def _cell(self, name: str, fault: str, moment: Moment, *, after: int) -> Cell:
        relay = self._relays[name]
        async with self._played() as house:
            try:
                worst = await self._hours(house, name, strike=lambda: _strike(relay, fault, after))
            finally:
                relay.faults.clear()
                relay.refusing = False
            now = await house.state()
        left = max(0, now.suspects - self._real.suspects) + len(set(now.holds) - set(self._real.holds))
        return Cell(
            source=name, fault=fault, moment=moment,
            suspects=max(0, worst.suspects - self._real.suspects),
            holds=tuple(hold for hold in worst.holds if hold not in self._real.holds),
            lost=tuple(sorted((now.lost | worst.lost) - self._real.lost, key=str)),
            meant=tuple(sorted((now.meant | worst.meant) - self._real.meant, key=str)),
            left=left,
        )  # fmt: skip

    async def _hours(
        self, house: House, name: str | None, *, strike: Callable[[], None] = lambda: None
    ) -> State:
        """The hours of a cell; `name` is read while it is struck. Returns how it was when the fault ended."""
        names = list(self._settings.sources) if name is None else [name]
        await house.pass_time(120.0)
        strike()
        for one in names:
            await house.scan(one)
        await house.pass_time(HOUR, every=OFTEN)
        await house.pass_time(26 * HOUR, every=HOUR)
        worst = await house.state()
        for relay in self._relays.values():
            relay.faults.clear()
            relay.refusing = False
        await house.pass_time(2 * OFTEN, every=OFTEN)
        for one in names:
            await house.scan(one)
        await house.pass_time(HOUR, every=OFTEN)
        return worst

    @contextlib.asynccontextmanager
    async def _played(self) -> AsyncIterator[House]:
        """A house over a fresh copy of how things are."""
        self._copies += 1
        file = self.folder / f"{self._copies}.db"
        copied(self.folder / "begin.db", file)
        try:
            async with opened(file, self._settings, ManualClock(self._now), self._relays) as house:
                yield house
        finally:
            for end in ("", "-wal", "-shm"):
                file.with_name(file.name + end).unlink(missing_ok=True)


def _strike(relay: Relay, fault: str, after: int) -> None:
    if fault == REFUSED:
        relay.refusing = True
    else:
        relay.faults.set(Fault(fault), after=after)
