"""A whole search in one go, for who uses this as a library: papers in, likenesses out.

from reconciled.duplicates.search import find
for likeness in find([Paper(1, "Invoice 12 …"), Paper(2, "lnvoice 12 …")]):
    print(likeness.a, likeness.b, likeness.band, likeness.said)
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from pathlib import Path

from reconciled.duplicates.candidates import candidates, numbers, plain, sure
from reconciled.duplicates.closing import links_of, unseen
from reconciled.duplicates.comparing import same_text
from reconciled.duplicates.features import Hashes
from reconciled.duplicates.habits import Lessons, learned
from reconciled.duplicates.normalising import Tokens, sheet
from reconciled.duplicates.scratch import PARTS, Scratch
from reconciled.duplicates.steps import CHUNK, compare, join_part, keep_chunk
from reconciled.duplicates.thinning import thinness
from reconciled.duplicates.thirds import with_thirds
from reconciled.duplicates.vocabulary import joined
from reconciled.duplicates.words import FITTED, Likeness, Paper, Weights


def find(
    papers: Iterable[Paper],
    *,
    weights: Weights = FITTED,
    scratch: Path | None = None,
    thin: int | None = None,
) -> Iterator[Likeness]:
    """Every pair of papers that is a duplicate or to be reviewed, and vetoes between such as look alike.

    Of papers with the same text each is paired with the first of them alone, and only that one with others. A
    pair is given once, the smaller id as `a`. Fewer than 2**24 papers; ValueError when two have one id.
    `scratch` is a folder for what is between the steps (a temporary one if not given), some 10 KiB a paper.
    """
    kept = list(papers)
    if len({paper.id for paper in kept}) < len(kept):
        raise ValueError("two papers have the same id; give each its own")
    if scratch is not None:
        yield from _find(kept, weights, scratch, thin)
        return
    with tempfile.TemporaryDirectory(prefix="reconciled-") as folder:
        yield from _find(kept, weights, Path(folder), thin)


def _find(papers: Sequence[Paper], weights: Weights, folder: Path, thin: int | None) -> Iterator[Likeness]:
    tokens = Tokens()
    kept = Scratch(folder / "search", {"papers": len(papers), "thin": thin})
    firsts: dict[bytes, Paper] = {}
    chosen, read = list[Paper](), list[Hashes]()
    for paper in papers:
        hashes = tokens.hashes(paper.text)
        name = sheet(hashes)
        if name and name in firsts:
            a, b = sorted((firsts[name], paper), key=lambda one: one.id)
            yield same_text(a, b, weights=weights)
        elif name:
            firsts[name] = paper
            chosen.append(paper)
            read.append(hashes)
            if len(read) == CHUNK:
                kept.put_hashes(len(chosen) // CHUNK - 1, read)
                read.clear()
    chunks = -(-len(chosen) // CHUNK)
    if read:
        kept.put_hashes(chunks - 1, read)
    thin = thinness(len(chosen)) if thin is None else thin
    for chunk in range(chunks):
        keep_chunk(kept, chunk, kept.hashes(chunk), thin=thin)
    kept.forget_hashes()
    for part in range(PARTS):
        join_part(kept, part, chunks)
    parts = [kept.joined(part) for part in range(PARTS)]
    near = candidates(parts, kept.lengths(chunks), heaps=kept.heaps)
    pairs = [(chosen[a].id, chosen[b].id) for a, b in zip(*map(list, numbers(near)), strict=True)]
    by_id = {paper.id: paper for paper in chosen}
    words = joined([part.words for part in parts], len(chosen))
    lessons = Lessons()
    found = compare(
        by_id, pairs, words=words, weights=weights, tokens=tokens,
        apart=frozenset(compress(pairs, plain(near))), sure=frozenset(compress(pairs, sure(near))),
        lessons=lessons,
    )  # fmt: skip
    habits, asked = learned(lessons.counts), set(lessons.again)
    others = {pair for pair in pairs if (min(pair), max(pair)) not in asked}
    found = [one for one in found if (one.a, one.b) not in asked]
    found += compare(by_id, pairs, words=words, weights=weights, tokens=tokens, sure=others, habits=habits)
    known = {(one.a, one.b) for one in found}
    chained = unseen(links_of(found), known)
    found += compare(by_id, chained, words=words, weights=weights, tokens=tokens, chained=True, habits=habits)
    yield from with_thirds(found, weights=weights)
