"""What is to be written so that the ledger's groups of duplicates are as they should be. It only reads.

What is frozen, or waits to be compared with all others, is no member meanwhile, and nothing is concluded from
that: it keeps its place in its group, and a group that would end only by that waits as it is.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reconciled.duplicates.grouping import group
from reconciled.engine.duplicates.asking import SAID, TOO_FEW, UNLIKE, Asked, Past, Said, ask
from reconciled.engine.duplicates.ground import Ground, read
from reconciled.engine.duplicates.making import SHARED, Known, Made, chooser, make
from reconciled.ledger import groups, judgements
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import GroupRow, GroupState, MemberRow
from reconciled.ledger.judgements import Answer, Judgement


@dataclass(frozen=True, slots=True)
class Change:
    """One group, as it is to be written: `row.id` 0 is a new one, `gone` one that others took over.

    `was` is how it stood before; `members` are those that are in it, `leaving` those that are not any more.
    `forgive`: what was resolved between them is open again.
    """

    row: GroupRow
    was: GroupState
    members: Mapping[int, MemberRow]
    leaving: frozenset[int] = frozenset()
    gone: bool = False
    forgive: bool = False

    @property
    def seeds(self) -> frozenset[int]:
        """The papers that it is about."""
        return self.leaving | self.members.keys()


@dataclass(frozen=True, slots=True)
class Plan:
    """The groups as they should be and as they were, and what they follow from."""

    made: Sequence[Made]
    known: Known
    said: Said
    ground: Ground

    def changes(self) -> Iterator[Change]:
        """What is not in the ledger just so."""
        yield from _standing(self)
        yield from _ending(self)

    def components(self) -> list[frozenset[int]]:
        """Papers that likenesses, equal texts or groups hold together."""
        links = [*self.ground.duplicates, *self.ground.reviews]
        for members in self.known.inside.values():
            first = min(members)
            links += [(first, one, 1.0) for one in members]
        return group(links)


def look(tx: Tx, items: Collection[int] | None, preferences: Sequence[str], now: datetime) -> Plan:
    """How the groups of these papers should be, by default all."""
    ground = read(tx, items)
    rows = groups.with_any(tx, items)
    known = Known(rows, groups.members(tx, [row.id for row in rows]))
    everyone = {one for a, b, _ in (*ground.duplicates, *ground.reviews) for one in (a, b)}
    everyone |= {one for inside in known.inside.values() for one in inside}
    facts = groups.facts(tx, everyone)
    made = make(ground, known, chooser(facts, groups.labels(tx, everyone), preferences))
    answers: dict[int, list[Judgement]] = {}
    for one in judgements.standing(tx, items, Answer.IGNORED, Answer.RESOLVED):
        answers.setdefault(one.a, []).append(one)
        answers.setdefault(one.b, []).append(one)
    return Plan(made, known, Said(facts, answers, now), ground)


def _standing(plan: Plan) -> Iterator[Change]:
    """The groups that there are, as far as they are not in the ledger just so."""
    for made in plan.made:
        before = plan.known.of(made.old) if made.old is not None else {}
        members = {
            one: MemberRow(one, confidence, plan.said.facts[one].print)
            for one, confidence in made.members.items()
        }
        leaving = frozenset(one for one in before.keys() - members.keys() if not _waits(plan, one))
        asked = ask(members, Past(made.old, before) if made.old is not None else None, plan.said)
        row = _row_of(made, asked)
        as_before = all(_same(before.get(one.item_id), one) for one in members.values())
        untold = row.state is GroupState.OPEN and row.finding_id is None
        if row != made.old or leaving or untold or not as_before:
            was = made.old.state if made.old is not None else GroupState.OPEN
            yield Change(row, was, members, leaving, forgive=asked.forgive)


def _row_of(made: Made, asked: Asked) -> GroupRow:
    old = made.old
    by_hand = old.primary_by if old is not None and old.primary == made.primary else None
    return GroupRow(
        old.id if old is not None else 0, made.band, made.confidence, made.primary, by_hand, asked.state,
        asked.again, asked.by, asked.at, None, len(made.members), old.finding_id if old is not None else None,
    )  # fmt: skip


def _same(before: MemberRow | None, now: MemberRow) -> bool:
    return before is not None and (before.confidence, before.print) == (now.confidence, now.print)


def _ending(plan: Plan) -> Iterator[Change]:
    """The groups that are none any more. One that only waits stays as it is, and keeps its members."""
    kept = {made.old.id for made in plan.made if made.old is not None}
    inside: dict[int, list[Made]] = {}
    for made in plan.made:
        for one in made.members:
            inside.setdefault(one, []).append(made)
    for old in plan.known.groups:
        if old.id in kept:
            continue
        before = plan.known.of(old)
        there = sorted(one for one in before if one in plan.said.facts and plan.said.facts[one].stands)
        elsewhere = Counter(id(made) for one in there for made in inside.get(one, ()))
        if any(count >= SHARED for count in elsewhere.values()):
            yield Change(old, old.state, {}, frozenset(before), gone=True)
        elif old.over is None and not _all_wait(plan, before, there):
            why = TOO_FEW if len(there) < SHARED else SAID if _said(plan, there) else UNLIKE
            row = replace(old, state=GroupState.RESOLVED, over=why, members=len(there), asked_again=None)
            yield Change(row, old.state, before)


def _waits(plan: Plan, one: int) -> bool:
    facts = plan.said.facts.get(one)
    return facts is not None and facts.waits


def _all_wait(plan: Plan, before: Collection[int], there: Collection[int]) -> bool:
    """Whether nothing can be said of a group: of two and more of its members at least one waits."""
    waiting = {one for one in before if _waits(plan, one)}
    return bool(waiting) and len(waiting | set(there)) >= SHARED


def _said(plan: Plan, there: Collection[int]) -> bool:
    named = set(there)
    return any(a in named and b in named for a, b in plan.ground.said)
