"""What a drill finds: one cell a source, fault and moment, and what is a mistake in it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Moment(StrEnum):
    """When a fault begins: before the source is read, or in the middle of it."""

    BEFORE = "before"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that was called gone."""

    source: str
    kind: str
    id: str
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class Meant:
    """Something that would have been done in an app; `sentence` says it."""

    verb: str
    target: str
    kind: str
    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class State:
    """What the copy of the ledger holds at one moment."""

    suspects: int
    holds: tuple[str, ...]
    lost: frozenset[Lost]
    meant: frozenset[Meant]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one fault did. `suspects` are what was in doubt while it lasted, `holds` the sentences of what was
    held; `lost` and `meant` are what would not have been without it; `left` is what was still in doubt, or
    held, when it was over.
    """

    source: str
    fault: str
    moment: Moment
    suspects: int
    holds: tuple[str, ...]
    lost: tuple[Lost, ...]
    meant: tuple[Meant, ...]
    left: int

    @property
    def mistakes(self) -> int:
        """How many things were called gone, or would have been acted on, only because of the fault."""
        return len(self.lost) + len(self.meant)

    @property
    def noticed(self) -> str:
        """What came of it, in a few words."""
        if self.mistakes:
            return f"MISTAKE: {len(self.lost)} called gone, {len(self.meant)} acts"
        if self.holds:
            return f"held ({self.suspects} in doubt)"
        return f"waited ({self.suspects} in doubt)" if self.suspects else "waited"


@dataclass(slots=True)
class Report:
    """A whole drill. `real` is what is gone right now, with no fault at all, and `would` what would follow
    from it; `requests` were sent to each app. `stopped` counts calls that would have changed something and
    were not sent, `slipped` those of them that nothing but the relay stopped (there must be none).
    """

    real: tuple[Lost, ...] = ()
    would: tuple[Meant, ...] = ()
    cells: list[Cell] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    stopped: int = 0
    slipped: int = 0
    aside: dict[str, str] = field(default_factory=dict)
    """Sources that no fault was played for, and why."""

    @property
    def mistakes(self) -> int:
        """How many there were, in all cells."""
        return sum(cell.mistakes for cell in self.cells)
