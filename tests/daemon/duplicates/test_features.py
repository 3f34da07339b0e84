"""Features: each once a paper, of one, two and three neighbours, never across two papers, thinned alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.features import FEW, MOST, PAPER_MASK, WORD_BIT, Hashes, features

tokens = st.lists(st.integers(1, 9), max_size=12)
HASH = ~np.uint64((1 << 25) - 1)


def hashes(found: list[int]) -> Hashes:
    """Tokens' hashes as spread out as real ones."""
    return np.array([(one * 0x9E3779B97F4A7C15) % (1 << 64) for one in found], dtype=np.uint64)


def grams(found: list[int]) -> set[tuple[int, ...]]:
    return {tuple(found[at : at + n]) for n in (1, 2, 3) for at in range(len(found) - n + 1)}


@given(st.lists(tokens, max_size=6))
def test_a_paper_has_a_feature_for_each_of_its_words_pairs_and_triples(papers: list[list[int]]) -> None:
    found = features([hashes(paper) for paper in papers], range(len(papers)))
    assert found.dtype == np.uint64
    assert np.all(found[1:] > found[:-1]), "sorted, each once"
    for number, paper in enumerate(papers):
        mine = found[(found & PAPER_MASK) == number]
        assert len(mine) == len(grams(paper))
        assert np.count_nonzero(mine & WORD_BIT) == len(set(paper))


@given(tokens, tokens)
def test_two_papers_share_the_features_of_what_they_share(one: list[int], other: list[int]) -> None:
    a, b = (features([hashes(paper)], [0]) & HASH for paper in (one, other))
    assert len(np.intersect1d(a, b)) == len(grams(one) & grams(other))


@given(st.lists(tokens, max_size=5), st.integers(0, 1000))
def test_a_paper_has_the_same_features_in_any_company(papers: list[list[int]], first: int) -> None:
    together = features([hashes(paper) for paper in papers], range(first, first + len(papers)))
    for number, paper in enumerate(papers, first):
        assert np.array_equal(
            together[(together & PAPER_MASK) == number], features([hashes(paper)], [number])
        )


def test_thin_features_are_some_of_all_and_the_same_in_every_paper() -> None:
    chance = np.random.default_rng(1)
    one = chance.integers(1, 2**63, 4000, dtype=np.uint64)
    other = np.concatenate([chance.integers(1, 2**63, 100, dtype=np.uint64), one[1000:]])
    whole, thin, theirs = features([one], [0]), features([one], [0], thin=1), features([other], [0], thin=1)
    assert np.all(np.isin(thin, whole))
    assert np.count_nonzero(thin & WORD_BIT) == np.count_nonzero(whole & WORD_BIT), "words stay all"
    several = [np.count_nonzero((some & WORD_BIT) == 0) for some in (thin, whole)]
    assert 0.45 < several[0] / several[1] < 0.55
    inner = features([one[1000:]], [0], thin=1)
    assert np.all(np.isin(inner, thin)), "what was taken of a passage is taken wherever it stands"
    assert np.all(np.isin(inner, theirs))


def test_a_short_paper_keeps_all() -> None:
    short = hashes(list(range(1, FEW)))
    assert np.array_equal(features([short], [3], thin=1), features([short], [3]))


def test_of_nothing_come_no_features() -> None:
    assert len(features([], [])) == 0
    assert len(features([hashes([]), hashes([])], [0, 1])) == 0


def test_one_word_many_times_is_three_features() -> None:
    assert len(features([hashes([7] * 10_000)], [0])) == 3


@pytest.mark.parametrize("number", [-1, MOST])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"numbers from 0 to {MOST - 1}"):
        features([hashes([1])], [number])


def test_the_highest_number_fits() -> None:
    assert set((features([hashes([1, 2])], [MOST - 1]) & PAPER_MASK).tolist()) == {MOST - 1}
