"""What a paper is looked up by: hashes of its words, pairs and triples of words, packed with its number.

A feature is a uint64: its upper 39 bits are the hash of one, two or three neighbouring tokens, the next tells
a word from several, its lower 24 are the paper's number in the collection, so that one sort brings together
all papers that share one. Two scans of a sheet share features that next to no other paper has, however much a
whole series has in common.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]

PAPER_BITS = 24
MOST = 1 << PAPER_BITS
"""A collection has fewer papers than this."""
WORD_BIT = np.uint64(1 << PAPER_BITS)
"""Set in the feature of a single word."""
PAPER_MASK = np.uint64(MOST - 1)
_HASH_MASK = ~np.uint64((1 << (PAPER_BITS + 1)) - 1)
KIND, NUMBER, SHORT = 3, 1, 2
"""The lowest bits of a token's hash: a number, a short word, or neither. A word's feature has them, too."""
_KIND = np.uint64(KIND)
_KINDS = _KIND << np.uint64(PAPER_BITS + 1)
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_TURN = np.uint64(29)


def features(papers: Sequence[Hashes], numbers: Sequence[int], *, thin: int = 0) -> Hashes:
    """The features of some papers, sorted, each once a paper.

    `papers` are the hashes of their tokens in order, `numbers` their numbers, below `MOST` (ValueError), each
    once. With `thin` only one in 2**thin of the features of several words is taken, in every paper the same;
    short papers keep all.
    """
    if not all(0 <= number < MOST for number in numbers):
        raise ValueError(f"papers have numbers from 0 to {MOST - 1}")
    lengths = np.fromiter(map(len, papers), dtype=np.int64, count=len(papers))
    if not lengths.sum():
        return np.zeros(0, dtype=np.uint64)
    tokens = np.concatenate(papers)
    number = np.repeat(np.asarray(numbers, dtype=np.uint64), lengths)
    keep_all = np.repeat(lengths < FEW, lengths) if thin else None
    mask = np.uint64((1 << thin) - 1)
    mixed = word_hashes(tokens)
    parts: list[Hashes] = [(mixed & _HASH_MASK) | WORD_BIT | number]
    for more in (1, 2):
        mixed = mixed[:-1]
        mixed += tokens[more:]
        mixed *= _ODD[more]
        mixed ^= mixed >> _TURN
        whole = number[:-more] == number[more:]
        if keep_all is not None:
            whole &= ((mixed & mask) == 0) | keep_all[:-more]
        parts.append((mixed[whole] & _HASH_MASK) | number[:-more][whole])
    found: Hashes = np.concatenate(parts)
    found.sort()
    first = np.ones(len(found), dtype=bool)
    np.not_equal(found[1:], found[:-1], out=first[1:])
    once: Hashes = found[first]
    return once


def word_hashes(tokens: Hashes) -> Hashes:
    """The hashes of single words, as they are before they are packed; of tokens' hashes."""
    mixed: Hashes = tokens * _ODD[0]
    mixed ^= mixed >> _TURN
    mixed &= ~_KINDS
    mixed |= (tokens & _KIND) << np.uint64(PAPER_BITS + 1)
    return mixed


FEW = 60
"""A paper of fewer tokens keeps all its features."""
