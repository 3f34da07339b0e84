"""Mirrors as the API, the pages and the metrics show them: what the config says, and how far each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from reconciled.config import Mirror
from reconciled.engine.mirror.measures import figures, levels
from reconciled.engine.mirror.thresholds import counted
from reconciled.ledger import thresholds, views_mirrors, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CopyStatus
from reconciled.ledger.mirrors import PastRun
from reconciled.ledger.thresholds import Crossed
from reconciled.ledger.views_mirrors import Course, MirrorRun, Pile
from reconciled.ledger.views_status import Progress, RunView
from reconciled.model import Health
from reconciled.web.api_runs import MIRROR, as_now
from reconciled.web.house import House

TROUBLED = (Health.TROUBLE, Health.UNAUTHORIZED)


class Rates(msgspec.Struct, frozen=True):
    """The figures of the last complete run that had files to bring; null where nothing was counted. `growth`
    is a fraction of the files of the one before.
    """

    files_per_minute: float | None = None
    bytes_per_second: float | None = None
    seconds_per_fileset: float | None = None
    errors_per_hundred: float | None = None
    growth: float | None = None


class Threshold(msgspec.Struct, frozen=True):
    """A measure and where it stands: `level` is `warning`, `critical`, or null while it is below both."""

    measure: str
    value: float
    warning: float
    critical: float
    level: str | None
    sentence: str


class Running(msgspec.Struct, frozen=True):
    """The run under way."""

    run: int
    started: str
    progress: Progress


class Made(msgspec.Struct, frozen=True):
    """How many copies our uploads made in a target, and their bytes."""

    files: int
    bytes: int


class MirrorStatus(msgspec.Struct, frozen=True):
    """A mirror: from where to where, how its copies stand, how its runs went. `counts` are by target and
    status; `files` and `bytes` are those that stand in a target. `trouble` says what is wrong now.
    """

    name: str
    source: str
    kinds: list[str]
    targets: list[str]
    mode: str
    statuses: dict[str, int]
    counts: dict[str, dict[str, int]]
    files: int
    bytes: int
    made: dict[str, Made]
    running: Running | None
    last_run: MirrorRun | None
    last_complete: MirrorRun | None
    failures: int
    resume_from: str | None
    rates: Rates
    thresholds: list[Threshold]
    trouble: list[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the ledger holds of a mirror, as of one moment."""

    course: Course
    crossed: Mapping[str, Crossed]
    run: RunView | None


async def mirrors(house: House) -> list[MirrorStatus]:
    """All mirrors of the config, by name."""
    return [await mirror_status(house, one) for _, one in sorted(house.config().settings.mirrors.items())]


async def mirror_status(house: House, mirror: Mirror) -> MirrorStatus:
    """One mirror as it stands now."""
    run = house.engine.running(MIRROR, mirror.name)

    def read(tx: Tx) -> _Read:
        return _Read(
            views_mirrors.course(tx, mirror.name),
            thresholds.crossed(tx, mirror.name),
            views_status.run(tx, run) if run is not None else None,
        )

    found = await house.ledger.read(read)
    return _status(house, mirror, found)


def _status(house: House, mirror: Mirror, found: _Read) -> MirrorStatus:
    course = found.course
    stand = [pile for pile in course.piles if CopyStatus(pile.status).stands]
    running = as_now(house.engine, found.run) if found.run is not None else None
    return MirrorStatus(
        name=mirror.name,
        source=mirror.source,
        kinds=sorted(mirror.kinds),
        targets=list(mirror.targets),
        mode=str(mirror.mode_under(house.config().settings.mode)),
        statuses=_statuses(course.piles),
        counts={target: _statuses(_of(course.piles, target)) for target in _targets(mirror, course.piles)},
        files=sum(pile.files for pile in stand),
        bytes=sum(pile.bytes for pile in stand),
        made={target: _made(_of(course.piles, target)) for target in _targets(mirror, course.piles)},
        running=Running(running.id, running.started, running.progress) if running is not None else None,
        last_run=course.last_run,
        last_complete=course.last_complete,
        failures=course.failures,
        resume_from=course.checkpoint,
        rates=_rates(*course.brought),
        thresholds=_thresholds(mirror, course, found.crossed),
        trouble=_trouble(house, mirror, course, found.crossed),
    )


def _targets(mirror: Mirror, piles: Sequence[Pile]) -> list[str]:
    """Those of the config in its order, then those that it named once."""
    return list(dict.fromkeys((*mirror.targets, *(pile.target for pile in piles))))


def _of(piles: Sequence[Pile], target: str) -> list[Pile]:
    return [pile for pile in piles if pile.target == target]


def _statuses(piles: Sequence[Pile]) -> dict[str, int]:
    """How many copies there are, by status, in the order of a copy's life; none are left out."""
    found = {str(status): 0 for status in CopyStatus}
    for pile in piles:
        found[pile.status] += pile.files
    return {status: n for status, n in found.items() if n}


def _made(piles: Sequence[Pile]) -> Made:
    made = [pile for pile in piles if pile.how == "made"]
    return Made(sum(pile.files for pile in made), sum(pile.bytes for pile in made))


def _rates(last: PastRun | None = None, before: PastRun | None = None) -> Rates:
    if last is None:
        return Rates()
    earlier = counted(before.stats) if before is not None else None
    found = figures(counted(last.stats), earlier)
    return Rates(
        _rounded(found.files_a_minute, 1),
        _rounded(found.bytes_a_second, 0),
        _rounded(found.seconds_a_fileset, 3),
        _rounded(found.errors_a_hundred, 2),
        _rounded(found.growth, 4),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _thresholds(mirror: Mirror, course: Course, crossed: Mapping[str, Crossed]) -> list[Threshold]:
    """Where each measure stands by the last complete run; the level is that of the finding which is open."""
    last = course.last_complete
    counters = replace(counted(last.stats if last is not None else {}), failures=course.failures)
    return [
        Threshold(
            str(measure),
            level.value,
            mirror.thresholds[measure].warning,
            mirror.thresholds[measure].critical,
            crossed[measure].level if measure in crossed else None,
            crossed[measure].sentence if measure in crossed else level.said,
        )
        for measure, level in levels(mirror, counters).items()
    ]


def _trouble(house: House, mirror: Mirror, course: Course, crossed: Mapping[str, Crossed]) -> list[str]:
    """What is wrong now, as sentences: who does not answer, the last run, thresholds."""
    said = []
    for name in (mirror.source, *mirror.targets):
        place = house.engine.places.get(name)
        if place is not None and place.live.health.state in TROUBLED:
            said.append(f"{name}: {place.live.health.detail or 'it does not answer well'}")
    last = course.last_run
    if last is not None and last.state == "failed":
        said.append(f"its last run failed: {last.error}")
    return [*said, *(one.sentence for one in crossed.values())]
