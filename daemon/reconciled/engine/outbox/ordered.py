"""One look at what a person ordered: it goes to what was meant and shown, in its turn, or not at all."""

from collections.abc import Sequence

from reconciled.config import Mode, Verb
from reconciled.engine.identity import Sameness, compare, other_bytes
from reconciled.engine.mirror.keeping import why_kept
from reconciled.engine.outbox import keeper, keeper_facts
from reconciled.engine.outbox.belonging import why_referred_to
from reconciled.engine.outbox.images import image_of, is_of_another
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import Told, is_still, read_told
from reconciled.engine.outbox.standing import Sources
from reconciled.engine.outbox.target import place_in_order
from reconciled.engine.outbox.thing import thing_of
from reconciled.engine.outbox.weighed import Outcome, Weighed, drop, later
from reconciled.ledger import actions, copies_of, items
from reconciled.ledger.actions import OTHER_THING, ActionRow
from reconciled.model import Item, Ref


def weigh_order(scene: Scene, row: ActionRow) -> Weighed:
    """A person's word; but nothing goes out in dry-run, and only to what the person meant."""
    if scene.rules.mode is Mode.DRY_RUN:
        return drop("the mode is dry-run now; order it again when it is not", "mode")
    item = items.by_id(scene.tx, row.item_id or 0)
    meant = [Ref.parse(ref) for ref in row.refs.split("\n") if ref]
    if item is not None and _is_another(meant, item.item):
        return drop(f"{row.key} of {row.target} is another thing now: {item.item.title}", OTHER_THING)
    image = image_of(row) if row.verb == Verb.RESTORE else None
    if image is not None and item is not None and is_of_another(image, item.item):
        said = f"what was kept of {row.key} is {image.title}, and it was {item.item.title} last"
        return drop(said, OTHER_THING)
    if kept := _kept_since(scene, row):
        return drop(kept)
    told = read_told(row.keeper_told)
    waits = _in_turn(scene, row) or _as_shown(scene, row, told) or place_in_order(scene, row)
    needs = told if row.keeper or row.verb == Verb.TAG else None
    return waits or Weighed(Outcome.READY, "asked for by hand", told=needs)


def _is_another(meant: Sequence[Ref], item: Item) -> bool:
    """Whether an item is not what was ordered about; what had no strong ref is known by its bytes."""
    if any(ref.strong for ref in meant):
        return compare(meant, item.refs) is not Sameness.SAME
    return other_bytes(meant, item.refs)


def _in_turn(scene: Scene, row: ActionRow) -> Weighed | None:
    """What has to be done first; when that came to nothing, neither is this done."""
    if row.after_id is None:
        return None
    first = actions.get(scene.tx, row.after_id)
    if first is None:
        return drop(f"a{row.after_id}, which had to be done first, is forgotten")
    if first.state in ("done", "undone"):
        return None
    if first.state in ("planned", "waiting", "sending"):
        return later(scene, f"to {first.verb} (a{first.id}) comes first", "turn")
    return drop(f"to {first.verb} (a{first.id}) had to come first, and it was {first.state}: {first.reason}")


def _as_shown(scene: Scene, row: ActionRow, told: Told | None) -> Weighed | None:
    """What speaks against acting on duplicates: an answer since, another thing, a keeper that is no more.

    What is tagged as a duplicate needs its keeper like what is deleted: people throw away what bears the tag.
    """
    if row.keeper is not None or (row.verb == Verb.TAG and told is not None):
        odd = keeper.against(keeper_facts.facts_of(scene, row))
        if odd is None:
            return None
        return later(scene, odd.reason, "trouble") if odd.waits else drop(odd.reason, keeper.KEEPER)
    if told is None:
        return None
    for paper in told.others:
        if (by := keeper_facts.who_left(scene.tx, told, paper.item)) is not None:
            return drop(f"{by} answered since that nothing is to be done about {paper.name}")
        if (by := keeper_facts.who_chose(scene.tx, told, paper.item)) is not None:
            return drop(f"{by} chose since that {paper.name} stays")
        other = items.by_id(scene.tx, paper.item)
        if other is None or not other.current or other.presence == "gone":
            return drop(f"{paper.name} is no longer in {paper.source}, so nothing of it is merged")
        if (changed := is_still(paper, other.item)) is not None:
            return drop(changed, OTHER_THING)
    return None


def _kept_since(scene: Scene, row: ActionRow) -> str | None:
    """Why a copy that was to go with what a person deleted, or what refers to it, is left after all."""
    if row.verb != Verb.DELETE or row.order_id in (None, row.id):
        return None
    tx, first = scene.tx, actions.get(scene.tx, row.order_id or 0)
    item, lost = items.by_id(tx, row.item_id or 0), items.by_id(tx, (first and first.item_id) or 0)
    if item is None or lost is None:
        return None
    if item.item.refers:
        return why_referred_to(item, thing_of(tx, lost, lost.item).made, Sources(tx))
    rows = copies_of.naming(tx, item.id)
    return why_kept(tx, item, besides=lost.id) if lost.id in {one.item_id for one in rows} else None
