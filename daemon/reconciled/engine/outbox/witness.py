"""The outbox's witness: keeps what dry-run would have done, with the world as it is then, and has it judged.

What is kept is all that is needed to judge it later (see `afterwards`), so that it outlives its items.
"""

import logging
from collections.abc import Callable, Collection

import msgspec

from reconciled.config import Agree, Copies, Policy
from reconciled.engine.chunks import in_chunks
from reconciled.engine.engine import Engine
from reconciled.engine.outbox.afterwards import judge_all
from reconciled.engine.outbox.agreement import asked
from reconciled.engine.outbox.policy import Case, effective_what
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.words import act
from reconciled.engine.shadow import COMES_BACK, as_it_is, shows
from reconciled.ledger import actions, decisions, findings, items, shadow, sources
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump, pack
from reconciled.ledger.shadow import ShadowRow, WouldBe

AFTER_NEWS, ALWAYS = 300.0, 3600.0
"""Everything open is judged anew at most, and at least, this often (seconds)."""


class Witness:
    """Remembers what would have been done, and judges it when there is news; works in the outbox's step."""

    def __init__(self, engine: Engine, scene: Callable[[Tx], Scene], *, log: logging.Logger) -> None:
        self._engine = engine
        self._scene = scene
        self._log = log
        self._judged = float("-inf")
        self.news = False
        """Whether anything happened that may judge."""

    async def remember(self, ready: Collection[int]) -> None:
        """Of the actions that were ready just now, keep those that only dry-run held back."""
        ledger = self._engine.ledger
        new = await ledger.read(shadow.only_said, ready) if ready else []
        await in_chunks(ledger, new, lambda tx, chunk: _remember(self._scene(tx), chunk), odd=self._odd)

    @property
    def wait(self) -> float:
        """Seconds until everything is judged anew."""
        often = AFTER_NEWS if self.news else ALWAYS
        return max(0.0, self._judged + often - self._engine.clock.monotonic())

    async def look(self) -> None:
        """Judge what is open, when it is time."""
        if self.wait > 0:
            return
        self._judged, self.news = self._engine.clock.monotonic(), False
        since = self._engine.clock.reckoned() - COMES_BACK
        rows = await self._engine.ledger.read(lambda tx: shadow.to_judge(tx, right_since=since))
        await in_chunks(
            self._engine.ledger, rows, lambda tx, chunk: judge_all(self._scene(tx), chunk), odd=self._odd_row
        )

    def _odd(self, action: int, error: Exception) -> None:
        self._log.error("that action %d would be done could not be kept", action, exc_info=error)

    def _odd_row(self, row: ShadowRow, error: Exception) -> None:
        self._log.error("whether it had been right to %s could not be judged", row.does, exc_info=error)


def _remember(scene: Scene, ids: Collection[int]) -> None:
    for number in ids:
        row = actions.get(scene.tx, number)
        new = _would_be(scene, row) if row is not None and row.code == "would" else None
        if new is not None:
            shadow.remember(scene.tx, new)


def _would_be(scene: Scene, row: ActionRow) -> WouldBe | None:
    """The act with the world as it is now; None when it is no longer there to be told."""
    policy, known = scene.rules.policies.get(row.policy or ""), decisions.policy(scene.tx, row.policy or "")
    finding = findings.get(scene.tx, row.finding_id or 0)
    case = scene.case_of(finding) if finding is not None else None
    losing = sources.get(scene.tx, case.losing) if case is not None else None
    target = items.by_id(scene.tx, row.item_id or 0)
    if policy is None or known is None or case is None or losing is None or target is None:
        return None
    lost, what = case.thing.lost, effective_what(policy, case.thing)
    everyone = (lost, *(copy.item for copy in case.thing.others))
    refs = sorted({str(ref) for item in everyone for ref in item.strong_refs})
    rows = (case.thing.itself.row, *(copy.row for copy in case.thing.others))
    path = lost.path if policy.copies is Copies.EACH else None
    return WouldBe(
        policy=policy.name, since_seq=known.since_seq, words=known.words, verb=row.verb, target=row.target,
        label=row.label, item_id=row.item_id, kind=row.kind, key=row.id_in_app, title=row.title,
        does=_does(row), action_id=row.id, finding_id=row.finding_id or 0, story_id=row.story_id,
        code=case.code, losing=losing.name, generation=losing.generation, watched=losing.watched, what=what,
        lost_id=case.thing.itself.row.id, lost=pack(lost).decode(), refs="\n".join(refs), path=path,
        asked=_asked(scene, policy, case),
        stood=dump(sorted({one.id for one in rows if shows(one, what, path)})),
        was=dump(msgspec.to_builtins(as_it_is(target.item, row.label))),
        would_seq=scene.seq, would_at=scene.stamp,
    )  # fmt: skip


def _does(row: ActionRow) -> str:
    return act(
        row.verb, row.target, row.kind, row.id_in_app, row.title,
        label=row.label, files=row.files, exclude=row.exclude,
    )  # fmt: skip


def _asked(scene: Scene, policy: Policy, case: Case) -> str | None:
    """Who agreed, a line each; None: everybody."""
    if policy.agree is Agree.ALL:
        return None
    others = asked(policy, case.thing, losing=case.losing, known=scene.known)
    return "\n".join(sorted({case.losing, *(source.name for source in others)}))
