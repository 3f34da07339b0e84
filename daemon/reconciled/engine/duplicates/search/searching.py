"""A search over all papers: read, join, pick, compare; each step is kept, so a cut-off search goes on.

The plan is frozen at its beginning (see `frozen`). What a step made stands in files, written whole or not at
all; which pairs were compared is written in the transaction that writes what was found of them. A search that
was cut off is gone on with under its plan, as long as few papers changed since: those are looked up after it.
Memory is bounded by the chunks, never by the library; workers do all that is long.
"""

import asyncio
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from reconciled.engine.chunks import in_chunks
from reconciled.engine.duplicates.search import missed
from reconciled.engine.duplicates.search.batches import CHECKPOINT, Batches, checkpoint, each
from reconciled.engine.duplicates.search.chaining import CHAINED, chain, forget
from reconciled.engine.duplicates.search.frozen import Freezing, Frozen, load
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.labour import is_full
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.duplicates.search.workers import no_room
from reconciled.ledger import likenesses, papers, sheets, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Json

CHUNK = 1000
"""As `duplicates.steps.CHUNK`, which is not to be imported here; a test holds the two together."""
PAIRS = "pairs.u64"
"""As `labours.PAIRS`: the candidates."""
PAGE = 5000
READING, JOINING, COMPARING, AGAIN, CHAINING = 0.15, 0.05, 0.66, 0.1, 0.04
"""What each stage is of the whole, by the time that it takes of 100,000 papers."""
_AGAIN = 0.10
"""A plan of which more papers than this share changed is not gone on with."""


@dataclass(slots=True)
class Search:
    """One search. `counts` tells what it did, and what it found done."""

    ground: Ground
    sources: Sequence[int]
    meter: Meter
    counts: dict[str, Json] = field(default_factory=dict)

    async def go(self) -> None:
        """Search to the end, from wherever the last one was cut off. CannotSearch, SourceError."""
        try:
            await self._go()
        except OSError as error:
            if not is_full(error):
                raise
            raise no_room(error) from error

    async def _go(self) -> None:
        frozen, began, done = await self._plan()
        chunks = -(-frozen.count // CHUNK)
        common: dict[str, Any] = {"folder": str(self.ground.search), "plan": frozen.plan, "chunks": chunks}
        stands = await self.ground.crew.do("frame", **common)
        await asyncio.to_thread(frozen.write, self.ground.search)
        self.counts |= {"papers": frozen.size, "sheets": frozen.count}
        firsts = await asyncio.to_thread(frozen.firsts)
        if not stands["picked"]:
            await self._read(frozen, firsts, stands, common)
            await self._join(frozen, stands, common)
            await self.ground.crew.do("pick", **common)
            self.ground.at("pairs picked")
            done = 0
        else:
            self.meter.stage("joining", frozen.count * (READING + JOINING), 1, done=1)
            self.meter.expect(frozen.count * (COMPARING + AGAIN + CHAINING))
        await self._compare(frozen, firsts, began, done)
        await self._finish(frozen, began, common)

    # --- the plan -------------------------------------------------------------------------------------

    async def _plan(self) -> tuple[Frozen, str, int]:
        """The plan, when it was made, and how many batches of its pairs were compared."""
        ground = self.ground
        now = await freeze(ground.ledger, self.sources)
        old = await asyncio.to_thread(load, ground.search)
        kept = await ground.ledger.read(sources.setting, CHECKPOINT)
        note: Any = msgspec.json.decode(kept) if kept else {}
        if (
            old is not None
            and note.get("plan") == old.plan["print"]
            and await asyncio.to_thread(is_near, old, now)
        ):
            self.counts["resumed"] = True
            return old, note["began"], note["done"]
        began = ground.now()
        await ground.ledger.write(checkpoint, now, began, 0)
        return now, began, 0

    # --- from texts to pairs --------------------------------------------------------------------------

    async def _read(
        self, frozen: Frozen, firsts: "array[int]", stands: Mapping[str, Any], common: Mapping[str, Any]
    ) -> None:
        have, prints = set(stands["chunks"]), await asyncio.to_thread(frozen.prints)
        todo = [chunk for chunk in range(common["chunks"]) if chunk not in have]
        self.counts["chunks_kept"] = len(have)
        self.meter.stage("reading", frozen.count * READING, common["chunks"], done=len(have))
        self.meter.expect(frozen.count * (JOINING + COMPARING + AGAIN + CHAINING))

        async def read(chunk: int) -> None:
            wanted = firsts[chunk * CHUNK : (chunk + 1) * CHUNK]
            found = await self.ground.fetching.papers(wanted)
            known = {one: paper.text for one, paper in found.items() if paper.print == prints[one]}
            texts = [known.get(one, b"") for one in wanted]
            if lacking := [chunk * CHUNK + at for at, one in enumerate(wanted) if one not in known]:
                await asyncio.to_thread(missed.note, self.ground.search, f"read-{chunk}", lacking)
            await self.ground.crew.do("read", chunk=chunk, texts=texts, thin=frozen.thin, **common)
            self.meter.step()
            self.ground.at("chunk read")

        await each(todo, read, at_once=self.ground.crew.size)

    async def _join(self, frozen: Frozen, stands: Mapping[str, Any], common: Mapping[str, Any]) -> None:
        parts, have = stands["all_parts"], set(stands["parts"])
        self.counts["parts_kept"] = len(have)
        self.meter.stage("joining", frozen.count * JOINING, parts, done=len(have))
        self.meter.expect(frozen.count * (COMPARING + AGAIN + CHAINING))

        async def join(part: int) -> None:
            await self.ground.crew.do("join", part=part, **common)
            self.meter.step()

        todo = [part for part in range(parts) if part not in have]
        await each(todo, join, at_once=self.ground.crew.size)

    # --- comparing ------------------------------------------------------------------------------------

    async def _compare(self, frozen: Frozen, firsts: "array[int]", began: str, done: int) -> None:
        prints = await asyncio.to_thread(frozen.prints)
        batches = Batches(self.ground, frozen, firsts, prints, self.meter, began, done)
        self.counts["batches_kept"] = done
        if not done:
            await asyncio.to_thread(forget, self.ground)
        self.counts["pairs"] = await batches.compare(PAIRS, "comparing", COMPARING)
        self.counts["again"] = await batches.again(PAIRS, "comparing again", AGAIN)
        await chain(self.ground, firsts, began)
        self.ground.at("pairs chained")
        self.counts["chained"] = await batches.compare(CHAINED, "closing chains", CHAINING, chained=True)
        self.counts |= {"batches": batches.all, "found": batches.found}

    async def _finish(self, frozen: Frozen, began: str, common: Mapping[str, Any]) -> None:
        """All were compared with all: what was not found again is no more, and the index is the newest."""
        ledger = self.ground.ledger
        lacking = await asyncio.to_thread(missed.gather, self.ground.search)
        if lacking:
            self.counts["missed"] = len(lacking)
            again = [item_id for item_id, number, _ in frozen.each() if number in lacking]
            await in_chunks(ledger, again, papers.not_compared, odd=_odd)
        compared = ((item_id, mark) for item_id, number, mark in frozen.each() if number not in lacking)
        await mark_compared(ledger, compared)
        now = await freeze(ledger, self.sources)
        changed = {item_id for item_id, _ in now.marks() - frozen.marks()}  # its chains were not closed
        await in_chunks(ledger, sorted(changed), papers.not_compared, odd=_odd)
        forgotten = 0
        if await ledger.read(sheets.any_unfit):
            while await ledger.write(likenesses.drop_unfit):
                pass
        if await ledger.read(sheets.any_older, began):
            while left := await ledger.write(likenesses.drop_older, before=began):
                forgotten += left
        self.counts["forgotten"] = forgotten
        await self.ground.crew.do("publish", to=str(self.ground.index), **common)
        await ledger.write(sources.set_setting, CHECKPOINT, None)


async def freeze(ledger: Ledger, of: Sequence[int]) -> Frozen:
    """The papers of these sources as they are now."""
    freezing, last = Freezing(), 0
    while page := await ledger.read(sheets.frame, of, last, limit=PAGE):
        last = page[-1].item_id
        await asyncio.to_thread(freezing.add, page)
    return freezing.made()


def is_near(old: Frozen, new: Frozen) -> bool:
    """Whether a plan is still worth going on with."""
    if old.plan == new.plan:
        return True
    before, after = old.marks(), new.marks()
    return len(before ^ after) <= _AGAIN * max(len(before), 1)


async def mark_compared(ledger: Ledger, told_: Iterable[tuple[int, bytes]]) -> None:
    """These papers were compared with all others."""

    def write(tx: Tx, chunk: Sequence[tuple[int, bytes]]) -> None:
        papers.compared(tx, dict(chunk))

    await in_chunks(ledger, list(told_), write, odd=_odd)


def _odd(_: object, error: Exception) -> None:
    raise error
