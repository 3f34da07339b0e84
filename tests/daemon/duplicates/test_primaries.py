"""The first preference that tells papers apart decides; what is not known tells nothing."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.primaries import USUAL, Member, Preference, choose


def members(*described: dict[str, Any]) -> list[Member]:
    return [Member(number, **one) for number, one in enumerate(described, 1)]


@pytest.mark.parametrize(
    ("preferences", "described", "chosen"),
    [
        ("oldest", [{"added": (2, 1)}, {"added": (1, 9)}], 2),
        ("oldest", [{"added": (1,), "created": "2024-02-01"}, {"added": (1,), "created": "2024-01-31"}], 2),
        ("oldest", [{"added": (1,), "created": "2024-02-01"}, {"added": (1,)}], 1),
        ("has_asn", [{}, {"asn": True}], 2),
        ("has_asn", [{}, {}], 1),
        ("has_asn", [{"asn": True}, {"asn": True}], 1),
        ("most_tags", [{"tags": 1}, {"tags": 3}, {"tags": 2}], 2),
        ("longest_text", [{"words": 10}, {"words": 12}], 2),
        ("best_scan", [{"pages": 1, "size": 900}, {"pages": 2, "size": 100}], 2),
        ("best_scan", [{"pages": 2, "quality": 300.0}, {"pages": 2, "quality": 600.0}], 2),
        ("best_scan", [{"pages": 2, "size": 100}, {"pages": 2, "size": 900}], 2),
        ("best_scan", [{"size": 100}, {"size": 900}], 2),
        ("best_scan", [{"size": 100}, {"pages": 3, "size": 900}], 2),
        ("best_scan", [{"size": 100}, {"pages": 9}], 1),
        ("has_asn most_tags", [{"tags": 9}, {"asn": True}, {"asn": True, "tags": 1}], 3),
        ("most_tags has_asn", [{"tags": 9}, {"asn": True}, {"asn": True, "tags": 1}], 1),
        ("has_asn most_tags oldest", [{"added": (2,)}, {"added": (1,)}, {"added": (3,)}], 2),
        ("", [{"tags": 0}, {"tags": 9}], 1),
    ],
)
def test_the_chosen_one(preferences: str, described: list[dict[str, Any]], chosen: int) -> None:
    assert choose(members(*described), preferences.split()) == chosen


def test_an_unknown_preference_is_named() -> None:
    with pytest.raises(ValueError, match="newest"):
        choose(members({}, {}), ["newest"])


some = st.builds(
    Member,
    st.integers(1, 99),
    added=st.tuples(st.integers(0, 3)),
    created=st.sampled_from([None, "2024-01-01", "2025-01-01"]),
    asn=st.booleans(),
    tags=st.integers(0, 2),
    size=st.sampled_from([None, 1, 2]),
    pages=st.sampled_from([None, 1, 2]),
)
several = st.lists(some, min_size=1, max_size=6, unique_by=lambda one: one.id)


@given(several, st.permutations(list(Preference)), st.randoms(use_true_random=False))
def test_the_order_of_the_members_means_nothing(
    group: list[Member], preferences: Sequence[Preference], chance: random.Random
) -> None:
    chosen = choose(group, preferences)
    chance.shuffle(group)
    assert choose(group, preferences) == chosen
    assert chosen in {one.id for one in group}
    assert choose(group, USUAL) in {one.id for one in group}
