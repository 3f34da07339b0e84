"""The quiet year: nothing wrong is done, nothing is missed, nobody is bothered, no app is pestered.

A household lives for a year (see `quiet_year`): adds, deletions, upgrades, renames, one move of the whole
library, nightly reboots, two outages a month, three sprees. Its figures are printed (`pytest -s`).
"""

from pathlib import Path

import pytest
from tests.drills.quiet_ledger import quiet_folder
from tests.drills.quiet_year import Figures, Year, hurry

MOST_A_DAY = 1500
MOST_HOLDS = 6


async def live(*, days: int, scan: str, seed: int = 1) -> Figures:
    with quiet_folder() as folder:
        figures = await Year(Path(folder), days=days, seed=seed, scan=scan).live()
    print(figures.said())  # noqa: T201 - its figures are what people read
    return figures


def judge(figures: Figures) -> None:
    assert figures.wrong == []
    assert figures.tombstones_of_what_stood == []
    assert figures.missed == []
    assert len(figures.without_cause) <= MOST_HOLDS, figures.without_cause
    assert {name: most for name, (_, most) in figures.busiest.items() if most > MOST_A_DAY} == {}
    for name, probes in figures.probes.items():
        # once a scan, once after trouble; and what is denied is believed only after another look at the disks
        acts = sum(figures.acts.values())
        assert (
            probes <= figures.scans[name] + 2 * figures.recoveries[name] + figures.losses[name] + 2 * acts
        ), name


@pytest.mark.full
async def test_two_quiet_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    figures = await live(days=14, scan="24h")
    judge(figures)
    assert figures.acts["unmonitor"] > 40
    assert figures.acts["delete"] > 5


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.timeout(300)
@pytest.mark.long
async def test_two_quiet_weeks_with_nothing_left_out() -> None:
    """As configured by default: a scan each six hours, a control each quarter of an hour."""
    judge(await live(days=14, scan="6h", seed=2))


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.timeout(900)
@pytest.mark.parametrize("days", [91, pytest.param(365, marks=pytest.mark.long)], ids=["quarter", "year"])
async def test_a_quiet_time(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    hurry(monkeypatch)
    figures = await live(days=days, scan="24h")
    judge(figures)
    assert figures.happened["sprees"] == 3
    assert figures.happened["moves"] == 1
    assert figures.happened["outages"] >= days // 16
