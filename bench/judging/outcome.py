"""What a search came to, held against the truth: what it accepted, and what became of each true pair."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench.judging.searching import BANDS
from bench.judging.truth import Numbers, Truth, packed, pairs_within

from reconciled.duplicates.words import FITTED, Band

FOUND, GROUPED, REVIEW, VETOED, DIFFERENT, UNSEEN = (
    "found", "in one group", "review", "vetoed", "said to differ", "never compared",
)  # fmt: skip
FATES = (FOUND, GROUPED, REVIEW, VETOED, DIFFERENT, UNSEEN)
"""What can become of a true pair. `in one group`: it was not accepted itself, but a chain leads from one to
the other; what is not found is named by where it was lost. `vetoed`: it would have been found but for that.
"""


_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """The arrays of a search, see `searching`."""

    same: Numbers
    looked: Numbers
    found: npt.NDArray[np.void]
    groups: Numbers

    def accepted(self, *bands: Band) -> Numbers:
        """The pairs of these bands (n, 2). Sheets with equal texts stand for each other."""
        wanted = np.isin(self.found["band"], [BANDS.index(band) for band in bands])
        return self._pairs(wanted, equal=Band.DUPLICATE in bands)

    def likely(self) -> Numbers:
        """The pairs that are likelier one sheet than not, whatever their band, vetoed ones too (n, 2)."""
        return self._pairs(self.found["confidence"] >= _EVEN, equal=True)

    def _pairs(self, wanted: npt.NDArray[np.bool_], *, equal: bool) -> Numbers:
        classes = self._classes()
        whole = classes.values() if equal else ()
        pairs = [pair for members in whole for pair in combinations(members, 2)]
        for a, b in zip(self.found["a"][wanted].tolist(), self.found["b"][wanted].tolist(), strict=True):
            pairs += product(classes.get(a, (a,)), classes.get(b, (b,)))
        made = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        made.sort(axis=1)
        return made

    def _classes(self) -> dict[int, list[int]]:
        """The sheets whose text another one has, too, by the first of them."""
        classes: dict[int, list[int]] = {}
        for one in np.flatnonzero((self.same >= 0) & (self.same != np.arange(len(self.same)))).tolist():
            first = int(self.same[one])
            classes.setdefault(first, [first]).append(one)
        return classes

    def fates(self, truth: Truth) -> Counter[tuple[str, str]]:
        """How many true pairs of each kind of copy met which of FATES."""
        said = {
            packed(a, b): (BANDS[band], vetoed and confidence >= FITTED.duplicate)
            for a, b, confidence, band, vetoed in self.found.tolist()
        }
        looked = {packed(a, b) for a, b in self.looked.tolist()}
        fates: Counter[tuple[str, str]] = Counter()
        for a, b in truth.true_pairs():
            pair = packed(self._first(a), self._first(b))
            fate = self._fate(pair, said, looked)
            if fate is not FOUND and self.groups[a] == self.groups[b] >= 0:
                fate = GROUPED
            fates[truth.kind_of_copy(a, b), fate] += 1
        return fates

    def _first(self, one: int) -> int:
        return one if self.same[one] < 0 else int(self.same[one])

    def _fate(self, pair: int, said: dict[int, tuple[Band, bool]], looked: set[int]) -> str:
        if pair >> 32 == pair & 0xFFFFFFFF:
            return FOUND
        band, vetoed = said.get(pair, (None, False))
        if band is Band.DUPLICATE:
            return FOUND
        if vetoed:
            return VETOED
        if band is Band.REVIEW:
            return REVIEW
        return DIFFERENT if pair in looked else UNSEEN

    def grouped(self) -> Iterator[tuple[int, int]]:
        """The pairs within groups."""
        return pairs_within(self.groups)


def read_outcome(folder: Path) -> Outcome:
    """What a search left in its folder."""
    return Outcome(*(np.load(folder / f"{name}.npy") for name in ("same", "looked", "found", "groups")))
