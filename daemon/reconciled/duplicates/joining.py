"""Which papers share features that few others have: a sort, not a comparison of all with all.

`RARE` papers at most may share a feature for all their pairs to count. A feature that more share, up to
`COMMON`, counts for each paper with the next one only, in an order that is another for each feature: that
keeps a sheet with forty scans in one piece, and the work of a long series linear.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.features import PAPER_BITS, PAPER_MASK, Hashes
from reconciled.duplicates.unlike import words_of
from reconciled.duplicates.vocabulary import Vocabulary, vocabulary

Pairs: TypeAlias = npt.NDArray[np.uint64]
"""Pairs of papers' numbers, the smaller in the upper 32 bits."""
Counts: TypeAlias = npt.NDArray[np.int64]
Times: TypeAlias = npt.NDArray[np.uint32]
"""Counts of which there are millions."""

RARE, COMMON = 6, 64
SPAN = 1_000_000
"""So many pairs are added up at once."""
SHARED, SHARE = 3, 0.1
"""So many rare features, and this share of those that either has, are shared by what is looked at closely."""
_SHIFT = np.uint64(PAPER_BITS)
_HALF = np.uint64(32)
_NO_PAIRS: Pairs = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Joined:
    """What one part of the hashes gives: pairs by rare features with how many they share, the same by common
    ones, how many rare features each paper has (by number, as long as the highest), and the words of the
    collection in this part. `heaps` are all papers' words as `unlike` has them; they are kept apart.
    """

    rare: Pairs
    rare_counts: Times
    common: Pairs
    common_counts: Times
    rare_of: Counts
    words: Vocabulary
    heaps: Hashes


def join(features: Hashes, *, rare: int = RARE, common: int = COMMON) -> Joined:
    """Join the papers of a part. `features` are sorted, and are all papers' that fall into this part."""
    hashes = features >> _SHIFT
    starts = _starts(hashes)
    sizes = np.diff(np.append(starts, len(hashes)))
    few = _counted(_all_pairs(features, starts, sizes, rare))
    some = _counted(_rings(features, hashes, starts, sizes, rare, common))
    rarely = np.repeat((sizes > 1) & (sizes <= rare), sizes)
    rare_of = np.bincount((features[rarely] & PAPER_MASK).astype(np.int64))
    words = vocabulary(features, starts, sizes)
    return Joined(*few, *some, rare_of, words, words_of(features, starts, sizes))


def _all_pairs(features: Hashes, starts: Counts, sizes: Counts, rare: int) -> Pairs:
    found = []
    for size in range(2, rare + 1):
        at = starts[sizes == size]
        papers = [features[at + step] & PAPER_MASK for step in range(size)]
        found += [
            (papers[one] << _HALF) | papers[other] for one in range(size) for other in range(one + 1, size)
        ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def _rings(features: Hashes, hashes: Hashes, starts: Counts, sizes: Counts, rare: int, common: int) -> Pairs:
    found = []
    for size in range(rare + 1, common + 1):
        at = starts[sizes == size]
        if not len(at):
            continue
        papers = (features[at[:, None] + np.arange(size)] & PAPER_MASK).astype(np.uint64)
        papers = np.take_along_axis(papers, np.argsort(_shuffled(papers, hashes[at]), axis=1), axis=1)
        beside = np.roll(papers, -1, axis=1)
        found.append(((np.minimum(papers, beside) << _HALF) | np.maximum(papers, beside)).ravel())
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def _shuffled(papers: Hashes, hashes: Hashes) -> Hashes:
    """A number for each paper of each feature, (features, papers), which sorts them in no order at all.

    It is multiplied once more after both are in it: else the same two would be beside each other ever again.
    """
    mixed: Hashes = (papers * np.uint64(0x9E3779B97F4A7C15)) ^ (
        hashes[:, None] * np.uint64(0xC2B2AE3D27D4EB4F)
    )
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x165667B19E3779F9)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _counted(pairs: Pairs) -> tuple[Pairs, Times]:
    pairs.sort()
    starts = _starts(pairs)
    return pairs[starts], np.diff(np.append(starts, len(pairs))).astype(np.uint32)


def together(parts: Sequence[tuple[Pairs, Counts | Times]]) -> tuple[Pairs, Counts]:
    """The counts of several parts of the hashes, added."""
    if not parts:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    pairs = np.concatenate([pairs for pairs, _ in parts])
    counts: Counts = np.concatenate([counts for _, counts in parts]).astype(np.int64)
    order = np.argsort(pairs, kind="stable")
    pairs, counts = pairs[order], counts[order]
    starts = _starts(pairs)
    return pairs[starts], np.add.reduceat(counts, starts) if len(starts) else counts


def in_spans(
    parts: Sequence[tuple[Pairs, Counts | Times]], *, most: int = SPAN
) -> Iterator[tuple[Pairs, Counts]]:
    """What `together` gives, a span of some `most` pairs after the other: that takes less memory."""
    whole = sum(len(pairs) for pairs, _ in parts)
    longest = max((pairs for pairs, _ in parts), key=len, default=_NO_PAIRS)
    steps = np.arange(1, -(-whole // most)) * len(longest) * most // max(1, whole)
    ends = [np.searchsorted(pairs, longest[steps]) for pairs, _ in parts]
    for begin, end in pairwise(zip(*([0, *each.tolist(), None] for each in ends), strict=True)):
        yield together(
            [
                (pairs[low:high], counts[low:high])
                for (pairs, counts), low, high in zip(parts, begin, end, strict=True)
            ]
        )


def _starts(values: Pairs) -> Counts:
    """Where each run of equal values begins."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
