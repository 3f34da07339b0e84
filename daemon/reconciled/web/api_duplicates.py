"""API: groups of duplicates, answers about them, orders that are shown first, and how two papers differ."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from reconciled.engine.duplicates.acting import MOST_GROUPS, Do, Wanted
from reconciled.engine.duplicates.judging import Decision
from reconciled.ledger import views_duplicates
from reconciled.ledger.views import Listing
from reconciled.web import duplicates, duplicates_answers
from reconciled.web.actions import Action
from reconciled.web.calls import Asked, Nothing
from reconciled.web.duplicates import Group, read_group, read_groups
from reconciled.web.duplicates_answers import VERBS, Left, Outlook, label_of
from reconciled.web.duplicates_diff import TextDiff
from reconciled.web.duplicates_texts import compare_texts
from reconciled.web.house import House
from reconciled.web.problems import Problem

MOST = views_duplicates.MOST_GROUPS
LARGEST = 10**18
"""Ids beyond this are none of the ledger's."""
Number = Annotated[int, Meta(ge=1, le=LARGEST)]
Share = Annotated[float, Meta(ge=0, le=1)]
Shown = Annotated[str, Meta(max_length=64)]
UNSHOWN = "say what was shown: send `shown` of the preview back, and exactly that is done"


class GroupsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which groups."""

    state: Literal["open", "ignored", "resolved"] | None = None
    band: Literal["duplicate", "review"] | None = None
    source: str | None = None
    min_confidence: Share | None = None
    q: Annotated[str | None, Meta(description="a part of a member's title")] = None
    tag: Annotated[str | None, Meta(description="the dry run's tag on a member")] = None
    limit: Annotated[int, Meta(ge=1, le=MOST, description="the most groups of one page")] = 100
    cursor: Annotated[str | None, Meta(description="`next` of the page before")] = None

    def wanted(self) -> duplicates.Wanted:
        """The same for the ledger."""
        return duplicates.Wanted(**msgspec.structs.asdict(self))


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of `decision`, `action` and `primary` alone.

    `members` are those that it is about, by default all (but the primary). With an `action`, `primary` is
    what stays, if it is not the group's own; `preview` only says what would be done, and `shown` of that has
    it done. `primary: "policy"` takes a choice by hand back. `label` is the dry run's tag.
    """

    decision: Literal["not_duplicate", "ignore", "resolve", "reopen"] | None = None
    action: Literal["tag", "untag", "merge", "delete", "merge_delete"] | None = None
    primary: Number | Literal["policy"] | None = None
    members: Annotated[list[Number], Meta(max_length=1000)] = []
    label: Annotated[str, Meta(max_length=128)] = ""
    preview: bool = False
    shown: Shown | None = None
    count: int | None = None


class Answered(msgspec.Struct, frozen=True):
    """What was answered, in words, and the group as it stands now (null: it is no more).

    For an action `outlook` says what would be done, or `actions` are what was put into the outbox. `undo` is
    the body that takes the answer back; actions are undone each by itself.
    """

    said: str
    group: Group | None
    outlook: Outlook | None = None
    actions: list[Action] = []
    undo: dict[str, Any] | None = None


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One action, or one answer, for many groups. It only says what would be done, unless `preview` is false:
    then exactly what was `shown`. `count` is how many are deleted, to be said where a preview has `counted`.
    """

    groups: Annotated[list[Number], Meta(min_length=1, max_length=MOST_GROUPS)]
    action: Literal[
        "tag", "untag", "merge", "delete", "merge_delete", "not_duplicate", "ignore", "resolve", "reopen"
    ]
    label: Annotated[str, Meta(max_length=128)] = ""
    preview: bool = True
    shown: Shown | None = None
    count: int | None = None


class BulkDone(msgspec.Struct, frozen=True):
    """What would be done, or what was: actions in the outbox, or the groups that took the answer."""

    outlook: Outlook | None
    actions: list[Action] = []
    answered: list[int] = []
    left: list[Left] = []


class DiffQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two members, by their numbers; by default the primary and the next."""

    a: Number | None = None
    b: Number | None = None


async def list_duplicates(asked: Asked[GroupsQuery, Nothing]) -> Listing[Group]:
    """Groups of duplicates, newest first."""
    return await read_groups(asked.house, asked.query.wanted(), members=views_duplicates.MEMBERS_SHOWN)


async def get_duplicates(asked: Asked[Nothing, Nothing]) -> Group:
    """One group with all its members."""
    return await one_group(asked.house, asked.number("id", "group"))


async def one_group(house: House, number: int) -> Group:
    """A group by its number. Problem 404."""
    found = await read_group(house, number)
    if found is None:
        raise Problem(404, f"there is no group {number} of duplicates (any more)", page="/duplicates")
    return found


async def diff_duplicates(asked: Asked[DiffQuery, Nothing]) -> TextDiff:
    """How the texts of two members differ, word by word."""
    group = await one_group(asked.house, asked.number("id", "group"))
    a, b = two_of(group, asked.query.a, asked.query.b)
    return await compare_texts(asked.house, a, b)


def two_of(group: Group, a: int | None, b: int | None) -> tuple[int, int]:
    """Two different members: those that were asked for, else the primary and the next. Problem 404."""
    inside = [one.item for one in group.members]
    if odd := [one for one in (a, b) if one is not None and one not in inside]:
        raise Problem(
            404, f"item {odd[0]} is not in group {group.id} (any more)", page=f"/duplicates/{group.id}"
        )
    first = a if a is not None else next(one for one in (group.primary, *inside) if one != b)
    second = b if b is not None else next((one for one in inside if one != first), first)
    if first == second:
        raise Problem(409, "two different members are to be compared", page=f"/duplicates/{group.id}")
    return first, second


async def answer_duplicates(asked: Asked[Nothing, Answer]) -> Answered:
    """Answer a group, choose its primary, or have something done to it, which is shown first."""
    body, number = asked.body, asked.number("id", "group")
    if (body.decision is not None) + (body.action is not None) > 1:
        raise Problem(400, "a `decision` or an `action`: one of them at a time")
    if body.decision is not None and body.primary is not None:
        raise Problem(400, "a `decision` or a `primary`: one of them at a time")
    if body.action is not None:
        return await _act(asked, number, body)
    if body.preview or body.count is not None or body.label:
        raise Problem(400, "`preview`, `count` and `label` are for an `action`")
    if body.decision is not None:
        asked.note(f"{body.decision}{_numbers(body.members)}")
        made = await duplicates_answers.decide(
            asked.house, number, Decision(body.decision), body.members, shown=body.shown
        )
        undo = None if body.decision == "reopen" else {"decision": "reopen", "members": body.members}
        return Answered(made.said, await read_group(asked.house, number), undo=undo)
    if body.primary is None:
        raise Problem(400, "say what is to be done: a `decision`, an `action` or a `primary`")
    asked.note(f"primary {body.primary}")
    chosen = body.primary if isinstance(body.primary, int) else None
    made = await duplicates_answers.choose(asked.house, number, chosen, shown=body.shown)
    before: int | str = made.primary_before if made.by_before is not None else "policy"
    return Answered(made.said, await read_group(asked.house, number), undo={"primary": before})


async def _act(asked: Asked[Nothing, Answer], number: int, body: Answer) -> Answered:
    primary = body.primary if isinstance(body.primary, int) else None
    wanted = [Wanted(number, Do(str(body.action)), tuple(body.members), primary)]
    label = label_of(asked.house, body.label)
    asked.note(f"{'preview ' if body.preview else ''}{body.action}{_numbers(body.members)}")
    await one_group(asked.house, number)
    if body.preview:
        outlook = await duplicates_answers.foresee(asked.house, wanted, label=label)
        return Answered(outlook.sentence, await read_group(asked.house, number), outlook)
    if body.shown is None:
        raise Problem(400, UNSHOWN)
    asked.answers_with(202)
    made = await duplicates_answers.order(
        asked.house, wanted, label=label, shown=body.shown, count=body.count
    )
    said = "; ".join(one.sentence for one in made)
    return Answered(said, await read_group(asked.house, number), actions=made)


async def act_on_duplicates(asked: Asked[Nothing, Bulk]) -> BulkDone:
    """Have one thing done to many groups, or one answer given; what that is, is shown first."""
    body, numbers = asked.body, list(dict.fromkeys(asked.body.groups))
    asked.note(f"{'preview ' if body.preview else ''}{body.action} of {len(numbers)} groups")
    if body.action in VERBS:
        wanted = [Wanted(number, Do(body.action)) for number in numbers]
        label = label_of(asked.house, body.label)
        if body.preview:
            return BulkDone(await duplicates_answers.foresee(asked.house, wanted, label=label))
        if body.shown is None:
            raise Problem(400, UNSHOWN)
        asked.answers_with(202)
        return BulkDone(
            None,
            await duplicates_answers.order(
                asked.house, wanted, label=label, shown=body.shown, count=body.count
            ),
        )
    decision = Decision(body.action)
    if body.preview:
        return BulkDone(await duplicates_answers.foresee_answers(asked.house, numbers, decision))
    if body.shown is None:
        raise Problem(400, UNSHOWN)
    answered, left = await duplicates_answers.answer_all(asked.house, numbers, decision, shown=body.shown)
    return BulkDone(None, answered=answered, left=left)


def _numbers(members: list[int]) -> str:
    return f" of {len(members)} members" if members else ""
