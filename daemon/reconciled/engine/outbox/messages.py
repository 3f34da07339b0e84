"""What a policy's `notify` step says: queued with the action's row, in the same transaction."""

from reconciled.config import Mode, Policy, Step
from reconciled.engine.attribution import attribute
from reconciled.engine.deeds import EXTERNAL
from reconciled.engine.outbox.policy import Case, wants
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.words import act
from reconciled.ledger import actions, tombstones
from reconciled.ledger.findings import FindingRow
from reconciled.notify.messages import compose, post


def tell(scene: Scene, action: int, step: Step, policy: Policy, case: Case, finding: FindingRow) -> None:
    """Queue the message and call its action done: from here on it is the channel's."""
    message = compose(
        finding.code,
        _facts(scene, policy, case, finding),
        about=f"policy:{policy.name}:{finding.story_id or -finding.id}",
        template=step.message,
        link=f"/items/{finding.source}/{finding.kind}/{finding.key}",
    )
    queued = post(scene.tx, step.target, message, at=scene.stamp, now=scene.now, action_id=action)
    said = f"told {step.target}" if queued is not None else f"{step.target} was told before"
    actions.end(scene.tx, action, "done", said, at=scene.stamp)


def _facts(scene: Scene, policy: Policy, case: Case, finding: FindingRow) -> dict[str, str]:
    evidence = tombstones.of_story(scene.tx, finding.story_id) if finding.story_id is not None else []
    told = attribute(evidence, title=finding.title, zone=scene.zone, now=scene.when)
    return {
        "title": finding.title,
        "source": finding.source if finding.code == "orphan" else case.losing,
        "kind": finding.kind,
        "what": case.what,
        "cause": "nobody said so, it was noticed" if told.cause == EXTERNAL else told.cause,
        "actor": told.actor or "",
        "sentence": told.sentence,
        "policy": policy.name,
        "next": _next(scene, policy, case),
    }


def _next(scene: Scene, policy: Policy, case: Case) -> str:
    """What the policy does besides telling."""
    mode = scene.rules.mode_of(policy)
    acts = [
        act(
            want.step.verb, want.step.target, want.copy.item.key.kind, want.copy.item.key.id,
            want.copy.item.title, label=want.step.label, files=want.step.files, exclude=want.step.exclude,
        )
        for want in wants(policy, case)
        if want.copy is not None
    ]  # fmt: skip
    if not acts:
        return ""
    how = {Mode.DRY_RUN: "Would", Mode.ASK: "Asks first, then will", Mode.ACT: "Will"}[mode]
    when = ", once its grace is over and everybody agrees" if policy.destructive else ""
    return f"{how} {', '.join(acts)}{when}."
