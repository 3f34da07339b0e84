"""Which pairs are looked at closely: by rare features shared, and each paper's nearest by common ones."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.features import PAPER_MASK, Hashes
from reconciled.duplicates.joining import SHARE, SHARED, Counts, Joined, Pairs, in_spans, together
from reconciled.duplicates.unlike import heaps as read_heaps
from reconciled.duplicates.vocabulary import ENOUGH

NEAREST = 2
"""So many neighbours by common features are looked at for a paper."""
_HALF, _PLAIN, _SURE = np.uint64(32), np.uint64(63), np.uint64(62)
_FEW = 12
"""A paper of so few tokens per asked feature is asked for fewer shared ones."""


def candidates(
    parts: Sequence[Joined],
    lengths: npt.NDArray[np.int64],
    *,
    shared: int = SHARED,
    heaps: Callable[[], Iterable[Hashes]] | None = None,
) -> Pairs:
    """The pairs to compare, those of one family beside each other.

    A family are papers of which each is another's nearest, mostly of one template. `lengths` are those of the
    papers in tokens, by number. With the `heaps` of all parts (asked for twice, one part is held at a time)
    those that are plainly two papers are marked, see `plain` and `sure`: nobody needs to compare them, but
    they show what is around others.
    """
    rare_of = np.zeros(len(lengths), dtype=np.int64)
    for part in parts:
        rare_of[: len(part.rare_of)] += part.rare_of
    near, wide = [], []
    for pairs, counts in in_spans([(part.rare, part.rare_counts) for part in parts]):
        a, b = numbers(pairs)
        wanted = np.clip(np.minimum(lengths[a], lengths[b]) // _FEW, 2, shared)
        enough = (counts >= wanted) & (counts >= SHARE * np.minimum(rare_of[a], rare_of[b]))
        near.append((pairs[enough], counts[enough]))
    for pairs, counts in in_spans([(part.common, part.common_counts) for part in parts]):
        enough = counts >= shared
        wide.append((pairs[enough], counts[enough]))
    nearest = _of_rank(*together(wide), len(lengths), NEAREST)
    found = _by_family(*together([*near, nearest]), len(lengths))
    if heaps is None or sum(len(part.words.hashes) for part in parts) < ENOUGH:
        return found  # who knows no words marks nobody
    two, sure = read_heaps(heaps, len(lengths)).unlike(*numbers(found))
    marked: Pairs = found | (two.astype(np.uint64) << _PLAIN) | (sure.astype(np.uint64) << _SURE)
    return marked


def numbers(pairs: Pairs) -> tuple[Counts, Counts]:
    """Both papers' numbers of each pair."""
    return (pairs >> _HALF & PAPER_MASK).astype(np.int64), (pairs & PAPER_MASK).astype(np.int64)


def plain(pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Which pairs are marked as plainly two papers."""
    return (pairs >> _PLAIN).astype(np.bool_)


def sure(pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Which of those are marked as such that nobody needs to look at once more."""
    return (pairs >> _SURE & np.uint64(1)).astype(np.bool_)


def _of_rank(pairs: Pairs, counts: Counts, papers: int, rank: int) -> tuple[Pairs, Counts]:
    """The pairs that are among the so many strongest of either paper."""
    if not len(pairs):
        return pairs, counts
    a, b = numbers(pairs)
    paper, which = np.concatenate([a, b]), np.tile(np.arange(len(pairs)), 2)
    order = np.lexsort((-counts[which], paper))
    first = np.searchsorted(paper[order], np.arange(papers))
    place = np.arange(len(order)) - first[paper[order]]
    chosen = np.unique(which[order[place < rank]])
    return pairs[chosen], counts[chosen]


def _by_family(pairs: Pairs, counts: Counts, papers: int) -> Pairs:
    """The pairs in the order of their families: papers hang together by the strongest pair of each."""
    a, b = numbers(_of_rank(pairs, counts, papers, 1)[0])
    family = np.arange(papers)
    while len(a):
        one, other = family[a], family[b]
        least, before = np.minimum(one, other), family.copy()
        np.minimum.at(family, one, least)
        np.minimum.at(family, other, least)
        family = family[family]
        if (before == family).all():
            break
    first, second = numbers(pairs)
    found: Pairs = pairs[np.lexsort((second, first, family[first]))]
    return found
