"""Which digits a scanner takes for each other, which another paper has; what stands in several places."""

import math

import pytest

from reconciled.duplicates.digits import digits_taken, is_date, is_other_sum
from reconciled.duplicates.repeats import each_once, repeated, twice
from reconciled.duplicates.slots import Slot


def slot(one: str, other: str, *, at_a: int = -1) -> Slot:
    edits = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    return Slot(one, other, edits, at_a=at_a)


@pytest.mark.parametrize(
    ("likelier", "than"),
    [
        (("120388", "120380"), ("120384", "120380")),  # looks like it
        (("723801", "123801"), ("123807", "123801")),  # not the next number
        (("12032024", "92032024"), ("12032024", "22032024")),  # no day
        (("14052024", "15052024"), ("14052024", "25032024")),  # fewer days, months, years
        (("2339199", "2379109"), ("2339199", "2339209")),  # not given ten numbers later
        (("1995", "1395"), ("1995", "1985")),  # two years
    ],
)
def test_what_a_scanner_likelier_takes(likelier: tuple[str, str], than: tuple[str, str]) -> None:
    assert digits_taken(slot(*likelier)) > digits_taken(slot(*than))


def test_numbers_of_other_lengths_say_nothing_by_their_digits() -> None:
    assert digits_taken(slot("1234", "123")) == 0


def test_a_sum_is_no_misread_year() -> None:
    assert digits_taken(slot("1980", "2980")) == digits_taken(slot("1880", "2880"))


def test_numbers_of_any_length_can_be_near_each_other() -> None:
    assert math.isfinite(digits_taken(slot("1" * 9000, "1" * 8999 + "2")))


@pytest.mark.parametrize(
    ("token", "is_one"),
    [
        ("31122024", True),
        ("20241231", True),
        ("31132024", False),
        ("311224", True),
        ("321224", False),
        ("2024", True),
        ("1204", False),
        ("12k4", False),
        ("", False),
    ],
)
def test_what_is_a_date(token: str, *, is_one: bool) -> None:
    assert is_date(token) == is_one


@pytest.mark.parametrize(
    ("one", "other", "is_sum"),
    [
        ("65830", "64830", True),
        ("65830", "66830", False),  # looks like it
        ("65830", "6483", False),
        ("65830a", "64830a", False),
        ("4", "5", False),
        ("1234567890123", "1234567890124", False),  # a code
    ],
)
def test_what_may_be_another_sum(one: str, other: str, *, is_sum: bool) -> None:
    assert is_other_sum(slot(one, other)) == is_sum


@pytest.mark.parametrize(
    ("pairs", "count"),
    [
        ([("65830", "64830"), ("174460", "173460")], 1),  # the sum and the total, less by the same
        ([("65830", "64830"), ("174460", "171460")], 0),
        ([("12345", "12395"), ("12345", "12395")], 1),
        ([("miller", "smith"), ("miller", "smith")], 1),
        ([("bitte", "bilte"), ("bitte", "bilte")], 0),  # a scanner's habit
    ],
)
def test_a_scanner_errs_anew_each_time(pairs: list[tuple[str, str]], count: int) -> None:
    assert repeated([slot(*pair) for pair in pairs]) == count


def test_a_misreading_counts_once_a_number_each_time() -> None:
    words, numbers = [slot("gemass", "gemab")] * 3, [slot("1200", "1300")] * 3
    assert len(each_once([*words, *numbers])) == 4


def test_a_word_that_is_another_everywhere_is_counted() -> None:
    a = ["dear", "winifred", "we", "thank", "winifred"]
    b = ["dear", "montague", "we", "thank", "gomtague"]
    slots = [slot("winifred", "montague", at_a=1), slot("winifred", "gomtague", at_a=4)]
    assert twice(a, b, slots) == 1
    assert twice([*a, "winifred"], b, slots) == 0, "it was read once"
