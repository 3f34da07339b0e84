"""Which policies call each other for ever, as a table of what each does."""

from itertools import product
from pathlib import Path

import pytest

from reconciled.config import Policy, Step, Verb, When
from reconciled.config.circles import check_together
from reconciled.config.complaints import Complaints
from reconciled.config.document import Document
from reconciled.config.known import Known, NamedSource

KINDS = {"films": {"movie"}, "shows": {"series"}, "player": {"movie", "series"}, "asks": {"request"}}
KNOWN = Known({name: NamedSource(None, frozenset(kinds)) for name, kinds in KINDS.items()}, frozenset())


def policy(
    name: str,
    looks: str,
    deletes: str,
    *,
    kinds: str = "",
    cascade: bool = True,
    when: When = When.GONE,
    verb: Verb = Verb.DELETE,
) -> Policy:
    return Policy(
        name,
        when,
        tuple(Step(verb, target) for target in deletes.split()),
        kinds=frozenset(kinds.split()),
        sources=frozenset(looks.split()),
        cascade=cascade,
    )


def told(*policies: Policy) -> tuple[list[str], list[str]]:
    """Paths of the problems and of the warnings."""
    complaints = Complaints(Document(Path("config.yaml")))
    check_together(policies, KNOWN, complaints=complaints)
    return [one.path for one in complaints.problems], [one.path for one in complaints.warnings]


A = policy("a", "player", "films")
B = policy("b", "films", "player")
CASES: dict[str, tuple[tuple[Policy, ...], list[str], list[str]]] = {
    "there and back": ((A, B), ["a", "b"], []),
    "one of them does not act on ours": ((A, policy("b", "films", "player", cascade=False)), [], ["b"]),
    "neither does": (
        (policy("a", "player", "films", cascade=False), policy("b", "films", "player", cascade=False)),
        [],
        ["b"],
    ),
    "one way only": ((A, policy("b", "films", "asks")), [], []),
    "other verbs lead nowhere": ((A, policy("b", "films", "player", verb=Verb.UNMONITOR)), [], []),
    "an orphan is none": ((A, policy("b", "films", "player", when=When.ORPHAN)), [], []),
    "kinds that share nothing": (
        (policy("a", "player", "films", kinds="movie"), policy("b", "films", "player", kinds="series")),
        [],
        [],
    ),
    "what films lose is no series": ((A, policy("b", "films", "player", kinds="series")), [], []),
    "a request goes for a film": (
        (policy("a", "player", "asks", kinds="movie"), policy("b", "asks", "player", kinds="request")),
        ["a", "b"],
        [],
    ),
    "to itself": ((policy("a", "films", "films shows"),), ["a"], []),
    "to itself from anywhere": ((policy("a", "", "films"),), ["a"], []),
    "to itself without acting on ours": ((policy("a", "", "films", cascade=False),), [], []),
    "a round of three, and one beside it": (
        (
            policy("a", "player", "films"),
            policy("b", "films", "asks"),
            policy("c", "asks", "player"),
            policy("d", "films", "shows"),
        ),
        ["a", "b", "c"],
        [],
    ),
    "two rounds": (
        (
            policy("a", "player", "films", kinds="movie"),
            policy("b", "films", "player"),
            policy("c", "shows", "shows"),
        ),
        ["a", "b", "c"],
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_circles(case: str) -> None:
    policies, problems, warnings = CASES[case]
    assert told(*policies) == (
        [f"policies.{name}" for name in problems],
        [f"policies.{name}" for name in warnings],
    )


def test_without_cascade_nothing_is_a_problem() -> None:
    for looks, deletes in product(["", *KINDS], KINDS):
        policies = [policy(f"p{number}", looks, deletes, cascade=False) for number in range(3)]
        assert told(*policies)[0] == []


def test_the_way_round_is_named() -> None:
    complaints = Complaints(Document(Path("config.yaml")))
    policies = [policy("a", "player", "films"), policy("b", "films", "asks"), policy("c", "asks", "player")]
    check_together(policies, KNOWN, complaints=complaints)
    assert complaints.problems[1].message == (
        "goes round in a circle: b deletes in asks, which c answers; c deletes in player, which a answers;"
        " a deletes in films, which b answers; take `cascade: yes` out of one of them"
    )


def test_a_warning_says_who_deletes_where() -> None:
    complaints = Complaints(Document(Path("config.yaml")))
    check_together(
        [A, policy("b", "films", "player", cascade=False)],
        KNOWN,
        complaints=complaints,
    )
    (warning,) = complaints.warnings
    assert warning.message == (
        "deletes in player, where a looks, and a in films, where this one looks;"
        " what one deletes does not make the other act"
    )
