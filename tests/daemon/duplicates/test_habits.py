"""A library's own misread digits decide, as far as it has any; what another paper has teaches nothing."""

import random
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.evidence import examine
from reconciled.duplicates.habits import USUAL, Lessons, Reading, learned, misread_digits
from reconciled.duplicates.search import find
from reconciled.duplicates.slots import Slot
from reconciled.duplicates.words import Band, Paper

PAIRS = ["".join(pair) for pair in combinations("0123456789", 2)]


def slot(a: str, b: str) -> Slot:
    return Slot(a, b, sum(one != other for one, other in zip(a, b, strict=False)) + abs(len(a) - len(b)))


def test_who_learned_nothing_knows_what_is_usual() -> None:
    assert USUAL.taken("3", "8") == USUAL.taken("8", "3") > 0 > USUAL.taken("2", "9")
    nothing = learned({})
    for pair in PAIRS:
        assert nothing.taken(*pair) == pytest.approx(USUAL.taken(*pair), abs=0.1)


def test_what_was_often_misread_is_likelier_and_the_rest_is_not() -> None:
    found = learned({"29": 400})
    assert found.taken("9", "2") > 2 > 0 > found.taken("3", "8")
    assert found.taken("2", "9") > USUAL.taken("2", "9")


def test_a_few_misread_digits_change_little() -> None:
    found = learned({"29": 2, "38": 1})
    for pair in PAIRS:
        assert abs(found.taken(*pair) - USUAL.taken(*pair)) < (2 if pair == "29" else 0.3)


@given(st.dictionaries(st.sampled_from(PAIRS), st.integers(0, 10**6)))
def test_habits_are_shares_of_all_misread_digits(counts: dict[str, int]) -> None:
    found = learned(counts)
    shares = [2.718281828459045 ** found.taken(*pair) / len(PAIRS) for pair in PAIRS]
    assert sum(shares) == pytest.approx(1)
    assert all(-3.1 < found.taken(*pair) < 3.8 for pair in PAIRS), "nobody is ever certain"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("1234", "1284", ["38"]),
        ("8234", "3284", ["38", "38"]),
        ("1234", "1234", []),
        ("1234", "123", []),
        ("12a4", "1204", []),
        ("anna", "anne", []),
        ("12\u0663", "12\u0664", []),
    ],
)
def test_which_digits_stand_for_each_other(a: str, b: str, expected: list[str]) -> None:
    assert misread_digits(slot(a, b)) == expected


@pytest.mark.parametrize(
    ("odds", "against", "duplicate", "taught", "again"),
    [
        (9.0, -8.0, True, True, False), (4.0, -8.0, True, True, True), (4.0, -8.0, False, False, True),
        (0.0, -8.0, False, False, True), (-9.0, -8.0, False, False, False),
        (4.0, -0.5, True, True, False), (0.0, 0.0, False, False, False), (-5.5, -8.0, False, False, False),
    ],
)  # fmt: skip
def test_what_a_pair_teaches(odds: float, against: float, duplicate: bool, taught: bool, again: bool) -> None:
    """And whether it is asked again: not if it is sure, or hopeless, or habits have nothing to explain."""
    lessons = Lessons()
    read = Reading(900, 4, 150, 2, 1, 0.3, 120, [["38"], ["02", "17", "56", "49"]])
    lessons.hear((3, 7), read, odds, against=against, duplicate=duplicate)
    heard = {
        "letters": 900, "edits": 4, "words": 150, "blotched": 2, "cut": 1, "garbled": 0.3, "digits": 120,
        "38": 1,
    }  # fmt: skip
    assert lessons.counts == (heard if taught else {}), "but for the number of which most differs"
    assert lessons.again == ([(3, 7)] if again else [])
    lessons.hear((7, 9), read, odds, against=against, duplicate=duplicate)
    assert lessons.counts == (heard if taught else {}), "a paper teaches once: its errors are the same again"
    lessons.add(lessons.counts)
    assert lessons.counts == ({name: 2 * count for name, count in heard.items()} if taught else {})


@pytest.mark.parametrize(
    ("swapped", "ratio"), [(0, (1.5, 1.5)), (200, (1.5, 1.5)), (1000, (4.0, 5.0)), (9000, (8.0, 8.0))]
)
def test_how_often_digits_are_misread_is_learned(swapped: int, ratio: tuple[float, float]) -> None:
    counts = {"letters": 1_000_000, "edits": 4000, "digits": 50_000, "38": swapped}
    assert ratio[0] <= learned(counts).ratio <= ratio[1]


@pytest.mark.parametrize("name", ["blotched", "cut", "garbled"])
def test_how_many_words_are_spoilt_is_learned(name: str) -> None:
    def share(count: float) -> float:
        found = learned({"words": 180_000, name: count})
        return {"blotched": found.blotches, "cut": found.cuts, "garbled": found.garbles}[name]

    usual = share(0)
    assert usual == {"blotched": USUAL.blotches, "cut": USUAL.cuts, "garbled": USUAL.garbles}[name]
    assert share(1800) == pytest.approx(0.009, rel=0.05)
    assert share(180_000) == 0.02, "no library is only blotches"


def test_without_letters_nothing_is_known() -> None:
    nothing = learned({})
    assert (nothing.ratio, nothing.blotches, nothing.cuts, nothing.garbles) == pytest.approx(
        (USUAL.ratio, USUAL.blotches, USUAL.cuts, USUAL.garbles)
    )
    assert learned({"digits": 100, "38": 1}).ratio == pytest.approx(USUAL.ratio, rel=0.2)


def test_what_two_papers_teach_is_taken_from_their_evidence() -> None:
    words = "the gas bill of the year for flat twelve in canal row is due at once".split()  # noqa: SIM905 - to be read
    one = [*words, "1234", "5678", "9012"]
    other = [*words[:-1], "onoe", "1284", "5678", "9012"]
    read = examine(one, other).read
    assert read.swapped == [["38"]]
    assert read.digits == len("56789012")
    assert read.words == len(one)
    assert read.letters >= len("".join(words[:-1]))
    assert read.edits >= 1


def test_no_habit_takes_back_a_veto() -> None:
    """A number in which 3 stands for 4, in a library whose scanners always take these for each other."""
    words = "the gas bill of the year for flat twelve in canal row is due at once".split() * 3  # noqa: SIM905 - to be read
    one, other = [*words, "1382", "5678"], [*words, "1482", "5678"]
    told = learned(
        {"34": 100_000, "letters": 10**6, "edits": 10, "digits": 10**4, "words": 10**6, "garbled": 10**5}
    )
    usual, knowing = examine(one, other), examine(one, other, habits=told)
    assert knowing.numbers > usual.numbers, "it is likelier misread"
    assert knowing.doubted == usual.doubted
    assert (knowing.usual_garbles, knowing.usual_spoilt) == (usual.usual_garbles, usual.usual_spoilt)


# --- in a search ---

_SYLLABLES = "ka-lo-mi-ter-ven-sal-dor-quin-bra-fel-zu-nor-pid-hex-wal-ost".split("-")  # noqa: SIM905 - to be read


def bill(number: int) -> str:
    """A paper of its own words, with a dozen numbers."""
    chance = random.Random(number)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(70)]
    for _ in range(12):
        words.insert(chance.randrange(len(words)), str(chance.randrange(10**5, 10**7)))
    return " ".join(words)


def scanned(text: str, swaps: Sequence[str], seed: int, *, digits: int) -> str:
    """The same, with so many digits misread as this scanner does, and a few letters."""
    chance, found = random.Random(seed), list(text)
    taken = {pair[at]: pair[1 - at] for pair in swaps for at in (0, 1)}
    places = [at for at, one in enumerate(found) if one in taken]
    for at in chance.sample(places, digits):
        found[at] = taken[found[at]]
    letters = [at for at, one in enumerate(found) if one.isalpha()]
    for at in chance.sample(letters, 3):
        found[at] = chance.choice("aeou")
    return "".join(found)


def confidences(swaps: Sequence[str]) -> dict[tuple[int, int], tuple[float, Band]]:
    """Of a library of sixty bills, each scanned twice; the scanner takes these digits for each other."""
    papers = [Paper(number, bill(number)) for number in range(60)]
    papers += [Paper(1000 + number, scanned(bill(number), swaps, number, digits=3)) for number in range(59)]
    papers.append(Paper(1059, scanned(bill(59), ["29"], 59, digits=4)))
    return {(one.a, one.b): (one.confidence, one.band) for one in find(papers)}


def test_the_same_misread_digits_are_likelier_where_they_are_usual() -> None:
    odd, plain = confidences(["29", "15"]), confidences(["38", "17"])
    assert {(number, 1000 + number) for number in range(60)} <= odd.keys()
    assert odd[59, 1059][0] > plain[59, 1059][0], "only here nobody ever took 2 for 9"
