"""The stream of events: real ones over a real socket, many listeners, slow ones, the end of the daemon."""

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from tests.daemon.web.conftest import BEARER, Client, World, forget
from tests.patience import PATIENCE

from reconciled.engine import said
from reconciled.engine.outbox.answers import approve
from reconciled.errors import Unauthorized, Unreachable
from reconciled.ledger import views_news
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_news import News
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp
from reconciled.web.events import HEARTBEAT, LOOK_EVERY, MOST, QUEUE
from reconciled.web.server import make_app, make_runner

EVENTS = "/api/v1/events"

NO_BYTES = {"bytes": 0, "bytes_total": None, "failed": 0, "rate": None, "left": None, "stage": ""}


class Ear:
    """Reads a stream block by block."""

    def __init__(self, world: World, response: ClientResponse) -> None:
        self.world, self.response = world, response
        self.rest = b""

    async def block(self) -> str:
        async with asyncio.timeout(PATIENCE):
            while b"\n\n" not in self.rest:
                got = await self.response.content.readany()
                if not got:
                    raise EOFError
                self.rest += got
        block, _, self.rest = self.rest.partition(b"\n\n")
        return block.decode()

    async def event(self) -> tuple[str, Any, int | None]:
        """The next event: its name, data and id."""
        while True:
            fields = dict(line.split(": ", 1) for line in (await self.block()).splitlines())
            if "event" in fields:
                number = int(fields["id"]) if "id" in fields else None
                return fields["event"], json.loads(fields["data"]), number

    async def until(self, name: str, **wanted: Any) -> Any:
        """The first event of that name that says so; the ledger is looked at meanwhile."""
        task = asyncio.ensure_future(self._until(name, wanted))
        while not task.done():
            self.world.clock.advance(LOOK_EVERY)
            await asyncio.wait([task], timeout=0.01)
        return await task

    async def _until(self, name: str, wanted: dict[str, Any]) -> Any:
        while True:
            event, data, _ = await self.event()
            if event == name and wanted.items() <= data.items():
                return data


async def listen(world: World, client: Client, **headers: str) -> Ear:
    response = await client.get(EVENTS, headers=headers)
    assert response.status == 200, await response.text()
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["Cache-Control"] == "no-store"
    ear = Ear(world, response)
    assert await ear.block() == "retry: 3000"
    return ear


async def test_what_happens_is_told_while_it_happens(world: World, client: Client, radarr: ModelApp) -> None:
    ear = await listen(world, client)
    await ear.until("source", source="radarr", health="ok")
    await world.scan("radarr")
    assert (await ear.until("run", state="running"))["pass"] == "scan"
    assert (await ear.until("run", state="complete"))["source"] == "radarr"
    await world.lose("radarr", Key("movie", "3"))
    await ear.until("tombstone", source="radarr")
    found = await ear.until("finding", state="open")
    assert (found["code"], found["key"], found["title"]) == ("gone", "3", "Film 3")
    await said.ignore(world.engine, found["id"], by="owner")
    await ear.until("finding", state="ignored", id=found["id"])
    await said.heed(world.engine, found["id"])
    await ear.until("finding", state="open", id=found["id"])
    await world.decide(forget())
    action = await world.plan(4)
    decision = await world.ask(action)
    told = await ear.until("decision", state="open")
    assert (told["id"], told["policy"], told["count"]) == (decision, "forget", 1)
    await approve(world.outbox, decision, [action], by="owner")
    await ear.until("decision", state="approved", id=decision)
    await ear.until("decision", state="over", id=decision)
    world.engine.tell("action", id=action, state="done", verb="delete", target="radarr", title="Film 4")
    await ear.until("action", id=action, state="done")
    await said.pause(world.engine, None, by="owner")
    await ear.until("source", paused=True)
    await said.resume(world.engine, None)
    await world.follow("jellyfin")
    await ear.until("source", source="jellyfin", state="added")
    radarr.listing_trouble = Unauthorized("radarr refused the key")
    await world.scan("radarr")
    await ear.until("source", source="radarr", health="unauthorized", detail="radarr refused the key")
    radarr.listing_trouble = None
    hold = await world.hold("radarr")
    assert (await ear.until("hold", state="open"))["source"] == "radarr"
    world.apps["radarr"].trouble = Unauthorized("no")
    await world.engine.release("radarr", hold)
    await ear.until("hold", state="released", id=hold)
    await ear.until("hold", state="over", id=hold)


async def test_how_far_a_run_is(world: World, client: Client, radarr: ModelApp) -> None:
    gate = asyncio.Event()
    probe = world.engine.place("radarr").live.source.probe

    async def slow() -> Any:
        await gate.wait()
        return await probe()

    world.engine.place("radarr").live.source.probe = slow  # type: ignore[method-assign]  # an app that hangs
    ear = await listen(world, client)
    await ear.until("source", source="radarr", health="ok")
    run = await world.engine.begin("scan", "radarr", asked_by="a test")
    await ear.until("run", id=run, progress={"done": 0, "total": None, **NO_BYTES})
    await world.ledger.write(
        lambda tx: tx.execute("UPDATE run SET done = 7, total = 20 WHERE id = ?", (run,))
    )
    told = await ear.until("run", id=run, progress={"done": 7, "total": 20, **NO_BYTES})
    assert (told["pass"], told["source"], told["state"]) == ("scan", "radarr", "running")
    gate.set()
    await ear.until("run", id=run, state="complete")


async def test_events_are_numbered_and_who_was_away_is_told(world: World, client: Client) -> None:
    ear = await listen(world, client)
    world.engine.tell("run", id=1, state="running")
    world.engine.tell("run", id=1, state="complete")
    (_, _, first), (_, _, second) = await ear.event(), await ear.event()
    assert first is not None
    assert second == first + 1
    missed = await listen(world, client, **{"Last-Event-ID": str(first)})
    assert await missed.event() == ("lost", {"count": None}, None)
    nothing_missed = await listen(world, client, **{"Last-Event-ID": str(second)})
    world.engine.tell("run", id=2, state="running")
    assert (await nothing_missed.event())[1]["id"] == 2


async def test_silence_is_broken_now_and_then(world: World, client: Client) -> None:
    ear = await listen(world, client)
    reading = asyncio.ensure_future(ear.block())
    while not reading.done():
        world.clock.advance(HEARTBEAT)
        await asyncio.wait([reading], timeout=0.01)
    assert (await reading).startswith(": ")


async def test_a_slow_listener_loses_the_oldest_and_holds_up_nobody(world: World, client: Client) -> None:
    slow, quick = await listen(world, client), await listen(world, client)
    for number in range(QUEUE + 10):
        world.engine.tell("run", id=number, state="running")
    for ear in (quick, slow):
        assert await ear.event() == ("lost", {"count": 10}, None)
        assert (await ear.event())[1]["id"] == 10
    text = "x" * 100_000
    for number in range(3 * QUEUE):  # more than any buffer between us takes
        world.engine.tell("run", id=number, state=text)
        if number % 50 == 0:
            await asyncio.sleep(0)
    world.engine.tell("run", id=-1, state="the last")
    await quick.until("run", id=-1)
    await slow.until("run", id=-1)


async def test_no_more_than_so_many_listen(world: World, client: Client) -> None:
    ears = [await listen(world, client) for _ in range(MOST)]
    answer = await client.get(EVENTS)
    assert (answer.status, answer.content_type) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "15"
    ears[0].response.close()
    async with asyncio.timeout(PATIENCE):
        while (await client.get(EVENTS)).status != 200:
            await asyncio.sleep(0.01)


async def test_the_health_of_a_source_is_told_when_it_changes(world: World, radarr: ModelApp) -> None:
    told: list[Any] = []
    world.engine.listeners.append(lambda what, more: told.append((what, more.get("health"))))
    for _ in range(2):
        await world.engine.note_health()
    assert told == [("source", "ok")]
    radarr.listing_trouble = Unauthorized("radarr refused the key")
    await world.scan("radarr")
    told.clear()
    for _ in range(2):
        await world.engine.note_health()
    assert told == [("source", "unauthorized")]


async def test_a_source_that_cannot_be_read_stays_in_trouble_between_two_tries(
    world: World, radarr: ModelApp
) -> None:
    def since() -> object:
        with closing(sqlite3.connect(world.engine.ledger.path)) as db:
            (found,) = db.execute("SELECT troubled_since FROM source WHERE name = 'radarr'").fetchone()
            return found

    radarr.listing_trouble = Unreachable("/films: it cannot be read, or is not mounted any more")
    await world.scan("radarr")
    await world.engine.note_health()
    first = since()
    assert first is not None
    world.clock.advance(60)
    await world.engine.probe("radarr")  # it answers; only its listing fails
    await world.engine.note_health()
    assert since() == first, "the alarm would never tell of it"
    radarr.listing_trouble = None
    await world.scan("radarr")
    await world.engine.note_health()
    assert since() is None


async def test_nobody_looks_while_nobody_listens(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    monkeypatch.setattr("reconciled.ledger.views_news.look", lambda tx, after: looks.append(after))
    world.clock.advance(10)
    await asyncio.sleep(0.01)
    assert looks == []


class Eyes:
    """The look into the ledger, which crashes while `crash` is set; `looks` counts."""

    def __init__(self, crash: BaseException | None) -> None:
        self.crash = crash
        self.looks = 0
        self._look = views_news.look

    def look(self, tx: Tx, *, after: int | None) -> News:
        self.looks += 1
        if self.crash is not None:
            raise self.crash
        return self._look(tx, after=after)

    async def until(self, world: World, looks: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.looks < looks:
                world.clock.advance(LOOK_EVERY)
                await asyncio.sleep(0.002)


async def test_a_look_that_crashes_is_logged_once_and_ends_nothing(
    world: World,
    client: Client,
    radarr: ModelApp,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    eyes = Eyes(None)
    monkeypatch.setattr("reconciled.ledger.views_news.look", eyes.look)
    ear = await listen(world, client)
    await eyes.until(world, 1)
    eyes.crash = ZeroDivisionError()
    await eyes.until(world, eyes.looks + 5)
    eyes.crash = None
    await ear.until("lost", count=None)
    await world.scan("radarr")
    await ear.until("run", state="complete")
    assert [record.getMessage() for record in caplog.records] == [
        "looking for what happened crashed; it goes on"
    ]


async def test_looking_that_ended_begins_anew_with_the_next_listener(
    world: World, client: Client, radarr: ModelApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    eyes = Eyes(asyncio.CancelledError())
    monkeypatch.setattr("reconciled.ledger.views_news.look", eyes.look)
    first = await listen(world, client)
    await eyes.until(world, 1)
    async with asyncio.timeout(PATIENCE):
        while any(task.get_name() == "events" for task in asyncio.all_tasks()):
            await asyncio.sleep(0.002)  # it ends in this loop a moment after the look did in its thread
    eyes.crash = None
    second = await listen(world, client)
    await eyes.until(world, 2)
    await world.scan("radarr")
    await asyncio.gather(*(ear.until("run", state="complete") for ear in (first, second)))


@pytest.mark.parametrize("stuck", [False, True])
async def test_the_end_of_the_daemon_is_the_end_of_the_stream(world: World, stuck: bool) -> None:
    runner = make_runner(make_app(world.house), shutdown_timeout=60.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0], limit=1024)
    writer.write(f"GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await reader.readuntil(b"retry: 3000")
    for number in range(2000 if stuck else 1):
        world.engine.tell("run", id=number, state="x" * 50_000)
        await asyncio.sleep(0)
    async with asyncio.timeout(50):
        await runner.cleanup()
        if not stuck:
            assert (await reader.read(10**6)) != b""
    house = (world.outbox, world.house.mirrors, world.house.duplicates)
    assert all(getattr(one, "__self__", None) in house for one in world.engine.listeners)
    writer.transport.abort()


async def test_listening_is_reading(stranger: Client) -> None:
    assert (await stranger.get(EVENTS)).status == 401
    answer = await stranger.get(EVENTS, headers=BEARER)
    assert answer.status == 200
    answer.close()
    assert (await stranger.get(f"{EVENTS}?since=3", headers=BEARER)).status == 400
