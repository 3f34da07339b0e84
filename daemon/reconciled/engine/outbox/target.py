"""What the target of an action is in no state for: its item, its app, the disk of its files."""

from reconciled.config import Verb
from reconciled.engine.holds import root_trouble
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.weighed import LONGEST, Weighed, drop, later
from reconciled.ledger import items, sources, suspects
from reconciled.ledger.actions import ALREADY, OTHER_THING, ActionRow


def against_target(scene: Scene, row: ActionRow) -> Weighed | None:
    """What speaks against the target as the ledger holds it; None when nothing does."""
    item = items.by_id(scene.tx, row.item_id) if row.item_id is not None else None
    if item is None or not item.current:
        return drop(f"{row.key} of {row.target} names another thing now", OTHER_THING)
    if item.item.key != row.key:
        return drop(f"{row.key} of {row.target} stands under {item.item.key} now")
    if row.target not in scene.places:
        return drop(f"{row.target} left the config")
    if row.verb == Verb.RESTORE:
        return None
    if item.presence == "gone":
        return drop(f"{row.key} is gone from {row.target} already", ALREADY)
    doubt = suspects.get(scene.tx, item.id)
    if doubt is not None or item.presence != "present":
        return later(scene, f"{row.key} of {row.target} is in doubt itself", "agreement")
    return None


def place_in_order(scene: Scene, row: ActionRow) -> Weighed | None:
    """What the target itself is in no state for."""
    live = scene.places[row.target].live
    if paused := sources.by_id(scene.tx, live.id).paused_by:
        return later(scene, f"{row.target} is paused by {paused}", "paused")
    if everything := sources.setting(scene.tx, "paused_by"):
        return later(scene, f"everything is paused by {everything}", "paused")
    if reason := live.not_judged():
        return later(scene, f"{row.target}: {reason}", "trouble")
    if not live.answers:
        return later(scene, f"{row.target} does not answer: {live.health.detail}", "trouble")
    return _files_in_order(scene, row) if row.files else None


def _files_in_order(scene: Scene, row: ActionRow) -> Weighed | None:
    """Files go only where their root is as it was: else the app would delete somewhere else.

    An app that never speaks of roots or paths (a document archive) has none that could be another.
    """
    live = scene.places[row.target].live
    item = items.by_id(scene.tx, row.item_id or 0)
    root = item.item.root if item is not None else None
    known = sources.roots(scene.tx, live.id)
    if item is not None and not known and root is None and item.item.path is None:
        return None
    if root is None or root not in known:
        return later(
            scene, f"{row.target} does not say on which root the files lie", "agreement", wait=LONGEST
        )
    if trouble := root_trouble(known[root], root, known=True):
        return later(scene, f"{row.target}: {trouble}", "agreement", wait=LONGEST)
    return None
