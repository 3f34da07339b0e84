"""How many duplicates are found where nothing was fitted, how many of them are false, and what it costs.

    script/bench duplicates [--count 1000 10000 100000] [--generators household office clinic] [--seed 3]
                            [--corpus FILE.jsonl …] [--workers N] [--models FOLDER] [--thin 0|1] [--write]

Three generators make libraries that have nothing in common: other languages, templates, layouts and scanners'
errors. Each is judged by a model that was fitted to the two others, with seeds that no model was fitted to;
the worst of the three counts. `--corpus` judges a library kept elsewhere (JSON lines, see
bench/corpora/sheets.py) by the model that comes with the program, and nothing else unless generators are
named. Two sheets are one exactly when their labels are equal: revisions, renewals, twins, versions and mails
that quote are negatives.

Beside it stand MinHash with LSH (datasketch at its usual settings) and reading the JSON lines and splitting
them into words alone, each in a process of its own, in turns; medians of three rounds up to 10,000 sheets.
At last 200 new papers are looked up in the finished search: 100 of its own with 1 % of their characters read
otherwise, and 100 of another library. `--write` keeps the results in bench/results/duplicates.md.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.corpora.sheets import read, write
from bench.judging.beside import Beside, read_beside
from bench.judging.libraries import FITTED_SEEDS, GENERATORS, engine_hash, library, models_without
from bench.judging.measuring import Cost, apart, middle
from bench.judging.outcome import Outcome, read_outcome
from bench.judging.tables import WAYS, WHERE, Judged, Scores, report
from bench.judging.truth import Truth, errors, read_truth, score_groups, score_pairs

from reconciled import __version__
from reconciled.duplicates.words import Band

RESULTS = Path(__file__).parent / "results" / "duplicates.md"
SMALL, ROUNDS = 10_000, 3
"""Up to so many sheets there are so many rounds, above one."""
NEW = 200


def judge(
    name: str, corpus: Path, strangers: Path, *, model: Path | None, asked: argparse.Namespace
) -> Judged:
    """Search a library, score what was found, and measure what it cost."""
    truth = read_truth(corpus)
    with tempfile.TemporaryDirectory(prefix="duplicates-") as made:
        folder = Path(made)
        costs = measured(corpus, folder, len(truth), model=model, asked=asked)
        looked_up = apart(
            "looking_up", corpus=str(corpus), folder=str(folder / "search"), strangers=str(strangers),
            model=str(model or ""), copies=NEW // 2, others=NEW // 2, thin=costs[WAYS[0]].told["thin"],
        )  # fmt: skip
        outcome, beside = read_outcome(folder / "search"), read_beside(folder / "minhash.npz")
    return Judged(
        name, len(truth), int((~truth.counted).sum()),
        small=scores(truth, outcome, beside, large=False), whole=scores(truth, outcome, beside, large=True),
        fates=outcome.fates(truth), false=false_pairs(truth, outcome, beside),
        costs=costs, looked_up=looked_up,
    )  # fmt: skip


def measured(
    corpus: Path, folder: Path, sheets: int, *, model: Path | None, asked: argparse.Namespace
) -> dict[str, Cost]:
    """The cost of each way, one after the other in each round; what they found stays in `folder`."""
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS if sheets <= SMALL else 1):
        _empty(folder / "search")
        search, minhash, splitting = WAYS
        costs[search].append(
            apart(
                "searching", corpus=str(corpus), folder=str(folder / "search"), model=str(model or ""),
                workers=asked.workers, thin=asked.thin,
            )
        )  # fmt: skip
        costs[minhash].append(apart("minhash", corpus=str(corpus), out=str(folder / "minhash.npz")))
        costs[splitting].append(apart("splitting", corpus=str(corpus)))
    return {way: middle(several) for way, several in costs.items()}


def _empty(folder: Path) -> None:
    """Throw away the steps of an earlier round, which would be taken for done."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def scores(truth: Truth, outcome: Outcome, beside: Beside, *, large: bool) -> Scores:
    """All scores of a library."""
    threshold, best = beside.best(truth, large=large)
    return Scores(
        band=score_pairs(truth, outcome.accepted(Band.DUPLICATE), large=large),
        likely=score_pairs(truth, outcome.likely(), large=large),
        review=score_pairs(truth, outcome.accepted(Band.DUPLICATE, Band.REVIEW), large=large),
        groups=score_groups(truth, outcome.groups, large=large),
        usual=score_pairs(truth, beside.pairs, large=large), threshold=threshold, best=best,
        best_groups=beside.grouped(truth, threshold, large=large),
    )  # fmt: skip


def false_pairs(truth: Truth, outcome: Outcome, beside: Beside) -> Counter[tuple[str, str]]:
    """False pairs by where they are and what they look like."""
    places = (
        map(tuple, outcome.accepted(Band.DUPLICATE).tolist()),
        map(tuple, outcome.accepted(Band.REVIEW).tolist()),
        outcome.grouped(),
        map(tuple, beside.pairs.tolist()),
    )
    return Counter(
        {
            (where, kind): count
            for where, pairs in zip(WHERE, places, strict=True)
            for kind, count in errors(truth, pairs).items()
        }
    )


def judged(asked: argparse.Namespace) -> Iterator[Judged]:
    """Each library in turn, the small ones first."""
    if asked.models is not None:
        models = {name: asked.models / f"without-{name}.json" for name in asked.generators}
    else:
        models = models_without(asked.generators, workers=asked.workers)
    for count in sorted(asked.count):
        for name in asked.generators:
            strangers = library(name, 2 * NEW, asked.seed + 1000)
            corpus = library(name, count, asked.seed)
            yield _told(judge(name, corpus, strangers, model=models[name], asked=asked))
    for path in asked.corpus:
        with tempfile.TemporaryDirectory(prefix="duplicates-") as made:
            whole = Path(made) / "whole.jsonl"
            write(read(path), whole)
            strangers = library(GENERATORS[0], 2 * NEW, asked.seed + 1000)
            yield _told(judge(path.stem, whole, strangers, model=None, asked=asked))


def _told(one: Judged) -> Judged:
    """Say what is done: at size the rest takes minutes."""
    band, groups = one.small.band, one.small.groups
    print(
        f"{one.sheets} {one.name}: band P {band.precision:.3f} F1 {band.f1:.3f}, groups F1 {groups.f1:.3f}, "
        f"{one.costs[WAYS[0]].cpu:.1f} CPU s",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    return one


def about(found: Sequence[Judged], asked: argparse.Namespace) -> list[str]:
    """What was judged, and how."""
    lines = []
    if asked.generators:
        seeds = " and ".join(map(str, FITTED_SEEDS))
        lines.append(
            f"Libraries with seed {asked.seed}, judged by a model that was fitted to the other generators "
            f"alone (seeds {seeds})."
        )
    if asked.corpus:
        names = ", ".join(path.stem for path in asked.corpus)
        lines.append(f"Kept apart, and judged by the program's own model: {names}.")
    textless = ", ".join(f"{one.textless} of {one.sheets:,} in {one.name}" for one in found if one.textless)
    lines += [
        f"Sheets without any text are left out of what is true and of what was found: {textless or 'none'}.",
        f"{asked.workers} worker(s). Memory is the sum of what each process had at most.",
    ]
    return lines


def keep(lines: Sequence[str], load: float) -> None:
    """The results, where they are kept."""
    when = datetime.now(UTC).date()
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at the start"
    said = f"`script/bench duplicates`, reconciled {__version__}, {when}, {where}."
    RESULTS.write_text(
        "\n".join(["# Duplicates: found, false, and what it costs", "", said, "", *lines]) + "\n"
    )


def arguments() -> argparse.Namespace:
    """What is asked. SystemExit when a figure would not be honest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--generators", nargs="*", choices=GENERATORS)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument(
        "--corpus",
        type=Path,
        nargs="+",
        default=[],
        help="libraries kept elsewhere",
    )
    parser.add_argument("--models", type=Path, help="folder of models that bench.corpora.fitting --out wrote")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--thin", type=int, help="how thin features are taken; as the program does if not given"
    )
    parser.add_argument("--write", action="store_true", help=f"keep the results in {RESULTS.name}")
    asked = parser.parse_args()
    if asked.generators is None:
        asked.generators = [] if asked.corpus else list(GENERATORS)
    if asked.seed in FITTED_SEEDS:
        parser.error(f"the models were fitted to libraries with seed {asked.seed}; take another one")
    if asked.workers < 1:
        parser.error("at least one worker has to search")
    return asked


def main() -> None:
    """Judge everything, print it, keep it."""
    asked, load = arguments(), os.getloadavg()[0]
    engine = engine_hash()
    found = list(judged(asked))
    lines = [*about(found, asked), "", *report(found)]
    if engine_hash() != engine:
        lines = ["**The sources changed while this ran: the figures are of no one version.**", "", *lines]
    print("\n".join(lines))
    if asked.write:
        keep(lines, load)


if __name__ == "__main__":
    main()
