"""Who did it: pure functions over the evidence of a story, told as one sentence with its steps.

The cause is that of the earliest evidence that names an app or a person, in the order of what
happened; with none it is `external`. An app that merely says that something is gone did it only if
no other app had lost it before. What a policy of ours deleted in consequence is no cause: only a
story that our act began is ours. A replaced file is no loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from reconciled.engine.deeds import BY_HAND, EXTERNAL, OURS, Deed
from reconciled.engine.retelling import WHEN, Wall, did
from reconciled.ledger.tombstones import Evidence


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened in a story, with what it is known by. `who` is a person, an app or ours."""

    at: str
    who: str | None
    did: str
    how: str
    source: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """A cause (an app's name, `dashboard`, `reconciled`, `external`), the actor if known, and a sentence."""

    cause: str
    actor: str | None
    sentence: str
    steps: tuple[Step, ...] = ()


def attribute(
    evidence: Sequence[Evidence], *, title: str, zone: tzinfo | None = None, now: datetime | None = None
) -> Attribution:
    """Judge a story's evidence. Times are those of `zone` (UTC unless told); only today goes unnamed."""
    ordered = sorted(evidence, key=_order)
    steps = sorted((_step(group, ordered) for group in _groups(ordered)), key=lambda found: found.order)
    naming = next((found for found in ordered if _does(found, ordered)), None)
    wall = Wall(zone, now)
    speaking = [step for step in steps if step.speaks]
    said = "; ".join(step.told(wall, alone=naming is None and step is speaking[0]) for step in speaking)
    told = tuple(step.step() for step in speaking)
    proof = next((one.said for one in ordered if one.how == "lookup" and one.deed is None), None)
    proved = f"; proved by {proof}" if proof else ""
    if naming is None:
        noticed = said or "a scan no longer lists it"
        return Attribution(EXTERNAL, None, f"System (external detection): {title}: {noticed}{proved}", told)
    actor = naming.actor or next((step.actor for step in steps if naming in step.group), None)
    return Attribution(naming.cause or EXTERNAL, actor, f"{title}: {said}{proved}", told)


def _order(one: Evidence) -> tuple[int, int]:
    return (one.place if one.place is not None else 2 * one.seq, one.seq)


def _does(one: Evidence, ordered: Sequence[Evidence]) -> bool:
    """Whether it names who did it. `reconciled.ledger.views_losses` says the same in SQL."""
    if not one.cause:
        return False
    before = ordered[: next(n for n, other in enumerate(ordered) if other is one)]
    if one.how == "action" and one.cause == OURS and before:
        return False
    others = any(other.source != one.source and other.how != "lookup" for other in before)
    return not (one.deed == Deed.REMOVED and one.actor is None and others)


def _groups(ordered: Sequence[Evidence]) -> list[list[Evidence]]:
    """What tells of one step: all about one loss by its source. What an app remembers of the loss of another
    goes to its own one.
    """
    own = {one.source: one.stone for one in reversed(ordered) if one.own}
    found: dict[tuple[int, str], list[Evidence]] = {}
    for one in ordered:
        stone = one.stone if one.own else own.get(one.source, one.stone)
        found.setdefault((stone, one.source), []).append(one)
    return [*found.values()]


@dataclass(frozen=True, slots=True)
class _Told:
    """One step as it is made out of what tells of it. `chief` says most; who `leads` did it."""

    group: list[Evidence]
    chief: Evidence
    leads: bool
    kind: str

    @property
    def order(self) -> tuple[int, int]:
        return _order(self.chief)

    @property
    def speaks(self) -> bool:
        """An echo says nothing that was not said before."""
        return self.chief.deed != Deed.ECHO

    @property
    def actor(self) -> str | None:
        """The person that any of it names; a policy of ours is no person."""
        return next((one.actor for one in self.group if one.actor and one.cause != OURS), None)

    @property
    def at(self) -> str:
        """The app's own time where it is believed, else when we first heard of it."""
        return min((one.moment for one in self._alike if one.moment), default=self._heard)

    @property
    def _heard(self) -> str:
        return self._alike[0].at

    @property
    def _alike(self) -> list[Evidence]:
        """What tells of the same as the chief: of doing, or of noticing."""
        return [one for one in self.group if _alike(one, self.chief)]

    @property
    def who(self) -> str | None:
        if self.chief.how == "action":
            return self.actor or OURS
        return self.actor or self.chief.cause if self.leads or self.actor else None

    def step(self) -> Step:
        """The step as the API tells it."""
        return Step(self.at, self.who, self.did, self.chief.how, self.chief.source or self.chief.cause or "")

    @property
    def did(self) -> str:
        """What was done, without the time."""
        return self._saying("")

    def _saying(self, when: str) -> str:
        return did(self.chief, self.actor, leads=self.leads, kind=self.kind).replace(WHEN, when)

    def told(self, wall: Wall, *, alone: bool) -> str:
        """What was done, and when. What only a scan noticed (`alone`) happened at some time before."""
        since = self.chief.last_seen
        if alone and self.chief.how == "scan" and since is not None and since < self.at:
            went = f", so it went between {wall.time(since)} (last seen) and {wall.time(self.at)}"
            return self.did + went
        off = next((one.occurred for one in self._alike if one.occurred and not one.moment), None)
        odd = off if self.at == self._heard else None
        clock = f" (by its own clock, which is off, {wall.time(odd)})" if odd else ""
        return f"{self._saying(f' {wall.on(self.at)}')}{clock}"


def _alike(one: Evidence, chief: Evidence) -> bool:
    return one is chief or (bool(one.cause) == bool(chief.cause) and one.how not in ("lookup", "action"))


def _step(group: list[Evidence], ordered: Sequence[Evidence]) -> _Told:
    deeds = [one for one in group if _does(one, ordered)] or [one for one in group if one.cause]
    deeds.sort(key=lambda one: one.deed == Deed.REMOVED and one.actor is None)  # who says more is heard
    noticed = sorted((one for one in group if not one.cause), key=_tells_most)
    chief = (deeds or noticed)[0]
    leads = bool(deeds) and (_does(chief, ordered) or chief.how == "action")
    kind = next((one.kind for one in ordered if one.own), "")
    return _Told(group, chief, leads, kind)


def _tells_most(one: Evidence) -> int:
    """What an app found says more than what a list lacks, and that more than the lookup that proved it."""
    if one.deed == Deed.ECHO:
        return 3
    if one.how == "lookup":
        return 2 if one.deed is None else 1
    return 1 if one.how == "scan" else 0


__all__ = ["BY_HAND", "EXTERNAL", "OURS", "Attribution", "Deed", "Step", "attribute"]
