"""Undoing what was done, where a verb has its opposite: a tag is taken off, monitoring goes on.

What was deleted has no opposite here; what was kept of it before (its image) stays in the ledger.
"""

from dataclasses import dataclass

from reconciled.config import Verb
from reconciled.engine.outbox import by_hand
from reconciled.engine.outbox.by_hand import CannotAct, Order
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.words import act
from reconciled.ledger import actions
from reconciled.ledger.actions import ActionRow


class NoSuchAction(CannotAct):
    """There is no action with that id."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What undoing an action would do: `sentence` says it, `possible` whether it can be done."""

    action: int
    possible: bool
    sentence: str
    verb: Verb | None = None


async def plan(outbox: Outbox, action: int) -> Plan:
    """What undoing it would do, without doing it. NoSuchAction."""
    return _plan(outbox, await _row(outbox, action))


async def undo(outbox: Outbox, action: int, *, by: str) -> list[ActionRow]:
    """Do the opposite. CannotAct when there is none, or it was not done."""
    row = await _row(outbox, action)
    planned = _plan(outbox, row)
    if not planned.possible or planned.verb is None:
        raise CannotAct(planned.sentence)
    wanted = Order(planned.verb, row.target, row.key, label=row.label)
    return await by_hand.order(outbox, wanted, by=by, undo_of=row)


async def _row(outbox: Outbox, action: int) -> ActionRow:
    row = await outbox.engine.ledger.read(actions.get, action)
    if row is None:
        raise NoSuchAction(f"there is no action {action}")
    return row


def _plan(outbox: Outbox, row: ActionRow) -> Plan:
    if row.state != "done":
        return Plan(row.id, False, f"action {row.id} is {row.state}, so there is nothing to undo")
    opposite = Verb(row.verb).opposite
    if opposite is None:
        kept = "; what the app held of it before is kept" if row.before else ""
        return Plan(row.id, False, f"{row.verb} has no opposite here{kept}")
    place = outbox.engine.places.get(row.target)
    wanted = Order(opposite, row.target, row.key, label=row.label)
    lack = (
        f"{row.target} left the config"
        if place is None
        else by_hand.cannot(place.live.source, wanted, row.target)
    )
    if lack:
        return Plan(row.id, False, lack)
    sentence = act(opposite, row.target, row.kind, row.id_in_app, row.title, label=row.label)
    return Plan(row.id, True, sentence, opposite)
