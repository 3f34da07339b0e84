"""The fault matrix can fail: it is red with a naive engine, and with ours as soon as a guard is taken out."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.drills.cells import Cell
from tests.drills.drill import play
from tests.drills.matrix import CELLS, QUICK, WORLDS
from tests.drills.naive import Naive
from tests.drills.named import Moment
from tests.drills.parts import Parts
from tests.drills.worlds import World
from tests.drills.worlds_asking import BookshelfWorld, SeerrWorld
from tests.drills.worlds_media import JellyfinWorld
from tests.drills.worlds_servarr import RadarrWorld

from reconciled.engine import holds, losing, verdict
from reconciled.engine.health import HealthKeeper
from reconciled.engine.live import LiveSource
from reconciled.engine.outbox import agreement
from reconciled.engine.passes import scan
from reconciled.errors import SourceError
from reconciled.model import Absent, Answer, Key, Page, Verdict
from reconciled_radarr import Radarr

Patch = pytest.MonkeyPatch
BEFORE, MIDDLE, AFTER = Moment


async def test_the_naive_engine_is_red_in_the_sample(tmp_path: Path) -> None:
    """But for clocks, which it does not look at."""
    green = [cell.fault for cell in QUICK if not (await play(cell, tmp_path, Naive.open)).wrong]
    assert green == ["clock skew"]


@pytest.mark.full
@pytest.mark.parametrize("app", WORLDS, ids=lambda app: app.name)
async def test_the_naive_engine_is_red_in_many_cells(app: type[World], tmp_path: Path) -> None:
    """At least two of three in every source: it remembers as lost what stands, and acts on it."""
    mine = [cell for cell in CELLS if cell.world is app and cell.fault != "hang"]
    outcomes = [await play(cell, tmp_path, Naive.open) for cell in mine]
    assert sum(bool(one.wrong) for one in outcomes) >= len(mine) * 2 / 3
    assert any(one.false for one in outcomes)


# our own engine with a guard taken out


def no_control(patch: Patch) -> None:
    """A no counts without a yes beside it."""
    testify = verdict.testify

    def credulous(key: Key, answer: Answer | None, **more: Any) -> verdict.Testimony:
        if isinstance(answer, Absent):
            return verdict.Testimony(key, Verdict.ABSENT, answer.said, answer, vouched=True)
        return testify(key, answer, **more)

    patch.setattr("reconciled.engine.proof.testify", credulous)


def holds_off(patch: Patch) -> None:
    """Nothing is ever held."""
    patch.setattr(holds, "judge", lambda facts: None)
    patch.setattr(holds, "judge_world", lambda facts: None)
    patch.setattr(losing, "_root_is_odd", lambda desk, row: False)
    patch.setattr(scan, "another_world", lambda *more, **most: None)


def the_newest_off(patch: Patch) -> None:
    """A restored backup is not noticed."""
    patch.setattr(holds, "NEWEST", 10**9)


def trouble_is_absence(patch: Patch) -> None:
    """The plugin takes an error for a no; the controls stand aside as well, else they would stop it."""
    lookup = Radarr.lookup

    async def careless(self: Radarr, key: Key) -> Answer:
        try:
            return await lookup(self, key)
        except SourceError:
            return Absent("it failed")

    patch.setattr(Radarr, "lookup", careless)
    no_control(patch)


def half_a_listing(patch: Patch) -> None:
    """A page that fails is the end of the library, and what a listing lacks is gone by the listing alone."""
    pages = LiveSource.pages

    async def patient(self: LiveSource, kinds: frozenset[str]) -> AsyncIterator[Page]:
        try:
            async for page in pages(self, kinds):
                yield page
        except SourceError:
            yield Page((), complete=True)

    async def denied(self: LiveSource, key: Key) -> Answer:
        return Absent("not listed")

    patch.setattr(LiveSource, "pages", patient)
    patch.setattr(LiveSource, "lookup", denied)
    patch.setattr(LiveSource, "looks_up_many", None)
    patch.setattr(HealthKeeper, "failed", lambda self, error, doing: None)
    no_control(patch)
    holds_off(patch)


def nobody_is_asked(patch: Patch) -> None:
    """A policy asks no other source."""
    patch.setattr(agreement, "asked", lambda *more, **most: [])


MUTANTS: list[tuple[Callable[[Patch], None], Cell, str]] = [
    (
        no_control,
        Cell(RadarrWorld, "404 with the app's headers", AFTER),
        "believed while nobody could say so",
    ),
    (holds_off, Cell(RadarrWorld, "another instance", BEFORE), "a false tombstone"),
    (holds_off, Cell(BookshelfWorld, "ids reused", AFTER), "a false tombstone"),
    (holds_off, Cell(SeerrWorld, "restored from an old backup", BEFORE), "instead of held"),
    (the_newest_off, Cell(RadarrWorld, "restored from an old backup", BEFORE), "instead of held"),
    (the_newest_off, Cell(RadarrWorld, "ids reused", MIDDLE), "a false tombstone"),
    (trouble_is_absence, Cell(RadarrWorld, "500", AFTER), "believed while nobody could say so"),
    (half_a_listing, Cell(RadarrWorld, "503 starting up", MIDDLE), "a false tombstone"),
    (half_a_listing, Cell(JellyfinWorld, "reset", MIDDLE), "a false tombstone"),
    (nobody_is_asked, Cell(RadarrWorld, "partial mount", BEFORE), "a false action"),
]


@pytest.mark.parametrize(
    ("mutate", "cell", "said"), MUTANTS, ids=lambda one: getattr(one, "__name__", str(one))
)
async def test_a_guard_that_is_taken_out_is_noticed(
    mutate: Callable[[Patch], None], cell: Cell, said: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    mutate(monkeypatch)
    wrong = (await play(cell, tmp_path, Parts.open)).wrong
    assert any(said in one for one in wrong), wrong
