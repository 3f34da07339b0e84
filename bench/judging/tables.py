"""The tables that people read, as Markdown: scores, what was lost and what is false by kind, and the cost."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.corpora.sheets import COPIES, NEAR
from bench.judging.measuring import Cost
from bench.judging.outcome import FATES, FOUND, GROUPED
from bench.judging.truth import BETWEEN, LARGE, OTHER, SERIES, UNKNOWN, Score

WHERE = ("duplicate band", "review band", "groups", "MinHash ≥ .5")
"""Where false pairs are counted."""
LOST = tuple(fate for fate in FATES if fate not in (FOUND, GROUPED))
STAGES = ("name", "read", "join", "compare", "again", "close", "hear", "group", "the rest")
WAYS = ("the search", "MinHash and LSH", "reading and splitting")
"""What is measured side by side, in this order."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one library: the duplicate band, all that is likelier one sheet than not, the duplicate band with
    the review band, and groups. MinHash's beside them: at its usual threshold, at the best one in hindsight
    (`threshold`), and groups at that one.
    """

    band: Score
    likely: Score
    review: Score
    groups: Score
    usual: Score
    threshold: float
    best: Score
    best_groups: Score


@dataclass(frozen=True, slots=True)
class Judged:
    """All that is said of one library. `small` are the scores without large clusters.

    `false` counts false pairs by where they are (one of WHERE) and their kind.
    """

    name: str
    sheets: int
    textless: int
    small: Scores
    whole: Scores
    fates: Counter[tuple[str, str]]
    false: Counter[tuple[str, str]]
    costs: dict[str, Cost]
    looked_up: Cost


def report(found: Sequence[Judged]) -> list[str]:
    """Everything. Details by kind only for the largest libraries."""
    counts = sorted({one.sheets for one in found})
    largest = [one for one in found if one.sheets == counts[-1]]
    return [
        *worst(found), "",
        "## Found and false", "",
        f"Without large clusters ({LARGE} scans of one sheet and more), which have most of the pairs:", "",
        *table_of_scores([(one, one.small) for one in found]), "",
        "With them:", "",
        *table_of_scores([(one, one.whole) for one in found]), "",
        f"## What became of each true pair ({counts[-1]:,} sheets)", "",
        *(line for one in largest for line in [*table_of_fates(one), ""]),
        f"## False pairs ({counts[-1]:,} sheets)", "",
        *(line for one in largest for line in [*table_of_errors(one), ""]),
        "## Cost", "",
        *table_of_costs(found), "",
        "CPU seconds of the search by stage:", "",
        *table_of_stages(found), "",
        "## One new paper against all", "",
        *table_of_looking_up(found),
    ]  # fmt: skip


def worst(found: Sequence[Judged]) -> list[str]:
    """The least of each figure among the libraries of a size."""
    lines = _head(
        "sheets", "least F1 of pairs (duplicate band)", "likelier than not", "least F1 of groups",
        "least precision of the duplicate band",
        "fewest sheets a CPU second", "most MiB of all processes", left=0,
    )  # fmt: skip
    search = WAYS[0]
    for count in sorted({one.sheets for one in found}):
        here = [one for one in found if one.sheets == count]
        lines += _row(
            f"{count:,}",
            *(
                _least(here, figure, ".3f")
                for figure in (_f1_of_pairs, _f1_of_likely, _f1_of_groups, _precision)
            ),
            _least(here, lambda one: one.sheets / one.costs[search].cpu, ",.0f"),
            f"{max(one.costs[search].all for one in here):,.0f}",
        )
    return [*lines, "", "F1 and precision without large clusters."]


def _least(found: Sequence[Judged], figure: Callable[[Judged], float], form: str) -> str:
    one = min(found, key=figure)
    return f"{figure(one):{form}} ({one.name})"


def _f1_of_pairs(one: Judged) -> float:
    return one.small.band.f1


def _f1_of_likely(one: Judged) -> float:
    return one.small.likely.f1


def _f1_of_groups(one: Judged) -> float:
    return one.small.groups.f1


def _precision(one: Judged) -> float:
    return one.small.band.precision


def _head(*titles: str, left: int) -> list[str]:
    """The head of a table, of which so many columns are words and the others numbers."""
    lines = ["---" if at < left else "---:" for at in range(len(titles))]
    return [*_row(*titles), *_row(*lines)]


def _row(*cells: str) -> list[str]:
    return [f"| {' | '.join(cells)} |"]


def table_of_scores(found: Sequence[tuple[Judged, Scores]]) -> list[str]:
    """Precision, recall and F1 of each way."""
    lines = _head(
        "judged", "sheets", "duplicate band", "likelier than not", "with review", "groups", "MinHash ≥ .5",
        "its best threshold",
        "its groups then", left=1,
    )  # fmt: skip
    for one, scores in found:
        best = f"{_three(scores.best)} (≥ {scores.threshold:.2f})"
        lines += _row(
            one.name, f"{one.sheets:,}", _three(scores.band), _three(scores.likely), _three(scores.review),
            _three(scores.groups),
            _three(scores.usual), best, _three(scores.best_groups),
        )  # fmt: skip
    return [*lines, "", "Precision / recall / **F1**."]


def _three(score: Score) -> str:
    return f"{score.precision:.3f} / {score.recall:.3f} / **{score.f1:.3f}**"


def table_of_fates(one: Judged) -> list[str]:
    """Recall by kind of copy, and where the rest was lost."""
    lines = _head(one.name, "true", "recall, pairs", "recall, groups", *LOST, left=1)
    for kind in (*COPIES, BETWEEN, UNKNOWN):
        true = sum(one.fates[kind, fate] for fate in FATES)
        if true:
            direct = one.fates[kind, FOUND]
            grouped = direct + one.fates[kind, GROUPED]
            lost = [_count(one.fates[kind, fate]) for fate in LOST]
            lines += _row(kind, f"{true:,}", f"{direct / true:.3f}", f"{grouped / true:.3f}", *lost)
    return lines


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def table_of_errors(one: Judged) -> list[str]:
    """False pairs by what they look like."""
    lines = _head(one.name, *WHERE, left=1)
    for kind in (*NEAR, SERIES, OTHER):
        lines += _row(kind, *(_count(one.false[where, kind]) for where in WHERE))
    return lines


def table_of_costs(found: Sequence[Judged]) -> list[str]:
    """What each way costs, and how many times what reading and splitting alone costs."""
    lines = _head(
        "judged", "way", "sheets", "CPU s", "sheets a CPU second", "× reading and splitting", "wall s",
        "largest process, MiB", "all, MiB", left=2,
    )  # fmt: skip
    for one in found:
        for way in WAYS:
            cost = one.costs[way]
            lines += _row(
                one.name, way, f"{one.sheets:,}", f"{cost.cpu:.2f}", f"{one.sheets / cost.cpu:,.0f}",
                f"{cost.cpu / one.costs[WAYS[-1]].cpu:.1f}", f"{cost.wall:.1f}", f"{cost.largest:.0f}",
                f"{cost.all:.0f}",
            )  # fmt: skip
    return lines


def table_of_stages(found: Sequence[Judged]) -> list[str]:
    """What each stage of the search costs."""
    lines = _head("judged", "sheets", *STAGES, "pairs compared", "ms a pair", left=1)
    for one in found:
        told = one.costs[WAYS[0]].told
        stages = {stage: told["stages"].get(stage, 0.0) for stage in STAGES}
        each = 1000 * sum(stages[one] for one in ("compare", "again", "close")) / max(1, told["pairs"])
        lines += _row(
            one.name, f"{one.sheets:,}", *(f"{seconds:.2f}" for seconds in stages.values()),
            f"{told['pairs']:,}", f"{each:.2f}",
        )  # fmt: skip
    return lines


def table_of_looking_up(found: Sequence[Judged]) -> list[str]:
    """How long one new paper takes."""
    lines = _head("judged", "sheets", "median ms", "p95 ms", "worst ms", "copies found", left=1)
    for one in found:
        told = one.looked_up.told
        took = sorted(told["ms"])
        p95 = took[min(len(took) - 1, int(0.95 * len(took)))]
        lines += _row(
            one.name, f"{one.sheets:,}", f"{statistics.median(took):.1f}", f"{p95:.1f}", f"{took[-1]:.1f}",
            f"{told['found']} of {told['copies']}",
        )  # fmt: skip
    return lines
