"""Long papers that are versions of each other, of which no section alone shows it: they are no duplicates."""

import random
from collections.abc import Callable

import pytest

from reconciled.duplicates.evidence import Evidence
from reconciled.duplicates.search import find
from reconciled.duplicates.slots import Slot
from reconciled.duplicates.versions import versions
from reconciled.duplicates.words import Band, Likeness, Paper

CHANCE = random.Random(17)
LEXICON = ["".join(CHANCE.choices("abcdefghkmnoprstuvwz", k=CHANCE.randint(4, 10))) for _ in range(3000)]
PAGES, WORDS, HEADING = 8, 400, 200
Book = list[list[str]]


def page(seed: int, words: int = WORDS) -> list[str]:
    """A page of words that others know, and of numbers."""
    chance = random.Random(seed)
    found = chance.choices(LEXICON, k=words)
    for at in range(5, words, 13):
        found[at] = str(chance.randint(1000, 999_999))
    return found


def misread(words: list[str], seed: int) -> list[str]:
    """The words as a bad scanner reads them."""
    chance = random.Random(seed)
    return [
        word.replace(chance.choice(word), chance.choice("cefilnoruv"), 1)
        if word.isalpha() and chance.random() < 0.1
        else word
        for word in words
    ]


BOOK = [page(seed) for seed in range(PAGES)]
SCANNED = [misread(words, seed) for seed, words in enumerate(BOOK)]
OTHERS = [Paper(100 + at, " ".join(page(1000 + at, 120))) for at in range(200)]


def found(*books: Book) -> Likeness | None:
    """What is said of two books among many sheets."""
    papers = [Paper(at, "\n".join(map(" ".join, book))) for at, book in enumerate(books)]
    return next((one for one in find([*papers, *OTHERS]) if (one.a, one.b) == (0, 1)), None)


def headed(book: Book, heading: Callable[[int], str]) -> Book:
    """The book with something that stands on each page."""
    return [[*words[:HEADING], heading(at), *words[HEADING + 1 :]] for at, words in enumerate(book)]


def test_the_same_heading_on_each_page_makes_no_difference() -> None:
    likeness = found(headed(BOOK, lambda _: "Abernathy"), headed(SCANNED, lambda _: "Abernathy"))
    assert likeness is not None
    assert likeness.band is Band.DUPLICATE


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (lambda _: "Abernathy", lambda _: "Winterbourne"),
        (lambda _: "471123", lambda _: "471923"),
        (lambda at: f"{10 + at}.0{1 + at}.2024", lambda at: f"{10 + at}.0{1 + at}.2025"),
        (lambda at: f"{20 + at}450.00", lambda at: f"{20 + at}650.00"),
    ],
    ids=("name", "number", "dates", "sums"),
)
def test_another_one_on_each_page_is_no_error_of_a_scanner(
    here: Callable[[int], str], there: Callable[[int], str]
) -> None:
    likeness = found(headed(BOOK, here), headed(SCANNED, there))
    assert likeness is None or likeness.band is not Band.DUPLICATE


LETTER, ANNEX = page(901), page(902)


@pytest.mark.parametrize("size", [40, WORDS])
def test_a_paper_with_a_letter_above_is_no_copy_of_one_with_an_annex(size: int) -> None:
    likeness = found([LETTER[:size], *BOOK], [*SCANNED, ANNEX[:size]])
    assert likeness is None or likeness.band is not Band.DUPLICATE


def test_a_paper_may_have_a_page_more() -> None:
    likeness = found(BOOK, [*SCANNED, ANNEX])
    assert likeness is not None
    assert likeness.band is Band.DUPLICATE


def section(a: str, b: str) -> Evidence:
    """A section of which one number differs."""
    return Evidence(misread=[Slot(a, b, 1)])


def test_what_is_on_each_of_many_pages_may_be_misread_alike_on_two() -> None:
    sections = [section("471923", "471123")] * 2
    assert versions(sections, ["471923"] * 2, ["471123"] * 20)
    assert not versions(sections, ["471923"] * 2, ["471123"] * 21)


def test_one_section_is_judged_by_itself() -> None:
    one = Evidence(misread=[Slot("1250", "1350", 1, at_a=at) for at in range(3)])
    assert not versions([one], ["1250"] * 3, ["1350"] * 3)
