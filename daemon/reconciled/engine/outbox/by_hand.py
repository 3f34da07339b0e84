"""What a person orders by hand: an act on one item, and on what belongs to it in other apps.

A person's word stands for grace, agreement and approval. It does not stand for the rest: the item
must be what it was taken for, its root in order before files go, and in dry-run nothing goes out.
The apps that were told are left alone by the policies that fire for the same loss.

An order can name what the person was shown, by prints; then exactly that is acted on, or nothing.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciled.config import Mode, Verb
from reconciled.engine.outbox import meant
from reconciled.engine.outbox.keeper_facts import why_kept
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import print_of as print_of
from reconciled.engine.outbox.thing import Standing, thing_of
from reconciled.engine.outbox.words import act
from reconciled.errors import ReconciledError
from reconciled.ledger import acted, actions, items, sources
from reconciled.ledger.actions import ActionRow, NewAction
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Key, Ref
from reconciled.source import Deletes, Deletion, Merges, Monitors, Restores, Source, Tags


class CannotAct(ReconciledError):
    """What was ordered cannot be done; the message says why and what helps."""


class NoSuchItem(CannotAct):
    """The ledger knows no such item."""


class DryRun(CannotAct):
    """The mode is dry-run, in which nothing goes out."""


@dataclass(frozen=True, slots=True)
class Order:
    """An act on an item, and on what belongs to it in the sources of `also`.

    `shown` are the prints of the items that the person saw; None when nothing was shown.
    """

    verb: Verb
    source: str
    key: Key
    also: tuple[str, ...] = ()
    files: bool = False
    exclude: bool = False
    label: str = ""
    shown: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """One item that an order acts on, how its app would delete it, and what is done as a sentence."""

    source: str
    row: ItemRow
    how: Deletion
    sentence: str

    @property
    def print(self) -> str:
        """What it was when it was shown."""
        return print_of(self.row)


async def preview(outbox: Outbox, wanted: Order) -> list[Aim]:
    """What an order would act on, the item itself first; nothing is done. CannotAct."""
    return await outbox.engine.ledger.read(lambda tx: aims(outbox.scene(tx), wanted))


async def order(
    outbox: Outbox, wanted: Order, *, by: str, undo_of: ActionRow | None = None
) -> list[ActionRow]:
    """Put what a person wants into the outbox; it goes out at once. Returns the rows. CannotAct."""
    refuse_in_dry_run(outbox, wanted.verb)

    def write(tx: Tx) -> list[ActionRow]:
        scene = outbox.scene(tx)
        undone = undo_of.id if undo_of is not None else None
        first: int | None = None
        made: list[ActionRow] = []
        _still_to_undo(tx, undone)
        for aim in aims(scene, wanted, undo_of=undo_of):
            item = aim.row.item
            new = NewAction(
                verb=wanted.verb, target=aim.source, title=item.title, since=f"{by} asked for it by hand",
                asked_by=by, order_id=first, item_id=aim.row.id, key=item.key, label=wanted.label,
                files=aim.how.files, exclude=aim.how.exclude, undo_of=undone,
                refs="\n".join(sorted(map(str, _meant(item)))),
            )  # fmt: skip
            try:
                number = actions.add(tx, new, seq=scene.seq, at=scene.stamp, next_try=scene.now)
            except sqlite3.IntegrityError as error:
                raise CannotAct(f"{wanted.verb} {item.key} in {aim.source} is under way already") from error
            first = first if first is not None else number
            actions.in_order(tx, number, first, before_of=_image_for(tx, wanted, aim, undone))
            made += [found for found in [actions.get(tx, number)] if found is not None]
        return made

    rows = await outbox.engine.ledger.write_durably(write)
    outbox.wake()
    return rows


def _meant(item: Item) -> frozenset[Ref]:
    """By what it is known again when its turn comes: what it claims to be, or else its bytes."""
    return item.strong_refs or frozenset(ref for ref in item.refs if ref.space == "sha256")


def refuse_in_dry_run(outbox: Outbox, doing: str) -> None:
    """DryRun when nothing goes out now."""
    if outbox.rules.mode is Mode.DRY_RUN:
        raise DryRun(f"the mode is dry-run, in which nothing goes out; set `mode: ask` to {doing} by hand")


def _still_to_undo(tx: Tx, undone: int | None) -> None:
    """The apps were asked since it was planned; meanwhile somebody else may have undone it."""
    row = actions.get(tx, undone) if undone is not None else None
    if row is not None and row.state != "done":
        raise CannotAct(f"action {row.id} is {row.state}, so there is nothing to undo")


def _image_for(tx: Tx, wanted: Order, aim: Aim, undone: int | None) -> int | None:
    """The action whose image says what is to be brought back: what is undone, or what deleted it last."""
    if wanted.verb is not Verb.RESTORE:
        return None
    return undone if undone is not None else acted.last_deletion(tx, aim.row.id)


def aims(scene: Scene, wanted: Order, *, undo_of: ActionRow | None = None) -> list[Aim]:
    """What an order acts on as of this moment, the item itself first.

    CannotAct when an app cannot do it, when it is not exactly what was shown, or, to undo an action,
    not what that was done to.
    """
    found = [_aim(scene, wanted, name, row) for name, row in _targets(scene, wanted)]
    item = found[0].row.item
    if undo_of is not None and not meant.still_is(scene.tx, found[0].row, undo_of):
        raise CannotAct(
            f"{item.key} of {wanted.source} is another thing now ({item.title}) than action {undo_of.id} "
            "was done to, so it is not undone"
        )
    if wanted.shown is not None and wanted.shown != {aim.print for aim in found}:
        raise CannotAct("this is no longer what was shown; nothing was done, look at it again")
    return found


def _aim(scene: Scene, wanted: Order, name: str, row: ItemRow) -> Aim:
    """The item in its app. CannotAct when that is not there, or cannot do it."""
    place = scene.places.get(name)
    if place is None:
        raise CannotAct(f"no source {name!r} runs; there are: {', '.join(sorted(scene.places))}")
    how = deletion(place.live.source, wanted, first=name == wanted.source)
    if lack := cannot(place.live.source, replace(wanted, files=how.files, exclude=how.exclude), name):
        raise CannotAct(lack)
    key = row.item.key
    sentence = act(
        wanted.verb, name, key.kind, key.id, row.item.title,
        label=wanted.label, files=how.files, exclude=how.exclude,
    )  # fmt: skip
    stays = why_kept(scene.tx, row) if wanted.verb is Verb.DELETE else None
    return Aim(name, row, how, f"{sentence}; mind that {stays}" if stays else sentence)


def _targets(scene: Scene, wanted: Order) -> list[tuple[str, ItemRow]]:
    """The item itself and what belongs to it elsewhere."""
    row = _known(scene, wanted)
    found = [(wanted.source, row)]
    thing = thing_of(scene.tx, row, row.item)
    for name in wanted.also:
        near = [
            copy
            for copy in thing.near(name)
            if copy.standing is not Standing.GONE or wanted.verb is Verb.RESTORE
        ]
        if not near:
            raise CannotAct(f"{name} holds nothing that belongs to {row.item.title!r}")
        found += [(name, copy.row) for copy in near if copy.row.id != row.id]
    return found


def _known(scene: Scene, wanted: Order) -> ItemRow:
    source = sources.get(scene.tx, wanted.source)
    rows: Sequence[ItemRow] = items.by_key(scene.tx, source.id, wanted.key) if source is not None else ()
    row = next((row for row in rows if row.current), None)
    if row is None:
        raise NoSuchItem(f"the ledger knows no {wanted.key} of {wanted.source}")
    if row.presence == "gone" and wanted.verb is not Verb.RESTORE:
        raise CannotAct(f"{wanted.key} is gone from {wanted.source} already")
    return row


def cannot(source: Source[Any], wanted: Order, name: str) -> str | None:
    """What the source lacks for an order, as a sentence; None when nothing."""
    match wanted.verb:
        case Verb.DELETE if isinstance(source, Deletes):
            how = Deletion(files=wanted.files, exclude=wanted.exclude)
            return None if how in source.options else _wrong_deletion(source, how, name)
        case Verb.TAG | Verb.UNTAG if isinstance(source, Tags):
            return None if wanted.label else f"{wanted.verb} needs a label"
        case Verb.MONITOR | Verb.UNMONITOR if isinstance(source, Monitors):
            return None
        case Verb.RESTORE if isinstance(source, Restores):
            return None
        case Verb.MERGE if isinstance(source, Merges):
            return None
        case verb:
            return f"{name} cannot {verb} anything"


def deletion(source: Source[Any], wanted: Order, *, first: bool) -> Deletion:
    """How an app of an order deletes: as ordered, but what it has no files of, or cannot keep away, less."""
    how = Deletion(files=wanted.files, exclude=wanted.exclude)
    if first or wanted.verb is not Verb.DELETE or not isinstance(source, Deletes) or how in source.options:
        return how
    files = how.files and any(can.files for can in source.options)
    exclude = how.exclude and Deletion(files=files, exclude=True) in source.options
    return Deletion(files=files, exclude=exclude)


def _wrong_deletion(source: Deletes, how: Deletion, name: str) -> str:
    if not any(can.files == how.files for can in source.options):
        always = "always takes the files with it; say `files: yes` if you mean that"
        return f"{name} cannot delete files" if how.files else f"{name} {always}"
    return f"{name} cannot keep a deleted item from coming back; leave `exclude` out"
