"""Undoing what was done, where a verb has its opposite: a tag is taken off, monitoring goes on.

What was deleted has no opposite here; what was kept of it before (its image) stays in the ledger.
Undone is only what the item still is: one that is another thing by now is left alone.
"""

from dataclasses import dataclass

from reconciled.config import Verb
from reconciled.engine.outbox import by_hand
from reconciled.engine.outbox.by_hand import CannotAct, Order
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.scene import Scene
from reconciled.ledger import actions
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx


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
    return await outbox.engine.ledger.read(lambda tx: _plan(outbox.scene(tx), _row(tx, action)))


async def undo(outbox: Outbox, action: int, *, by: str) -> list[ActionRow]:
    """Do the opposite. CannotAct when there is none, it was not done, or its item is another thing now."""
    row = await outbox.engine.ledger.read(_row, action)
    planned = await plan(outbox, action)
    if not planned.possible or planned.verb is None:
        raise CannotAct(planned.sentence)
    wanted = Order(planned.verb, row.target, row.key, label=row.label)
    return await by_hand.order(outbox, wanted, by=by, undo_of=row)


def _row(tx: Tx, action: int) -> ActionRow:
    row = actions.get(tx, action)
    if row is None:
        raise NoSuchAction(f"there is no action {action}")
    return row


def _plan(scene: Scene, row: ActionRow) -> Plan:
    if row.state != "done":
        return Plan(row.id, False, f"action {row.id} is {row.state}, so there is nothing to undo")
    opposite = Verb(row.verb).opposite
    if opposite is None:
        kept = "; what the app held of it before is kept" if row.before else ""
        return Plan(row.id, False, f"{row.verb} has no opposite here{kept}")
    if row.target not in scene.places:
        return Plan(row.id, False, f"{row.target} left the config")
    wanted = Order(opposite, row.target, row.key, label=row.label)
    try:
        aim, *_ = by_hand.aims(scene, wanted, undo_of=row)
    except CannotAct as error:
        return Plan(row.id, False, str(error))
    return Plan(row.id, True, aim.sentence, opposite)
