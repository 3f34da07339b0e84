"""The state of the whole, gathered once for the API, the page and the metrics."""

from datetime import UTC

import msgspec

from reconciled.engine.live import LiveSource
from reconciled.ledger import views_actions, views_holds, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.ledger.views_status import LastScan, Queue, SourceCounts
from reconciled.web.house import House


class ConfigStatus(msgspec.Struct, frozen=True):
    """The config in force; `problems` are those of the file as it is now, `notes` what needs a restart.

    `warnings` are about policies that may act although no score speaks for them.
    """

    path: str
    loaded_at: str
    ok: bool
    problems: list[str]
    notes: list[str]
    warnings: list[str]


class SourceStatus(msgspec.Struct, frozen=True):
    """A source: how it fares, and what is held of it. `next_try` is in seconds, while it is in trouble.

    `stream` says how its event stream fares: "connected", "connecting" or "waiting …"; null: it has none.
    `paused` says who paused it, alone or with everything else; null while it runs.
    """

    name: str
    app: str
    health: str
    detail: str
    items: dict[str, int]
    unlisted: int
    gone: int
    held: int
    stream: str | None
    last_scan: LastScan | None
    version: str | None
    next_try: float | None
    scanning: int | None
    paused: str | None


class PluginStatus(msgspec.Struct, frozen=True):
    """A plugin, with what is wrong with it."""

    name: str
    version: str | None
    apps: list[str]
    error: str | None


class Status(msgspec.Struct, frozen=True):
    """The whole. `paused` says who paused everything; `decisions` wait for an answer; `trouble` is what is
    wrong with the ledger's file, while nothing can be kept.
    """

    version: str
    started: str
    mode: str
    paused: str | None
    trouble: str | None
    config: ConfigStatus
    sources: list[SourceStatus]
    queue: Queue
    holds: int
    decisions: int
    plugins: list[PluginStatus]


async def gather(house: House) -> Status:
    """Everything at once, as of one state of the ledger."""
    now = house.clock.reckoned()

    def read(tx: Tx) -> tuple[list[SourceCounts], Queue, int, int, str | None]:
        return (
            views_status.sources(tx),
            views_status.queue(tx, now=now),
            views_holds.count_open(tx),
            views_actions.count_open(tx),
            views_status.paused(tx),
        )

    counts, queue, holds, decisions, paused = await house.ledger.read(read)
    warnings = await house.outbox.arming(house.outbox.rules)
    state = house.config()
    return Status(
        version=house.version,
        started=stamp(house.started.astimezone(UTC)),
        mode=str(state.settings.mode),
        paused=paused,
        trouble=house.ledger.trouble,
        config=ConfigStatus(
            str(state.path),
            stamp(state.loaded_at),
            not state.problems,
            list(state.problems),
            list(state.notes),
            warnings,
        ),
        sources=[_source(house, one) for one in counts],
        queue=queue,
        holds=holds,
        decisions=decisions,
        plugins=[
            PluginStatus(one.name, one.version, list(one.apps), one.error) for one in house.registry.plugins
        ],
    )


def _source(house: House, counts: SourceCounts) -> SourceStatus:
    place = house.engine.places.get(counts.name)
    live = place.live if place is not None else None
    health, detail = _health(live, counts)
    next_try = None
    if live is not None and live.health.next_try is not None:
        next_try = max(0.0, round(live.health.next_try - house.clock.monotonic(), 1))
    return SourceStatus(
        name=counts.name,
        app=counts.app,
        health=health,
        detail=detail,
        items=counts.items,
        unlisted=counts.unlisted,
        gone=counts.gone,
        held=counts.held,
        stream=live.stream if live is not None else None,
        last_scan=counts.last_scan,
        version=live.about.version if live is not None and live.about is not None else None,
        next_try=next_try,
        scanning=house.engine.running("scan", counts.name),
        paused=counts.paused,
    )


def _health(live: LiveSource | None, counts: SourceCounts) -> tuple[str, str]:
    if live is not None:
        return str(live.health.state), live.health.detail or live.stranger or ""
    if counts.state == "frozen":
        return "frozen", "it is not in the config; its items wait until it is back or forgotten"
    return "starting", "it is not running yet"
