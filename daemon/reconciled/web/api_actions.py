"""API: the outbox. What is intended, what became of it, what a person orders by hand, and undoing.

An order can be previewed first. One that names the prints of what the preview showed is for exactly
that, however the ledger came to know better meanwhile.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from reconciled.config import Verb
from reconciled.engine.outbox import by_hand, undo
from reconciled.engine.outbox.by_hand import Aim, Order
from reconciled.engine.outbox.undo import Plan
from reconciled.ledger import views_actions
from reconciled.ledger.views import Listing
from reconciled.ledger.views_actions import STATES
from reconciled.model import Key
from reconciled.web.actions import Action, told
from reconciled.web.auth import OWNER
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.problems import Problem, no_such

Name = Annotated[str, Meta(min_length=1)]


class ActionsQuery(Paged, frozen=True, kw_only=True):
    """Which actions."""

    state: Annotated[str | None, Meta(description="one state, or several with commas between them")] = None
    policy: str | None = None
    target: str | None = None
    verb: str | None = None

    def states(self) -> tuple[str, ...]:
        """The states that were asked for. Problem 400 for one that there is not."""
        named = tuple(dict.fromkeys(part.strip() for part in self.state.split(","))) if self.state else ()
        if odd := [name for name in named if name not in STATES]:
            raise Problem(400, f"there is no state {odd[0]!r}; there are {', '.join(STATES)}")
        return named


class NewAction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do to one item, and to what belongs to it in the sources of `also`.

    With `preview` it is only said what would be acted on. With `shown`, the prints of a preview's items,
    exactly these are acted on, or nothing is done.
    """

    verb: Literal["delete", "unmonitor", "untag", "tag", "monitor", "restore"]
    source: Name
    kind: Name
    id: Name
    also: list[Name] = []
    files: bool = False
    exclude: bool = False
    label: str = ""
    preview: Annotated[bool, Meta(description="only say what would be acted on")] = False
    shown: Annotated[
        list[Name] | None, Meta(description="the prints of what was shown: exactly that, or nothing")
    ] = None


class Aimed(msgspec.Struct, frozen=True):
    """An item that an order would act on, and how; `print` is another one when any of it is."""

    source: str
    kind: str
    key: str
    title: str
    path: str | None
    verb: str
    label: str
    files: bool
    exclude: bool
    sentence: str
    print: str


class Ordered(msgspec.Struct, frozen=True):
    """What was put into the outbox; for a preview what would be acted on, the item itself first."""

    actions: list[Action]
    items: list[Aimed] = []


class Undo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With `preview` it is only said what would be done."""

    preview: bool = False


class Undone(msgspec.Struct, frozen=True):
    """Whether it can be undone, and by what; `actions` is what was put into the outbox for it.

    `lacks` says what does not come back with it, `until` when it can be undone last; both are for a deletion.
    """

    possible: bool
    sentence: str
    actions: list[Action]
    lacks: list[str] = []
    until: str | None = None


class Undoing(msgspec.Struct, frozen=True):
    """What undoing one action of a decision would do, or why it cannot be undone."""

    action: int
    title: str
    possible: bool
    sentence: str
    lacks: list[str]
    until: str | None


class DecisionUndone(msgspec.Struct, frozen=True):
    """All that was done of a decision, the last first, and what was put into the outbox to undo it."""

    possible: bool
    plans: list[Undoing]
    actions: list[Action]


async def list_actions(asked: Asked[ActionsQuery, Nothing]) -> Listing[Action]:
    """Actions, newest first."""
    query = asked.query
    return await read_actions(asked.house, query)


async def read_actions(house: House, query: ActionsQuery) -> Listing[Action]:
    """A page of actions with their sentences. Problem 400."""
    states = query.states()
    found = await house.ledger.read(
        lambda tx: views_actions.actions(
            tx,
            states=states,
            policy=query.policy,
            target=query.target,
            verb=query.verb,
            limit=query.limit,
            cursor=query.cursor,
        )
    )
    return Listing(items=[told(house, view) for view in found.items], next=found.next)


async def get_action(asked: Asked[Nothing, Nothing]) -> Action:
    """One action."""
    return await read_action(asked.house, asked.number("id", "action"))


async def read_action(house: House, number: int) -> Action:
    """One action with its sentence. Problem 404."""
    found = await house.ledger.read(lambda tx: views_actions.action(tx, number))
    if found is None:
        raise no_such("action", number)
    return told(house, found)


async def order_action(asked: Asked[Nothing, NewAction]) -> Ordered:
    """Have something done by hand, or say what it would be done to; it goes out at once."""
    body = asked.body
    also = f", also {', '.join(body.also)}" if body.also else ""
    only = "preview " if body.preview else ""
    asked.note(f"{only}{body.verb} {body.source} {body.kind} {body.id}{also}")
    wanted = Order(
        Verb(body.verb), body.source, Key(body.kind, body.id), tuple(dict.fromkeys(body.also)),
        files=body.files, exclude=body.exclude, label=body.label.strip(),
        shown=frozenset(body.shown) if body.shown is not None else None,
    )  # fmt: skip
    if body.preview:
        asked.answers_with(200)
        found = await by_hand.preview(asked.house.outbox, wanted)
        return Ordered([], [_aimed(wanted, aim) for aim in found])
    return Ordered(await order_by_hand(asked.house, wanted))


async def undo_action(asked: Asked[Nothing, Undo]) -> Undone:
    """Do the opposite of what was done, or say what that would be."""
    number = asked.number("id", "action")
    plan = await undo_plan(asked.house, number)
    if asked.body.preview:
        asked.note("preview")
        asked.answers_with(200)
        return Undone(plan.possible, plan.sentence, [], [*plan.lacks], _until(plan))
    made = await undo_now(asked.house, number)
    return Undone(True, plan.sentence, made, [*plan.lacks], _until(plan))


async def undo_decision(asked: Asked[Nothing, Undo]) -> DecisionUndone:
    """Undo all that was done of a decision, the last first, or say what that would be."""
    number = asked.number("id", "decision")
    plans = await decision_undo_plans(asked.house, number)
    possible = any(plan.possible for plan in plans)
    if asked.body.preview:
        asked.note("preview")
        asked.answers_with(200)
        return DecisionUndone(possible, plans, [])
    return DecisionUndone(possible, plans, await undo_decision_now(asked.house, number))


async def decision_undo_plans(house: House, number: int) -> list[Undoing]:
    """What undoing a decision would do, action by action. NoSuchDecision."""
    plans = await undo.plan_decision(house.outbox, number)
    titles = {one.id: one.title for one in await _views(house, [plan.action for plan in plans])}
    return [
        Undoing(
            plan.action,
            titles.get(plan.action, ""),
            plan.possible,
            plan.sentence,
            [*plan.lacks],
            _until(plan),
        )
        for plan in plans
    ]


async def undo_decision_now(house: House, number: int) -> list[Action]:
    """Undo what can be undone of a decision. CannotAct when nothing can."""
    rows, _ = await undo.undo_decision(house.outbox, number, by=OWNER)
    return await _views(house, [row.id for row in rows])


def _until(plan: Plan) -> str | None:
    return plan.until.isoformat() if plan.until is not None else None


async def order_by_hand(house: House, wanted: Order) -> list[Action]:
    """Put an order into the outbox. CannotAct and its kinds, which are problems."""
    rows = await by_hand.order(house.outbox, wanted, by=OWNER)
    return await _views(house, [row.id for row in rows])


async def undo_plan(house: House, number: int) -> Plan:
    """What undoing an action would do. NoSuchAction."""
    return await undo.plan(house.outbox, number)


async def undo_now(house: House, number: int) -> list[Action]:
    """Undo an action. CannotAct."""
    rows = await undo.undo(house.outbox, number, by=OWNER)
    return await _views(house, [row.id for row in rows])


async def _views(house: House, ids: list[int]) -> list[Action]:
    found = await house.ledger.read(lambda tx: views_actions.by_ids(tx, ids))
    return [told(house, view) for view in found]


def _aimed(wanted: Order, aim: Aim) -> Aimed:
    item = aim.row.item
    return Aimed(
        aim.source, item.key.kind, item.key.id, item.title, item.path, wanted.verb, wanted.label,
        aim.how.files, aim.how.exclude, aim.sentence, aim.print,
    )  # fmt: skip
