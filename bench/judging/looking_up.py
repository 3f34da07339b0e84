"""One new paper against all: how long it takes from its text to what it is like, in milliseconds."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bench.judging.lines import Lines, all_texts
from bench.judging.searching import model_of, read_habits, read_words

from reconciled.duplicates.features import features
from reconciled.duplicates.index import Index
from reconciled.duplicates.normalising import Tokens
from reconciled.duplicates.steps import compare
from reconciled.duplicates.words import Band, Paper

WRONG = 0.01
"""The share of characters that is read otherwise in a copy."""
_NEW = 1 << 40
"""Numbers of new papers, above all others."""


def look_up(
    corpus: str,
    folder: str,
    strangers: str,
    *,
    model: str = "",
    copies: int = 100,
    others: int = 100,
    thin: int = 0,
) -> dict[str, Any]:
    """Look up copies of papers that are there, read once more, and papers of another library.

    Returns the milliseconds of each, and how many copies were found.
    """
    judged_by = model_of(model)
    root = Path(folder)
    chosen = np.load(root / "chosen.npy", mmap_mode="r")
    index, words, tokens = Index(root / "search"), read_words(root), Tokens()
    habits = read_habits(root)
    took: list[float] = []
    found = 0
    with Lines(Path(corpus), np.load(root / "starts.npy", mmap_mode="r")) as lines:
        new = [
            *_again(lines, chosen.tolist(), copies),
            *((text, -1) for text in _first(Path(strangers), others)),
        ]
        random.Random(1).shuffle(new)
        for number, (text, known) in enumerate(new, _NEW):
            began = time.perf_counter()
            hashes = np.array(tokens.hashes(text), dtype=np.uint64)
            near = index.near(features([hashes[hashes != 0]], [0], thin=thin))
            papers = {(one := int(chosen[at])): Paper(one, lines.text(one)) for at in near}
            pairs = [(one, number) for one in papers]
            papers[number] = Paper(number, text)
            likenesses = compare(papers, pairs, words=words, tokens=tokens, habits=habits, model=judged_by)
            took.append(1000 * (time.perf_counter() - began))
            found += any(one.a == known and one.band is not Band.DIFFERENT for one in likenesses)
    return {"ms": took, "copies": sum(known >= 0 for _, known in new), "found": found}


def _again(lines: Lines, chosen: list[int], count: int) -> Iterator[tuple[str, int]]:
    """Papers of some length, each with a few characters read otherwise, and their numbers."""
    chance = random.Random(2)
    left = count
    for number in chance.sample(chosen, len(chosen)):
        text = lines.text(number)
        if len(text.split()) < 20:
            continue
        yield misread(text, chance), number
        left -= 1
        if not left:
            return


def misread(text: str, chance: random.Random) -> str:
    """A text with some of its letters and digits taken for others of it."""
    signs = [sign for sign in text if sign.isalnum()]
    return "".join(
        chance.choice(signs) if sign.isalnum() and chance.random() < WRONG else sign for sign in text
    )


def _first(corpus: Path, count: int) -> Iterator[str]:
    """The first texts of a library that have any words."""
    for text in all_texts(corpus):
        if not text.strip():
            continue
        if count <= 0:
            return
        count -= 1
        yield text
