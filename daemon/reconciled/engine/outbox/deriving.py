"""What the policies want of a finding, brought to the outbox's rows: nothing waits that nobody wants.

A waiting action is a derivation: after each change of the config, and for each new finding, the rows
are made equal to what is wanted. What was decided about the same loss once is not planned again.
"""

from collections.abc import Collection

from reconciled.config import Policy, Verb
from reconciled.engine.outbox import policy as rules
from reconciled.engine.outbox.messages import tell
from reconciled.engine.outbox.policy import Case, Want
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.words import since_of
from reconciled.ledger import acted, actions, decisions, findings
from reconciled.ledger.actions import UNWANTED, ActionRow, NewAction
from reconciled.ledger.findings import FindingRow


def derive(scene: Scene, finding_ids: Collection[int]) -> int:
    """Bring the rows of these findings to what is wanted. Returns how many actions are new."""
    return sum(
        _derive(scene, finding)
        for finding_id in finding_ids
        if (finding := findings.get(scene.tx, finding_id))
    )


def _derive(scene: Scene, finding: FindingRow) -> int:
    rows = {row.id: row for row in actions.of_finding(scene.tx, finding.id) if row.policy is not None}
    case = scene.case_of(finding) if finding.stands else None
    new = 0
    for policy in scene.rules.policies.values() if case is not None else ():
        assert case is not None, "the loop is empty else"  # noqa: S101 - narrows the type
        if rules.why_not(policy, case) is not None:
            continue
        for want in _once_a_story(scene, policy, case, finding):
            kept, fresh = _plan(scene, policy, case, finding, want)
            new += fresh
            if kept is not None:
                rows.pop(kept, None)
    for row in rows.values():
        actions.end(
            scene.tx, row.id, "dropped", _why_dropped(scene, row, case), at=scene.stamp, code=UNWANTED
        )
    return new


def _once_a_story(scene: Scene, policy: Policy, case: Case, finding: FindingRow) -> list[Want]:
    """A cascade acts once a story, a message is sent once a story; what came before a policy is not told."""
    told_before = decisions.policy(scene.tx, policy.name)
    late = told_before is not None and finding.opened_seq <= told_before.since_seq
    found = rules.wants(policy, case)
    if case.ours is not None and finding.story_id is not None:
        found = [
            want
            for want in found
            if not acted.acted_in_story(scene.tx, policy.name, finding.story_id, finding.id)
        ]
    if finding.code == "replaced" and late:
        return []
    return [want for want in found if not (want.step.verb is Verb.NOTIFY and late)]


def _plan(
    scene: Scene, policy: Policy, case: Case, finding: FindingRow, want: Want
) -> tuple[int | None, int]:
    """The row that stands for a want, and whether it is new; None when it was decided already."""
    step, copy = want.step, want.copy
    new = NewAction(
        verb=step.verb,
        target=step.target,
        title=copy.item.title if copy is not None else finding.title,
        since=since_of(policy, case, title=finding.title),
        policy=policy.name,
        finding_id=finding.id,
        story_id=finding.story_id or -finding.id,
        item_id=copy.row.id if copy is not None else None,
        key=copy.item.key if copy is not None else None,
        label=step.label,
        files=step.files,
        exclude=step.exclude,
        grace=policy.grace if step.verb.destructive else 0.0,
    )
    known = actions.live(scene.tx, new)
    if known is not None:
        return _keep(scene, known, new, finding), 0
    if acted.decided_since(scene.tx, new, seq=0 if copy is None else case.seq):
        return None, 0
    action = actions.add(scene.tx, new, seq=scene.seq, at=scene.stamp, next_try=scene.now)
    if copy is None:
        tell(scene, action, step, policy, case, finding)
    return action, 1


def _keep(scene: Scene, known: ActionRow, new: NewAction, finding: FindingRow) -> int | None:
    """One row stands for one want: it follows the latest loss, and says how it would be done now.

    What is being sent is left to its end, whatever is wanted meanwhile.
    """
    if known.state == "sending":
        return known.id
    if (known.files, known.exclude) != (new.files, new.exclude):
        return None if known.finding_id != finding.id else _reworded(scene, known, new)
    if known.finding_id == finding.id:
        return known.id
    before = findings.get(scene.tx, known.finding_id or 0)
    if known.state == "planned" and (before is None or before.opened_seq < finding.opened_seq):
        actions.repoint(
            scene.tx, known.id, finding=finding.id, story=new.story_id, since=new.since, at=scene.stamp,
            next_try=scene.now,
        )  # fmt: skip
    return known.id


def _reworded(scene: Scene, known: ActionRow, new: NewAction) -> int:
    """The policy says otherwise how it is to be done: another action, which nobody has approved."""
    actions.end(scene.tx, known.id, "dropped", "the policy was edited", at=scene.stamp, code=UNWANTED)
    return actions.add(scene.tx, new, seq=scene.seq, at=scene.stamp, next_try=scene.now)


def _why_dropped(scene: Scene, row: ActionRow, case: Case | None) -> str:
    policy = scene.rules.policies.get(row.policy or "")
    if policy is None:
        return f"the policy {row.policy} is no longer in the config"
    if case is None:
        return "its finding is over"
    left = case.thing.left_alone(row.target, row.key)
    return rules.why_not(policy, case) or left or f"{policy.name} no longer wants it"
