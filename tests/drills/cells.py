"""A cell of the matrix, what came of it, and why some cannot be played."""

from dataclasses import dataclass, field

from tests.drills.named import NAMED, End, Moment, Named
from tests.drills.striking import Befallen, ClockStep, Lie, Trouble
from tests.drills.worlds import FEW, ONE_LIST, World

from reconciled.testing.clock import ManualClock


@dataclass(frozen=True, slots=True)
class Cell:
    """What is played. `doubled`: the witness fails at once, and both are read three times meanwhile."""

    world: type[World]
    fault: str
    moment: Moment
    doubled: bool = False

    @property
    def named(self) -> Named:
        """The fault."""
        return NAMED[self.fault]

    @property
    def end(self) -> End:
        """The end it has to have."""
        return self.named.end_at(self.world.name, self.moment)[0]

    def __str__(self) -> str:
        both = ", and a second source" if self.doubled else ""
        return f"{self.world.name}: {self.fault}, {self.moment}{both}"


@dataclass(slots=True)
class Outcome:
    """What came of a cell. All sentences are in words, and empty lists are good."""

    cell: Cell
    end: End = End.UNKNOWN
    false: list[str] = field(default_factory=list)
    """Tombstones of what truly stands."""
    hasty: list[str] = field(default_factory=list)
    """The real loss was believed while nobody could say so."""
    acted: list[str] = field(default_factory=list)
    """Actions about what others still hold."""
    missed: list[str] = field(default_factory=list)
    """Really lost, and not remembered after the healing; or the action that follows was not done."""
    left: list[str] = field(default_factory=list)
    """Doubts and wrong beliefs that are left after the healing."""
    why_held: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """All that is wrong, in sentences."""
        said = [f"it ended {self.end} instead of {self.cell.end}"] if self.end is not self.cell.end else []
        believed = self.cell.end is End.BELIEVED and len(self.false) <= FEW
        beyond = [] if believed else self.false
        return [
            *said,
            *(f"a false tombstone: {one}" for one in beyond),
            *(f"believed while nobody could say so: {one}" for one in self.hasty),
            *(f"a false action: {one}" for one in self.acted),
            *(f"missed: {one}" for one in self.missed),
            *(f"left: {one}" for one in self.left),
        ]


def excuse(world: type[World], fault: str, moment: Moment) -> str | None:
    """Why this cannot happen there then, or None. AssertionError when nobody has said so either way."""
    named, made = NAMED[fault], world(ManualClock())
    reason: str | None = None
    if moment not in named.moments:
        reason = "it only happens in the middle of a listing"
    elif fault in made.excused:
        reason = made.excused[fault]
    elif (why := _not_befalling(made, fault, named.trouble)) is not None:
        reason = why
    elif made.fake is None and moment is Moment.MIDDLE:
        reason = "nobody is asked, so there is no middle to count to"
    elif isinstance(named.trouble, Lie):
        reason = _not_lying(made, moment)
    return reason


def _not_lying(world: World, moment: Moment) -> str | None:
    if moment is Moment.AFTER and not world.lists_in_lookups:
        return "its lookups are no lists"
    return ONE_LIST if moment is Moment.MIDDLE and world.one_list else None


def _not_befalling(world: World, fault: str, trouble: Trouble) -> str | None:
    if isinstance(trouble, ClockStep):
        return None
    if isinstance(trouble, Befallen):
        if fault in world.accidents():
            return None
        if fault == "its own ground fails":
            return "what answers there is struck by the faults above"
        assert world.fake is None, f"{world.name} says nothing of {fault!r}: an accident, or an excuse"
        return "it is no app, and has nothing of the kind"
    return "no app is asked over a network" if world.fake is None else None
