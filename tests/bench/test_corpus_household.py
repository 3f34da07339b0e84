"""The made-up household: as many sheets as asked, the same each time, with a truth that holds."""

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.corpora.household import make  # noqa: E402 - the path had to be known first
from bench.corpora.household_grammar import pattern, say  # noqa: E402
from bench.corpora.household_scan import scan  # noqa: E402
from bench.corpora.sheets import COPIES, NEAR, Sheet  # noqa: E402


@pytest.fixture(scope="module")
def library() -> list[Sheet]:
    """A small library."""
    return list(make(1400, seed=7))


def test_a_seed_makes_the_same_library_and_another_seed_another() -> None:
    first = list(make(100, seed=3))
    assert first == list(make(100, seed=3))
    assert [one.text for one in first] != [one.text for one in make(100, seed=4)]


@pytest.mark.parametrize("count", [1, 2, 137])
def test_there_are_as_many_as_asked_with_ids_from_one(count: int) -> None:
    assert [sheet.id for sheet in make(count, seed=1)] == list(range(1, count + 1))


def test_every_kind_is_there(library: list[Sheet]) -> None:
    kinds = Counter(sheet.kind for sheet in library)
    assert set(kinds) == {"original", *COPIES, *NEAR}
    assert 0.8 < kinds["original"] / len(library) < 0.93
    assert 0.45 <= sum(sheet.series >= 0 for sheet in library) / len(library) <= 0.6
    assert 0.35 <= sum(sheet.language == "de" for sheet in library) / len(library) <= 0.65


def test_copies_have_one_original_and_what_is_near_stands_alone_beside_it(library: list[Sheet]) -> None:
    first = {sheet.label: sheet for sheet in library if sheet.kind not in COPIES}
    assert len(first) == sum(sheet.kind not in COPIES for sheet in library)
    for sheet in library:
        if sheet.kind in COPIES:
            assert first[sheet.label].kind == "original"
        assert (sheet.near is not None) == (sheet.kind in NEAR)
        if sheet.near is not None:
            original = first[sheet.near]
            assert original.kind == "original"
            assert original.label != sheet.label
            assert original.text.split() != sheet.text.split()


def test_exact_copies_are_exact_and_cases_change_no_letter(library: list[Sheet]) -> None:
    first = {sheet.label: sheet for sheet in library if sheet.kind not in COPIES}
    for sheet in library:
        original = first[sheet.label]
        if sheet.kind == "exact":
            assert (sheet.text, sheet.size) == (original.text, original.size)
        if sheet.kind == "case":
            assert _letters(sheet.text) == _letters(original.text)


def _letters(text: str) -> str:
    """Only the letters and digits, in one case."""
    return "".join(one for one in text.upper().casefold() if one.isalnum())


@pytest.mark.parametrize("rate", [0.005, 0.025, 0.05])
def test_a_scan_errs_about_as_often_as_told(rate: float) -> None:
    text = "Bitte zahlen Sie 1.204,50 EUR bis zum 12.03.2024 auf das unten genannte Konto.\n" * 60
    wrong = scan(text, rate, random.Random(5))
    same = sum((Counter(text) & Counter(wrong)).values())
    assert rate / 3 < 1 - same / len(text) < rate * 2
    assert scan(text, 0.0, random.Random(5)) == text


def test_a_pattern_chooses_and_fills() -> None:
    said = say(random.Random(1), pattern("{a|a}{b {c|c}|b c} <x>."), {"x": lambda: "y"})
    assert said == "ab c y."
