"""Scores as people read them: what dry-run would have done, and whether the world proved it right.

The counts are the ledger's and the judgement is the engine's; here they only become views and sentences.
"""

import msgspec

from reconciled.config import Policy
from reconciled.engine.shadow import say
from reconciled.ledger import shadow
from reconciled.ledger.connection import Tx
from reconciled.ledger.shadow import Tally


class Mistake(msgspec.Struct, frozen=True):
    """An act that would have been wrong: what it would have done, and why that was wrong."""

    does: str
    title: str
    verb: str
    target: str
    why: str
    action: int
    would_at: str
    judged_at: str


class FormerScore(msgspec.Struct, frozen=True, kw_only=True):
    """The score of a policy before its last edit; `until` is when it was edited."""

    would: int
    right: int
    wrong: int
    open: int
    since: str | None
    until: str | None
    sentence: str


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have done in dry-run since it says what it says, judged by what became of it.

    `mistakes` are the newest of those that would have been wrong, `before` is the score before the last edit.
    """

    would: int
    right: int
    wrong: int
    open: int
    since: str | None
    sentence: str
    mistakes: list[Mistake]
    before: FormerScore | None


def score_of(tx: Tx, policy: Policy) -> Score:
    """The score of a policy as the config has it now."""
    since = shadow.current(tx, policy.name)
    tally = shadow.tally(tx, policy.name, since) if since is not None else Tally(None, {})
    former = shadow.before(tx, policy.name, since) if since is not None else None
    counts = tally.whole
    return Score(
        would=counts.would,
        right=counts.right,
        wrong=counts.wrong,
        open=counts.open,
        since=tally.since,
        sentence=say(tally),
        mistakes=[_mistake(one) for one in tally.mistakes],
        before=None if former is None else _former(shadow.tally(tx, policy.name, former), until=tally.since),
    )


def _mistake(one: shadow.Mistake) -> Mistake:
    return Mistake(
        one.does, one.title, one.verb, one.target, one.why, one.action, one.would_at, one.judged_at
    )


def _former(tally: Tally, *, until: str | None) -> FormerScore:
    counts = tally.whole
    return FormerScore(
        would=counts.would,
        right=counts.right,
        wrong=counts.wrong,
        open=counts.open,
        since=tally.since,
        until=until,
        sentence=say(tally),
    )
