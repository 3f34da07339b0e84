"""What the ledger says of a deletion and its keeper, and what follows there when the deletion was done.

Here stands what can make one deletion take two: both are one item, one file or parts of each other, the
keeper is to be deleted itself, or a mirror's copy that would go after its original.
"""

from dataclasses import replace

from reconciled.config import Verb
from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.outbox.keeper import Facts
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import Told, read_told
from reconciled.engine.outbox.standing import standing
from reconciled.ledger import (
    acted,
    actions,
    copies,
    groups,
    items,
    judgements,
    keepers,
    papers,
    parts,
    sources,
    tombstones,
)
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.judgements import Answer
from reconciled.ledger.rows import ItemRow


def facts_of(scene: Scene, row: ActionRow) -> Facts:
    """What the ledger says of an action with a keeper, as of this transaction; of a tag, with a primary."""
    shown = read_told(row.keeper_told)
    stays = row.keeper or (shown.primary.item if shown is not None else 0)
    keeper, victim = items.by_id(scene.tx, stays), items.by_id(scene.tx, row.item_id or 0)
    if shown is None or keeper is None or victim is None:
        return Facts(shown, None, None)
    facts = facts_about(scene, shown, victim, keeper, files=row.files, besides=row.id)
    left, chosen = who_left(scene.tx, shown, victim.id), who_chose(scene.tx, shown, victim.id)
    return replace(facts, left=left, chosen=chosen)


def facts_about(
    scene: Scene, shown: Told, victim: ItemRow, keeper: ItemRow, *, files: bool, besides: int | None = None
) -> Facts:
    """The same of a deletion that is only thought of; `besides` is the action itself, once there is one."""
    tx, source = scene.tx, sources.by_id(scene.tx, keeper.source_id)
    return Facts(
        shown,
        keeper.item,
        victim.item,
        standing=standing(tx, keeper, frozen=source.state == "frozen", sameness=Sameness.SAME),
        current=keeper.current,
        runs=source.name in scene.places and source.state != "frozen",
        trouble=trouble_of(scene, source.name) or trouble_of_root(tx, keeper, source.name),
        one=why_one(tx, victim, keeper, files=files),
        along=why_along(tx, victim, keeper),
        deleting=why_deleted(tx, keeper, besides=besides),
        keeping=why_kept(tx, victim, besides=besides),
        different=who_said_different(tx, victim.id, keeper.id),
        texts={one: mark.hex() for one, mark in papers.prints(tx, [victim.id, keeper.id]).items()},
    )


def who_left(tx: Tx, shown: Told, item: int) -> str | None:
    """Who answered since it was ordered that nothing is to be done about one of the others; None: nobody."""
    return keepers.left_by(
        tx, item, shown.primary.item, group=shown.group, said=shown.said.get(item), answered=shown.answered
    )


def who_chose(tx: Tx, shown: Told, item: int) -> str | None:
    """Who chose since it was ordered that one of the others is the one to keep; None: nobody."""
    return keepers.chosen_by(tx, item, group=shown.group, stood=shown.stood)


def who_said_different(tx: Tx, one: int, other: int) -> str | None:
    """Who said that two papers are different, of whatever texts; None: nobody did."""
    said = judgements.get(tx, one, other)
    return said.by if said is not None and said.answer is Answer.DIFFERENT else None


def trouble_of(scene: Scene, name: str) -> str | None:
    """Why a source cannot be asked or believed now; None: it can."""
    place = scene.places.get(name)
    if place is None:
        return None
    if paused := sources.by_id(scene.tx, place.live.id).paused_by:
        return f"{name} is paused by {paused}"
    if reason := place.live.not_judged():
        return f"{name}: {reason}"
    return None if place.live.answers else f"{name} does not answer: {place.live.health.detail}"


def trouble_of_root(tx: Tx, keeper: ItemRow, name: str) -> str | None:
    """Why nobody can tell whether its file is there: its disk is not as it was. None: it is, or has none."""
    root, known = keeper.item.root or "", sources.roots(tx, keeper.source_id)
    trouble = root_trouble(known.get(root), root, known=bool(known))
    return f"{name}: {trouble}" if trouble is not None else None


def why_one(tx: Tx, victim: ItemRow, keeper: ItemRow, *, files: bool) -> str | None:
    """Why deleting the one would take the other: it is the same, its file or a part of it. None: it stays."""
    said = f"“{victim.item.title}” and “{keeper.item.title}”"
    mine, other = sources.by_id(tx, victim.source_id), sources.by_id(tx, keeper.source_id)
    told_apart = mine.instance and other.instance and mine.instance != other.instance
    if victim.id == keeper.id or (
        mine.app == other.app
        and victim.item.key == keeper.item.key
        and not told_apart
        and compare(victim.item.refs, keeper.item.refs) is not Sameness.OTHER
    ):
        return f"{said} are one and the same in {other.name}"
    if any(above.id == victim.id for above in parts.above(tx, keeper)):
        return f"“{keeper.item.title}” is a part of “{victim.item.title}”"
    if files and _same_file(victim.item.path, keeper.item.path):
        return f"{said} are the same file, {keeper.item.path}"
    return None


def why_along(tx: Tx, victim: ItemRow, keeper: ItemRow) -> str | None:
    """Why the keeper would go after the victim: a mirror made it of that, or of its copy. None: it stays."""
    seen: set[int] = set()
    new = {victim.id}
    while new:
        seen |= new
        made = [copy.target_item for one in sorted(new) for copy in copies.of_original(tx, one).values()]
        new = {one for one in made if one is not None} - seen
        if keeper.id in new:
            return f"“{keeper.item.title}” is a mirror's copy of “{victim.item.title}”, and goes after it"
    return None


def why_deleted(tx: Tx, keeper: ItemRow, *, besides: int | None = None) -> str | None:
    """What deletes the keeper, is about to, or did; None: nothing."""
    rows = [keeper.id, *(above.id for above in parts.above(tx, keeper))]
    live = keepers.deleting(tx, rows, besides=besides)
    if live is None and keeper.item.path is not None:
        live = keepers.deleting_files(tx, keeper.item.path, besides=besides)
    if live is not None:
        return f"“{keeper.item.title}”, which was to stay, is to be deleted itself (a{live.id})"
    since = max(keeper.first_seq, tombstones.last_return(tx, keeper.id))
    done = acted.ours(tx, keeper.id, since=since)
    if done is not None and done.state == "done" and done.id != besides:
        return f"“{keeper.item.title}”, which was to stay, was deleted itself (a{done.id})"
    return None


def why_kept(tx: Tx, victim: ItemRow, *, besides: int | None = None) -> str | None:
    """For which other deletion the victim itself stays; None: for none."""
    other = keepers.kept_for(tx, victim.id, besides=besides)
    if other is None:
        return None
    did = "was" if other.state == "done" else "is"
    return f"“{victim.item.title}” stays, for “{other.title}” {did} deleted as its duplicate (a{other.id})"


def stays_for(tx: Tx, row: ActionRow) -> str | None:
    """Why another deletion has to wait: what it deletes stays for one being sent. None: it need not."""
    item = items.by_id(tx, row.item_id or 0)
    for other in keepers.sending(tx) if item is not None else ():
        keeper = items.by_id(tx, other.keeper or 0)
        if keeper is None or item is None or other.id == row.id:
            continue
        above = {keeper.id, *(one.id for one in parts.above(tx, keeper))}
        if item.id in above or (row.files and _same_file(item.item.path, keeper.item.path)):
            return (
                f"“{keeper.item.title}” stays while “{other.title}” is deleted as its duplicate (a{other.id})"
            )
    return None


def settle(scene: Scene, row: ActionRow) -> None:
    """What follows in the ledger from an act that was done: a pair is answered by it, or a question again."""
    tx, undone = scene.tx, actions.get(scene.tx, row.undo_of) if row.undo_of is not None else None
    if row.verb == Verb.DELETE and row.keeper is not None and row.item_id is not None:
        keepers.resolve(tx, row.item_id, row.keeper, by=row.asked_by or "", at=scene.stamp)
    if undone is not None and undone.keeper is not None and undone.item_id is not None:
        keepers.reopen(tx, undone.item_id, undone.keeper, why="the deletion of one of them was undone")
    if row.verb == Verb.UNTAG and groups.labels(tx, [row.item_id or 0]).get(row.item_id or 0) == row.label:
        groups.label(tx, row.item_id or 0, None, None)


def _same_file(one: str | None, other: str | None) -> bool:
    """Whether one path is the other, or lies in it."""
    if one is None or other is None:
        return False
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
