"""The judge of duplicates: what is true, found and false; and the search at size is the search."""

import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.corpora.household import make  # noqa: E402 - the path had to be known first
from bench.corpora.sheets import Sheet, write  # noqa: E402
from bench.judging.baselines import grams, splitting  # noqa: E402
from bench.judging.beside import Beside  # noqa: E402
from bench.judging.lines import Lines, all_texts, starts  # noqa: E402
from bench.judging.looking_up import look_up, misread  # noqa: E402
from bench.judging.outcome import Outcome, read_outcome  # noqa: E402
from bench.judging.searching import FOUND, firsts, groups, search  # noqa: E402
from bench.judging.truth import Score, Truth, errors, score_groups, score_pairs, truth_of  # noqa: E402

from reconciled.duplicates.search import find  # noqa: E402
from reconciled.duplicates.words import Band, Paper  # noqa: E402


def sheets(*told: tuple[int, str], near: dict[int, int] | None = None) -> list[Sheet]:
    """Sheets of these labels and kinds, numbered from 0; `near` by number."""
    return [
        Sheet(number, f"text {number}", label, kind, near=(near or {}).get(number))
        for number, (label, kind) in enumerate(told)
    ]


def pairs(*told: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(told, dtype=np.int64).reshape(-1, 2)


# 0 and 1 are one sheet, 2 is renewed by 3, 4 to 6 are one; 7 stands alone
LIBRARY = sheets(
    (10, "original"), (10, "light"), (20, "original"), (21, "renewal"), (30, "original"), (30, "photo"),
    (30, "heavy"), (40, "original"), near={3: 20},
)  # fmt: skip


@pytest.fixture
def truth() -> Truth:
    return truth_of(LIBRARY)


@pytest.mark.parametrize(
    ("found", "right", "true", "precision", "recall", "f1"),
    [(4, 2, 4, 0.5, 0.5, 0.5), (0, 0, 4, 1.0, 0.0, 0.0), (2, 0, 0, 0.0, 1.0, 0.0), (0, 0, 0, 1.0, 1.0, 1.0)],
)
def test_score(found: int, right: int, true: int, precision: float, recall: float, f1: float) -> None:
    score = Score(found, right, true)
    assert (score.precision, score.recall, score.f1) == (precision, recall, f1)


@pytest.mark.parametrize(
    ("found", "score"),
    [
        (pairs(), Score(0, 0, 4)),
        (pairs((0, 1), (2, 3)), Score(2, 1, 4)),
        (pairs((4, 5), (4, 6), (5, 6)), Score(3, 3, 4)),
    ],
)  # fmt: skip
def test_pairs_are_scored(truth: Truth, found: np.ndarray, score: Score) -> None:
    assert score_pairs(truth, found) == score


@pytest.mark.parametrize(
    ("grouped", "score"),
    [
        ([-1] * 8, Score(0, 0, 4)),
        ([0, 0, 1, 1, 2, 2, 2, -1], Score(5, 4, 4)),
        ([0, 0, 0, 0, -1, -1, -1, -1], Score(6, 1, 4)),
    ],
)
def test_groups_are_scored_by_all_their_pairs(truth: Truth, grouped: Sequence[int], score: Score) -> None:
    assert score_groups(truth, np.array(grouped)) == score


def test_a_sheet_without_text_is_neither_true_nor_found() -> None:
    library = [replace(one, text="  ") if one.id == 1 else one for one in LIBRARY]
    truth = truth_of(library)
    assert score_pairs(truth, pairs((0, 1), (1, 2), (4, 5))) == Score(1, 1, 3)
    assert score_groups(truth, np.array([0, 0, -1, -1, 1, 1, -1, -1])) == Score(1, 1, 3)


def test_large_clusters_can_be_left_out() -> None:
    truth = truth_of(sheets(*[(1, "many")] * 8, (2, "original"), (2, "light")))
    found = pairs((0, 1), (0, 8), (8, 9))
    assert score_pairs(truth, found) == Score(3, 2, 29)
    assert score_pairs(truth, found, large=False) == Score(1, 1, 1)
    assert score_groups(truth, np.array([0] * 10), large=False) == Score(1, 1, 1)


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("original", "light", "light"), ("photo", "original", "photo"), ("light", "photo", "two copies"),
        ("light", "light", "two copies"), ("many", "many", "many"), ("original", "original", "copy"),
    ],
)  # fmt: skip
def test_kind_of_copy(a: str, b: str, kind: str) -> None:
    assert truth_of(sheets((1, a), (1, b))).kind_of_copy(0, 1) == kind


@pytest.mark.parametrize(
    ("told", "near", "kind"),
    [
        ([(1, "original"), (2, "renewal")], {1: 1}, "renewal"),
        ([(2, "twin"), (1, "light")], {0: 1}, "twin"),
        ([(2, "twin"), (3, "renewal")], {0: 1, 1: 1}, "twin"),
        ([(1, "original"), (2, "original")], {}, "other"),
        ([(1, "original"), (2, "renewal")], {1: 9}, "other"),
    ],
)
def test_kind_of_error(told: list[tuple[int, str]], near: dict[int, int], kind: str) -> None:
    assert truth_of(sheets(*told, near=near)).kind_of_error(0, 1) == kind


def test_an_error_within_a_series_is_named_so() -> None:
    truth = truth_of([replace(one, series=5 if one.id in (2, 7) else -1) for one in LIBRARY])
    assert errors(truth, [(2, 7), (0, 7), (2, 3), (0, 1)]) == Counter(
        {"same series": 1, "other": 1, "renewal": 1}
    )


def outcome(found: Sequence[tuple[int, int, float, int, bool]], looked: Sequence[tuple[int, int]]) -> Outcome:
    """Of LIBRARY, where 6 has the text of 5."""
    same = np.array([0, 1, 2, 3, 4, 5, 5, 7])
    return Outcome(same, pairs(*looked), np.array(found, dtype=FOUND), groups(same, found))


def test_equal_texts_stand_for_each_other(truth: Truth) -> None:
    seen = outcome([(4, 5, 0.9, 0, False), (0, 1, 0.5, 1, False)], [(4, 5), (0, 1)])
    assert sorted(map(tuple, seen.accepted(Band.DUPLICATE).tolist())) == [(4, 5), (4, 6), (5, 6)]
    assert sorted(map(tuple, seen.accepted(Band.REVIEW).tolist())) == [(0, 1)]
    assert score_groups(truth, seen.groups) == Score(3, 3, 4)


@pytest.mark.parametrize(
    ("found", "looked", "fate"),
    [
        ([(0, 1, 0.9, 0, False)], [(0, 1)], "found"),
        ([(0, 1, 0.99, 1, True)], [(0, 1)], "vetoed"),
        ([(0, 1, 0.3, 1, False)], [(0, 1)], "review"),
        ([(0, 1, 0.3, 1, True)], [(0, 1)], "review"),
        ([(0, 1, 0.0, 2, True)], [(0, 1)], "said to differ"),
        ([], [(0, 1)], "said to differ"),
        ([], [(0, 2)], "never compared"),
        ([(0, 2, 0.9, 0, False), (1, 2, 0.9, 0, False)], [(0, 2), (1, 2)], "in one group"),
    ],
)
def test_what_became_of_a_true_pair(
    truth: Truth, found: list[tuple[int, int, float, int, bool]], looked: list[tuple[int, int]], fate: str
) -> None:
    assert outcome(found, looked).fates(truth)["light", fate] == 1


def test_what_is_vetoed_stands_in_no_group_together() -> None:
    same = np.arange(3)
    found = [(0, 1, 0.9, 0, False), (1, 2, 0.8, 0, False), (0, 2, 0.9, 1, True)]
    assert groups(same, found).tolist() == [0, 0, -1]


def test_the_first_of_equal_texts(tmp_path: Path) -> None:
    one, two, none = b"1" * 16, b"2" * 16, b"\0" * 16
    assert firsts(one + none + two + one + none).tolist() == [0, -1, 2, 0, -1]


def test_the_best_threshold_in_hindsight(truth: Truth) -> None:
    beside = Beside(pairs((0, 1), (4, 5), (2, 3), (5, 7)), np.array([0.9, 0.8, 0.7, 0.6]))
    threshold, best = beside.best(truth)
    assert (threshold, best) == (0.8, Score(2, 2, 4))
    assert beside.grouped(truth, threshold) == Score(2, 2, 4)
    assert beside.grouped(truth, 0.5) == Score(5, 2, 4)


@pytest.mark.parametrize(
    ("text", "found"),
    [("", []), ("One  two", [b"one two"]), ("a b c a b c", [b"a b c", b"b c a", b"c a b"])],
)
def test_grams(text: str, found: list[bytes]) -> None:
    assert grams(text) == found


def test_lines_are_read_where_they_begin(tmp_path: Path) -> None:
    corpus = tmp_path / "some.jsonl"
    texts = ["Rechnung über 12 €", "", "two\nlines\x85 and more", "end"]
    write((Sheet(number, text, number, "original") for number, text in enumerate(texts)), corpus)
    with Lines(corpus, starts(corpus)) as lines:
        assert lines.texts([3, 0, 2, 1]) == [texts[at] for at in (3, 0, 2, 1)]
    assert list(all_texts(corpus)) == texts
    assert splitting(str(corpus))["sheets"] == 4


@pytest.mark.full
def test_the_search_at_size_is_the_search(tmp_path: Path) -> None:
    library = list(make(150, seed=5))
    corpus, folder = tmp_path / "some.jsonl", tmp_path / "search"
    write(iter(library), corpus)
    told = search(str(corpus), str(folder), workers=0)
    seen = read_outcome(folder)
    papers = [Paper(number, sheet.text) for number, sheet in enumerate(library)]
    plainly = {(one.a, one.b): (one.band, one.vetoed) for one in find(papers)}
    equal = {(one, number) for number, one in enumerate(seen.same.tolist()) if 0 <= one < number}
    at_size = {
        (a, b): (list(Band)[band], vetoed) for a, b, _, band, vetoed in seen.found.tolist()
    }  # fmt: skip
    assert at_size | dict.fromkeys(equal, (Band.DUPLICATE, False)) == plainly
    assert told["sheets"] == 150
    assert told["stages"].keys() - {"again", "close"} == {
        "name", "read", "join", "compare", "hear", "group", "the rest",
    }  # fmt: skip
    strangers = tmp_path / "others.jsonl"
    write(make(10, seed=6), strangers)
    looked = look_up(str(corpus), str(folder), str(strangers), copies=10, others=5)
    assert len(looked["ms"]) == 15
    assert looked["found"] >= 8


def test_misread_is_the_same_length_and_nearly_the_same() -> None:
    text = "The quick brown fox, 123 times over. " * 30
    other = misread(text, random.Random(1))
    assert len(other) == len(text)
    assert 0 < sum(a != b for a, b in zip(text, other, strict=True)) < 0.03 * len(text)
