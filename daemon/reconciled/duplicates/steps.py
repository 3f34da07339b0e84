"""The steps of a search, each a function that a worker process can be given: read, join, compare.

Read: texts to features, a chunk of papers at a time. Join: one part of the hashes at a time. Compare: some
pairs with their texts at a time. Between them stands a `Scratch`, so that each step is done once.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

import numpy as np

from reconciled.duplicates.around import Around
from reconciled.duplicates.comparing import judge, kept_apart, odds, same_text
from reconciled.duplicates.examining import Examined, among, examine_two
from reconciled.duplicates.features import Hashes, features
from reconciled.duplicates.habits import USUAL, Habits, Lessons
from reconciled.duplicates.joining import join
from reconciled.duplicates.letters import Spelled
from reconciled.duplicates.model import Model, fitted
from reconciled.duplicates.normalising import Tokens
from reconciled.duplicates.scratch import Scratch
from reconciled.duplicates.unlike import much_alike, plainly_two
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary
from reconciled.duplicates.words import FITTED, Likeness, Paper, Weights

AT_ONCE = 250
"""So many pairs are compared together; what is around a pair is looked for among them."""
_LETTERS = 4_000_000
"""Texts of so many letters, at most, are compared together; a paper counts with each of its pairs."""
HOPELESS = -6.0
"""What says so little (log-odds) before it is known what is around stays different whatever that is."""
CHUNK = 1000
"""So many papers are read at a time; the last chunk may have fewer."""


def read_chunk(
    scratch: Scratch, chunk: int, texts: Sequence[str], *, thin: int = 0, tokens: Tokens | None = None
) -> None:
    """Read a chunk of papers and keep their features; the first has the number `chunk * CHUNK`."""
    tokens = tokens or Tokens()
    with _undisturbed():
        read = [tokens.hashes(text) for text in texts]
    keep_chunk(scratch, chunk, read, thin=thin)


def keep_chunk(scratch: Scratch, chunk: int, read: Sequence[Hashes], *, thin: int = 0) -> None:
    """The same of texts that were read: `read` are the hashes of the tokens of each."""
    first = chunk * CHUNK
    found = features(read, range(first, first + len(read)), thin=thin)
    scratch.put_chunk(chunk, found, np.fromiter(map(len, read), dtype=np.int64, count=len(read)))


def join_part(scratch: Scratch, part: int, chunks: int) -> None:
    """Join all papers in one part of the hashes, and keep what comes of it."""
    found = scratch.part(part, chunks)
    scratch.put_part(part, found, join(found))


def compare(
    papers: Mapping[int, Paper],
    pairs: Iterable[tuple[int, int]],
    *,
    words: Vocabulary = EMPTY,
    weights: Weights = FITTED,
    tokens: Tokens | None = None,
    apart: Collection[tuple[int, int]] = (),
    sure: Collection[tuple[int, int]] = (),
    chained: bool = False,
    habits: Habits = USUAL,
    lessons: Lessons | None = None,
    model: Model | None = None,
) -> list[Likeness]:
    """Compare pairs of papers, by their ids. Pairs that are plainly different are left out, but for vetoes.

    `papers` has at least those of the pairs. Pairs of one family stand beside each other, as `candidates`
    gives them: what is around a pair is looked for among those next to it. `model` is the fitted one unless
    another is given. Those of the pairs that are in `apart` seem to be plainly different; where they are,
    which nobody asks of those that are `sure`, they only show what is around the others. Pairs that are
    `chained` stand apart where they seem to be plainly two, unless they are duplicates. What was read is
    remembered by `tokens`, from pair to pair and from call to call. `habits` are those of the library's
    scanners, as far as they are known; what these pairs teach is added to `lessons`.
    """
    tokens, model = tokens or Tokens(), model or fitted()
    found = list[Likeness]()
    for some in _together(papers, pairs):
        with _undisturbed():
            same, examined, two = look(
                papers, some, words=words, tokens=tokens, apart=apart, sure=sure, chained=chained,
                habits=habits, model=model,
            )  # fmt: skip
            found += [same_text(a, b, weights=weights, model=model) for a, b in same]
            judged = judge(examined, weights=weights, lessons=lessons, model=model)
            found += kept_apart(judged, two, model=model) if two else judged
    return found


def look(
    papers: Mapping[int, Paper],
    pairs: Sequence[tuple[int, int]],
    *,
    words: Vocabulary,
    tokens: Tokens,
    apart: Collection[tuple[int, int]] = (),
    sure: Collection[tuple[int, int]] = (),
    chained: bool = False,
    habits: Habits = USUAL,
    model: Model | None = None,
) -> tuple[list[tuple[Paper, Paper]], list[Examined], list[tuple[Paper, Paper]]]:
    """Take the evidence of some pairs that are compared together: those of one text, and of the others.

    And those much alike that are plainly two, or seem to be and are `chained`. All others that are different
    are in neither; those `apart` seem to be, and are looked at again unless it is `sure`. With a `model`
    nobody asks what is around hopeless ones.
    """

    def read(paper: int) -> Sequence[str]:
        return tokens.again(papers[paper].text)

    spelled = Spelled(read)
    around = Around(pairs, read, spelled)
    heap = cache(lambda paper: frozenset(read(paper)))
    same, two = list[tuple[Paper, Paper]](), list[tuple[Paper, Paper]]()
    examined = list[Examined]()
    for one, other in pairs:
        a, b = papers[min(one, other)], papers[max(one, other)]
        if (one, other) in sure or ((one, other) in apart and plainly_two(heap(a.id), heap(b.id))):
            continue  # if a chain leads from one to the other they are compared as all others
        here, there = read(a.id), read(b.id)
        if here and here == there:
            same.append((a, b))
        elif pair := examine_two(a, b, here, there, words=words, spelled=spelled, habits=habits):
            if pair.looked:
                examined.append(pair)
            seem = pair.others or (chained and plainly_two(heap(a.id), heap(b.id)))
            if seem and much_alike(heap(a.id), heap(b.id)):
                two.append((a, b))
    first = odds(examined, model) if model else [0.0] * len(examined)
    examined = [
        pair if said < HOPELESS else among(pair, read(pair.first.id), around.template(pair.a.id, pair.b.id))
        for pair, said in zip(examined, first, strict=True)
    ]
    return same, examined, two


def _together(
    papers: Mapping[int, Paper], pairs: Iterable[tuple[int, int]]
) -> Iterator[list[tuple[int, int]]]:
    """The pairs, so many at once; fewer where their papers are long, whose words are held meanwhile."""
    some, length = list[tuple[int, int]](), 0
    for one, other in pairs:
        more = len(papers[one].text) + len(papers[other].text)
        if some and (len(some) == AT_ONCE or length + more > _LETTERS):
            yield some
            some, length = [], 0
        some.append((one, other))
        length += more
    if some:
        yield some


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nobody look for cycles among millions of words while some are read or compared: there are none."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
