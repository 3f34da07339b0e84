"""Event streams: what is told is kept and works; reconnecting is patient; nothing is lost, nothing stays."""

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from tests.patience import PATIENCE

from reconciled.engine.inbox import LARGEST, receive_events, understand
from reconciled.engine.live import Rules
from reconciled.engine.streaming import AT_ONCE, HELD, Streaming
from reconciled.errors import BadEvent, BadResponse, RateLimited, Unauthorized, Unreachable, Unsupported
from reconciled.http import Http
from reconciled.ledger import items
from reconciled.ledger.connection import Tx
from reconciled.model import Event, Item, Key, Op, Ref
from reconciled.source import Connected, Context, SourceConfig
from reconciled.testing.model_app import ModelApp, ModelSource

GONE = Unreachable("the hub closed")


class Even(random.Random):
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        return a


class ListeningSource(ModelSource):
    """The model app with a stream: `refuses` is raised instead of a connection."""

    def __init__(self, model: ModelApp, context: Context) -> None:
        super().__init__(model, SourceConfig(), context)
        self.refuses: BaseException | None = None
        self.greets: Sequence[Any] = (Connected(),)
        self.tried_at: list[float] = []
        self.open: list[asyncio.Queue[Any]] = []
        self.closed_properly = 0

    async def listen(self) -> AsyncIterator[Any]:
        self.tried_at.append(self.context.clock.monotonic())
        if self.refuses is not None:
            raise self.refuses
        told: asyncio.Queue[Any] = asyncio.Queue()
        self.open.append(told)
        try:
            for greeting in self.greets:
                yield greeting
            while (said := await told.get()) is not None:
                if isinstance(said, BaseException):
                    raise said
                yield said
        finally:
            self.open.remove(told)
            self.closed_properly += 1

    def tell(self, *said: Any) -> None:
        for one in said:
            self.open[-1].put_nowait(one)


class Rig:
    """A source whose stream is followed; its scans and its lookups are the test's own."""

    def __init__(self, world: Any, source: ListeningSource) -> None:
        self.world = world
        self.source = source
        self.orders: list[str] = []
        self.kept: list[list[Event]] = []
        self.full: BaseException | None = None
        self.live = world.place("radarr").live
        self.stream = Streaming(self.live, keep=self.keep, order_scan=self.order, chance=Even())
        self.task = asyncio.create_task(self.stream.run())

    async def keep(self, events: Sequence[Event]) -> None:
        if self.full is not None:
            raise self.full
        await receive_events(self.live, self.world.ledger, events, blank=lambda body: body)
        self.kept.append(list(events))

    def order(self, why: str) -> None:
        self.orders.append(why)
        self.world.engine.order_scan(self.live, why)

    async def turn(self) -> None:
        """Let everything run that can, without time passing; what the ledger was given is written."""
        for _ in range(5):
            for _ in range(5):
                await asyncio.sleep(0.001)
            await self.world.ledger.write(lambda _: None)

    async def tick(self, seconds: float) -> None:
        """Let time pass once; what needs no disk runs."""
        self.world.clock.advance(seconds)
        for _ in range(8):
            await asyncio.sleep(0)

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        while seconds > 0:
            await self.tick(min(step, seconds))
            seconds -= step
        await self.turn()

    async def letters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.world.rows("SELECT * FROM inbox ORDER BY id")
        return found

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def make(world: Any, film: Callable[..., Item]) -> AsyncIterator[Callable[[], Any]]:
    made: list[Rig] = []

    async def rig(*, well: bool = True) -> Rig:
        model = ModelApp()
        model.put(*(film(n) for n in range(1, 11)))
        log = logging.getLogger("radarr")
        context = Context("radarr", Http.__new__(Http), world.clock, log, store=None)  # type: ignore[arg-type]
        source = ListeningSource(model, context)
        await world.engine.add("radarr", source, rules=Rules(20.0, 0.1), kinds=frozenset({"movie"}), scope={})
        if well:
            await world.scan("radarr")
        made.append(Rig(world, source))
        await made[-1].turn()
        return made[-1]

    yield rig
    for one in made:
        await one.stop()


@pytest.fixture
async def rig(make: Any) -> Rig:
    """Connected, and what followed at the start is over."""
    made: Rig = await make()
    await made.stream.tried()
    return made


def deleted(number: int, **more: Any) -> Event:
    return Event(Op.DELETED, Key("movie", str(number)), **more)


async def test_what_a_stream_tells_takes_the_way_of_a_webhook(rig: Rig) -> None:
    assert rig.live.stream == "connected"
    del rig.source.model.items[Key("movie", "3")]
    rig.source.tell(deleted(3, title="Film 3", refs=frozenset({Ref("tmdb:movie", "3")}), own_act=True))
    await rig.turn()
    (letter,) = await rig.letters()
    assert msgspec.json.decode(letter["headers"]) == {"via": "stream"}
    assert await rig.world.engine.read_letters() == 1
    assert await rig.world.presence("radarr") == {
        f"movie {n}": "unlisted" if n == 3 else "present" for n in range(1, 11)
    }
    await rig.world.settle()
    assert await rig.world.graves() == ["radarr movie 3 entry"]


async def test_a_letter_of_a_stream_is_read_again_after_a_crash_without_the_plugin(rig: Rig) -> None:
    """What is kept says everything: the plugin object of before is gone, its memory with it."""
    told = Event(
        Op.FILE_DELETED, Key("movie", "4"), "Film 4", frozenset({Ref("imdb", "tt4")}), "someone",
        rig.world.clock.now(), "manual", external=True, settle=7.5,
    )  # fmt: skip
    rig.source.tell(told, Event(Op.SCAN, reason="read all"))
    await rig.turn()
    await rig.stop()
    heard: list[Event] = []
    for letter in await rig.letters():
        assert letter["state"] == "new"
        heard += understand(rig.live, letter["body"], msgspec.json.decode(letter["headers"]))
    assert heard == [told, Event(Op.SCAN, reason="read all")]


async def test_that_it_settles_at_once_is_something_said(rig: Rig) -> None:
    rig.source.tell(deleted(1, settle=0.0))
    await rig.turn()
    (letter,) = await rig.letters()
    assert understand(rig.live, letter["body"], {"via": "stream"}) == [deleted(1, settle=0.0)]


async def test_an_event_that_cannot_be_handled_harms_no_other_of_its_letter(
    rig: Rig, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = items.by_key

    def by_key(tx: Tx, source: int, key: Key) -> Any:
        if key.id == "1":
            raise OverflowError
        return plain(tx, source, key)

    monkeypatch.setattr(items, "by_key", by_key)
    events = [deleted(1), deleted(2), Event(Op.SCAN, reason="all")]
    await receive_events(rig.live, rig.world.ledger, events, blank=bytes)
    assert await rig.world.engine.read_letters() == 1
    presence = await rig.world.presence("radarr")
    assert (presence["movie 1"], presence["movie 2"]) == ("present", "unlisted")
    (letter,) = await rig.letters()
    assert (letter["state"], letter["error"].split(";")[0]) == (
        "unparseable", "1 of its 3 events could not be handled (OverflowError)",
    )  # fmt: skip
    assert "letter 1: deleted of movie 1 is odd" in caplog.text
    assert rig.world.place("radarr").wants_scan.is_set()


async def test_a_moment_that_no_calendar_has_in_utc_is_none(rig: Rig) -> None:
    never = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    await receive_events(rig.live, rig.world.ledger, [deleted(1, occurred=never)], blank=bytes)
    assert await rig.world.engine.read_letters() == 1
    assert (await rig.world.presence("radarr"))["movie 1"] == "unlisted"
    (letter,) = await rig.letters()
    assert understand(rig.live, letter["body"], {"via": "stream"}) == [deleted(1)]


async def test_a_huge_event_is_kept_for_its_key_alone(rig: Rig) -> None:
    huge = "x" * (LARGEST + 1)
    rig.source.tell(deleted(1, title=huge, own_act=True), deleted(2, reason=huge), Event(Op.DELETED, Key("movie", huge)))  # fmt: skip  # noqa: E501
    await rig.pass_time(1, step=0.5)
    letters = await rig.letters()
    heard = [e for letter in letters for e in understand(rig.live, letter["body"], {"via": "stream"})]
    assert heard == [deleted(1, own_act=True), deleted(2)]


async def test_a_chatty_stream_hurries_no_source_in_trouble(rig: Rig) -> None:
    """It would be asked twice a second, whatever its trouble: what refuses our key would lock us out."""
    rig.live.health.failed(Unauthorized("401"), "probe")
    due = rig.live.health.next_try
    rig.source.tell(deleted(1))
    await rig.turn()
    assert await rig.world.engine.read_letters() == 1
    assert rig.live.health.next_try == due


async def test_a_letter_that_cannot_be_read_again_is_a_bad_event(rig: Rig) -> None:
    with pytest.raises(BadEvent, match="cannot be read again"):
        understand(rig.live, b'[{"op": "***"}]', {"via": "stream"})


async def test_secrets_are_blanked_before_anything_is_kept(rig: Rig) -> None:
    letter = await receive_events(
        rig.live, rig.world.ledger, [deleted(1, title="a key k3y")],
        blank=lambda body: body.replace(b"k3y", b"***"),
    )  # fmt: skip
    (kept,) = await rig.letters()
    assert kept["id"] == letter
    assert b"k3y" not in kept["body"]
    (event,) = understand(rig.live, kept["body"], {"via": "stream"})
    assert event.title == "a key ***"


@pytest.mark.parametrize(
    "odd",
    [
        Event(Op.DELETED, Key("movie", "1"), title=7),  # type: ignore[arg-type]
        Event(Op.DELETED, "movie 1"),  # type: ignore[arg-type]
        Event(Op.DELETED, Key("movie", "1"), title="\ud800"),
        Event("burned", Key("movie", "1")),  # type: ignore[arg-type]
        Event(Op.DELETED, Key("movie", "1"), refs=frozenset({"tmdb:movie/1"})),  # type: ignore[arg-type]
        Event(Op.DELETED, Key("movie", "1"), reason=object()),  # type: ignore[arg-type]
        Event(Op.DELETED, Key("movie", "1"), reason={}),  # type: ignore[arg-type]
    ],
    ids=["title", "key", "surrogate", "op", "refs", "reason", "no hash"],
)
async def test_an_odd_event_is_left_out_and_harms_no_other(
    rig: Rig, odd: Event, caplog: pytest.LogCaptureFixture
) -> None:
    rig.source.tell(odd, deleted(2))
    await rig.turn()
    heard = [
        e for letter in await rig.letters() for e in understand(rig.live, letter["body"], {"via": "stream"})
    ]
    assert heard == [deleted(2)]
    assert "odd event" in caplog.text
    assert rig.live.stream == "connected"


async def test_a_flood_is_written_in_batches_and_memory_is_bounded(rig: Rig) -> None:
    gate = asyncio.Event()
    counts: list[int] = []

    async def slowly(events: Sequence[Event]) -> None:
        await gate.wait()
        await rig.keep(events)
        counts.append(len(events))

    rig.stream._keep = slowly
    rig.source.tell(*(Event(Op.CHANGED, Key("movie", str(n))) for n in range(3 * HELD)))
    await rig.turn()
    assert rig.source.open[0].qsize() > 3 * HELD - HELD - 2 * AT_ONCE, "the app is not listened to meanwhile"
    gate.set()
    async with asyncio.timeout(PATIENCE):
        while sum(counts) < 3 * HELD:
            await rig.tick(1)
            await asyncio.sleep(0.002)
    assert max(counts) == AT_ONCE
    assert len(await rig.letters()) == len(counts) <= 3 * HELD / AT_ONCE + 5


async def test_the_same_word_many_times_is_one(rig: Rig) -> None:
    rig.source.tell(*(Event(Op.CHANGED, Key("movie", "1")) for _ in range(80)))
    await rig.turn()
    assert sum(map(len, rig.kept)) <= 2


async def test_what_was_told_before_the_end_is_kept(rig: Rig) -> None:
    rig.source.tell(*(deleted(n) for n in range(1, 6)), GONE)
    await rig.turn()
    assert sum(map(len, rig.kept)) == 5


async def test_what_comes_one_by_one_is_written_together(rig: Rig) -> None:
    """The first at once; the others half a second later, however many there were."""
    for number in range(1, 9):
        rig.source.tell(deleted(number))
        await rig.turn()
    assert rig.kept == [[deleted(1)]]
    await rig.pass_time(0.5, step=0.5)
    assert rig.kept == [[deleted(1)], [deleted(number) for number in range(2, 9)]]


async def test_a_test_event_is_nothing(rig: Rig) -> None:
    rig.source.tell(Event(Op.TEST))
    await rig.turn()
    assert await rig.letters() == []


# --- connecting again -------------------------------------------------------------------------------


async def test_the_first_connection_orders_nothing_for_a_scan_follows(make: Any) -> None:
    rig = await make()
    assert rig.orders == []


async def test_a_first_connection_that_came_late_orders_a_scan(make: Any) -> None:
    rig = await make(well=False)
    rig.source.refuses = GONE
    await rig.world.scan("radarr")
    await rig.turn()
    await rig.stream.tried()
    rig.source.refuses = None
    await rig.pass_time(2)
    assert (rig.live.stream, len(rig.orders)) == ("connected", 1)


async def test_it_waits_until_the_source_answers(make: Any) -> None:
    rig = await make(well=False)
    assert rig.source.tried_at == []
    assert rig.live.stream == "waiting until the source answers"
    await rig.world.scan("radarr")
    await rig.turn()
    assert rig.live.stream == "connected"


async def test_it_is_not_opened_while_the_source_is_paused(make: Any) -> None:
    rig = await make(well=False)
    rig.live.paused = "owner"
    await rig.world.scan("radarr")
    await rig.pass_time(30)
    assert (rig.source.tried_at, rig.live.stream) == ([], "waiting: paused by owner")
    rig.live.paused = None
    await rig.pass_time(10)
    assert rig.live.stream == "connected"


async def test_after_a_minute_the_next_try_is_made_at_once(rig: Rig) -> None:
    await rig.pass_time(61)
    before = rig.world.clock.monotonic()
    rig.source.tell(GONE)
    await rig.turn()
    assert rig.source.tried_at[-1] == before
    assert rig.live.stream == "connected"
    assert rig.orders == ["its stream is connected again"]


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (GONE, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
        (BadResponse("HTML"), [1, 2, 4, 8]),
        (RateLimited("slow down", retry_after=30), [30, 30, 30]),
        (Unauthorized("403"), [60, 120, 300, 900, 900]),
        (KeyError("a bug"), [1, 2, 4]),
    ],
    ids=["unreachable", "bad", "rate limited", "unauthorized", "crash"],
)
async def test_patience(make: Any, error: Exception, waits: list[float]) -> None:
    rig = await make(well=False)
    rig.source.refuses = error
    await rig.world.scan("radarr")
    await rig.turn()
    await rig.pass_time(sum(waits) + 0.4 * (len(waits) + 1), step=0.2)
    tried = rig.source.tried_at
    assert [round(b - a) for a, b in pairwise(tried)][: len(waits)] == waits
    assert rig.live.stream.startswith("waiting to connect again: ")
    assert rig.live.answers, "a stream in trouble says nothing of the source"


async def test_only_the_first_failure_and_the_recovery_are_logged(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rig.source.refuses = GONE
    rig.source.tell(GONE)
    await rig.pass_time(100)
    rig.source.refuses = None
    await rig.pass_time(200)
    said = [record.getMessage() for record in caplog.records if "stream" in record.getMessage()]
    assert said == ["radarr: its stream: the hub closed", "radarr: its stream is connected again"]


async def test_a_hub_that_restarts_twenty_times_orders_few_scans(rig: Rig) -> None:
    await rig.pass_time(61)
    for _ in range(20):
        rig.source.tell(GONE)
        await rig.turn()
        while not rig.source.open:
            await rig.tick(5)
    assert len(rig.orders) <= 2
    await rig.pass_time(61)
    assert 1 <= len(rig.orders) <= 3, "once it stands, what was missed is looked for"
    assert rig.live.stream == "connected"


async def test_a_stream_that_never_stands_orders_a_scan_now_and_then(rig: Rig) -> None:
    """A proxy that cuts every connection after 50 s."""
    for _ in range(3 * 3600 // 350):
        while not rig.source.open:
            await rig.tick(10)
        await rig.tick(25)
        await rig.tick(25)
        rig.source.tell(GONE)
        await rig.turn()
    assert 2 <= len(rig.orders) <= 4


async def test_a_plugin_that_connects_again_by_itself_orders_few_scans(rig: Rig) -> None:
    await rig.pass_time(61)
    for _ in range(30):
        rig.source.tell(Connected())
        await rig.turn()
        await rig.tick(10)
    assert len(rig.orders) == 1, "the first; it had stood before"
    await rig.pass_time(61)
    assert (len(rig.orders), rig.live.stream) == (2, "connected")


async def test_an_app_that_restarts_in_a_loop_for_an_hour(rig: Rig) -> None:
    """Up for 50 s each time: neither is it read all the time, nor never."""
    await rig.pass_time(61)
    began = rig.world.clock.monotonic()
    while rig.world.clock.monotonic() - began < 2 * 3600:
        rig.source.tell(GONE)
        await rig.turn()
        while not rig.source.open:
            await rig.tick(5)
        await rig.tick(50)
    assert 2 <= len(rig.orders) <= 3


async def test_no_stream_in_this_configuration(make: Any) -> None:
    rig = await make(well=False)
    rig.source.refuses = Unsupported("radarr: its stream is switched off")
    await rig.world.scan("radarr")
    await rig.pass_time(4000, step=100)
    assert (len(rig.source.tried_at), rig.live.stream, rig.task.done()) == (1, None, False)
    await rig.stream.tried()


async def test_a_source_without_a_stream_holds_up_nothing(world: Any, film: Any) -> None:
    await world.follow("radarr")
    await world.scan("radarr")
    live = world.place("radarr").live

    async def keep(_events: Sequence[Event]) -> None:
        raise AssertionError("nothing is told")

    stream = Streaming(live, keep=keep, order_scan=lambda _why: None, chance=Even())
    task = asyncio.create_task(stream.run())
    await stream.tried()
    assert live.stream is None
    task.cancel()


async def test_a_stream_that_hangs_holds_up_the_first_scan_for_ten_seconds_only(make: Any) -> None:
    rig = await make(well=False)
    rig.source.greets = ()
    await rig.world.scan("radarr")
    tried = asyncio.create_task(rig.stream.tried())
    await rig.turn()
    assert not tried.done()
    await rig.pass_time(10)
    assert tried.done()
    rig.source.tell(Connected())
    await rig.turn()
    assert rig.orders == ["its stream is connected again"], "that scan did not wait for it"


# --- bad plugins, full disks, ends ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("greets", "said"),
    [
        ((deleted(1),), "an event before Connected"),
        ((Connected(), "deleted"), "told str"),
        ((Connected(), None), "told NoneType"),
    ],
    ids=["too early", "a text", "nothing"],
)
async def test_a_plugin_that_tells_nonsense(make: Any, greets: Sequence[Any], said: str) -> None:
    rig = await make(well=False)
    rig.source.greets = greets
    await rig.world.scan("radarr")
    await rig.turn()
    assert said in rig.live.stream
    assert (rig.source.open, await rig.letters()) == ([], [])


async def test_a_plugin_that_crashes_is_logged_and_tried_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.source.tell(ZeroDivisionError("oh"))
    await rig.turn()
    assert "crashed while it listened" in caplog.text
    assert "ZeroDivisionError" in str(rig.live.stream)
    await rig.pass_time(1)
    assert rig.live.stream == "connected"


@pytest.mark.parametrize("end", [None, asyncio.CancelledError()], ids=["returns", "cancels itself"])
async def test_a_stream_that_just_ends(rig: Rig, end: Any) -> None:
    rig.source.tell(end)
    await rig.turn()
    assert str(rig.live.stream).startswith("waiting to connect again")
    await rig.pass_time(1)
    assert rig.live.stream == "connected"


async def test_a_listen_that_is_no_iterator(make: Any) -> None:
    rig = await make(well=False)
    rig.source.listen = lambda: 7
    await rig.world.scan("radarr")
    await rig.turn()
    assert "TypeError" in rig.live.stream


async def test_a_full_disk_ends_the_connection_and_a_scan_finds_what_was_lost(rig: Rig) -> None:
    await rig.pass_time(61)
    rig.full = sqlite3.OperationalError("database or disk is full")
    rig.source.tell(deleted(3))
    await rig.turn()
    assert rig.source.closed_properly == 1
    rig.full = None
    await rig.turn()
    assert (rig.live.stream, len(rig.orders)) == ("connected", 1)


async def test_stopping_closes_the_plugins_generator_and_leaves_no_task(rig: Rig) -> None:
    rig.source.tell(deleted(1))
    await rig.turn()
    await rig.stop()
    assert (rig.source.open, rig.source.closed_properly) == ([], 1)
    left = [task.get_name() for task in asyncio.all_tasks() if "stream" in task.get_name()]
    assert left == []


async def test_a_stop_writes_down_what_was_told_last(rig: Rig) -> None:
    """The second waits for others to come when the source is stopped (a reload does that, too)."""
    for number in (1, 2, 3):
        rig.source.tell(deleted(number))
        await rig.turn()
    assert rig.kept == [[deleted(1)]]
    await rig.stop()
    assert rig.kept == [[deleted(1)], [deleted(2), deleted(3)]]


async def test_a_stop_does_not_wait_for_a_disk_that_hangs(rig: Rig) -> None:
    hangs = asyncio.Event()

    async def hang(_events: Sequence[Event]) -> None:
        await hangs.wait()

    rig.stream._keep = hang
    rig.source.tell(deleted(1))
    await rig.turn()
    async with asyncio.timeout(PATIENCE):
        await rig.stop()
    assert (rig.source.open, rig.source.closed_properly) == ([], 1)


async def test_events_of_a_paused_source_are_kept(rig: Rig) -> None:
    rig.live.paused = "owner"
    rig.source.tell(deleted(1))
    await rig.turn()
    assert len(await rig.letters()) == 1
