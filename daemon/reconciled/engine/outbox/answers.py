"""A person's answer to a decision: approved or rejected as shown.

An answer covers exactly the actions that were shown. What joined meanwhile stays and has to be
shown again; only when nothing is left, and nothing of it was rejected, is the policy trusted with
what was approved.
"""

from collections.abc import Sequence

from reconciled.engine.outbox.gate import print_of
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.rounds import say
from reconciled.engine.outbox.scene import Scene
from reconciled.errors import ReconciledError
from reconciled.ledger import actions, decisions, sources
from reconciled.ledger.connection import Tx


class NoSuchDecision(ReconciledError):
    """There is no open decision with that id."""


class NotAsShown(ReconciledError):
    """An action that was named does not wait in the decision (any more)."""


async def approve(outbox: Outbox, decision: int, shown: Sequence[int], *, by: str) -> tuple[int, int]:
    """Approve these actions of a decision. Returns how many were approved, and how many joined meanwhile.

    NoSuchDecision; NotAsShown when one of them no longer waits: then nothing is approved.
    """

    def write(tx: Tx) -> tuple[int, int]:
        scene = outbox.scene(tx)
        policy_name, waiting = _open(tx, decision, shown)
        policy = scene.rules.policies.get(policy_name)
        if policy is None:
            raise NoSuchDecision(f"the policy {policy_name} is no longer in the config")
        known = decisions.policy(tx, policy_name)
        if not shown:
            raise NotAsShown("an approval names the actions that were shown")
        if known is None or known.words != policy.words():
            raise NotAsShown(f"decision {decision} is no longer as it was shown: {policy_name} was edited")
        now = print_of(policy, scene.rules.mode_of(policy), sources.every(tx))
        decisions.approve(tx, shown, by=by, what=now, now=scene.now, at=scene.stamp)
        left = len(waiting) - len(set(shown))
        if decisions.close_if_empty(tx, decision, answer="approved", by=by, at=scene.stamp):
            decisions.trust(tx, policy_name, None if decisions.any_rejected(tx, decision) else now)
        else:
            _restate(scene, decision, policy_name)
        return len(set(shown)), left

    found = await outbox.engine.ledger.write_durably(write)
    _told(outbox, decision, "approved")
    return found


async def reject(outbox: Outbox, decision: int, shown: Sequence[int] | None, *, by: str) -> tuple[int, int]:
    """Reject these actions of a decision, all by default. Returns how many, and how many still wait.

    The policy's next actions are a first batch again. NoSuchDecision, NotAsShown.
    """

    def write(tx: Tx) -> tuple[int, int]:
        scene = outbox.scene(tx)
        policy_name, waiting = _open(tx, decision, shown or ())
        named = list(shown) if shown is not None else waiting
        decisions.reject(tx, named, by=by, at=scene.stamp)
        decisions.trust(tx, policy_name, None)
        if not decisions.close_if_empty(tx, decision, answer="rejected", by=by, at=scene.stamp):
            _restate(scene, decision, policy_name)
        return len(set(named)), len(waiting) - len(set(named))

    found = await outbox.engine.ledger.write_durably(write)
    _told(outbox, decision, "rejected")
    return found


async def decision_of(outbox: Outbox, action: int) -> int:
    """The decision in which an action waits. NoSuchDecision."""
    row = await outbox.engine.ledger.read(actions.get, action)
    if row is None or row.state != "waiting" or row.decision_id is None:
        raise NoSuchDecision(f"action {action} waits in no decision")
    return row.decision_id


def _open(tx: Tx, decision: int, shown: Sequence[int]) -> tuple[str, list[int]]:
    row = decisions.by_id(tx, decision)
    if row is None:
        raise NoSuchDecision(f"there is no open decision {decision}")
    waiting = decisions.waiting_in(tx, decision)
    if odd := sorted(set(shown) - set(waiting)):
        raise NotAsShown(
            f"decision {decision} is no longer as it was shown: {', '.join(map(str, odd))} no longer wait"
        )
    return row.policy, waiting


def _restate(scene: Scene, decision: int, policy: str) -> None:
    row = decisions.by_id(scene.tx, decision)
    if row is not None:
        decisions.restate(scene.tx, decision, say(scene.tx, policy, row.why, decision))


def _told(outbox: Outbox, decision: int, answer: str) -> None:
    outbox.engine.tell("decision", id=decision, state=answer)
    outbox.wake()
