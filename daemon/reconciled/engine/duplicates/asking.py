"""Whether a person is still asked about a group, and why again. Pure.

An answer about a group stands as long as its members are those that were answered, with the texts that they
had then. What was said of pairs outlives groups: where answers hold all members together, a group is
answered, however it came about.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciled.ledger.groups import GroupRow, GroupState, MemberFacts, MemberRow
from reconciled.ledger.judgements import Answer, Judgement

TOO_FEW = "fewer than two of them are left"
SAID = "they were said to be different"
UNLIKE = "they are no longer alike"

_AGAIN = {
    TOO_FEW: "two and more of them are there again",
    SAID: "it is no longer said that they are different",
    UNLIKE: "they are alike again",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Asked:
    """How a group stands; `again` says why it is open once more, `by` and `at` who answered last.

    `forgive`: what was resolved between its members is open again.
    """

    state: GroupState
    again: str | None = None
    by: str | None = None
    at: str | None = None
    forgive: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What a group was, with the members that it had."""

    group: GroupRow
    members: Mapping[int, MemberRow]


@dataclass(frozen=True, slots=True)
class Said:
    """What is known beside the groups: facts of papers, and the answers that count, by paper."""

    facts: Mapping[int, MemberFacts]
    answers: Mapping[int, Sequence[Judgement]]
    now: datetime


def ask(members: Collection[int], past: Past | None, said: Said) -> Asked:
    """How a group with these members stands."""
    old = past.group if past is not None else None
    if past is None or old is None:
        return _answered(members, said) or Asked(GroupState.OPEN)
    if old.over is not None:
        return _back(members, past, said)
    if old.state is GroupState.OPEN:
        open_still = Asked(GroupState.OPEN, old.asked_again, old.answered_by, old.answered_at)
        return _answered(members, said) or open_still
    why = _news(members, past, said)
    if why is None:
        return Asked(old.state, None, old.answered_by, old.answered_at)
    return _answered(members, said) or Asked(GroupState.OPEN, why, old.answered_by, old.answered_at)


def _back(members: Collection[int], past: Past, said: Said) -> Asked:
    """It was over and is a group again. What one resolved by deleting the other is asked again."""
    old, returned = past.group, past.group.over == TOO_FEW
    allowed = {Answer.IGNORED} if returned else {Answer.IGNORED, Answer.RESOLVED}
    if _last(members, said, allowed) is not None and (answered := _answered(members, said)) is not None:
        return answered
    changed = _changed(members, past, said)
    why = f"{_texts(changed, said)} by now" if changed else _AGAIN.get(old.over or "")
    return Asked(GroupState.OPEN, why, old.answered_by, old.answered_at, forgive=returned)


def _answered(members: Collection[int], said: Said) -> Asked | None:
    """By what was said of pairs; None: it does not hold all members together."""
    for state, answers in (
        (GroupState.RESOLVED, {Answer.RESOLVED}),
        (GroupState.IGNORED, {Answer.IGNORED, Answer.RESOLVED}),
    ):
        last = _last(members, said, answers)
        if last is not None:
            return Asked(state, None, last.by, last.at)
    return None


def _last(members: Collection[int], said: Said, answers: Collection[Answer]) -> Judgement | None:
    """The newest of these answers, if they hold all members together; papers that left may stand between."""
    seen: set[int] = set()
    newest: Judgement | None = None
    new = [next(iter(members))]
    while new:
        one = new.pop()
        if one in seen:
            continue
        seen.add(one)
        for pair in said.answers.get(one, ()):
            if pair.answer in answers:
                new.append(pair.b if pair.a == one else pair.a)
                newest = pair if newest is None or pair.at > newest.at else newest
    return newest if seen >= set(members) else None


def _news(members: Collection[int], past: Past, said: Said) -> str | None:
    """Why an answer about the group as it was is none about the group as it is; None: it is one still."""
    since = f"since it was {past.group.state}{_on(past.group.answered_at, said.now)}"
    if changed := _changed(members, past, said):
        return f"{_texts(changed, said)} {since}"
    if joined := sorted(set(members) - past.members.keys()):
        return f"{_named(joined, said)} joined {since}"
    return None


def _changed(members: Collection[int], past: Past, said: Said) -> list[int]:
    """The members that have another text than they had."""
    return sorted(
        one for one in members if one in past.members and past.members[one].print != said.facts[one].print
    )


def _texts(changed: Sequence[int], said: Said) -> str:
    words = any(said.facts[one].words for one in changed)
    if len(changed) == 1:
        return f"{_named(changed, said)} has {'another text' if words else 'other bytes'}"
    return f"{_named(changed, said)} have other {'texts' if words else 'bytes'}"


def _named(items: Sequence[int], said: Said) -> str:
    first = f"“{said.facts[items[0]].title}”"
    if len(items) == 1:
        return first
    if len(items) == 2:
        return f"{first} and “{said.facts[items[1]].title}”"
    return f"{first} and {len(items) - 1} others"


def _on(at: str | None, now: datetime) -> str:
    if at is None:
        return ""
    day = datetime.fromisoformat(at).astimezone(UTC)
    year = "" if day.year == now.astimezone(UTC).year else f" {day.year}"
    return f" on {day.day} {_MONTHS[day.month - 1]}{year}"
