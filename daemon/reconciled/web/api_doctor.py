"""API: the doctor. What each source sees, can do and lacks; setting up our webhooks; the bundle.

Looking is a GET that asks the apps and changes nothing; one look at a time, and none for a page of
another site. Every sentence passes the mask for known secrets, since it may quote an app. Sources
are looked at at the same time, each with its limit.
"""

import asyncio
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from reconciled.config import Mirror, Settings, SourceSettings
from reconciled.engine.runs import NoSuchSource
from reconciled.ledger import views_doctor
from reconciled.ledger.rows import stamp
from reconciled.model import About
from reconciled.runtime import examining, mirror_examining, self_examining
from reconciled.runtime.examining import Examined, Known, Mended, hook_of
from reconciled.runtime.mirror_examining import Course
from reconciled.runtime.self_examining import Ourselves
from reconciled.runtime.state import TRANSFERS
from reconciled.source import Matter, Weight
from reconciled.web.blanking import redact_text, secrets_of
from reconciled.web.calls import Asked, Nothing
from reconciled.web.diagnostics import Diagnostics, diagnose
from reconciled.web.house import House
from reconciled.web.problems import Problem
from reconciled.web.status import SourceStatus, gather

LOOK = web.AppKey("look", asyncio.Lock)
"""Held while the doctor looks."""


class DoctorQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to look at."""

    source: Annotated[str | None, Meta(description="only this source; by default all, and the daemon")] = None


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sources in whose apps our own webhook is to be set up."""

    sources: Annotated[list[str], Meta(min_length=1)]


class MatterView(msgspec.Struct, frozen=True):
    """One thing that was found. `mended_by_us`: `POST /api/v1/doctor/fix` is the remedy."""

    weight: str
    said: str
    remedy: str | None
    mended_by_us: bool


class RootView(msgspec.Struct, frozen=True):
    """A root folder as the app sees it; null: it does not say."""

    path: str
    accessible: bool | None
    empty: bool | None


class SourceReport(msgspec.Struct, frozen=True):
    """A source: what it sees, what it can do, and what was found."""

    name: str
    app: str
    version: str | None
    health: str
    detail: str
    items: dict[str, int]
    roots: list[RootView]
    can: list[str]
    matters: list[MatterView]


class DoctorReport(msgspec.Struct, frozen=True):
    """Everything that was found; `wrong` and `advice` count it."""

    version: str
    at: str
    wrong: int
    advice: int
    daemon: list[MatterView]
    sources: list[SourceReport]


class FixedView(msgspec.Struct, frozen=True):
    """What was done in the app of a source, or why nothing could be."""

    name: str
    did: list[str]
    error: str | None


class Fixed(msgspec.Struct, frozen=True):
    """What was done in each."""

    sources: list[FixedView]


async def get_doctor(asked: Asked[DoctorQuery, Nothing]) -> DoctorReport:
    """Look at the daemon and its sources: what they see, can do and lack. Asks the apps."""
    wanted = asked.query.source
    async with _alone(asked.request):
        _known(asked.house, [wanted] if wanted is not None else [])
        return await examined(asked.house, wanted)


async def fix_with_doctor(asked: Asked[Nothing, Fix]) -> Fixed:
    """Set up our own webhook in the apps of these sources; nobody else's is touched.

    Sources of one program come one after the other: two may be followed in one installation, and
    what is read, changed and written back as a whole there bears one writer only.
    """
    house, names = asked.house, list(dict.fromkeys(asked.body.sources))
    async with _alone(asked.request):
        _known(house, names)
        asked.note(", ".join(names))
        settings, blank = house.config().settings, _Blank(house)
        apps: dict[str, list[str]] = {}
        for name in names:
            apps.setdefault(settings.sources[name].app, []).append(name)
        done = await asyncio.gather(*(_mend_in_turn(house, settings, each) for each in apps.values()))
    mended = {one.name: one for each in done for one in each}
    return Fixed([_fixed(mended[name], blank) for name in names])


async def get_diagnostics(asked: Asked[Nothing, Nothing]) -> Diagnostics:
    """What helps with a bug report: versions, the config without secrets, runs, counts; no titles."""
    async with _alone(asked.request):
        report = await examined(asked.house, None)
    return await diagnose(asked.house, msgspec.to_builtins(report))


def _alone(request: web.Request) -> asyncio.Lock:
    """Nobody else looks meanwhile. Problem 403 for a page elsewhere, which could have all apps asked."""
    if request.headers.get("Sec-Fetch-Site", "").strip().lower() == "cross-site":
        raise Problem(403, "another site's page sent this; the doctor looks for our own pages only")
    return request.app[LOOK]


async def examined(house: House, only: str | None) -> DoctorReport:
    """The report, of one source or of everything."""
    settings, blank = house.config().settings, _Blank(house)  # a reload meanwhile changes nothing here
    status, scans = await gather(house), await house.ledger.read(views_doctor.last_scans)
    known = {one.name: one for one in status.sources}
    names = [only] if only is not None else sorted(settings.sources)
    ours = _ours(house, settings) if only is None else _nothing()
    looks = asyncio.gather(
        *(_examine(house, settings.sources[name], known.get(name), scans.get(name)) for name in names)
    )
    own, found = await asyncio.gather(ours, looks)
    daemon = blank.matters(own)
    sources = [_report(settings.sources[one.name], one, known.get(one.name), blank) for one in found]
    weights = [one.weight for matters in (daemon, *(each.matters for each in sources)) for one in matters]
    return DoctorReport(
        house.version,
        stamp(house.clock.now()),
        weights.count(Weight.WRONG.value),
        weights.count(Weight.ADVICE.value),
        daemon,
        sources,
    )


async def _nothing() -> tuple[Matter, ...]:
    return ()


async def _ours(house: House, settings: Settings) -> tuple[Matter, ...]:
    """The daemon, and its mirrors, which are of more than one source."""
    found = await asyncio.gather(self_examining.examine(_ourselves(house)), _mirrors(house, settings))
    return tuple(matter for matters in found for matter in matters)


async def _mirrors(house: House, settings: Settings) -> list[Matter]:
    named = [mirror for _, mirror in sorted(settings.mirrors.items())]
    courses = [await _course(house, settings.sources[mirror.source], mirror) for mirror in named]
    ledger = house.ledger.path
    rooms = await asyncio.to_thread(
        mirror_examining.room,
        ledger.parent / TRANSFERS,
        ledger=ledger,
        mirrors=named,
        wanted=settings.alerts.disk,
    )
    return [*mirror_examining.examine(courses, now=house.clock.now()), *rooms]


async def _course(house: House, source: SourceSettings, mirror: Mirror) -> Course:
    facts = await house.ledger.read(views_doctor.mirror_facts, mirror.name)
    place = house.engine.places.get(mirror.source)
    return Course(
        mirror,
        source.scan,
        facts.failed,
        facts.missing,
        datetime.fromisoformat(facts.ended).astimezone(UTC) if facts.ended is not None else None,
        facts.error,
        running=house.engine.running("mirror", mirror.name) is not None,
        rests=place is not None and place.live.paused is not None,
    )


def _ourselves(house: House) -> Ourselves:
    return Ourselves(
        house.version, house.config(), house.registry.plugins, house.ledger.path, house.clock,
        house.duplicates.lacks(), house.ledger.trouble,
    )  # fmt: skip


async def _examine(
    house: House, one: SourceSettings, status: SourceStatus | None, scan: str | None
) -> Examined:
    place = house.engine.places.get(one.name)
    if place is None:
        matter = Matter(Weight.WRONG, "it is in the config and does not run", "the log says why")
        return Examined(one.name, None, (), (matter,))
    scanned = datetime.fromisoformat(scan).astimezone(UTC) if scan is not None else None
    counts = {
        outcome: count
        for (what, source, outcome), count in _webhook_counts(house)
        if what == "webhook" and source == one.name
    }
    held, all_paused = status.held if status is not None else 0, house.engine.paused is not None
    facts = Known(one, house.clock.now(), scanned, held, counts, all_paused)
    return await examining.examine(place.live, facts, hook_of(one, house.config().settings.daemon.url))


def _webhook_counts(house: House) -> Iterable[tuple[tuple[str, str, str], int]]:
    for key, count in list(house.engine.counts.items()):
        match key:
            case (what, source, outcome):
                yield (what, source, outcome), count
            case _:
                continue


async def _mend_in_turn(house: House, settings: Settings, names: Iterable[str]) -> list[Mended]:
    return [await _mend(house, settings, name) for name in names]


async def _mend(house: House, settings: Settings, name: str) -> Mended:
    place, one = house.engine.places.get(name), settings.sources[name]
    if place is None:
        return Mended(name, error="it is in the config and does not run; the log says why")
    all_paused = house.engine.paused is not None
    return await examining.mend(place.live, one, hook_of(one, settings.daemon.url), all_paused=all_paused)


def _known(house: House, names: Collection[str]) -> None:
    sources = house.config().settings.sources
    for name in names:
        if name not in sources:
            there = ", ".join(sorted(sources)) or "none"
            raise NoSuchSource(f"there is no source {name!r} in the config; there are: {there}")


class _Blank:
    """Masks every secret that we know: those from when it was made, and those of now."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._before = self._now()

    def __call__(self, text: str) -> str:
        return redact_text(text, self._before | self._now())

    def _now(self) -> frozenset[str]:
        return secrets_of(self._house.config().settings, self._house.token)

    def matters(self, found: Iterable[Matter]) -> list[MatterView]:
        """The worst first."""
        order = {Weight.WRONG: 0, Weight.ADVICE: 1, Weight.GOOD: 2}
        return [
            MatterView(
                str(one.weight),
                self(one.said),
                None if one.remedy is None else self(one.remedy),
                one.mended_by_us,
            )
            for one in sorted(found, key=lambda one: order.get(one.weight, 0))
        ]


def _report(
    settings: SourceSettings, found: Examined, status: SourceStatus | None, blank: _Blank
) -> SourceReport:
    about = found.about
    return SourceReport(
        name=found.name,
        app=settings.app,
        version=about.version if about is not None else status.version if status is not None else None,
        health=status.health if status is not None else "starting",
        detail=blank(status.detail) if status is not None else "",
        items=status.items if status is not None else {},
        roots=_roots(about),
        can=list(found.can),
        matters=blank.matters(found.matters),
    )


def _roots(about: About | None) -> list[RootView]:
    return [RootView(one.path, one.accessible, one.empty) for one in (about.roots if about else ())]


def _fixed(one: Mended, blank: _Blank) -> FixedView:
    return FixedView(
        one.name, [blank(said) for said in one.did], None if one.error is None else blank(one.error)
    )
