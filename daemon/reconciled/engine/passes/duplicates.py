"""The duplicates pass: texts are read, papers compared with all others, pictures looked at, groups made.

One run is about all sources in which duplicates are looked for. A source in trouble keeps what is known of
it, and the run says so. With an index of the last search at hand and few papers new or changed only these are
looked up in it; else, and whenever a person asks, all are compared with all. Whatever ends a run, the next
one goes on from what stands.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciled.config import DuplicateSettings
from reconciled.engine.duplicates import grouping
from reconciled.engine.duplicates.comparing import AT_ONCE, Lookup, NoIndex, Since
from reconciled.engine.duplicates.hearing import hear
from reconciled.engine.duplicates.pages.pictures import Pictures
from reconciled.engine.duplicates.pages.previews import Thumbnails
from reconciled.engine.duplicates.reading import TextMirror, chosen
from reconciled.engine.duplicates.search.batches import CHECKPOINT
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.duplicates.search.searching import Search, mark_compared
from reconciled.engine.duplicates.search.workers import CannotSearch
from reconciled.engine.engine import Engine, Place
from reconciled.engine.runs import Run
from reconciled.errors import Unreachable
from reconciled.ledger import sources
from reconciled.model import Json

NONE = (
    "no source that runs shows words or pictures of its items, so there are no duplicates to look for; "
    "name others in duplicates.sources to compare them by their checksums"
)


@dataclass(slots=True)
class DuplicatesRun:
    """One run. `full`: a person asked, so all are compared with all."""

    engine: Engine
    settings: DuplicateSettings
    ground: Ground
    lookup: Lookup
    thumbnails: Thumbnails
    run: Run
    full: bool
    log: logging.Logger
    counts: dict[str, Json] = field(default_factory=dict)

    async def go(self) -> Mapping[str, Json]:
        """Do all of it. Raises what ends the whole run; what it counted is in `counts`."""
        places = chosen(self.engine.places, self.settings)
        if not places:
            raise CannotSearch(NONE)
        of = [place.live.id for place in places]
        meter = Meter(self.run.progress, self.engine.clock.monotonic)
        await self._read(places, meter)
        await self._search(of, meter)
        if self.settings.images is not None:
            meter.stage("pictures", 0, 1)
            pictures = Pictures(
                self.ground, {place.live.name: place for place in places}, self.settings.images,
                self.thumbnails, meter, self.run.id,
            )  # fmt: skip
            self.counts["pictures"] = await pictures.go()
        meter.stage("grouping", 0, 1)
        await self._group()
        meter.end()
        return self.counts

    # --- reading --------------------------------------------------------------------------------------

    async def _read(self, places: Sequence[Place], meter: Meter) -> None:
        """The text mirror of each source, one after the other."""
        mirror = TextMirror(self.engine, self.settings, self.ground.crew, self.log)
        read: dict[str, Json] = {}
        self.counts["sources"] = read
        troubles = []
        for place in places:
            meter.stage(f"texts of {place.live.name}", 0, 1)
            counts = await mirror.read(place.live, meter)
            read[place.live.name] = counts.as_json()
            troubles += [counts.trouble] if counts.trouble is not None else []
        if len(troubles) == len(places):
            raise Unreachable(f"no texts could be read: {'; '.join(troubles)}")
        self.counts["left"] = await mirror.let_go([place.live.id for place in places])

    # --- comparing ------------------------------------------------------------------------------------

    async def _search(self, of: Sequence[int], meter: Meter) -> None:
        """Compare what is to be compared."""
        full = self.full or await self.engine.ledger.read(sources.setting, CHECKPOINT) is not None
        if not full:
            try:
                since = await self._reopened(of)
                await self._look_up(since, of, meter)
            except NoIndex as why:
                self.log.info("duplicates: all are compared with all: %s", why)
            else:
                return
        search = Search(self.ground, of, meter)
        self.counts["search"] = search.counts
        await search.go()
        try:
            since = await self._reopened(of)
            await self._look_up(since, of, meter)
        except NoIndex as why:  # much came while it ran
            self.log.info("duplicates: what came meanwhile waits for the next run: %s", why)

    async def _reopened(self, of: Sequence[int]) -> Since:
        await self.lookup.close()
        return await self.lookup.open(of)

    async def _look_up(self, since: Since, of: Sequence[int], meter: Meter) -> None:
        """Those that came since the index was made, a few at a time."""
        await mark_compared(self.engine.ledger, since.wordless)
        compare = since.compare
        meter.stage("comparing", len(compare), len(compare))
        for at in range(0, len(compare), AT_ONCE):
            some = compare[at : at + AT_ONCE]
            await self.lookup.compare(some, of)
            meter.step(len(some))
        self.counts["looked_up"] = len(compare)

    # --- groups ---------------------------------------------------------------------------------------

    async def _group(self) -> None:
        ledger, now = self.engine.ledger, self.engine.clock.now
        await grouping.prune(ledger, now=now())
        await hear(ledger, self.ground.weights)
        made = await grouping.regroup(ledger, preferences=self.settings.primary, now=now)
        self.counts["groups"] = {
            "opened": made.opened, "changed": made.changed, "over": made.over,
            "asked_again": made.asked_again,
        }  # fmt: skip
