"""A person's word about groups of duplicates, from the API or a page: answers, the primary, and orders.

An answer or an order can say how the group was shown (`shown`): it is for exactly that, or for nothing.
Orders need it, for they reach apps. Answers about many groups are given group by group; one that is another
by then is left, and it is said which.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from reconciled.engine.duplicates import acting, judging
from reconciled.engine.duplicates.acting import Do, Foreseen, Preview, Wanted
from reconciled.engine.duplicates.judging import Answered, Decision, NotAMember, NothingToAnswer
from reconciled.ledger import views_actions, views_duplicates
from reconciled.ledger.connection import Tx
from reconciled.web.actions import Action, told
from reconciled.web.auth import OWNER
from reconciled.web.duplicates import prints
from reconciled.web.duplicates_words import counted, named
from reconciled.web.house import House
from reconciled.web.problems import Problem, no_such

Verb = Literal["tag", "untag", "merge", "delete", "merge_delete"]
Word = Literal["not_duplicate", "ignore", "resolve", "reopen"]
VERBS: tuple[str, ...] = tuple(Do)
WORDS: tuple[str, ...] = tuple(Decision)
CHANGED = "this is no longer what was shown; nothing was done, look at it again"
NAMED_MOST = 20


class Foresight(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done to a group; `refused`: nothing, and why. `gains` and `conflicts` are of a merge."""

    group: int
    title: str
    lines: list[str]
    refused: str | None = None
    deletes: int = 0
    gains: list[str] = []
    conflicts: list[str] = []
    unasked: str | None = None


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What an action would do, in words, as a whole and group by group. Send `shown` back to have it done.

    With `counted` the order has to say `deletes` as its `count`.
    """

    sentence: str
    groups: list[Foresight]
    shown: str
    acts: int
    deletes: int
    counted: bool


class Left(msgspec.Struct, frozen=True):
    """A group that was left as it is, and why."""

    group: int
    why: str


async def decide(
    house: House, group: int, decision: Decision, members: Sequence[int] = (), *, shown: str | None = None
) -> Answered:
    """Keep an answer about a group. Problem 404, 409."""
    settings, now = house.duplicates.settings, house.clock.now()
    return await _answered(
        house, group, shown,
        lambda tx: judging.answer(
            tx, group, decision, members=members, by=OWNER, now=now, preferences=settings.primary
        ),
    )  # fmt: skip


async def choose(house: House, group: int, item: int | None, *, shown: str | None = None) -> Answered:
    """Have a member stand for its group; None: whichever the preferences say. Problem 404, 409."""
    settings, now = house.duplicates.settings, house.clock.now()
    return await _answered(
        house, group, shown,
        lambda tx: judging.set_primary(tx, group, item, by=OWNER, now=now, preferences=settings.primary),
    )  # fmt: skip


async def _answered(house: House, group: int, shown: str | None, do: Callable[[Tx], Answered]) -> Answered:
    def write(tx: Tx) -> Answered:
        if shown is not None and prints(tx, [group]).get(group, shown) != shown:
            raise Problem(409, CHANGED, page=f"/duplicates/{group}")
        return do(tx)

    try:
        made = await house.ledger.write_durably(write)
    except judging.NoSuchGroup as error:
        raise Problem(404, str(error), page="/duplicates") from error
    except (NotAMember, NothingToAnswer) as error:
        raise Problem(409, str(error), page=f"/duplicates/{group}") from error
    house.engine.tell("finding", changed=1)
    return made


# --- orders -------------------------------------------------------------------------------------------


async def foresee(house: House, wanted: Sequence[Wanted], *, label: str) -> Outlook:
    """What an order would do. CannotAct."""
    seen = await acting.preview(house.outbox, wanted, label=label)
    return Outlook(
        sentence=summary(wanted[0].do, seen), groups=[_foresight(one) for one in seen.groups],
        shown=seen.print, acts=seen.acts, deletes=seen.deletes, counted=seen.counted,
    )  # fmt: skip


async def order(
    house: House, wanted: Sequence[Wanted], *, label: str, shown: str, count: int | None
) -> list[Action]:
    """Have done what was shown, all of it or nothing. CannotAct."""
    rows = await acting.order(house.outbox, wanted, shown=shown, by=OWNER, label=label, count=count)
    ids = [row.id for row in rows]
    views = await house.ledger.read(lambda tx: views_actions.by_ids(tx, ids))
    return [told(house, view) for view in views]


def label_of(house: House, label: str) -> str:
    """The dry run's tag: the one that was asked for, else that of the config."""
    return label.strip() or house.duplicates.settings.tag


def summary(do: Do, seen: Preview) -> str:
    """What an order would do as a whole, in a sentence. Pure."""
    touched = [one for one in seen.groups if one.refused is None]
    if not touched:
        return "nothing can be done of this"
    of = f"in {counted(len(touched), 'group')}"
    left = len(seen.groups) - len(touched)
    rest = f"; {counted(left, 'group')} {'stays as it is' if left == 1 else 'stay as they are'}"
    primaries = f"{seen.acts - seen.deletes} primar{'y' if seen.acts - seen.deletes == 1 else 'ies'}"
    match do:
        case Do.TAG | Do.UNTAG:
            said = f"{do} {counted(seen.acts, 'item')} {of}"
        case Do.MERGE:
            said = f"merge labels onto {primaries} {of}"
        case Do.DELETE:
            said = f"delete {counted(seen.deletes, 'item')} {of}"
        case Do.MERGE_DELETE:
            said = f"merge labels onto {primaries} and delete {counted(seen.deletes, 'item')} {of}"
    return said + (rest if left else "")


def _foresight(one: Foreseen) -> Foresight:
    return Foresight(
        group=one.group, title=one.title, lines=list(one.lines), refused=one.refused, deletes=one.deletes,
        gains=list(one.gains), conflicts=list(one.conflicts), unasked=one.unasked,
    )  # fmt: skip


# --- one answer for many groups -----------------------------------------------------------------------


async def foresee_answers(house: House, numbers: Sequence[int], decision: Decision) -> Outlook:
    """What one answer to many groups would be. Problem 404."""

    def read(tx: Tx) -> tuple[list[views_duplicates.GroupView | None], dict[int, str]]:
        return [views_duplicates.group(tx, number) for number in numbers], prints(tx, numbers)

    found, stands = await house.ledger.read(read)
    told = [_answer_words(number, view, decision) for number, view in zip(numbers, found, strict=True)]
    answered = sum(one.refused is None for one in told)
    return Outlook(
        sentence=f"{_SAYING[decision]}: {counted(answered, 'group')} of {len(told)}", groups=told,
        shown=_together(stands, numbers), acts=answered, deletes=0, counted=False,
    )  # fmt: skip


async def answer_all(
    house: House, numbers: Sequence[int], decision: Decision, *, shown: str
) -> tuple[list[int], list[Left]]:
    """Give one answer to these groups as they were shown. Returns which took it, and which were left."""
    stands = await house.ledger.read(prints, numbers)
    if _together(stands, numbers) != shown:
        raise Problem(409, CHANGED, page="/duplicates")
    answered, left = list[int](), list[Left]()
    for number in numbers:
        try:
            await decide(house, number, decision, shown=stands.get(number))
            answered.append(number)
        except Problem as problem:
            left.append(Left(number, problem.detail))
    if not answered:
        raise Problem(409, "; ".join(one.why for one in left[:NAMED_MOST]), page="/duplicates")
    return answered, left


_SAYING = {
    Decision.NOT_DUPLICATE: "not duplicates of one another",
    Decision.IGNORE: "ignored",
    Decision.RESOLVE: "resolved",
    Decision.REOPEN: "asked again",
}


def _together(said: Mapping[int, str], numbers: Sequence[int]) -> str:
    """How these groups stand, all together."""
    return hashlib.blake2b(
        " ".join(said.get(one, "") for one in numbers).encode(), digest_size=16
    ).hexdigest()


def _answer_words(number: int, view: views_duplicates.GroupView | None, decision: Decision) -> Foresight:
    if view is None:
        return Foresight(group=number, title="", lines=[], refused=str(no_such("group", number).detail))
    titles = [one.paper.title for one in view.members]
    title = next((one.paper.title for one in view.members if one.primary), "")
    if view.over is not None and decision is not Decision.REOPEN:
        return Foresight(group=number, title=title, lines=[], refused=f"it is over: {view.over}")
    words = {
        Decision.NOT_DUPLICATE: "are kept apart: different papers that only look alike",
        Decision.IGNORE: "stay as they are, and nobody is asked about them again",
        Decision.RESOLVE: "are settled",
        Decision.REOPEN: "are asked about again; the last answer is taken back",
    }[decision]
    return Foresight(group=number, title=title, lines=[f"{named(titles, len(titles))} {words}"])
