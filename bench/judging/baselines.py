"""What the search is held beside: MinHash with LSH as it is usually set, and reading a library alone."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from bench.judging.lines import all_texts

PERMUTATIONS, THRESHOLD, GRAM = 128, 0.5, 3
"""The usual settings: permutations, the least estimated Jaccard, how many neighbouring words are one."""
_AT_ONCE = 1000


def minhash(corpus: str, out: str) -> dict[str, Any]:
    """Pairs that MinHash with LSH finds, put into `out`: arrays `pairs` (n, 2) and `jaccard` (n,)."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]  # only this process has it

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    made: list[Any] = []
    pairs: list[tuple[int, int]] = []
    alike: list[float] = []
    texts = all_texts(Path(corpus))
    while some := list(islice(texts, _AT_ONCE)):
        for one in MinHash.bulk([grams(text) for text in some], num_perm=PERMUTATIONS):
            number = len(made)
            made.append(one)
            if one.is_empty():
                continue
            for other in index.query(one):
                likeness = one.jaccard(made[other])
                if likeness >= THRESHOLD:
                    pairs.append((other, number))
                    alike.append(likeness)
            index.insert(number, one, check_duplication=False)
    np.savez(out, pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2), jaccard=np.array(alike))
    return {"sheets": len(made), "pairs": len(pairs)}


def grams(text: str) -> list[bytes]:
    """The neighbouring words of a text, three at a time; of a shorter one all its words."""
    return list(dict.fromkeys(gram.encode() for gram in _grams(text.lower().split())))


def _grams(words: list[str]) -> Iterator[str]:
    if 0 < len(words) < GRAM:
        yield " ".join(words)
    for at in range(len(words) - GRAM + 1):
        yield " ".join(words[at : at + GRAM])


def splitting(corpus: str) -> dict[str, Any]:
    """Read the JSON lines and split the texts into words, and nothing else."""
    sheets = words = 0
    for text in all_texts(Path(corpus)):
        sheets += 1
        words += len(text.lower().split())
    return {"sheets": sheets, "words": words}
