"""The fitted part: trees over the traits, which say log-odds.

What the words say is what the trees say were nothing known of the numbers; what the numbers add is the
rest, so that both add up. `model.json` is written by `bench/corpora/fitting.py`, which says what it was
fitted to; its `version` goes into every likeness. More of a trait that speaks against one sheet never makes a
pair likelier: the trees were held to that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.traits import NUMBERS, TEXT, Traits
from reconciled.duplicates.words import Factor

NAMES = (*TEXT, *NUMBERS)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trees:
    """Some trees as arrays (trees × nodes): an inner node asks whether a trait is at most a value.

    If so it goes left, else right. A leaf goes to itself, and its `adds` is what it adds to the log-odds.
    """

    trait: npt.NDArray[np.int64]
    value: Floats
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    adds: Floats
    depth: int

    def say(self, rows: Floats) -> Floats:
        """What the trees add for each row of traits (rows × traits), summed."""
        trees, nodes = self.trait.shape
        trait, value = self.trait.ravel(), self.value.ravel()
        first = np.arange(trees) * nodes
        left, right = (self.left + first[:, None]).ravel(), (self.right + first[:, None]).ravel()
        traits, row = rows.ravel(), (np.arange(len(rows)) * rows.shape[1])[:, None]
        node = np.broadcast_to(first, (len(rows), trees))
        for _ in range(self.depth):
            low = traits.take(trait.take(node) + row) <= value.take(node)
            node = np.where(low, left.take(node), right.take(node))
        summed: Floats = self.adds.ravel().take(node).sum(axis=1)
        return summed


@dataclass(frozen=True, slots=True)
class Model:
    """The trees; `base` is added to what they say."""

    version: int
    base: float
    trees: Trees

    def odds(self, traits: Sequence[Traits]) -> list[float]:
        """The log-odds of each pair, of all in all."""
        if not traits:
            return []
        said: list[float] = (self.base + self.trees.say(_rows(traits))).tolist()
        return said

    def parts(self, traits: Sequence[Traits]) -> list[dict[Factor, float]]:
        """The log-odds of each pair, by words and by numbers."""
        if not traits:
            return []
        rows = _rows(traits)
        wordy = np.where(np.arange(len(NAMES)) < len(TEXT), rows, 0.0)
        both, text = self.trees.say(rows), self.trees.say(wordy)
        return [
            {Factor.TEXT: self.base + one, Factor.NUMBERS: all_in_all - one}
            for one, all_in_all in zip(text.tolist(), both.tolist(), strict=True)
        ]


def _rows(traits: Sequence[Traits]) -> Floats:
    return np.array([_VALUES(one) for one in traits])


_VALUES = itemgetter(*NAMES)


def read_model(content: str) -> Model:
    """Read what the fitting wrote. ValueError when it is of other traits."""
    told = json.loads(content)
    if told["traits"] != list(NAMES):
        raise ValueError(
            "the model was fitted to other traits; run `python -m bench.corpora.fitting --write`"
        )
    return Model(told["version"], told["base"], _trees(told["trees"]))


def _trees(told: Sequence[tuple[list[int], list[float], list[int], list[int]]]) -> Trees:
    """Trees of flat lists (trait or -1, value, left, right), filled up to the size of the largest."""
    most = max(len(tree[0]) for tree in told)
    shape = (len(told), most)
    trait, value, adds = np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
    left, right = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for number, (asked, values, low, high) in enumerate(told):
        for node, (which, at, one, other) in enumerate(zip(asked, values, low, high, strict=True)):
            leaf = which < 0
            trait[number, node], value[number, node] = max(which, 0), at
            adds[number, node] = at if leaf else 0.0
            left[number, node], right[number, node] = (node, node) if leaf else (one, other)
    return Trees(trait, value, left, right, adds, max(map(_depth, told)))


def _depth(tree: tuple[list[int], list[float], list[int], list[int]], node: int = 0) -> int:
    """How many questions lie on the longest way down."""
    asked, _, low, high = tree
    return 0 if asked[node] < 0 else 1 + max(_depth(tree, low[node]), _depth(tree, high[node]))


@cache
def fitted() -> Model:
    """The model that comes with the program."""
    return read_model(files(__package__).joinpath("model.json").read_text("utf-8"))
