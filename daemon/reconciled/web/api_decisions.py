"""API: policies, and the decisions in which their actions wait for a person's answer.

An answer covers the actions that it names and no others, so that what joined after somebody looked is
shown before it is done.
"""

import msgspec

from reconciled.engine import common
from reconciled.engine.common import Shared
from reconciled.engine.outbox import answers
from reconciled.engine.outbox.answers import NotAsShown
from reconciled.ledger import views_actions
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import DEFAULT_LIMIT, Listing, cursor_of, read_cursor
from reconciled.ledger.views_actions import ActionView, DecisionView
from reconciled.web.actions import Action, PolicyView, policies, told
from reconciled.web.auth import OWNER
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.problems import Problem, no_such


class DecisionsQuery(Paged, frozen=True, kw_only=True):
    """Which decisions; those that wait unless asked otherwise."""

    open: bool | None = True
    policy: str | None = None


class Decision(DecisionView, frozen=True, kw_only=True):
    """A decision with what the losses behind its actions share, their likely cause in one sentence (null:
    none), and what to do. Of a decision that is over nothing of that is told.
    """

    common: list[Shared]
    likely: str | None
    advice: str | None


class DecisionDetail(Decision, frozen=True, kw_only=True):
    """A decision and a page of its actions; of one that is over, what became of them."""

    actions: list[Action]
    next: str | None


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The actions that were shown: a decision's `shown`, or a part of it."""

    actions: list[int] | None = None


class Approved(msgspec.Struct, frozen=True):
    """How many actions were approved, and how many still wait."""

    approved: int
    left: int


class Rejected(msgspec.Struct, frozen=True):
    """How many actions were rejected, and how many still wait."""

    rejected: int
    left: int


async def list_policies(asked: Asked[Paged, Nothing]) -> Listing[PolicyView]:
    """The policies of the config, in its order, and what became of them."""
    after, limit = read_cursor(asked.query.cursor) if asked.query.cursor else 0, asked.query.limit
    found = await policies(asked.house)
    more = after + limit < len(found)
    return Listing(items=found[after : after + limit], next=cursor_of(after + limit) if more else None)


async def list_decisions(asked: Asked[DecisionsQuery, Nothing]) -> Listing[Decision]:
    """Decisions, newest first."""
    query = asked.query

    def read(tx: Tx) -> Listing[Decision]:
        found = views_actions.decisions(
            tx, open_=query.open, policy=query.policy, limit=query.limit, cursor=query.cursor
        )
        return Listing(items=[explained(tx, view) for view in found.items], next=found.next)

    return await asked.house.ledger.read(read)


async def get_decision(asked: Asked[Paged, Nothing]) -> DecisionDetail:
    """One decision, open or over, with its actions."""
    query = asked.query
    found, page = await read_decision(
        asked.house, asked.number("id", "decision"), limit=query.limit, cursor=query.cursor
    )
    return DecisionDetail(**msgspec.structs.asdict(found), actions=page.items, next=page.next)


async def approve_decision(asked: Asked[Nothing, Answer]) -> Approved:
    """Have these actions done; what was not named stays and waits."""
    number, named = asked.number("id", "decision"), asked.body.actions
    asked.note(_note(named))
    if not named:
        raise Problem(
            400,
            'say which actions were shown, as {"actions": [ids]}; '
            f"GET /api/v1/decisions/{number} gives them as `shown`",
        )
    return Approved(*await approve_shown(asked.house, number, named))


async def reject_decision(asked: Asked[Nothing, Answer]) -> Rejected:
    """Have these actions, or all that wait, not done; the policy's next ones are a first batch again."""
    number, named = asked.number("id", "decision"), asked.body.actions
    asked.note(_note(named))
    if named is not None and not named:
        raise Problem(400, "`actions` names none; leave it out to reject all that wait")
    return Rejected(*await reject_shown(asked.house, number, named))


async def read_decision(
    house: House, number: int, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> tuple[Decision, Listing[Action]]:
    """A decision and a page of its actions, newest first, as of one state of the ledger. Problem 404."""

    def read(tx: Tx) -> tuple[Decision | None, Listing[ActionView]]:
        view = views_actions.decision(tx, number)
        page = views_actions.actions(tx, decision=number, limit=limit, cursor=cursor)
        return explained(tx, view) if view is not None else None, page

    found, page = await house.ledger.read(read)
    if found is None:
        raise no_such("decision", number)
    return found, Listing(items=[told(house, view) for view in page.items], next=page.next)


def explained(tx: Tx, view: DecisionView) -> Decision:
    """A decision with what the losses behind it have in common."""
    found = common.of_decision(tx, view.id)
    return Decision(
        **msgspec.structs.asdict(view), common=[*found.common], likely=found.likely, advice=found.advice
    )


async def approve_shown(house: House, number: int, named: list[int]) -> tuple[int, int]:
    """Approve as shown: how many, and how many are left. Problem 404; 409 when it is no longer as shown."""
    try:
        return await answers.approve(house.outbox, number, named, by=OWNER)
    except NotAsShown as error:
        raise await _not_as_shown(house, number, named, error) from error


async def reject_shown(house: House, number: int, named: list[int] | None) -> tuple[int, int]:
    """Reject as shown, or all: how many, and how many are left. Problem 404, 409."""
    try:
        return await answers.reject(house.outbox, number, named, by=OWNER)
    except NotAsShown as error:
        raise await _not_as_shown(house, number, named or [], error) from error


async def _not_as_shown(house: House, number: int, named: list[int], error: NotAsShown) -> Problem:
    """Nothing was answered: `gone` are the ids that no longer wait, `shown` those that do."""
    found = await house.ledger.read(lambda tx: views_actions.decision(tx, number))
    shown = found.shown if found is not None else []
    return Problem(
        409, f"{error}; nothing was done, look at it again", gone=sorted({*named} - {*shown}), shown=shown
    )


def _note(named: list[int] | None) -> str:
    return "all" if named is None else f"{len(named)} actions: {', '.join(map(str, named))}"
