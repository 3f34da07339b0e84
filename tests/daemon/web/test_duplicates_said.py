"""Duplicates in words: differences from the primary's side, factors, confidences, what became of a tag."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciled.duplicates.words import FITTED, LOOKED_AT, Factor, Weights
from reconciled.engine.duplicates.acting import Foreseen, Preview
from reconciled.engine.duplicates.acts import Do
from reconciled.ledger.views_actions import ActionView
from reconciled.ledger.views_papers import DifferenceView, LikenessView
from reconciled.web.duplicates_answers import summary
from reconciled.web.duplicates_words import (
    differing,
    factors,
    keep_these,
    label_state,
    percent,
    unturned,
    why,
)


def likeness(**more: Any) -> LikenessView:
    return LikenessView(**{"a": 1, "b": 2, "confidence": 0.9, "band": "duplicate", "same": None, **more})


@pytest.mark.parametrize(
    ("differences", "primary", "said"),
    [
        ([("amount", "120,00", "210,00")], 1, ["1 amount differs: 120,00 → 210,00"]),
        ([("amount", "120,00", "210,00")], 2, ["1 amount differs: 210,00 → 120,00"]),
        (
            [("number", "1", "2"), ("number", "3", "4"), ("date", "1.5.", "2.5.")],
            1,
            ["2 numbers differ: 1 → 2, 3 → 4", "1 date differs: 1.5. → 2.5."],
        ),
        (
            [("word", str(n), "x") for n in range(5)],
            1,
            ["5 words differ: 0 → x, 1 → x, 2 → x and 2 more"],
        ),
        ([("passage", "PAID", "")], 1, ["1 passage stands only in the primary: PAID"]),
        ([("passage", "PAID", "")], 2, ["1 passage stands only in this one: PAID"]),
        (
            [("word", "a", ""), ("word", "b", ""), ("word", "", "c")],
            1,
            ["2 words stand only in the primary: a, b", "1 word stands only in this one: c"],
        ),
        ([("word", "a\n b", "\u202ec")], 1, ["1 word differs: a b → \ufffdc"]),
        (
            [("passage", "long " * 40, "")],
            1,
            [f"1 passage stands only in the primary: {('long ' * 40)[:60]}…"],
        ),
        ([], 1, []),
    ],
)
def test_differences_are_told_from_the_primary(
    differences: list[tuple[str, str, str]], primary: int, said: list[str]
) -> None:
    found = likeness(differences=[DifferenceView(*one) for one in differences])
    assert differing(found, primary) == said


def test_a_pair_that_was_never_compared_differs_in_nothing_that_is_known() -> None:
    assert (differing(None, 1), factors(None, FITTED)) == ([], [])
    assert "too little" in why(None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"same": "bytes"}, "they have the same bytes"),
        ({"said": "an amount differs"}, "an amount differs"),
        ({}, "they were compared"),
        (
            {"said": "page one is missing", "contained": 2},
            "page one is missing; one is wholly inside the other",
        ),
        (
            {"said": "two words differ", "parts": {"thirds": -1.5}},
            "two words differ; third papers that are like one of them alone speak against it",
        ),
        ({"said": "two words differ", "parts": {"thirds": 1.5}}, "two words differ"),
    ],
)
def test_why(more: Mapping[str, Any], said: str) -> None:
    assert why(likeness(**more)) == said


def test_factors_say_what_they_know_and_whether_they_count() -> None:
    known = likeness(parts={"text": 4.2, "numbers": -9.0, "image": 0.01}, alike={"text": 0.98, "name": 0.5})
    found = {one.name: one for one in factors(known, Weights({Factor.TEXT: 1.0, Factor.NUMBERS: 0.5}))}
    assert list(found) == ["text", "numbers", "thirds", "name", "metadata", "image"]
    assert found["text"].said == "98 % alike, speaks for it (+4.2)"
    assert (found["text"].speaks, found["text"].bar, found["text"].weight) == ("for", 0.98, 1.0)
    assert found["numbers"].said == "speaks against it (-9.0)"
    assert (found["numbers"].speaks, found["numbers"].bar) == ("against", 1.0)
    assert found["name"].said == "50 % alike, it does not count"
    assert found["metadata"].said == "it cannot be told"
    assert (found["image"].speaks, found["image"].said) == ("neither", "it says nothing, it does not count")
    assert found["thirds"].said == "third papers say nothing"


def test_each_factor_says_what_it_looks_at() -> None:
    assert list(LOOKED_AT) == list(Factor)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (2.1, "third papers that are like both speak for it (+2.1)"),
        (-1.5, "third papers that are like one of them alone speak against it (-1.5)"),
        (0.6, "it says little (+0.6)"),
    ],
)
def test_what_third_papers_say(part: float, said: str) -> None:
    (found,) = [one for one in factors(likeness(parts={"thirds": part}), FITTED) if one.name == "thirds"]
    assert found.said == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.0, "100 %"), (0.99999, "99.9 %"), (0.993, "99.3 %"), (0.985, "98 %"), (0.5, "50 %"),
        (0.001, "0.1 %"), (0.0, "0 %"),
    ],
)  # fmt: skip
def test_what_is_not_quite_sure_is_never_said_to_be(share: float, said: str) -> None:
    assert percent(share) == said


def action(state: str, reason: str = "") -> ActionView:
    fields: dict[str, Any] = dict.fromkeys(ActionView.__struct_fields__)
    return ActionView(**{**fields, "id": 7, "state": state, "reason": reason})


@pytest.mark.parametrize(
    ("label", "done", "tags", "said"),
    [
        (None, None, [], None),
        ("twin", None, ["Twin"], "tagged “twin”"),
        ("twin", None, [], "the tag “twin” was put on it"),
        ("twin", action("done"), [], "tagged “twin”"),
        ("twin", action("sending"), [], "the tag “twin” is on its way (sending)"),
        ("twin", action("planned"), ["twin"], "the tag “twin” is on its way (planned)"),
        ("twin", action("failed", "Paperless says no"), [], "not tagged “twin”: failed, Paperless says no"),
        ("twin", action("dropped"), [], "not tagged “twin”: dropped"),
        ("twin", action("undone"), [], None),
        ("\u202etwin", None, [], "the tag “\ufffdtwin” was put on it"),
    ],
)
def test_what_became_of_the_tag(
    label: str | None, done: ActionView | None, tags: list[str], said: str | None
) -> None:
    assert label_state(label, done, tags) == said


def test_the_lines_for_the_config() -> None:
    assert keep_these(Weights({Factor.TEXT: 1.0, Factor.IMAGE: 0.25}, 0.9, 0.05)) == (
        "duplicates:\n  factors: {text: 1, numbers: 0, thirds: 0, name: 0, metadata: 0, image: 0.25}\n"
        "  bands: {duplicate: 0.9, review: 0.05}\n"
    )


def test_nothing_turns_the_direction_of_what_follows() -> None:
    assert unturned("a\u202eb\u2066c\u200fd") == "a\ufffdb\ufffdc\ufffdd"
    assert unturned("Größe שלום 請求書") == "Größe שלום 請求書"


@pytest.mark.parametrize(
    ("do", "deletes", "acts", "refused", "said"),
    [
        (Do.TAG, 0, 3, False, "tag 3 items in 1 group"),
        (Do.UNTAG, 0, 1, True, "untag 1 item in 1 group; 1 group stays as it is"),
        (Do.MERGE, 0, 1, False, "merge labels onto 1 primary in 1 group"),
        (Do.DELETE, 2, 2, False, "delete 2 items in 1 group"),
        (Do.MERGE_DELETE, 2, 3, False, "merge labels onto 1 primary and delete 2 items in 1 group"),
    ],
)
def test_an_order_as_a_whole(do: Do, deletes: int, acts: int, refused: bool, said: str) -> None:
    told = [Foreseen(1, "A", ("do it",), None, deletes)]
    told += [Foreseen(2, "B", refused="it is over")] if refused else []
    assert summary(do, Preview(tuple(told), "x", deletes, acts)) == said


def test_an_order_of_which_nothing_is_left() -> None:
    assert (
        summary(Do.TAG, Preview((Foreseen(1, "A", refused="no"),), "x", 0, 0))
        == "nothing can be done of this"
    )
