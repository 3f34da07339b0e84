"""Which page hashes are near each other: all pairs of a library, or one new hash against all.

Hashes that are at most d bits apart agree in at least one of d + 1 parts, so only those that share a part
are compared. Equal hashes are taken together first, since real ones come in crowds; and a picture that looks
like very many others (one template, pages with next to nothing on them) tells none of them apart and makes
no pairs. So memory stays bounded whatever the hashes are. Needs numpy 2.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.images import BITS, NEAR, unsigned

Numbers: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Distances: TypeAlias = npt.NDArray[np.uint8]
Flags: TypeAlias = npt.NDArray[np.bool_]
_Found: TypeAlias = tuple[Numbers, Numbers, Distances]

CROWD = 64
"""A picture that is near to more others than so many says nothing about any of them."""
BLOCK = 2**18
"""How many comparisons, and how many pairs, are made at once."""
HELD = 1_000_000
"""Pairs of hashes that are kept rather than looked for twice."""


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of papers: arrays (n,) of the smaller id, of the larger one, and of the bits between them."""

    a: Numbers
    b: Numbers
    distance: Distances


class Neighbours:
    """An index of page hashes by paper; hashes may be signed or not. Takes 16 bytes a paper, and a dict."""

    def __init__(self, hashes: Iterable[tuple[int, int]] = ()) -> None:
        """`hashes` are (id, hash); of two for one id the later counts."""
        known = dict(hashes)
        self._count = len(known)
        self._ids: Numbers = np.fromiter(known, np.int64, self._count)
        self._hashes: Hashes = np.fromiter(map(unsigned, known.values()), np.uint64, self._count)
        self._place = {number: place for place, number in enumerate(known)}

    def __len__(self) -> int:
        return self._count

    def add(self, number: int, page_hash: int) -> None:
        """Take a paper in, or give it another hash."""
        place = self._place.setdefault(number, self._count)
        if place == self._count:
            self._count += 1
            if place == len(self._ids):
                room = max(64, len(self._ids) // 4)
                self._ids = np.concatenate((self._ids, np.zeros(room, np.int64)))
                self._hashes = np.concatenate((self._hashes, np.zeros(room, np.uint64)))
        self._ids[place] = number
        self._hashes[place] = unsigned(page_hash)

    def discard(self, number: int) -> None:
        """Leave a paper out, if it is there."""
        place = self._place.pop(number, None)
        if place is None:
            return
        self._count -= 1
        if place != self._count:  # the last one takes its place
            last = int(self._ids[self._count])
            self._ids[place], self._hashes[place] = last, self._hashes[self._count]
            self._place[last] = place

    def near(self, page_hash: int, *, within: int = NEAR) -> tuple[Numbers, Distances]:
        """The ids (n,) of the papers at most so many bits away, and those bits (n,); the nearest first."""
        apart: Distances = np.bitwise_count(self._hashes[: self._count] ^ np.uint64(unsigned(page_hash)))
        found = np.flatnonzero(apart <= within)
        ids, bits = self._ids[: self._count][found], apart[found]
        order = np.lexsort((ids, bits))
        return ids[order], bits[order]

    def pairs(self, *, within: int = NEAR, crowd: int = CROWD) -> Iterator[Near]:
        """All pairs of papers at most `within` bits apart, each once, in blocks and in no order.

        Left out are papers that more than `crowd` others are so near to. So there are at most half as many
        pairs as papers times `crowd`.
        """
        if not 0 <= within < BITS:
            raise ValueError(f"{within} is no distance within which neighbours can be looked for")
        order = np.argsort(self._hashes[: self._count], kind="stable")
        shared, begins, counts = np.unique(self._hashes[order], return_index=True, return_counts=True)
        groups = _Groups(self._ids[order], begins, counts)
        found, around = _counted(shared, counts, within)
        lonely = around <= crowd
        yield from groups.inside(lonely)
        for one, other, apart in _again(shared, np.flatnonzero(lonely), within) if found is None else found:
            good = lonely[one] & lonely[other]
            yield from groups.across(one[good], other[good], apart[good])


class _Groups:
    """The papers of each hash: `counts[g]` ids from `begins[g]` on."""

    def __init__(self, ids: Numbers, begins: Numbers, counts: Numbers) -> None:
        self._ids = ids
        self._begins = begins
        self._counts = counts

    def inside(self, of: Flags) -> Iterator[Near]:
        """The pairs with equal hashes, within the groups that are marked in `of`."""
        several = np.flatnonzero(of & (self._counts > 1))
        for size in np.unique(self._counts[several]).tolist():
            one, other = np.triu_indices(size, 1)
            begins = self._begins[several[self._counts[several] == size]]
            step = max(1, BLOCK // len(one))
            for at in range(0, len(begins), step):
                some = begins[at : at + step, None]
                yield self._near((some + one).ravel(), (some + other).ravel(), np.uint8(0))

    def across(self, one: Numbers, other: Numbers, apart: Distances) -> Iterator[Near]:
        """The pairs of each paper of a group in `one` with each of that in `other`, (n,) and (n,)."""
        sizes = self._counts[one] * self._counts[other]
        ends = np.cumsum(sizes)
        begin = 0
        while begin < len(sizes):
            done = ends[begin - 1] if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, done + BLOCK, "right")))
            some = slice(begin, end)
            which = np.repeat(np.arange(begin, end), sizes[some])
            within = np.arange(len(which)) - np.repeat(ends[some] - sizes[some] - done, sizes[some])
            row, column = np.divmod(within, self._counts[other[which]])
            yield self._near(
                self._begins[one[which]] + row, self._begins[other[which]] + column, apart[which]
            )
            begin = end

    def _near(self, one: Numbers, other: Numbers, apart: Distances | np.uint8) -> Near:
        a, b = self._ids[one], self._ids[other]
        bits: Distances = np.broadcast_to(apart, a.shape)
        return Near(np.minimum(a, b), np.maximum(a, b), bits)


def _counted(hashes: Hashes, counts: Numbers, within: int) -> tuple[list[_Found] | None, Numbers]:
    """The pairs of near hashes, None if they are too many to be kept; how many papers each has around it."""
    around = counts - 1
    found: list[_Found] | None = []
    held = 0
    for one, other, apart in _near_hashes(hashes, within):
        np.add.at(around, one, counts[other])
        np.add.at(around, other, counts[one])
        held += len(one)
        if found is not None:
            found.append((one, other, apart))
            found = found if held <= HELD else None
    return found, around


def _again(hashes: Hashes, some: Numbers, within: int) -> Iterator[_Found]:
    """The pairs among some of the hashes."""
    for one, other, apart in _near_hashes(hashes[some], within):
        yield some[one], some[other], apart


def _near_hashes(hashes: Hashes, within: int) -> Iterator[_Found]:
    """The places of near hashes, each pair once; `hashes` are (n,) and all different."""
    parts = _parts(within + 1)
    for number, (shift, mask) in enumerate(parts):
        part = (hashes >> shift) & mask
        order = np.argsort(part, kind="stable")
        held = hashes[order]
        for rows, columns in _alike(part[order]):
            apart = np.bitwise_count(held[rows, None] ^ held[None, columns])
            at_row, at_column = np.nonzero(apart <= within)
            bits = apart[at_row, at_column]
            at_row, at_column = at_row + rows.start, at_column + columns.start
            good = at_row < at_column
            one, other, bits = order[at_row[good]], order[at_column[good]], bits[good]
            first = _first_seen(hashes[one] ^ hashes[other], parts[:number])
            yield one[first], other[first], bits[first]


def _parts(count: int) -> list[tuple[np.uint64, np.uint64]]:
    """The 64 bits cut into so many parts: by how much to shift each, and what to keep of it then."""
    edges = [round(number * BITS / count) for number in range(count + 1)]
    return [(np.uint64(low), np.uint64((1 << (high - low)) - 1)) for low, high in pairwise(edges)]


def _alike(parts: Hashes) -> Iterator[tuple[slice, slice]]:
    """Where equal parts stand in the sorted `parts`: rows to compare with columns, at most BLOCK."""
    borders = np.flatnonzero(parts[1:] != parts[:-1]) + 1
    for low, high in pairwise([0, *borders.tolist(), len(parts)]):
        while high - low > 1:
            step = max(1, BLOCK // (high - low))
            yield slice(low, min(high, low + step)), slice(low, high)
            low += step


def _first_seen(differing: Hashes, before: list[tuple[np.uint64, np.uint64]]) -> Flags:
    """Which pairs share none of the parts that were looked at before, so were not found by them."""
    new = np.ones(len(differing), np.bool_)
    for shift, mask in before:
        new &= (differing >> shift) & mask != 0
    return new
