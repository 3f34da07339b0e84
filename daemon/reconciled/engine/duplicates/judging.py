"""A person's answers about groups of duplicates. Each is kept for pairs, so that it outlives the group.

Every answer can be taken back: `reopen` undoes the last one, `set_primary` is undone by setting the one
before. Nothing is done in any app here. The groups are made anew in the same transaction, so what is returned
is how they stand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations, islice, product

from reconciled.duplicates.primaries import USUAL
from reconciled.duplicates.words import Band
from reconciled.engine.duplicates.grouping import regroup_some
from reconciled.errors import ReconciledError
from reconciled.ledger import actions, findings, groups, judgements
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import GroupRow, GroupState, MemberRow
from reconciled.ledger.judgements import Answer
from reconciled.ledger.rows import stamp

MOST_PAIRS = 20_000
"""So many pairs are answered at once; with more the members have to be named."""


class NoSuchGroup(ReconciledError):
    """There is no group of duplicates with that number (any more)."""


class NotAMember(ReconciledError):
    """What was named is not in the group (any more)."""


class NothingToAnswer(ReconciledError):
    """The group is over, or the answer would be about more than can be meant."""


class Decision(StrEnum):
    """What is said of a group, or of some of its members."""

    NOT_DUPLICATE = "not_duplicate"
    IGNORE = "ignore"
    RESOLVE = "resolve"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer changed, in words; the group as it stands now (None: it is no more).

    `primary_before` and `by_before` are who stood for it until now, and who had chosen that by hand. `tagged`
    are the actions by which papers that are no duplicates of anything any more bear the dry run's tag.
    """

    said: str
    group: GroupRow | None
    primary_before: int
    by_before: str | None
    tagged: tuple[int, ...] = ()


def answer(
    tx: Tx,
    group: int,
    decision: Decision,
    *,
    members: Collection[int] = (),
    by: str,
    now: datetime,
    preferences: Sequence[str] = USUAL,
) -> Answered:
    """Keep a person's answer. `members` are those that it is about, by default all of the group.

    `not_duplicate`: these are none of the others (by default: none is one of another). `reopen`: the last
    answer is taken back, with members all that was said of these. NoSuchGroup, NotAMember, NothingToAnswer.
    """
    row = _group(tx, group)
    if decision is Decision.REOPEN:
        return _reopen(tx, row, members, now, preferences)
    inside = _inside(tx, row, members)
    before = groups.members(tx, [row.id]).get(row.id, {})
    if row.over is not None:
        raise NothingToAnswer(f"group {group} is over: {row.over}")
    if decision is Decision.NOT_DUPLICATE:
        rest = inside - set(members)
        pairs = combinations(sorted(inside), 2) if not members or not rest else product(members, rest)
        kept, said = Answer.DIFFERENT, _none_of(tx, members or inside, rest if members else ())
    else:
        named = set(members) - {row.primary} or inside - {row.primary}
        pairs = product([row.primary], sorted(named))
        kept = Answer.IGNORED if decision is Decision.IGNORE else Answer.RESOLVED
        said = f"{_named(tx, {row.primary, *named})}: {kept}"
    _keep(tx, row, pairs, kept, by=by, now=now)
    made = _anew(tx, row, inside, said, now, preferences)
    return _still_tagged(tx, made, before) if decision is Decision.NOT_DUPLICATE else made


def set_primary(
    tx: Tx, group: int, item: int | None, *, by: str, now: datetime, preferences: Sequence[str] = USUAL
) -> Answered:
    """That member stands for the group, also after the next run; None: whichever the preferences say.

    NoSuchGroup, NotAMember, NothingToAnswer.
    """
    row = _group(tx, group)
    inside = _inside(tx, row, () if item is None else (item,))
    if row.over is not None:
        raise NothingToAnswer(f"group {group} is over: {row.over}")
    chosen = replace(
        row, primary=row.primary if item is None else item, primary_by=None if item is None else by
    )
    groups.write(tx, chosen, at=stamp(now))
    said = (
        "the preferences say which stands for the group"
        if item is None
        else f"{_named(tx, [item])} stands for the group"
    )
    return _anew(tx, row, inside, said, now, preferences)


def _reopen(
    tx: Tx, row: GroupRow, members: Collection[int], now: datetime, preferences: Sequence[str]
) -> Answered:
    inside = set(groups.members(tx, [row.id]).get(row.id, ()))
    about = {one for mine in inside for one in _sheet(tx, row, mine)} | set(members)
    said = [one for one in judgements.between(tx, about) if one.answer is not Answer.DIFFERENT]
    if members:
        said += [one for one in judgements.between(tx, about) if {one.a, one.b} & set(members)]
    if row.answered_by is not None and row.answered_at is not None:
        said += judgements.said_then(tx, about, by=row.answered_by, at=row.answered_at)
    pairs = {(one.a, one.b) for one in said}
    judgements.take_back(tx, pairs)
    if row.finding_id is not None:
        findings.heed(tx, row.finding_id)
    _ask(tx, replace(row, answered_by=None, answered_at=None, over=None), now)
    touched = about | {one for pair in pairs for one in pair}
    return _anew(tx, row, touched, f"{_named(tx, about)}: asked again", now, preferences)


def _keep(
    tx: Tx, row: GroupRow, pairs: Iterable[tuple[int, int]], kept: Answer, *, by: str, now: datetime
) -> None:
    """The answer for each pair; in a group to review also for all that its members stand for."""
    most = list(islice(pairs, MOST_PAIRS + 1))
    sheets = {one: _sheet(tx, row, one) for one in {one for pair in most for one in pair}}
    if len(most) > MOST_PAIRS or sum(len(sheets[a]) * len(sheets[b]) for a, b in most) > MOST_PAIRS:
        raise NothingToAnswer(
            f"group {row.id}: that would be an answer about more than {MOST_PAIRS} pairs; "
            "name the members you mean"
        )
    every = {both for a, b in most for both in product(sheets[a], sheets[b])}
    judgements.say(tx, every, kept, by=by, at=stamp(now))
    _ask(tx, replace(row, answered_by=by, answered_at=stamp(now)), now)


def _ask(tx: Tx, row: GroupRow, now: datetime) -> None:
    """The group is open until it is made anew. A finding that is over stays so; the group gets another."""
    known = findings.get(tx, row.finding_id) if row.finding_id is not None else None
    finding = row.finding_id if known is not None and known.resolved_at is None else None
    asked = replace(row, state=GroupState.OPEN, asked_again=None, finding_id=finding)
    groups.write(tx, asked, at=stamp(now))


def _sheet(tx: Tx, row: GroupRow, one: int) -> list[int]:
    """All that a member stands for: in a group to review, its duplicates."""
    if row.band is Band.DUPLICATE:
        return [one]
    for other in groups.with_any(tx, [one]):
        if other.band is Band.DUPLICATE and other.over is None:
            return sorted(groups.members(tx, [other.id])[other.id])
    return [one]


def _anew(
    tx: Tx, row: GroupRow, items: Collection[int], said: str, now: datetime, preferences: Sequence[str]
) -> Answered:
    regroup_some(tx, items, preferences=preferences, now=now)
    left = groups.get(tx, row.id)
    if left is not None and left.over is not None:
        said = f"{said}; group {row.id} is over: {left.over}"
    elif left is not None:
        said = f"{said}; group {row.id} is {left.state}, with {left.members}"
    return Answered(said, left, row.primary, row.primary_by)


def _still_tagged(tx: Tx, made: Answered, before: Mapping[int, MemberRow]) -> Answered:
    """The dry run's tag stays on what left: nobody may take it for a duplicate in its app because of that."""
    standing = [each.id for each in groups.with_any(tx, before) if each.over is None]
    grouped = {one for members in groups.members(tx, standing).values() for one in members}
    by = {one: row.labelled_by for one, row in before.items() if row.label and one not in grouped}
    done = {one: act for one in by if (act := actions.get(tx, by[one] or 0)) and act.state == "done"}
    if not done:
        return made
    tagged = tuple(sorted(act.id for act in done.values()))
    undo = ", ".join(f"a{one}" for one in tagged)
    said = f"{made.said}; the dry run's tag stays on {_named(tx, done)}: undo {undo} to take it off"
    return replace(made, said=said, tagged=tagged)


def _group(tx: Tx, group: int) -> GroupRow:
    row = groups.get(tx, group)
    if row is None:
        raise NoSuchGroup(f"there is no group {group} of duplicates (any more)")
    return row


def _inside(tx: Tx, row: GroupRow, members: Collection[int]) -> set[int]:
    """The group's members, among which those that were named must be."""
    inside = set(groups.members(tx, [row.id]).get(row.id, ()))
    if odd := sorted(set(members) - inside):
        raise NotAMember(f"item {', '.join(map(str, odd))} is not in group {row.id} (any more)")
    return inside


def _none_of(tx: Tx, some: Collection[int], rest: Collection[int]) -> str:
    if not rest:
        return f"{_named(tx, some)} are no duplicates of one another"
    verb = "is no duplicate" if len(some) == 1 else "are no duplicates"
    return f"{_named(tx, some)} {verb} of {_named(tx, rest)}"


def _named(tx: Tx, some: Iterable[int]) -> str:
    """Items by their titles, three at most."""
    facts = groups.facts(tx, set(some))
    titles = [f"“{facts[one].title}”" for one in sorted(facts)]
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return ", ".join(titles[:3]) + more
