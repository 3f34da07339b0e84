"""Brings the ledger's groups of duplicates, and a finding for each, to what is known and said of papers.

A group keeps its number, its primary chosen by hand and its answer as far as its members stay. When one of
them has another text since the answer, or one joins, it is asked again, with the reason in words. All is
judged by what stands now, so a pass that was cut off loses nothing, and grouping twice is as grouping once.

The whole is planned on a reader; only what differs is written, a component of likenesses at a time, planned
again in the transaction that writes it.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reconciled.duplicates.primaries import USUAL
from reconciled.duplicates.words import Weights
from reconciled.engine.chunks import SECONDS, in_chunks
from reconciled.engine.duplicates.ground import reach
from reconciled.engine.duplicates.planning import Change, Plan, look
from reconciled.engine.duplicates.telling import show, withdraw
from reconciled.ledger import groups, judgements, likenesses
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.groups import GroupState
from reconciled.ledger.judgements import Answer
from reconciled.ledger.rows import stamp
from reconciled.ledger.tombstones import resolve_finding

_log = logging.getLogger(__name__)

ELSEWHERE = "its members are part of another group"


@dataclass(frozen=True, slots=True)
class Counts:
    """What grouping changed: groups that are new, changed, over, and asked again."""

    opened: int = 0
    changed: int = 0
    over: int = 0
    asked_again: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.opened + other.opened, self.changed + other.changed, self.over + other.over,
            self.asked_again + other.asked_again,
        )  # fmt: skip


async def regroup(
    ledger: Ledger, *, preferences: Sequence[str] = USUAL, now: Callable[[], datetime]
) -> Counts:
    """Bring all groups to what is known; webhooks commit in between."""
    made = await _regroup(ledger, await ledger.read(_differing, preferences, now()), preferences, now)
    if strays := await ledger.read(groups.stray_findings):
        await ledger.write(_let_go_of, strays, now())
    return made


async def regroup_stale(
    ledger: Ledger, *, preferences: Sequence[str] = USUAL, now: Callable[[], datetime]
) -> Counts:
    """The same for groups of which a member came or went, or which an act answered, since they were made."""
    return await _regroup(ledger, await ledger.read(_stale), preferences, now)


async def _regroup(
    ledger: Ledger, seeds: Sequence[int], preferences: Sequence[str], now: Callable[[], datetime]
) -> Counts:
    total = Counts()

    def write(tx: Tx, chunk: Sequence[int]) -> Counts:
        return regroup_some(tx, chunk, preferences=preferences, now=now())

    def odd(seed: int, error: Exception) -> None:
        _log.error("the duplicates of item %d could not be grouped", seed, exc_info=error)

    for counts in await in_chunks(ledger, seeds, write, odd=odd):
        total += counts
    return total


def regroup_some(
    tx: Tx, items: Collection[int], *, preferences: Sequence[str] = USUAL, now: datetime
) -> Counts:
    """The same for the groups that these papers are, were or should be in, and no others."""
    if not items:
        return Counts()
    total = Counts()
    plan = look(tx, reach(tx, items), preferences, now)
    changes = list(plan.changes())
    for change in changes:
        total += _apply(tx, change, plan)
    for change in changes:  # when all are where they belong: a label goes along
        groups.take_out(tx, change.row.id, change.leaving)
    groups.made(tx, [group.id for group in plan.known.groups])
    return total


async def reweigh(ledger: Ledger, weights: Weights) -> set[int]:
    """Reckon all stored pairs anew under these weights, a little at a time, without comparing anything.

    Returns the papers of pairs that changed: their groups are to be made anew.
    """
    changed: set[int] = set()
    after: tuple[int, int] | None = (0, 0)
    size = 64
    while after is not None:
        some, after, took = await ledger.write(_reweigh, weights, after, size)
        changed |= some
        size = max(16, size // 2) if took > SECONDS else min(8192, size * 2)
    return changed


async def prune(ledger: Ledger, *, now: datetime) -> int:
    """Forget pairs that are different papers, but for vetoes between papers that likenesses hold together.

    What the fitted weights would take for more stays, for whoever sets weights back. Returns how many left.
    """
    parts = await ledger.read(_components, now)
    part_of = {one: number for number, members in enumerate(parts) for one in members}
    after: tuple[int, int] | None = (0, 0)
    dropped = 0

    while after is not None:
        found, after = await ledger.read(_different, after)
        pairs = [(a, b) for a, b, veto in found if not (veto and part_of.get(a, -1) == part_of.get(b, -2))]
        await in_chunks(ledger, pairs, likenesses.drop, odd=_odd_pair)
        dropped += len(pairs)
    return dropped


def _different(tx: Tx, after: tuple[int, int]) -> tuple[list[tuple[int, int, bool]], tuple[int, int] | None]:
    return likenesses.different(tx, after=after)


def _odd_pair(pair: tuple[int, int], error: Exception) -> None:
    _log.error("the likeness of %d and %d could not be forgotten", *pair, exc_info=error)


def _reweigh(
    tx: Tx, weights: Weights, after: tuple[int, int], limit: int
) -> tuple[set[int], tuple[int, int] | None, float]:
    began = time.perf_counter()
    some, more = likenesses.reweigh(tx, weights, after=after, limit=limit)
    return some, more, time.perf_counter() - began


def _differing(tx: Tx, preferences: Sequence[str], now: datetime) -> list[int]:
    """A paper of each component in which something is to be written."""
    plan = look(tx, None, preferences, now)
    part_of = {one: members for members in plan.components() for one in members}
    seeds = {min(part_of.get(one, {one})) for change in plan.changes() for one in change.seeds}
    return sorted(seeds | {min(part_of.get(one, {one})) for one in _stale(tx)})


def _stale(tx: Tx) -> list[int]:
    """A paper of each group that is to be made anew."""
    inside = groups.members(tx, groups.stale(tx))
    return sorted({min(members) for members in inside.values()})


def _components(tx: Tx, now: datetime) -> list[frozenset[int]]:
    return look(tx, None, USUAL, now).components()


def _let_go_of(tx: Tx, strays: Sequence[int], now: datetime) -> None:
    for finding in strays:
        resolve_finding(tx, finding, "what stood for them left the ledger", at=stamp(now))


def _apply(tx: Tx, change: Change, plan: Plan) -> Counts:
    row, now = change.row, plan.said.now
    at = stamp(now)
    if change.gone:
        withdraw(tx, row, ELSEWHERE, now)
        groups.remove(tx, row.id)
        return Counts(over=1)
    if row.over is not None:
        withdraw(tx, row, row.over, now)
        groups.write(tx, row, at=at)
        return Counts(over=1)
    new = row.id == 0
    if new:
        row = replace(row, id=groups.create(tx, row.band, row.primary, at=at).id)
    if change.forgive:
        inside = [(one.a, one.b) for one in judgements.between(tx, change.members)]
        judgements.take_back(tx, inside, Answer.RESOLVED)
    groups.put_members(tx, row.id, change.members)
    finding = show(tx, row, change.was, change.members, plan.said.facts, now)
    groups.write(tx, replace(row, finding_id=finding), at=at)
    again = change.was is not GroupState.OPEN and row.state is GroupState.OPEN
    return Counts(opened=int(new), changed=int(not new), asked_again=int(again))
