"""Findings about thresholds: one a mirror and measure, at its level, and over when the measure is below."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciled.config import Measure, Mirror
from reconciled.engine.mirror.measures import Counters, Grade
from reconciled.engine.mirror.thresholds import Change, configured, counted, ended, judge, proves
from reconciled.ledger import findings, mirrors, thresholds
from reconciled.ledger.connection import Ledger

MIRROR = Mirror("practice", "vsrx", ("archive",))
WELL = Counters(files=100, filesets=10, seconds=60.0)
W, C = Grade.WARNING, Grade.CRITICAL


class World:
    """A ledger and the runs of a mirror, an hour apart."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.hour = 0

    async def ran(
        self, counters: Counters = WELL, *, complete: bool = True, mirror: Mirror = MIRROR
    ) -> list[tuple[Measure, Grade | None, Grade | None]]:
        self.hour += 1
        changes = await self.ledger.write(
            ended, mirror, self.hour, counters, complete=complete, at=self.at(self.hour)
        )
        return [(one.measure, one.before, one.after) for one in changes]

    @staticmethod
    def at(hour: int) -> str:
        return f"2026-01-01T{hour:02}:00:00.000Z"

    async def stands(self, mirror: str = MIRROR.name) -> dict[str, tuple[str, str]]:
        """Level and since when, by measure."""
        found = await self.ledger.read(thresholds.crossed, mirror)
        return {measure: (one.level, one.since[11:13]) for measure, one in found.items()}

    async def all(self) -> list[tuple[Any, ...]]:
        return await self.ledger.read(
            lambda tx: tx.execute(
                "SELECT source, kind, key, title, detail, substr(opened_at, 12, 2), resolved_at, resolution "
                "FROM finding ORDER BY id"
            ).fetchall()
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    yield World(ledger)
    await ledger.close()


async def test_a_good_run_finds_nothing(world: World) -> None:
    assert await world.ran() == []
    assert await world.all() == []
    row = await world.ledger.read(mirrors.get, "practice")
    assert row is not None
    assert (row.failures, row.last_complete) == (0, 1)


async def test_one_finding_goes_up_down_and_ends(world: World) -> None:
    rate = Measure.ERROR_RATE
    assert await world.ran(replace(WELL, failed=5)) == [(rate, None, W)]
    assert await world.stands() == {"error_rate": ("warning", "01")}
    assert await world.ran(replace(WELL, failed=6)) == []
    assert await world.stands() == {"error_rate": ("warning", "01")}
    assert await world.ran(replace(WELL, failed=10)) == [(rate, W, C)]
    assert await world.stands() == {"error_rate": ("critical", "03")}
    assert await world.ran(replace(WELL, failed=9)) == [(rate, C, W)]
    assert await world.stands() == {"error_rate": ("warning", "04")}
    assert await world.ran(replace(WELL, failed=4)) == [(rate, W, None)]
    ((source, kind, key, title, detail, opened, resolved, why),) = await world.all()
    assert (source, kind, key, title) == ("vsrx", "mirror", "practice/error_rate", "practice: files fail")
    assert (opened, resolved) == ("01", world.at(5))
    assert detail.startswith("warning since 2026-01-01T04:00:00.000Z: 9 of 100 files failed")
    assert why == "4 of 100 files failed in the last run (4 %); a warning is given from 5 % on"
    assert await world.ran(replace(WELL, failed=50)) == [(rate, None, C)]
    assert len(await world.all()) == 2


async def test_each_measure_has_its_own(world: World) -> None:
    assert await world.ran(replace(WELL, failed=10, seconds=301.0)) == [
        (Measure.SYNC_DURATION, None, W),
        (Measure.ERROR_RATE, None, C),
    ]
    assert await world.ran(replace(WELL, seconds=600.0)) == [
        (Measure.SYNC_DURATION, W, C),
        (Measure.ERROR_RATE, C, None),
    ]


async def test_each_mirror_has_its_own(world: World) -> None:
    await world.ran(replace(WELL, failed=10))
    other = Mirror("practice/error_rate", "vsrx", ("archive",))  # no config makes such a name
    await world.ran(replace(WELL, failed=5), mirror=other)
    assert await world.stands() == {"error_rate": ("critical", "01")}
    assert await world.stands(other.name) == {"error_rate": ("warning", "02")}
    await world.ran()
    assert await world.stands(other.name) == {"error_rate": ("warning", "02")}


async def test_runs_that_fail_one_after_the_other(world: World) -> None:
    said = [await world.ran(Counters(seconds=1.0), complete=False) for _ in range(6)]
    runs = Measure.CONSECUTIVE_FAILURES
    assert said == [[], [], [(runs, None, W)], [], [(runs, W, C)], []]
    ((*_, detail, _, _, _),) = await world.all()
    assert detail.startswith("critical since 2026-01-01T05:00:00.000Z: the last 6 runs failed")
    assert await world.ran() == [(runs, C, None)]
    assert await world.ran(complete=False) == []


async def test_a_run_that_failed_makes_nothing_better(world: World) -> None:
    await world.ran(replace(WELL, failed=10, seconds=400.0))
    assert await world.ran(Counters(files=1, seconds=0.1), complete=False) == []
    assert await world.stands() == {"error_rate": ("critical", "01"), "sync_duration": ("warning", "01")}


@pytest.mark.parametrize("failing", [True, False])
async def test_a_run_without_files_ends_it_only_when_no_file_fails_any_more(
    world: World, failing: bool
) -> None:
    await world.ran(replace(WELL, failed=10))
    if failing:
        await world.ledger.write(
            lambda tx: tx.execute(
                "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, "
                "created_at, changed_at) "
                "VALUES ('practice', 1, 'vsrx', 'file', '1', 'x', '1', 'archive', 'failed', 'x', 'x')"
            )
        )
    await world.ran(Counters(seconds=0.1))
    assert await world.stands() == ({"error_rate": ("critical", "01")} if failing else {})


NOTHING = Counters()
PROOFS = [
    # measure, now, before, counters, complete, failing, whether it says anything
    (Measure.SYNC_DURATION, None, W, WELL, True, False, True),
    (Measure.SYNC_DURATION, None, W, WELL, False, False, False),
    (Measure.SYNC_DURATION, None, None, WELL, False, False, False),
    (Measure.SYNC_DURATION, W, None, WELL, False, False, True),
    (Measure.SYNC_DURATION, C, W, WELL, False, False, True),
    (Measure.SYNC_DURATION, W, C, WELL, False, False, False),
    (Measure.ERROR_RATE, C, None, WELL, True, True, True),
    (Measure.ERROR_RATE, C, None, WELL, False, True, False),
    (Measure.ERROR_RATE, None, C, NOTHING, True, True, False),
    (Measure.ERROR_RATE, None, C, NOTHING, True, False, True),
    (Measure.ERROR_RATE, None, C, NOTHING, False, False, False),
    (Measure.CONSECUTIVE_FAILURES, W, None, NOTHING, False, True, True),
    (Measure.CONSECUTIVE_FAILURES, None, C, NOTHING, True, True, True),
]


@pytest.mark.parametrize(("measure", "now", "before", "counters", "complete", "failing", "says"), PROOFS)
def test_what_a_run_proves(
    measure: Measure,
    now: Grade | None,
    before: Grade | None,
    counters: Counters,
    complete: bool,
    failing: bool,
    says: bool,
) -> None:
    assert proves(measure, now, before, counters, complete=complete, failing=failing) is says


async def test_what_a_person_set_aside_stays_aside(world: World) -> None:
    await world.ran(replace(WELL, failed=5))
    await world.ledger.write(findings.ignore, 1, by="owner")
    await world.ran(replace(WELL, failed=10))
    assert await world.stands() == {"error_rate": ("critical", "02")}
    assert await world.ledger.read(thresholds.every_crossed, unanswered=True) == []
    assert len(await world.all()) == 1


async def test_mirrors_that_left_the_config_leave_no_finding(world: World) -> None:
    await world.ran(replace(WELL, failed=10))
    await world.ran(replace(WELL, failed=10), mirror=replace(MIRROR, name="other"))
    await world.ledger.write(configured, ["other"], at=world.at(9))
    assert await world.stands() == {}
    assert await world.stands("other") == {"error_rate": ("critical", "02")}
    assert list(await world.ledger.read(mirrors.every)) == ["other"]
    assert [row[-1] for row in await world.all()] == [thresholds.FORGOTTEN, None]


async def test_judging_twice_says_nothing_new(world: World) -> None:
    counters = replace(WELL, failed=10)
    first = await world.ledger.write(judge, MIRROR, counters, complete=True, at=world.at(1))
    again = await world.ledger.write(judge, MIRROR, counters, complete=True, at=world.at(2))
    said = "10 of 100 files failed in the last run (10 %); from 10 % on that is critical"
    assert first == (Change(Measure.ERROR_RATE, None, C, said),)
    assert again == ()
    assert await world.stands() == {"error_rate": ("critical", "01")}


@pytest.mark.parametrize(
    ("stats", "meant"),
    [
        ({}, Counters()),
        ({"files": 3, "failed": 1, "bytes": 9, "filesets": 2, "seconds": 0.5}, Counters(3, 1, 9, 2, 0.5)),
        ({"files": None, "failed": "1", "bytes": True, "seconds": 2}, Counters(seconds=2.0)),
    ],
)
def test_the_counters_of_a_run_that_is_over(stats: Any, meant: Counters) -> None:
    assert counted(stats) == meant
