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
from tests.drills.witness import Witness
from tests.drills.worlds import Accident, World
from tests.drills.worlds_asking import BookshelfWorld, RequestsWorld, SeerrWorld
from tests.drills.worlds_ground import FilesystemWorld, RecordsWorld
from tests.drills.worlds_media import JellyfinWorld, ShokoWorld
from tests.drills.worlds_papers import PaperlessWorld, VsrxWorld
from tests.drills.worlds_servarr import RadarrWorld, SonarrWorld

from reconciled.config import Policy
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


@pytest.mark.full
async def test_the_naive_engine_is_red_in_the_sample(tmp_path: Path) -> None:
    """But for clocks, which it does not look at."""
    green = [cell.fault for cell in QUICK if not (await play(cell, tmp_path, Naive.open)).wrong]
    assert green == ["clock skew"]


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.parametrize(
    "app",
    [*WORLDS[:2], *(pytest.param(app, marks=pytest.mark.long) for app in WORLDS[2:])],
    ids=lambda app: app.name,
)
async def test_the_naive_engine_is_red_in_many_cells(app: type[World], tmp_path: Path) -> None:
    """At least two of three in every source: it remembers as lost what stands, and acts on it."""
    mine = [cell for cell in CELLS if cell.world is app and cell.fault != "hang" and not cell.doubled][::2]
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

ELSEWHERE: list[tuple[Callable[[Patch], None], Cell, str]] = [
    (
        no_control,
        Cell(SonarrWorld, "404 with the app's headers", AFTER),
        "believed while nobody could say so",
    ),
    (holds_off, Cell(JellyfinWorld, "another instance", BEFORE), "a false tombstone"),
    (holds_off, Cell(SonarrWorld, "root empty", BEFORE), "instead of held"),
    (holds_off, Cell(PaperlessWorld, "rights narrowed", AFTER), "instead of held"),
    (holds_off, Cell(FilesystemWorld, "partial mount", BEFORE), "instead of held"),
    (holds_off, Cell(RecordsWorld, "restored from an old backup", BEFORE), "instead of held"),
    (nobody_is_asked, Cell(RadarrWorld, "partial mount", AFTER), "a false action"),
    (nobody_is_asked, Cell(SonarrWorld, "partial mount", AFTER), "a false action"),
    (nobody_is_asked, Cell(JellyfinWorld, "partial mount", MIDDLE), "a false action"),
    (nobody_is_asked, Cell(JellyfinWorld, "partial mount", AFTER), "a false action"),
    (half_a_listing, Cell(BookshelfWorld, "cut-off JSON", MIDDLE), "a false tombstone"),
    (half_a_listing, Cell(ShokoWorld, "reset", MIDDLE), "a false tombstone"),
    (half_a_listing, Cell(VsrxWorld, "reset", MIDDLE), "a false tombstone"),
    (half_a_listing, Cell(SeerrWorld, "500", MIDDLE), "a false tombstone"),
    (half_a_listing, Cell(RequestsWorld, "503 starting up", MIDDLE), "a false tombstone"),
]
"""The same guards, in other sources and at other faults."""


@pytest.mark.parametrize(
    ("mutate", "cell", "said"), MUTANTS, ids=lambda one: getattr(one, "__name__", str(one))
)
async def test_a_guard_that_is_taken_out_is_noticed(
    mutate: Callable[[Patch], None], cell: Cell, said: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    mutate(monkeypatch)
    wrong = (await play(cell, tmp_path, Parts.open)).wrong
    assert any(said in one for one in wrong), wrong


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("mutate", "cell", "said"), ELSEWHERE, ids=lambda one: getattr(one, "__name__", str(one))
)
async def test_a_guard_that_is_taken_out_is_noticed_elsewhere(
    mutate: Callable[[Patch], None], cell: Cell, said: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    mutate(monkeypatch)
    wrong = (await play(cell, tmp_path, Parts.open)).wrong
    assert any(said in one for one in wrong), wrong


# the drill itself with a part taken out: a cell must not be green because nothing was played


async def _nothing() -> None:
    return


def no_accident(patch: Patch) -> None:
    for world in (ShokoWorld, FilesystemWorld, RadarrWorld):
        real = world.accidents
        patch.setattr(
            world, "accidents", lambda self, real=real: {name: Accident(_nothing) for name in real(self)}
        )


def deaf_witness(patch: Patch) -> None:
    hold = Witness.hold
    patch.setattr(Witness, "hold", lambda self, items: hold(self, []))


def never_armed(patch: Patch) -> None:
    async def decide(self: Parts, policy: Policy) -> None:
        return

    patch.setattr(Parts, "decide", decide)


def blind_scans(patch: Patch) -> None:
    """Our engine suspects nothing, so the real loss is never noticed."""

    async def suspect(self: scan.Scan, missing: Any) -> int:
        return 0

    patch.setattr(scan.Scan, "_suspect", suspect)


@pytest.mark.parametrize(
    ("mutate", "cell", "said"),
    [
        (no_accident, Cell(ShokoWorld, "partial mount", AFTER), "nothing was struck"),
        (no_accident, Cell(FilesystemWorld, "root empty", BEFORE), "nothing was struck"),
        (no_accident, Cell(FilesystemWorld, "root inaccessible", BEFORE), "nothing was struck"),
        (no_accident, Cell(RadarrWorld, "another instance", MIDDLE), "nothing was struck"),
        (deaf_witness, Cell(RadarrWorld, "500", BEFORE), "the witness knows nothing of"),
        (never_armed, Cell(RadarrWorld, "401", BEFORE), "the request for"),
        (blind_scans, Cell(RadarrWorld, "reset", BEFORE), "no tombstone of what was lost"),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
async def test_a_cell_in_which_nothing_is_played_is_red(
    mutate: Callable[[Patch], None], cell: Cell, said: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    mutate(monkeypatch)
    try:
        wrong = (await play(cell, tmp_path, Parts.open)).wrong
    except AssertionError as error:
        wrong = [str(error)]
    assert any(said in one for one in wrong), wrong
