"""The shelf in the ledger and the one for tests do the same; a ledger in trouble is a source in trouble."""

import logging
import random
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciled.engine import registering
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.engine.registering import Remover
from reconciled.errors import Unreachable
from reconciled.http import Http
from reconciled.ledger import items
from reconciled.ledger.connection import Ledger
from reconciled.model import Key, Letter, Record, Ref, Removed, SyncStatus
from reconciled.runtime.shelf import LedgerShelf
from reconciled.source import Context, Shelf
from reconciled.testing.clock import ManualClock
from reconciled.testing.shelf import MemoryShelf
from reconciled_records import Records, RecordsConfig

FILM, BOOK = Ref("tmdb:movie", "603"), Ref("isbn", "978")


class Notes:
    async def get(self, name: str) -> Any:
        return None

    async def set(self, name: str, value: Any) -> None:
        return


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def engine(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Engine]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    made = Engine(ledger, clock, chance=random.Random(1), log=logging.getLogger("shelf"))
    yield made
    await made.stop()
    await ledger.close()


async def follow(engine: Engine, clock: ManualClock, name: str) -> LedgerShelf:
    shelf = LedgerShelf(engine, name)
    log = logging.getLogger(name)
    source = Records(RecordsConfig(), Context(name, Http.__new__(Http), clock, log, Notes(), shelf=shelf))
    await engine.add(name, source, rules=Rules(), kinds=frozenset(source.kinds), scope={})
    return shelf


@pytest.fixture(params=["ledger", "memory"])
async def shelf(request: pytest.FixtureRequest, engine: Engine, clock: ManualClock) -> Shelf:
    return MemoryShelf(clock) if request.param == "memory" else await follow(engine, clock, "library")


def record(name: str, *refs: Ref, **more: Any) -> Record:
    return Record(name, f"Record {name}", frozenset(refs), **more)


async def test_what_is_kept_stands_there(shelf: Shelf) -> None:
    at = datetime(2025, 12, 24, tzinfo=UTC)
    one = record("b/1", FILM, attrs={"a": [1, {"b": None}]}, said=SyncStatus.FAILED, last_sync_at=at)
    await shelf.keep(one)
    await shelf.keep(record("a", FILM, BOOK, last_sync_at=at))
    assert await shelf.get(["b/1", "x"]) == {"b/1": one}
    assert [found.id for found in await shelf.page("", 10)] == ["a", "b/1"]
    assert [found.id for found in await shelf.page("", 1)] == ["a"]
    assert [found.id for found in await shelf.page("a", 10)] == ["b/1"]
    assert await shelf.page("b/1", 10) == []
    assert [found.id for found in await shelf.find(FILM)] == ["a", "b/1"]
    assert [found.id for found in await shelf.find(BOOK)] == ["a"]
    await shelf.keep(record("a", FILM, last_sync_at=at))
    assert await shelf.find(BOOK) == []


async def test_what_is_taken_off_is_remembered(shelf: Shelf, clock: ManualClock) -> None:
    one = record("1", FILM, said=SyncStatus.FAILED)
    await shelf.keep(one)
    await shelf.mark("1", missing=True, name="d1", letter=b"{}")
    assert await shelf.remove("1")
    assert not await shelf.remove("1")
    assert not await shelf.remove("2")
    (gone,) = (await shelf.get(["1", "2"])).values()
    assert isinstance(gone, Removed)
    assert (gone.record, gone.by) == (one, "reconciled")
    assert (gone.at, gone.until) == (clock.now(), clock.now() + timedelta(days=90))
    assert await shelf.page("", 9) == await shelf.find(FILM) == await shelf.missing() == []
    assert await shelf.waiting() == []
    assert not await shelf.mark("1", missing=True, name="d2", letter=b"{}")
    await shelf.keep(gone.record)
    assert await shelf.get(["1"]) == {"1": one}


async def test_a_mark_comes_once_with_its_letter(shelf: Shelf, clock: ManualClock) -> None:
    await shelf.keep(record("1", FILM, said=SyncStatus.PENDING))
    assert not await shelf.mark("1", missing=False, name="d0", letter=b"0")
    assert await shelf.mark("1", missing=True, name="d1", letter=b"1")
    assert not await shelf.mark("1", missing=True, name="d2", letter=b"2")
    (marked,) = await shelf.missing()
    assert (marked.sync_status, marked.said) == (SyncStatus.MISSING, SyncStatus.PENDING)
    (letter,) = await shelf.waiting()
    now = clock.reckoned()
    assert (letter.record, letter.name, letter.body) == ("1", "d1", b"1")
    assert (letter.created, letter.due, letter.tries, letter.error) == (now, now, 0, None)
    await shelf.keep(record("1", FILM, said=SyncStatus.FAILED))  # it is about the same
    assert [one.said for one in await shelf.missing()] == [SyncStatus.FAILED]
    await shelf.keep(record("1", BOOK))  # and now about something else
    assert await shelf.missing() == []


async def test_the_newest_letter_is_the_one_that_counts(shelf: Shelf) -> None:
    for name in ("1", "2"):
        await shelf.keep(record(name, FILM))
        await shelf.mark(name, missing=True, name=f"gone {name}", letter=b"gone")
    first = (await shelf.waiting())[0]
    await shelf.mark("1", missing=False, name="back 1", letter=b"back")
    assert [letter.name for letter in await shelf.waiting()] == ["gone 2", "back 1"]
    await shelf.tried(first, error="it is dropped already", due=9.0)
    assert [letter.tries for letter in await shelf.waiting()] == [0, 0]
    await shelf.mark("2", missing=False, name="back 2", letter=None)  # nobody is told any more
    assert "back 1" in [letter.name for letter in await shelf.waiting()]


async def test_a_letter_is_tried_and_settled(shelf: Shelf) -> None:
    for name in ("1", "2"):
        await shelf.keep(record(name, FILM))
        await shelf.mark(name, missing=True, name=f"d{name}", letter=b"{}")
    one, two = await shelf.waiting()
    await shelf.tried(one, error="refused", due=one.due + 10)
    found = (await shelf.waiting())[0]
    assert (found.tries, found.error, found.due) == (1, "refused", one.due + 10)
    await shelf.settled(found, error=None)
    await shelf.settled(two, error="given up")
    assert await shelf.waiting() == []


# --- the ledger's own ---------------------------------------------------------------------------------


async def test_a_source_that_is_not_known_yet_has_an_empty_shelf(engine: Engine) -> None:
    shelf = LedgerShelf(engine, "nobody")
    assert await shelf.page("", 9) == await shelf.missing() == []
    assert await shelf.waiting() == []
    assert await shelf.get(["1"]) == {}


async def test_two_sources_share_no_shelf(engine: Engine, clock: ManualClock) -> None:
    library, loans = await follow(engine, clock, "library"), await follow(engine, clock, "loans")
    await library.keep(record("1", FILM))
    await loans.keep(record("1", BOOK))
    await library.remove("1")
    assert [one.refs for one in await loans.page("", 9)] == [{BOOK}]
    assert await loans.find(FILM) == []


async def test_trouble_with_the_ledger_is_no_absence(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = await follow(engine, clock, "library")

    async def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(engine.ledger, "read", broken)
    for asked in (shelf.get(["1"]), shelf.page("", 1), shelf.waiting()):
        with pytest.raises(Unreachable, match="disk"):
            await asked


async def test_what_was_taken_off_long_ago_is_forgotten(engine: Engine, clock: ManualClock) -> None:
    shelf = await follow(engine, clock, "library")
    for name in ("1", "2"):
        await shelf.keep(record(name))
    await shelf.remove("1")
    clock.advance(91 * 86400.0)
    await shelf.remove("2")
    assert list(await shelf.get(["1", "2"])) == ["2"]


async def test_of_what_ended_the_last_letter_is_kept(engine: Engine, clock: ManualClock) -> None:
    shelf = await follow(engine, clock, "library")
    await shelf.keep(record("1", FILM))
    for number in range(3):
        await shelf.mark("1", missing=number % 2 == 0, name=f"d{number}", letter=b"{}")
        for letter in await shelf.waiting():
            await shelf.settled(letter, error=None)
    kept = await engine.ledger.read(lambda tx: tx.execute("SELECT name, state FROM letter").fetchall())
    assert kept == [("d2", "delivered")]


async def test_a_removal_that_is_held_waits_there(engine: Engine, clock: ManualClock) -> None:
    """A source that is another world is not believed, whoever says so."""
    shelf = await follow(engine, clock, "library")
    for name in ("1", "2"):
        await shelf.keep(record(name))
    await engine.perform("scan", "library", asked_by="a test")
    place = engine.place("library")
    place.live.stranger = "another world"
    await registering.remove(engine, "library", ["1"], remover=Remover("x", "x said so", cause="library"))
    row = await engine.ledger.read(lambda tx: items.by_key(tx, place.live.id, Key("record", "1"))[0])
    assert row.presence == "unlisted"
    place.live.stranger = None
    await place.worker.work_once()
    row = await engine.ledger.read(lambda tx: items.by_key(tx, place.live.id, Key("record", "1"))[0])
    assert row.presence == "gone"


def test_a_letter_shows_no_body() -> None:
    assert "secret" not in repr(Letter(1, "1", "d1", b"secret"))
