"""What MinHash with LSH came to, held against the truth as a search is."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench.judging.truth import Numbers, Score, Truth, score_groups, score_pairs

from reconciled.duplicates.grouping import group


@dataclass(frozen=True, slots=True)
class Beside:
    """Its pairs (n, 2), and the estimated Jaccard of each (n,)."""

    pairs: Numbers
    jaccard: npt.NDArray[np.float64]

    def above(self, threshold: float) -> Numbers:
        """The pairs that are so much alike."""
        return self.pairs[self.jaccard >= threshold]

    def best(self, truth: Truth, *, large: bool = True) -> tuple[float, Score]:
        """The threshold with the best F1 in hindsight, and what it gives."""
        taken = truth.taken(large=large)
        judged = taken[self.pairs[:, 0]] & taken[self.pairs[:, 1]]
        alike = np.sort(np.unique(self.jaccard[judged]))
        tried = [(float(one), score_pairs(truth, self.above(one), large=large)) for one in alike]
        return max(tried, key=lambda one: one[1].f1, default=(1.0, score_pairs(truth, self.pairs[:0])))

    def grouped(self, truth: Truth, threshold: float, *, large: bool = True) -> Score:
        """What all pairs within its groups are worth at a threshold."""
        kept = self.jaccard >= threshold
        pairs = zip(*self.pairs[kept].T.tolist(), self.jaccard[kept].tolist(), strict=True)
        groups = np.full(len(truth), -1, dtype=np.int64)
        for number, members in enumerate(group(pairs)):
            groups[list(members)] = number
        return score_groups(truth, groups, large=large)


def read_beside(path: Path) -> Beside:
    """What `baselines.minhash` wrote."""
    with np.load(path) as kept:
        return Beside(kept["pairs"], kept["jaccard"])
