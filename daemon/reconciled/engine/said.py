"""What people say while the daemon runs: leave a source alone, ignore a finding, these two are one thing."""

from dataclasses import dataclass

from reconciled.engine.engine import Engine
from reconciled.engine.runs import NoSuchSource
from reconciled.errors import ReconciledError
from reconciled.ledger import findings, items, links, sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Key


class NoSuchFinding(ReconciledError):
    """There is no such finding, or it is over."""


class CannotLink(ReconciledError):
    """The two items cannot be said to be one, or two; the message says why."""


class NotFrozen(ReconciledError):
    """The source is in the config; only one that left it can be forgotten."""


@dataclass(frozen=True, slots=True)
class Named:
    """An item as people name it."""

    source: str
    key: Key

    def __str__(self) -> str:
        return f"{self.key} of {self.source}"


async def pause(engine: Engine, source: str | None, *, by: str) -> None:
    """Leave a source alone (None: all of them, and send nothing), until `resume`. NoSuchSource."""
    await _pause(engine, source, by)


async def resume(engine: Engine, source: str | None) -> None:
    """Go on with a source, or with everything that was paused at once. NoSuchSource."""
    await _pause(engine, source, None)


async def _pause(engine: Engine, source: str | None, by: str | None) -> None:
    if source is None:
        await engine.ledger.write_durably(lambda tx: sources.set_setting(tx, "paused_by", by))
        engine.paused = by
        for place in list(engine.places.values()):
            place.live.paused = by if by is not None else await _own(engine, place.live.id)
    else:
        number = engine.place(source).live.id
        await engine.ledger.write_durably(lambda tx: sources.pause(tx, number, by))
        if (there := engine.places.get(source)) is not None:  # it may be followed anew by now
            there.live.paused = by if by is not None else engine.paused
    for place in engine.places.values():
        place.live.due.set()
    engine.tell("sources", paused=by is not None)


async def _own(engine: Engine, source_id: int) -> str | None:
    return await engine.ledger.read(lambda tx: sources.by_id(tx, source_id).paused_by)


async def ignore(engine: Engine, finding: int, *, by: str) -> None:
    """Nothing follows from the finding any more. NoSuchFinding."""
    if not await engine.ledger.write_durably(lambda tx: findings.ignore(tx, finding, by=by)):
        raise NoSuchFinding(f"there is no open finding {finding} that is not ignored")
    engine.tell("finding", id=finding, state="ignored")


async def heed(engine: Engine, finding: int) -> None:
    """The finding counts again. NoSuchFinding."""
    if not await engine.ledger.write_durably(findings.heed, finding):
        raise NoSuchFinding(f"there is no ignored finding {finding}")
    engine.tell("sources", finding=finding)


async def snooze(engine: Engine, finding: int, seconds: float) -> None:
    """Nothing follows from the finding for so long. NoSuchFinding."""
    until = engine.clock.reckoned() + seconds
    if not await engine.ledger.write_durably(lambda tx: findings.snooze(tx, finding, until=until)):
        raise NoSuchFinding(f"there is no open finding {finding}")
    engine.tell("finding", id=finding, state="snoozed")


async def link(engine: Engine, one: Named, other: Named, *, same: bool, by: str) -> None:
    """Two items are one thing, or are not, whatever their refs say. CannotLink."""
    at = stamp(engine.clock.now())

    def write(tx: Tx) -> None:
        a, b = _row(tx, one), _row(tx, other)
        if a == b:
            raise CannotLink(f"{one} is one item; a link takes two")
        links.say(tx, "same" if same else "apart", a, b, by=by, at=at)

    await engine.ledger.write_durably(write)
    engine.tell("sources", linked=same)


async def forget(engine: Engine, source: str) -> None:
    """Drop a source that left the config, with its items; tombstones stay. NoSuchSource, NotFrozen."""

    def write(tx: Tx) -> None:
        row = sources.get(tx, source)
        if row is None:
            raise NoSuchSource(f"the ledger knows no source {source!r}")
        if row.state != "frozen" or source in engine.places:
            raise NotFrozen(f"{source} is in the config; take it out first")
        sources.forget(tx, row.id)

    await engine.ledger.write_durably(write)
    engine.tell("sources", forgotten=source)


def _row(tx: Tx, named: Named) -> int:
    source = sources.get(tx, named.source)
    rows = items.by_key(tx, source.id, named.key) if source is not None else []
    current = next((row for row in rows if row.current), None)
    if current is None:
        raise CannotLink(f"the ledger knows no {named}")
    return current.id
