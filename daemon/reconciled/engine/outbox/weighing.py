"""One look at a planned action: is it still wanted, is its grace over, does everybody agree?

Everything is derived afresh from the config and the ledger as they are now; the row only remembers
what was asked for. The same look is taken when an action comes due and once more right before it is
sent, then with what the apps themselves just said (see `looking`).
"""

from reconciled.config import Policy, Verb, When
from reconciled.engine.outbox import keeper_facts
from reconciled.engine.outbox import policy as rules
from reconciled.engine.outbox.agreement import Agreement, agreement
from reconciled.engine.outbox.ordered import weigh_order
from reconciled.engine.outbox.policy import Case, Want
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.target import against_target, place_in_order
from reconciled.engine.outbox.thing import Standing, standing_part
from reconciled.engine.outbox.weighed import AGAIN, LONGEST, Outcome, Weighed, drop, later
from reconciled.ledger import findings, sources, suspects
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.findings import FindingRow
from reconciled.model import What


def weigh(scene: Scene, row: ActionRow) -> Weighed:
    """Look at an action as things stand in this transaction."""
    if (odd := against_target(scene, row) or _needed(scene, row)) is not None:
        return odd
    if row.policy is None:
        return weigh_order(scene, row)
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
        waits = place_in_order(scene, row)
        return waits or Weighed(Outcome.READY, "", policy=policy, case=case)
    return _destructive(scene, row, policy, case, want)


def _needed(scene: Scene, row: ActionRow) -> Weighed | None:
    """Nothing is deleted that has to stay for what is being deleted right now."""
    stays = keeper_facts.stays_for(scene.tx, row) if row.verb == Verb.DELETE else None
    return later(scene, stays, "agreement") if stays is not None else None


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
    if waits := place_in_order(scene, row):
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


def _hours(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
