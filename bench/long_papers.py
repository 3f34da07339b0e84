"""How many papers of many pages are found that were scanned twice, and what is said of versions of them.

    script/bench long_papers [--pages 4 10 24] [--models FOLDER] [--write]

Long papers are bound of the sheets of the three made-up libraries (bench/corpora/bound.py), and each library
is judged by a model that was fitted to the two others, see bench/duplicates.py. A version has one page of a
paper that was scanned twice exchanged: for its revision, renewal or another version of it, or for the letter
to somebody else. `--write` keeps the results in bench/results/long-papers.md.
"""

import argparse
import os
import platform
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.corpora.bound import SINGLES, bind
from bench.corpora.sheets import COPIES, Sheet, read, write
from bench.judging.libraries import GENERATORS, library, models_without
from bench.judging.measuring import apart
from bench.judging.outcome import read_outcome
from bench.judging.searching import BANDS

from reconciled import __version__
from reconciled.duplicates.words import Band

RESULTS = Path(__file__).parent / "results" / "long-papers.md"
COUNT, SEED = 100_000, 3
"""The libraries that the pages are of."""
SAME, VERSION, YEAR = "scanned twice", "a version", "another year"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the long papers of a library, two by two, by (what they are, band)."""

    name: str
    pages: int
    words: int
    fates: Counter[tuple[str, str]]
    cpu: float

    def row(self) -> str:
        """A row of the table."""
        said = [
            " / ".join(str(self.fates[kind, band]) for band in (Band.DUPLICATE, Band.REVIEW, Band.DIFFERENT))
            for kind in (SAME, VERSION, YEAR)
        ]
        return f"| {self.name} | {self.pages} | {self.words:,} | {' | '.join(said)} | {self.cpu:.1f} |"


def judge(name: str, pages: int, model: Path) -> Judged:
    """Search a library of long papers."""
    sheets = list(bind(read(library(name, COUNT, SEED)), pages, seed=pages))
    long = sheets[:-SINGLES]
    with tempfile.TemporaryDirectory(prefix="long-papers-") as made:
        corpus = Path(made) / "papers.jsonl"
        write(iter(sheets), corpus)
        cost = apart("searching", corpus=str(corpus), folder=made, model=str(model), workers=0)
        found = read_outcome(Path(made)).found
    said = {(one["a"], one["b"]): BANDS[one["band"]] for one in found}
    fates = Counter(
        (_kind(long[at + 1]), str(said.get((at, at + 1), Band.DIFFERENT))) for at in range(0, len(long), 2)
    )
    return Judged(name, pages, int(median(len(one.text.split()) for one in long)), fates, cost.cpu)


def _kind(second: Sheet) -> str:
    return SAME if second.kind in COPIES else YEAR if second.kind == "original" else VERSION


def judged(asked: argparse.Namespace) -> Iterator[Judged]:
    """Each library in turn, that of the shortest papers first."""
    if asked.models is not None:
        models = {name: asked.models / f"without-{name}.json" for name in GENERATORS}
    else:
        models = models_without(GENERATORS, workers=1)
    for pages in sorted(asked.pages):
        for name in GENERATORS:
            yield judge(name, pages, models[name])


def report(found: Sequence[Judged]) -> list[str]:
    """The table, and what it is of."""
    said = (
        f"Long papers among {SINGLES:,} sheets, each library judged by a model that was fitted to the others "
        "alone: how many are a duplicate / to review / different. A version has one page exchanged; of "
        "another year all pages are others of the same series."
    )
    return [
        said,
        "",
        f"| judged | pages | words (median) | {SAME} | {VERSION} | {YEAR} | CPU s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(one.row() for one in found),
    ]


def main() -> None:
    """Judge everything, print it, keep it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[4, 10, 24])
    parser.add_argument("--models", type=Path, help="folder of models that bench.corpora.fitting --out wrote")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {RESULTS.name}")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    lines = report(list(judged(asked)))
    print("\n".join(lines))
    if asked.write:
        when = datetime.now(UTC).date()
        where = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at the start"
        said = f"`script/bench long_papers`, reconciled {__version__}, {when}, {where}."
        RESULTS.write_text("\n".join(["# Papers of many pages", "", said, "", *lines]) + "\n")


if __name__ == "__main__":
    main()
