"""The doctor's look at one source: what it sees, what it can do, what is missing; and the remedy.

Every call into a plugin has a limit of its own, so a hanging app is said to hang and harms no
other. Looking changes nothing: neither the source's health nor the ledger hears of it (a source in
trouble that answers here is only tried again at once). Setting up touches our own webhook in the
app, only when a person asked for it, and never in an app that is not the one we know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from reconciled.config import SourceSettings
from reconciled.engine.ending import end_tasks
from reconciled.engine.live import LiveSource
from reconciled.errors import BadResponse, SourceError, Unreachable, Unsupported
from reconciled.model import About, Health
from reconciled.runtime.abilities import abilities
from reconciled.source import (
    Examines,
    Hook,
    Listens,
    Matter,
    Provisions,
    ReceivesWebhooks,
    VerifiesWebhooks,
    Weight,
)
from reconciled.units import say_duration

T = TypeVar("T")

LOOKING, MENDING = 30.0, 180.0
"""Seconds that a source may take to be looked at, and to be set up: its app tests our address meanwhile."""
A_DAY = timedelta(days=1)
_LATE = 3
"""So many times the usual wait without a complete scan is too long."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the daemon knows of a source without asking.

    `scanned` is when its last complete scan ended, `counts` its webhooks by outcome since the start;
    `all_paused`: not this source alone was told to rest.
    """

    settings: SourceSettings
    now: datetime
    scanned: datetime | None = None
    held: int = 0
    counts: Mapping[str, int] | None = None
    all_paused: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """A source as the doctor saw it. `about` is None when it was not asked, or did not answer."""

    name: str
    about: About | None
    can: tuple[str, ...]
    matters: tuple[Matter, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """What was set up in an app, a sentence each; or why it could not be."""

    name: str
    did: tuple[str, ...] = ()
    error: str | None = None


def hook_of(settings: SourceSettings, url: str | None) -> Hook | None:
    """Where the app's webhooks shall go; None when it sends none, or nobody said how we are reached."""
    if url is None or not issubclass(settings.type, ReceivesWebhooks):
        return None
    secret = settings.webhook.get_secret_value() if settings.webhook is not None else None
    return Hook(f"{url.rstrip('/')}/webhooks/{settings.name}", secret)


async def examine(live: LiveSource, known: Known, hook: Hook | None) -> Examined:
    """Look at one source. Never raises for what is wrong with it."""
    can = abilities(live.source)
    matters = _known_matters(live, known)
    if live.paused is not None:
        said = f"it is paused by {live.paused}, so it was not asked"
        remedy = f"`{_resume(live, known.all_paused)}` when it may be asked again"
        rest = Matter(Weight.ADVICE, said, remedy)
        return Examined(live.name, None, can, (rest, *matters))
    try:
        about = await _in_time(live, "probe", live.source.probe, limit=LOOKING)
        if not isinstance(about, About):
            raise BadResponse(f"the plugin's probe() gave {type(about).__name__}, not About")
    except SourceError as error:
        matter = Matter(Weight.WRONG, f"it does not answer as it should: {error}")
        return Examined(live.name, None, can, (matter, *matters))
    if live.health.state is not Health.OK:
        live.health.try_now()
    asked = await _asked_matters(live, hook)
    if lack := _why_not(live, known.settings, hook, all_paused=known.all_paused):
        asked = tuple(_by_hand(matter, lack) for matter in asked)
    seen = [_trust(live), *_sight(about)]
    return Examined(live.name, about, can, (*filter(None, seen), *asked, *matters))


async def mend(
    live: LiveSource, settings: SourceSettings, hook: Hook | None, *, all_paused: bool = False
) -> Mended:
    """Set up our own webhook in the app. Never raises for what is wrong with it."""
    source = live.source
    if lack := _why_not(live, settings, hook, all_paused=all_paused):
        return Mended(live.name, error=lack)
    assert hook is not None and isinstance(source, Provisions)  # noqa: S101, PT018 - _why_not looked
    try:
        did: object = await _in_time(live, "set-up", lambda: source.provision(hook), limit=MENDING)
    except SourceError as error:
        return Mended(live.name, error=str(error))
    if isinstance(did, str) or not isinstance(did, Sequence):
        said = f"the plugin's provision() gave {type(did).__name__}, no sentences; look at what it did there"
        return Mended(live.name, error=said)
    return Mended(live.name, tuple(map(str, did)))


def _by_hand(matter: Matter, lack: str) -> Matter:
    """What could be set up from here, were it not for this; so this is its remedy."""
    return replace(matter, remedy=lack, mended_by_us=False) if matter.mended_by_us else matter


def _why_not(
    live: LiveSource, settings: SourceSettings, hook: Hook | None, *, all_paused: bool
) -> str | None:
    """Why nothing can be set up there, with the remedy; None when it can be tried."""
    if not isinstance(live.source, Provisions):
        return f"{live.name} has nothing that could be set up from here"
    if live.paused is not None:
        return f"it is paused by {live.paused}; `{_resume(live, all_paused)}` first"
    if live.stranger is not None:
        return f"what answers is not the installation that we know: {live.stranger}; settle that first"
    if hook is None:
        return "set daemon.url first, to how the app reaches this box"
    if _lacks_secret(settings):
        return f"set sources.{live.name}.webhook first, to a secret of its own"
    return None


def _resume(live: LiveSource, all_paused: bool) -> str:
    """What ends the pause: one of everything does not end source by source."""
    return "reconciled resume" if all_paused else f"reconciled resume {live.name}"


# --- what the app and its plugin say ------------------------------------------------------------------


async def _asked_matters(live: LiveSource, hook: Hook | None) -> tuple[Matter, ...]:
    source = live.source
    if not isinstance(source, Examines):
        return ()
    try:
        found: object = await _in_time(live, "examination", lambda: source.examine(hook), limit=LOOKING)
    except Unsupported as error:
        return (Matter(Weight.ADVICE, str(error)),)
    except SourceError as error:
        return (Matter(Weight.WRONG, f"how it is set up cannot be told: {error}"),)
    if not isinstance(found, Sequence) or not all(_is_matter(one) for one in found):
        return (Matter(Weight.WRONG, f"the plugin's examine() gave {type(found).__name__}, no matters"),)
    return tuple(found)


def _is_matter(one: object) -> bool:
    texts: tuple[object, ...] = (one.said, one.remedy or "") if isinstance(one, Matter) else (None,)
    return all(isinstance(text, str) for text in texts)


def _sight(about: About) -> list[Matter]:
    if about.sees_everything:
        return []
    said = "our account there does not see everything: what it cannot see is unknown, never gone"
    return [Matter(Weight.ADVICE, said, "use the key of somebody who sees all of it")]


def _trust(live: LiveSource) -> Matter | None:
    if live.stranger is None:
        return None
    remedy = f"is the address right? If this is meant, `reconciled scan {live.name}` and look at the holds"
    return Matter(Weight.WRONG, f"what answers is not the installation that we know: {live.stranger}", remedy)


# --- what we know ourselves ---------------------------------------------------------------------------


def _known_matters(live: LiveSource, known: Known) -> list[Matter]:
    found = [_scanned(live, known), _held(live, known), _stream(live), *_webhooks(known)]
    return [matter for matter in found if matter is not None]


def _scanned(live: LiveSource, known: Known) -> Matter | None:
    remedy = f"`reconciled runs --source {live.name}` says how its scans ended"
    if known.scanned is None:
        return Matter(Weight.ADVICE, "it was never read as a whole", remedy)
    scan, due = known.settings.scan, known.scanned
    for _ in range(_LATE):
        due = scan.next(due, UTC)
    said = f"it was last read as a whole {_ago(known.now - known.scanned)} ago"
    if known.now <= max(due, known.scanned + A_DAY):
        return Matter(Weight.GOOD, said)
    often = f"every {scan}" if scan.cron is None else f'at "{scan}"'
    return Matter(Weight.WRONG, f"{said}; that should happen {often}", remedy)


def _held(live: LiveSource, known: Known) -> Matter | None:
    if not known.held:
        return None
    said = f"{known.held} of its losses are held back: they are not believed"
    return Matter(
        Weight.ADVICE, said, f"`reconciled holds` says why; release those that are real ({live.name})"
    )


def _stream(live: LiveSource) -> Matter | None:
    if not isinstance(live.source, Listens) or live.stream is None or live.paused is not None:
        return None
    if live.stream == "connected":
        return Matter(Weight.GOOD, "its event stream is connected")
    return Matter(Weight.ADVICE, f"its event stream is not connected: {live.stream}", "it is tried again")


def _webhooks(known: Known) -> list[Matter]:
    settings, counts = known.settings, known.counts or {}
    if not issubclass(settings.type, ReceivesWebhooks):
        return []
    if _lacks_secret(settings):
        return [
            Matter(
                Weight.ADVICE,
                "no secret for its webhooks is configured, so none of them is taken",
                f"set sources.{settings.name}.webhook to a secret of its own",
            )
        ]
    found: list[Matter] = []
    if taken := counts.get("accepted", 0) + counts.get("test", 0):
        found.append(Matter(Weight.GOOD, f"{taken} webhooks came since the daemon started"))
    if refused := counts.get("unauthorized", 0):
        said = f"{refused} webhooks were refused since the daemon started: their secret was missing or wrong"
        remedy = f"have the app send what sources.{settings.name}.webhook says"
        found.append(Matter(Weight.ADVICE, said, remedy))
    return found


def _lacks_secret(settings: SourceSettings) -> bool:
    return settings.webhook is None and not issubclass(settings.type, VerifiesWebhooks)


def _ago(age: timedelta) -> str:
    return say_duration(max(0.0, age.total_seconds())) or "0 s"


# --- calling a plugin ---------------------------------------------------------------------------------


async def _in_time(live: LiveSource, doing: str, call: Callable[[], Awaitable[T]], *, limit: float) -> T:
    """Call into a plugin for at most so long. Raises SourceError only; what still runs is left behind."""
    task: asyncio.Task[T] = asyncio.create_task(
        _awaited(call), name=f"{live.name}: its {doing} for the doctor"
    )
    try:
        await asyncio.wait({task}, timeout=limit)
    finally:
        if not task.done():
            await end_tasks([task], log=live.log)
    return _result(live, task, limit=limit)


def _result(live: LiveSource, task: "asyncio.Task[T]", *, limit: float) -> T:
    if not task.done() or task.cancelled():
        raise Unreachable(f"no answer within {say_duration(limit)}")
    try:
        return task.result()
    except SourceError:
        raise
    except Exception as error:
        live.log.exception("%s crashed", task.get_name())
        said = f"its plugin crashed ({type(error).__name__}); the log has the traceback"
        raise BadResponse(said) from error


async def _awaited(call: Callable[[], Awaitable[Any]]) -> Any:
    return await call()
