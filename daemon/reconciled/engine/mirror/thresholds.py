"""What follows from how a mirror's run went: findings about thresholds that it crossed, or no longer does.

One finding a mirror and measure: it opens when the first threshold is crossed, says the level while it
stands, and resolves when the measure is below again. It is judged in the transaction in which the run's
end is counted, so that a crash leaves neither without the other. People are told by `notify`, which looks
at the findings.

A run that did not come to its end proves little: it may have been long already, but neither short nor free
of errors. One that had no files to bring says nothing of how many fail, unless none is left that does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from reconciled.config import Measure, Mirror
from reconciled.engine.mirror.measures import Counters, Grade, Level, levels
from reconciled.ledger import items, mirrors, thresholds, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.thresholds import Crossed
from reconciled.model import Json

_TITLES = {
    Measure.SYNC_DURATION: "{}: long runs",
    Measure.ERROR_RATE: "{}: files fail",
    Measure.CONSECUTIVE_FAILURES: "{}: runs fail",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A measure that stands at another level than before; None is below its thresholds."""

    measure: Measure
    before: Grade | None
    after: Grade | None
    said: str


def ended(
    tx: Tx, mirror: Mirror, run: int, counters: Counters, *, complete: bool, at: str
) -> tuple[Change, ...]:
    """Count a run that came to its end, or failed, and judge it. Not for one that was cancelled, nor for one
    that only said what it would bring. Returns what changed.
    """
    failures = 0
    if complete:
        mirrors.completed(tx, mirror.name, run, words=mirror.words())
    else:
        failures = mirrors.failed(tx, mirror.name, words=mirror.words())
    return judge(tx, mirror, replace(counters, failures=failures), complete=complete, at=at)


def judge(tx: Tx, mirror: Mirror, counters: Counters, *, complete: bool, at: str) -> tuple[Change, ...]:
    """Bring the findings about a mirror's thresholds to what its last run says."""
    standing = thresholds.crossed(tx, mirror.name)
    failing = mirrors.failing(tx, mirror.name)
    changes: list[Change] = []
    for measure, level in levels(mirror, counters).items():
        known = standing.get(measure)
        before = Grade(known.level) if known is not None else None
        if not proves(measure, level.grade, before, counters, complete=complete, failing=failing):
            continue
        _write(tx, mirror, measure, level, known=known, at=at)
        if level.grade is not before:
            changes.append(Change(measure, before, level.grade, level.said))
    return tuple(changes)


def proves(
    measure: Measure,
    now: Grade | None,
    before: Grade | None,
    counters: Counters,
    *,
    complete: bool,
    failing: bool,
) -> bool:
    """Whether a run says where the measure stands by now. Pure.

    `failing`: some of the mirror's files could not be brought yet.
    """
    match measure:
        case Measure.SYNC_DURATION:
            return complete or _rank(now) > _rank(before)
        case Measure.ERROR_RATE:
            return complete and (counters.files > 0 or not failing)
        case Measure.CONSECUTIVE_FAILURES:
            return True


def configured(tx: Tx, names: Collection[str], *, at: str) -> None:
    """The config has these mirrors: what is known of how others went is let go of, and nobody is told."""
    mirrors.forget_others(tx, names)
    thresholds.forget_others(tx, names, at=at)


def counted(stats: Mapping[str, Json]) -> Counters:
    """The counters of a run, from what it left in the ledger; what is not there counts as none."""

    def number(name: str) -> float:
        value = stats.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else 0

    return Counters(
        files=int(number("files")),
        failed=int(number("failed")),
        bytes=int(number("bytes")),
        filesets=int(number("filesets")),
        seconds=float(number("seconds")),
    )


def _rank(grade: Grade | None) -> int:
    return 0 if grade is None else 1 + list(Grade).index(grade)


def _write(tx: Tx, mirror: Mirror, measure: Measure, level: Level, *, known: Crossed | None, at: str) -> None:
    if level.grade is None:
        if known is not None:
            tombstones.resolve_finding(tx, known.id, level.said, at=at)
    elif known is not None:
        thresholds.update(tx, known, level.grade, sentence=level.said, at=at)
    else:
        thresholds.open_(
            tx, mirror.name, measure, level.grade, source=mirror.source, sentence=level.said,
            title=_TITLES[measure].format(mirror.name), seq=items.next_seq(tx), at=at,
        )  # fmt: skip
