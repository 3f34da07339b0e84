"""Who is the same as both makes two papers the same; who is the one and not the other speaks against them."""

import math
import random
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.thirds import Own, own, thirds, with_thirds
from reconciled.duplicates.words import FITTED, Band, Factor, Likeness, Weights, weigh

SURE, DUPLICATE, DOUBT, UNLIKELY = Own(6.0), Own(3.0), Own(0.5), Own(-1.0)
VETO = Own(6.0, vetoed=True)
BORDER = math.log(FITTED.duplicate / (1 - FITTED.duplicate))

Known = dict[Pair, Own]


@pytest.mark.parametrize(
    ("known", "sign"),
    [
        pytest.param({(1, 2): DOUBT}, 0, id="nobody else is there"),
        pytest.param({(1, 2): DOUBT, (3, 4): SURE}, 0, id="others are none of theirs"),
        pytest.param({(1, 2): DOUBT, (1, 3): SURE, (2, 3): SURE}, 1, id="one is both"),
        pytest.param({(1, 2): UNLIKELY, (1, 3): SURE, (2, 3): DUPLICATE}, 1, id="though they seem not to be"),
        pytest.param({(1, 2): SURE, (1, 3): SURE, (2, 3): SURE}, 1, id="all are sure"),
        pytest.param({(1, 2): DOUBT, (1, 3): SURE, (2, 3): UNLIKELY}, -1, id="one is the one alone"),
        pytest.param({(1, 2): SURE, (1, 3): SURE, (2, 3): VETO}, -1, id="a veto speaks against who is sure"),
        pytest.param({(1, 2): DOUBT, (1, 3): SURE}, 0, id="of what is not known nobody says that it differs"),
        pytest.param({(1, 2): SURE, (1, 3): SURE, (2, 4): SURE}, 0, id="each is like somebody else"),
        pytest.param({(1, 2): DOUBT, (1, 3): UNLIKELY, (2, 3): UNLIKELY}, 0, id="one is neither"),
        pytest.param({(1, 2): DOUBT, (1, 3): VETO, (2, 3): VETO}, 0, id="one has a veto with both"),
        pytest.param({(1, 2): DOUBT, (1, 3): SURE, (2, 3): DOUBT}, 0, id="one is the one, the other perhaps"),
    ],
)
def test_what_a_third_says(known: Known, sign: int) -> None:
    said = thirds(known).get((1, 2), 0.0)
    assert (said > 0.3) - (said < -0.3) == sign


def test_the_more_the_surer_and_never_beyond_a_limit() -> None:
    said = [
        thirds({(1, 2): DOUBT} | {(one, x): SURE for x in range(3, 3 + count) for one in (1, 2)})[1, 2]
        for count in (1, 2, 3, 40)
    ]
    assert said == sorted(said)
    assert said[0] < said[1]
    assert said[-1] == 4.0


def test_two_thirds_that_disagree_leave_it_open() -> None:
    against: Known = {(1, 4): SURE, (2, 4): Own(-6.0)}
    assert abs(thirds({(1, 2): DOUBT, (1, 3): SURE, (2, 3): SURE, **against})[1, 2]) < 1


def likelihoods(draw: st.DrawFn) -> Known:
    papers = draw(st.integers(3, 7))
    odds = st.floats(-8, 10, allow_nan=False)
    return {
        pair: Own(draw(odds), draw(st.integers(0, 9)) == 0)
        for pair in combinations(range(papers), 2)
        if draw(st.integers(0, 3))
    }


some = st.composite(likelihoods)()


confidences = st.floats(0.05, 0.99)


@given(some, st.fixed_dictionaries({factor: st.floats(0, 10) for factor in FITTED.of}), confidences)
def test_no_pair_becomes_a_duplicate_by_what_they_say_and_none_is_forgotten(
    known: Known, of: dict[Factor, float], border: float
) -> None:
    weights = Weights(of, duplicate=border, review=border / 2)
    said = thirds(known)
    for pair, one in known.items():
        parts = {Factor.TEXT: one.odds, Factor.NUMBERS: 0.5, Factor.THIRDS: said.get(pair, 0.0)}
        confidence, band = weigh(parts, vetoed=one.vetoed, weights=weights)
        parts.pop(Factor.THIRDS)
        alone, before = weigh(parts, vetoed=one.vetoed, weights=weights)
        assert band is before or (before, band) == (Band.DUPLICATE, Band.REVIEW)
        assert (confidence >= border) <= (alone >= border)
        assert (confidence >= alone) or said[pair] < 0
        assert (confidence <= alone) or said[pair] > 0


@given(some, st.randoms(use_true_random=False))
def test_it_hangs_on_the_pairs_alone(known: Known, chance: random.Random) -> None:
    turned = list(known.items())
    chance.shuffle(turned)
    assert thirds(dict(turned)) == thirds(known)
    asked = list(known)[::2]
    assert thirds(known, asked) == {pair: said for pair, said in thirds(known).items() if pair in asked}


def test_of_many_those_are_heard_that_are_surest() -> None:
    chance = random.Random(7)
    known = {pair: Own(chance.uniform(-1, 6)) for pair in combinations(range(40), 2)}
    said = thirds(known)
    for _ in range(3):
        turned = list(known.items())
        chance.shuffle(turned)
        assert thirds(dict(turned)) == said, "to the last bit, or it would be written anew each time"


ORDERS = list(permutations(range(7)))[::840]


@given(some)
def test_whoever_gets_the_smaller_number_it_says_the_same(known: Known) -> None:
    said = thirds(known)
    for order in ORDERS:
        other = {(min(order[a], order[b]), max(order[a], order[b])): one for (a, b), one in known.items()}
        found = thirds(other)
        for a, b in known:
            pair = (min(order[a], order[b]), max(order[a], order[b]))
            assert found.get(pair, 0.0) == pytest.approx(said.get((a, b), 0.0))


def found(a: int, b: int, text: float, **more: object) -> Likeness:
    parts = {Factor.TEXT: text, Factor.NUMBERS: 0.0}
    confidence, band = weigh(parts, vetoed=bool(more.get("vetoed")))
    return Likeness(a, b, confidence, band, parts, **more)  # type: ignore[arg-type]  # fields by name


def test_a_likeness_has_it_among_its_factors() -> None:
    both, other = found(1, 3, 6.0), found(2, 3, 6.0)
    heard = {(one.a, one.b): one for one in with_thirds([found(1, 2, 1.0), both, other, found(7, 8, 1.0)])}
    assert heard[1, 2].parts[Factor.THIRDS] > 0
    assert heard[1, 2].confidence > heard[7, 8].confidence
    assert Factor.THIRDS not in heard[7, 8].parts
    assert {(one.a, one.b): one for one in with_thirds(heard.values())} == heard, "twice is as once"


def test_it_is_lifted_to_right_below_the_border_and_no_further() -> None:
    likes = [found(a, b, 8.0) for a in (1, 2) for b in (3, 4, 5)]
    one, *_ = with_thirds([found(1, 2, 2.0), *likes])
    assert one.band is Band.REVIEW
    assert one.confidence == pytest.approx(FITTED.duplicate - 0.01), "a person sees that it is below"


def test_a_duplicate_is_none_when_they_are_against_it() -> None:
    against = [found(1, 3, 8.0), found(2, 3, 8.0, vetoed=True)]
    one, *_ = with_thirds([found(1, 2, 3.0), *against])
    assert (found(1, 2, 3.0).band, one.band) == (Band.DUPLICATE, Band.REVIEW)


def test_what_is_to_be_reviewed_stays_so_however_much_is_against_it() -> None:
    against = [found(1, x, 8.0) for x in (3, 4, 5)] + [found(2, x, 8.0, vetoed=True) for x in (3, 4, 5)]
    one, *_ = with_thirds([found(1, 2, -1.0), *against])
    assert one.band is Band.REVIEW
    assert one.confidence == FITTED.review


def test_a_veto_stays_whatever_third_papers_say() -> None:
    likes = [found(a, b, 8.0) for a in (1, 2) for b in (3, 4, 5)]
    one, *_ = with_thirds([found(1, 2, 8.0, vetoed=True), *likes])
    assert one.parts[Factor.THIRDS] > 0
    assert (one.vetoed, one.band) == (True, Band.REVIEW)


@pytest.mark.parametrize(
    ("parts", "odds"),
    [
        ({Factor.TEXT: 2.0, Factor.NUMBERS: -1.0}, 1.0),
        ({Factor.TEXT: 2.0, Factor.THIRDS: 3.0, Factor.IMAGE: 1.0}, 2.0),
        ({Factor.IMAGE: 1.0}, None),
        ({}, None),
    ],
)
def test_what_a_pair_says_by_itself(parts: dict[Factor, float], odds: float | None) -> None:
    said = own(parts, vetoed=False)
    assert (None if said is None else said.odds) == odds
