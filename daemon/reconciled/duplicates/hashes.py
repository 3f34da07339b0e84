"""Page hashes: 64 bits that stay nearly the same however a page is scaled, lightened, compressed or shifted.

Each takes grey values, an array (height, width) of 0 to 255 as `images.decode` gives it, and returns an
integer of 0 to 2**64 - 1 whose highest bit is the upper left one. Two hashes of one kind are compared by
`images.distance`. A blank page has a hash, too, which says nothing: ask `is_blank` first. Needs numpy.
"""

from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from math import ceil
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.images import HASH_NAMES

Grey: TypeAlias = npt.NDArray[Any]
Square: TypeAlias = npt.NDArray[np.float32]

SIDE = 32
"""The page is shrunk to so many cells a side."""
BLANK = 2.0
"""Grey levels by which the cells of a page with something on it deviate, at the least."""


def dct(grey: Grey) -> int:
    """The one that is stored: the 8 x 8 slowest waves that run both across and down, each above the median?

    Shadows at an edge and a page that is darker below are slow waves in one direction only, so the first
    row and the first column are left out.
    """
    return _above_median(_waves(shrink(grey, SIDE, SIDE), 1, 9))


def perceptual(grey: Grey) -> int:
    """What is mostly called pHash: as `dct`, but the first row and the first column of the waves count.

    So it also sees how the brightness falls across the page and down it, a scanner's shadow included.
    """
    return _above_median(_waves(shrink(grey, SIDE, SIDE), 0, 8))


def average(grey: Grey) -> int:
    """Of 8 x 8 cells: is each lighter than the mean of all?"""
    cells = shrink(grey, 8, 8)
    return _packed(cells > cells.mean())


def difference(grey: Grey) -> int:
    """Of 8 rows of 9 cells, in whole grey levels: is each lighter than the one on its left?"""
    cells = np.rint(shrink(grey, 8, 9))
    return _packed(cells[:, 1:] > cells[:, :-1])


HASHES: Mapping[str, Callable[[Grey], int]] = MappingProxyType(
    dict(zip(HASH_NAMES, (dct, average, difference, perceptual), strict=True))
)
"""All of them by name."""
_OF_CELLS = frozenset({"dct", "average", "perceptual"})
"""Those for which a page that is shrunk to SIDE cells already is as good as the page."""


def page_hashes(grey: Grey, names: Collection[str] = ("dct",)) -> dict[str, int]:
    """The hashes of these names; none of a blank page. KeyError for a name that is none."""
    cells = shrink(grey, SIDE, SIDE)
    if is_blank(cells):
        return {}
    return {name: HASHES[name](cells if name in _OF_CELLS else grey) for name in names}


def is_blank(grey: Grey) -> bool:
    """Whether there is nothing on the page but paper, evenly lit or darker towards one side."""
    cells = shrink(grey, SIDE, SIDE)
    slope = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    weight = float(SIDE * (slope @ slope))
    flat = cells - cells.mean()
    across, down = float((flat @ slope).sum()) / weight, float((slope @ flat).sum()) / weight
    return float((flat - across * slope - down * slope[:, None]).std()) < BLANK


def shrink(grey: Grey, height: int, width: int) -> Square:
    """The page in so many cells, each the mean of the pixels below it; a pixel on a border counts in part."""
    if grey.ndim != 2 or not grey.size:
        raise ValueError(f"grey values are an array (height, width), not one of the shape {grey.shape}")
    if grey.shape == (height, width):
        return grey.astype(np.float32)
    return _rows(_rows(grey, height).T, width).T


def _rows(grey: Grey, cells: int) -> Square:
    """(cells, columns): the rows in so many bands, each band their mean.

    Band by band, since a product with one large matrix would be spread over threads, for nothing.
    """
    count, columns = grey.shape
    edges = np.linspace(0, count, cells + 1)
    numbers = np.arange(count)
    found = np.empty((cells, columns), np.float32)
    for band, (above, below) in enumerate(pairwise(edges.tolist())):
        some = slice(int(above), ceil(below))
        inside = np.minimum(below, numbers[some] + 1) - np.maximum(above, numbers[some])
        found[band] = (inside * (cells / count)).astype(np.float32) @ grey[some].astype(np.float32)
    return found


def _waves(cells: Square, first: int, end: int) -> Square:
    """The discrete cosine transform (type II): its coefficients from `first` up to `end`, both ways.

    They are left unscaled: that matters to nothing but the first row and column, and is usual for these.
    """
    numbers = np.arange(first, end)[:, None]
    waves: Square = np.cos(np.pi * numbers * (2 * np.arange(SIDE) + 1) / (2 * SIDE)).astype(np.float32)
    return np.asarray(waves @ cells @ waves.T, np.float32)


def _above_median(values: Square) -> int:
    return _packed(values > np.median(values))


def _packed(bits: npt.NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(bits.ravel()).tobytes(), "big")
