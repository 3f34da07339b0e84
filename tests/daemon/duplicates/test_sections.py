"""A long paper is held against another section by section: none of them may be another's."""

import math
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.examining import examine_two
from reconciled.duplicates.letters import Alphabet
from reconciled.duplicates.search import find
from reconciled.duplicates.sections import ANOTHER, LONG, SIZE, Cut, all_in_all, cuts, together
from reconciled.duplicates.vocabulary import EMPTY
from reconciled.duplicates.words import Band, Factor, Likeness, Paper

CHANCE = random.Random(11)
LEXICON = ["".join(CHANCE.choices("abcdefghkmnoprstuvwz", k=CHANCE.randint(4, 10))) for _ in range(3000)]
PAGES = 12


def page(seed: int, words: int = 260) -> list[str]:
    """A page of a contract: words that others know too, names and numbers that nobody else has."""
    chance = random.Random(seed)
    found = chance.choices(LEXICON, k=words)
    for at in range(5, words, 13):
        found[at] = str(chance.randint(1000, 999_999))
    return found


def misread(words: list[str], seed: int, rate: float = 0.02) -> list[str]:
    """The words as a scanner reads them: now and then a letter looks like another one."""
    chance = random.Random(seed)
    return [
        word.replace("e", "c", 1) if word.isalpha() and chance.random() < rate else word for word in words
    ]


BOOK = [page(seed) for seed in range(PAGES)]
OTHERS = [Paper(100 + at, " ".join(page(1000 + at))) for at in range(20)]
"""Single sheets, by which the collection knows its words."""


def found(*books: list[list[str]]) -> dict[tuple[int, int], Likeness]:
    """What a search finds among some books and the single sheets, by the numbers of both."""
    papers = [Paper(at, "\n".join(map(" ".join, book))) for at, book in enumerate(books)]
    return {(one.a, one.b): one for one in find([*papers, *OTHERS])}


def scanned(book: list[list[str]]) -> list[list[str]]:
    """The same book, scanned again."""
    return [misread(words, seed) for seed, words in enumerate(book)]


def test_a_book_scanned_twice_is_a_duplicate() -> None:
    assert found(BOOK, scanned(BOOK))[0, 1].band is Band.DUPLICATE


def test_so_is_one_of_sixty_pages() -> None:
    book = [page(seed) for seed in range(500, 560)]
    assert found(book, scanned(book))[0, 1].band is Band.DUPLICATE


@pytest.mark.parametrize("at", [0, 5, PAGES - 1])
def test_a_book_with_one_other_page_is_none_however_many_are_the_same(at: int) -> None:
    version = scanned(BOOK)
    version[at] = page(77)
    likeness = found(BOOK, version).get((0, 1))
    assert likeness is None or likeness.band is not Band.DUPLICATE


def test_one_other_amount_on_one_page_is_reviewed_and_told() -> None:
    version = [list(words) for words in BOOK]
    version[7][44] = str(int(version[7][44]) + 54_321)
    likeness = found(BOOK, version)[0, 1]
    assert likeness.band is Band.REVIEW
    assert [(one.a, one.b) for one in likeness.differences] == [(BOOK[7][44], version[7][44])]


def test_another_name_on_one_page_is_reviewed_and_told() -> None:
    version = [list(words) for words in BOOK]
    version[9][100:102] = ["Abernathy", "Winterbourne"]
    likeness = found(BOOK, version)[0, 1]
    assert likeness.band is Band.REVIEW
    assert {one.b for one in likeness.differences} == {"Abernathy", "Winterbourne"}


def test_a_book_without_a_page_is_in_the_other_one() -> None:
    likeness = found(BOOK, [*scanned(BOOK)[:4], *scanned(BOOK)[5:]])[0, 1]
    assert likeness.band is not Band.DIFFERENT
    assert any(one.what == "passage" and one.a and not one.b for one in likeness.differences)


def test_another_book_with_the_same_two_pages_is_another() -> None:
    other = [*BOOK[:2], *(page(seed) for seed in range(300, 300 + PAGES))]
    likeness = found(BOOK, other).get((0, 1))
    assert likeness is None or likeness.band is Band.DIFFERENT


# --- cutting ------------------------------------------------------------------------------------------------

TOKENS = st.lists(st.sampled_from(LEXICON[:400]), min_size=1, max_size=60)


@given(st.lists(TOKENS, min_size=2, max_size=30), st.data())
def test_sections_are_all_of_both_papers_and_cut_in_what_both_have(
    passages: list[list[str]], data: st.DataObject
) -> None:
    here = [word for passage in passages for word in passage]
    kept = [passage for passage in passages if data.draw(st.integers(0, 3))]
    there = [word for passage in [*kept, passages[0]] for word in passage]
    alphabet = Alphabet()
    a, b = alphabet.spell(here), alphabet.spell(there)
    cut = cuts(a, b, long=40, size=30)
    if not cut:
        return
    assert "".join(a[one.begin_a : one.end_a] for one in cut) == a
    assert "".join(b[one.begin_b : one.end_b] for one in cut) == b
    for one in cut[1:]:
        assert a[one.begin_a - 4 : one.begin_a + 4] == b[one.begin_b - 4 : one.begin_b + 4]
    assert all(min(one.end_a - one.begin_a, one.end_b - one.begin_b) >= 30 for one in cut[:-1])


def test_short_papers_are_one_section() -> None:
    a, b = "x" * LONG, "y" * 3 * LONG
    assert cuts(a, b) == [Cut(0, LONG, 0, 3 * LONG)]


def test_long_ones_that_share_nothing_have_none() -> None:
    assert cuts("x" * 2 * LONG, "y" * 2 * LONG) == []


def test_a_passage_that_only_one_has_is_within_a_section() -> None:
    same = "".join(chr(1000 + at) for at in range(2 * LONG))
    longer = same[:1300] + "z" * 5000 + same[1300:]
    more = [(one.end_b - one.begin_b) - (one.end_a - one.begin_a) for one in cuts(same, longer)]
    assert len(more) == 2 * LONG // SIZE
    assert sorted(more) == [0] * (len(more) - 1) + [5000]


# --- what sections say together -----------------------------------------------------------------------------

ODDS = st.lists(st.floats(-12, 9), min_size=1, max_size=60)


@given(ODDS)
def test_no_paper_is_surer_to_be_one_sheet_than_its_worst_section(said: list[float]) -> None:
    assert all_in_all(said) <= max(1.0, min(said)) + 1e-9


@given(ODDS, st.integers(0, 59), st.floats(0, 5))
def test_what_speaks_more_against_one_sheet_never_makes_it_likelier(
    said: list[float], at: int, less: float
) -> None:
    worse = list(said)
    worse[at % len(said)] -= less
    assert all_in_all(worse) <= all_in_all(said) + 1e-9


@given(ODDS)
def test_the_factors_add_up_to_what_is_said(said: list[float]) -> None:
    parts = [{Factor.TEXT: one + 1.5, Factor.NUMBERS: -1.5} for one in said]
    assert sum(together(parts).values()) == pytest.approx(all_in_all(said))


def test_without_its_numbers_a_section_that_is_another_makes_the_words_no_likelier() -> None:
    parts = [{Factor.TEXT: 2.0, Factor.NUMBERS: 0.5}, {Factor.TEXT: 1.0, Factor.NUMBERS: -30.0}]
    assert together(parts)[Factor.TEXT] <= 2.0


@pytest.mark.parametrize(
    ("said", "at_least", "at_most"),
    [
        ([4.0], 4.0, 4.0),
        ([4.0] * 30, 4.0, 4.0),
        ([*[5.0] * 29, 3.0], 3.0, 3.0),
        ([*[5.0] * 29, 0.0], 1.0, 1.0),
        ([*[5.0] * 3, ANOTHER], -4.7, -4.6),
        ([*[5.0] * 29, ANOTHER], -2.7, -2.5),
        ([ANOTHER - 20] * 30, ANOTHER, ANOTHER),
    ],
    ids=("one", "all sure", "one less sure", "one in doubt", "one of four another", "one of thirty", "all"),
)
def test_what_they_say_together(said: list[float], at_least: float, at_most: float) -> None:
    assert at_least <= all_in_all(said) <= at_most


def test_places_are_those_in_the_whole_papers() -> None:
    here = [word for words in BOOK for word in words]
    there = misread(here, 3, rate=0.05)
    at = next(at for at in range(2000, len(here)) if here[at].isdecimal())
    there[at] = "".join(reversed(here[at]))
    pair = examine_two(Paper(1, ""), Paper(2, ""), here, there, words=EMPTY)
    assert pair is not None
    assert len(pair.sections) > 3
    evidence = pair.evidence
    slots = [slot for _, slot in evidence.hard] + evidence.misread
    assert at in {slot.at_a for slot in slots}
    first, second = (here, there) if pair.first is pair.a else (there, here)
    assert all(first[slot.at_a] == slot.a and second[slot.at_b] == slot.b for slot in slots)
    assert all(first[a : a + size] == second[b : b + size] for a, b, size in evidence.shared)
    assert evidence.same == sum(size for _, _, size in evidence.shared)
    assert math.isclose(evidence.cover_a, 1.0, abs_tol=0.01)


def test_of_papers_with_more_words_than_letters_nobody_says_they_are_one() -> None:
    alphabet = Alphabet()
    alphabet.update(dict.fromkeys(map(str, range(sys.maxunicode)), "-"))
    here, there = ([f"{paper}{at}" for at in range(200)] for paper in "ab")
    spelled = {1: alphabet.spell(here), 2: alphabet.spell(there)}
    pair = examine_two(Paper(1, ""), Paper(2, ""), here, there, words=EMPTY, spelled=spelled.__getitem__)
    assert pair is not None
    assert not pair.looked
