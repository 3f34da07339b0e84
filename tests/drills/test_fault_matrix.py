"""The fault matrix: whatever goes wrong between us and an app, nothing that stands is remembered as lost.

Each cell is a source, a fault and a moment, played over real sockets and judged against the truth table;
`named` says which end each has to have, and why. The table of all is bench/results/faults.md.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.drills.cells import Cell
from tests.drills.drill import play
from tests.drills.matrix import CELLS, EXCUSED, FURTHER, QUICK, REST, TURN, WORLDS
from tests.drills.named import NAMED, Moment
from tests.drills.parts import Parts

RESULTS = Path(__file__).parents[2] / "bench" / "results" / "faults.md"
LEAST = 300


@pytest.mark.parametrize("cell", QUICK, ids=str)
async def test_a_sample_of_the_faults(cell: Cell, tmp_path: Path) -> None:
    outcome = await play(cell, tmp_path, Parts.open)
    assert not outcome.wrong, "\n".join([str(cell), *outcome.wrong, *outcome.why_held])


@pytest.mark.full
@pytest.mark.parametrize("cell", REST, ids=str)
async def test_every_fault_at_every_source(cell: Cell, tmp_path: Path) -> None:
    outcome = await play(cell, tmp_path, Parts.open)
    assert not outcome.wrong, "\n".join([str(cell), *outcome.wrong, *outcome.why_held])


@pytest.mark.long
@pytest.mark.no_cover
@pytest.mark.parametrize("cell", FURTHER, ids=str)
async def test_every_fault_at_every_other_moment(cell: Cell, tmp_path: Path) -> None:
    outcome = await play(cell, tmp_path, Parts.open)
    assert not outcome.wrong, "\n".join([str(cell), *outcome.wrong, *outcome.why_held])


def test_the_sample_holds_every_pair() -> None:
    """Every source with every fault, every fault at every moment, every source at every moment."""

    def pairs(cells: Sequence[Cell]) -> set[tuple[object, object]]:
        single = [cell for cell in cells if not cell.doubled]
        return {
            pair
            for cell in single
            for pair in ((cell.world, cell.fault), (cell.fault, cell.moment), (cell.world, cell.moment))
        }

    assert pairs(TURN) == pairs(CELLS)
    doubled = [[cell for cell in cells if cell.doubled] for cells in (TURN, CELLS)]
    assert {cell.fault for cell in doubled[0]} == {cell.fault for cell in doubled[1]}
    assert {cell.world for cell in doubled[0]} == {cell.world for cell in doubled[1]}
    assert sorted([*map(str, QUICK), *map(str, REST), *map(str, FURTHER)]) == sorted(map(str, CELLS))


def test_the_matrix_is_large_and_nothing_is_left_out_without_a_reason() -> None:
    single = [cell for cell in CELLS if not cell.doubled]
    assert len(CELLS) >= LEAST
    assert len(single) + len(EXCUSED) == len(WORLDS) * len(NAMED) * len(Moment)
    assert all(reason for _, reason in EXCUSED)
    played = {(cell.fault, cell.moment) for cell in single}
    excused_everywhere = {(cell.fault, cell.moment) for cell, _ in EXCUSED} - played
    assert all(
        moment not in NAMED[fault].moments or fault == "its own ground fails"
        for fault, moment in excused_everywhere
    )


def test_ten_faults_are_also_played_with_a_second_source_failing() -> None:
    doubled = {cell.fault for cell in CELLS if cell.doubled}
    assert len(doubled) == 10


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_exceptions_are_about_sources_and_faults_that_there_are(world: type) -> None:
    names = {one.name for one in WORLDS}
    assert all(source in names for named in NAMED.values() for source, _ in named.but)


def test_the_table_in_the_repository_is_of_this_matrix() -> None:
    said = RESULTS.read_text("utf-8")
    assert f"{len(CELLS)} cells" in said, "run script/bench faults"
    assert all(f"| {fault} |" in said for fault in NAMED), "run script/bench faults"
