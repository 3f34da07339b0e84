"""What is kept how long."""

from datetime import timedelta
from typing import Any

from reconciled.config import KeepSettings
from reconciled.ledger.rows import stamp
from reconciled.model import Key
from reconciled.runtime.housekeeping import tidy


async def test_old_runs_events_and_gone_items_leave_and_tombstones_stay(world: Any, film: Any) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 31)))
    await world.scan("radarr")
    await world.scan("radarr")
    app.remove(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7", own_act=True)
    await world.settle()
    keep = KeepSettings(events=30 * 86400.0, runs=60 * 86400.0)

    async def counts() -> list[int]:
        tables = ("inbox", "run", "item", "tombstone", "evidence", "finding")
        return [(await world.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in tables]

    await tidy(world.ledger, keep, clock=world.clock)
    assert await counts() == [1, 2, 30, 1, 2, 1]
    world.clock.step(timedelta(days=31))
    await tidy(world.ledger, keep, clock=world.clock)
    assert await counts() == [0, 2, 30, 1, 2, 1]
    world.clock.step(timedelta(days=31))
    await tidy(world.ledger, keep, clock=world.clock)
    assert await counts() == [0, 1, 30, 1, 2, 1]
    world.clock.step(timedelta(days=31))
    await tidy(world.ledger, keep, clock=world.clock)
    assert await counts() == [0, 1, 29, 1, 2, 1]
    assert stamp(world.clock.now()).endswith("Z")


async def test_an_unread_letter_never_leaves(world: Any) -> None:
    await world.follow("radarr")
    await world.engine.receive("radarr", b"{}", {})
    world.clock.step(timedelta(days=400))
    await tidy(world.ledger, KeepSettings(), clock=world.clock)
    assert len(await world.rows("SELECT 1 FROM inbox")) == 1


async def test_when_a_thing_was_there_for_the_last_time_is_known_after_months_off(
    world: Any, film: Any
) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 31)))
    await world.scan("radarr")
    world.clock.advance(10 * 86400)
    await world.scan("radarr")
    last = stamp(world.clock.now())
    world.clock.advance(100 * 86400)
    await tidy(world.ledger, KeepSettings(), clock=world.clock)
    app.remove(Key("movie", "7"))
    await world.scan_and_settle("radarr")
    (stone,) = await world.tombstones()
    assert stone["last_seen"] == last
