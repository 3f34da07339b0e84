"""One odd row is that row's failure; one that crashed us twice gets another chance with the next scan."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tests.daemon.engine.conftest import World
from tests.daemon.engine.test_outbox import a_house

from reconciled.config import Mode, Verb
from reconciled.engine import losing
from reconciled.engine.outbox import images, sending
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.errors import BadEvent
from reconciled.ledger import items
from reconciled.model import Event, Item, Key


async def test_a_key_that_cannot_be_judged_does_not_stop_the_others(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.remove(*(Key("movie", str(n)) for n in range(1, 6)))
    await world.scan("radarr")
    real = losing.lose

    def lose(desk: Any, row: Any, *more: Any) -> int:
        if row.item.key.id == "3":
            raise ZeroDivisionError
        return real(desk, row, *more)

    with monkeypatch.context() as patch:
        patch.setattr(losing, "lose", lose)
        await world.settle()
    assert sorted(await world.graves()) == [f"radarr movie {n} entry" for n in (1, 2, 4, 5)]
    assert "movie 3 could not be judged" in caplog.text
    assert "judging it crashed" in (await world.rows("SELECT why FROM work"))[0]["why"]
    await world.settle(60)
    assert len(await world.graves()) == 5


async def test_an_item_that_cannot_be_written_does_not_fail_the_scan(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    real = items.insert

    def insert(tx: Any, source_id: int, item: Any, **more: Any) -> int:
        if item.key.id == "50":
            raise ZeroDivisionError
        return real(tx, source_id, item, **more)

    with monkeypatch.context() as patch:
        patch.setattr(items, "insert", insert)
        run = await world.scan("radarr")
    assert run["state"] == "complete"
    assert len(await world.presence("radarr")) == 99
    assert "is odd" in caplog.text
    await world.scan("radarr")
    assert len(await world.presence("radarr")) == 100


async def test_a_row_that_was_in_hand_at_two_crashes_is_skipped_until_the_next_scan(
    world: Any, film: Any
) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.remove(Key("movie", "3"))
    await world.scan("radarr")
    for _ in range(2):
        await world.ledger.write(lambda tx: tx.execute("UPDATE work SET in_hand = 1"))
        await world.engine.start()
    await world.settle()
    assert await world.graves() == []
    await world.scan("radarr")
    assert await world.graves() == ["radarr movie 3 entry"]


BEFORE_ALL_TIME = datetime.fromisoformat("0001-01-01T00:00:00+14:00")
ODD: dict[str, Callable[[list[Event]], list[Any]]] = {
    "something among events": lambda told: [None, *told, "an event"],
    "events without a kind": lambda told: [*told, replace(told[0], key=None)],
    "a time before all time": lambda told: [replace(told[0], occurred=BEFORE_ALL_TIME)],
}


@pytest.mark.parametrize("case", ODD)
async def test_what_a_plugin_makes_of_a_webhook_takes_no_good_event_along(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    source = world.place("radarr").live.source
    plain = source.parse_webhook
    monkeypatch.setattr(source, "parse_webhook", lambda body, headers: ODD[case](plain(body, headers)))
    app.remove(Key("movie", "3"))
    await world.tell("radarr", op="deleted", kind="movie", id="3", title="Film 3")
    await world.settle()
    assert await world.graves() == ["radarr movie 3 entry"]


async def test_what_cannot_be_kept_of_a_webhook_is_that_letter_s_failure(
    world: Any, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin quotes half a character of the body in its error: no file takes that."""
    app = await world.follow("radarr")
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    source = world.place("radarr").live.source
    plain = source.parse_webhook

    def parse(body: bytes, headers: Any) -> Any:
        if b"grin" in body:
            raise BadEvent("no such event: \ud83d")
        return plain(body, headers)

    monkeypatch.setattr(source, "parse_webhook", parse)
    await world.engine.receive("radarr", b'{"eventType": "grin"}', {})
    app.remove(Key("movie", "3"))
    await world.tell("radarr", op="deleted", kind="movie", id="3", title="Film 3")
    await world.settle()
    assert await world.graves() == ["radarr movie 3 entry"]
    (odd, good) = await world.rows("SELECT state, error FROM inbox ORDER BY id")
    assert (odd["state"], good["state"]) == ("unparseable", "done")
    assert "no such event" in odd["error"]


async def test_an_act_that_cannot_be_prepared_keeps_no_other_from_being_done(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    real = images.draw

    def draw(item: Item, record: Any) -> str:
        if item.key.id == "17":
            raise ZeroDivisionError
        return real(item, record)

    monkeypatch.setattr(sending, "draw", draw)
    for number in ("17", "18"):
        await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", number)), by="owner")
    await world.outbox.work_once()
    assert [what for _, what, *_ in apps["requests"].acts] == ["request 18"]
    assert await world.actions() == ["planned delete requests request 17", "done delete requests request 18"]
    assert "crashed" in (await world.reasons())[0]
    assert "ZeroDivisionError" in caplog.text


async def test_an_image_that_is_none_keeps_nothing_from_being_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a plugin captured cannot be written down: then there is no image, as of an app without any."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)

    async def capture(_key: Key) -> Any:
        return {"entry": object()}

    monkeypatch.setattr(world.place("requests").live.source, "capture", capture)
    await order(world.outbox, Order(Verb.DELETE, "requests", Key("request", "17")), by="owner")
    await world.outbox.work_once()
    assert [what for _, what, *_ in apps["requests"].acts] == ["request 17"]
