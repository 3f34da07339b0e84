"""One look at a planned action: is it still wanted, is its grace over, does everybody agree?

Everything is derived afresh from the config and the ledger as they are now; the row only remembers
what was asked for. The same look is taken when an action comes due and once more right before it is
sent, then with what the apps themselves just said (see `looking`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciled.config import Mode, Policy, Verb, When
from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness, compare, other_bytes
from reconciled.engine.mirror.keeping import why_kept
from reconciled.engine.outbox import keeper, keeper_facts
from reconciled.engine.outbox import policy as rules
from reconciled.engine.outbox.agreement import Agreement, agreement
from reconciled.engine.outbox.belonging import why_referred_to
from reconciled.engine.outbox.images import image_of, is_of_another
from reconciled.engine.outbox.policy import Case, Want
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import Told, is_still, read_told
from reconciled.engine.outbox.standing import Sources
from reconciled.engine.outbox.thing import Standing, standing_part, thing_of
from reconciled.ledger import actions, copies_of, findings, items, sources, suspects
from reconciled.ledger.actions import ALREADY, OTHER_THING, UNWANTED, ActionRow
from reconciled.ledger.findings import FindingRow
from reconciled.model import Item, Key, Ref, What

AGAIN, LONGEST = 300.0, 3600.0
"""What has to wait for others is looked at again after so long; news from an app makes it sooner."""


class Outcome(StrEnum):
    """What one look says."""

    DROP = "drop"
    LATER = "later"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one look says of an action, and why.

    `until` is when to look again (reckoned), `due` when its grace is over, as far as can be told;
    `scans` are sources to be read first; `keys` must be denied, or be without a file, once more. `told` is
    what was shown of a paper that stays for it: its app is asked once more, too.
    """

    outcome: Outcome
    reason: str
    code: str = ""
    until: float = 0.0
    due: float | None = None
    scans: frozenset[str] = frozenset()
    keys: tuple[tuple[str, Key], ...] = ()
    policy: Policy | None = None
    case: Case | None = None
    told: Told | None = None

    @property
    def nameless(self) -> bool:
        """No strong ref says which thing it is: only a person can want it."""
        return self.case is not None and not self.case.thing.spaces


def drop(reason: str, code: str = UNWANTED) -> Weighed:
    """It is not to be done."""
    return Weighed(Outcome.DROP, reason, code)


def later(scene: Scene, reason: str, code: str, *, wait: float = AGAIN) -> Weighed:
    """It has to wait."""
    return Weighed(Outcome.LATER, reason, code, until=scene.now + wait)


def weigh(scene: Scene, row: ActionRow) -> Weighed:
    """Look at an action as things stand in this transaction."""
    if (odd := _target(scene, row) or _needed(scene, row)) is not None:
        return odd
    if row.policy is None:
        return _by_hand(scene, row)
    policy = scene.rules.policies.get(row.policy)
    if policy is None:
        return drop(f"the policy {row.policy} is no longer in the config")
    finding = findings.get(scene.tx, row.finding_id) if row.finding_id is not None else None
    if finding is None or not finding.stands:
        return drop("its finding is over")
    if finding.snoozed_until is not None and finding.snoozed_until > scene.now:
        return Weighed(Outcome.LATER, "its finding is snoozed", "snoozed", until=finding.snoozed_until)
    case = scene.case_of(finding)
    if case is None:
        return drop("the ledger no longer holds what was lost")
    if reason := rules.why_not(policy, case):
        return drop(reason)
    want = next((want for want in rules.wants(policy, case) if _is(want, row)), None)
    if want is None:
        left = case.thing.left_alone(row.target, row.key)
        return drop(left or f"{row.target} holds nothing any more that it is about")
    if not want.step.verb.destructive:
        waits = _place_in_order(scene, row)
        return waits or Weighed(Outcome.READY, "", policy=policy, case=case)
    return _destructive(scene, row, policy, case, want)


def _needed(scene: Scene, row: ActionRow) -> Weighed | None:
    """Nothing is deleted that has to stay for what is being deleted right now."""
    stays = keeper_facts.stays_for(scene.tx, row) if row.verb == Verb.DELETE else None
    return later(scene, stays, "agreement") if stays is not None else None


def _by_hand(scene: Scene, row: ActionRow) -> Weighed:
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
    waits = _in_turn(scene, row) or _as_shown(scene, row, told) or _place_in_order(scene, row)
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


def _destructive(scene: Scene, row: ActionRow, policy: Policy, case: Case, want: Want) -> Weighed:
    """The grace, the full look, the holds, the agreement, the target's root: in this order."""
    losing = sources.get(scene.tx, case.losing)
    if losing is None:
        return drop(f"{case.losing} was forgotten")
    finding = findings.get(scene.tx, row.finding_id or 0)
    left = policy.grace - (losing.watched - (finding.watched if finding else losing.watched))
    if left > 0:
        reason = f"its grace: {_hours(left)} of watched time are left"
        return Weighed(Outcome.LATER, reason, "grace", until=scene.now + max(1.0, left), due=scene.now + left)
    if against := _held(case) or _held_with_others(scene, case, finding) or _part_stands(scene, case):
        return later(scene, against, "agreement")
    found = agreement(policy, want.step, case.thing, losing=case.losing, since=case.seq, known=scene.known)
    scans = found.scans | ({case.losing} if losing.good <= case.seq else set())
    if found.against:
        return later(scene, "; ".join(found.against), "agreement", wait=LONGEST)
    if scans:
        reason = f"{' and '.join(sorted(scans))} must be read to the end first"
        return Weighed(Outcome.LATER, reason, "look", until=scene.now + AGAIN, scans=frozenset(scans))
    if waits := _place_in_order(scene, row):
        return waits
    return _ready(policy, case, found, want)


def _ready(policy: Policy, case: Case, found: Agreement, want: Want) -> Weighed:
    """Everybody agrees. The other originals of a copy must still be gone, like the lost one."""
    others = want.copy.originals if want.copy is not None else ()
    keys = tuple({*found.keys, *others, (case.losing, case.thing.lost.key)})
    return Weighed(Outcome.READY, "everybody agrees", "ready", keys=keys, policy=policy, case=case)


def _is(want: Want, row: ActionRow) -> bool:
    step, copy = want.step, want.copy
    same = step.verb == row.verb and step.target == row.target and step.label == row.label
    return (
        same
        and copy is not None
        and copy.row.id == row.item_id
        and (step.files, step.exclude) == (row.files, row.exclude)
    )


def _held(case: Case) -> str | None:
    """Nothing is done to a thing of which anything waits in a hold, the entry whose file was lost too."""
    everyone = (case.thing.itself, *case.thing.everyone)
    held = next((copy for copy in everyone if copy.standing is Standing.HELD), None)
    return f"{held.item.key} of {held.source} is held" if held is not None else None


def _held_with_others(scene: Scene, case: Case, finding: FindingRow | None) -> str | None:
    """What went shortly before too much went is as doubtful as that: while that is held nothing follows from
    it, and it agrees to nothing.
    """
    grave = finding.tombstone_id if finding is not None else None
    rows = (case.thing.itself.row.id, *(copy.row.id for copy in case.thing.others))
    found = suspects.hold_after(scene.tx, grave, rows)
    return f"others of {found[1]} went soon after it, and are held (hold {found[0]})" if found else None


def _part_stands(scene: Scene, case: Case) -> str | None:
    """What was lost cannot be, while a part of it stands."""
    lost = case.thing.itself.row
    if case.code == When.REPLACED or lost.item.key != case.thing.lost.key:
        return None
    part = standing_part(scene.tx, lost, What.ENTRY if lost.presence == "gone" else What.FILE)
    return f"{part.key} of {case.losing}, a part of it, is still there" if part is not None else None


def _target(scene: Scene, row: ActionRow) -> Weighed | None:
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


def _place_in_order(scene: Scene, row: ActionRow) -> Weighed | None:
    """What the target itself is in no state for."""
    live = scene.places[row.target].live
    if paused := sources.by_id(scene.tx, live.id).paused_by:
        return later(scene, f"{row.target} is paused by {paused}", "paused")
    if everything := sources.setting(scene.tx, "paused_by"):
        return later(scene, f"everything is paused by {everything}", "paused")
    if reason := live.not_believable():
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


def _hours(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
