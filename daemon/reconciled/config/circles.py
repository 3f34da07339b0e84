"""Policies beside each other: who answers what whom deletes, and whether that ever ends.

A policy reaches another when what it deletes in a source is what the other looks for there. With
`cascade: yes` the other acts on it, and a way along such policies back to its start is refused.
Without it the other stays still, which two policies that clear each other's sources may not expect.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from reconciled.config.complaints import Complaints
from reconciled.config.known import Known
from reconciled.config.policies import Policy, Verb, When


def check_together(policies: Sequence[Policy], known: Known, *, complaints: Complaints) -> None:
    """Circles are problems on the name of each policy in them; two that look like one are a warning."""
    ways = {(one.name, other.name): _reached(one, other, known) for one in policies for other in policies}
    cascading = {one.name for one in policies if one.cascade}
    leads = {
        one.name: [other.name for other in policies if ways[one.name, other.name] and other.name in cascading]
        for one in policies
    }
    round_ = {name: way for name in leads if (way := _way_round(name, leads)) is not None}
    for name, way in round_.items():
        complaints.problem(("policies", name), _say_circle(way, ways), on_name=True)
    for one, other in combinations(policies, 2):
        there, back = ways[one.name, other.name], ways[other.name, one.name]
        if there and back and not (one.name in round_ and other.name in round_):
            said = (
                f"deletes in {back}, where {one.name} looks, and {one.name} in {there}, where this one looks;"
                " what one deletes does not make the other act"
            )
            complaints.warning(("policies", other.name), said, on_name=True)


def _reached(one: Policy, other: Policy, known: Known) -> str | None:
    """A source in which `one` deletes what `other` looks for."""
    if other.when is not When.GONE:
        return None
    for step in one.then:
        looks = not other.sources or step.target in other.sources
        if step.verb is Verb.DELETE and looks and _overlap(one, other, known.kinds(step.target)):
            return step.target
    return None


def _overlap(one: Policy, other: Policy, there: frozenset[str] | None) -> bool:
    """Whether what `one` deletes in a source of these kinds can be of a kind that `other` is about.

    Where the source has none of the policy's own kinds, what goes there is of the source's.
    """
    deleted = one.kinds if there is None else (one.kinds & there or there)
    return not deleted or not other.kinds or bool(deleted & other.kinds)


def _way_round(start: str, leads: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    """The shortest way from a policy back to itself, with it at both ends."""
    waiting: deque[tuple[str, ...]] = deque([(start,)])
    been: set[str] = set()
    while waiting:
        way = waiting.popleft()
        for after in leads[way[-1]]:
            if after == start:
                return (*way, start)
            if after not in been:
                been.add(after)
                waiting.append((*way, after))
    return None


def _say_circle(way: Sequence[str], ways: Mapping[tuple[str, str], str | None]) -> str:
    said = "; ".join(_say_steps(way, ways))
    return f"goes round in a circle: {said}; take `cascade: yes` out of one of them"


def _say_steps(way: Sequence[str], ways: Mapping[tuple[str, str], str | None]) -> Iterator[str]:
    for one, other in pairwise(way):
        who = "which it answers itself" if one == other else f"which {other} answers"
        yield f"{one} deletes in {ways[one, other]}, {who}"
