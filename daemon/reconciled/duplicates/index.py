"""All papers by their features, to compare one new paper with all of them in milliseconds.

The features that a search sorted are mapped from their files, not loaded; what came since lies beside them in
memory, sorted just so, and what went is known by its number. A paper's features are looked up all at once.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.features import PAPER_BITS, PAPER_MASK, Hashes
from reconciled.duplicates.joining import COMMON, SHARED
from reconciled.duplicates.scratch import PARTS

Places: TypeAlias = npt.NDArray[np.int64]

_SHIFT = np.uint64(PAPER_BITS)
_PART = np.uint64(36)
"""By so many bits is a hash shifted to tell its part: a feature's upper four of 64."""
_FEW = 36
"""A paper of so few features per asked one is asked for fewer shared ones; three features come of a token."""
_NONE: Hashes = np.zeros(0, dtype=np.uint64)


class Index:
    """The features of a collection, by hash. Papers go by their numbers, below `features.MOST`."""

    def __init__(self, folder: Path) -> None:
        """Open what a finished search left in `folder`; of an empty or missing one all is new."""
        names = [folder / f"index-{part:02}.npy" for part in range(PARTS)]
        self._parts: list[Hashes] = (
            [np.load(name, mmap_mode="r") for name in names] if all(name.exists() for name in names) else []
        )
        self._new = _NONE
        self._gone: set[int] = set()

    def add(self, number: int, features: Hashes) -> None:
        """A paper that is new. One whose text changed is removed under its old number first."""
        packed = (features & ~PAPER_MASK) | np.uint64(number)
        self._new = np.concatenate((self._new, packed))
        self._new.sort(kind="stable")  # of two sorted runs: one walk

    def remove(self, number: int) -> None:
        """A paper that is no more, or is another one now. Its number is not used again."""
        self._gone.add(number)

    def near(self, features: Hashes, *, most: int = 8, shared: int = SHARED) -> list[int]:
        """The papers that share most of what few others have with these features, the nearest first.

        `features` are one paper's, whatever number is packed into them. What more than COMMON papers have
        counts for none of them.
        """
        hashes = np.unique(features >> _SHIFT)
        which, numbers = self._sharing(hashes)
        if not len(numbers):
            return []
        having = np.bincount(which, minlength=len(hashes))
        papers, at = np.unique(numbers, return_inverse=True)
        counts, weights = np.bincount(at), np.bincount(at, weights=1 / having[which])
        near = np.flatnonzero(counts >= np.clip(len(hashes) // _FEW, 2, shared))
        heavy = np.round(weights[near], 9)  # in whatever order it was added up
        order = near[np.lexsort((papers[near], -heavy))][:most]
        return [int(paper) for paper in papers[order]]

    def _sharing(self, hashes: Hashes) -> tuple[Places, Places]:
        """Who has these hashes, as far as few do: the places of the hashes, and the papers, (n,) and (n,)."""
        found = [
            (run, places, np.searchsorted(run, wanted << _SHIFT), _end(run, wanted))
            for run, places, wanted in self._runs(hashes)
        ]
        counts = np.zeros(len(hashes), dtype=np.int64)
        for _, places, low, high in found:
            counts[places] += high - low
        few = counts <= COMMON
        which, numbers = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for run, places, low, high in found:
            sizes = np.where(few[places], high - low, 0)
            within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            which.append(np.repeat(places, sizes))
            numbers.append((run[np.repeat(low, sizes) + within] & PAPER_MASK).astype(np.int64))
        places, papers = np.concatenate(which), np.concatenate(numbers)
        if not self._gone:
            return places, papers
        there = ~np.isin(papers, np.fromiter(self._gone, np.int64, len(self._gone)))
        return places[there], papers[there]

    def _runs(self, hashes: Hashes) -> Iterator[tuple[Hashes, Places, Hashes]]:
        """The sorted features, each run with the hashes that may be in it and their places."""
        if self._parts:
            ends = np.searchsorted(hashes >> _PART, np.arange(PARTS + 1, dtype=np.uint64))
            for part, run in enumerate(self._parts):
                begin, end = int(ends[part]), int(ends[part + 1])
                if end > begin:
                    yield run, np.arange(begin, end), hashes[begin:end]
        if len(self._new):
            yield self._new, np.arange(len(hashes)), hashes


def _end(run: Hashes, wanted: Hashes) -> Places:
    return np.searchsorted(run, (wanted << _SHIFT) | PAPER_MASK, side="right")
