"""A search over all papers: read, join, pick, compare; each step is kept, so a cut-off search goes on.

The plan is frozen at its beginning (see `frozen`). What a step made stands in files, written whole or not at
all; which pairs were compared is written in the transaction that writes what was found of them. A search that
was cut off is gone on with under its plan, as long as few papers changed since: those are looked up after it.
Memory is bounded by the chunks, never by the library; workers do all that is long.
"""

import asyncio
import logging
from array import array
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec

from reconciled.duplicates.words import Likeness, Weights
from reconciled.engine.chunks import in_chunks
from reconciled.engine.duplicates.search import missed
from reconciled.engine.duplicates.search.fetching import Fetching
from reconciled.engine.duplicates.search.frozen import Freezing, Frozen, load
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.duplicates.search.workers import Crew
from reconciled.ledger import likenesses, papers, sheets, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.sheets import Packed
from reconciled.model import Json

T = TypeVar("T")
_Pairs: TypeAlias = list[tuple[int, int]]

CHUNK = 1000
"""As `duplicates.steps.CHUNK`, which is not to be imported here; a test holds the two together."""
BATCH = 250
"""Pairs that are compared at a time."""
_NUMBER, _PLAIN, _SURE = 2**24 - 1, 63, 62
"""What of half a pair is a paper's number; the bits of a pair that is marked, see `duplicates.candidates`."""
PAGE = 5000
CHECKPOINT = "duplicates.search"
"""Under this name the ledger's settings hold how many batches of which plan were compared."""
READING, JOINING, COMPARING = 0.35, 0.05, 0.6
"""What each stage is of the whole, by the time that it takes of 100,000 papers."""
_AGAIN = 0.10
"""A plan of which more papers than this share changed is not gone on with."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a search stands on. `at` is told the moments at which a crash would matter; `now` is a stamp."""

    ledger: Ledger
    folder: Path
    crew: Crew
    fetching: Fetching
    weights: Weights
    log: logging.Logger
    now: Callable[[], str]
    at: Callable[[str], None] = lambda _: None

    @property
    def search(self) -> Path:
        """Where the steps of a search lie."""
        return self.folder / "search"

    @property
    def index(self) -> Path:
        """Where a finished search is looked things up in."""
        return self.folder / "index"


@dataclass(slots=True)
class Search:
    """One search. `counts` tells what it did, and what it found done."""

    ground: Ground
    sources: Sequence[int]
    meter: Meter
    counts: dict[str, Json] = field(default_factory=dict)

    async def go(self) -> None:
        """Search to the end, from wherever the last one was cut off."""
        frozen, began, done = await self._plan()
        chunks = -(-frozen.count // CHUNK)
        common: dict[str, Any] = {"folder": str(self.ground.search), "plan": frozen.plan, "chunks": chunks}
        stands = await self.ground.crew.do("frame", **common)
        await asyncio.to_thread(frozen.write, self.ground.search)
        self.counts |= {"papers": frozen.size, "sheets": frozen.count}
        firsts = await asyncio.to_thread(frozen.firsts)
        pairs = stands["pairs"]
        if pairs is None:
            await self._read(frozen, firsts, stands, common)
            await self._join(frozen, stands, common)
            pairs = await self.ground.crew.do("pick", **common)
            self.ground.at("pairs picked")
        else:
            self.meter.stage("joining", frozen.count * (READING + JOINING), 1, done=1)
        self.counts["pairs"] = pairs
        await self._compare(frozen, firsts, pairs, done=done, began=began)
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
        await ground.ledger.write(self._checkpoint, now, began, 0)
        return now, began, 0

    def _checkpoint(self, tx: Tx, frozen: Frozen, began: str, done: int) -> None:
        note = {"plan": frozen.plan["print"], "began": began, "done": done}
        sources.set_setting(tx, CHECKPOINT, msgspec.json.encode(note).decode())

    # --- from texts to pairs --------------------------------------------------------------------------

    async def _read(
        self, frozen: Frozen, firsts: "array[int]", stands: Mapping[str, Any], common: Mapping[str, Any]
    ) -> None:
        have, prints = set(stands["chunks"]), await asyncio.to_thread(frozen.prints)
        todo = [chunk for chunk in range(common["chunks"]) if chunk not in have]
        self.counts["chunks_kept"] = len(have)
        self.meter.stage("reading", frozen.count * READING, common["chunks"], done=len(have))
        self.meter.expect(frozen.count * (JOINING + COMPARING))

        async def read(chunk: int) -> None:
            wanted = firsts[chunk * CHUNK : (chunk + 1) * CHUNK]
            known = await self.ground.fetching.papers(wanted)
            texts = [
                paper.text if (paper := known.get(one)) is not None and paper.print == prints[one] else b""
                for one in wanted
            ]
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
        self.meter.expect(frozen.count * COMPARING)

        async def join(part: int) -> None:
            await self.ground.crew.do("join", part=part, **common)
            self.meter.step()

        todo = [part for part in range(parts) if part not in have]
        await each(todo, join, at_once=self.ground.crew.size)

    # --- comparing ------------------------------------------------------------------------------------

    async def _compare(
        self, frozen: Frozen, firsts: "array[int]", pairs: int, *, done: int, began: str
    ) -> None:
        batches, finished = -(-pairs // BATCH), set[int]()
        self.meter.stage("comparing", frozen.count * COMPARING, batches, done=done)
        self.counts |= {"batches": batches, "batches_kept": done}
        prints, reached, found_pairs = await asyncio.to_thread(frozen.prints), done, 0

        async def compare(batch: int) -> None:
            nonlocal reached, found_pairs
            wanted, apart, sure = await asyncio.to_thread(self._pairs, batch, firsts)
            found, marks, lacking = await compare_pairs(
                self.ground, self.ground.crew, wanted, prints, self.ground.search, apart, sure
            )
            if lacking:
                numbers = [number for number, one in enumerate(firsts) if one in lacking]
                await asyncio.to_thread(missed.note, self.ground.search, f"compare-{batch}", numbers)
            after = _reached(reached, finished | {batch})

            def write(tx: Tx) -> None:
                likenesses.put(tx, found, marks, at=self.ground.now())
                self._checkpoint(tx, frozen, began, after)

            await self.ground.ledger.write(write)
            finished.add(batch)  # only now: another's checkpoint counts nothing that may still fail
            reached = _reached(reached, finished)
            found_pairs += len(found)
            self.meter.step()
            self.ground.at("batch compared")

        await each(range(done, batches), compare, at_once=self.ground.crew.size)
        self.counts["found"] = found_pairs

    def _pairs(self, batch: int, firsts: "array[int]") -> tuple[_Pairs, _Pairs, _Pairs]:
        """The pairs of a batch, by the items that stand for them; those plainly two papers; those surely."""
        with (self.ground.search / "pairs.u64").open("rb") as file:
            file.seek(batch * BATCH * 8)
            some = array("Q", file.read(BATCH * 8))
        pairs = [(firsts[pair >> 32 & _NUMBER], firsts[pair & _NUMBER]) for pair in some]
        apart, sure = (
            [pair for pair, marked in zip(pairs, some, strict=True) if marked >> bit & 1]
            for bit in (_PLAIN, _SURE)
        )
        return pairs, apart, sure

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


def _reached(reached: int, finished: Collection[int]) -> int:
    """Up to where all batches are finished."""
    while reached in finished:
        reached += 1
    return reached


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


async def compare_pairs(
    ground: Ground,
    crew: Crew,
    pairs: Sequence[tuple[int, int]],
    prints: Mapping[int, bytes],
    words: Path,
    apart: Sequence[tuple[int, int]] = (),
    sure: Sequence[tuple[int, int]] = (),
) -> tuple[list[Likeness], dict[int, bytes], set[int]]:
    """Compare pairs of items whose papers have these prints; the others are passed over.

    `words` is the folder with the collection's; `apart` and `sure` are as `compare` has them. Returns
    what was found, the prints of what was compared, and the items whose texts could not be had.
    """
    wanted = {one for pair in pairs for one in pair}
    known = await ground.fetching.papers(wanted)
    lacking = wanted - known.keys()
    known = {one: paper for one, paper in known.items() if paper.print == prints.get(one, paper.print)}
    fitting = [(a, b) for a, b in pairs if a != b and a in known and b in known]
    if not fitting:
        return [], {}, lacking
    found = await crew.do(
        "compare", folder=str(words), pairs=fitting, apart=list(apart), sure=list(sure),
        papers=[told(paper) for paper in known.values()],
        weights={
            "of": {str(factor): weight for factor, weight in ground.weights.of.items()},
            "duplicate": ground.weights.duplicate, "review": ground.weights.review,
        },
    )  # fmt: skip
    prints_of = {one: paper.print for one, paper in known.items()}
    return [likeness_of(one) for one in found], prints_of, lacking


def told(paper: Packed) -> list[Any]:
    """A paper as a worker is told it, its fields in the order of `Paper`."""
    about = paper.about
    texts = [
        value if isinstance(value := about.get(name), str) else ""
        for name in ("file_name", "created", "correspondent", "document_type")
    ]
    numbers = [
        value if isinstance(value := about.get(name), int) and not isinstance(value, bool) else None
        for name in ("size", "pages")
    ]
    return [paper.item_id, paper.text, paper.checksum or "", *texts, *numbers, paper.page_hash]


def likeness_of(told_: Any) -> Likeness:
    """What a worker found."""
    return msgspec.convert(told_, Likeness)


async def mark_compared(ledger: Ledger, told_: Iterable[tuple[int, bytes]]) -> None:
    """These papers were compared with all others."""

    def write(tx: Tx, chunk: Sequence[tuple[int, bytes]]) -> None:
        papers.compared(tx, dict(chunk))

    await in_chunks(ledger, list(told_), write, odd=_odd)


def _odd(_: object, error: Exception) -> None:
    raise error


async def each(work: Iterable[T], do: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Do all of it, a few at a time. The first error ends the rest and is raised."""
    rest = iter(work)

    async def go_on() -> None:
        for one in rest:
            await do(one)

    tasks = [asyncio.create_task(go_on()) for _ in range(at_once)]
    try:
        for task in asyncio.as_completed(tasks):
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
