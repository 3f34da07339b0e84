"""How many papers of this collection use a word: what tells a known word from one that a scanner made up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.features import KIND, PAPER_BITS, SHORT, WORD_BIT, Hashes, word_hashes
from reconciled.duplicates.normalising import hashed

_MEMORY = 200_000
ENOUGH = 2000
"""Who knows fewer words cannot tell a word from none."""
KNOWN = 3
"""A word in fewer papers is not known."""
USUAL = 10_000
"""In a collection of more papers than these a short word is known if more than `KNOWN` have it, by the root
of how many times as many there are: what is left of a word that was read badly is some such word by chance.
The model was fitted to collections of this size."""
_HASH = ~np.uint64((1 << (PAPER_BITS + 1)) - 1)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a collection: sorted hashes, and how many papers have each. Two arrays of one length."""

    hashes: Hashes
    papers: npt.NDArray[np.uint32]
    _asked: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def few(self) -> bool:
        """Whether these are too few to tell a word from none: some hundred papers have more."""
        return len(self.hashes) < ENOUGH

    def counts(self, tokens: Sequence[str]) -> list[int]:
        """In how many papers each token is; 0 for one that is not known."""
        if not len(self.hashes):
            return [0] * len(tokens)
        known = self._asked
        new = [token for token in tokens if token not in known]
        if new:
            if len(known) > _MEMORY:
                known.clear()
                new = list(tokens)
            known.update(zip(new, self._counted(new), strict=True))
        return [known[token] for token in tokens]

    def _counted(self, tokens: Sequence[str]) -> list[int]:
        wanted = word_hashes(np.fromiter(map(hashed, tokens), dtype=np.uint64, count=len(tokens))) & _HASH
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        counts: list[int] = np.where(self.hashes[at] == wanted, self.papers[at], 0).tolist()
        return counts


EMPTY = Vocabulary(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint32))
"""Of no collection: every word is unknown."""


def vocabulary(features: Hashes, starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> Vocabulary:
    """The known words among sorted features, whose runs begin at `starts` and have `sizes`."""
    word = (features[starts] & WORD_BIT != 0) & (sizes >= KNOWN)
    return Vocabulary(features[starts[word]] & _HASH, sizes[word].astype(np.uint32))


def joined(parts: Sequence[Vocabulary], papers: int) -> Vocabulary:
    """The vocabulary of the parts of the hashes, in their order, of a collection of so many papers."""
    if not parts:
        return EMPTY
    words = np.concatenate([part.hashes for part in parts])
    counts = np.concatenate([part.papers for part in parts])
    short = (words >> np.uint64(PAPER_BITS + 1) & np.uint64(KIND)) == SHORT
    known = (counts >= KNOWN * math.sqrt(max(1.0, papers / USUAL))) | ~short
    return Vocabulary(words[known], counts[known])
