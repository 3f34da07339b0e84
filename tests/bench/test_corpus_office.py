"""The made-up office: the same seed, the same library; every kind there, and true to what its label says."""

import sys
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.corpora.office import make  # noqa: E402 - the path had to be known first
from bench.corpora.sheets import COPIES, NEAR, Sheet  # noqa: E402


@pytest.fixture(scope="module")
def library() -> list[Sheet]:
    """Four thousand sheets, made once."""
    return list(make(4000, seed=7))


@pytest.fixture(scope="module")
def originals(library: list[Sheet]) -> dict[int, Sheet]:
    """By label: the one sheet that is no copy."""
    return {sheet.label: sheet for sheet in library if sheet.kind not in COPIES}


@pytest.mark.parametrize("count", [1, 37, 300])
def test_count_and_numbers(count: int) -> None:
    assert [sheet.id for sheet in make(count, seed=3)] == list(range(1, count + 1))


def test_the_seed_alone_decides() -> None:
    first = list(make(150, seed=5))
    assert first == list(make(150, seed=5))
    assert [sheet.text for sheet in first] != [sheet.text for sheet in make(150, seed=6)]


def test_it_streams() -> None:
    assert next(islice(make(2000, seed=1), 1)).id == 1


def test_every_kind_is_there(library: list[Sheet]) -> None:
    assert {sheet.kind for sheet in library} == {"original", *COPIES, *NEAR}
    assert {sheet.language for sheet in library} == {"fr", "es", "pt"}


def test_a_label_has_one_original(library: list[Sheet], originals: dict[int, Sheet]) -> None:
    assert len(originals) == sum(sheet.kind not in COPIES for sheet in library)
    for sheet in library:
        if sheet.kind in COPIES:
            first = originals[sheet.label]
            assert (first.kind, first.series, first.language) == ("original", sheet.series, sheet.language)
            assert sheet.near is None


def test_exact_is_exact(library: list[Sheet], originals: dict[int, Sheet]) -> None:
    exact = [sheet for sheet in library if sheet.kind == "exact"]
    assert exact
    for sheet in exact:
        first = originals[sheet.label]
        assert (sheet.text, sheet.size) == (first.text, first.size)


def test_other_scans_read_otherwise(library: list[Sheet], originals: dict[int, Sheet]) -> None:
    pairs = [
        (sheet.text, originals[sheet.label].text)
        for sheet in library
        if sheet.kind in ("medium", "heavy", "mixed")
    ]
    assert sum(one != other for one, other in pairs) > 0.95 * len(pairs)


def test_what_is_near_is_another_sheet(library: list[Sheet], originals: dict[int, Sheet]) -> None:
    for sheet in library:
        assert (sheet.near is not None) == (sheet.kind in NEAR)
        if sheet.near is not None:
            assert sheet.near != sheet.label
            assert sheet.text != originals[sheet.near].text


def test_about_half_in_series_of_every_length(library: list[Sheet]) -> None:
    lengths: defaultdict[int, int] = defaultdict(int)
    for sheet in library:
        if sheet.kind == "original" and sheet.series >= 0:
            lengths[sheet.series] += 1
    assert 0.45 < sum(lengths.values()) / len(library) < 0.6
    assert min(lengths.values()) == 2
    assert 40 < max(lengths.values()) <= 120


def test_short_long_and_empty_sheets(library: list[Sheet]) -> None:
    words = [len(sheet.text.split()) for sheet in library]
    assert max(words) > 2000
    assert 0 < sum(count == 0 for count in words) < 0.02 * len(words)
    assert sum(0 < count < 20 for count in words) > 0.02 * len(words)


def test_many_copies_of_one(library: list[Sheet]) -> None:
    clusters: defaultdict[int, int] = defaultdict(int)
    for sheet in library:
        clusters[sheet.label] += sheet.kind == "many"
    assert 8 <= max(clusters.values()) <= 50
