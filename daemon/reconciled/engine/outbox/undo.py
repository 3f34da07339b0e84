"""Undoing what was done: a tag is taken off, monitoring goes on, what was deleted is brought back.

It is said before what it would do, and what it would not bring back: the app itself is asked. Undone is
only what the item still is, and only what the action changed: a tag that was there before stays. A
deletion is undone by the app's own trash or by adding again what was kept; it goes through the outbox
like any action, so that a crash leaves nothing in half.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from reconciled.config import Verb
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.outbox import by_hand
from reconciled.engine.outbox.by_hand import CannotAct, DryRun, Order
from reconciled.engine.outbox.images import Image, image_of, is_of_another, was_so_before
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.outlook import undoing
from reconciled.engine.outbox.scene import Scene
from reconciled.errors import Refused, SourceError, Unsupported
from reconciled.ledger import actions, decisions
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.model import Item, Json
from reconciled.source import Captures, Foresees, Restores


class NoSuchAction(CannotAct):
    """There is no action with that id."""


class NoSuchDecision(CannotAct):
    """There never was a decision with that id."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What undoing an action would do: `sentence` says it, or why not when it is not `possible`.

    `lacks` are sentences of what does not come back with it, `until` is when it can be done last.
    """

    action: int
    possible: bool
    sentence: str
    verb: Verb | None = None
    lacks: tuple[str, ...] = ()
    until: datetime | None = None


async def plan(outbox: Outbox, action: int) -> Plan:
    """What undoing it would do, without doing it. NoSuchAction."""
    row, planned = await outbox.engine.ledger.read(lambda tx: _read(outbox.scene(tx), action))
    return await _foreseen(outbox, row, planned) if row.verb == Verb.DELETE else planned


async def plan_decision(outbox: Outbox, decision: int) -> list[Plan]:
    """The same for all that was done of a decision, the last first. NoSuchDecision."""
    done = await outbox.engine.ledger.read(_done_in, decision)
    return [await plan(outbox, action) for action in done]


async def undo(outbox: Outbox, action: int, *, by: str) -> list[ActionRow]:
    """Do the opposite. CannotAct when there is none, it was not done, or its item is another thing now."""
    row = await outbox.engine.ledger.read(_row, action)
    planned = await plan(outbox, action)
    if not planned.possible or planned.verb is None:
        raise CannotAct(planned.sentence)
    wanted = Order(planned.verb, row.target, row.key, label=row.label)
    return await by_hand.order(outbox, wanted, by=by, undo_of=row)


async def undo_decision(outbox: Outbox, decision: int, *, by: str) -> tuple[list[ActionRow], list[Plan]]:
    """Undo all that was done of a decision, the last first: what was ordered, and what cannot be undone.

    NoSuchDecision; DryRun; CannotAct when nothing of it can be.
    """
    made: list[ActionRow] = []
    left: list[Plan] = []
    for action in await outbox.engine.ledger.read(_done_in, decision):
        try:
            made += await undo(outbox, action, by=by)
        except DryRun:
            raise
        except CannotAct as error:
            left.append(Plan(action, False, str(error)))
    if not made:
        said = f"; action {left[0].action}: {left[0].sentence}" if left else ""
        raise CannotAct(f"nothing of decision {decision} can be undone{said}")
    return made, left


def _done_in(tx: Tx, decision: int) -> list[int]:
    if not decisions.ever(tx, decision):
        raise NoSuchDecision(f"there is no decision {decision}")
    return decisions.done_in(tx, decision)


def _row(tx: Tx, action: int) -> ActionRow:
    row = actions.get(tx, action)
    if row is None:
        raise NoSuchAction(f"there is no action {action}")
    return row


def _read(scene: Scene, action: int) -> tuple[ActionRow, Plan]:
    row = _row(scene.tx, action)
    return row, _plan(scene, row)


def _plan(scene: Scene, row: ActionRow) -> Plan:
    """As far as the ledger tells."""
    if row.state != "done":
        return Plan(row.id, False, f"action {row.id} is {row.state}, so there is nothing to undo")
    if row.verb == Verb.MERGE:
        return Plan(row.id, False, "what was merged stays; nothing was taken away from the others")
    back = undoing(Verb(row.verb))
    if back is None:
        return Plan(row.id, False, f"{row.verb} has no opposite here")
    if row.target not in scene.places:
        return Plan(row.id, False, f"{row.target} left the config")
    if before := was_so_before(row):
        return Plan(row.id, False, before)
    source = scene.places[row.target].live.source
    if back is Verb.RESTORE and not isinstance(source, Restores):
        return Plan(row.id, False, f"{row.target} cannot bring back what was deleted there")
    wanted = Order(back, row.target, row.key, label=row.label)
    try:
        aim, *_ = by_hand.aims(scene, wanted, undo_of=row)
    except CannotAct as error:
        return Plan(row.id, False, str(error))
    image = image_of(row)
    if image is not None and _odd(back, image, aim.row.item):
        said = f"what was kept of {row.key} is {image.title}, and it is {aim.row.item.title} now"
        return Plan(row.id, False, said)
    return Plan(row.id, True, aim.sentence, back, _files(row, image, source))


def _odd(back: Verb, image: Image, item: Item) -> bool:
    """What the image is of must be what is brought back; for the rest it must only be no other thing."""
    if back is Verb.RESTORE:
        return is_of_another(image, item)
    return compare(image.refs, item.refs) is Sameness.OTHER


async def _foreseen(outbox: Outbox, row: ActionRow, planned: Plan) -> Plan:
    """What the app says of bringing it back; an app that cannot do it may still say why."""
    place = outbox.engine.places.get(row.target)
    if row.state != "done" or place is None or not isinstance(place.live.source, Foresees):
        return planned
    source, image = place.live.source, image_of(row)
    if not planned.possible and isinstance(source, Restores):
        return planned
    record: Json = image.record if image is not None else None
    try:
        found = await place.live.ask("ask", lambda: source.foresee(row.key, record))
    except (Refused, Unsupported) as error:
        return Plan(row.id, False, str(error))
    except SourceError as error:
        unasked = f"{row.target} could not be asked beforehand: {error}"
        return replace(planned, lacks=(*planned.lacks, unasked)) if planned.possible else planned
    if found.refused is not None:
        return Plan(row.id, False, found.refused)
    return replace(planned, lacks=(*planned.lacks, *found.lacks), until=found.until)


def _files(row: ActionRow, image: Image | None, source: object) -> tuple[str, ...]:
    """A deletion that took the files brings back what stood in the app, and not them."""
    trash = isinstance(source, Restores) and not isinstance(source, Captures)
    if not row.files or row.verb != Verb.DELETE or trash or (image is not None and image.has_file is False):
        return ()
    attrs = image.attrs if image is not None else {}
    files, size = attrs.get("files"), attrs.get("size")
    what = f"its {files} files" if isinstance(files, int) and files > 1 else "its file"
    much = f" ({size / 1e9:.1f} GB)" if isinstance(size, int | float) and not isinstance(size, bool) else ""
    return (f"{what}{much} went with it and cannot be brought back",)
