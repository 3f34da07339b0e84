"""Groups hold what was accepted and never a pair that is to stand apart, whatever the order."""

import random
from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.grouping import group

Pairs = list[tuple[int, int, float]]
Apart = list[tuple[int, int]]


@pytest.mark.parametrize(
    ("pairs", "apart", "groups"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([(1, 2, 0.9)], [], [{1, 2}], id="one pair"),
        pytest.param([(1, 2, 0.9), (2, 3, 0.8)], [], [{1, 2, 3}], id="a chain"),
        pytest.param([(5, 6, 0.9), (1, 2, 0.8)], [], [{1, 2}, {5, 6}], id="by the smallest id"),
        pytest.param([(3, 3, 1.0)], [], [], id="nothing is its own duplicate"),
        pytest.param([(1, 2, 0.9)], [(2, 1)], [], id="apart, named the other way round"),
        pytest.param([(1, 2, 0.9), (2, 3, 0.8)], [(1, 3)], [{1, 2}], id="the weaker link gives way"),
        pytest.param([(1, 2, 0.8), (2, 3, 0.9)], [(1, 3)], [{2, 3}], id="whichever that is"),
        pytest.param([(1, 2, 0.9), (2, 3, 0.9)], [(1, 3)], [{1, 2}], id="as strong: the smaller ids"),
        pytest.param(
            [(1, 2, 0.5), (2, 1, 0.9), (2, 3, 0.8)], [(1, 3)], [{1, 2}], id="twice: the higher counts"
        ),
        pytest.param(
            [(1, 2, 0.9), (3, 4, 0.9), (2, 3, 0.8)], [(1, 4)], [{1, 2}, {3, 4}], id="two groups stay two"
        ),
        pytest.param([(1, 2, 0.9)], [(1, 9), (8, 9)], [{1, 2}], id="apart from what is in no pair"),
        pytest.param([(1, 2, 0.9)], [(1, 1)], [{1, 2}], id="apart from itself says nothing"),
    ],
)
def test_groups(pairs: Pairs, apart: Apart, groups: list[set[int]]) -> None:
    assert group(pairs, apart) == groups


ids = st.integers(0, 12)
some_pairs = st.lists(st.tuples(ids, ids, st.sampled_from([0.8, 0.85, 0.9, 0.95, 1.0])), max_size=30)
some_apart = st.lists(st.tuples(ids, ids), max_size=12)


def place(groups: Iterable[frozenset[int]]) -> dict[int, frozenset[int]]:
    return {one: members for members in groups for one in members}


@given(some_pairs, some_apart)
def test_no_group_holds_a_pair_that_is_to_stand_apart(pairs: Pairs, apart: Apart) -> None:
    foes = {(min(a, b), max(a, b)) for a, b in apart if a != b}
    for members in group(pairs, apart):
        assert not foes & set(combinations(sorted(members), 2))


@given(some_pairs, some_apart)
def test_every_accepted_pair_that_could_be_is_inside(pairs: Pairs, apart: Apart) -> None:
    where = place(group(pairs, apart))
    foes = {frozenset(pair) for pair in apart if pair[0] != pair[1]}
    for a, b, _ in pairs:
        one, other = where.get(a, frozenset({a})), where.get(b, frozenset({b}))
        if one != other:
            assert any({x, y} in foes for x in one for y in other), "nothing kept these two apart"


@given(some_pairs, some_apart)
def test_groups_are_disjoint_and_made_of_accepted_pairs(pairs: Pairs, apart: Apart) -> None:
    groups = group(pairs, apart)
    assert sum(map(len, groups)) == len(place(groups))
    for members in groups:
        inside = [pair for pair in pairs if {pair[0], pair[1]} <= members]
        assert group(inside, ()) == [members], "it hangs together by its own pairs"


@given(some_pairs, some_apart, st.randoms(use_true_random=False))
def test_the_order_means_nothing(pairs: Pairs, apart: Apart, chance: random.Random) -> None:
    expected = group(pairs, apart)
    turned = [(b, a, c) if chance.random() < 0.5 else (a, b, c) for a, b, c in pairs]
    chance.shuffle(turned)
    others = [(b, a) for a, b in apart]
    chance.shuffle(others)
    assert group(turned, others) == expected


@pytest.mark.full
def test_a_hundred_thousand_pairs_are_grouped_without_copying_sets_over_and_over() -> None:
    chain = [(n, n + 1, 0.9) for n in range(50_000)]
    stars = [(10**6 + n // 50, 2 * 10**6 + n, 0.95) for n in range(50_000)]
    apart = [(n, n + 2) for n in range(0, 50_000, 100)]
    groups = group(chain + stars, apart)
    assert sum(map(len, groups)) == 50_001 + 51_000
    assert len(groups) == 501 + 1_000


def test_one_that_differs_from_many_is_left_out_and_does_not_tear_them_in_two() -> None:
    """The surest of all pairs is one of a paper that stands apart from all others but one."""
    copies = [(a, b, 0.95) for a, b in combinations(range(1, 7), 2)]
    odd = 9
    apart = [(one, odd) for one in range(1, 6)]
    assert group([*copies, (6, odd, 0.99)], apart) == [frozenset(range(1, 7))]


@pytest.mark.parametrize("scans", [2, 3, 5, 10])
def test_a_single_wrong_link_takes_no_scan_to_another_sheet(scans: int) -> None:
    """Two sheets; of what lies between them one pair is accepted, and all others are vetoed."""
    one, other = range(1, scans + 1), range(101, scans + 101)
    pairs = [(a, b, 0.999) for sheet in (one, other) for a, b in combinations(sheet, 2)]
    apart = [(a, b) for a in one for b in other if (a, b) != (1, 101)]
    assert group([*pairs, (1, 101, 0.941)], apart) == [frozenset(one), frozenset(other)]


@given(st.integers(2, 8), st.integers(2, 8), st.randoms(use_true_random=False))
def test_nor_where_many_of_the_vetoes_are_missing(left: int, right: int, chance: random.Random) -> None:
    one, other = range(left), range(100, 100 + right)
    pairs = [(a, b, chance.uniform(0.95, 1)) for sheet in (one, other) for a, b in combinations(sheet, 2)]
    cross = [(a, b) for a in one for b in other if (a, b) != (0, 100)]
    apart = chance.sample(cross, -(-6 * len(cross) // 10))
    assert group([*pairs, (0, 100, 0.941)], apart) == [frozenset(one), frozenset(other)]


def test_what_stands_apart_from_papers_of_another_chain_joins_like_any_other() -> None:
    pairs = [(1, 2, 0.99), (2, 3, 0.95), (11, 12, 0.99)]
    assert group(pairs, [(1, 11), (1, 12), (2, 11)]) == [frozenset({1, 2, 3}), frozenset({11, 12})]


def test_a_veto_stands_above_any_number_of_pairs() -> None:
    pairs = [(1, 2, 0.99), (3, 4, 0.99), (2, 5, 0.9), (1, 3, 0.9), (2, 4, 0.9)]
    for members in group(pairs, [(1, 4)]):
        assert not {1, 4} <= members
