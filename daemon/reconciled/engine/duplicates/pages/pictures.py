"""What pictures of pages add: a factor for pairs that words brought together, pairs of papers without words.

Pictures are looked at where they may tell something (see `hashing`). Two papers with next to no words whose
first pages look alike are a pair to be reviewed and nothing more, whatever the weights: a picture is a hint
and never a proof.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciled.config import ImageSettings
from reconciled.duplicates.images import BITS, NEAR, distance, image_part
from reconciled.duplicates.words import Band, Factor, Likeness, weigh
from reconciled.engine.duplicates.pages.hasher import Hasher
from reconciled.engine.duplicates.pages.hasher import lacks as lacks_pictures
from reconciled.engine.duplicates.pages.hashing import FEW, Hashed, Hashing, Sheet, Tally, is_due
from reconciled.engine.duplicates.pages.previews import Thumbnails
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.engine import Place
from reconciled.engine.reader import CannotRead
from reconciled.ledger import likenesses, papers, sheets
from reconciled.ledger.connection import Tx
from reconciled.model import Json, Key
from reconciled.source import Previews

PAGE = 500
PAIRS = 300
"""Pairs of pictures that are written at once."""
_GOLDEN = 0.618034
"""Multiples of it come down evenly between whole numbers."""
MODEL = 0
"""Likenesses of pictures alone have no fitted model."""
SAID = "their first pages look alike, and there are hardly any words to compare"


@dataclass(slots=True)
class Pictures:
    """One look at the pictures of these places. `turn` is its number: each begins with other papers, lest
    some whose pictures fail for ever keep those behind them waiting.
    """

    ground: Ground
    places: Mapping[str, Place]
    settings: ImageSettings
    thumbnails: Thumbnails
    meter: Meter
    turn: int

    async def go(self) -> dict[str, Json]:
        """Hash what is due, and add what it says. Returns what was counted."""
        if (why := lacks_pictures()) is not None:
            return {"left_out": why}
        hasher = Hasher()
        hashing = Hashing(
            self.thumbnails, hasher, lambda name: self.places[name].live if name in self.places else None,
            self.settings.hashes, self._store, passed=self.meter.step,
        )  # fmt: skip
        tally = Tally()
        try:
            low, high = await self.ground.ledger.read(sheets.spread)
            first = low + int((high - low) * (self.turn * _GOLDEN % 1))
            for last, end in ((first, high), (low, first)):
                while page := await self.ground.ledger.read(
                    sheets.unhashed, self._sources, last, end, few=FEW, limit=PAGE
                ):
                    last = page[-1][0]
                    tally += await hashing.hash_pages(self._due(page))
        except CannotRead as error:
            return {"left_out": str(error)}
        finally:
            await hasher.close()
        pairs = await self._pair_the_wordless()
        return {
            "hashed": tally.hashed, "without": tally.without, "waiting": tally.waiting, "pairs": pairs,
        }  # fmt: skip

    @property
    def _sources(self) -> list[int]:
        return [place.live.id for place in self.places.values()]

    def _due(self, page: Sequence[tuple[int, int, Key, int, str | None, bool]]) -> Iterator[Sheet]:
        names = {
            place.live.id: name
            for name, place in self.places.items()
            if isinstance(place.live.source, Previews)
        }
        for item, source, key, words, mark, paired in page:
            if source not in names:
                continue
            one = Sheet(item, names[source], key, words, mark)
            if is_due(one, in_pair=paired, names=self.settings.hashes):
                yield one

    async def _store(self, batch: Sequence[Hashed]) -> None:
        """Keep the hashes, and with them what they say of pairs: no such page is looked at again."""

        def write(tx: Tx) -> None:
            for one in batch:
                others = {name: int(value, 16) for name, value in one.page_hashes.items()}
                papers.hash_page(tx, one.item, one.page_hash, others=others, etag=one.page_etag)
            self._add(tx, [one.item for one in batch])

        await self.ground.ledger.write(write)

    def _add(self, tx: Tx, items: Sequence[int]) -> None:
        """The factor of pairs in which a page was just hashed."""
        known = likenesses.of_pairs(tx, sheets.pairs_with(tx, items))
        both = {one for pair in known for one in pair}
        hashes, prints = sheets.hashes_of(tx, both), papers.prints(tx, both)
        found = [
            self._hinted(one, distance(hashes[one.a], hashes[one.b]))
            for one in known.values()
            if one.a in hashes and one.b in hashes
        ]
        likenesses.put(tx, found, prints, at=self.ground.now())

    def _hinted(self, one: Likeness, apart: int) -> Likeness:
        parts = {**one.parts, Factor.IMAGE: image_part(apart)}
        confidence, band = weigh(parts, vetoed=one.vetoed, weights=self.ground.weights)
        alike = {**one.alike, Factor.IMAGE: max(0.0, 1.0 - 2 * apart / BITS)}
        return replace(one, parts=parts, alike=alike, confidence=confidence, band=band)

    async def _pair_the_wordless(self) -> int:
        """Pairs of papers with next to no words whose pages look alike, but for those of the same bytes."""
        known = await self.ground.ledger.read(sheets.pictured, self._sources, few=FEW)
        if len(known) < 2:
            return 0
        hashes = [page_hash for _, page_hash, _ in known]
        pairs = await self.ground.crew.do("alike", hashes=hashes, within=NEAR)
        written = 0
        for at in range(0, len(pairs), PAIRS):
            some = [
                (known[a], known[b], apart)
                for a, b, apart in pairs[at : at + PAIRS]
                if known[a][2] is None or known[a][2] != known[b][2]
            ]
            written += await self.ground.ledger.write(self._write_wordless, some)
        return written

    def _write_wordless(
        self, tx: Tx, pairs: Sequence[tuple[tuple[int, int, str | None], tuple[int, int, str | None], int]]
    ) -> int:
        told = {(min(one[0], other[0]), max(one[0], other[0])): apart for one, other, apart in pairs}
        have = likenesses.of_pairs(tx, told)
        prints = papers.prints(tx, {one for pair in told for one in pair})
        blank = [Likeness(a, b, 0.5, Band.REVIEW, {}, vetoed=True, said=SAID, model=MODEL) for a, b in told]
        found = [self._hinted(one, told[one.a, one.b]) for one in blank if (one.a, one.b) not in have]
        return likenesses.put(tx, found, prints, at=self.ground.now())
