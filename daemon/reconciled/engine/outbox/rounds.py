"""A round over the outbox's rows: each is weighed, and what is ready passes the gate or waits for an answer.

Here the ledger is written; what is decided is `weighing`'s and `gate`'s to say. Everything that is
due is weighed before anything passes, and passes in one transaction, so that what is too many
together is seen together and becomes one decision.
"""

from collections.abc import Sequence
from dataclasses import replace

from reconciled.config import Policy, Verb
from reconciled.engine.outbox.gate import Facts, Way, judge, print_of
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.weighed import Outcome, Weighed
from reconciled.engine.outbox.weighing import weigh
from reconciled.engine.outbox.words import act
from reconciled.ledger import acted, actions, decisions, sources
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx

DAY = 86400.0


def weigh_due(
    scene: Scene, rows: Sequence[ActionRow]
) -> tuple[list[tuple[ActionRow, Weighed]], frozenset[str]]:
    """Look at planned actions that are due: dropped and postponed at once. Returns the ready ones, and
    the sources that have to be read before others can be."""
    ready: list[tuple[ActionRow, Weighed]] = []
    scans: set[str] = set()
    for row in rows:
        weighed = weigh(scene, row)
        match weighed.outcome:
            case Outcome.DROP:
                actions.end(scene.tx, row.id, "dropped", weighed.reason, at=scene.stamp, code=weighed.code)
            case Outcome.LATER:
                actions.postpone(
                    scene.tx, row.id, until=weighed.until, reason=weighed.reason, code=weighed.code,
                    due=weighed.due, at=scene.stamp,
                )  # fmt: skip
                scans |= weighed.scans
            case Outcome.READY:
                actions.postpone(
                    scene.tx,
                    row.id,
                    until=scene.now,
                    reason=weighed.reason,
                    code="ready",
                    due=scene.now,
                    at=scene.stamp,
                )
                ready.append((row, weighed))
    return ready, frozenset(scans)


def reconsider(scene: Scene, rows: Sequence[ActionRow]) -> None:
    """What was ready once: dropped when it is not wanted any more, and put back when it has to wait again."""
    for row in rows:
        weighed = weigh(scene, row)
        if weighed.outcome is Outcome.DROP:
            actions.end(scene.tx, row.id, "dropped", weighed.reason, at=scene.stamp, code=weighed.code)
        elif weighed.outcome is Outcome.LATER and weighed.code not in ("look", "trouble", "paused"):
            actions.wait_no_more(
                scene.tx,
                row.id,
                until=weighed.until,
                reason=weighed.reason,
                code=weighed.code,
                at=scene.stamp,
            )


def pass_or_wait(scene: Scene, ready: Sequence[tuple[ActionRow, Weighed]]) -> list[int]:
    """Put everything that is ready on its way, in this one transaction: what is too many together is
    seen together. Returns the ids of those that go out now."""
    go: list[int] = []
    asked: dict[str, list[tuple[ActionRow, Way]]] = {}
    standings: dict[str, Facts] = {}
    for row, weighed in ready:
        if weighed.policy is None:
            go.append(row.id)
            continue
        policy = weighed.policy
        if policy.name not in standings:
            standings[policy.name] = _standing(scene, policy)
        way = judge(_facts(standings[policy.name], row, weighed))
        if way is Way.WOULD:
            actions.would(scene.tx, row.id, at=scene.stamp, reason="the mode is dry-run")
        elif way.waits:
            asked.setdefault(policy.name, []).append((row, way))
        else:
            go.append(row.id)
    for name, waiting in asked.items():
        _ask(scene, name, waiting)
    return go


def may_go(scene: Scene, row: ActionRow, weighed: Weighed) -> bool:
    """The same question once more, right before the call."""
    if weighed.policy is None:
        return True
    return judge(_facts(_standing(scene, weighed.policy), row, weighed)) is Way.GO


def say(tx: Tx, policy: str, why: str, decision: int) -> str:
    """What a decision asks, in one sentence."""
    words = {
        Way.FIRST: f"The first actions of {policy}, as it stands now",
        Way.MANY: f"More actions of {policy} within a day than its max_actions",
        Way.ASK: f"{policy} asks before it acts",
    }
    counts = decisions.counts_in(tx, decision)
    said = ", ".join(f"{verb} {n} in {target}" for verb, target, n in counts)
    if sum(n for _, _, n in counts) == 1:
        (only,) = decisions.waiting_in(tx, decision)
        row = actions.get(tx, only)
        if row is not None:
            said = act(
                row.verb, row.target, row.kind, row.id_in_app, row.title, label=row.label, files=row.files,
                exclude=row.exclude,
            )  # fmt: skip
    return f"{words[Way(why)]}: {said}?"


def _standing(scene: Scene, policy: Policy) -> Facts:
    """What is true of all actions of a policy now."""
    tx, mode = scene.tx, scene.rules.mode_of(policy)
    known = decisions.policy(tx, policy.name)
    now = print_of(policy, mode, sources.every(tx))
    count = acted.done_since(tx, policy.name, since=scene.now - DAY)
    return Facts(
        mode=mode,
        destructive=True,
        approved=False,
        trusted=known is not None and known.trusted == now,
        asked_already=decisions.open_of(tx, policy.name) is not None,
        nameless=False,
        count=count + acted.coming_due(tx, policy.name, until=scene.now + DAY),
        most=policy.max_actions,
        print=now,
    )


def _facts(standing: Facts, row: ActionRow, weighed: Weighed) -> Facts:
    return replace(
        standing,
        destructive=Verb(row.verb).destructive,
        approved=row.approved_for is not None and row.approved_for == standing.print,
        nameless=weighed.nameless,
    )


def _ask(scene: Scene, policy: str, waiting: Sequence[tuple[ActionRow, Way]]) -> None:
    """One decision a policy: what comes due while it is open joins it, and has to be shown again."""
    tx = scene.tx
    decision = decisions.open_of(tx, policy)
    why = decision.why if decision is not None else str(waiting[0][1])
    number = (
        decision.id
        if decision is not None
        else decisions.ask(tx, policy, why, "", seq=scene.seq, at=scene.stamp)
    )
    decisions.join(
        tx,
        number,
        [row.id for row, _ in waiting],
        seq=scene.seq,
        at=scene.stamp,
        reason="waits for your answer",
    )
    decisions.restate(tx, number, say(tx, policy, why, number))
