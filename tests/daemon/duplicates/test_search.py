"""The whole search as a library uses it: each pair once, whatever the order, and never a vetoed duplicate."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciled.duplicates.search import find
from reconciled.duplicates.steps import compare
from reconciled.duplicates.thinning import thinness
from reconciled.duplicates.words import Band, Factor, Likeness, Paper, Weights, weigh

COUNT = 8


def sheet(seed: int, words: int = 70) -> list[str]:
    chance = random.Random(seed)
    made = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _ in range(words)]
    return [str(chance.randint(100, 10**7)) if at % 9 == 4 else word for at, word in enumerate(made)]


def scan(words: list[str], seed: int, rate: float) -> str:
    chance = random.Random(seed)
    return " ".join(
        "".join(chance.choice(string.ascii_lowercase) if chance.random() < rate else one for one in word)
        for word in words
    )


def library(seed: int) -> list[Paper]:
    """Sheets, some with a rescan, an exact copy, or a sister of other numbers."""
    chance, papers = random.Random(seed), list[Paper]()
    for number in range(COUNT):
        words = sheet(seed * 100 + number)
        texts = [" ".join(words)]
        match chance.randrange(4):
            case 0:
                texts.append(scan(words, seed, 0.02))
            case 1:
                texts.append(texts[0].upper())
            case 2:
                texts.append(
                    " ".join(str(chance.randint(100, 10**7)) if one.isdigit() else one for one in words)
                )
        papers += [Paper(len(papers) + at, text) for at, text in enumerate(texts)]
    chance.shuffle(papers)
    return papers


def by_pair(found: list[Likeness]) -> dict[tuple[int, int], Likeness]:
    return {(one.a, one.b): one for one in found}


@given(st.integers(0, 10**6))
@settings(max_examples=4, deadline=None)
def test_each_pair_once_with_the_smaller_id_first(seed: int) -> None:
    papers = library(seed)
    found = list(find(papers))
    assert len(by_pair(found)) == len(found)
    known = {paper.id for paper in papers}
    for one in found:
        assert one.a < one.b
        assert {one.a, one.b} <= known
        assert 0 <= one.confidence <= 1
        assert not (one.vetoed and one.band is Band.DUPLICATE)
        assert one.contained in (None, one.a, one.b)
        assert one.said or one.band is Band.DIFFERENT


@given(st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_neither_the_order_nor_the_ids_of_a_pair_matter(seed: int) -> None:
    one, other = sheet(seed), sheet(seed)
    chance = random.Random(seed)
    for _ in range(chance.randint(0, 6)):
        other[chance.randrange(len(other))] = chance.choice([str(chance.randint(1, 9999)), "word", ""])
    a, b = " ".join(one), scan(other, seed, chance.choice([0, 0, 0.03]))
    there = compare({1: Paper(1, a), 2: Paper(2, b)}, [(1, 2)])
    back = compare({1: Paper(1, b), 2: Paper(2, a)}, [(2, 1)])
    assert [(x.band, x.confidence, x.vetoed, x.parts) for x in there] == [
        (x.band, x.confidence, x.vetoed, x.parts) for x in back
    ]


def test_the_order_of_the_papers_means_nothing() -> None:
    papers = [paper for paper in library(5) if paper.text == paper.text.lower()]
    pairs = by_pair(list(find(papers)))
    assert by_pair(list(find(reversed(papers)))) == pairs


@given(st.text(max_size=200).filter(lambda text: any(one.isalnum() and one.isascii() for one in text)))
@settings(max_examples=8, deadline=None)
def test_the_same_text_is_a_duplicate(text: str) -> None:
    (found,) = find([Paper(7, text), Paper(3, text)])
    assert (found.a, found.b, found.band, found.vetoed) == (3, 7, Band.DUPLICATE, False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Meeting on 12. März 2024 in Aue", "meeting on 12.03.2024, in AUE"),
        ("Invoice No. 12, total 120,00", "INVOICE NO 12 - TOTAL 120.00"),
        ("Rech-\nnung", "Rechnung"),
    ],
)
def test_one_sheet_is_a_duplicate_however_its_dates_are_written(one: str, other: str) -> None:
    (found,) = find([Paper(1, one), Paper(2, other)])
    assert (found.band, found.said) == (Band.DUPLICATE, "the same text")


def test_of_many_copies_of_one_text_each_is_paired_with_the_first() -> None:
    found = list(find(Paper(number, "The very same leaflet for all.") for number in (5, 9, 2, 7)))
    assert [(one.a, one.b) for one in found] == [(5, 9), (2, 5), (5, 7)]


@given(
    st.dictionaries(st.sampled_from(list(Factor)), st.floats(-60, 60)),
    st.dictionaries(st.sampled_from(list(Factor)), st.floats(0, 10)),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_a_vetoed_pair_is_a_duplicate_under_no_weights(
    parts: dict[Factor, float], of: dict[Factor, float], duplicate: float, review: float
) -> None:
    confidence, band = weigh(parts, vetoed=True, weights=Weights(of, duplicate, review))
    assert band is not Band.DUPLICATE
    assert 0 <= confidence <= 1


@given(st.integers(0, 10**6))
@settings(max_examples=4, deadline=None)
def test_more_other_numbers_never_raise_the_confidence(seed: int) -> None:
    words, chance = sheet(seed, 90), random.Random(seed)
    places = [at for at, word in enumerate(words) if word.isdigit()]
    chance.shuffle(places)
    other, last = list(words), 1.0
    papers = {1: Paper(1, " ".join(words))}
    for at in places:
        other[at] = str(chance.randint(10**7, 10**8))
        papers[2] = Paper(2, " ".join(other))
        found = compare(papers, [(1, 2)], weights=Weights(review=0.0))
        now = found[0].confidence if found else 0.0
        assert now <= last + 0.02
        last = min(last, now)
    assert last < 0.5


def test_a_rescan_is_found_among_papers_that_only_look_alike() -> None:
    chance = random.Random(4)
    template, papers = sheet(1, 80), []
    for number in range(40):
        words = [str(chance.randint(10**4, 10**8)) if one.isdigit() else one for one in template]
        papers.append(Paper(number, " ".join(words)))
    papers.append(Paper(40, scan(papers[17].text.split(), 9, 0.01)))
    found = [one for one in find(papers) if one.band is Band.DUPLICATE]
    assert [(one.a, one.b) for one in found] == [(17, 40)]


@pytest.mark.parametrize("papers", [[], [Paper(1)], [Paper(1), Paper(2)], [Paper(1, "…"), Paper(2, "word")]])
def test_papers_without_words_are_like_none(papers: list[Paper]) -> None:
    assert list(find(papers)) == []


def test_two_papers_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="the same id"):
        list(find([Paper(1, "a"), Paper(1, "b")]))


def test_a_scratch_of_ones_own_is_left_and_can_be_used_again(tmp_path) -> None:  # type: ignore[no-untyped-def]
    first = list(find(library(2), scratch=tmp_path))
    assert list(find(library(2), scratch=tmp_path)) == first == list(find(library(2)))
    other = list(find(library(3), scratch=tmp_path))
    assert other == list(find(library(3)))


def test_thin_features_find_the_same_rescans() -> None:
    papers = [Paper(at, " ".join(sheet(at, 120))) for at in range(10)]
    papers += [Paper(at + 10, scan(sheet(at, 120), at, 0.01)) for at in range(10)]
    pairs = [{(one.a, one.b) for one in find(papers, thin=thin)} for thin in (0, 1)]
    assert pairs[0] == pairs[1] == {(at, at + 10) for at in range(10)}


@pytest.mark.parametrize(
    ("papers", "thin"), [(0, 0), (49_999, 0), (50_000, 1), (99_999, 1), (100_000, 2), (400_000, 4)]
)
def test_how_thin(papers: int, thin: int) -> None:
    assert thinness(papers) == thin
