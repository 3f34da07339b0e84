"""How far a run of the search is: papers done of all, how many a second, how long that still takes.

A run has stages of very different cost. Each takes its share of the papers: `done` grows evenly through all
of them and reaches `total` at the end. What an earlier run did counts as done, and not as speed.
"""

from collections.abc import Callable

from reconciled.engine.runs import Progress

LEAST = 1.0
"""Seconds that have to be seen before a speed is told."""


class Meter:
    """Writes to a run's progress. `now` is a clock in seconds that only moves on."""

    def __init__(self, progress: Progress, now: Callable[[], float]) -> None:
        self._progress = progress
        self._now = now
        self._before = 0.0
        self._papers = 0.0
        self._units = 1
        self._done = 0
        self._began = now()
        self._given = 0.0
        progress.stage = ""

    def stage(self, name: str, papers: float, units: int, *, done: int = 0) -> None:
        """A stage begins, which counts as so many papers and has so many units of work; some are `done`."""
        progress = self._progress
        self._before += self._papers
        self._papers, self._units, self._done = papers, max(1, units), done
        self._given += papers * done / self._units
        progress.stage = name
        progress.total = max(progress.total or 0, round(self._before + papers))
        self._tell()

    def expect(self, papers: float) -> None:
        """So many papers' worth of work follows this stage, as far as anybody knows."""
        self._progress.total = round(self._before + self._papers + papers)
        self._tell()

    def resize(self, units: int) -> None:
        """The stage has so many units, each a paper, as it turns out."""
        rest = (self._progress.total or 0) - (self._before + self._papers)
        self._units = max(1, units, self._done)
        self._papers = float(self._units)
        self._progress.total = round(self._before + self._papers + max(0.0, rest))
        self._tell()

    def step(self, units: int = 1) -> None:
        """Some units of this stage are done."""
        self._done = min(self._units, self._done + units)
        self._tell()

    def end(self) -> None:
        """All is done."""
        progress = self._progress
        progress.done = progress.total = round(self._before + self._papers * self._done / self._units)
        progress.left, progress.stage = 0.0, ""

    def _tell(self) -> None:
        progress = self._progress
        done = self._before + self._papers * self._done / self._units
        progress.done = int(done)
        seconds = self._now() - self._began
        if seconds < LEAST:
            return
        rate = max(0.0, done - self._given) / seconds
        progress.rate = round(rate, 1)
        progress.left = round((progress.total - done) / rate, 1) if progress.total and rate > 0 else None
