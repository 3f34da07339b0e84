"""What stands where in a place in which two papers differ, and whether a scanner could have made it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.alignment import Gap
from reconciled.duplicates.features import WORD_BIT, word_hashes
from reconciled.duplicates.gaps import read_gap
from reconciled.duplicates.normalising import hashed
from reconciled.duplicates.slots import Slot, edits, with_knowledge
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary, joined, vocabulary


def read(one: str, other: str) -> tuple[list[tuple[str, str, int]], list[str], list[str]]:
    """The slots (readings, edits) of a whole gap, and what stands for nothing."""
    a, b = one.split(), other.split()
    found = read_gap(a, b, Gap(0, len(a), 0, len(b)))
    return (
        [(slot.a, slot.b, slot.edits) for slot in found.slots],
        [a[at] for at in found.only_a],
        [b[at] for at in found.only_b],
    )


def slot_of(one: str, other: str) -> Slot:
    """Two tokens that stand for each other."""
    return Slot(one, other, edits(one, other))


@pytest.mark.parametrize(
    ("one", "other", "slots"),
    [
        ("cat", "cot", [("cat", "cot", 1)]),
        ("12000", "21000", [("12000", "21000", 2)]),
        ("corner", "comer", [("corner", "comer", 0)]),
        ("miller 1200", "smith 1350", [("miller", "smith", 6), ("1200", "1350", 2)]),
        ("invoice", "inv oice", [("invoice", "invoice", 0)]),
        ("in voice", "invoice", [("in", "in", 0), ("voice", "voice", 0)]),
        ("8114", "8714", [("8114", "8714", 1)]),
    ],
)
def test_what_stands_for_what(one: str, other: str, slots: list[tuple[str, str, int]]) -> None:
    found, only_a, only_b = read(one, other)
    assert [slot[:2] for slot in found] == [slot[:2] for slot in slots]
    assert [slot[2] > 0 for slot in found] == [slot[2] > 0 for slot in slots]
    assert (only_a, only_b) == ([], [])


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("8114", "8714", 1), ("seil", "seit", 1), ("bei", "bci", 1), ("corner", "comer", 0), ("0", "o", 0)],
)
def test_what_looks_like_two_letters_never_makes_more_edits(one: str, other: str, edits: int) -> None:
    assert read(one, other)[0] == [(one, other, edits)]


@pytest.mark.parametrize(
    ("one", "other", "reading", "left"),
    [
        ("schneider", "schneidr seite 1 von 1", ("schneider", "schneidr"), ["seite", "1", "von", "1"]),
        ("clayton", "received05072019 claytan", ("clayton", "claytan"), ["received05072019"]),
    ],
)
def test_a_stamp_beside_a_misread_word_is_no_part_of_it(
    one: str, other: str, reading: tuple[str, str], left: list[str]
) -> None:
    slots, only_a, only_b = read(one, other)
    assert [slot[:2] for slot in slots] == [reading]
    assert (only_a, only_b) == ([], left)


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        ("juni", "juli", True),
        ("aprile", "maggio", True),
        ("aprile", "maagio", True),
        ("mensilenovembre", "mensiledicembre", True),
        ("agosto", "lgosto", False),
        ("agosto", "agos", False),
        ("august", "invoice", False),
    ],
)
def test_another_month_is_known_as_far_as_it_can_be_read(one: str, other: str, *, is_other: bool) -> None:
    assert Slot(one, other, 1).other_month == is_other
    assert Slot(one, other, 1).swapped == is_other


@pytest.mark.parametrize(
    ("one", "other", "is_whole"),
    [("29", "359", True), ("23", "16", True), ("95", "923", True), ("1630", "900", True),
     ("95", "9523", False), ("2", "9", False),
     ("12032024", "12032025", False), ("room", "23", False)],
)  # fmt: skip
def test_a_short_number_is_another_by_all_its_digits(one: str, other: str, *, is_whole: bool) -> None:
    assert slot_of(one, other).whole == is_whole


@pytest.mark.parametrize(
    ("one", "other", "is_strange"),
    [("cadiz", "4820", True), ("artes", "0420231355", True), ("2131", "04012017", True),
     ("120", "1350", False),
     ("5e1u8a1", "setubal", False), ("17", "1742024", False)],
)  # fmt: skip
def test_a_word_is_in_no_numbers_place(one: str, other: str, *, is_strange: bool) -> None:
    assert slot_of(one, other).strange == is_strange


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [("1150", "1350", True), ("e1150", "1150", False), ("1176e", "1176", False), ("17a", "18a", True)],
)
def test_a_number_is_another_only_by_its_digits(one: str, other: str, *, number: bool) -> None:
    """A currency that was read as a letter is none."""
    assert Slot(one, other, 1).number == number


def test_what_stands_for_nothing_is_left() -> None:
    _, only_a, only_b = read("zzzz total", "total")
    assert (only_a, only_b) == (["zzzz"], [])
    _, only_a, only_b = read("total", "total zzzz")
    assert (only_a, only_b) == ([], ["zzzz"])


words = st.lists(st.text("abcmnrld0123589", min_size=1, max_size=8), min_size=1, max_size=6)


@given(words, words)
def test_no_token_of_a_gap_is_lost(a: list[str], b: list[str]) -> None:
    found = read_gap(a, b, Gap(0, len(a), 0, len(b)))
    assert {slot.at_a for slot in found.slots} | set(found.only_a) == set(range(len(a)))
    assert not {slot.at_a for slot in found.slots} & set(found.only_a)
    for slot in found.slots:
        assert a[slot.at_a] == slot.a
        assert 0 <= slot.at_b < len(b)
        assert 0 <= slot.edits <= max(slot.length, 1)
    assert all(0 <= at < len(b) for at in found.only_b)


@given(words)
def test_what_is_equal_has_no_edits(a: list[str]) -> None:
    assert sum(slot.edits for slot in read_gap(a, a, Gap(0, len(a), 0, len(a))).slots) == 0


@pytest.mark.parametrize(
    ("slot", "number", "apart", "swapped", "cut"),
    [
        (Slot("miller", "smith", 5, 2), False, True, True, False),
        (Slot("miller", "smith", 5, 1), False, True, False, False),
        (Slot("miller", "mitler", 1, 2), False, False, False, False),
        (Slot("481207", "904466", 6), True, True, True, False),
        (Slot("481207", "481208", 1), True, False, False, False),
        (Slot("12", "21", 2), True, True, False, False),
        (Slot("5042024", "6052024", 2), True, False, False, False),
        (Slot("05042024", "17112023", 6), True, True, True, False),
        (Slot("05042024", "99992024", 4), True, False, False, False),
        (Slot("rechnung", "rech", 4), False, False, False, True),
        (Slot("rechnung", "nung", 4), False, False, False, True),
        (Slot("a", "ab", 1), False, False, False, False),
    ],
)
def test_what_a_slot_is(slot: Slot, number: bool, apart: bool, swapped: bool, cut: bool) -> None:
    assert (slot.number, slot.apart, slot.swapped, slot.cut) == (number, apart, swapped, cut)


def known(*tokens: str, papers: int = 3) -> Vocabulary:
    """A vocabulary in which that many papers have each of these words."""
    mixed = word_hashes(np.array(sorted(map(hashed, tokens)), dtype=np.uint64)) & ~np.uint64((1 << 25) - 1)
    found = np.sort(np.concatenate([(mixed | WORD_BIT | np.uint64(paper)) for paper in range(papers)]))
    hashes = found >> np.uint64(24)
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    return vocabulary(found, starts, np.diff(np.append(starts, len(found))))


def test_a_word_is_known_that_three_papers_have() -> None:
    assert known("miller", "smith").counts(["miller", "nobody", "smith"]) == [3, 0, 3]
    assert known("miller", papers=2).counts(["miller"]) == [0]
    assert EMPTY.counts(["miller"]) == [0]
    assert joined([], 0).counts(["miller"]) == [0]


@pytest.mark.parametrize(
    ("papers", "count"), [(12, 3), (10_000, 3), (10_100, 0), (40_000, 0)], ids=lambda value: f"{value}"
)
def test_in_a_larger_collection_more_papers_have_a_known_short_word(papers: int, count: int) -> None:
    """A short word stands there by chance in many papers, a long one does not."""
    assert joined([known("may", "miller")], papers).counts(["may", "miller"]) == [count, 3]
    assert joined([known("may", papers=6)], papers).counts(["may"]) == [6]


@pytest.mark.parametrize(
    ("slot", "count"),
    [
        (Slot("miller", "smith", 5), 2),
        (Slot("miller", "sm1th", 5), 1),
        (Slot("mlller", "sm1th", 5), 0),
        (Slot("ab", "smith", 5), 1),
        (Slot("march", "april", 5), 2),
        (Slot("miller", "sm", 5, others=("nobody", "smith")), 2),
    ],
)
def test_how_many_readings_are_known(slot: Slot, count: int) -> None:
    (found,) = with_knowledge([slot], known("miller", "smith", "ab"))
    assert found.known == count
    assert (found.a, found.b, found.edits) == (slot.a, slot.b, slot.edits)
