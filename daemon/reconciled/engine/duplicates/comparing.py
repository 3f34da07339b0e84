"""New and changed papers against all: looked up in the index of the last search, in milliseconds each.

One worker keeps that index open: mapped from its files, with what came since beside it in memory. It is
started when there is something to look up, and ended when nothing was for a while or when a newer index is
there. What was compared is written with what was found, so nothing is lost by an end at any moment: a paper
that was not compared says so in the ledger.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from reconciled.duplicates.closing import links_of, unseen
from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.words import Likeness, Weights
from reconciled.engine.duplicates.hearing import hear_around
from reconciled.engine.duplicates.search import missed
from reconciled.engine.duplicates.search.batches import Asked, Compared, compare_pairs
from reconciled.engine.duplicates.search.frozen import NO_WORDS, Frozen, load
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.searching import PAGE
from reconciled.engine.duplicates.search.workers import Crew
from reconciled.ledger import chains, likenesses, papers, sheets, thirds
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.sheets import Framed, Packed

LATER = 1000
"""So many papers are kept beside an index; with more a new one is made."""
SHARE = 0.10
"""And no more than this share of those in it."""
AT_ONCE = 32
CHAIN = 200
"""A chain is followed until so many papers are reached."""
_SHEET = 16


class NoIndex(Exception):
    """There is no whole index of this release, or too much came since it was made."""


@dataclass(slots=True)
class _Open:
    """An index that a worker has open. `later` numbers the sheets that came since, `sheets` the other way."""

    frozen: Frozen
    later: dict[bytes, int] = field(default_factory=dict)
    sheets: dict[int, bytes] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def number(self, sheet: bytes) -> int | None:
        """The number of a sheet, if it has one."""
        if (known := self.later.get(sheet)) is not None:
            return known
        at = self.frozen.sheets.find(sheet)
        while at >= 0 and at % _SHEET:
            at = self.frozen.sheets.find(sheet, at + 1)
        return at // _SHEET if at >= 0 and at // _SHEET not in self.gone else None

    def sheet(self, number: int) -> bytes:
        """The sheet of a number."""
        return self.sheets.get(number) or self.frozen.sheet(number)

    def add(self, sheet: bytes) -> int:
        """A number for a sheet that has none; none is ever used again."""
        number = self.frozen.count + len(self.sheets)
        self.later[sheet], self.sheets[number] = number, sheet
        return number

    def remove(self, number: int) -> None:
        """Nobody has that sheet any more. If somebody has it again it gets another number."""
        self.gone.add(number)
        self.later.pop(self.sheet(number), None)


@dataclass(frozen=True, slots=True)
class Since:
    """What came since the index was made: papers to be put beside it, and those to be compared."""

    beside: tuple[int, ...]
    compare: tuple[int, ...]
    wordless: tuple[tuple[int, bytes], ...]


class Lookup:
    """Compares papers with all others. Its methods are called one at a time, which it sees to itself."""

    def __init__(self, ground: Ground, crew: Crew) -> None:
        """`crew` is this one's own, of one worker."""
        self.ground = ground
        self._crew = crew
        self._open: _Open | None = None
        self._turn = asyncio.Lock()
        self.made = 0
        """How many times an index was opened."""

    @property
    def is_open(self) -> bool:
        """Whether the next paper is compared without waiting for an index."""
        return self._open is not None

    async def open(self, of: Sequence[int]) -> Since:
        """Open the newest index, and put beside it what came since and was compared. NoIndex."""
        async with self._turn:
            return await self._opened(of)

    async def _opened(self, of: Sequence[int]) -> Since:
        frozen = await asyncio.to_thread(load, self.ground.index)
        if frozen is None:
            raise NoIndex("there is no index yet")
        lacking = await asyncio.to_thread(missed.load, self.ground.index)
        since = await since_then(self.ground.ledger, of, frozen, lacking)
        if len(since.beside) > min(LATER, SHARE * max(frozen.count, 1)):
            raise NoIndex(f"{len(since.beside)} papers came since the index was made")
        if not await self._crew.do("open", folder=str(self.ground.index), thin=frozen.thin):
            raise NoIndex("the index is not whole any more")
        opened = _Open(frozen, gone=set(lacking))
        for at in range(0, len(since.beside), AT_ONCE):
            found = await self.ground.fetching.papers(since.beside[at : at + AT_ONCE])
            await self._add(opened, await self._framed(found), found)
            await asyncio.sleep(0)
        self._open = opened
        self.made += 1
        return since

    async def close(self) -> None:
        """Let the index and its worker go."""
        async with self._turn:
            self._open = None
            await self._crew.close()

    async def compare(self, items: Collection[int], of: Sequence[int]) -> set[int]:
        """Compare these papers with all of these sources. Returns those whose likenesses are others now.

        NoIndex; CannotSearch; SourceError where texts have to be asked for.
        """
        async with self._turn:
            try:
                if self._open is None:
                    await self._opened(of)
                assert self._open is not None, "it was opened"  # noqa: S101 - narrows the type
                return await self._compared(self._open, items, of)
            except BaseException:
                self._open = None  # its worker may be gone, or half way
                await self._crew.close()
                raise

    async def _compared(self, opened: _Open, items: Collection[int], of: Sequence[int]) -> set[int]:
        if len(opened.sheets) >= LATER:
            raise NoIndex(f"{LATER} papers came since the index was made")
        ledger = self.ground.ledger
        known = await self.ground.fetching.papers(items)
        framed = await self._framed(known)
        mine = {sheet: one for one, sheet in framed.items()}
        await self._add(opened, framed, known)
        near = await self._near(opened, [known[one] for one in mine.values()], of)
        pairs = sorted(
            {
                (min(one, other), max(one, other))
                for sheet, one in mine.items()
                for found, other in near.get(one, {}).items()
                if found != sheet
            }
        )
        prints = {one: paper.print for one, paper in known.items()}
        found = await self._held(Asked(pairs, learned=True), prints)
        if chained := await self._chained(items, found.likenesses, pairs):
            more = await self._held(Asked(chained, chained=True, learned=True), prints)
            found = Compared(
                [*found.likenesses, *more.likenesses], {**found.prints, **more.prints},
                {*found.lacking, *more.lacking},
            )  # fmt: skip
            pairs += chained
        for pair in pairs:
            if not set(found.lacking).isdisjoint(pair):  # to be compared when the other's text can be had
                for one in pair:
                    prints.pop(one, None)
        touched = await ledger.write(
            _write,
            found.likenesses,
            found.prints,
            prints,
            list(items),
            self.ground.now(),
            self.ground.weights,
        )
        return touched | await hear_around(ledger, touched, self.ground.weights)

    async def _held(self, asked: Asked, prints: Mapping[int, bytes]) -> Compared:
        return await compare_pairs(self.ground, self._crew, asked, prints, self.ground.index)

    async def _chained(
        self, items: Collection[int], found: Sequence[Likeness], seen: Collection[Pair]
    ) -> list[Pair]:
        """Which pairs of these papers with others a chain joins now that were not held against each other."""
        links = set(links_of(found))
        ends = {one for a, b, _ in links for one in (a, b)}
        if not ends:
            return []
        links |= await self.ground.ledger.read(chains.links_around, ends, most=CHAIN)
        new = set(items)
        return [pair for pair in unseen(links, set(seen)) if not new.isdisjoint(pair)]

    async def _framed(self, known: Mapping[int, Packed]) -> dict[int, bytes]:
        """The sheets of those that have words, as long as these are the words that are known."""
        found: list[Framed] = await self.ground.ledger.read(sheets.framed, list(known))
        return {
            one.item_id: one.sheet
            for one in found
            if one.sheet is not None and one.print == known[one.item_id].print
        }

    async def _add(self, opened: _Open, framed: Mapping[int, bytes], known: Mapping[int, Packed]) -> None:
        """Put sheets beside the index that are not in it."""
        new = {sheet: one for one, sheet in framed.items() if opened.number(sheet) is None}
        if new:
            texts = [known[one].text for one in new.values()]
            await self._crew.do("add", numbers=[opened.add(sheet) for sheet in new], texts=texts)

    async def _near(
        self, opened: _Open, mine: Sequence[Packed], of: Sequence[int]
    ) -> dict[int, dict[bytes, int]]:
        """For each paper the sheets that are near it, with the item that stands for each.

        A sheet that nobody has any more is taken out of the index, and it is looked once more.
        """
        if not mine:
            return {}
        for _ in range(2):
            numbers: list[list[int]] = await self._crew.do("near", texts=[paper.text for paper in mine])
            wanted = {number: opened.sheet(number) for some in numbers for number in some}
            stand = await self.ground.ledger.read(sheets.standing_with, set(wanted.values()), of)
            gone = [number for number, sheet in wanted.items() if sheet not in stand]
            if not gone:
                break
            await self._crew.do("remove", numbers=gone)
            for number in gone:
                opened.remove(number)
        return {
            paper.item_id: {wanted[one]: stand[wanted[one]] for one in some if wanted[one] in stand}
            for paper, some in zip(mine, numbers, strict=True)
        }


def _write(
    tx: Tx,
    found: Sequence[Likeness],
    marks: Mapping[int, bytes],
    prints: Mapping[int, bytes],
    items: Sequence[int],
    at: str,
    weights: Weights,
) -> set[int]:
    """What was found, in place of what was known of other texts. Returns whom it touches."""
    touched = likenesses.neighbours(tx, items) | set(items)
    while likenesses.drop_unfit(tx, items):
        pass
    thirds.put(tx, found, marks, weights=weights, at=at)
    papers.compared(tx, prints)
    return touched | {one for pair in found for one in (pair.a, pair.b)}


async def since_then(
    ledger: Ledger, of: Sequence[int], frozen: Frozen, lacking: Collection[int] = ()
) -> Since:
    """What is to be put beside an index, and what is to be compared, of the papers as they are now.

    `lacking` are the sheets that are not in the index, though they have numbers.
    """
    known = await asyncio.to_thread(
        lambda: {frozen.sheet(number): number for number in range(frozen.count) if number not in lacking}
    )
    firsts, seen = await asyncio.to_thread(frozen.firsts), set[bytes]()
    beside, compare, wordless = list[int](), list[int](), list[tuple[int, bytes]]()
    last = 0
    while page := await ledger.read(sheets.frame, of, last, limit=PAGE):
        last = page[-1].item_id
        for one in page:
            if one.sheet is None:
                if not one.compared:
                    wordless.append((one.item_id, one.print))
                continue
            number = known.get(one.sheet, NO_WORDS)
            first = one.sheet not in seen
            seen.add(one.sheet)
            if first and number == NO_WORDS:
                beside.append(one.item_id)
            if not one.compared or (first and number != NO_WORDS and firsts[number] != one.item_id):
                compare.append(one.item_id)
        await asyncio.sleep(0)
    return Since(tuple(beside), tuple(compare), tuple(wordless))
