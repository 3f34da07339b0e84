"""In a chain every two are held against each other, in a very long one those that are near in it."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.closing import WITHIN, Link, links_of, unseen
from reconciled.duplicates.words import Band, Likeness

Pairs = list[tuple[int, int]]


def linked(pairs: Iterable[tuple[int, int]], *, sure: bool = False) -> list[Link]:
    return [(a, b, sure) for a, b in pairs]


@pytest.mark.parametrize(
    ("likely", "seen", "expected"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([(1, 2)], [(1, 2)], [], id="two have one pair"),
        pytest.param([(1, 2), (2, 3)], [(1, 2), (2, 3)], [(1, 3)], id="a chain of three"),
        pytest.param(
            [(2, 1), (3, 2)], [(1, 2), (2, 3), (1, 3)], [], id="the third was seen, and was nothing"
        ),
        pytest.param([(1, 2), (3, 4)], [(1, 2), (3, 4)], [], id="two chains stay two"),
        pytest.param(
            [(5, 9), (1, 2), (2, 3), (9, 7)],
            [(1, 2), (2, 3), (5, 9), (7, 9)],
            [(1, 3), (5, 7)],
            id="in order",
        ),
    ],
)
def test_what_was_not_seen(likely: Pairs, seen: Pairs, expected: Pairs) -> None:
    assert unseen(linked(likely), set(seen)) == expected


@pytest.mark.parametrize("count", [2, 3, 10, 2 * WITHIN, 2 * WITHIN + 1])
def test_of_a_chain_all_pairs_are_given_once(count: int) -> None:
    found = unseen(linked(pairwise(range(count))), ())
    assert sorted(found) == list(combinations(range(count), 2))


def test_a_longer_one_costs_as_much_a_paper_as_the_longest_that_is_whole() -> None:
    count = 1000
    found = unseen(linked(pairwise(range(count))), ())
    assert len(set(found)) == len(found) == count * WITHIN
    assert set(Counter(one for pair in found for one in pair).values()) == {2 * WITHIN}
    assert all(a < b for a, b in found)


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15))), st.sets(st.integers(0, 400)))
def test_only_what_hangs_together_and_was_not_seen(likely: Pairs, chosen: set[int]) -> None:
    seen = {pair for at, pair in enumerate(combinations(range(16), 2)) if at in chosen}
    chain_of = {one: {one} for one in range(16)}
    for a, b in likely:
        if chain_of[a] is not chain_of[b]:
            chain_of[a] |= chain_of[b]
            for one in chain_of[a]:
                chain_of[one] = chain_of[a]
    expected = {
        (a, b) for a, b in combinations(range(16), 2) if chain_of[a] is chain_of[b] and (a, b) not in seen
    }
    found = unseen(linked(likely), seen)
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("band", "vetoed", "link"),
    [
        (Band.DUPLICATE, False, True), (Band.REVIEW, False, True), (Band.DIFFERENT, False, False),
        (Band.REVIEW, True, False), (Band.DIFFERENT, True, False),
    ],
)  # fmt: skip
def test_which_pairs_make_chains(band: Band, vetoed: bool, link: bool) -> None:
    one = Likeness(1, 2, 0.5, band, {}, vetoed=vetoed)
    assert list(links_of([one])) == ([(1, 2, band is Band.DUPLICATE)] if link else [])


def test_what_duplicates_alone_join_is_looked_at_in_the_longest_chain() -> None:
    """Two sheets of five scans each and one wrong link, far apart in a chain of a thousand papers."""
    one, other = range(0, 50, 10), range(500, 550, 10)
    sure = linked([*pairwise(one), *pairwise(other), (0, 500)], sure=True)
    found = set(unseen([*linked(pairwise(range(1000))), *sure], ()))
    assert {(a, b) for a in one for b in other} <= found
