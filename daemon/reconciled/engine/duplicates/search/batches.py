"""Pairs compared, a batch after the other, out of files of pairs.

Which batches were compared is written in the transaction that writes what was found in them, so a search that
was cut off goes on with the next. Batches are counted through all files of a search, in their order.
"""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.touching import touching
from reconciled.duplicates.words import Likeness
from reconciled.engine.duplicates.search import lessons, missed
from reconciled.engine.duplicates.search.frozen import Frozen
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.duplicates.search.workers import Crew
from reconciled.ledger import sources, thirds
from reconciled.ledger.connection import Tx
from reconciled.ledger.sheets import Packed

T = TypeVar("T")

BATCH = 250
"""Pairs that are compared at a time."""
CHECKPOINT = "duplicates.search"
"""Under this name the ledger's settings hold how many batches of which plan were compared."""
_SIZE = 8
_NUMBER, _PLAIN, _SURE = 2**24 - 1, 63, 62
"""Bytes of a pair in a file; what of half of it is a paper's number; the bits of one that is marked, see
`duplicates.candidates`.
"""


@dataclass(slots=True)
class Batches:
    """All batches of a search. `done` were compared before it went on; `firsts` are the items that stand for
    the numbers in the files, `prints` what their papers were. `began` is when its plan was made.
    """

    ground: Ground
    frozen: Frozen
    firsts: "array[int]"
    prints: Mapping[int, bytes]
    meter: Meter
    began: str
    done: int
    all: int = 0
    """How many batches there are, as far as their files were begun with."""
    found: int = 0
    """How many likenesses were found since it went on."""

    async def compare(self, file: str, stage: str, share: float, *, chained: bool = False) -> int:
        """Compare the pairs of the next file, this share of the work. Returns how many pairs it has."""
        pairs = await self._pairs_in(file)

        async def compare(batch: int) -> _Done:
            asked = await asyncio.to_thread(self._asked, file, batch)
            found = await self._compared(replace(asked, chained=chained, learned=chained))
            if not chained:
                await asyncio.to_thread(lessons.note, self.ground.search, batch, found.counts, found.again)
            return _Done(found)

        await self._each(stage, share, -(-pairs // BATCH), compare)
        return pairs

    async def again(self, file: str, stage: str, share: float) -> int:
        """Ask once more those pairs of a file of which what was learned may decide; how many.

        Others of a batch show what is around them. What is found takes the place of what was.
        """
        await asyncio.to_thread(lessons.gather, self.ground.search)
        asked = 0

        async def compare(batch: int) -> _Done:
            nonlocal asked
            wanted = await asyncio.to_thread(lessons.again, self.ground.search, batch)
            if not wanted:
                return _Done(NOTHING)
            asked += len(wanted)
            all_ = await asyncio.to_thread(self._asked, file, batch)
            once = set(wanted)
            pairs = touching(all_.pairs, wanted)
            others = [pair for pair in pairs if (min(pair), max(pair)) not in once]
            return _Done(await self._compared(Asked(pairs, sure=others, learned=True)), wanted)

        await self._each(stage, share, -(-await self._pairs_in(file) // BATCH), compare)
        return asked

    async def _each(
        self, stage: str, share: float, batches: int, compare: Callable[[int], Awaitable["_Done"]]
    ) -> None:
        """Do so many batches more, from where it was cut off; each is given its number among these."""
        before = self.all
        self.all += batches
        reached, finished = min(max(self.done, before), self.all), set[int]()
        self.meter.stage(stage, self.frozen.count * share, batches, done=reached - before)

        async def do(batch: int) -> None:
            nonlocal reached
            done = await compare(batch - before)
            found = done.found
            if found.lacking:
                numbers = [number for number, one in enumerate(self.firsts) if one in found.lacking]
                await asyncio.to_thread(missed.note, self.ground.search, f"compare-{batch}", numbers)
            after = _reached(reached, finished, batch)

            def write(tx: Tx) -> None:
                at = max(self.ground.now(), self.began)  # the clock may be set back, also by a boot
                thirds.put(
                    tx, found.likenesses, found.prints, weights=self.ground.weights, at=at,
                    instead=done.instead,
                )  # fmt: skip
                checkpoint(tx, self.frozen, self.began, after)

            await self.ground.ledger.write(write)
            finished.add(batch)  # only now: another's checkpoint counts nothing that may still fail
            reached = _reached(reached, finished)
            self.found += len(found.likenesses)
            self.meter.step()
            self.ground.at("batch compared")

        await each(range(reached, self.all), do, at_once=self.ground.crew.size)

    async def _compared(self, asked: "Asked") -> "Compared":
        return await compare_pairs(self.ground, self.ground.crew, asked, self.prints, self.ground.search)

    async def _pairs_in(self, file: str) -> int:
        return (await asyncio.to_thread((self.ground.search / file).stat)).st_size // _SIZE

    def _asked(self, file: str, batch: int) -> "Asked":
        """The pairs of a batch, by the items that stand for their numbers."""
        with (self.ground.search / file).open("rb") as pairs_file:
            pairs_file.seek(batch * BATCH * _SIZE)
            some = array("Q", pairs_file.read(BATCH * _SIZE))
        pairs = [(self.firsts[pair >> 32 & _NUMBER], self.firsts[pair & _NUMBER]) for pair in some]
        apart, sure = (
            [pair for pair, marked in zip(pairs, some, strict=True) if marked >> bit & 1]
            for bit in (_PLAIN, _SURE)
        )
        return Asked(pairs, apart, sure)


@dataclass(frozen=True, slots=True)
class Asked:
    """Pairs of items to be compared together; `learned`: by the habits that were learned. The rest is as
    `duplicates.steps.compare` has it.
    """

    pairs: Sequence[Pair]
    apart: Sequence[Pair] = ()
    sure: Sequence[Pair] = ()
    chained: bool = False
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found of pairs: likenesses, the prints of what was compared, and the items whose texts could
    not be had; what they teach, see `duplicates.habits.Lessons`.
    """

    likenesses: Sequence[Likeness] = ()
    prints: Mapping[int, bytes] = field(default_factory=dict)
    lacking: Collection[int] = frozenset()
    counts: Mapping[str, float] = field(default_factory=dict)
    again: Sequence[Pair] = ()


NOTHING = Compared()


@dataclass(frozen=True, slots=True)
class _Done:
    """What was found in a batch, and the pairs of which it takes the place of what was known."""

    found: Compared
    instead: Sequence[Pair] = ()


def _reached(reached: int, finished: Collection[int], now: int = -1) -> int:
    """Up to where all batches are finished, and one that is now."""
    while reached in finished or reached == now:
        reached += 1
    return reached


def checkpoint(tx: Tx, frozen: Frozen, began: str, done: int) -> None:
    """Of this plan, which was made then, so many batches are compared."""
    note = {"plan": frozen.plan["print"], "began": began, "done": done}
    sources.set_setting(tx, CHECKPOINT, msgspec.json.encode(note).decode())


async def compare_pairs(
    ground: Ground, crew: Crew, asked: Asked, prints: Mapping[int, bytes], folder: Path
) -> Compared:
    """Compare pairs of items whose papers have these prints; the others are passed over.

    `folder` is the one with the collection's words, and its scanners' habits as far as they are known.
    """
    wanted = {one for pair in asked.pairs for one in pair}
    known = await ground.fetching.papers(wanted)
    lacking = wanted - known.keys()
    known = {one: paper for one, paper in known.items() if paper.print == prints.get(one, paper.print)}
    fitting = [(a, b) for a, b in asked.pairs if a != b and a in known and b in known]
    if not fitting:
        return Compared(lacking=lacking)
    found = await crew.do(
        "compare", folder=str(folder), pairs=fitting, apart=list(asked.apart), sure=list(asked.sure),
        chained=asked.chained, learned=asked.learned,
        papers=[told(paper) for paper in known.values()],
        weights={
            "of": {str(factor): weight for factor, weight in ground.weights.of.items()},
            "duplicate": ground.weights.duplicate, "review": ground.weights.review,
        },
    )  # fmt: skip
    prints_of = {one: paper.print for one, paper in known.items()}
    return Compared(
        [likeness_of(one) for one in found["likenesses"]], prints_of, lacking, found["counts"],
        [(a, b) for a, b in found["again"]],
    )  # fmt: skip


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
