"""Two papers laid over each other: nothing is lost, nothing counted twice, and hostile texts take no more."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciled.duplicates import alignment
from reconciled.duplicates.alignment import Alignment, Block, align

short = st.lists(st.sampled_from("abcdefgh"), max_size=40)


def fresh(count: int, name: str) -> list[str]:
    return [f"{name}{at}" for at in range(count)]


def accounted(found: Alignment, side: str) -> list[int]:
    """Every place of one side that the alignment speaks of."""
    first = side == "a"
    places = [at + (a if first else b) for a, b, size in found.shared for at in range(size)]
    places += [at for gap in found.gaps for at in (range(gap.a0, gap.a1) if first else range(gap.b0, gap.b1))]
    places += [at for start, end in (found.only_a if first else found.only_b) for at in range(start, end)]
    return sorted(places)


def whole(found: Alignment, a: Sequence[str], b: Sequence[str]) -> None:
    assert accounted(found, "a") == list(range(len(a)))
    assert accounted(found, "b") == list(range(len(b)))
    assert found.same == sum(size for _, _, size in found.shared)
    for at_a, at_b, size in found.shared:
        assert a[at_a : at_a + size] == b[at_b : at_b + size]
    for gap in found.gaps:
        assert gap.a0 < gap.a1
        assert gap.b0 < gap.b1


@given(short, short)
def test_every_token_is_spoken_of_once(a: list[str], b: list[str]) -> None:
    whole(align(a, b), a, b)


@given(short)
def test_a_paper_lies_on_itself(a: list[str]) -> None:
    found = align(a, a)
    assert found.same == len(a)
    assert [*found.gaps, *found.only_a, *found.only_b] == []
    assert found.moves == 0


@pytest.mark.parametrize("change", ["replaced", "left out", "added"])
def test_one_word_is_one_gap(change: str) -> None:
    a = fresh(60, "w")
    b = [*a[:30], *{"replaced": ["x"], "left out": [], "added": ["x", a[30]]}[change], *a[31:]]
    found = align(a, b)
    whole(found, a, b)
    gaps = [(a[gap.a0 : gap.a1], b[gap.b0 : gap.b1]) for gap in found.gaps]
    assert gaps == ([(["w30"], ["x"])] if change == "replaced" else [])
    assert found.only_a == ([(30, 31)] if change == "left out" else [])
    assert found.only_b == ([(30, 31)] if change == "added" else [])


def test_blocks_read_in_another_order_are_found_again() -> None:
    blocks = [fresh(40, name) for name in "abcd"]
    a = blocks[0] + blocks[1] + blocks[2] + blocks[3]
    b = blocks[2] + blocks[0] + blocks[3] + blocks[1]
    found = align(a, b)
    whole(found, a, b)
    assert found.same == len(a)
    assert found.moves >= 1


def test_a_page_more_is_one_run() -> None:
    page, rest = fresh(200, "p"), fresh(300, "r")
    found = align(rest, page + rest)
    assert (found.same, found.only_a, found.only_b) == (300, [], [(0, 200)])


def test_words_shared_by_chance_hold_nothing_together() -> None:
    a, b = fresh(120, "a"), fresh(120, "b")
    a[60] = b[60] = "the"
    assert align(a, b).same == 0


def test_what_shares_too_little_is_not_laid_over() -> None:
    a, b = fresh(100, "a"), fresh(90, "b") + fresh(10, "a")
    assert align(a, b, least=0.3).same == 0
    assert align(a, b).same == 10


def removed_in_rounds(blocks: list[Block], ends: tuple[int, int]) -> list[Block]:
    """What stays of blocks when those that do not hold are taken out round by round."""
    while True:
        kept = [
            block
            for before, block, after in zip(
                [(0, 0, 0), *blocks], blocks, [*blocks[1:], (*ends, 0)], strict=False
            )
            if alignment._holds(before, block, after)
        ]
        if len(kept) == len(blocks):
            return kept
        blocks = kept


@given(st.lists(st.sampled_from("abcdefghijklmnop"), max_size=120), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_which_blocks_hold_does_not_hang_on_the_order_of_looking(a: list[str], chance: random.Random) -> None:
    b = [chance.choice("abcxyz") if chance.random() < 0.4 else one for one in a if chance.random() < 0.9]
    here, there = "".join(a), "".join(b)
    expected = removed_in_rounds(alignment._in_order(here, there), (len(a), len(b)))
    assert alignment._blocks(here, there) == expected


def test_blocks_that_fall_one_by_one_from_the_end_take_no_time() -> None:
    def paper(name: str) -> list[str]:
        return [token for at in range(2500) for token in (*fresh(3, f"{at}s"), *fresh(4, f"{at}{name}"))]

    found = align(paper("a"), [*paper("b"), *fresh(60, "end")])
    assert found.same == 0


def test_long_papers_are_laid_over_each_other_to_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "_LONGEST", 200)
    a = fresh(2000, "w")
    b = [*a[:700], *fresh(30, "new"), *a[700:1500], *a[1560:]]
    b[1900] = "other"
    found = align(a, b)
    whole(found, a, b)
    assert found.same == 2000 - 60 - 1
    assert found.only_b == [(700, 730)]
    assert found.only_a == [(1500, 1560)]
    assert [(a[gap.a0], b[gap.b0]) for gap in found.gaps] == [("w1930", "other")]


def test_what_differs_far_back_in_a_long_paper_is_seen() -> None:
    a = fresh(25_000, "w")
    b = [*a[:21_000], *fresh(4000, "x")]
    found = align(a, b)
    whole(found, a, b)
    assert found.same == 21_000
    assert found.only_a == [(21_000, 25_000)]


@pytest.mark.parametrize("at", [0, 350, 900, 1700])
def test_a_part_of_a_long_paper_is_found_wherever_it_stands(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "_LONGEST", 200)
    a = fresh(2000, "w")
    for one, other in ((a, a[at : at + 300]), (a[at : at + 300], a)):
        found = align(one, other)
        whole(found, one, other)
        assert found.same == 300


@given(st.lists(st.sampled_from("abcdef"), max_size=60), st.lists(st.sampled_from("abcdef"), max_size=60))
@settings(max_examples=60)
def test_parts_lose_nothing_either(a: list[str], b: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "_LONGEST", 10)
        whole(align(a, b), a, b)
