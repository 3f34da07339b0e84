"""What differences say: an error says little, what no error explains speaks against one sheet."""

import json
import math
import random
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciled.duplicates.evidence import Evidence, examine
from reconciled.duplicates.features import PAPER_BITS, Hashes, word_hashes
from reconciled.duplicates.model import NAMES, fitted, read_model
from reconciled.duplicates.normalising import hashed
from reconciled.duplicates.traits import NUMBERS, TEXT, Traits, traits
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary
from reconciled.duplicates.words import MODEL, Factor


def fresh(count: int, seed: int) -> list[str]:
    """Made-up words, some of them numbers."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghiklmnoprstuvwz", k=chance.randint(3, 9))) for _ in range(count)]
    for at in range(7, count, 15):
        words[at] = str(chance.randint(1000, 999_999))
    return words


PAPER = fresh(160, 1)


def misread(words: list[str], rate: float, seed: int) -> list[str]:
    """The words with so many of their letters read wrongly."""
    chance = random.Random(seed)
    return [
        "".join(
            chance.choice("abcdeo") if not one.isdigit() and chance.random() < rate else one for one in word
        )
        for word in words
    ]


def measured(a: list[str], b: list[str]) -> tuple[Evidence, Traits]:
    found = examine(a, b)
    return found, traits(found, a, b, EMPTY)


def against(found: Evidence) -> float:
    return found.words + found.numbers


def test_a_paper_beside_itself_has_nothing_against_it() -> None:
    found, values = measured(PAPER, PAPER)
    assert against(found) == 0
    assert (found.cover_a, found.cover_b, found.same) == (1.0, 1.0, len(PAPER))
    assert not found.hard
    assert values["worst_word"] == values["worst_number"] == 0


@pytest.mark.parametrize(
    ("at", "reading", "worse_than"),
    [(7, "987654", 1.0), (22, "100001", 1.0), (7, None, 1.0)],
    ids=["another number", "yet another", "the number and a word"],
)
def test_another_number_in_a_clean_paper_speaks_against(
    at: int, reading: str | None, worse_than: float
) -> None:
    other = list(PAPER)
    other[at] = reading or "555555"
    found, _ = measured(PAPER, other)
    assert found.numbers < -worse_than
    assert found.hard[0][1].a == PAPER[at]


def test_the_same_difference_says_less_where_reading_was_bad() -> None:
    said = []
    for rate in (0.0, 0.05):
        other = misread(PAPER, rate, 3)
        other[7] = str(int(PAPER[7][::-1]) + 1)
        said.append(measured(PAPER, other)[0].numbers)
    assert said[0] < said[1]


def test_the_error_rate_is_the_pairs_own() -> None:
    rates = [examine(PAPER, misread(PAPER, rate, 5)).errors for rate in (0.0, 0.01, 0.03, 0.06)]
    assert rates == sorted(rates)
    assert rates[0] < 0.002 < rates[-1] <= 0.10


@given(st.integers(0, 2**32), st.floats(0, 0.1))
@settings(max_examples=25)
def test_every_trait_is_a_number_and_every_share_a_share(seed: int, rate: float) -> None:
    chance = random.Random(seed)
    other = misread(PAPER, rate, seed)
    for _ in range(chance.randint(0, 10)):
        at = chance.randrange(len(other))
        other[at : at + chance.randint(0, 20)] = fresh(chance.randint(0, 20), seed)
    found, values = measured(PAPER, other)
    assert set(values) == set(NAMES)
    assert all(map(math.isfinite, values.values()))
    assert 0 <= found.cover_a <= 1
    assert 0 <= found.cover_b <= 1
    assert found.words <= 0
    assert found.numbers <= 0
    assert [weight for weight, _ in found.hard] == sorted(weight for weight, _ in found.hard)
    assert 0 < found.errors <= 0.10 or not found.looked


def test_papers_with_nothing_in_common_are_not_looked_at() -> None:
    found = examine(PAPER, fresh(160, 99))
    assert not found.looked
    assert found.same == 0


def test_a_long_clean_paper_with_one_other_number_can_be_weighed() -> None:
    one = fresh(16_000, 8)
    other = list(one)
    other[7] = "31415926"
    found, _ = measured(one, other)
    assert found.numbers < -1
    assert [slot.b for _, slot in found.hard] == ["31415926"]


def test_the_same_other_reading_twice_is_counted() -> None:
    one, other = [*PAPER, "481207"], [*PAPER, "904466"]
    one[30], other[30] = "481207", "904466"
    assert examine(one, other).repeated == 1
    other[30] = PAPER[30]
    one[30] = PAPER[30]
    assert examine(one, other).repeated == 0


def test_shared_tokens_are_counted_once_when_blocks_stand_elsewhere() -> None:
    blocks = [fresh(40, seed) for seed in (11, 12, 13, 14)]
    one = blocks[0] + blocks[1] + blocks[2] + blocks[3]
    other = blocks[2] + blocks[0] + blocks[3] + blocks[1]
    found = examine(one, other)
    assert sum(size for _, _, size in found.shared) == found.same == len(one)
    assert found.same_numbers == sum(word.isdigit() for word in one)
    assert against(found) == 0


AGAINST = {
    "swapped", "repeated", "both_left", "short_left", "long_inner", "long_ends", "inner_runs", "quotes",
    "again", "head_own", "number_swaps", "other_numbers", "short_numbers", "inner_numbers",
}  # fmt: skip
FOR = {
    "words_known",
    "words_half",
    "words_new",
    "worst_word",
    "own_words",
    "numbers",
    "worst_number",
    "own_numbers",
}
VALUES = st.fixed_dictionaries({name: st.floats(-15, 8) for name in NAMES})


@given(VALUES, st.sampled_from(sorted((AGAINST | FOR) & set(NAMES))), st.floats(0, 10))
@settings(max_examples=80)
def test_more_against_one_sheet_never_makes_a_pair_likelier(
    values: dict[str, float], trait: str, more: float
) -> None:
    worse = {**values, trait: values[trait] + (more if trait in AGAINST else -more)}
    before, after = fitted().parts([values, worse])
    assert sum(after.values()) <= sum(before.values()) + 1e-4, trait
    factor = Factor.NUMBERS if trait in NUMBERS else Factor.TEXT
    assert after[factor] <= before[factor] + 1e-4, (trait, factor)


@given(VALUES, VALUES)
@settings(max_examples=25)
def test_words_say_nothing_of_numbers_nor_numbers_of_words(
    one: dict[str, float], other: dict[str, float]
) -> None:
    of_words = {**one, **{name: other[name] for name in NUMBERS}}
    first, second = fitted().parts([one, of_words])
    assert first[Factor.TEXT] == second[Factor.TEXT]


def test_the_model_is_whole_and_says_what_it_was_fitted_to() -> None:
    told = json.loads(files("reconciled.duplicates").joinpath("model.json").read_text("utf-8"))
    assert told["traits"] == [*TEXT, *NUMBERS]
    assert told["version"] == MODEL
    for generator in ("household", "office", "clinic"):
        assert any(line.startswith(f"{generator}: ") and "seed" in line for line in told["fitted"]), told[
            "fitted"
        ]
    assert told["trees"]
    assert math.isfinite(told["base"])
    for trait, value, left, right in told["trees"]:
        assert len(trait) == len(value) == len(left) == len(right)
        assert all(map(math.isfinite, value))
        inner = [at for at, asked in enumerate(trait) if asked >= 0]
        assert all(-1 <= asked < len(NAMES) for asked in trait)
        assert sorted([left[at] for at in inner] + [right[at] for at in inner]) == list(range(1, len(trait)))


def test_a_model_of_other_traits_is_refused() -> None:
    told = {"version": 1, "base": 0.0, "traits": ["bias"], "text": [], "numbers": []}
    with pytest.raises(ValueError, match="fitted to other traits; run"):
        read_model(json.dumps(told))


def test_a_reading_that_stands_elsewhere_does_not_excuse_the_other() -> None:
    """Meter bills: what was the new reading is the old one on the next; only one of the two moved."""
    words = "meter reading old {} new {} consumption to be paid by transfer until the end of the month"
    bill = words.split()
    first = [word.format("12345" if at == 3 else "23456") for at, word in enumerate(bill)]
    second = [word.format("23456" if at == 3 else "34567") for at, word in enumerate(bill)]
    evidence = examine(first, second)
    assert evidence.numbers < -3


def test_other_dates_are_counted_where_they_stand_and_where_they_are_left() -> None:
    one = [*PAPER[:40], "12032024", *PAPER[40:]]
    other = [*PAPER[:40], "14032024", *PAPER[40:]]
    assert measured(one, other)[1]["other_dates"] == 1
    assert measured(one, one)[1]["other_dates"] == 0
    misread = [*PAPER[:40], "52032024", *PAPER[40:]]
    assert measured(one, misread)[1]["other_dates"] == 0
    moved = [*PAPER[:90], *PAPER[100:120], "15042024", *PAPER[120:]]
    assert measured(one, moved)[1]["other_dates"] == 1


def test_a_name_in_place_of_another_is_no_blotch() -> None:
    known = Vocabulary(np.sort(word_keys("winifred", "alfred")), np.full(2, 9, dtype=np.uint32))
    one, other = [*PAPER[:40], "winifred", *PAPER[40:]], [*PAPER[:40], "alfred", *PAPER[40:]]
    of_nobody, of_all = examine(one, other), examine(one, other, known)
    assert of_all.rates.blotches < of_nobody.rates.blotches
    assert of_all.words < of_nobody.words - 2


def word_keys(*tokens: str) -> Hashes:
    """The keys of some words as a vocabulary has them."""
    keys = word_hashes(np.fromiter(map(hashed, tokens), dtype=np.uint64, count=len(tokens)))
    return keys >> np.uint64(PAPER_BITS + 1) << np.uint64(PAPER_BITS + 1)
