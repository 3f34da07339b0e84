"""What is true of a library, and how well something found it: pairs, groups, and where they went wrong.

Sheets go by their line in the corpus, from 0. A sheet without text cannot be judged by text: it is left out
of what is true and of what was found. Large clusters (`LARGE` sheets of one label and more) have so many
pairs that they hide all others; every score can be taken without them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from bench.corpora.sheets import COPIES, NEAR, Sheet, read

Numbers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

LARGE = 8
"""A label of so many sheets is a large cluster."""
BETWEEN, UNKNOWN, SERIES, OTHER = "two copies", "copy", "same series", "other"
_HALF = 32


@dataclass(frozen=True, slots=True)
class Score:
    """So many pairs were found, so many of them rightly, and so many there are."""

    found: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of what there is, the share that was found; 1 where there is nothing."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.found + self.true
        return 2 * self.right / both if both else 1.0


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about each sheet, without its text. `near` and `series` are -1 for none."""

    labels: Numbers
    near: Numbers
    series: Numbers
    kinds: tuple[str, ...]
    counted: Flags
    large: Flags

    def __len__(self) -> int:
        return len(self.labels)

    def taken(self, *, large: bool) -> Flags:
        """The sheets that are judged, with the large clusters or without."""
        return self.counted if large else self.counted & ~self.large

    def true_pairs(self, *, large: bool = True) -> Iterator[tuple[int, int]]:
        """Every pair of sheets that are one, the smaller number first."""
        members: dict[int, list[int]] = {}
        for number in np.flatnonzero(self.taken(large=large)).tolist():
            members.setdefault(int(self.labels[number]), []).append(number)
        for sheets in members.values():
            yield from combinations(sheets, 2)

    def kind_of_copy(self, a: int, b: int) -> str:
        """What became of the sheet between two scans of it."""
        copies = {self.kinds[one] for one in (a, b) if self.kinds[one] in COPIES}
        if self.kinds[a] in COPIES and self.kinds[b] in COPIES and copies != {"many"}:
            return BETWEEN
        return min(copies, default=UNKNOWN)

    def kind_of_error(self, a: int, b: int) -> str:
        """Why somebody could take two sheets for one that are not."""
        if self._looks_like(a, b):
            return self.kinds[a] if self.kinds[a] in NEAR else OTHER
        if self._looks_like(b, a):
            return self.kinds[b] if self.kinds[b] in NEAR else OTHER
        return SERIES if self.series[a] >= 0 and self.series[a] == self.series[b] else OTHER

    def _looks_like(self, a: int, b: int) -> bool:
        """Whether `a` resembles `b`, or both one sheet."""
        return bool(self.near[a] >= 0 and self.near[a] in (self.labels[b], self.near[b]))


def read_truth(corpus: Path) -> Truth:
    """The truth about a corpus of JSON lines."""
    return truth_of(read(corpus))


def truth_of(sheets: Iterable[Sheet]) -> Truth:
    """The truth about some sheets, in their order."""
    names: dict[object, int] = {}
    labels, near, series, kinds, counted = [], [], [], [], []
    for sheet in sheets:
        labels.append(names.setdefault(sheet.label, len(names)))
        near.append(-1 if sheet.near is None else names.setdefault(sheet.near, len(names)))
        series.append(sheet.series)
        kinds.append(sheet.kind)
        counted.append(bool(sheet.text.strip()))
    label = np.array(labels, dtype=np.int64)
    sizes = np.bincount(label, minlength=len(names))
    return Truth(
        label, np.array(near, dtype=np.int64), np.array(series, dtype=np.int64), tuple(kinds),
        np.array(counted, dtype=bool), sizes[label] >= LARGE if len(label) else np.zeros(0, dtype=bool),
    )  # fmt: skip


def score_pairs(truth: Truth, pairs: Numbers, *, large: bool = True) -> Score:
    """How right some pairs are: an array (n, 2) of sheets, each pair once."""
    taken = truth.taken(large=large)
    judged = pairs[taken[pairs[:, 0]] & taken[pairs[:, 1]]]
    right = truth.labels[judged[:, 0]] == truth.labels[judged[:, 1]]
    return Score(len(judged), int(right.sum()), _pairs_within(truth.labels[taken]))


def score_groups(truth: Truth, groups: Numbers, *, large: bool = True) -> Score:
    """How right all pairs within groups are: an array (n,) of the group of each sheet, -1 for none."""
    taken = truth.taken(large=large)
    labels = truth.labels[taken]
    group, label = groups[taken], labels
    group, label = group[group >= 0], label[group >= 0]
    found = _pairs_within(group)
    right = _pairs_within(group * (len(truth) + len(truth.near) + 1) + label)
    return Score(found, right, _pairs_within(labels))


def _pairs_within(values: Numbers) -> int:
    """How many pairs of equal values there are."""
    counts = np.unique(values, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def pairs_within(groups: Numbers) -> Iterator[tuple[int, int]]:
    """Every pair of sheets that are in one group, the smaller number first."""
    members: dict[int, list[int]] = {}
    for number in np.flatnonzero(groups >= 0).tolist():
        members.setdefault(int(groups[number]), []).append(number)
    for sheets in members.values():
        yield from combinations(sheets, 2)


def errors(truth: Truth, pairs: Iterable[tuple[int, int]]) -> Counter[str]:
    """How many false pairs there are of each kind."""
    return Counter(
        truth.kind_of_error(a, b)
        for a, b in pairs
        if truth.counted[a] and truth.counted[b] and truth.labels[a] != truth.labels[b]
    )


def packed(a: int, b: int) -> int:
    """A pair as one number, whichever of the two is given first."""
    return min(a, b) << _HALF | max(a, b)
