"""The clinic's library: the same for the same seed, whole in its kinds, and truthful in its labels."""

import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.corpora.clinic import make  # noqa: E402 - the path had to be known first
from bench.corpora.clinic_plan import Planner  # noqa: E402
from bench.corpora.sheets import COPIES, NEAR, Sheet  # noqa: E402

SMALL = 60


@pytest.fixture(scope="module")
def library() -> list[Sheet]:
    """Sheets enough to hold every kind."""
    return list(make(800, seed=3))


@pytest.fixture(scope="module")
def kinds() -> Counter[str]:
    """What is planned for a library of four thousand; nothing is printed for it."""
    return Counter(work.what for work in Planner(4000, 1).works())


def test_the_same_seed_gives_the_same_library() -> None:
    assert list(make(SMALL, seed=5)) == list(make(SMALL, seed=5))
    assert next(make(SMALL, seed=5)).text != next(make(SMALL, seed=6)).text


@pytest.mark.parametrize("count", [0, 1, 2, 7, SMALL])
def test_there_are_as_many_as_asked(count: int) -> None:
    sheets = list(make(count, seed=2))
    assert [sheet.id for sheet in sheets] == list(range(1, count + 1))


def test_it_streams() -> None:
    assert len(list(islice(make(4000, seed=2), 3))) == 3


def test_every_kind_is_there(kinds: Counter[str]) -> None:
    assert set(kinds) == {"original", *COPIES, *NEAR}
    assert sum(kinds.values()) == 4000


def test_copies_have_an_original_and_negatives_a_relative(library: list[Sheet]) -> None:
    originals = {sheet.label: sheet for sheet in library if sheet.kind == "original"}
    assert len(originals) == sum(sheet.kind == "original" for sheet in library)
    for sheet in library:
        if sheet.kind in COPIES:
            assert sheet.near is None
            assert sheet.series == originals[sheet.label].series
        elif sheet.kind in NEAR:
            assert sheet.label not in originals
            assert sheet.near is not None
            assert sheet.text != originals[sheet.near].text


def test_an_exact_copy_is_the_same_file(library: list[Sheet]) -> None:
    originals = {sheet.label: sheet for sheet in library if sheet.kind == "original"}
    exact = [sheet for sheet in library if sheet.kind == "exact"]
    assert exact
    for sheet in exact:
        of = originals[sheet.label]
        assert (sheet.text, sheet.size, sheet.pages) == (of.text, of.size, of.pages)


def test_no_two_labels_share_a_text(library: list[Sheet]) -> None:
    labels: dict[str, set[int]] = {}
    for sheet in library:
        if sheet.text:
            labels.setdefault(sheet.text, set()).add(sheet.label)
    assert [text for text, found in labels.items() if len(found) > 1] == []


def test_it_holds_what_a_library_holds(library: list[Sheet]) -> None:
    assert {sheet.language for sheet in library} == {"it", "nl", "pl", "ru", "el", "ja"}
    assert 0.45 < sum(sheet.series >= 0 for sheet in library) / len(library) < 0.6
    assert any(sheet.text == "" for sheet in library)
    assert any(len(sheet.text.split()) > 1200 for sheet in library)
    assert all(sheet.size > 0 and sheet.pages > 0 for sheet in library)
