"""The join finds what a comparison of all with all would, and holds a sheet with many scans in one piece."""

from collections import Counter
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciled.duplicates.candidates import candidates, numbers
from reconciled.duplicates.features import PAPER_MASK, Hashes, features
from reconciled.duplicates.grouping import group
from reconciled.duplicates.joining import COMMON, RARE, Counts, Joined, Times, in_spans, join, together

Papers = list[list[int]]


def all_features(papers: Papers) -> Hashes:
    spread = [np.array(paper, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) for paper in papers]
    return features(spread, range(len(papers)))


def sharing(found: Hashes) -> list[list[int]]:
    """The papers of each feature."""
    by: dict[int, list[int]] = {}
    for one in found.tolist():
        by.setdefault(one >> 24, []).append(one & int(PAPER_MASK))
    return list(by.values())


def as_counts(pairs: npt.NDArray[np.uint64], counts: Counts | Times) -> dict[tuple[int, int], int]:
    a, b = numbers(pairs)
    return dict(zip(zip(a.tolist(), b.tolist(), strict=True), counts.tolist(), strict=True))


def lengths(papers: Papers) -> npt.NDArray[np.int64]:
    return np.array([len(paper) for paper in papers], dtype=np.int64)


def cut(found: Hashes, parts: int) -> list[Joined]:
    """Join in parts of the hashes, as a search does."""
    shift = np.uint64(64 - parts.bit_length() + 1)
    return [join(found[(found >> shift) == part]) for part in range(parts)]


few = st.lists(st.lists(st.integers(1, 25), max_size=10), max_size=14)


@given(few)
def test_rare_features_are_counted_as_brute_force_counts_them(papers: Papers) -> None:
    found = all_features(papers)
    expected = Counter(
        pair for some in sharing(found) if 2 <= len(some) <= RARE for pair in combinations(sorted(some), 2)
    )
    joined = join(found)
    assert as_counts(joined.rare, joined.rare_counts) == expected
    rare_of = Counter(one for some in sharing(found) if 2 <= len(some) <= RARE for one in some)
    assert {paper: count for paper, count in enumerate(joined.rare_of.tolist()) if count} == rare_of


@given(few)
@settings(max_examples=50)
def test_parts_give_what_the_whole_gives(papers: Papers) -> None:
    found = all_features(papers)
    whole, parts = join(found), cut(found, 16)
    for name in ("rare", "common"):
        pairs, counts = together([(getattr(one, name), getattr(one, f"{name}_counts")) for one in parts])
        assert as_counts(pairs, counts) == as_counts(getattr(whole, name), getattr(whole, f"{name}_counts"))
    assert np.array_equal(candidates(parts, lengths(papers)), candidates([whole], lengths(papers)))


@given(few, st.integers(1, 9))
@settings(max_examples=50)
def test_spans_give_what_is_given_at_once(papers: Papers, most: int) -> None:
    parts = [(part.common, part.common_counts) for part in cut(all_features(papers), 16)]
    spans = list(in_spans(parts, most=most))
    pairs, counts = together(parts)
    assert np.concatenate([one for one, _ in spans]).tolist() == pairs.tolist()
    assert np.concatenate([one for _, one in spans]).tolist() == counts.tolist()
    assert list(in_spans([])) == []


@given(few)
def test_pairs_to_compare_are_pairs_each_once(papers: Papers) -> None:
    a, b = numbers(candidates([join(all_features(papers))], lengths(papers)))
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    assert all(one < other < len(papers) for one, other in pairs)
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("size", [RARE + 1, 20, COMMON])
def test_a_feature_that_many_share_makes_a_ring(size: int) -> None:
    joined = join(all_features([[1]] * size))
    a, b = numbers(joined.common)
    assert len(joined.rare) == 0
    assert len(a) == size
    assert Counter([*a.tolist(), *b.tolist()]) == dict.fromkeys(range(size), 2)
    assert group((x, y, 1.0) for x, y in zip(a.tolist(), b.tolist(), strict=True)) == [frozenset(range(size))]


def test_what_too_many_share_says_nothing() -> None:
    joined = join(all_features([[1, 2, 3]] * (COMMON + 1)))
    assert len(joined.rare) == len(joined.common) == 0


@pytest.mark.parametrize("copies", [7, 40, 60])
def test_a_sheet_with_many_scans_stays_in_one_piece(copies: int) -> None:
    chance = np.random.default_rng(copies)
    sheet = chance.integers(1, 10**6, 150)
    papers = []
    for _ in range(copies):
        scan = sheet.copy()
        scan[chance.random(150) < 0.05] = chance.integers(10**6, 10**7)
        papers.append(scan.tolist())
    papers += [chance.integers(10**7, 10**8, 150).tolist() for _ in range(100)]
    a, b = numbers(candidates([join(all_features(papers))], lengths(papers)))
    assert group((x, y, 1.0) for x, y in zip(a.tolist(), b.tolist(), strict=True)) == [
        frozenset(range(copies))
    ]


def test_the_work_of_a_long_series_is_linear() -> None:
    chance = np.random.default_rng(3)
    template = chance.integers(1, 1000, 100).tolist()
    papers = [[*template, *chance.integers(10**4, 10**8, 12).tolist()] for _ in range(COMMON - 4)]
    found = candidates([join(all_features(papers))], lengths(papers))
    assert len(found) <= 4 * len(papers)


def test_two_scans_among_a_series_are_found() -> None:
    chance = np.random.default_rng(4)
    template = chance.integers(1, 1000, 100).tolist()
    papers = [[*template, *chance.integers(10**4, 10**8, 12).tolist()] for _ in range(300)]
    papers.append([*papers[17][:104], 5, *papers[17][105:]])
    a, b = numbers(candidates([join(all_features(papers))], lengths(papers)))
    assert (17, 300) in set(zip(a.tolist(), b.tolist(), strict=True))


@pytest.mark.parametrize("papers", [[], [[]], [[1, 2]], [[], [1], []]])
def test_little_gives_nothing(papers: Papers) -> None:
    assert len(candidates([join(all_features(papers))], lengths(papers))) == 0
    assert len(candidates([], lengths(papers))) == 0


def test_words_that_three_papers_have_are_the_vocabulary() -> None:
    joined = join(all_features([[1, 2], [1, 3], [1, 2, 4], [2]]))
    assert joined.words.papers.tolist() == [3, 3]
    assert len(joined.words.hashes) == 2
    assert np.all(joined.words.hashes[1:] > joined.words.hashes[:-1])
