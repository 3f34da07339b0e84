"""The demo's papers are what the demo says of them: some are there twice, the others only look alike."""

from functools import cache
from itertools import combinations

import pytest

from reconciled.demo import papers
from reconciled.duplicates.words import Band, Paper

TWICE = (
    {papers.RESCANNED, papers.RESCAN},
    {papers.SIGNED, f"{papers.SIGNED}, signed"},
    {papers.FOUR_TIMES, f"{papers.FOUR_TIMES} (1)", "scan0017", "scan0058"},
)
LETTER = frozenset({"Course 25-117, Alvarez", "Course 25-117, Brandt"})


@cache
def bands() -> dict[frozenset[str], Band]:
    """What a search takes each pair for, by titles; a pair that is not in it is different."""
    search = pytest.importorskip("reconciled.duplicates.search", reason="needs the extra `duplicates`")
    filed = list(papers.filed())
    known = [Paper(number, one.content, file_name=one.file_name) for number, one in enumerate(filed)]
    return {frozenset({filed[one.a].title, filed[one.b].title}): Band(one.band) for one in search.find(known)}


def test_what_is_there_twice_is_found() -> None:
    for titles in TWICE:
        known = {pair: bands().get(frozenset(pair)) for pair in combinations(sorted(titles), 2)}
        sure = {one for pair, band in known.items() if band is Band.DUPLICATE for one in pair}
        assert sure == titles, known


def test_a_corrected_total_is_to_be_looked_at() -> None:
    assert bands()[frozenset({papers.CORRECTED, f"{papers.CORRECTED} (corrected)"})] is Band.REVIEW


def test_months_of_one_series_are_no_duplicates() -> None:
    for start in ("Laboratory invoice", "Waste collection"):
        series = {one.title for one in papers.filed() if one.title.startswith(start)}
        for pair in combinations(sorted(series), 2):
            assert bands().get(frozenset(pair)) is not Band.DUPLICATE, pair


def test_a_letter_to_two_people_is_no_duplicate() -> None:
    assert bands().get(LETTER) is not Band.DUPLICATE


def test_another_reading_has_other_words_and_the_same_numbers() -> None:
    by_title = {one.title: one.content for one in papers.filed()}
    one, other = by_title[papers.RESCANNED].split(), by_title[papers.RESCAN].split()
    assert 5 <= sum(a != b for a, b in zip(one, other, strict=True)) <= len(one) // 5
    digits = [[word for word in words if any(map(str.isdigit, word))] for words in (one, other)]
    assert digits[0] == digits[1]
