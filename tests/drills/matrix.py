"""All cells: every source with a world × every fault × each moment, and what is left out with its reason."""

from collections.abc import Sequence

from tests.drills.cells import Cell, excuse
from tests.drills.named import NAMED, Moment
from tests.drills.worlds import World
from tests.drills.worlds_asking import BookshelfWorld, RequestsWorld, SeerrWorld
from tests.drills.worlds_ground import FilesystemWorld, RecordsWorld
from tests.drills.worlds_media import JellyfinWorld, ShokoWorld
from tests.drills.worlds_papers import PaperlessWorld, VsrxWorld
from tests.drills.worlds_servarr import RadarrWorld, SonarrWorld

WORLDS: Sequence[type[World]] = (
    RadarrWorld, SonarrWorld, JellyfinWorld, ShokoWorld, SeerrWorld, PaperlessWorld, VsrxWorld,
    BookshelfWorld, RequestsWorld, FilesystemWorld, RecordsWorld,
)  # fmt: skip


def _all() -> tuple[list[Cell], list[tuple[Cell, str]]]:
    """What is played, and what cannot be, with why."""
    played: list[Cell] = []
    excused: list[tuple[Cell, str]] = []
    for world in WORLDS:
        for fault, named in NAMED.items():
            for moment in Moment:
                cell = Cell(world, fault, moment)
                reason = excuse(world, fault, moment)
                if reason is not None:
                    excused.append((cell, reason))
                    continue
                played.append(cell)
                if named.doubled and moment is Moment.BEFORE:
                    played.append(Cell(world, fault, moment, doubled=True))
    return played, excused


CELLS, EXCUSED = _all()


def _quick() -> list[Cell]:
    """One source, every fault once, the moments in turn; without those that cost real time."""
    found: list[Cell] = []
    for number, fault in enumerate(NAMED):
        mine = [
            cell for cell in CELLS if cell.world is RadarrWorld and cell.fault == fault and not cell.doubled
        ]
        if mine and fault not in ("hang", "slow"):
            found.append(mine[number % len(mine)])
    return found


QUICK = _quick()
"""A sample that takes a few seconds."""


def _in_turn() -> list[Cell]:
    """Every source with every fault, the moments in turn, and every fault at every moment. Every cell that
    does not end as its fault does elsewhere. Of what is doubled, a third.
    """
    found: list[Cell] = []
    for shift, world in enumerate(WORLDS):
        for number, (fault, named) in enumerate(NAMED.items(), start=shift):
            mine = [cell for cell in CELLS if cell.world is world and cell.fault == fault]
            single = [cell for cell in mine if not cell.doubled]
            found += [cell for cell in single if cell.end is not named.end or cell in QUICK]
            if single and single[number % len(single)] not in found:
                found.append(single[number % len(single)])
            found += [cell for cell in mine if cell.doubled and number % 3 == 0]
    known = {(cell.fault, cell.moment) for cell in found if not cell.doubled}
    for cell in CELLS:
        if (cell.fault, cell.moment) not in known:
            known.add((cell.fault, cell.moment))
            found.append(cell)
    return found


TURN = _in_turn()
"""A sample that holds every source with every fault."""
REST = [cell for cell in TURN if cell not in QUICK]
FURTHER = [cell for cell in CELLS if cell not in TURN and cell not in QUICK]
"""The same at the other moments."""
