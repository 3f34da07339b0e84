"""Texts over each other: changed numbers, passages of one, what stands elsewhere; also without the extra."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.web import duplicates_diff
from reconciled.web.duplicates_diff import MOST_WORDS, Segment, diff, folded, in_order


@pytest.fixture(params=["with the extra", "without it"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without it":
        monkeypatch.setattr(duplicates_diff, "_with_extra", lambda: None)
    else:
        pytest.importorskip("rapidfuzz")


def told(a: str, b: str) -> list[tuple[str, str, str, bool]]:
    return [(one.kind, one.a, one.b, one.number) for one in diff(a, b).segments]


@pytest.mark.usefixtures("ways")
def test_a_changed_number_is_marked() -> None:
    found = told("Invoice of May\nTotal: 120,00 EUR", "invoice of may, total 210,00 EUR")
    assert found == [
        ("same", "Invoice of May\nTotal:", "invoice of may, total", False),
        ("changed", "120,00", "210,00", True),
        ("same", "EUR", "EUR", False),
    ]


@pytest.mark.usefixtures("ways")
def test_a_misread_word_is_a_change_without_a_number() -> None:
    assert told("paid in full today", "paid in fu11 today")[1] == ("changed", "full", "fu11", True)
    assert told("paid in full today", "paid in fuII today")[1] == ("changed", "full", "fuII", False)


@pytest.mark.usefixtures("ways")
def test_what_only_one_has() -> None:
    assert told("one two three", "COPY one two three")[0] == ("only_b", "", "COPY", False)
    assert told("one two three 77", "one two three")[-1] == ("only_a", "77", "", True)


@pytest.mark.usefixtures("ways")
def test_nothing_in_common_and_nothing_at_all() -> None:
    assert [one.kind for one in diff("a b c", "x y z").segments] in (["changed"], ["only_a", "only_b"])
    empty = diff("", " \n ")
    assert (empty.segments, empty.alike, empty.changes) == ([], 1.0, 0)
    assert diff("", "words").alike == 0.0


def test_what_stands_elsewhere_is_no_change() -> None:
    pytest.importorskip("rapidfuzz")
    first = " ".join(f"first{n}" for n in range(12))
    second = " ".join(f"second{n}" for n in range(30))
    found = diff(f"{first} {second}", f"{second} {first}")
    assert {one.kind for one in found.segments} == {"same", "moved"}
    assert (found.changes, found.alike) == (0, 1.0)


@pytest.mark.usefixtures("ways")
def test_lines_end_where_they_end() -> None:
    ends = [(one.kind, one.ends) for one in diff("a b\nold\nc d", "a b\nnew\nc d").segments]
    assert ends == [("same", True), ("changed", True), ("same", False)]


@pytest.mark.usefixtures("ways")
def test_endless_texts_are_cut() -> None:
    found = diff("word " * (MOST_WORDS + 1), "other " * 3)
    assert found.cut
    assert not diff("few words", "few words").cut


@pytest.mark.usefixtures("ways")
def test_the_same_word_all_over_takes_no_minutes() -> None:
    assert diff("a " * 3000, "a b " * 1500).changes > 0


@given(st.lists(st.sampled_from(["a", "b", "c", "1", "2", "\n"]), max_size=30), st.data())
def test_each_word_of_both_is_told_once(words: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.sampled_from(["a", "b", "c", "1", "2", "x"]), max_size=30))
    found = diff(" ".join(words), " ".join(other)).segments
    mine = [word for one in found if one.kind != "only_b" for word in one.a.split()]
    theirs = [word for one in found if one.kind not in ("only_a", "moved") for word in one.b.split()]
    assert sorted(mine) == sorted(" ".join(words).split())
    moved = [word for one in found if one.kind == "moved" for word in one.a.split()]
    assert sorted(theirs + moved) == sorted(other)


def test_blocks_that_cross_the_surer_ones_stand_elsewhere() -> None:
    laid = in_order([(10, 0, 20), (0, 30, 5), (32, 40, 2)])
    assert list(laid.blocks) == [(10, 0, 20), (32, 40, 2)]
    assert (laid.moved_a, laid.moved_b) == (frozenset(range(5)), frozenset(range(30, 35)))


def test_long_stretches_are_folded_and_lose_nothing() -> None:
    text = " ".join(f"w{n}" for n in range(100))
    before, middle, after, words = folded(Segment("same", text, text))
    assert (before + middle + after, words) == (text, 76)
    assert folded(Segment("same", "a few words", ""))[1:] == ("", "", 0)
    assert folded(Segment("only_a", text, ""))[3] == 0
