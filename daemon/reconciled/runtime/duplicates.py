"""The search for duplicates, running: when the pass runs, and new papers compared as soon as they are there.

The pass runs when its schedule says so, or when a person asks, and never twice at once. In between, what an
event or a scan shows to be new or changed is read and compared with all right away, as long as it is little.
An edit of weights and bands reckons what is stored anew and makes the groups from that, without a search; one
that was cut off is made up for at the next start. Without the libraries nothing runs, and that is said once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from reconciled.clock import wait_for
from reconciled.config import DuplicateSettings, Schedule
from reconciled.config.schema import NIGHTLY
from reconciled.engine.duplicates import grouping
from reconciled.engine.duplicates.comparing import AT_ONCE, Lookup, NoIndex
from reconciled.engine.duplicates.pages.previews import FOLDER as PREVIEWS
from reconciled.engine.duplicates.pages.previews import Thumbnails
from reconciled.engine.duplicates.reading import Counts, TextMirror, chosen
from reconciled.engine.duplicates.search.batches import CHECKPOINT
from reconciled.engine.duplicates.search.fetching import Fetching
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.workers import CannotSearch, Crew, Hold, lacks
from reconciled.engine.engine import Engine, Place
from reconciled.engine.live import LiveSource
from reconciled.engine.passes.duplicates import DuplicatesRun
from reconciled.engine.runs import AlreadyRunning, NoSuchSource, Run
from reconciled.errors import SourceError
from reconciled.ledger import sheets, sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Json
from reconciled.runtime.duty import NAP, Duty
from reconciled.source import Texts

PASS = "duplicates"  # noqa: S105 - a "pass" is a kind of work here
FOLDER = "duplicates"
"""Where a search keeps its steps and its index, beside the ledger."""
BY_ITSELF = "schedule"
UNWELL = 5.0
"""Seconds after which sources that are not well yet are looked at again, where a search was cut off."""
IDLE = 1800.0
"""Seconds after which the worker that looks up new papers is ended."""
MANY = 200
"""What is more at once waits for the pass."""
WEIGHED = "duplicates.weighed"
"""Under this name the ledger's settings hold the weights and preferences by which all was judged."""


ENDS = ("action", "tombstone", "changed", "run")
"""The news after which a group may have lost a member, have it again, or be answered."""


class Duplicates:
    """All of it. Its methods are called from the event loop."""

    def __init__(
        self,
        engine: Engine,
        state: Path,
        *,
        log: logging.Logger,
        at: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`state` is the daemon's folder."""
        self.settings = DuplicateSettings()
        self.when: Schedule = NIGHTLY
        self._engine = engine
        self._log = log
        self._at = at
        self._folder = state / FOLDER
        self._state = state
        self._hold = Hold(self._folder)
        self.thumbnails = self._thumbnails()
        self._near = Crew(1, log=log, nice=0, lock=self._hold)
        self._lookup = Lookup(self._ground(self._near), self._near)
        self._running: Run | None = None
        self._news: set[str] = set()
        self._wanted = asyncio.Event()
        self._reweigh = asyncio.Event()
        self._at_it = False
        self._judging = list[str]()  # by what is written just now, and what was judged last
        self._weighed: str | None = None
        self._said: str | None = None
        engine.passes[PASS] = self._pass
        engine.alone.add(PASS)
        engine.listeners.append(self._hear)

    async def configure(self, settings: DuplicateSettings, when: Schedule = NIGHTLY) -> None:
        """Take over what the config says."""
        before, self.settings, self.when = self.settings, settings, when
        if before.thumbnails != settings.thumbnails:
            await self.thumbnails.close()
            self.thumbnails = self._thumbnails()
        self._lookup.ground = self._ground(self._near)
        if (before.keep_text, before.sources) != (settings.keep_text, settings.sources):
            await self._end_run()
        self._reweigh.set()
        self._warn()

    def places(self) -> list[Place]:
        """The sources in which duplicates are looked for."""
        return chosen(self._engine.places, self.settings)

    @property
    def is_idle(self) -> bool:
        """Whether no news wait to be read and compared."""
        return not (self._at_it or self._wanted.is_set())

    def lacks(self) -> str | None:
        """What keeps duplicates from being looked for, with its remedy; None: nothing, or nobody wants it."""
        return lacks() if self.places() else None

    async def begin(self, *, asked_by: str) -> int:
        """Run the pass over all sources now; returns its run's id. AlreadyRunning, NoSuchSource."""
        places = self.places()
        names = [place.live.name for place in places] or sorted(self._engine.places)
        if not names:
            raise NoSuchSource("there is no source yet, so there are no duplicates to look for")
        return await self._engine.begin(PASS, names[0], asked_by=asked_by)

    async def close(self) -> None:
        """End what is under way."""
        await self._lookup.close()
        await self.thumbnails.close()
        self._hold.let_go()

    # --- loops ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run the pass when it is due, for ever; at once where a search was cut off."""
        if await self._engine.ledger.read(sources.setting, CHECKPOINT) is not None:
            await self._run_once(UNWELL)
        duty = Duty(PASS, self._engine, lambda: self.when)
        while True:
            await duty.until_due()
            await self._run_once(NAP, at_its_begin=duty.begin)

    async def _run_once(
        self, nap: float, *, at_its_begin: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Run the pass, as soon as one of its sources is well; `at_its_begin` is called then."""
        self._warn()
        if self.settings.sources == ():
            await self._forget_all()
        runs = lacks() is None
        while runs and (places := self.places()) and not any(place.live.answers for place in places):
            await self._engine.clock.sleep(nap)
        if at_its_begin is not None:
            await at_its_begin()
        if runs and self.places():
            with contextlib.suppress(AlreadyRunning, NoSuchSource):
                await self._engine.wait(await self.begin(asked_by=BY_ITSELF))

    async def _forget_all(self) -> None:
        """Nothing is looked for any more, so no words are kept, and no groups are shown."""
        if await TextMirror(self._engine, self.settings, self._near, self._log).let_go([]):
            clock = self._engine.clock
            await grouping.regroup(self._engine.ledger, preferences=self.settings.primary, now=clock.now)
            self._engine.tell("finding")

    async def follow(self) -> None:
        """Compare what is new or changed, for ever."""
        clock = self._engine.clock
        while True:
            if not await wait_for(self._wanted, IDLE, clock=clock):
                if self._near.pids and self._running is None:
                    await self._lookup.close()
                continue
            self._wanted.clear()
            self._at_it = True
            try:
                await self._read_all_news()
            finally:
                self._at_it = False

    async def _read_all_news(self) -> None:
        news, self._news = self._news, set()
        if lacks() is not None or self._running is not None:
            return  # looked for again when the run is over
        for place in self.places():
            if place.live.name in news and place.live.answers:
                await self._read_news(place.live)

    async def weigh(self) -> None:
        """Judge what is stored by the weights of the config, for ever: at once, and after each edit.

        The groups of what went, came back or was acted on are made anew as soon as that is told.
        """
        while True:
            await self._reweigh.wait()
            self._reweigh.clear()
            try:
                await self.weigh_once()
                await self.settle()
            except BaseException:
                self._reweigh.set()  # nobody tells it once more
                raise

    async def settle(self) -> None:
        """Make the groups anew of which a member came or went, or which an act answered."""
        made = await grouping.regroup_stale(
            self._engine.ledger, preferences=self.settings.primary, now=self._engine.clock.now
        )
        if made != grouping.Counts():
            self._engine.tell("finding", changed=made.opened + made.changed + made.over)

    async def weigh_once(self) -> bool:
        """Do it if the config says something else than what is stored was judged by. Whether it did."""
        settings, ledger = self.settings, self._engine.ledger
        wanted = _judging(settings)
        if (self._weighed or await ledger.read(sources.setting, WEIGHED)) == wanted:
            return False
        mixed = any(told != wanted for told in self._judging)  # who began before will write by others
        self._weighed = wanted
        try:
            await ledger.write(sources.set_setting, WEIGHED, None)
            await grouping.reweigh(ledger, settings.weights)
            await grouping.regroup(ledger, preferences=settings.primary, now=self._engine.clock.now)
            if not mixed:
                await ledger.write(sources.set_setting, WEIGHED, wanted)
        except BaseException:
            self._weighed = None
            raise
        self._engine.tell("finding")
        return True

    @contextlib.contextmanager
    def _by_these(self) -> Iterator[None]:
        """What is written meanwhile is judged by the settings of now; an edit has it judged anew then."""
        told = _judging(self.settings)
        self._judging.append(told)
        try:
            yield
        finally:
            self._judging.remove(told)
            if told != _judging(self.settings):
                self._weighed = None
                self._reweigh.set()

    # --- news -----------------------------------------------------------------------------------------

    def _hear(self, what: str, told: Mapping[str, Json]) -> None:
        if what in ENDS:
            self._reweigh.set()
        scanned = what == "run" and told.get("pass") == "scan" and told.get("state") == "complete"
        if scanned or what == "changed":
            self._news.add(str(told.get("source")))
            self._wanted.set()

    async def _read_news(self, live: LiveSource) -> None:
        """Read what is new or changed of a source and compare it. Its trouble leaves it to the pass."""
        source = live.source
        if not isinstance(source, Texts) or live.not_believable() is not None:
            return
        due = await self._engine.ledger.read(sheets.due, live.id, live.kinds, limit=MANY + 1)
        if not due or len(due) > MANY:
            return
        crew, counts = self._near, Counts()
        try:
            await self._hold.take()
            await TextMirror(self._engine, self.settings, crew, self._log).ask(live, source, due, counts)
            await self.compare(sorted(counts.changed))
        except (SourceError, CannotSearch) as error:
            self._log.warning("duplicates: what is new in %s waits for the next run: %s", live.name, error)
        except NoIndex as why:
            self._log.debug("duplicates: what is new in %s waits for the next run: %s", live.name, why)

    async def compare(self, items: Sequence[int]) -> set[int]:
        """Compare papers with all others now, and make their groups. NoIndex, CannotSearch, SourceError.

        Returns the papers whose likenesses are others now.
        """
        await self._hold.take()
        of = [place.live.id for place in self.places()]
        touched: set[int] = set()
        for at in range(0, len(items), AT_ONCE):
            with self._by_these():
                touched |= await self._lookup.compare(items[at : at + AT_ONCE], of)
        if touched:
            made = await self._engine.ledger.write(self._regroup, touched)
            if made != grouping.Counts():
                self._engine.tell("finding", changed=made.opened + made.changed + made.over)
        return touched

    def _regroup(self, tx: Tx, touched: set[int]) -> grouping.Counts:
        return grouping.regroup_some(
            tx, touched, preferences=self.settings.primary, now=self._engine.clock.now()
        )

    # --- the pass -------------------------------------------------------------------------------------

    async def _pass(self, _: Place, run: Run) -> Mapping[str, Json]:
        if (why := lacks()) is not None:
            raise CannotSearch(why)
        await self._hold.take()
        settings = self.settings
        crew = Crew(settings.workers, log=self._log, lock=self._hold)
        self._running = run
        work = DuplicatesRun(
            self._engine, settings, self._ground(crew), self._lookup, self.thumbnails, run,
            full=run.asked_by != BY_ITSELF, log=self._log,
        )  # fmt: skip
        try:
            with self._by_these():
                found = await work.go()
        finally:
            self._running = None
            run.counted.update(work.counts)
            self._news |= {place.live.name for place in self.places()}
            self._wanted.set()  # what came after it had read its source
            await crew.close()
        self._engine.tell("finding")
        return found

    async def _end_run(self) -> None:
        """What it is about changed; it goes on, or begins anew, when it is asked for."""
        if self._running is not None:
            await self._engine.cancel(self._running.id)

    def _ground(self, crew: Crew) -> Ground:
        engine = self._engine
        return Ground(
            engine.ledger, self._folder, crew, Fetching(engine.ledger, self._live_of), self.settings.weights,
            self._log, lambda: stamp(engine.clock.now()), self._at,
        )  # fmt: skip

    def _live_of(self, source_id: int) -> LiveSource | None:
        lives = (place.live for place in self._engine.places.values())
        return next((live for live in lives if live.id == source_id), None)

    def _thumbnails(self) -> Thumbnails:
        return Thumbnails(
            self._state / PREVIEWS, self.settings.thumbnails, clock=self._engine.clock, log=self._log
        )

    def _warn(self) -> None:
        """Say once what is missing."""
        why = self.lacks()
        if why is not None and why != self._said:
            self._log.warning("%s", why)
        self._said = why


def _judging(settings: DuplicateSettings) -> str:
    """What pairs and groups are judged by, as text that is equal for equals."""
    told: Json = {
        "of": {str(factor): weight for factor, weight in settings.factors.items()},
        "bands": [settings.duplicate, settings.review],
        "primary": [str(one) for one in settings.primary],
    }
    return msgspec.json.encode(told, order="sorted").decode()
