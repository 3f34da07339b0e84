"""Acting on duplicates: first it is said what would be done, then exactly that is put into the outbox.

A person's order, always: a tag for a dry run, what the others are labelled with merged onto the primary, or
the others deleted for it. Between the two nothing may have changed (`shown`); what goes out is asked for once
more right before it goes (see `outbox.keeper`). In dry-run nothing goes out at all, not even the tag.
"""

import asyncio
import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciled.config import Verb
from reconciled.engine.duplicates.acting_plan import plan
from reconciled.engine.duplicates.acts import Act, Do, Plan, Wanted
from reconciled.engine.outbox.by_hand import CannotAct, refuse_in_dry_run
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import write_told
from reconciled.errors import SourceError, Unreachable
from reconciled.ledger import actions, groups
from reconciled.ledger.actions import ActionRow, NewAction
from reconciled.ledger.connection import Tx
from reconciled.source import Deletion, Merges, Merging

MOST_GROUPS = 500
"""So many groups in one order; a page shows no more."""
MOST_PAPERS = 2500
"""So many papers in one order: it is one transaction, which others wait for."""
UNCOUNTED = 25
"""An order that deletes more has to say how many."""
_AT_ONCE = 4
"""An app is asked what so many merges would do at a time."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be done to one group, in words; `refused`: nothing, and why.

    `gains` and `conflicts` are what merging would give the primary and what not; `unasked` is why its app
    could not be asked that.
    """

    group: int
    title: str
    lines: tuple[str, ...] = ()
    refused: str | None = None
    deletes: int = 0
    gains: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    unasked: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would do, group by group. `print` names all of it; an order says it again.

    `acts` counts what was asked for, and not what goes along with it.
    """

    groups: tuple[Foreseen, ...]
    print: str
    deletes: int
    acts: int

    @property
    def counted(self) -> bool:
        """Whether the order has to say how many it deletes."""
        return self.deletes > UNCOUNTED


async def preview(outbox: Outbox, wanted: Sequence[Wanted], *, label: str = "") -> Preview:
    """What would be done, without doing it; `label` is the tag. CannotAct for what is no order at all."""
    plans = await outbox.engine.ledger.read(lambda tx: _plans(outbox.scene(tx), wanted, label))
    turn = asyncio.Semaphore(_AT_ONCE)
    told = await asyncio.gather(*(_foresee(outbox, one, turn) for one in plans))
    acts = sum(not act.beside for one in plans for act in one.acts)
    return Preview(tuple(told), _print(plans), _deletes(plans), acts)


async def order(
    outbox: Outbox,
    wanted: Sequence[Wanted],
    *,
    shown: str,
    by: str,
    label: str = "",
    count: int | None = None,
) -> list[ActionRow]:
    """Do what was shown, all of it or nothing; it goes out at once. Returns the rows.

    `shown` is the preview's print, `count` how many are deleted, to be said above 25. DryRun; CannotAct.
    """
    refuse_in_dry_run(outbox, " and ".join(sorted({one.do.words for one in wanted})) or "act")

    def write(tx: Tx) -> list[ActionRow]:
        scene = outbox.scene(tx)
        plans = _plans(scene, wanted, label)
        if _print(plans) != shown:
            raise CannotAct("this is no longer what was shown; nothing was done, look at it again")
        _check(plans, count)
        return [row for one in plans for row in _put(scene, one, by=by)]

    rows = await outbox.engine.ledger.write_durably(write)
    outbox.wake()
    return rows


def _plans(scene: Scene, wanted: Sequence[Wanted], label: str) -> list[Plan]:
    if not wanted:
        raise CannotAct("an order names at least one group")
    if len(wanted) > MOST_GROUPS:
        raise CannotAct(f"{len(wanted)} groups at once; one order is for at most {MOST_GROUPS}")
    named = [one.group for one in wanted]
    if twice := next((group for group in named if named.count(group) > 1), None):
        raise CannotAct(f"group {twice} is named twice; one order does one thing to a group")
    inside = groups.members(scene.tx, named)
    papers = sum(len(one.members) or len(inside.get(one.group, ())) for one in wanted)
    if papers > MOST_PAPERS:
        raise CannotAct(
            f"{papers} papers at once; one order is for at most {MOST_PAPERS}: "
            "name fewer groups, or the members you mean"
        )
    return _once([plan(scene, one, label=label) for one in wanted])


def _once(plans: Sequence[Plan]) -> list[Plan]:
    """One order merges onto a paper once: of groups that keep the same one, the later ones are left."""
    onto: dict[int, int] = {}
    found = []
    for one in plans:
        act = one.merge
        before = onto.setdefault(act.paper.item, one.wanted.group) if act is not None else None
        if act is not None and before != one.wanted.group:
            why = f"{act.paper.name} is merged onto for group {before} already; order this one after that"
            found.append(replace(one, acts=(), lines=(), refused=why))
        else:
            found.append(one)
    return found


def _check(plans: Sequence[Plan], count: int | None) -> None:
    """Whether there is anything to do, and whether it is known how much. CannotAct."""
    if not any(one.acts for one in plans):
        raise CannotAct("; ".join(f"{one.title}: {one.refused}" for one in plans))
    acts = [act for one in plans for act in one.acts]
    going = {act.paper.item for act in acts if act.verb is Verb.DELETE}
    if both := [act.told.primary for act in acts if act.told is not None and act.keeper in going]:
        raise CannotAct(f"{both[0].name} cannot stay for one and be deleted for another in one order")
    deletes = _deletes(plans)
    if deletes > UNCOUNTED and count != deletes:
        raise CannotAct(f"this deletes {deletes}, more than {UNCOUNTED}; say the number to mean it")


def _put(scene: Scene, plan: Plan, *, by: str) -> list[ActionRow]:
    """A group's acts as rows of the outbox. What is merged first is waited for."""
    first: int | None = None
    made: list[ActionRow] = []
    for act in plan.acts:
        number = _add(scene, act, plan, by=by, after=first)
        first = number if act.first else first
        made += [row for row in [actions.get(scene.tx, number or 0)] if row is not None]
    return made


def _add(scene: Scene, act: Act, plan: Plan, *, by: str, after: int | None) -> int | None:
    """An act as a row; None: what only goes along is under way already. CannotAct."""
    tx, paper, how = scene.tx, act.paper, act.how or Deletion()
    new = NewAction(
        verb=act.verb, target=paper.source, title=paper.title,
        since=f"{by} asked for it by hand, for duplicates of “{plan.title}”", asked_by=by, item_id=paper.item,
        key=paper.key, label=act.label, files=how.files, exclude=how.exclude,
        refs="\n".join(paper.refs), others=act.others, keeper=act.keeper,
        keeper_told=write_told(act.told) if act.told is not None else None, after=after,
    )  # fmt: skip
    try:
        number = actions.add(tx, new, seq=scene.seq, at=scene.stamp, next_try=scene.now)
    except sqlite3.IntegrityError as error:
        if act.beside:
            return None
        said = f"to {act.verb} {paper.key} in {paper.source} is under way already; nothing was done"
        raise CannotAct(said) from error
    actions.in_order(tx, number, number, before_of=None)
    if act.verb is Verb.TAG:
        groups.label(tx, paper.item, act.label, number)
    return number


async def _foresee(outbox: Outbox, plan: Plan, turn: asyncio.Semaphore) -> Foreseen:
    """A plan in words; for a merge its app is asked what that would do, unless it is known not to answer."""
    told = Foreseen(plan.wanted.group, plan.title, plan.lines, plan.refused, plan.deletes)
    act = plan.merge
    place = outbox.engine.places.get(act.paper.source) if act is not None else None
    if act is None or place is None or not isinstance(place.live.source, Merges):
        return told
    source = place.live.source
    try:
        async with turn:
            if not place.live.answers:
                raise Unreachable(f"{place.live.name} does not answer: {place.live.health.detail}")
            found: object = await place.live.ask(
                "ask", lambda: source.foresee_merge(act.paper.key, act.others, without=act.without)
            )
    except SourceError as error:
        return replace(told, unasked=f"{place.live.name} could not be asked what merging would do: {error}")
    if not isinstance(found, Merging):
        return replace(told, unasked=f"{place.live.name} did not say what merging would do")
    return replace(told, gains=found.gains, conflicts=found.conflicts)


def _deletes(plans: Sequence[Plan]) -> int:
    return sum(one.deletes for one in plans)


def _print(plans: Sequence[Plan]) -> str:
    return hashlib.blake2b("\n".join(one.print for one in plans).encode(), digest_size=16).hexdigest()


__all__ = ["MOST_GROUPS", "UNCOUNTED", "Do", "Foreseen", "Preview", "Wanted", "order", "preview"]
