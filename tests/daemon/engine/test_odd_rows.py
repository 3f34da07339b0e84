"""One odd row is that row's failure; one that crashed us twice gets another chance with the next scan."""

from typing import Any

import pytest

from reconciled.engine import losing
from reconciled.ledger import items
from reconciled.model import Key


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
