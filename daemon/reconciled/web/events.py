"""`GET /api/v1/events`: what happens, as server-sent events, while it happens.

The engine tells some of it as it happens; the rest is looked for in the ledger once a second, while
anybody listens. Nothing of it is ever an order and nothing is replayed: who was away or was too slow
gets an event `lost` and reads the lists again. A listener that does not read holds up nobody: its
queue is bounded, and when the daemon stops its connection is cut.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping
from functools import partial

import msgspec
from aiohttp import ClientConnectionError, web

from reconciled.clock import wait_for
from reconciled.ledger import views_news
from reconciled.ledger.views_news import News, Waiting
from reconciled.model import Json
from reconciled.web.api_runs import as_now
from reconciled.web.calls import Asked, Nothing
from reconciled.web.house import House
from reconciled.web.problems import Problem

EVENTS = frozenset({"run", "tombstone", "finding", "hold", "action", "decision", "source"})
MOST = 20
QUEUE = 256
HEARTBEAT = 15.0
LOOK_EVERY = 1.0
RETRY = 3000
"""Milliseconds after which a browser connects again."""
_LOG = logging.getLogger(__name__)


class Listener:
    """Somebody who listens: what waits for them, and how much had to be dropped meanwhile."""

    def __init__(self, request: web.Request) -> None:
        self.woken = asyncio.Event()
        self.ended = False
        self._request = request
        self._waiting: deque[tuple[int, bytes]] = deque(maxlen=QUEUE)
        self._lost = 0

    def put(self, number: int, event: bytes) -> None:
        """One event more; the oldest makes room when they do not keep up."""
        self._lost += len(self._waiting) == QUEUE
        self._waiting.append((number, event))
        self.woken.set()

    def missed(self, count: int | None = None) -> bytes:
        """The event that says that some were lost; None: nobody knows how many."""
        return b"event: lost\ndata: " + msgspec.json.encode({"count": count}) + b"\n\n"

    def take(self) -> bytes:
        """All that waits, as it goes over the wire; empty when nothing does."""
        self.woken.clear()
        lost, self._lost = self._lost, 0
        said = [self.missed(lost)] if lost else []
        said += [b"id: %d\n%s" % one for one in self._waiting]
        self._waiting.clear()
        return b"".join(said)

    @property
    def gone(self) -> bool:
        """Whether the connection is known to be closed."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    def end(self) -> None:
        """Hear no more. Who has not read what was written is cut off: it would hold up the end."""
        self.ended = True
        self.woken.set()
        transport = self._request.transport
        if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
            transport.abort()


class Hub:
    """Hears what the engine tells and hands it to who listens."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._listeners: set[Listener] = set()
        self._number = int(house.started.timestamp()) * 1000  # so that no id of an earlier run is one of ours
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def last(self) -> int:
        """The id of the newest event."""
        return self._number

    def open(self) -> None:
        """Begin to hear."""
        self._house.engine.listeners.append(self.hear)

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        if self.hear in self._house.engine.listeners:
            self._house.engine.listeners.remove(self.hear)
        for listener in self._listeners:
            listener.end()
        self._rest()

    def join(self, request: web.Request) -> Listener:
        """Listen from now on. Problem 503 when too many do."""
        for listener in [one for one in self._listeners if one.gone]:
            self.leave(listener)
        if self._closed or len(self._listeners) >= MOST:
            said = "the daemon stops" if self._closed else f"{MOST} listen already, which is the most"
            raise Problem(503, said, headers={"Retry-After": "15"})
        listener = Listener(request)
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="events")
        return listener

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        listener.end()
        self._listeners.discard(listener)
        if not self._listeners:
            self._rest()

    def _rest(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def hear(self, what: str, told: Mapping[str, Json]) -> None:
        """What the engine told. Neither raises nor waits."""
        for event, data in _of_engine(what, told):
            self._tell(event, data)

    def _tell(self, event: str, data: Mapping[str, Json]) -> None:
        self._number += 1
        wire = f"event: {event}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"
        for listener in self._listeners:
            listener.put(self._number, wire)

    async def _look(self) -> None:
        """What the ledger holds that nobody told, again and again, whatever a look comes to."""
        before: News | None = None
        crashed = False
        while True:
            try:
                before = await self._look_once(before)
                if crashed:
                    self._tell("lost", {"count": None})
                crashed = False
            except sqlite3.Error as error:
                _LOG.debug("the ledger could not be looked at: %s", error)
            except Exception:  # noqa: BLE001 - a defect of ours, told below, once; news go on all the same
                if not crashed:
                    _LOG.exception("looking for what happened crashed; it goes on")
                before, crashed = None, True
            await self._house.clock.sleep(LOOK_EVERY)

    async def _look_once(self, before: News | None) -> News:
        """Tell what is new since that look, or nothing without one. Returns what there is."""
        house = self._house
        after = before.newest if before is not None else None
        now = await house.ledger.read(partial(views_news.look, after=after))
        now = msgspec.structs.replace(now, runs=[as_now(house.engine, run) for run in now.runs])
        house.engine.tell_health()
        for event, data in changes(before, now) if before is not None else ():
            self.hear(event, data)
        return now


def _of_engine(what: str, told: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """What is told inside the house, as it is told outside."""
    if what in EVENTS:
        yield what, told
    elif what == "sources" and "finding" in told:
        yield "finding", {"id": told["finding"], "state": "open"}
    elif what == "sources" and "paused" in told:
        yield "source", dict(told)
    elif what == "sources":
        for state in ("added", "frozen", "forgotten"):
            if state in told:
                yield "source", {"source": told[state], "state": state}


def changes(before: News, now: News) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """What is new between two looks, as events."""
    known = {run.id: run.progress for run in before.runs}
    for run in now.runs:
        if known.get(run.id) != run.progress:
            progress: Json = msgspec.to_builtins(run.progress)
            yield "run", {
                "id": run.id, "pass": run.pass_, "source": run.source, "state": run.state,
                "progress": progress,
            }  # fmt: skip
    for one in now.findings:
        yield "finding", {
            "id": one.id, "state": "open", "code": one.code, "what": one.what, "source": one.source,
            "kind": one.kind, "key": one.key, "title": one.title,
        }  # fmt: skip
    yield from _waiting("hold", "source", before.holds, now.holds)
    yield from _waiting("decision", "policy", before.decisions, now.decisions)


def _waiting(
    event: str, of: str, before: Mapping[int, Waiting], now: Mapping[int, Waiting]
) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for number, one in now.items():
        if before.get(number) != one:
            yield (
                event,
                {"id": number, "state": "open", of: one.of, "count": one.count, "sentence": one.sentence},
            )
    for number in before.keys() - now.keys():
        yield event, {"id": number, "state": "over", of: before[number].of}


HUB = web.AppKey("hub", Hub)


async def begin(app: web.Application) -> None:
    """For `on_startup`: the hub hears while the application runs."""
    app[HUB].open()


async def end(app: web.Application) -> None:
    """For `on_shutdown`: streams end before open requests are waited for."""
    app[HUB].close()


async def get_events(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """What happens, as server-sent events: run, tombstone, finding, hold, action, decision, source, lost."""
    hub, request = asked.request.app[HUB], asked.request
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    if request.method == "HEAD":
        return response
    listener = hub.join(request)
    try:
        await response.prepare(request)
        last = request.headers.get("Last-Event-ID")
        missed = last is not None and last != str(hub.last)
        await response.write(b"retry: %d\n\n" % RETRY + (listener.missed() if missed else b""))
        while not listener.ended:
            if said := listener.take():
                await response.write(said)
            elif not await wait_for(listener.woken, HEARTBEAT, clock=asked.house.clock):
                await response.write(b": still here\n\n")
    except (ConnectionResetError, ClientConnectionError):
        _LOG.debug("a listener hung up")
    finally:
        hub.leave(listener)
    return response
