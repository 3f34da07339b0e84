"""The search over the papers written by hand: every pair of them gets the answer that a person gives.

A pair is a duplicate when both papers come into one group of duplicates, as a person is shown them; it is to
be reviewed when the search says so of the pair, and else different. Nothing was fitted to these papers.
"""

from functools import cache
from itertools import combinations
from types import MappingProxyType

import pytest
from tests.duplicates.papers import Answer, Pair, read_expected, read_papers

from reconciled.duplicates.grouping import group
from reconciled.duplicates.search import find
from reconciled.duplicates.words import Band, Likeness
from reconciled.duplicates.words import Paper as Scan

PAPERS = read_papers()
KNOWN = read_expected(PAPERS)


@cache
def likenesses() -> MappingProxyType[tuple[int, int], Likeness]:
    """What the search finds, by the numbers of both papers."""
    return MappingProxyType(
        {(one.a, one.b): one for one in find(Scan(paper.id, paper.text) for paper in PAPERS)}
    )


@cache
def groups() -> dict[int, frozenset[int]]:
    """The group of duplicates of each paper that is in one."""
    found = likenesses().values()
    joined = group(
        ((one.a, one.b, one.confidence) for one in found if one.band is Band.DUPLICATE),
        apart=[(one.a, one.b) for one in found if one.vetoed],
    )
    return {paper: members for members in joined for paper in members}


def answer(a: int, b: int) -> str:
    """What the program answers of a pair, the smaller number first."""
    if b in groups().get(a, ()):
        return Answer.DUPLICATE
    found = likenesses().get((a, b))
    return Answer.REVIEW if found is not None and found.band is not Band.DIFFERENT else Answer.DIFFERENT


def why(a: int, b: int) -> str:
    """What the search says of a pair, for whoever reads a failure."""
    found = likenesses().get((a, b))
    return (
        "never compared, or plainly different"
        if found is None
        else f"{found.band} {found.confidence:.3f}{' vetoed' if found.vetoed else ''}: {found.said}; "
        + ", ".join(f"{factor} {odds:+.1f}" for factor, odds in found.parts.items())
    )


def name(pair: Pair) -> str:
    return f"{pair.first.title} and {pair.second.title}"


@pytest.mark.parametrize("pair", KNOWN.pairs, ids=[*map(name, KNOWN.pairs)])
def test_a_related_pair_gets_the_answer_that_a_person_gives(pair: Pair) -> None:
    a, b = sorted(pair.ids)
    assert pair.same.allows(answer(a, b)), f"expected {pair.same} ({pair.because}), got {why(a, b)}"


def test_all_others_are_different() -> None:
    related = {pair.ids for pair in KNOWN.pairs}
    titles = {paper.id: paper.title for paper in PAPERS}
    wrong = [
        (titles[a], titles[b], why(a, b))
        for a, b in combinations(sorted(titles), 2)
        if {a, b} not in related and answer(a, b) != Answer.DIFFERENT
    ]
    assert not wrong


def test_a_person_is_told_what_differs() -> None:
    for pair in KNOWN.pairs:
        if pair.difference is not None:
            a, b = sorted(pair.ids)
            assert pair.difference in likenesses()[a, b].said, name(pair)


def test_a_paper_without_its_first_page_is_known_as_a_part() -> None:
    (pair,) = [pair for pair in KNOWN.pairs if pair.trap == "page one missing"]
    a, b = sorted(pair.ids)
    assert likenesses()[a, b].contained == pair.second.id
