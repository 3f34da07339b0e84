"""What is plainly two papers is told from their words alone, and what a scanner makes of a paper is not."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from reconciled.duplicates.alignment import align
from reconciled.duplicates.features import Hashes, features
from reconciled.duplicates.gaps import others_stand
from reconciled.duplicates.joining import join
from reconciled.duplicates.normalising import hashed
from reconciled.duplicates.steps import compare
from reconciled.duplicates.unlike import heaps, plainly_two
from reconciled.duplicates.vocabulary import EMPTY
from reconciled.duplicates.words import Band, Paper

LETTERS = "abcdefghkmnoprstuvw"
CHANCE = random.Random(5)
LEXICON = ["".join(CHANCE.choices(LETTERS, k=7)) for _ in range(1500)]
TEMPLATE = LEXICON[:80]
KNOWING = 3
"""So many papers have all words of the lexicon, so that it is known."""


def invoice(seed: int) -> list[str]:
    """One of a series: the same template, thirty numbers and fifteen words of its own."""
    chance = random.Random(seed)
    own = [str(chance.randrange(10**4, 10**8)) for _ in range(30)] + chance.sample(LEXICON[80:], 15)
    return [*TEMPLATE, *own]


def misread(paper: list[str], share: float) -> list[str]:
    """As a bad scanner reads it."""
    chance = random.Random(1)
    return [token[:-1] + chance.choice("xyz7") if chance.random() < share else token for token in paper]


MINE = invoice(1)


@pytest.mark.parametrize(
    ("other", "are_two"),
    [
        (MINE, False),
        (misread(MINE, 0.1), False),
        (misread(MINE, 0.4), False),
        (MINE[::-1], False),
        (MINE[:70], False),
        (MINE[40:], False),
        ([*MINE, *LEXICON[500:700]], False),
        ([*MINE[:90], *MINE[100:], *LEXICON[500:700]], False),
        (["9" * 6 if token == MINE[80] else token for token in MINE], False),
        (invoice(2), True),
        (misread(invoice(2), 0.1), True),
        ([*invoice(2), *LEXICON[500:700]], True),
        (LEXICON[1000:1200], True),
    ],
    ids=(
        "itself", "misread", "badly misread", "in another order", "its first page", "its last page", "quoted",
        "quoted in part", "another number", "its sibling", "its sibling misread", "its sibling quoted",
        "strangers",
    ),
)  # fmt: skip
def test_siblings_are_two_papers_and_copies_are_not(other: list[str], are_two: bool) -> None:
    assert unlike([MINE, other], (0, 1)) is are_two
    assert unlike([MINE, other], (1, 0)) is are_two


MANY = [LEXICON[at] for at in range(300, 700)]
"""So many words that not half of two letters is the template's."""


@pytest.mark.parametrize(
    ("one", "other", "seems"),
    [
        ([*MINE, *MANY[:60]], [*invoice(2), *MANY[60:120]], "surely"),
        ([*TEMPLATE, *MINE, *MANY[:60]], [*TEMPLATE, *invoice(2), *MANY[60:120]], "surely"),
        ([*MINE, *MANY[:60]], [*MINE, *MANY[60:120]], "two"),
        ([*MINE, *MANY[:60]], [*invoice(2), *MANY[:60]], "two"),
        (MANY[:100], MANY[100:200], "two"),
        ([*MINE, *MANY[:60]], [*MINE, *MANY[:60]], ""),
    ],
    ids=("others", "of one template", "the same numbers", "the same words", "no numbers", "one"),
)  # fmt: skip
def test_who_has_other_words_and_other_numbers_is_another_one_for_sure(
    one: list[str], other: list[str], seems: str
) -> None:
    """What a scanner often makes of words explains no other numbers."""
    assert seem([one, other], (0, 1)) == seem([other, one], (0, 1)) == seems


def test_what_is_sure_is_not_looked_at_once_more() -> None:
    papers = {number: Paper(number, " ".join(letter(1))) for number in (1, 2)}
    assert [one.vetoed for one in compare(papers, [(1, 2)], apart=[(1, 2)])] == [False]
    assert compare(papers, [(1, 2)], apart=[(1, 2)], sure=[(1, 2)]) == []


def test_short_words_that_many_have_say_nothing() -> None:
    """Twelve known words are others, or fewer if they are short: those are known by chance."""
    long, short = [f"wo{letter * 3}" for letter in LETTERS], [f"w{letter}" for letter in LETTERS]
    known = [[*long, *short]] * KNOWING
    one, other = slice(0, 9), slice(9, 18)
    assert not unlike([[*TEMPLATE, *short[one]], [*TEMPLATE, *short[other]], *known], (0, 1))
    assert not unlike([[*TEMPLATE, *long[one]], [*TEMPLATE, *long[other]], *known], (0, 1))
    numbers = [str(1000 + at) for at in range(12)]
    assert unlike(
        [[*TEMPLATE, *long[one], *numbers[:6]], [*TEMPLATE, *long[other], *numbers[6:]], *known], (0, 1)
    )


def unlike(papers: Sequence[Sequence[str]], pair: tuple[int, int]) -> bool:
    """Whether two of these papers are plainly two, in a collection that knows the lexicon."""
    return bool(seem(papers, pair))


def seem(papers: Sequence[Sequence[str]], pair: tuple[int, int]) -> str:
    """What two of these papers seem to be; nothing: they have to be compared."""
    read = [read_(paper) for paper in [*papers, *[LEXICON] * KNOWING]]
    joined = join(features(read, range(len(read))))
    a, b = (np.array([one]) for one in pair)
    two, sure = heaps(lambda: [joined.heaps], len(read)).unlike(a, b)
    assert two[0] or not sure[0]
    return "surely" if sure[0] else "two" if two[0] else ""


def read_(paper: Sequence[str]) -> Hashes:
    return np.array(list(map(hashed, paper)), dtype=np.uint64)


def letter(seed: int) -> list[str]:
    """A letter of two hundred words, of which no two letters have many in common."""
    chance = random.Random(seed)
    return ["".join(chance.choices("abcdefghklmnoprstuvw", k=chance.randint(5, 11))) for _ in range(200)]


def with_habits(tokens: list[str]) -> list[str]:
    """As a scanner reads them that takes each `e` for `c` and each `h` for `b`, whatever the word."""
    return [token.replace("e", "c").replace("h", "b") for token in tokens]


@pytest.mark.parametrize(
    ("other", "is_two"),
    [
        (letter(1), False),
        (with_habits(letter(1)), False),
        (letter(1)[100:] + letter(1)[:100], False),
        (letter(1)[:100], False),
        (letter(1)[:100] + letter(2)[:100], True),
        (letter(2), True),
    ],
    ids=("itself", "habits", "columns", "half", "half another", "another"),
)
def test_readings_of_each_other_are_not_plainly_two(other: list[str], *, is_two: bool) -> None:
    assert plainly_two(frozenset(letter(1)), frozenset(other)) == is_two
    assert plainly_two(frozenset(other), frozenset(letter(1))) == is_two


def test_other_numbers_in_their_places_are_another_paper() -> None:
    """As soon as four more than are misread are quite others; what only moved is none, nor what is torn."""
    one, other = paper_of(1), paper_of(2)
    assert others_stand(one, other, align(one, other).gaps, EMPTY)
    assert not others_stand(one, one, align(one, one).gaps, EMPTY)
    few = [*other[:24], *one[24:]]
    assert not others_stand(one, few, align(one, few).gaps, EMPTY)
    turned = [*TEMPLATE[:12], *(token for at in range(9, -1, -1) for token in one[12 + 4 * at : 16 + 4 * at])]
    assert not others_stand(one, turned, align(one, turned).gaps, EMPTY)


def test_who_misreads_as_much_is_looked_at_further() -> None:
    one, other = paper_of(1), paper_of(2)
    misread = [token.replace("a", "c").replace("e", "o") if token.isalpha() else token for token in other]
    assert not others_stand(one, misread, align(one, misread).gaps, EMPTY)


def paper_of(seed: int) -> list[str]:
    """A paper of a template with ten numbers of its own."""
    chance = random.Random(seed)
    rows = [[*TEMPLATE[12 + 3 * at : 15 + 3 * at], str(chance.randrange(10**5, 10**7))] for at in range(10)]
    return [*TEMPLATE[:12], *(token for row in rows for token in row)]


def test_long_papers_are_never_plainly_two_here() -> None:
    """To hold each word of a book against each of another takes too long; those are laid over each other."""
    a, b = (
        frozenset(word for seed in seeds for word in letter(seed)) for seeds in (range(1, 9), range(11, 19))
    )
    assert not plainly_two(a, b)


def test_what_seems_to_be_two_and_is_one_is_found() -> None:
    papers = {number: Paper(number, " ".join(text)) for number, text in ((1, letter(1)), (2, letter(1)[:-1]))}
    (found,) = compare(papers, [(1, 2)], apart=[(1, 2)])
    assert found.band is Band.DUPLICATE


def test_two_of_a_template_that_are_plainly_two_are_vetoed() -> None:
    """So that no chain of likenesses brings them into one group: in one they are compared as all others."""
    template = letter(3) + letter(4)
    papers = {
        number: Paper(number, " ".join(template + letter(number)[:60])) for number in (11, 12)
    }  # fmt: skip
    assert compare(papers, [(11, 12)], apart=[(11, 12)]) == []
    (found,) = compare(papers, [(11, 12)])
    assert not found.vetoed
    (found,) = compare(papers, [(11, 12)], chained=True)
    assert found.vetoed
    assert found.band is not Band.DUPLICATE
